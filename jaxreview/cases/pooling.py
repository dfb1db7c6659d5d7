"""Rows of pooling."""

import numpy as np

from jaxreview import pooling
from jaxreview.cases._inputs import constant, distinct, integers, normal, permuted
from jaxreview.cases._rows import Bad, Bench, Case

CASES = [
    Case(
        pooling.max_pool, "windows side by side", distinct("N H W C"), dims=dict(N=2, H=6, W=7, C=3), options=dict(window=(2, 3)),
        differentiable=(0,), batched=(0,), bench=Bench(dict(N=16, H=32, W=33, C=3), real={0: "photographs"}),
    ),
    Case(
        pooling.max_pool, "overlapping, padded, two batch axes", distinct("B N H W C"), dims=dict(B=2, N=3, H=6, W=5, C=1),
        options=dict(window=(3, 3), stride=2, padding=1), differentiable=(0,), batched=(0,),
    ),
    Case(
        pooling.max_pool, "1-D, dilated, pairs, rounded up, indices", distinct("N L C"), dims=dict(N=3, L=11, C=2),
        options=dict(window=(3,), stride=(2,), padding=((2, 1),), dilation=2, ceil_mode=True, return_indices=True), differentiable=(0,), batched=(0,),
    ),
    Case(
        pooling.max_pool, "one image, stride 1, SAME, indices", distinct("H W C"), dims=dict(H=5, W=6, C=4),
        options=dict(window=(2, 3), stride=1, padding="SAME", return_indices=True), differentiable=(0,), batched=(0,),
    ),
    Case(
        pooling.max_pool, "3-D, rounded up, gaps between windows, indices", distinct("N D H W C"), dims=dict(N=2, D=4, H=5, W=6, C=1),
        options=dict(window=(2, 1, 3), stride=(2, 3, 4), padding=(1, 0, 1), ceil_mode=True, return_indices=True), differentiable=(0,), batched=(0,),
    ),
    Case(
        pooling.max_pool, "1-D, a window long enough to double", distinct("N L C"), dims=dict(N=2, L=43, C=1),
        options=dict(window=(37,), stride=2, padding="SAME_LOWER", return_indices=True), differentiable=(0,), batched=(0,),
    ),
    Case(
        pooling.max_pool, "3-D, dilated per axis, stride 1", distinct("D H W C"), dims=dict(D=4, H=5, W=7, C=2),
        options=dict(window=(2, 2, 3), stride=1, dilation=(1, 2, 3)), differentiable=(0,), batched=(0,),
    ),
    Case(
        pooling.max_pool, "integers", integers("N H W C", -9, 9), dims=dict(N=2, H=5, W=6, C=3),
        options=dict(window=(3, 2), stride=(1, 2), padding=(1, 1), return_indices=True), batched=(0,),
    ),
    Case(
        pooling.max_unpool, "each cell once", normal("N H W C"), permuted("N H W C", 42), dims=dict(N=2, H=3, W=4, C=2), options=dict(output_size=(6, 7)),
        differentiable=(0,), batched=(0, 1), bench=Bench(dict(N=4000, H=3, W=4, C=3), real={0: "photographs"}),
    ),
    Case(
        pooling.max_unpool, "1-D, duplicates, two batch axes", normal("B N L C"), integers("B N L C", 0, 7), dims=dict(B=2, N=3, L=5, C=4),
        options=dict(output_size=(7,)), differentiable=(0,), batched=(0, 1),
    ),
    Case(
        pooling.max_unpool, "3-D, one example", normal("D H W C"), integers("D H W C", 0, 60), dims=dict(D=2, H=3, W=4, C=2),
        options=dict(output_size=(3, 4, 5)), differentiable=(0,), batched=(0, 1),
    ),
    Case(
        pooling.max_unpool, "integers into fewer cells", integers("N L C", -9, 9), integers("N L C", 0, 4), dims=dict(N=3, L=6, C=2),
        options=dict(output_size=(4,)), batched=(0, 1),
    ),
    Case(
        pooling.avg_pool, "windows side by side", normal("N H W C"), dims=dict(N=2, H=6, W=7, C=3), options=dict(window=(2, 3)),
        differentiable=(0,), batched=(0,), bench=Bench(dict(N=16, H=32, W=33, C=3), real={0: "photographs"}),
    ),
    Case(
        pooling.avg_pool, "overlapping, padding counted, two batch axes", normal("B N H W C"), dims=dict(B=2, N=3, H=6, W=5, C=1),
        options=dict(window=(3, 3), stride=2, padding=1), differentiable=(0,), batched=(0,),
    ),
    Case(
        pooling.avg_pool, "padding not counted, pairs, rounded up", normal("N H W C"), dims=dict(N=2, H=6, W=5, C=3),
        options=dict(window=(3, 2), stride=(2, 3), padding=((1, 0), (0, 1)), ceil_mode=True, count_include_pad=False), differentiable=(0,), batched=(0,),
    ),
    Case(
        pooling.avg_pool, "1-D, rounded up, what that adds is not counted", normal("N L C"), dims=dict(N=3, L=8, C=2),
        options=dict(window=(4,), stride=3, padding=2, ceil_mode=True), differentiable=(0,), batched=(0,),
    ),
    Case(
        pooling.avg_pool, "one image, stride 1, SAME", normal("H W C"), dims=dict(H=5, W=6, C=4), options=dict(window=(2, 3), stride=1, padding="SAME"),
        differentiable=(0,), batched=(0,),
    ),
    Case(
        pooling.avg_pool, "3-D, own divisor", normal("N D H W C"), dims=dict(N=2, D=4, H=5, W=6, C=1),
        options=dict(window=(2, 1, 3), stride=(2, 3, 4), padding=(1, 0, 1), divisor=-2.5, count_include_pad=False), differentiable=(0,), batched=(0,),
    ),
    Case(
        pooling.avg_pool, "1-D, SAME_LOWER, padding not counted", normal("L C"), dims=dict(L=9, C=2),
        options=dict(window=(4,), stride=2, padding="SAME_LOWER", count_include_pad=False), differentiable=(0,), batched=(0,),
    ),
]  # fmt: skip

