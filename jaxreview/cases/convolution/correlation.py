"""Rows of convolution."""

from jaxreview import convolution
from jaxreview.cases._inputs import integers, normal
from jaxreview.cases._rows import Bad, Bench, Case

CASES = [
    Case(
        convolution.conv, "3 × 2 window, with bias", normal("N H W C"), normal("P Q C D"), normal("D"), dims=dict(N=2, H=5, W=4, C=3, P=3, Q=2, D=5),
        differentiable=(0, 1, 2), largest=1e18, batched=(0,), bench=Bench(dict(N=6, H=16, W=20, C=3, P=3, Q=3, D=4), real={0: "photographs"}, core=True),
    ),
    Case(
        convolution.conv, "SAME, strided and dilated", normal("N H W C"), normal("P Q C D"), dims=dict(N=2, H=7, W=6, C=2, P=3, Q=2, D=4),
        options=dict(stride=(2, 1), dilation=(1, 2), padding="SAME"), differentiable=(0, 1), largest=1e18, batched=(0,),
    ),
    Case(
        convolution.conv, "1-D, SAME_LOWER, even window", normal("N L C"), normal("K C D"), normal("D"), dims=dict(N=2, L=7, C=3, K=4, D=5),
        options=dict(stride=2, padding="SAME_LOWER"), differentiable=(0, 1, 2), largest=1e18, batched=(0,),
    ),
    Case(
        convolution.conv, "pairs, more padding than window", normal("N H W C"), normal("P Q C D"), dims=dict(N=2, H=5, W=4, C=3, P=2, Q=1, D=4),
        options=dict(stride=(1, 2), padding=((3, 0), (1, 2))), differentiable=(0, 1), largest=1e18, batched=(0,),
    ),
    Case(
        convolution.conv, "two groups", normal("N H W 4"), normal("P Q 2 6"), normal("6"), dims=dict(N=2, H=5, W=3, P=3, Q=2),
        options=dict(groups=2, padding=1), differentiable=(0, 1, 2), largest=1e18, batched=(0,),
    ),
    Case(
        convolution.conv, "depthwise, two for each channel", normal("N L 3"), normal("K 1 6"), dims=dict(N=2, L=7, K=4),
        options=dict(groups=3, dilation=2, padding=(3,)), differentiable=(0, 1), batched=(0,),
    ),
    Case(
        convolution.conv, "1-D, reflected border", normal("N L C"), normal("K C D"), dims=dict(N=2, L=4, C=3, K=5, D=2),
        options=dict(padding=((3, 2),), padding_mode="reflect"), differentiable=(0, 1), largest=1e18, batched=(0,),
    ),
    Case(
        convolution.conv, "replicated border, strided", normal("N H W C"), normal("P Q C D"), normal("D"), dims=dict(N=2, H=5, W=4, C=3, P=2, Q=3, D=2),
        options=dict(padding=(1, 5), stride=2, padding_mode="replicate"), differentiable=(0, 1, 2), largest=1e18, batched=(0,),
    ),
    Case(
        convolution.conv, "3-D, circular, SAME", normal("N T H W C"), normal("K P Q C D"), dims=dict(N=2, T=3, H=4, W=2, C=2, K=2, P=3, Q=1, D=3),
        options=dict(padding="SAME", padding_mode="circular"), differentiable=(0, 1), largest=1e18, batched=(0,),
    ),
    Case(
        convolution.conv, "3-D, one example without batch axes", normal("T H W C"), normal("K P Q C D"), normal("D"),
        dims=dict(T=3, H=5, W=4, C=2, K=2, P=3, Q=1, D=3), options=dict(stride=(1, 2, 3), padding=(0, 1, 2)),
        differentiable=(0, 1, 2), largest=1e18, batched=(0,),
    ),
    Case(
        convolution.conv, "1-D, two batch axes, dilated", normal("B N L C"), normal("K C D"), dims=dict(B=2, N=3, L=7, C=2, K=3, D=4),
        options=dict(padding="VALID", dilation=(2,)), differentiable=(0, 1), largest=1e18, batched=(0,),
    ),
    Case(
        convolution.conv, "1 × 1 window, strided", normal("N H W C"), normal("1 1 C D"), dims=dict(N=2, H=5, W=4, C=3, D=6),
        options=dict(stride=(2, 3)), differentiable=(0, 1), batched=(0,),
    ),
]  # fmt: skip

