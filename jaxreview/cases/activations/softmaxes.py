"""Rows of the softmaxes and their logarithms."""

import numpy as np

from jaxreview import activations
from jaxreview.cases._inputs import constant, integers, key, normal
from jaxreview.cases._rows import Bad, Bench, Case

# every line along axes 0 and 2 keeps something, and something is left out
_SOME = np.array([[[1, 0, 1], [0, 1, 1], [1, 1, 1], [1, 0, 0]], [[1, 1, 0], [1, 1, 1], [0, 1, 1], [0, 0, 1]]], bool)

CASES = [
    Case(
        activations.softmax, "classes last", normal("N C"), dims=dict(N=4, C=5),
        differentiable=(0,), batched=(0,), bench=Bench(dict(N=1797, C=10), real={0: "digit_scores"}, core=True),
    ),
    Case(
        activations.softmax, "over two axes, some left out", normal("2 4 3"), options=dict(axis=(0, -1)), arrays=dict(where=constant(_SOME)),
        differentiable=(0,),
    ),
    Case(
        activations.log_softmax, "classes last", normal("N C"), dims=dict(N=4, C=5),
        differentiable=(0,), batched=(0,), bench=Bench(dict(N=1797, C=10), real={0: "digit_scores"}),
    ),
    Case(activations.log_softmax, "over two axes", normal("2 4 3"), options=dict(axis=(0, -1)), differentiable=(0,)),
    Case(
        activations.logmeanexp, "the last axis kept", normal("N C"), dims=dict(N=4, C=5), options=dict(axis=-1, keepdims=True),
        differentiable=(0,), batched=(0,), bench=Bench(dict(N=1797, C=10), real={0: "digit_scores"}),
    ),
    Case(
        activations.logmeanexp, "over two axes, some left out", normal("2 4 3"), options=dict(axis=(0, -1)), arrays=dict(where=constant(_SOME)),
        differentiable=(0,),
    ),
    Case(
        activations.softmin, "along the middle axis", normal("B N C"), dims=dict(B=2, N=4, C=3), options=dict(axis=-2),
        differentiable=(0,), batched=(0,), bench=Bench(dict(B=512, N=8, C=8), real={0: "standardized_digits"}),
    ),
    Case(
        activations.gumbel_softmax, "one draw", key(), normal("C"), dims=dict(C=6),
        differentiable=(1,), bench=Bench(dict(C=10), real={1: "digit_scores"}, examples=512),
    ),
    Case(
        activations.gumbel_softmax, "temperature 0.5, along axis 0", key(), normal("C N"), dims=dict(C=5, N=3), options=dict(temperature=0.5, axis=0),
        differentiable=(1,),
    ),
    # no gradient to check: what is passed straight through is not the derivative of the value
    Case(activations.gumbel_softmax, "hard", key(), normal("N C"), dims=dict(N=7, C=4), options=dict(hard=True)),
]  # fmt: skip

BAD = [
    Bad(activations.softmax, "a list", [1.0, 2.0], error=TypeError, match="list"),
    Bad(activations.softmax, "axis out of range", normal("4 3"), options=dict(axis=2), error=ValueError, match="axis 2"),
    Bad(activations.softmax, "where of another shape", normal("4 3"), arrays=dict(where=constant([[True]] * 3)), error=ValueError, match="Incompatible"),
    Bad(activations.log_softmax, "a list", [1.0, 2.0], error=TypeError, match="list"),
    Bad(activations.log_softmax, "axis out of range", normal("4 3"), options=dict(axis=2), error=ValueError, match="axis 2"),
    Bad(activations.logmeanexp, "axis out of range", normal("4 3"), options=dict(axis=2), error=ValueError, match="axis 2"),
    Bad(activations.softmin, "integer x", integers("4 3", -5, 5), error=TypeError, match="floating"),
    Bad(activations.softmin, "axis out of range", normal("4 3"), options=dict(axis=2), error=ValueError, match="rank 2"),
    Bad(activations.softmin, "a scalar", normal(""), error=ValueError, match="rank 0"),
    Bad(activations.softmin, "two axes", normal("4 3"), options=dict(axis=(0, 1)), error=TypeError, match="needs an int"),
    Bad(activations.gumbel_softmax, "no key", None, normal("4 3"), error=TypeError, match="jax.random.key"),
    Bad(activations.gumbel_softmax, "logits before the key", normal("4 3"), key(), error=TypeError, match="floating"),
    Bad(activations.gumbel_softmax, "integer logits", key(), integers("4 3", -5, 5), error=TypeError, match="floating"),
    Bad(activations.gumbel_softmax, "temperature 0", key(), normal("4 3"), options=dict(temperature=0.0), error=ValueError, match="greater than 0"),
    Bad(activations.gumbel_softmax, "temperature True", key(), normal("4 3"), options=dict(temperature=True), error=TypeError, match="static Python number"),
    Bad(activations.gumbel_softmax, "hard: 1", key(), normal("4 3"), options=dict(hard=1), error=TypeError, match="True or False"),
    Bad(activations.gumbel_softmax, "a scalar", key(), normal(""), error=ValueError, match="rank 0"),
]
