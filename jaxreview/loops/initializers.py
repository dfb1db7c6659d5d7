"""initializers, as loops."""
