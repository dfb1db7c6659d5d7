"""Rows of the losses of a softmax by the names of optax."""

import jax.numpy as jnp

from jaxreview import losses
from jaxreview.cases._inputs import constant, integers, normal, probabilities, uniform
from jaxreview.cases._rows import Bad, Bench, Case

_SOME = constant([[[True, False, True], [True, True, True]], [[False, False, True], [True, False, False]]])
_CLASSES = constant([[True, True, False, True], [True, False, True, True], [False, True, True, False]])

CASES = [
    Case(
        losses.softmax_cross_entropy, "distributions", normal("N K"), probabilities("N K"), dims=dict(N=4, K=5), differentiable=(0, 1), batched=(0, 1),
        bench=Bench(dict(N=1797, K=10), real={0: "digit_scores"}),
    ),
    Case(
        losses.softmax_cross_entropy, "two class axes, some classes", normal("2 2 3"), uniform("2 2 3"), arrays=dict(where=_SOME), options=dict(axis=(-1, -3)),
        differentiable=(0, 1),
    ),

    Case(
        losses.softmax_cross_entropy_with_integer_labels, "labels", normal("N K"), integers("N", 0, "K"), dims=dict(N=4, K=5), differentiable=(0,),
        batched=(0, 1), bench=Bench(dict(N=1797, K=10), real={0: "digit_scores", 1: "digit_labels"}),
    ),
    Case(
        losses.softmax_cross_entropy_with_integer_labels, "two class axes, some classes", normal("2 2 3"), constant([0, 3]), arrays=dict(where=_SOME),
        options=dict(axis=(-1, -3)), differentiable=(0,),
    ),

    Case(
        losses.safe_softmax_cross_entropy, "distributions", normal("N K"), probabilities("N K"), dims=dict(N=4, K=5), differentiable=(0, 1), batched=(0, 1),
        bench=Bench(dict(N=1797, K=10), real={0: "digit_scores"}),
    ),

    Case(
        losses.poly_loss_cross_entropy, "distributions", normal("N K"), probabilities("N K"), dims=dict(N=4, K=5), differentiable=(0, 1), batched=(0, 1),
        bench=Bench(dict(N=1797, K=10), real={0: "digit_scores"}),
    ),
    Case(
        losses.poly_loss_cross_entropy, "ε = −1, some classes, first axis", normal("3 4"), uniform("3 4"), arrays=dict(where=_CLASSES),
        options=dict(epsilon=-1.0, axis=0), differentiable=(0, 1),
    ),

    Case(
        losses.ranking_softmax_loss, "mean over lists", normal("N K"), integers("N K", 0, 4), dims=dict(N=4, K=5), differentiable=(0,),
        couples="the mean over the lists", bench=Bench(dict(N=1797, K=10), real={0: "digit_scores"}),
    ),
    Case(
        losses.ranking_softmax_loss, "weighted, short lists, not reduced", normal("3 4"), uniform("3 4", 0.1, 3.0),
        arrays=dict(where=_CLASSES, weights=uniform("3 4", 0.5, 2.0)), options=dict(reduce_fn=None), differentiable=(0, 1, 3), batched=(0, 1, 2, 3),
    ),

    Case(
        losses.smooth_labels, "the last axis", probabilities("N K"), dims=dict(N=4, K=5), options=dict(alpha=0.2), differentiable=(0,), batched=(0,),
        bench=Bench(dict(N=1797, K=10), real={0: "digit_probabilities"}),
    ),
    Case(
        losses.smooth_labels, "some classes, axis before the last", probabilities("3 4"), arrays=dict(where=_CLASSES), options=dict(alpha=0.3, axis=-2),
        differentiable=(0,), batched=(0, 1),
    ),
]  # fmt: skip

_SOFT = (losses.softmax_cross_entropy, losses.poly_loss_cross_entropy)

