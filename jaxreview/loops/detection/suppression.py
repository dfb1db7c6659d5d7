"""Non-maximum suppression. As loops."""
