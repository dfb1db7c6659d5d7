"""Rows of the regularizations."""

import numpy as np

from jaxreview import regularization
from jaxreview.cases._inputs import integers, key, normal
from jaxreview.cases._rows import Bad, Bench, Case

CASES = [
    Case(
        regularization.dropout, "one sample", key(), normal("C"), dims=dict(C=20), options=dict(rate=0.25),
        differentiable=(1,), bench=Bench(dict(C=64), real={1: "digits"}, examples=256),
    ),
    Case(regularization.dropout, "samples", key(), normal("N C"), dims=dict(N=7, C=9), options=dict(rate=0.4), differentiable=(1,)),
    Case(
        regularization.dropout, "whole channels of images", key(), normal("B H W C"), dims=dict(B=2, H=3, W=4, C=5),
        options=dict(rate=0.5, broadcast_axes=(1, -2)), differentiable=(1,),
    ),
    Case(regularization.dropout, "switched off", key(), normal("C"), dims=dict(C=6), options=dict(rate=0.5, deterministic=True), differentiable=(1,)),
]  # fmt: skip

BAD = [
    Bad(regularization.dropout, "rate above 1", key(), normal("4 3"), options=dict(rate=1.5), error=ValueError, match="in [0, 1]"),
    Bad(regularization.dropout, "negative rate", key(), normal("4 3"), options=dict(rate=-0.1), error=ValueError, match="in [0, 1]"),
    Bad(regularization.dropout, "rate NaN", key(), normal("4 3"), options=dict(rate=float("nan")), error=ValueError, match="rate is nan"),
    Bad(regularization.dropout, "rate as an array", key(), normal("4 3"), normal(""), error=TypeError, match="static Python number"),
    Bad(regularization.dropout, "rate True", key(), normal("4 3"), options=dict(rate=True), error=TypeError, match="static Python number"),
    Bad(regularization.dropout, "integer x", key(), integers("4 3", 0, 9), options=dict(rate=0.5), error=TypeError, match="floating"),
    Bad(regularization.dropout, "no key", None, normal("4 3"), options=dict(rate=0.5), error=TypeError, match="jax.random.key"),
    Bad(regularization.dropout, "no key at rate 0", None, normal("4 3"), options=dict(rate=0.0), error=TypeError, match="jax.random.key"),
    Bad(regularization.dropout, "raw words", np.array([0, 1], np.uint32), normal("4 3"), options=dict(rate=0.5), error=TypeError, match="jax.random.key"),
    Bad(regularization.dropout, "x before the key", normal("4 3"), key(), options=dict(rate=0.5), error=TypeError, match="floating"),
    Bad(regularization.dropout, "deterministic: yes", key(), normal("4 3"), options=dict(rate=0.5, deterministic="yes"), error=TypeError, match="True or"),
    Bad(regularization.dropout, "an axis twice", key(), normal("4 3"), options=dict(rate=0.5, broadcast_axes=(1, -1)), error=ValueError, match="at most once"),
    Bad(regularization.dropout, "an axis too many", key(), normal("4 3"), options=dict(rate=0.5, broadcast_axes=(2,)), error=ValueError, match="rank 2"),
    Bad(regularization.dropout, "half an axis", key(), normal("4 3"), options=dict(rate=0.5, broadcast_axes=(0.5,)), error=TypeError, match="needs an int"),
    Bad(regularization.dropout, "an axis alone", key(), normal("4 3"), options=dict(rate=0.5, broadcast_axes=0), error=TypeError, match="tuple of ints"),
]


NO_LOOP: dict[str, str] = {}