BAD = [
    *(
        bad for loss in (*_SOFT, losses.safe_softmax_cross_entropy, losses.ranking_softmax_loss) for bad in (
            Bad(loss, "labels of one example", normal("4 3"), uniform("3"), error=ValueError, match="nothing is broadcast"),
            Bad(loss, "integer logits", integers("4 3", 0, 9), uniform("4 3"), error=TypeError, match="logits has dtype"),
            Bad(loss, "a scalar logit", normal(""), uniform(""), error=ValueError, match="at least rank 1"),
            Bad(loss, "no classes", normal("4 0"), uniform("4 0"), error=ValueError, match="at least one element"),
        )
    ),
    *(
        bad for loss in _SOFT for bad in (
            Bad(loss, "no such axis", normal("4 3"), uniform("4 3"), options=dict(axis=2), error=ValueError, match="axis is 2"),
            Bad(loss, "an axis twice", normal("4 3"), uniform("4 3"), options=dict(axis=(0, -2)), error=ValueError, match="different axes"),
            Bad(
                loss, "a mask of one row", normal("4 3"), uniform("4 3"), arrays=dict(where=constant([True, True, False])), error=ValueError,
                match="where has shape",
            ),
            Bad(loss, "a mask of integers", normal("4 3"), uniform("4 3"), arrays=dict(where=integers("4 3", 0, 2)), error=TypeError, match="where has dtype"),
        )
    ),
    Bad(losses.poly_loss_cross_entropy, "ε an array", normal("4 3"), uniform("4 3"), options=dict(epsilon="2"), error=TypeError, match="epsilon is '2'"),

    *(
        bad for loss in (losses.softmax_cross_entropy_with_integer_labels,) for bad in (
            Bad(loss, "labels as a column", normal("4 3"), integers("4 1", 0, 3), error=ValueError, match="without class axis"),
            Bad(loss, "real labels", normal("4 3"), uniform("4"), error=TypeError, match="integer labels"),
            Bad(loss, "integer logits", integers("4 3", 0, 9), integers("4", 0, 3), error=TypeError, match="logits has dtype"),
            Bad(loss, "a label too large", normal("2 3"), constant([0, 3]), error=ValueError, match="classes in [0, 3)", eager=True),
            Bad(loss, "a negative label", normal("2 3"), constant([0, -1]), error=ValueError, match="from -1 to 0", eager=True),
            Bad(loss, "no axis", normal("2 3"), constant([0, 1]), options=dict(axis=None), error=TypeError, match="axis is None"),
            Bad(loss, "a mask of integers", normal("2 3"), constant([0, 1]), arrays=dict(where=integers("2", 0, 2)), error=TypeError, match="booleans"),
        )
    ),

    Bad(
        losses.ranking_softmax_loss, "weights of one list", normal("4 3"), uniform("4 3"), arrays=dict(weights=uniform("3")), error=ValueError,
        match="weights has shape",
    ),
    Bad(
        losses.ranking_softmax_loss, "a mask of lists", normal("4 3"), uniform("4 3"), arrays=dict(where=constant([True] * 4)), error=ValueError,
        match="where has shape",
    ),
    Bad(losses.ranking_softmax_loss, "a word", normal("4 3"), uniform("4 3"), options=dict(reduce_fn="mean"), error=TypeError, match="reduce_fn is 'mean'"),

    Bad(losses.smooth_labels, "integer labels", integers("4", 0, 3), 0.1, error=TypeError, match="labels has dtype"),
    Bad(losses.smooth_labels, "α over 1", uniform("4 3"), 1.5, error=ValueError, match="alpha is 1.5"),
    Bad(losses.smooth_labels, "α an array", uniform("4 3"), jnp.float32(0.5), error=TypeError, match="static"),
    Bad(losses.smooth_labels, "no such axis", uniform("4 3"), 0.1, options=dict(axis=2), error=ValueError, match="axis is 2"),
    Bad(losses.smooth_labels, "a mask of one row", uniform("4 3"), 0.1, arrays=dict(where=constant([True] * 3)), error=ValueError, match="where has shape"),
]  # fmt: skip
