"""Convolution and its relatives, in any number of spatial axes, channels last."""

from jaxreview.convolution.correlation import conv
from jaxreview.convolution.deformable import deform_conv
from jaxreview.convolution.depthwise import depthwise_conv, separable_conv
from jaxreview.convolution.field import ReceptiveField, receptive_field
from jaxreview.convolution.patches import fold, unfold
from jaxreview.convolution.transposed import conv_transpose

__all__ = [
    "ReceptiveField",
    "conv",
    "conv_transpose",
    "deform_conv",
    "depthwise_conv",
    "fold",
    "receptive_field",
    "separable_conv",
    "unfold",
]
