"""Regions of interest."""

__all__: list[str] = []
