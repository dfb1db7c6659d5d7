"""Anchors. As loops."""
