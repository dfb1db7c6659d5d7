"""Targets and loss of a region proposal network."""

__all__: list[str] = []
