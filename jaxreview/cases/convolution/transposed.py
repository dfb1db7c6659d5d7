"""Rows of the transpose of convolution."""

from jaxreview import convolution
from jaxreview.cases._inputs import integers, normal
from jaxreview.cases._rows import Bad, Bench, Case

CASES = [
    Case(
        convolution.conv_transpose, "k4 s2 p1, with bias", normal("N H W C"), normal("P Q D C"), normal("D"), dims=dict(N=2, H=3, W=4, C=3, P=4, Q=4, D=2),
        options=dict(stride=2, padding=1), differentiable=(0, 1, 2), batched=(0,),
        bench=Bench(dict(N=4, H=12, W=14, C=3, P=4, Q=4, D=5), real={0: "photographs"}, core=True),
    ),
    Case(
        convolution.conv_transpose, "k3 s2 p1, output_padding 1", normal("N H W C"), normal("P Q D C"), dims=dict(N=2, H=3, W=4, C=2, P=3, Q=3, D=5),
        options=dict(stride=2, padding=1, output_padding=1), differentiable=(0, 1), largest=1e18, batched=(0,),
    ),
    Case(
        convolution.conv_transpose, "SAME, another stride on each axis", normal("N H W C"), normal("P Q D C"), normal("D"),
        dims=dict(N=2, H=3, W=4, C=2, P=4, Q=3, D=3), options=dict(stride=(3, 2), padding="SAME"), differentiable=(0, 1, 2), largest=1e18, batched=(0,),
    ),
    Case(
        convolution.conv_transpose, "1-D, SAME_LOWER", normal("N L C"), normal("K D C"), dims=dict(N=2, L=5, C=3, K=5, D=4),
        options=dict(stride=2, padding="SAME_LOWER"), differentiable=(0, 1), largest=1e18, batched=(0,),
    ),
    Case(
        convolution.conv_transpose, "two groups", normal("N H W 4"), normal("P Q 3 4"), normal("6"), dims=dict(N=2, H=3, W=2, P=3, Q=2),
        options=dict(groups=2, stride=(1, 2), output_padding=(0, 1)), differentiable=(0, 1, 2), largest=1e18, batched=(0,),
    ),
    Case(
        convolution.conv_transpose, "dilated beyond the stride, output_padding too", normal("N H W C"), normal("P Q D C"),
        dims=dict(N=2, H=3, W=4, C=2, P=2, Q=3, D=3), options=dict(stride=(2, 3), dilation=(3, 2), output_padding=(2, 1)), differentiable=(0, 1), batched=(0,),
    ),
    Case(
        convolution.conv_transpose, "stride beyond the window, pairs", normal("N H W C"), normal("P Q D C"), normal("D"),
        dims=dict(N=2, H=3, W=4, C=3, P=2, Q=1, D=2), options=dict(stride=3, padding=((1, 0), (0, 2)), output_padding=(1, 2)),
        differentiable=(0, 1, 2), batched=(0,),
    ),
    Case(
        convolution.conv_transpose, "1-D, padding over the window, without batch axes", normal("L C"), normal("K D C"), dims=dict(L=7, C=2, K=3, D=4),
        options=dict(stride=2, padding=((5, 4),)), differentiable=(0, 1), batched=(0,),
    ),
    Case(
        convolution.conv_transpose, "3-D", normal("N T H W C"), normal("K P Q D C"), normal("D"), dims=dict(N=2, T=2, H=3, W=4, C=2, K=3, P=2, Q=1, D=3),
        options=dict(stride=(2, 1, 1), padding=(1, 0, 0)), differentiable=(0, 1, 2), largest=1e18, batched=(0,),
    ),
    Case(
        convolution.conv_transpose, "1-D, two batch axes, dilated", normal("B N L C"), normal("K D C"), dims=dict(B=2, N=3, L=5, C=4, K=3, D=2),
        options=dict(padding="VALID", dilation=2), differentiable=(0, 1), largest=1e18, batched=(0,),
    ),
]  # fmt: skip

_X, _K = normal("2 7 6 4"), normal("3 2 4 5")
_T = normal("3 2 5 4")

BAD = [
    Bad(convolution.conv_transpose, "channel mismatch", normal("2 7 6 3"), _T, error=ValueError, match="needs 3, the channels"),
    Bad(convolution.conv_transpose, "kernel laid out as (in, out)", _X, _K, error=ValueError, match="5 input channels"),
    Bad(convolution.conv_transpose, "groups do not divide in", _X, _T, options=dict(groups=3), error=ValueError, match="divide the 4 channels"),
    Bad(convolution.conv_transpose, "bias of one would broadcast", _X, _T, normal("1"), error=ValueError, match="bias has shape (1,)"),
    Bad(convolution.conv_transpose, "bias of one group", _X, _T, normal("5"), options=dict(groups=2), error=ValueError, match="needs (10,)"),
    Bad(convolution.conv_transpose, "bias as a row", _X, _T, normal("1 5"), error=ValueError, match="bias has shape (1, 5)"),
    Bad(convolution.conv_transpose, "kernel without a window", _X, normal("5 4"), error=ValueError, match="at least rank 3"),
    Bad(convolution.conv_transpose, "x without spatial axes", normal("2 4"), _T, error=ValueError, match="at least rank 3"),
    Bad(convolution.conv_transpose, "no input cell", normal("2 0 6 4"), _T, error=ValueError, match="size 0"),
    Bad(convolution.conv_transpose, "nothing left by the padding", normal("2 1 6 4"), _T, options=dict(padding=2), error=ValueError, match="less padding"),
    Bad(
        convolution.conv_transpose, "output_padding as large as the stride", _X, _T, options=dict(stride=2, output_padding=2),
        error=ValueError, match="smaller than max(stride, dilation) = 2",
    ),
    Bad(
        convolution.conv_transpose, "negative output_padding", _X, _T, options=dict(stride=2, output_padding=-1),
        error=ValueError, match="output_padding is -1",
    ),
    Bad(
        convolution.conv_transpose, "output_padding with SAME", _X, _T, options=dict(stride=2, padding="SAME", output_padding=1),
        error=ValueError, match="needs to be 0",
    ),
    Bad(convolution.conv_transpose, "unknown padding", _X, _T, options=dict(padding="FULL"), error=ValueError, match="padding is 'FULL'"),
    Bad(convolution.conv_transpose, "padding for one axis of two", _X, _T, options=dict(padding=(1,)), error=ValueError, match="1 entries"),
    Bad(convolution.conv_transpose, "stride 0", _X, _T, options=dict(stride=(0, 1)), error=ValueError, match="stride[0] is 0"),
    Bad(convolution.conv_transpose, "float dilation", _X, _T, options=dict(dilation=1.5), error=TypeError, match="dilation is 1.5"),
    Bad(convolution.conv_transpose, "integer x", integers("2 7 6 4", 0, 9), _T, error=TypeError, match="x has dtype int32"),
]  # fmt: skip
