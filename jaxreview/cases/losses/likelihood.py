"""Rows of the negative log likelihoods."""

import numpy as np

from jaxreview import losses
from jaxreview.cases._inputs import constant, integers, normal, uniform
from jaxreview.cases._rows import Bad, Bench, Case

CASES = [
    Case(
        losses.nll_loss, "four examples", uniform("N K", -3.0, -0.1), integers("N", 0, "K"), dims=dict(N=4, K=5), differentiable=(0,), batched=(0, 1),
        bench=Bench(dict(N=40000, K=10)),
    ),
    Case(
        losses.nll_loss, "weights, an ignored label, classes second", normal("N K H"), constant([[0, 4], [-100, 2], [3, 0]]), dims=dict(N=3, K=5, H=2),
        arrays=dict(class_weights=uniform("K", 0.5, 2.0)), options=dict(axis=1, ignore_index=-100), differentiable=(0, 2),
    ),

    Case(
        losses.poisson_nll_loss, "log rates", uniform("N K", -2.0, 2.0), integers("N K", 0, 9), dims=dict(N=4, K=3), differentiable=(0,), batched=(0, 1),
        bench=Bench(dict(N=1797, K=64)),
    ),
    Case(
        losses.poisson_nll_loss, "rates, with the term of the counts", uniform("N K", 0.2, 5.0), constant([[0.0, 0.5, 1.5], [2.0, 7.0, 300.0]]),
        dims=dict(N=2, K=3), options=dict(log_input=False, full=True, eps=0.1), differentiable=(0, 1), batched=(0, 1),
    ),

    Case(
        losses.gaussian_nll_loss, "with the constant", normal("N K"), normal("N K"), uniform("N K", 0.2, 2.0), dims=dict(N=4, K=3),
        options=dict(full=True, eps=0.01), differentiable=(0, 1, 2), batched=(0, 1, 2), bench=Bench(dict(N=1797, K=64), real={1: "standardized_digits"}),
    ),
    Case(
        losses.gaussian_nll_loss, "variances of 0 and under ε", normal("N"), normal("N"), constant([0.0, 0.05, 0.5]), dims=dict(N=3),
        options=dict(eps=0.1), differentiable=(0, 1), batched=(0, 1, 2),
    ),
]  # fmt: skip

BAD = [
    Bad(losses.nll_loss, "labels as a column", normal("4 3"), integers("4 1", 0, 3), error=ValueError, match="without class axis 1"),
    Bad(losses.nll_loss, "distributions", normal("4 3"), uniform("4 3"), error=TypeError, match="integer labels"),
    Bad(losses.nll_loss, "integer log probabilities", integers("4 3", 0, 9), integers("4", 0, 3), error=TypeError, match="log_probabilities has dtype"),
    Bad(losses.nll_loss, "a scalar", normal(""), constant(np.array(0)), error=ValueError, match="at least rank 1"),
    Bad(losses.nll_loss, "no classes", normal("2 0"), constant([0, 0]), error=ValueError, match="at least one class"),
    Bad(losses.nll_loss, "a label too large", normal("2 3"), constant([0, 3]), error=ValueError, match="classes in [0, 3)", eager=True),
    Bad(losses.nll_loss, "no such axis", normal("2 3"), constant([0, 1]), options=dict(axis=2), error=ValueError, match="axis is 2"),
    Bad(losses.nll_loss, "a real ignore_index", normal("2 3"), constant([0, 1]), options=dict(ignore_index=1.0), error=TypeError, match="ignore_index"),
    Bad(
        losses.nll_loss, "too many weights", normal("2 3"), constant([0, 1]), arrays=dict(class_weights=normal("4")),
        error=ValueError, match="class_weights has shape",
    ),

    Bad(losses.poisson_nll_loss, "a column against a row", normal("4 1"), integers("4", 0, 9), error=ValueError, match="nothing is broadcast"),
    Bad(losses.poisson_nll_loss, "integer predictions", integers("4", 0, 9), integers("4", 0, 9), error=TypeError, match="predictions has dtype"),
    Bad(losses.poisson_nll_loss, "boolean counts", normal("2"), constant([True, False]), error=TypeError, match="targets has dtype bool"),
    Bad(losses.poisson_nll_loss, "negative eps", normal("4"), integers("4", 0, 9), options=dict(eps=-1.0), error=ValueError, match="eps is -1"),
    Bad(losses.poisson_nll_loss, "log_input not a bool", normal("4"), integers("4", 0, 9), options=dict(log_input=1), error=TypeError, match="log_input is 1"),

    Bad(losses.gaussian_nll_loss, "a variance for each row", normal("4 3"), normal("4 3"), uniform("4 1"), error=ValueError, match="variances has shape"),
    Bad(losses.gaussian_nll_loss, "a target for each column", normal("4 3"), normal("3"), uniform("4 3"), error=ValueError, match="targets has shape"),
    Bad(losses.gaussian_nll_loss, "integer targets", normal("4"), integers("4", 0, 9), uniform("4"), error=TypeError, match="targets has dtype"),
    Bad(
        losses.gaussian_nll_loss, "a negative variance", normal("2"), normal("2"), constant([1.0, -0.5]), error=ValueError, match="down to -0.5", eager=True,
    ),
    Bad(losses.gaussian_nll_loss, "eps of 0", normal("2"), normal("2"), uniform("2"), options=dict(eps=0.0), error=ValueError, match="greater than 0"),
    Bad(losses.gaussian_nll_loss, "full not a bool", normal("2"), normal("2"), uniform("2"), options=dict(full=None), error=TypeError, match="full is None"),
]  # fmt: skip
