"""Rows of the losses."""

import math

import numpy as np

from jaxreview import losses
from jaxreview.cases._inputs import constant, integers, normal, probabilities, uniform
from jaxreview.cases._rows import Bad, Bench, Case

CASES = [
    Case(
        losses.squared_error, "scores", normal("N K"), normal("N K"), dims=dict(N=4, K=5),
        differentiable=(0, 1), batched=(0, 1), bench=Bench(dict(N=256, K=640), real={0: "photographs"}),
    ),
    Case(losses.squared_error, "against zeros", normal("N K"), dims=dict(N=3, K=5), differentiable=(0,), batched=(0,)),
    Case(losses.squared_error, "one number", normal(""), normal(""), differentiable=(0, 1), batched=(0, 1)),
    Case(losses.squared_error, "three axes", normal("B N K"), normal("B N K"), dims=dict(B=2, N=3, K=5), differentiable=(0, 1), batched=(0, 1)),

    Case(
        losses.smooth_l1_loss, "far apart", normal("N K", mean=4.0, scale=0.1), uniform("N K", 1.5, 2.5), dims=dict(N=3, K=5),
        differentiable=(0, 1), batched=(0, 1), bench=Bench(dict(N=256, K=640), real={0: "photographs"}),
    ),
    Case(
        losses.smooth_l1_loss, "inside and outside of β = 1", constant([[0.3, -2.0, 1.4], [-0.6, 0.1, 5.0]]), constant([[0.1, 0.5, 0.2], [-0.1, 1.9, 4.5]]),
        differentiable=(0, 1), batched=(0, 1),
    ),
    Case(
        losses.smooth_l1_loss, "σ = 3", constant([0.3, -0.1, 0.05, -2.0]), constant([0.1, -0.05, 0.1, 0.5]), options=dict(beta=1 / 9),
        differentiable=(0, 1), batched=(0, 1),
    ),
    Case(
        losses.smooth_l1_loss, "β = 0 is L1", constant([[0.3, -0.1], [4.0, 0.7]]), constant([[0.1, 0.4], [-1.0, 0.2]]), options=dict(beta=0.0),
        differentiable=(0, 1), batched=(0, 1),
    ),
    Case(losses.smooth_l1_loss, "one number", constant(np.array(0.75)), constant(np.array(0.5)), options=dict(beta=2.0), differentiable=(0, 1), batched=(0, 1)),

    Case(
        losses.logistic_loss, "class labels", normal("N K", scale=3.0), integers("N K", 0, 2), dims=dict(N=4, K=3),
        differentiable=(0,), batched=(0, 1), bench=Bench(dict(N=1797, K=10), real={0: "digit_scores"}),
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

    Case(
        losses.binary_cross_entropy, "class labels", uniform("N K", 0.05, 0.95), integers("N K", 0, 2), dims=dict(N=4, K=3), differentiable=(0,),
        batched=(0, 1), bench=Bench(dict(N=1797, K=10), real={0: "digit_probabilities"}),
    ),
    Case(
        losses.binary_cross_entropy, "real labels, two axes", uniform("N K", 0.05, 0.95), uniform("N K", 0.1, 0.9), dims=dict(N=3, K=5),
        differentiable=(0, 1), batched=(0, 1),
    ),
    Case(losses.binary_cross_entropy, "certain", constant([0.0, 1.0, 0.0, 1.0, 0.5]), constant([0, 1, 1, 0, 1]), batched=(0, 1)),
    Case(losses.binary_cross_entropy, "one probability", uniform("", 0.2, 0.4), constant(np.array(True)), differentiable=(0,), batched=(0, 1)),

    Case(
        losses.cross_entropy, "integer labels", normal("N K"), integers("N", 0, "K"), dims=dict(N=4, K=5),
        differentiable=(0,), batched=(0, 1), bench=Bench(dict(N=1797, K=10), real={0: "digit_scores", 1: "digit_labels"}),
    ),
    Case(
        losses.cross_entropy, "smoothing, weights, an ignored label, classes second", normal("N K H"), constant([[0, 4], [-100, 2], [3, 0]]),
        dims=dict(N=3, K=5, H=2), arrays=dict(class_weights=uniform("K", 0.5, 2.0)), options=dict(axis=1, label_smoothing=0.3, ignore_index=-100),
        differentiable=(0, 2),
    ),
    Case(
        losses.cross_entropy, "distributions, classes last but one", normal("N K H"), uniform("N K H", 0.1, 0.9), dims=dict(N=3, K=5, H=2),
        options=dict(axis=-2, label_smoothing=0.2), differentiable=(0, 1), batched=(0, 1),
    ),
    Case(
        losses.cross_entropy, "weighted distributions", normal("N K"), probabilities("N K"), dims=dict(N=3, K=5),
        arrays=dict(class_weights=uniform("K", 0.5, 2.0)), differentiable=(0, 1, 2), batched=(0, 1),
    ),
    Case(
        losses.cross_entropy, "one example, a class ignored", normal("K"), constant(np.array(2)), dims=dict(K=5), options=dict(ignore_index=1),
        differentiable=(0,), batched=(0, 1),
    ),
    Case(
        losses.cross_entropy, "logits of −∞ without mass", constant([[0.5, -math.inf, 1.0], [-math.inf, 3.0, -math.inf]]), constant([2, 1]),
        batched=(0, 1),
    ),

    Case(
        losses.label_weights, "weighted, one class ignored", integers("N", 0, "K"), dims=dict(N=7, K=5), arrays=dict(class_weights=uniform("K", 0.5, 2.0)),
        options=dict(num_classes=5, ignore_index=1), differentiable=(1,), batched=(0,),
    ),
    Case(
        losses.label_weights, "unweighted, ignored labels out of range", constant([[0, 3, -100], [-100, 1, 2]]),
        options=dict(num_classes=4, ignore_index=-100), batched=(0,),
    ),
    Case(
        losses.label_weights, "digits", integers("N", 0, 10), dims=dict(N=7), arrays=dict(class_weights=uniform("10", 0.5, 2.0)),
        options=dict(num_classes=10), differentiable=(1,), batched=(0,), bench=Bench(dict(N=1797), real={0: "digit_labels"}),
    ),
    Case(losses.label_weights, "one label", constant(np.array(3)), options=dict(num_classes=4), batched=(0,)),
]  # fmt: skip

_HALVES = constant([[0.5, 0.25], [0.5, 0.75]])

BAD = [
    Bad(losses.squared_error, "a column against a row", normal("4 1"), normal("4"), error=ValueError, match="nothing is broadcast"),
    Bad(losses.squared_error, "a scalar target", normal("4"), normal(""), error=ValueError, match="nothing is broadcast"),
    Bad(losses.squared_error, "integer predictions", integers("4", 0, 9), normal("4"), error=TypeError, match="predictions has dtype"),
    Bad(losses.squared_error, "integer targets", normal("4"), integers("4", 0, 9), error=TypeError, match="targets has dtype"),
    Bad(losses.squared_error, "a list", [1.0, 2.0], error=TypeError, match="array"),

    Bad(losses.smooth_l1_loss, "a column against a row", normal("4 1"), normal("4"), error=ValueError, match="nothing is broadcast"),
    Bad(losses.smooth_l1_loss, "integer targets", normal("4"), integers("4", 0, 9), error=TypeError, match="targets has dtype"),
    Bad(losses.smooth_l1_loss, "no targets", normal("4"), None, error=TypeError, match="targets is None"),
    Bad(losses.smooth_l1_loss, "negative beta", normal("4"), normal("4"), options=dict(beta=-1.0), error=ValueError, match="beta is -1"),
    Bad(losses.smooth_l1_loss, "beta not a number", normal("4"), normal("4"), options=dict(beta="1"), error=TypeError, match="static Python number"),
    Bad(losses.smooth_l1_loss, "beta NaN", normal("4"), normal("4"), options=dict(beta=math.nan), error=ValueError, match="beta is nan"),

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

    Bad(losses.binary_cross_entropy, "a column against a row", uniform("4 1"), integers("4", 0, 2), error=ValueError, match="nothing is broadcast"),
    Bad(losses.binary_cross_entropy, "integer probabilities", integers("4", 0, 2), integers("4", 0, 2), error=TypeError, match="probabilities has dtype"),
    Bad(losses.binary_cross_entropy, "logits", constant([-0.5, 0.5]), constant([1, 0]), error=ValueError, match="probabilities reaches from -0.5", eager=True),
    Bad(losses.binary_cross_entropy, "a probability over 1", constant([0.5, 1.5]), constant([1, 0]), error=ValueError, match="to 1.5", eager=True),
    Bad(losses.binary_cross_entropy, "labels of 2", constant([0.5, 0.5]), constant([1, 2]), error=ValueError, match="labels reaches", eager=True),

    Bad(losses.cross_entropy, "labels as a column", normal("4 3"), integers("4 1", 0, 3), error=ValueError, match="without class axis 1"),
    Bad(losses.cross_entropy, "one-hot integers", normal("4 3"), integers("4 3", 0, 2), error=ValueError, match="without class axis 1"),
    Bad(losses.cross_entropy, "distributions of another shape", normal("4 3"), uniform("3"), error=ValueError, match="nothing is broadcast"),
    Bad(losses.cross_entropy, "boolean labels", normal("2 3"), constant([True, False]), error=TypeError, match="labels has dtype bool"),
    Bad(losses.cross_entropy, "integer logits", integers("4 3", 0, 9), integers("4", 0, 3), error=TypeError, match="logits has dtype"),
    Bad(losses.cross_entropy, "a scalar logit", normal(""), constant(np.array(0)), error=ValueError, match="at least rank 1"),
    Bad(losses.cross_entropy, "no classes", normal("4 0"), constant([0, 0, 0, 0]), error=ValueError, match="at least one class"),
    Bad(losses.cross_entropy, "a label too large", normal("2 3"), constant([0, 3]), error=ValueError, match="classes in [0, 3)", eager=True),
    Bad(losses.cross_entropy, "a negative label", normal("2 3"), constant([0, -1]), error=ValueError, match="from -1 to 0", eager=True),
    Bad(
        losses.cross_entropy, "another label than the ignored one", normal("2 3"), constant([-2, -1]), options=dict(ignore_index=-1),
        error=ValueError, match="or ignore_index", eager=True,
    ),
    Bad(losses.cross_entropy, "no such axis", normal("2 3"), constant([0, 1]), options=dict(axis=2), error=ValueError, match="axis is 2"),
    Bad(losses.cross_entropy, "smoothing over 1", normal("2 3"), constant([0, 1]), options=dict(label_smoothing=1.5), error=ValueError, match="[0, 1]"),
    Bad(losses.cross_entropy, "ignoring a distribution", normal("2 2"), _HALVES, options=dict(ignore_index=0), error=ValueError, match="integer labels"),
    Bad(losses.cross_entropy, "a real ignore_index", normal("2 3"), constant([0, 1]), options=dict(ignore_index=1.0), error=TypeError, match="ignore_index"),
    Bad(
        losses.cross_entropy, "too few weights", normal("2 3"), constant([0, 1]), arrays=dict(class_weights=normal("2")),
        error=ValueError, match="class_weights has shape",
    ),
    Bad(
        losses.cross_entropy, "integer weights", normal("2 3"), constant([0, 1]), arrays=dict(class_weights=integers("3", 1, 9)),
        error=TypeError, match="class_weights has dtype",
    ),

    Bad(losses.label_weights, "real labels", normal("4"), 3, error=TypeError, match="integer labels"),
    Bad(losses.label_weights, "a label too large", constant([0, 3]), 3, error=ValueError, match="classes in [0, 3)", eager=True),
    Bad(losses.label_weights, "no classes", constant([0, 1]), 0, error=ValueError, match="num_classes is 0"),
    Bad(losses.label_weights, "a real number of classes", constant([0, 1]), 2.0, error=TypeError, match="num_classes"),
    Bad(losses.label_weights, "weights of one would broadcast", constant([0, 1]), 2, arrays=dict(class_weights=normal("1")), error=ValueError, match="(2,)"),
]  # fmt: skip

NO_LOOP: dict[str, str] = {}
