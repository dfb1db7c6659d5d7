"""Rows of pooling to a given number of cells."""

import numpy as np

from jaxreview import pooling
from jaxreview.cases._inputs import constant, distinct, integers, normal
from jaxreview.cases._rows import Bad, Bench, Case

_PHOTOGRAPHS = Bench(dict(N=16, H=32, W=33, C=3), real={0: "photographs"})

CASES = [
    Case(
        pooling.adaptive_avg_pool, "uneven and even", normal("N H W C"), dims=dict(N=2, H=7, W=6, C=3), options=dict(output_size=(3, 2)),
        differentiable=(0,), batched=(0,), bench=_PHOTOGRAPHS,
    ),
    Case(
        pooling.adaptive_avg_pool, "1-D, enlarged, two batch axes", normal("B N L C"), dims=dict(B=2, N=3, L=4, C=1), options=dict(output_size=(7,)),
        differentiable=(0,), batched=(0,),
    ),
    Case(
        pooling.adaptive_avg_pool, "3-D, one example, an axis kept", normal("D H W C"), dims=dict(D=3, H=4, W=5, C=2),
        options=dict(output_size=(None, 3, 1)), differentiable=(0,), batched=(0,),
    ),
    Case(
        pooling.adaptive_avg_pool, "1-D, many windows", normal("N L C"), dims=dict(N=2, L=41, C=1), options=dict(output_size=(35,)),
        differentiable=(0,), batched=(0,),
    ),
    Case(
        pooling.adaptive_max_pool, "uneven and even", distinct("N H W C"), dims=dict(N=2, H=7, W=6, C=3), options=dict(output_size=(3, 2)),
        differentiable=(0,), batched=(0,), bench=_PHOTOGRAPHS,
    ),
    Case(
        pooling.adaptive_max_pool, "1-D, enlarged, two batch axes, indices", distinct("B N L C"), dims=dict(B=2, N=3, L=4, C=1),
        options=dict(output_size=(7,), return_indices=True), differentiable=(0,), batched=(0,),
    ),
    Case(
        pooling.adaptive_max_pool, "3-D, one example, an axis kept, indices", distinct("D H W C"), dims=dict(D=3, H=4, W=5, C=2),
        options=dict(output_size=(2, None, 3), return_indices=True), differentiable=(0,), batched=(0,),
    ),
    Case(
        pooling.adaptive_max_pool, "1-D, many windows, indices", distinct("N L C"), dims=dict(N=2, L=41, C=1),
        options=dict(output_size=(35,), return_indices=True), differentiable=(0,), batched=(0,),
    ),
    Case(
        pooling.adaptive_max_pool, "integers", integers("N H W C", -9, 9), dims=dict(N=2, H=5, W=6, C=3),
        options=dict(output_size=(2, 4), return_indices=True), batched=(0,),
    ),
    Case(
        pooling.global_avg_pool, "images", normal("N H W C"), dims=dict(N=2, H=5, W=6, C=3), differentiable=(0,), batched=(0,), bench=_PHOTOGRAPHS,
    ),
    Case(
        pooling.global_avg_pool, "1-D, two batch axes, axis kept", normal("B N L C"), dims=dict(B=2, N=3, L=5, C=4), options=dict(ndim=1, keepdims=True),
        differentiable=(0,), batched=(0,),
    ),
    Case(
        pooling.global_max_pool, "images", distinct("N H W C"), dims=dict(N=2, H=5, W=6, C=3), differentiable=(0,), batched=(0,), bench=_PHOTOGRAPHS,
    ),
    Case(
        pooling.global_max_pool, "3-D, one example, axes kept", distinct("D H W C"), dims=dict(D=2, H=3, W=4, C=5), options=dict(ndim=3, keepdims=True),
        differentiable=(0,), batched=(0,),
    ),
    Case(
        pooling.global_max_pool, "1-D, integers", integers("N L C", -9, 9), dims=dict(N=2, L=7, C=3), options=dict(ndim=1), batched=(0,),
    ),
]  # fmt: skip

BAD = [
    Bad(pooling.adaptive_avg_pool, "integers", integers("2 6 6 3", 0, 9), (2, 2), error=TypeError, match="floating"),
    Bad(pooling.adaptive_avg_pool, "output_size an int", normal("2 6 6 3"), 2, error=TypeError, match="output_size is 2"),
    Bad(pooling.adaptive_avg_pool, "no cells", normal("2 6 6 3"), (2, 0), error=ValueError, match="output_size[1] is 0"),
    Bad(pooling.adaptive_avg_pool, "a fraction", normal("2 6 6 3"), (2.5, 2), error=TypeError, match="output_size[0] is 2.5"),
    Bad(pooling.adaptive_avg_pool, "too few axes", normal("6 3"), (2, 2), error=ValueError, match="at least rank 3"),
    Bad(pooling.adaptive_avg_pool, "an empty axis", constant(np.zeros((2, 0, 3, 1))), (2, 2), error=ValueError, match="at least one cell"),
    Bad(pooling.adaptive_max_pool, "booleans", constant(np.ones((2, 4, 4, 3), bool)), (2, 2), error=TypeError, match="dtype bool"),
    Bad(pooling.adaptive_max_pool, "empty output_size", normal("2 6 6 3"), (), error=TypeError, match="non-empty tuple"),
    Bad(pooling.adaptive_max_pool, "a negative size", normal("2 6 6 3"), (-1, None), error=ValueError, match="output_size[0] is -1"),
    Bad(pooling.adaptive_max_pool, "too few axes", normal("6 3"), (2, 2), error=ValueError, match="at least rank 3"),
    Bad(pooling.adaptive_max_pool, "an empty axis", constant(np.zeros((2, 3, 0, 1))), (2, None), error=ValueError, match="at least one cell"),
    Bad(pooling.adaptive_max_pool, "indices by a number", normal("2 6 6 3"), (2, 2), options=dict(return_indices=1), error=TypeError, match="indices is 1"),
    Bad(pooling.global_avg_pool, "integers", integers("2 6 6 3", 0, 9), error=TypeError, match="floating"),
    Bad(pooling.global_avg_pool, "no spatial axes", normal("2 6 6 3"), options=dict(ndim=0), error=ValueError, match="ndim is 0"),
    Bad(pooling.global_avg_pool, "too few axes", normal("6 3"), error=ValueError, match="at least rank 3"),
    Bad(pooling.global_avg_pool, "an empty axis", constant(np.zeros((2, 0, 3, 1))), error=ValueError, match="at least one cell"),
    Bad(pooling.global_max_pool, "booleans", constant(np.ones((2, 4, 4, 3), bool)), error=TypeError, match="dtype bool"),
    Bad(pooling.global_max_pool, "ndim a fraction", normal("2 6 6 3"), options=dict(ndim=1.5), error=TypeError, match="ndim is 1.5"),
    Bad(pooling.global_max_pool, "keepdims a number", normal("2 6 6 3"), options=dict(keepdims=1), error=TypeError, match="keepdims is 1"),
    Bad(pooling.global_max_pool, "an empty axis", constant(np.zeros((2, 3, 0, 1))), error=ValueError, match="at least one cell"),
]  # fmt: skip
