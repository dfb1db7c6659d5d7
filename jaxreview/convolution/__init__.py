"""Convolution and its relatives, in any number of spatial axes, channels last."""

from jaxreview.convolution.correlation import conv
from jaxreview.convolution.transposed import conv_transpose

__all__ = ["conv", "conv_transpose"]
