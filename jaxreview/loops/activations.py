"""activations, as loops."""
