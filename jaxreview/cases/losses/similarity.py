"""Rows of the losses of an angle."""

from jaxreview import losses
from jaxreview.cases._inputs import constant, integers, normal
from jaxreview.cases._rows import Bad, Bench, Case

_SOME = constant([[True, False], [True, True], [False, True]])

CASES = [
    *(
        row for loss in (losses.cosine_similarity, losses.cosine_distance) for row in (
            Case(
                loss, "rows", normal("N D"), normal("N D"), dims=dict(N=4, D=5), differentiable=(0, 1), batched=(0, 1),
                bench=Bench(dict(N=512, D=64), real={0: "standardized_digits"}),
            ),
            Case(
                loss, "short vectors under ε, some entries", normal("3 2", scale=0.1), normal("3 2", scale=10.0), arrays=dict(where=_SOME),
                options=dict(epsilon=1.0, axis=-2), differentiable=(0, 1), batched=(0, 1, 2),
            ),
        )
    ),

    Case(
        losses.ntxent, "three groups", normal("N D"), integers("N", 0, 3), dims=dict(N=7, D=4), options=dict(temperature=0.5), differentiable=(0,),
        couples="every point is told from the others", bench=Bench(dict(N=24, D=64), real={0: "standardized_digits"}),
    ),
]  # fmt: skip

BAD = [
    *(
        bad for loss in (losses.cosine_similarity, losses.cosine_distance) for bad in (
            Bad(loss, "one vector against many", normal("4 3"), normal("3"), error=ValueError, match="nothing is broadcast"),
            Bad(loss, "integer vectors", integers("4", 0, 9), normal("4"), error=TypeError, match="predictions has dtype"),
            Bad(loss, "no such axis", normal("4 3"), normal("4 3"), options=dict(axis=2), error=ValueError, match="axis is 2"),
            Bad(loss, "negative ε", normal("4 3"), normal("4 3"), options=dict(epsilon=-1.0), error=ValueError, match="epsilon is -1"),
            Bad(loss, "a mask of one row", normal("4 3"), normal("4 3"), arrays=dict(where=constant([True] * 3)), error=ValueError, match="where has shape"),
        )
    ),

    Bad(losses.ntxent, "one point", normal("3"), constant(1), error=ValueError, match="rank 2"),
    Bad(losses.ntxent, "too few labels", normal("4 3"), integers("3", 0, 2), error=ValueError, match="labels has shape"),
    Bad(losses.ntxent, "real labels", normal("4 3"), normal("4"), error=TypeError, match="labels has dtype"),
    Bad(losses.ntxent, "no temperature", normal("4 3"), integers("4", 0, 2), options=dict(temperature=0.0), error=ValueError, match="greater than 0"),
    Bad(losses.ntxent, "integer points", integers("4 3", 0, 9), integers("4", 0, 2), error=TypeError, match="embeddings has dtype"),
]  # fmt: skip
