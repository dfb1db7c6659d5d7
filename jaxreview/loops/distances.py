"""distances, as loops."""
