"""Regions of interest. As loops."""
