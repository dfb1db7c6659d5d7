"""Rows of deformable convolution."""

from jaxreview import convolution
from jaxreview.cases._inputs import between, integers, normal, uniform
from jaxreview.cases._rows import Bad, Bench, Case

CASES = [
    Case(
        convolution.deform_conv, "3 × 2 window, with mask and bias", normal("N H W C"), between("N H W 12", -2, 2), normal("3 2 C D"), normal("D"),
        arrays=dict(mask=uniform("N H W 6", 0.2, 1.0)), dims=dict(N=2, H=4, W=3, C=3, D=2), options=dict(padding="SAME"),
        differentiable=(0, 1, 2, 3, 4), largest=1e18, batched=(0, 1, 4), bench=Bench(dict(N=3, H=9, W=12, C=3, D=4), real={0: "photographs"}),
    ),
    Case(
        convolution.deform_conv, "two groups, three runs of offsets, strided and dilated", normal("B N 5 6 6"), between("B N 3 2 12", -3, 3),
        normal("1 2 3 4"), dims=dict(B=1, N=2), options=dict(stride=(2, 3), dilation=(1, 3), padding=((0, 0), (1, 0)), groups=2),
        differentiable=(0, 1, 2), largest=1e18, batched=(0, 1),
    ),
    Case(
        convolution.deform_conv, "one example without batch axes", normal("4 3 2"), between("3 2 16", -1, 1), normal("2 2 2 3"), normal("3"),
        arrays=dict(mask=uniform("3 2 8")), differentiable=(0, 1, 2, 3, 4), batched=(0, 1, 4),
    ),
]  # fmt: skip

_X, _O, _K, _M = normal("2 5 6 4"), normal("2 3 5 12"), normal("3 2 4 8"), normal("2 3 5 6")

BAD = [
    Bad(convolution.deform_conv, "offsets of another tap count", _X, normal("2 3 5 18"), _K, error=ValueError, match="a multiple of 12"),
    Bad(convolution.deform_conv, "no offsets", _X, normal("2 3 5 0"), _K, error=ValueError, match="a multiple of 12"),
    Bad(convolution.deform_conv, "offsets of one for all places", _X, normal("2 1 1 12"), _K, error=ValueError, match="needs (2, 3, 5, 12)"),
    Bad(convolution.deform_conv, "offsets of one for all examples", _X, normal("1 3 5 12"), _K, error=ValueError, match="needs (2, 3, 5, 12)"),
    Bad(convolution.deform_conv, "offsets without the batch", _X, normal("3 5 12"), _K, error=ValueError, match="needs rank 4"),
    Bad(convolution.deform_conv, "offsets for the input's size", _X, normal("2 5 6 12"), _K, error=ValueError, match="needs (2, 3, 5, 12)"),
    Bad(convolution.deform_conv, "offset groups do not divide in", _X, normal("2 3 5 36"), _K, error=ValueError, match="a divisor of the 4"),
    Bad(convolution.deform_conv, "more offset groups than channels", _X, normal("2 3 5 96"), _K, error=ValueError, match="a divisor of the 4"),
    Bad(convolution.deform_conv, "mask as many as offsets", _X, _O, _K, arrays=dict(mask=_O), error=ValueError, match="mask has shape (2, 3, 5, 12)"),
    Bad(convolution.deform_conv, "mask of fewer runs", _X, normal("2 3 5 24"), _K, arrays=dict(mask=_M), error=ValueError, match="needs (2, 3, 5, 12)"),
    Bad(convolution.deform_conv, "mask of one would broadcast", _X, _O, _K, arrays=dict(mask=normal("2 3 5 1")), error=ValueError, match="needs (2, 3, 5, 6)"),
    Bad(convolution.deform_conv, "channel mismatch", normal("2 5 6 3"), _O, _K, error=ValueError, match="needs 3, the 3 channels"),
    Bad(convolution.deform_conv, "groups do not divide out", _X, _O, normal("3 2 2 5"), options=dict(groups=2), error=ValueError, match="the 5 of kernel"),
    Bad(convolution.deform_conv, "no groups", _X, _O, _K, options=dict(groups=0), error=ValueError, match="groups is 0"),
    Bad(convolution.deform_conv, "one spatial axis", normal("2 6 4"), normal("2 5 4"), normal("2 4 8"), error=ValueError, match="needs rank 4"),
    Bad(convolution.deform_conv, "x without spatial axes", normal("2 4"), _O, _K, error=ValueError, match="at least rank 3"),
    Bad(convolution.deform_conv, "window larger than the input", normal("2 2 6 4"), _O, _K, error=ValueError, match="at least one window that fits"),
    Bad(convolution.deform_conv, "bias of one would broadcast", _X, _O, _K, normal("1"), error=ValueError, match="bias has shape (1,)"),
    Bad(convolution.deform_conv, "unknown padding", _X, _O, _K, options=dict(padding="same"), error=ValueError, match="'SAME_LOWER'"),
    Bad(convolution.deform_conv, "stride 0", _X, _O, _K, options=dict(stride=0), error=ValueError, match="stride is 0"),
    Bad(convolution.deform_conv, "integer offsets", _X, integers("2 3 5 12", 0, 2), _K, error=TypeError, match="offset has dtype int32"),
    Bad(convolution.deform_conv, "integer mask", _X, _O, _K, arrays=dict(mask=integers("2 3 5 6", 0, 2)), error=TypeError, match="mask has dtype int32"),
]  # fmt: skip
