"""Rows of depthwise and separable convolution."""

from jaxreview import convolution
from jaxreview.cases._inputs import integers, normal, uniform
from jaxreview.cases._rows import Bad, Bench, Case

CASES = [
    Case(
        convolution.depthwise_conv, "two for each channel, SAME, strided", normal("N H W 3"), normal("P Q 1 6"), normal("6"),
        dims=dict(N=2, H=5, W=4, P=3, Q=2), options=dict(stride=(1, 2), padding="SAME"), differentiable=(0, 1, 2), batched=(0,),
        bench=Bench(dict(N=6, H=20, W=24, P=3, Q=3), real={0: "photographs"}, core=True),
    ),
    Case(
        convolution.depthwise_conv, "1-D, dilated, one example without batch axes", normal("L 3"), normal("K 1 3"), dims=dict(L=7, K=4),
        options=dict(dilation=2, padding=((3, 1),)), differentiable=(0, 1), batched=(0,),
    ),
    Case(
        convolution.separable_conv, "two between for each channel, with bias", normal("N H W 3"), normal("P Q 1 6"), uniform("1 1 6 D", -1.0, 1.0), normal("D"),
        dims=dict(N=2, H=4, W=5, P=2, Q=3, D=4), options=dict(stride=2, padding=(1, 2), dilation=(1, 2)),
        differentiable=(0, 1, 2, 3), largest=1e18, batched=(0,),
        bench=Bench(dict(N=6, H=22, W=26, P=3, Q=3, D=4), real={0: "photographs"}),
    ),
    Case(
        convolution.separable_conv, "3-D, two batch axes", normal("B N T H W 2"), normal("K P Q 1 2"), uniform("1 1 1 2 D", -1.0, 1.0),
        dims=dict(B=1, N=2, T=3, H=2, W=4, K=2, P=1, Q=3, D=3), options=dict(padding="SAME_LOWER"), differentiable=(0, 1, 2), batched=(0,),
    ),
]  # fmt: skip

_X, _K, _P = normal("2 7 6 3"), normal("3 2 1 6"), normal("1 1 6 5")

BAD = [
    Bad(convolution.depthwise_conv, "kernel of the full depth", _X, normal("3 2 3 6"), error=ValueError, match="1 on axis -2"),
    Bad(convolution.depthwise_conv, "kernel laid out as (in, multiplier)", _X, normal("3 2 3 2"), error=ValueError, match="1 on axis -2"),
    Bad(convolution.depthwise_conv, "outputs that are no multiple", _X, normal("3 2 1 4"), error=ValueError, match="a multiple of the 3 channels"),
    Bad(convolution.depthwise_conv, "one output would broadcast", _X, normal("3 2 1 1"), error=ValueError, match="a multiple of the 3 channels"),
    Bad(convolution.depthwise_conv, "x without channels", normal("2 7 6 0"), _K, error=ValueError, match="a multiple of the 0 channels"),
    Bad(convolution.depthwise_conv, "bias of one would broadcast", _X, _K, normal("1"), error=ValueError, match="bias has shape (1,)"),
    Bad(convolution.depthwise_conv, "bias for the input channels", _X, _K, normal("3"), error=ValueError, match="bias has shape (3,)"),
    Bad(convolution.depthwise_conv, "kernel without a window", _X, normal("1 6"), error=ValueError, match="at least rank 3"),
    Bad(convolution.depthwise_conv, "an empty window", _X, normal("3 0 1 6"), error=ValueError, match="at least one cell"),
    Bad(convolution.depthwise_conv, "x without spatial axes", normal("2 3"), _K, error=ValueError, match="at least rank 3"),
    Bad(convolution.depthwise_conv, "window larger than the input", normal("2 2 6 3"), _K, error=ValueError, match="at least one window that fits"),
    Bad(convolution.depthwise_conv, "unknown padding", _X, _K, options=dict(padding="same"), error=ValueError, match="'SAME_LOWER'"),
    Bad(convolution.depthwise_conv, "stride 0", _X, _K, options=dict(stride=(1, 0)), error=ValueError, match="stride[1] is 0"),
    Bad(convolution.depthwise_conv, "float dilation", _X, _K, options=dict(dilation=2.0), error=TypeError, match="dilation is 2.0"),
    Bad(convolution.depthwise_conv, "integer x", integers("2 7 6 3", 0, 9), _K, error=TypeError, match="x has dtype int32"),
    Bad(convolution.depthwise_conv, "integer bias", _X, _K, integers("6", 0, 9), error=TypeError, match="bias has dtype int32"),
    Bad(convolution.separable_conv, "depthwise kernel of the full depth", _X, normal("3 2 3 6"), _P, error=ValueError, match="depthwise_kernel has shape"),
    Bad(convolution.separable_conv, "no multiple of the channels", _X, normal("3 2 1 4"), normal("1 1 4 5"), error=ValueError, match="a multiple of the 3"),
    Bad(convolution.separable_conv, "pointwise kernel for the input channels", _X, _K, normal("1 1 3 5"), error=ValueError, match="needs (1, 1, 6)"),
    Bad(convolution.separable_conv, "pointwise kernel with a window", _X, _K, normal("1 3 6 5"), error=ValueError, match="needs (1, 1, 6)"),
    Bad(convolution.separable_conv, "pointwise kernel without outputs", _X, _K, normal("1 1 6 0"), error=ValueError, match="one or more output channels"),
    Bad(convolution.separable_conv, "pointwise kernel as a matrix", _X, _K, normal("6 5"), error=ValueError, match="needs rank 4"),
    Bad(convolution.separable_conv, "bias of the channels between", _X, _K, _P, normal("6"), error=ValueError, match="bias has shape (6,)"),
    Bad(convolution.separable_conv, "bias of one would broadcast", _X, _K, _P, normal("1"), error=ValueError, match="bias has shape (1,)"),
    Bad(convolution.separable_conv, "window larger than the input", normal("2 2 6 3"), _K, _P, error=ValueError, match="at least one window that fits"),
    Bad(convolution.separable_conv, "stride for three axes", _X, _K, _P, options=dict(stride=(1, 1, 1)), error=ValueError, match="3 entries"),
    Bad(convolution.separable_conv, "negative padding", _X, _K, _P, options=dict(padding=-1), error=ValueError, match="padding is -1"),
    Bad(convolution.separable_conv, "integer pointwise kernel", _X, _K, integers("1 1 6 5", 0, 9), error=TypeError, match="pointwise_kernel has dtype int32"),
]  # fmt: skip
