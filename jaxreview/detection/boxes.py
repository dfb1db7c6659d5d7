"""Boxes: areas, forms, overlaps."""

__all__: list[str] = []
