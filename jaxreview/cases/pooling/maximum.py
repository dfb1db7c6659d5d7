"""Rows of max pooling."""

import numpy as np

from jaxreview import pooling
from jaxreview.cases._inputs import constant, distinct, integers, normal
from jaxreview.cases._rows import Bad, Bench, Case

CASES = [
    Case(
        pooling.max_pool, "windows side by side", distinct("N H W C"), dims=dict(N=2, H=6, W=7, C=3), options=dict(window=(2, 3)),
        differentiable=(0,), batched=(0,), bench=Bench(dict(N=16, H=32, W=33, C=3), real={0: "photographs"}, core=True),
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
]  # fmt: skip
