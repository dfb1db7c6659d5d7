"""pooling, as loops."""
