"""Convolution and its relatives, as loops."""

from jaxreview.loops.convolution.correlation import conv
from jaxreview.loops.convolution.deformable import deform_conv
from jaxreview.loops.convolution.depthwise import depthwise_conv, separable_conv
from jaxreview.loops.convolution.field import receptive_field
from jaxreview.loops.convolution.patches import fold, unfold
from jaxreview.loops.convolution.transposed import conv_transpose

__all__ = ["conv", "conv_transpose", "deform_conv", "depthwise_conv", "fold", "receptive_field", "separable_conv", "unfold"]
