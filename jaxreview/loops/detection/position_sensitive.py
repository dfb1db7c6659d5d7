"""Position-sensitive regions of interest. As loops."""
