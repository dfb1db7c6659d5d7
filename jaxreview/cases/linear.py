"""Rows of the linear maps."""

from jaxreview import linear
from jaxreview.cases._inputs import integers, normal
from jaxreview.cases._rows import Bad, Bench, Case

CASES = [
    Case(
        linear.dense, "with bias", normal("N I"), normal("I O"), normal("O"), dims=dict(N=4, I=3, O=5),
        differentiable=(0, 1, 2), batched=(0,), bench=Bench(dict(N=512, I=64, O=32), real={0: "digits"}),
    ),
    Case(linear.dense, "no bias, two batch axes", normal("B N I"), normal("I O"), dims=dict(B=2, N=4, I=3, O=5), differentiable=(0, 1), batched=(0,)),
    Case(linear.dense, "one vector", normal("I"), normal("I O"), normal("O"), dims=dict(I=3, O=5), differentiable=(0, 1, 2), batched=(0,)),
    Case(
        linear.affine_columns, "4 units, 3 features, 5 samples", normal("O I"), normal("I M"), normal("O 1"), dims=dict(O=4, I=3, M=5),
        differentiable=(0, 1, 2), bench=Bench(dict(O=32, I=30, M=512), real={1: "breast_cancer_columns"}, split={1: 1}, join=1),
    ),
]  # fmt: skip

BAD = [
    Bad(linear.dense, "features do not fit", normal("4 3"), normal("5 2"), error=ValueError, match="needs 3 rows"),
    Bad(linear.dense, "kernel of rank 1", normal("4 3"), normal("3"), error=ValueError, match="rank 2"),
    Bad(linear.dense, "scalar x", normal(""), normal("3 2"), error=ValueError, match="at least rank 1"),
    Bad(linear.dense, "bias of one would broadcast", normal("4 3"), normal("3 2"), normal("1"), error=ValueError, match="bias has shape"),
    Bad(linear.dense, "bias as a row", normal("4 3"), normal("3 2"), normal("1 2"), error=ValueError, match="bias has shape"),
    Bad(linear.dense, "integer x", integers("4 3", 0, 9), normal("3 2"), error=TypeError, match="floating"),
    Bad(linear.dense, "a list", [[1.0, 2.0]], normal("2 2"), error=TypeError, match="array"),
    Bad(linear.affine_columns, "rank-1 x", normal("2 3"), normal("3"), normal("2 1"), error=ValueError, match="rank 2"),
    Bad(linear.affine_columns, "rank-1 bias", normal("2 3"), normal("3 4"), normal("2"), error=ValueError, match="column"),
    Bad(linear.affine_columns, "bias as a row", normal("2 3"), normal("3 2"), normal("1 2"), error=ValueError, match="bias has shape"),
    Bad(linear.affine_columns, "samples in rows", normal("2 3"), normal("4 3"), normal("2 1"), error=ValueError, match="needs 3 rows"),
    Bad(linear.affine_columns, "integer weights", integers("2 3", 0, 9), normal("3 4"), normal("2 1"), error=TypeError, match="floating"),
]


NO_LOOP: dict[str, str] = {}
