"""Boxes as offsets from anchors."""

__all__: list[str] = []
