"""descent, as loops."""
