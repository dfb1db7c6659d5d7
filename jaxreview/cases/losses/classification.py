"""Rows of the losses of one class among K."""

import math

import numpy as np

from jaxreview import losses
from jaxreview.cases._inputs import constant, integers, normal, probabilities, uniform
from jaxreview.cases._rows import Bad, Bench, Case

CASES = [
    Case(
        losses.cross_entropy, "integer labels", normal("N K"), integers("N", 0, "K"), dims=dict(N=4, K=5),
        differentiable=(0,), batched=(0, 1), bench=Bench(dict(N=1797, K=10), real={0: "digit_scores", 1: "digit_labels"}, core=True),
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
