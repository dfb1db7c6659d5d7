"""Anchors matched with objects."""

__all__: list[str] = []
