"""upsampling, as loops."""