BAD = [
    Bad(pooling.max_pool, "window an int", normal("2 6 6 3"), 2, error=TypeError, match="window is 2"),
    Bad(pooling.max_pool, "empty window", normal("2 6 6 3"), (), error=TypeError, match="non-empty tuple"),
    Bad(pooling.max_pool, "window with a 0", normal("2 6 6 3"), (2, 0), error=ValueError, match="window[1] is 0"),
    Bad(pooling.max_pool, "too few axes", normal("6 3"), (2, 2), error=ValueError, match="at least rank 3"),
    Bad(pooling.max_pool, "window larger than the input", normal("2 6 3 3"), (2, 4), error=ValueError, match="spatial axis 1"),
    Bad(pooling.max_pool, "padding over half the window", normal("2 6 6 3"), (3, 3), options=dict(padding=2), error=ValueError, match="at most half"),
    Bad(
        pooling.max_pool, "nothing but padding", normal("2 2 1"), (2,), options=dict(padding=2, dilation=4, stride=1),
        error=ValueError, match="only padding",
    ),
    Bad(pooling.max_pool, "three strides for two axes", normal("2 6 6 3"), (2, 2), options=dict(stride=(1, 2, 1)), error=ValueError, match="stride is"),
    Bad(pooling.max_pool, "stride of 0", normal("2 6 6 3"), (2, 2), options=dict(stride=0), error=ValueError, match="stride is 0"),
    Bad(pooling.max_pool, "a fraction as dilation", normal("2 6 6 3"), (2, 2), options=dict(dilation=1.5), error=TypeError, match="dilation is 1.5"),
    Bad(pooling.max_pool, "unknown padding", normal("2 6 6 3"), (2, 2), options=dict(padding="FULL"), error=ValueError, match="'FULL'"),
    Bad(pooling.max_pool, "booleans", constant(np.ones((2, 4, 4, 3), bool)), (2, 2), error=TypeError, match="dtype bool"),
    Bad(pooling.max_pool, "ceil_mode a number", normal("2 6 6 3"), (2, 2), options=dict(ceil_mode=1), error=TypeError, match="ceil_mode is 1"),
    Bad(
        pooling.max_unpool, "other shapes", normal("2 3 1"), integers("2 1 3", 0, 4), options=dict(output_size=(4,)),
        error=ValueError, match="shape of x",
    ),
    Bad(
        pooling.max_unpool, "indices that would broadcast", normal("2 3 4"), integers("2 3 1", 0, 4), options=dict(output_size=(4,)),
        error=ValueError, match="shape of x",
    ),
    Bad(pooling.max_unpool, "real indices", normal("2 3 1"), normal("2 3 1"), options=dict(output_size=(4,)), error=TypeError, match="integer dtype"),
    Bad(
        pooling.max_unpool, "output_size an int", normal("2 3 1"), integers("2 3 1", 0, 4), options=dict(output_size=4),
        error=TypeError, match="output_size is 4",
    ),
    Bad(
        pooling.max_unpool, "no cells", normal("2 3 1"), integers("2 3 1", 0, 4), options=dict(output_size=(0,)),
        error=ValueError, match="output_size[0] is 0",
    ),
    Bad(
        pooling.max_unpool, "more axes than x has", normal("2 3"), integers("2 3", 0, 4), options=dict(output_size=(4, 4)),
        error=ValueError, match="at least rank 3",
    ),
    Bad(
        pooling.max_unpool, "index too large", normal("2 1"), constant(np.array([[0], [4]])), options=dict(output_size=(4,)),
        error=ValueError, match="needs 0 to 3", eager=True,
    ),
    Bad(
        pooling.max_unpool, "negative index", normal("2 1"), constant(np.array([[-1], [3]])), options=dict(output_size=(4,)),
        error=ValueError, match="-1 to 3", eager=True,
    ),
    Bad(pooling.avg_pool, "integers", integers("2 6 6 3", 0, 9), (2, 2), error=TypeError, match="floating"),
    Bad(pooling.avg_pool, "window an int", normal("2 6 6 3"), 2, error=TypeError, match="window is 2"),
    Bad(pooling.avg_pool, "too few axes", normal("6 3"), (2, 2), error=ValueError, match="at least rank 3"),
    Bad(
        pooling.avg_pool, "padding over half the window", normal("2 6 6 3"), (2, 3), options=dict(padding=((1, 1), (0, 2))),
        error=ValueError, match="at most half",
    ),
    Bad(pooling.avg_pool, "negative padding", normal("2 6 6 3"), (2, 2), options=dict(padding=-1), error=ValueError, match="padding is -1"),
    Bad(pooling.avg_pool, "divisor of 0", normal("2 6 6 3"), (2, 2), options=dict(divisor=0), error=ValueError, match="other than 0"),
    Bad(pooling.avg_pool, "divisor a string", normal("2 6 6 3"), (2, 2), options=dict(divisor="4"), error=TypeError, match="divisor is '4'"),
    Bad(pooling.avg_pool, "one padding for two axes", normal("2 6 6 3"), (2, 2), options=dict(padding=(1,)), error=ValueError, match="padding is (1,)"),
    Bad(pooling.avg_pool, "window larger than the input", normal("2 3 6 3"), (4, 2), error=ValueError, match="spatial axis 0"),
]  # fmt: skip

NO_LOOP: dict[str, str] = {}
