"""Rows of the activations."""

import numpy as np

from jaxreview import activations
from jaxreview.cases._inputs import away, constant, distinct, integers, normal, uniform
from jaxreview.cases._rows import Bad, Bench, Case

# every line along axes 0 and 2 keeps something, and something is left out
_SOME = np.array([[[1, 0, 1], [0, 1, 1], [1, 1, 1], [1, 0, 0]], [[1, 1, 0], [1, 1, 1], [0, 1, 1], [0, 0, 1]]], bool)

CASES = [
    Case(
        activations.sigmoid, "samples", normal("N C", 2.0), dims=dict(N=4, C=3),
        differentiable=(0,), batched=(0,), bench=Bench(dict(N=1797, C=64), real={0: "standardized_digits"}),
    ),
    Case(activations.sigmoid, "one number", normal(""), differentiable=(0,), batched=(0,)),
    Case(
        activations.tanh, "samples", normal("N C"), dims=dict(N=4, C=3),
        differentiable=(0,), batched=(0,), bench=Bench(dict(N=1797, C=64), real={0: "standardized_digits"}),
    ),
    Case(activations.tanh, "one number", normal(""), differentiable=(0,), batched=(0,)),
    Case(
        activations.relu, "samples", away("N C", 0.0), dims=dict(N=4, C=3),
        differentiable=(0,), batched=(0,), bench=Bench(dict(N=1797, C=64), real={0: "standardized_digits"}),
    ),
    Case(activations.relu, "images", away("B H W C", 0.0), dims=dict(B=2, H=3, W=4, C=5), differentiable=(0,), batched=(0,)),
    Case(
        activations.leaky_relu, "samples", away("N C", 0.0), dims=dict(N=4, C=3),
        differentiable=(0,), batched=(0,), bench=Bench(dict(N=1797, C=64), real={0: "standardized_digits"}),
    ),
    Case(
        activations.leaky_relu, "slope 0.2, images", away("B H W C", 0.0), dims=dict(B=2, H=3, W=4, C=5), options=dict(negative_slope=0.2),
        differentiable=(0,), batched=(0,),
    ),
    Case(
        activations.softmax, "classes last", normal("N C"), dims=dict(N=4, C=5),
        differentiable=(0,), batched=(0,), bench=Bench(dict(N=1797, C=10), real={0: "digit_scores"}),
    ),
    Case(
        activations.softmax, "over two axes, some left out", normal("2 4 3"), options=dict(axis=(0, -1)), arrays=dict(where=constant(_SOME)),
        differentiable=(0,),
    ),
    Case(
        activations.prelu, "a slope a channel", away("N C", 0.0), uniform("C", -0.5, 0.5), dims=dict(N=4, C=3),
        differentiable=(0, 1), batched=(0,), bench=Bench(dict(N=1797, C=64), real={0: "standardized_digits"}),
    ),
    Case(
        activations.prelu, "a slope a channel, images", away("B H W C", 0.0), uniform("C", -0.5, 0.5), dims=dict(B=2, H=3, W=4, C=5),
        differentiable=(0, 1), batched=(0,),
    ),
    Case(activations.prelu, "one slope", away("B N C", 0.0), uniform("1", 0.1, 0.5), dims=dict(B=2, N=4, C=3), differentiable=(0, 1), batched=(0,)),
    Case(activations.prelu, "scalar slope, one example", away("C", 0.0), uniform("", 0.1, 0.5), dims=dict(C=6), differentiable=(0, 1), batched=(0,)),
    Case(
        activations.maxout, "units of two", distinct("N C"), dims=dict(N=4, C=6), options=dict(pieces=2),
        differentiable=(0,), batched=(0,), bench=Bench(dict(N=1797, C=64), real={0: "digits"}),
    ),
    Case(
        activations.maxout, "units of three, images", distinct("B H W C"), dims=dict(B=2, H=3, W=5, C=6), options=dict(pieces=3),
        differentiable=(0,), batched=(0,),
    ),
    Case(activations.maxout, "units of five, one example", distinct("C"), dims=dict(C=20), options=dict(pieces=5), differentiable=(0,), batched=(0,)),
]  # fmt: skip

BAD = [
    Bad(activations.sigmoid, "a list", [1.0, 2.0], error=TypeError, match="list"),
    Bad(activations.sigmoid, "None", None, error=TypeError, match="NoneType"),
    Bad(activations.tanh, "a list", [1.0, 2.0], error=TypeError, match="list"),
    Bad(activations.tanh, "None", None, error=TypeError, match="NoneType"),
    Bad(activations.relu, "a list", [1.0, 2.0], error=TypeError, match="list"),
    Bad(activations.relu, "a string", "x", error=TypeError, match="str"),
    Bad(activations.leaky_relu, "a list", [1.0, 2.0], error=TypeError, match="list"),
    Bad(activations.leaky_relu, "None", None, error=TypeError, match="NoneType"),
    Bad(activations.softmax, "a list", [1.0, 2.0], error=TypeError, match="list"),
    Bad(activations.softmax, "axis out of range", normal("4 3"), options=dict(axis=2), error=ValueError, match="axis 2"),
    Bad(activations.softmax, "where of another shape", normal("4 3"), arrays=dict(where=constant([[True]] * 3)), error=ValueError, match="Incompatible"),
    Bad(activations.prelu, "a slope too many", normal("4 3"), normal("4"), error=ValueError, match="one for each channel"),
    Bad(activations.prelu, "slopes as a row", normal("4 3"), normal("1 3"), error=ValueError, match="slope has shape"),
    Bad(activations.prelu, "slopes for a scalar", normal(""), normal("3"), error=ValueError, match="slope has shape"),
    Bad(activations.prelu, "integer x", integers("4 3", -5, 5), normal("3"), error=TypeError, match="floating"),
    Bad(activations.prelu, "slope of integers", normal("4 3"), integers("3", 0, 2), error=TypeError, match="slope has dtype"),
    Bad(activations.maxout, "pieces do not divide", normal("4 6"), options=dict(pieces=4), error=ValueError, match="divisible by pieces = 4"),
    Bad(activations.maxout, "no pieces", normal("4 6"), options=dict(pieces=0), error=ValueError, match="at least 1"),
    Bad(activations.maxout, "half a piece", normal("4 6"), options=dict(pieces=1.5), error=TypeError, match="needs an int"),
    Bad(activations.maxout, "a scalar", normal(""), options=dict(pieces=1), error=ValueError, match="at least rank 1"),
    Bad(activations.maxout, "integer x", integers("4 6", -5, 5), options=dict(pieces=2), error=TypeError, match="floating"),
]


NO_LOOP: dict[str, str] = {}
