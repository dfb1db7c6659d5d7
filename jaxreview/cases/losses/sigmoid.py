"""Rows of the losses of a yes or no by the names of optax."""

import math

from jaxreview import losses
from jaxreview.cases._inputs import constant, integers, normal, uniform
from jaxreview.cases._rows import Bad, Bench, Case

CASES = [
    Case(
        losses.sigmoid_binary_cross_entropy, "class labels", normal("N K", scale=3.0), integers("N K", 0, 2), dims=dict(N=4, K=3), differentiable=(0,),
        batched=(0, 1), bench=Bench(dict(N=1797, K=10), real={0: "digit_scores"}),
    ),
    Case(
        losses.sigmoid_binary_cross_entropy, "real labels", normal("N K", scale=3.0), uniform("N K", 0.1, 0.9), dims=dict(N=3, K=5),
        differentiable=(0, 1), batched=(0, 1),
    ),

    Case(
        losses.sigmoid_focal_loss, "class labels, γ < 1", normal("N K", scale=2.0), integers("N K", 0, 2), dims=dict(N=4, K=3),
        options=dict(alpha=0.25, gamma=0.5), differentiable=(0,), batched=(0, 1), bench=Bench(dict(N=1797, K=10), real={0: "digit_scores"}),
    ),
    Case(
        losses.sigmoid_focal_loss, "real labels", normal("N K", scale=2.0), uniform("N K", 0.1, 0.9), dims=dict(N=3, K=5), differentiable=(0, 1),
        batched=(0, 1),
    ),
    Case(losses.sigmoid_focal_loss, "infinite logits", constant([math.inf, math.inf, -math.inf, -math.inf, 0.0]), constant([1, 0, 1, 0, 1]), batched=(0, 1)),
]  # fmt: skip

_ZEROS = constant([0, 1])

BAD = [
    *(
        bad for loss in (losses.sigmoid_binary_cross_entropy, losses.sigmoid_focal_loss) for bad in (
            Bad(loss, "a column against a row", normal("4 1"), integers("4", 0, 2), error=ValueError, match="nothing is broadcast"),
            Bad(loss, "a scalar label", normal("4"), uniform(""), error=ValueError, match="nothing is broadcast"),
            Bad(loss, "integer logits", integers("4", 0, 9), integers("4", 0, 2), error=TypeError, match="logits has dtype"),
            Bad(loss, "labels ±1", normal("2"), constant([1, -1]), error=ValueError, match="[0, 1]", eager=True),
        )
    ),
    Bad(losses.sigmoid_focal_loss, "α over 1", normal("2"), _ZEROS, options=dict(alpha=2.0), error=ValueError, match="alpha is 2"),
    Bad(losses.sigmoid_focal_loss, "negative γ", normal("2"), _ZEROS, options=dict(gamma=-0.5), error=ValueError, match="gamma is -0.5"),
    Bad(losses.sigmoid_focal_loss, "γ not a number", normal("2"), _ZEROS, options=dict(gamma="2"), error=TypeError, match="gamma is '2'"),
]  # fmt: skip