_X, _K = normal("2 7 6 4"), normal("3 2 4 5")

BAD = [
    Bad(convolution.conv, "channel mismatch", normal("2 7 6 3"), _K, error=ValueError, match="needs 3, the 3 channels"),
    Bad(convolution.conv, "kernel of the full depth with groups", _X, normal("3 2 4 6"), options=dict(groups=2), error=ValueError, match="over 2 groups"),
    Bad(convolution.conv, "groups do not divide in", _X, normal("3 2 1 6"), options=dict(groups=3), error=ValueError, match="divide the 4 channels"),
    Bad(convolution.conv, "groups do not divide out", _X, normal("3 2 2 5"), options=dict(groups=2), error=ValueError, match="divide the 5 output channels"),
    Bad(convolution.conv, "no groups", _X, _K, options=dict(groups=0), error=ValueError, match="groups is 0"),
    Bad(convolution.conv, "bias of one would broadcast", _X, _K, normal("1"), error=ValueError, match="bias has shape (1,)"),
    Bad(convolution.conv, "bias of another length", _X, _K, normal("4"), error=ValueError, match="bias has shape (4,)"),
    Bad(convolution.conv, "bias as a row", _X, _K, normal("1 5"), error=ValueError, match="bias has shape (1, 5)"),
    Bad(convolution.conv, "kernel without a window", _X, normal("4 5"), error=ValueError, match="at least rank 3"),
    Bad(convolution.conv, "an empty window", _X, normal("3 0 4 5"), error=ValueError, match="at least one cell"),
    Bad(convolution.conv, "x without spatial axes", normal("2 4"), _K, error=ValueError, match="at least rank 3"),
    Bad(convolution.conv, "window larger than the padded input", normal("2 2 6 4"), _K, error=ValueError, match="at least one window that fits"),
    Bad(convolution.conv, "dilated window larger than the input", _X, _K, options=dict(dilation=4), error=ValueError, match="at least one window that fits"),
    Bad(convolution.conv, "no input cell", normal("2 0 6 4"), _K, options=dict(padding=3), error=ValueError, match="size 0"),
    Bad(convolution.conv, "padding in small letters", _X, _K, options=dict(padding="same"), error=ValueError, match="'SAME_LOWER'"),
    Bad(convolution.conv, "padding for three axes", _X, _K, options=dict(padding=(1, 1, 1)), error=ValueError, match="3 entries"),
    Bad(convolution.conv, "one pair for all axes", _X, _K, options=dict(padding=((1, 2),)), error=ValueError, match="1 entries"),
    Bad(convolution.conv, "padding of three numbers on an axis", _X, _K, options=dict(padding=((1, 2, 3), 0)), error=ValueError, match="(before, after) pair"),
    Bad(convolution.conv, "negative padding", _X, _K, options=dict(padding=-1), error=ValueError, match="padding is -1"),
    Bad(convolution.conv, "stride 0", _X, _K, options=dict(stride=0), error=ValueError, match="stride is 0"),
    Bad(convolution.conv, "float stride", _X, _K, options=dict(stride=2.0), error=TypeError, match="stride is 2.0"),
    Bad(convolution.conv, "dilation 0", _X, _K, options=dict(dilation=(1, 0)), error=ValueError, match="dilation[1] is 0"),
    Bad(convolution.conv, "integer x", integers("2 7 6 4", 0, 9), _K, error=TypeError, match="x has dtype int32"),
    Bad(convolution.conv, "integer kernel", _X, integers("3 2 4 5", 0, 9), error=TypeError, match="kernel has dtype int32"),
    Bad(convolution.conv, "a list", [[[1.0]]], normal("1 1 1"), error=TypeError, match="array"),
    Bad(convolution.conv, "unknown padding_mode", _X, _K, options=dict(padding_mode="symmetric"), error=ValueError, match="padding_mode is 'symmetric'"),
    Bad(
        convolution.conv, "reflected padding as large as the input", normal("2 3 6 4"), _K, options=dict(padding=3, padding_mode="reflect"),
        error=ValueError, match="at most 2 with padding_mode 'reflect'",
    ),
    Bad(
        convolution.conv, "circular padding over the input", normal("2 3 6 4"), _K, options=dict(padding=4, padding_mode="circular"),
        error=ValueError, match="at most 3 with padding_mode 'circular'",
    ),
]  # fmt: skip
