"""Rows of fractional max pooling."""

import numpy as np

from jaxreview import pooling
from jaxreview.cases._inputs import constant, distinct, integers, key, normal
from jaxreview.cases._rows import Bad, Bench, Case

CASES = [
    Case(
        pooling.fractional_max_pool, "one image", key(), distinct("H W C"), dims=dict(H=9, W=11, C=3), options=dict(window=(2, 3), output_size=(5, 7)),
        differentiable=(1,), bench=Bench(dict(H=32, W=33, C=3), real={1: "photographs"}, examples=16),
    ),
    Case(
        pooling.fractional_max_pool, "1-D, two batch axes, indices", key(), distinct("B N L C"), dims=dict(B=2, N=3, L=13, C=2),
        options=dict(window=(2,), output_size=(7,), return_indices=True), differentiable=(1,),
    ),
    Case(
        pooling.fractional_max_pool, "3-D, one window on an axis, indices", key(), distinct("N D H W C"), dims=dict(N=2, D=4, H=5, W=6, C=2),
        options=dict(window=(2, 1, 3), output_size=(2, 4, 1), return_indices=True), differentiable=(1,),
    ),
    Case(
        pooling.fractional_max_pool, "integers", key(), integers("N H W C", -9, 9), dims=dict(N=2, H=6, W=7, C=3),
        options=dict(window=(2, 2), output_size=(4, 5), return_indices=True),
    ),
]  # fmt: skip

_X = normal("2 6 6 3")

BAD = [
    Bad(pooling.fractional_max_pool, "no key", None, _X, (2, 2), options=dict(output_size=(3, 3)), error=TypeError, match="jax.random.key"),
    Bad(pooling.fractional_max_pool, "window an int", key(), _X, 2, options=dict(output_size=(3, 3)), error=TypeError, match="window is 2"),
    Bad(pooling.fractional_max_pool, "output_size an int", key(), _X, (2, 2), options=dict(output_size=3), error=TypeError, match="output_size is 3"),
    Bad(pooling.fractional_max_pool, "one size for two axes", key(), _X, (2, 2), options=dict(output_size=(3,)), error=ValueError, match="output_size is (3,)"),
    Bad(pooling.fractional_max_pool, "too many windows", key(), _X, (2, 3), options=dict(output_size=(5, 5)), error=ValueError, match="at least 7 cells"),
    Bad(pooling.fractional_max_pool, "too few axes", key(), normal("6 3"), (2, 2), options=dict(output_size=(3, 3)), error=ValueError, match="rank 3"),
    Bad(
        pooling.fractional_max_pool, "booleans", key(), constant(np.ones((2, 6, 6, 1), bool)), (2, 2), options=dict(output_size=(3, 3)),
        error=TypeError, match="dtype bool",
    ),
]  # fmt: skip
