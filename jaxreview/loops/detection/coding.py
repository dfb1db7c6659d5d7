"""Boxes as offsets from anchors. As loops."""
