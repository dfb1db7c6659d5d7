"""Anchors matched with objects. As loops."""
