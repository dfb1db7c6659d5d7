"""Rows of unfold and fold."""

from jaxreview import convolution
from jaxreview.cases._inputs import constant, normal
from jaxreview.cases._rows import Bad, Bench, Case

CASES = [
    Case(
        convolution.unfold, "3 × 2 window, strided, pairs", normal("N H W C"), dims=dict(N=2, H=5, W=4, C=3),
        options=dict(window=(3, 2), stride=(2, 1), padding=((1, 2), (0, 1))), differentiable=(0,), batched=(0,),
        bench=Bench(dict(N=12, H=32, W=36, C=3), real={0: "photographs"}, core=True),
    ),
    Case(
        convolution.unfold, "1-D, two batch axes, dilated beyond the stride, SAME", normal("B N L C"), dims=dict(B=2, N=1, L=8, C=3),
        options=dict(window=(4,), stride=2, padding="SAME", dilation=3), differentiable=(0,), batched=(0,),
    ),
    Case(
        convolution.unfold, "3-D, one example without batch axes", normal("T H W C"), dims=dict(T=3, H=5, W=4, C=2),
        options=dict(window=(2, 3, 1), stride=(1, 2, 3), padding=(0, 1, 0)), differentiable=(0,), batched=(0,),
    ),
    Case(
        convolution.fold, "1-D, overlapping", normal("N L K C"), dims=dict(N=3, L=7, K=5, C=3),
        options=dict(output_size=(16,), stride=2, padding=1), differentiable=(0,), batched=(0,),
        bench=Bench(dict(N=640, L=7, K=5, C=3), real={0: "photographs"}),
    ),
    Case(
        convolution.fold, "2-D, dilated, a stride beyond the window", normal("N H W P Q C"), dims=dict(N=2, H=5, W=2, P=3, Q=2, C=2),
        options=dict(output_size=(8, 7), stride=(1, 5), padding=((0, 1), (1, 2)), dilation=(2, 3)), differentiable=(0,), batched=(0,),
    ),
    Case(
        convolution.fold, "3-D, one example without batch axes, SAME_LOWER", normal("T H W K P Q C"), dims=dict(T=2, H=3, W=2, K=2, P=3, Q=1, C=2),
        options=dict(output_size=(3, 3, 4), stride=(2, 1, 2), padding="SAME_LOWER"), differentiable=(0,), batched=(0,),
    ),
]  # fmt: skip

_X, _U = normal("2 7 6 3"), normal("2 5 5 3 2 3")

BAD = [
    Bad(convolution.unfold, "x without spatial axes", normal("6 3"), options=dict(window=(2, 2)), error=ValueError, match="at least rank 3"),
    Bad(convolution.unfold, "an int for a window", _X, options=dict(window=2), error=TypeError, match="window is 2"),
    Bad(convolution.unfold, "no window", _X, options=dict(window=()), error=TypeError, match="non-empty tuple"),
    Bad(convolution.unfold, "an empty window", _X, options=dict(window=(3, 0)), error=ValueError, match="window[1] is 0"),
    Bad(convolution.unfold, "window larger than the input", _X, options=dict(window=(8, 2)), error=ValueError, match="at least one window that fits"),
    Bad(convolution.unfold, "no input cell", normal("2 0 6 3"), options=dict(window=(1, 1), padding=2), error=ValueError, match="size 0"),
    Bad(convolution.unfold, "unknown padding", _X, options=dict(window=(2, 2), padding="FULL"), error=ValueError, match="padding is 'FULL'"),
    Bad(convolution.unfold, "padding for one axis of two", _X, options=dict(window=(2, 2), padding=(1,)), error=ValueError, match="1 entries"),
    Bad(convolution.unfold, "stride 0", _X, options=dict(window=(2, 2), stride=0), error=ValueError, match="stride is 0"),
    Bad(convolution.unfold, "float dilation", _X, options=dict(window=(2, 2), dilation=1.5), error=TypeError, match="dilation is 1.5"),
    Bad(convolution.unfold, "boolean x", constant([[True], [False]]), options=dict(window=(2,)), error=TypeError, match="x has dtype bool"),
    Bad(convolution.unfold, "a list", [[1.0], [2.0]], options=dict(window=(2,)), error=TypeError, match="array"),
    Bad(convolution.fold, "patches without windows", normal("5 5 3"), options=dict(output_size=(7, 6)), error=ValueError, match="at least rank 5"),
    Bad(convolution.fold, "an int for a size", _U, options=dict(output_size=7), error=TypeError, match="output_size is 7"),
    Bad(convolution.fold, "a size of 0", _U, options=dict(output_size=(7, 0)), error=ValueError, match="output_size[1] is 0"),
    Bad(convolution.fold, "too many patches", _U, options=dict(output_size=(6, 6)), error=ValueError, match="needs (4, 5)"),
    Bad(convolution.fold, "too few patches", _U, options=dict(output_size=(7, 8)), error=ValueError, match="needs (5, 7)"),
    Bad(convolution.fold, "patches of a larger padding", _U, options=dict(output_size=(7, 6), padding=1), error=ValueError, match="needs (7, 7)"),
    Bad(convolution.fold, "window larger than the result", _U, options=dict(output_size=(2, 6)), error=ValueError, match="at least one window that fits"),
    Bad(convolution.fold, "an empty window", normal("2 5 5 0 2 3"), options=dict(output_size=(7, 6)), error=ValueError, match="at least one cell"),
    Bad(convolution.fold, "stride for one axis of two", _U, options=dict(output_size=(7, 6), stride=(1,)), error=ValueError, match="1 entries"),
    Bad(convolution.fold, "negative padding", _U, options=dict(output_size=(7, 6), padding=-1), error=ValueError, match="padding is -1"),
    Bad(convolution.fold, "boolean patches", constant([[[True]]]), options=dict(output_size=(1,)), error=TypeError, match="patches has dtype bool"),
]  # fmt: skip
