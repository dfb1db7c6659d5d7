"""regularization, as loops."""
