"""Rows of the inverses of pooling."""

import numpy as np

from jaxreview import pooling
from jaxreview.cases._inputs import constant, integers, normal, permuted
from jaxreview.cases._rows import Bad, Bench, Case

CASES = [
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
]  # fmt: skip

BAD = [
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
]  # fmt: skip
