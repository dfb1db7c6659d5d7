"""Boxes: areas, forms, overlaps. As loops."""
