"""Rows of the losses of a linear classifier."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import jax

from jaxreview import losses
from jaxreview.cases._inputs import Input, away, constant, distinct, integers, normal, probabilities, signs, uniform
from jaxreview.cases._rows import Bad, BadInitializer, Bench, Case


def _log_sum_exp(scores: Any) -> float:
    largest, total = max(scores), 0.0
    for s in scores:
        total += math.exp(s - largest)
    return largest + math.log(total)


class _MadeCase(Case):
    """A row of a loss that is made from a maximum: the function is given JAX's, the loop the same as a loop."""

    own_call = True

    def __init__(self, name: str, *inputs: Input, max_fun: Callable[..., Any], max_loop: Callable[..., Any], **settings: Any):
        super().__init__(losses.make_fenchel_young_loss, name, *inputs, **settings)
        self.max_fun, self.max_loop = max_fun, max_loop

    def call(self, function: Callable[..., Any], args: tuple[Any, ...], arrays: Mapping[str, Any]) -> Any:
        return function(self.max_loop if ".loops." in function.__module__ else self.max_fun)(*args)


CASES = [
    Case(
        losses.hinge_loss, "targets ±1", away("N K", -1.0, 1.0), signs("N K"), dims=dict(N=4, K=3), differentiable=(0,), batched=(0, 1),
        bench=Bench(dict(N=1797, K=10), real={0: "digit_scores"}),
    ),
    Case(
        losses.perceptron_loss, "targets ±1", away("N K", 0.0), signs("N K"), dims=dict(N=4, K=3), differentiable=(0,), batched=(0, 1),
        bench=Bench(dict(N=1797, K=10), real={0: "digit_scores"}),
    ),
    Case(
        losses.sparsemax_loss, "class labels", away("N K", -1.0, 1.0), integers("N K", 0, 2), dims=dict(N=4, K=3), differentiable=(0,), batched=(0, 1),
        bench=Bench(dict(N=1797, K=10), real={0: "digit_scores"}),
    ),

    *(
        Case(
            loss, "labels", distinct("N K"), integers("N", 0, "K"), dims=dict(N=4, K=5), differentiable=(0,), batched=(0, 1),
            bench=Bench(dict(N=1797, K=10), real={0: "digit_scores", 1: "digit_labels"}),
        )
        for loss in (losses.multiclass_hinge_loss, losses.multiclass_perceptron_loss, losses.multiclass_sparsemax_loss)
    ),
    Case(
        losses.multiclass_sparsemax_loss, "several classes share", constant([[0.1, 0.5, 0.3, -0.2], [2.0, 0.3, 0.1, 1.7], [0.0, 3.0, 0.4, 0.1]]),
        constant([1, 2, 0]), differentiable=(0,), batched=(0, 1),
    ),

    _MadeCase(
        "logsumexp", normal("N K"), probabilities("N K"), max_fun=jax.nn.logsumexp, max_loop=_log_sum_exp, dims=dict(N=4, K=5), differentiable=(0, 1),
        batched=(0, 1), bench=Bench(dict(N=1797, K=10), real={0: "digit_scores"}),
    ),
    _MadeCase(
        "the maximum of a matrix's rows", distinct("2 3 4"), uniform("2 3 4"), max_fun=jax.numpy.max, max_loop=max, differentiable=(0, 1), batched=(0, 1),
    ),
]  # fmt: skip


class _BadMade(BadInitializer):
    """A call that must be refused of a loss that is made from ``max``."""

    def __init__(self, name: str, *inputs: Any, **settings: Any):
        super().__init__(losses.make_fenchel_young_loss, name, *inputs, options=dict(max_fun=jax.numpy.max), **settings)


BAD = [
    *(
        bad for loss in (losses.hinge_loss, losses.perceptron_loss) for bad in (
            Bad(loss, "a column against a row", normal("4 1"), signs("4"), error=ValueError, match="nothing is broadcast"),
            Bad(loss, "a scalar target", normal("4"), signs(""), error=ValueError, match="nothing is broadcast"),
            Bad(loss, "integer scores", integers("4", 0, 9), signs("4"), error=TypeError, match="predictor_outputs has dtype"),
            Bad(loss, "labels 0 and 1", normal("2"), constant([1, 0]), error=ValueError, match="targets holds 0", eager=True),
        )
    ),
    Bad(losses.sparsemax_loss, "a column against a row", normal("4 1"), integers("4", 0, 2), error=ValueError, match="nothing is broadcast"),
    Bad(losses.sparsemax_loss, "integer logits", integers("4", 0, 9), integers("4", 0, 2), error=TypeError, match="logits has dtype"),
    Bad(losses.sparsemax_loss, "labels ±1", normal("2"), constant([1, -1]), error=ValueError, match="needs 0 or 1", eager=True),
    Bad(losses.sparsemax_loss, "half a label", normal("2"), constant([1.0, 0.5]), error=ValueError, match="from 0.5 to 1", eager=True),

    *(
        bad for loss in (losses.multiclass_hinge_loss, losses.multiclass_perceptron_loss, losses.multiclass_sparsemax_loss) for bad in (
            Bad(loss, "labels as a column", normal("4 3"), integers("4 1", 0, 3), error=ValueError, match="labels has shape"),
            Bad(loss, "real labels", normal("4 3"), uniform("4"), error=TypeError, match="integer labels"),
            Bad(loss, "integer scores", integers("4 3", 0, 9), integers("4", 0, 3), error=TypeError, match="scores has dtype"),
            Bad(loss, "no classes", normal("2 0"), constant([0, 0]), error=ValueError, match="at least one class"),
            Bad(loss, "a label too large", normal("2 3"), constant([0, 3]), error=ValueError, match="classes in [0, 3)", eager=True),
        )
    ),

    Bad(losses.make_fenchel_young_loss, "a word", "max", error=TypeError, match="max_fun is 'max'"),
    Bad(losses.make_fenchel_young_loss, "nothing", None, error=TypeError, match="max_fun is None"),
    _BadMade("targets of one example", normal("4 3"), uniform("3"), error=ValueError, match="nothing is broadcast"),
    _BadMade("integer scores", integers("4 3", 0, 9), uniform("4 3"), error=TypeError, match="scores has dtype"),
    _BadMade("a scalar score", normal(""), uniform(""), error=ValueError, match="at least rank 1"),
]  # fmt: skip
