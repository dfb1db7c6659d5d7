"""convolution, as loops."""
