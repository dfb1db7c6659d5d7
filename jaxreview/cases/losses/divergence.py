"""Rows of the Kullback–Leibler divergences."""

from jaxreview import losses
from jaxreview.cases._inputs import constant, integers, normal, probabilities, uniform
from jaxreview.cases._rows import Bad, Bench, Case

_SOME = constant([[True, False], [True, True], [False, True]])

CASES = [
    Case(
        losses.kl_divergence, "distributions", normal("N K", mean=-2.0), probabilities("N K"), dims=dict(N=4, K=5), differentiable=(0,), batched=(0, 1),
        bench=Bench(dict(N=1797, K=10), real={0: "digit_log_probabilities"}, core=True),
    ),
    Case(
        losses.kl_divergence, "first axis, some elements", normal("3 2"), uniform("3 2", 0.2, 0.9), arrays=dict(where=_SOME), options=dict(axis=-2),
        differentiable=(0, 1), batched=(0, 1, 2),
    ),

    Case(
        losses.kl_divergence_with_log_targets, "distributions", normal("N K", mean=-2.0), uniform("N K", -4.0, -0.5), dims=dict(N=4, K=5),
        differentiable=(0, 1), batched=(0, 1), bench=Bench(dict(N=1797, K=10), real={0: "digit_log_probabilities"}),
    ),
    Case(
        losses.kl_divergence_with_log_targets, "first axis, some elements", normal("3 2"), uniform("3 2", -4.0, -0.5), arrays=dict(where=_SOME),
        options=dict(axis=-2), differentiable=(0, 1), batched=(0, 1, 2),
    ),

    Case(
        losses.generalized_kl_divergence, "measures", uniform("N K", -3.0, 0.5), uniform("N K", 0.1, 2.0), dims=dict(N=4, K=5), differentiable=(0, 1),
        batched=(0, 1), bench=Bench(dict(N=1797, K=10), real={0: "digit_log_probabilities"}),
    ),
    Case(
        losses.generalized_kl_divergence, "first axis, some elements", uniform("3 2", -3.0, 0.5), uniform("3 2", 0.1, 2.0), arrays=dict(where=_SOME),
        options=dict(axis=-2), differentiable=(0, 1), batched=(0, 1, 2),
    ),

    Case(
        losses.convex_kl_divergence, "first axis, some elements", uniform("3 2", -3.0, 0.5), uniform("3 2", 0.1, 2.0), arrays=dict(where=_SOME),
        options=dict(axis=-2), differentiable=(0, 1), batched=(0, 1, 2),
    ),
    Case(
        losses.convex_kl_divergence, "measures", uniform("N K", -3.0, 0.5), uniform("N K", 0.1, 2.0), dims=dict(N=4, K=5), batched=(0, 1),
        bench=Bench(dict(N=1797, K=10), real={0: "digit_log_probabilities"}),
    ),
]  # fmt: skip

_FROM_TARGETS = (losses.kl_divergence, losses.generalized_kl_divergence, losses.convex_kl_divergence)

BAD = [
    *(
        bad for loss in (*_FROM_TARGETS, losses.kl_divergence_with_log_targets) for bad in (
            Bad(loss, "a column against a row", normal("4 1"), uniform("4"), error=ValueError, match="nothing is broadcast"),
            Bad(loss, "integer predictions", integers("4", 0, 9), uniform("4"), error=TypeError, match="log_predictions has dtype"),
            Bad(loss, "integer targets", normal("4"), integers("4", 0, 2), error=TypeError, match="targets has dtype"),
            Bad(loss, "no such axis", normal("4 3"), uniform("4 3"), options=dict(axis=2), error=ValueError, match="axis is 2"),
            Bad(loss, "a real axis", normal("4 3"), uniform("4 3"), options=dict(axis=1.0), error=TypeError, match="axis is 1.0"),
            Bad(loss, "a mask of one row", normal("4 3"), uniform("4 3"), arrays=dict(where=constant([True] * 3)), error=ValueError, match="where has shape"),
        )
    ),
    *(
        Bad(loss, "a negative target", normal("2"), constant([1.5, -0.5]), error=ValueError, match="targets reaches down to -0.5", eager=True)
        for loss in _FROM_TARGETS
    ),
]  # fmt: skip
