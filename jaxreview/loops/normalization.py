"""normalization, as loops."""
