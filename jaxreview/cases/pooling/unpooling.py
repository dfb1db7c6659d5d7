"""Rows of the inverses of pooling."""

import numpy as np

from jaxreview import pooling
from jaxreview.cases._inputs import constant, integers, normal, permuted, switches
from jaxreview.cases._rows import Bad, Bench, Case

CASES = [
    Case(
        pooling.max_unpool, "each cell once", normal("N H W C"), permuted("N H W C", 42), dims=dict(N=2, H=3, W=4, C=2), options=dict(output_size=(6, 7)),
        differentiable=(0,), batched=(0, 1), bench=Bench(dict(N=4000, H=3, W=4, C=3), real={0: "photographs"}, core=True),
    ),
    Case(
        pooling.max_unpool, "each in its own window, the last cut off, a rest", normal("N H W C"), switches("N H W C", (2, 3), (5, 10)),
        dims=dict(N=2, H=3, W=3, C=2), options=dict(output_size=(5, 10)), differentiable=(0,), batched=(0, 1),
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
        pooling.zero_unpool, "2 × 3 windows", normal("N H W C"), dims=dict(N=2, H=3, W=4, C=5), options=dict(window=(2, 3)),
        differentiable=(0,), batched=(0,), bench=Bench(dict(N=64, H=16, W=17, C=3), real={0: "photographs"}),
    ),
    Case(
        pooling.zero_unpool, "1-D, two batch axes", normal("B N L C"), dims=dict(B=2, N=3, L=4, C=1), options=dict(window=(3,)),
        differentiable=(0,), batched=(0,),
    ),
    Case(
        pooling.zero_unpool, "3-D, one example, an axis that stays", normal("D H W C"), dims=dict(D=2, H=3, W=4, C=2), options=dict(window=(2, 1, 3)),
        differentiable=(0,), batched=(0,),
    ),
    Case(pooling.zero_unpool, "integers", integers("N L C", -9, 9), dims=dict(N=3, L=4, C=2), options=dict(window=(2,)), batched=(0,)),
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
    Bad(pooling.zero_unpool, "window an int", normal("2 6 6 3"), 2, error=TypeError, match="window is 2"),
    Bad(pooling.zero_unpool, "empty window", normal("2 6 6 3"), (), error=TypeError, match="non-empty tuple"),
    Bad(pooling.zero_unpool, "window with a 0", normal("2 6 6 3"), (2, 0), error=ValueError, match="window[1] is 0"),
    Bad(pooling.zero_unpool, "too few axes", normal("6 3"), (2, 2), error=ValueError, match="at least rank 3"),
    Bad(pooling.zero_unpool, "booleans", constant(np.ones((2, 4, 4, 3), bool)), (2, 2), error=TypeError, match="dtype bool"),
]  # fmt: skip
