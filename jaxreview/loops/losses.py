"""losses, as loops."""
