"""Convolution and its relatives, as loops."""

from jaxreview.loops.convolution.correlation import conv
from jaxreview.loops.convolution.transposed import conv_transpose

__all__ = ["conv", "conv_transpose"]
