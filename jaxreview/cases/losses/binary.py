"""Rows of the losses of a yes or no."""

import math

import numpy as np

from jaxreview import losses
from jaxreview.cases._inputs import constant, integers, normal, uniform
from jaxreview.cases._rows import Bad, Bench, Case

CASES = [
    Case(
        losses.binary_cross_entropy, "class labels", uniform("N K", 0.05, 0.95), integers("N K", 0, 2), dims=dict(N=4, K=3), differentiable=(0,),
        batched=(0, 1), bench=Bench(dict(N=1797, K=10), real={0: "digit_probabilities"}, core=True),
    ),
    Case(
        losses.binary_cross_entropy, "real labels, two axes", uniform("N K", 0.05, 0.95), uniform("N K", 0.1, 0.9), dims=dict(N=3, K=5),
        differentiable=(0, 1), batched=(0, 1),
    ),
    Case(losses.binary_cross_entropy, "certain", constant([0.0, 1.0, 0.0, 1.0, 0.5]), constant([0, 1, 1, 0, 1]), batched=(0, 1)),
    Case(losses.binary_cross_entropy, "one probability", uniform("", 0.2, 0.4), constant(np.array(True)), differentiable=(0,), batched=(0, 1)),

    Case(
        losses.logistic_loss, "class labels", normal("N K", scale=3.0), integers("N K", 0, 2), dims=dict(N=4, K=3),
        differentiable=(0,), batched=(0, 1), bench=Bench(dict(N=1797, K=10), real={0: "digit_scores"}, core=True),
    ),
    Case(
        losses.logistic_loss, "real labels, two axes", normal("N K", scale=3.0), uniform("N K", 0.1, 0.9), dims=dict(N=3, K=5),
        differentiable=(0, 1), batched=(0, 1),
    ),
    Case(
        losses.logistic_loss, "a positive weight for each task", normal("B N K"), integers("B N K", 0, 2), dims=dict(B=2, N=3, K=5),
        arrays=dict(positive_weight=uniform("K", 0.5, 3.0)), differentiable=(0, 2), batched=(0, 1),
    ),
    Case(
        losses.logistic_loss, "one positive weight, real labels", normal("N"), uniform("N", 0.1, 0.9), dims=dict(N=5),
        arrays=dict(positive_weight=uniform("", 2.0, 3.0)), differentiable=(0, 1, 2), batched=(0, 1),
    ),
    Case(losses.logistic_loss, "one logit", normal(""), constant(np.array(True)), differentiable=(0,), batched=(0, 1)),
    Case(
        losses.logistic_loss, "infinite, large and zero logits", constant([math.inf, math.inf, -math.inf, -math.inf, 1e4, -1e4, -120.0, 0.0]),
        constant([1, 0, 1, 0, 1, 1, 1, 0]), batched=(0, 1),
    ),
]  # fmt: skip

BAD = [
    Bad(losses.binary_cross_entropy, "a column against a row", uniform("4 1"), integers("4", 0, 2), error=ValueError, match="nothing is broadcast"),
    Bad(losses.binary_cross_entropy, "integer probabilities", integers("4", 0, 2), integers("4", 0, 2), error=TypeError, match="probabilities has dtype"),
    Bad(losses.binary_cross_entropy, "logits", constant([-0.5, 0.5]), constant([1, 0]), error=ValueError, match="probabilities reaches from -0.5", eager=True),
    Bad(losses.binary_cross_entropy, "a probability over 1", constant([0.5, 1.5]), constant([1, 0]), error=ValueError, match="to 1.5", eager=True),
    Bad(losses.binary_cross_entropy, "labels of 2", constant([0.5, 0.5]), constant([1, 2]), error=ValueError, match="labels reaches", eager=True),

    Bad(losses.logistic_loss, "a column against a row", normal("4 1"), integers("4", 0, 2), error=ValueError, match="nothing is broadcast"),
    Bad(losses.logistic_loss, "integer logits", integers("4", 0, 9), integers("4", 0, 2), error=TypeError, match="logits has dtype"),
    Bad(losses.logistic_loss, "labels ±1", normal("2"), constant([1, -1]), error=ValueError, match="[0, 1]", eager=True),
    Bad(losses.logistic_loss, "a real label over 1", normal("2"), constant([0.5, 1.25]), error=ValueError, match="[0, 1]", eager=True),
    Bad(
        losses.logistic_loss, "positive weight of another length", normal("4 3"), integers("4 3", 0, 2), arrays=dict(positive_weight=normal("4")),
        error=ValueError, match="positive_weight has shape",
    ),
    Bad(
        losses.logistic_loss, "positive weight of one would broadcast", normal("4 3"), integers("4 3", 0, 2), arrays=dict(positive_weight=normal("1")),
        error=ValueError, match="positive_weight has shape",
    ),
    Bad(
        losses.logistic_loss, "integer positive weight", normal("4 3"), integers("4 3", 0, 2), arrays=dict(positive_weight=integers("3", 1, 9)),
        error=TypeError, match="positive_weight has dtype",
    ),
]  # fmt: skip
