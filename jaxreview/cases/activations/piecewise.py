"""Rows of the activations made of straight pieces."""

import dataclasses

import numpy as np

from jaxreview import activations
from jaxreview.cases._inputs import away, distinct, integers, key, normal, uniform
from jaxreview.cases._rows import Bad, Bench, Case

_DIGITS = Bench(dict(N=1797, C=64), real={0: "standardized_digits"})
_CORE = dataclasses.replace(_DIGITS, core=True)

CASES = [
    Case(activations.identity, "samples", normal("N C"), dims=dict(N=4, C=3), differentiable=(0,), batched=(0,), bench=_DIGITS),
    Case(activations.relu, "samples", away("N C", 0.0), dims=dict(N=4, C=3), differentiable=(0,), batched=(0,), bench=_CORE),
    Case(activations.relu, "images", away("B H W C", 0.0), dims=dict(B=2, H=3, W=4, C=5), differentiable=(0,), batched=(0,)),
    Case(activations.relu6, "samples", away("N C", 0.0, 6.0, scale=5.0), dims=dict(N=4, C=3), differentiable=(0,), batched=(0,), bench=_DIGITS),
    Case(activations.leaky_relu, "samples", away("N C", 0.0), dims=dict(N=4, C=3), differentiable=(0,), batched=(0,), bench=_CORE),
    Case(
        activations.leaky_relu, "slope 0.2, images", away("B H W C", 0.0), dims=dict(B=2, H=3, W=4, C=5), options=dict(negative_slope=0.2),
        differentiable=(0,), batched=(0,),
    ),
    Case(
        activations.prelu, "a slope a channel", away("N C", 0.0), uniform("C", -0.5, 0.5), dims=dict(N=4, C=3),
        differentiable=(0, 1), batched=(0,), bench=_CORE,
    ),
    Case(
        activations.prelu, "a slope a channel, images", away("B H W C", 0.0), uniform("C", -0.5, 0.5), dims=dict(B=2, H=3, W=4, C=5),
        differentiable=(0, 1), batched=(0,),
    ),
    Case(activations.prelu, "one slope", away("B N C", 0.0), uniform("1", 0.1, 0.5), dims=dict(B=2, N=4, C=3), differentiable=(0, 1), batched=(0,)),
    Case(activations.prelu, "scalar slope, one example", away("C", 0.0), uniform("", 0.1, 0.5), dims=dict(C=6), differentiable=(0, 1), batched=(0,)),
    Case(
        activations.rrelu, "one sample", key(), away("C", 0.0), dims=dict(C=20),
        differentiable=(1,), bench=Bench(dict(C=64), real={1: "standardized_digits"}, examples=256),
    ),
    Case(activations.rrelu, "slopes 0.3 to 0.9", key(), away("N C", 0.0), dims=dict(N=4, C=3), options=dict(lower=0.3, upper=0.9), differentiable=(1,)),
    Case(
        activations.rrelu, "switched off", key(), away("N C", 0.0), dims=dict(N=4, C=3), options=dict(deterministic=True),
        differentiable=(1,), batched=(1,),
    ),
    Case(activations.hard_sigmoid, "samples", away("N C", -3.0, 3.0, scale=3.0), dims=dict(N=4, C=3), differentiable=(0,), batched=(0,), bench=_DIGITS),
    Case(activations.hard_silu, "samples", away("N C", -3.0, 3.0, scale=3.0), dims=dict(N=4, C=3), differentiable=(0,), batched=(0,), bench=_DIGITS),
    Case(activations.hard_tanh, "samples", away("N C", -1.0, 1.0), dims=dict(N=4, C=3), differentiable=(0,), batched=(0,), bench=_DIGITS),
    Case(
        activations.hard_tanh, "from −0.5 to 2", away("N C", -0.5, 2.0, scale=2.0), dims=dict(N=4, C=5), options=dict(lower=-0.5, upper=2.0),
        differentiable=(0,), batched=(0,),
    ),
    Case(
        activations.threshold, "samples", away("N C", 0.25), dims=dict(N=4, C=3), options=dict(threshold=0.25, value=-1.5),
        differentiable=(0,), batched=(0,), bench=_DIGITS,
    ),
    Case(
        activations.hard_shrink, "bound 0.75", away("N C", -0.75, 0.75), dims=dict(N=4, C=3), options=dict(bound=0.75),
        differentiable=(0,), batched=(0,), bench=_DIGITS,
    ),
    Case(
        activations.soft_shrink, "bound 0.75", away("N C", -0.75, 0.75), dims=dict(N=4, C=3), options=dict(bound=0.75),
        differentiable=(0,), batched=(0,), bench=_DIGITS,
    ),
    Case(activations.sparse_plus, "samples", away("N C", -1.0, 1.0), dims=dict(N=4, C=3), differentiable=(0,), batched=(0,), bench=_DIGITS),
    Case(activations.sparse_sigmoid, "samples", away("N C", -1.0, 1.0), dims=dict(N=4, C=3), differentiable=(0,), batched=(0,), bench=_DIGITS),
    Case(
        activations.maxout, "units of two", distinct("N C"), dims=dict(N=4, C=6), options=dict(pieces=2),
        differentiable=(0,), batched=(0,), bench=Bench(dict(N=1797, C=64), real={0: "digits"}, core=True),
    ),
    Case(
        activations.maxout, "units of three, images", distinct("B H W C"), dims=dict(B=2, H=3, W=5, C=6), options=dict(pieces=3),
        differentiable=(0,), batched=(0,),
    ),
    Case(activations.maxout, "units of five, one example", distinct("C"), dims=dict(C=20), options=dict(pieces=5), differentiable=(0,), batched=(0,)),
]  # fmt: skip

_NAN = float("nan")

BAD = [
    Bad(activations.identity, "a list", [1.0, 2.0], error=TypeError, match="list"),
    Bad(activations.relu, "a list", [1.0, 2.0], error=TypeError, match="list"),
    Bad(activations.relu, "a string", "x", error=TypeError, match="str"),
    Bad(activations.relu6, "a list", [1.0, 2.0], error=TypeError, match="list"),
    Bad(activations.leaky_relu, "a list", [1.0, 2.0], error=TypeError, match="list"),
    Bad(activations.leaky_relu, "None", None, error=TypeError, match="NoneType"),
    Bad(activations.hard_silu, "a list", [1.0, 2.0], error=TypeError, match="list"),
    Bad(activations.prelu, "a slope too many", normal("4 3"), normal("4"), error=ValueError, match="one for each channel"),
    Bad(activations.prelu, "slopes as a row", normal("4 3"), normal("1 3"), error=ValueError, match="slope has shape"),
    Bad(activations.prelu, "slopes for a scalar", normal(""), normal("3"), error=ValueError, match="slope has shape"),
    Bad(activations.prelu, "integer x", integers("4 3", -5, 5), normal("3"), error=TypeError, match="floating"),
    Bad(activations.prelu, "slope of integers", normal("4 3"), integers("3", 0, 2), error=TypeError, match="slope has dtype"),
    Bad(activations.rrelu, "no key", None, normal("4 3"), error=TypeError, match="jax.random.key"),
    Bad(activations.rrelu, "raw words", np.array([0, 1], np.uint32), normal("4 3"), error=TypeError, match="jax.random.key"),
    Bad(activations.rrelu, "x before the key", normal("4 3"), key(), error=TypeError, match="floating"),
    Bad(activations.rrelu, "integer x", key(), integers("4 3", -5, 5), error=TypeError, match="floating"),
    Bad(activations.rrelu, "lower above upper", key(), normal("4 3"), options=dict(lower=0.5, upper=0.25), error=ValueError, match="at least lower = 0.5"),
    Bad(activations.rrelu, "lower as an array", key(), normal("4 3"), normal(""), error=TypeError, match="static Python number"),
    Bad(activations.rrelu, "deterministic: yes", key(), normal("4 3"), options=dict(deterministic="yes"), error=TypeError, match="True or"),
    Bad(activations.hard_tanh, "integer x", integers("4 3", -5, 5), error=TypeError, match="floating"),
    Bad(activations.hard_tanh, "lower above upper", normal("4 3"), options=dict(lower=2.0), error=ValueError, match="at least lower = 2"),
    Bad(activations.hard_tanh, "a bound NaN", normal("4 3"), options=dict(upper=_NAN), error=ValueError, match="upper is nan"),
    Bad(activations.hard_tanh, "a bound True", normal("4 3"), options=dict(upper=True), error=TypeError, match="static Python number"),
    Bad(activations.threshold, "integer x", integers("4 3", -5, 5), options=dict(threshold=0, value=1), error=TypeError, match="floating"),
    Bad(activations.threshold, "threshold as an array", normal("4 3"), normal("3"), options=dict(value=1), error=TypeError, match="static Python number"),
    Bad(activations.threshold, "value NaN", normal("4 3"), options=dict(threshold=0, value=_NAN), error=ValueError, match="value is nan"),
    Bad(activations.hard_shrink, "integer x", integers("4 3", -5, 5), error=TypeError, match="floating"),
    Bad(activations.hard_shrink, "negative bound", normal("4 3"), options=dict(bound=-0.5), error=ValueError, match="bound is -0.5"),
    Bad(activations.hard_shrink, "bound as an array", normal("4 3"), normal("3"), error=TypeError, match="static Python number"),
    Bad(activations.soft_shrink, "integer x", integers("4 3", -5, 5), error=TypeError, match="floating"),
    Bad(activations.soft_shrink, "negative bound", normal("4 3"), options=dict(bound=-0.5), error=ValueError, match="bound is -0.5"),
    Bad(activations.soft_shrink, "bound NaN", normal("4 3"), options=dict(bound=_NAN), error=ValueError, match="bound is nan"),
    Bad(activations.sparse_plus, "integer x", integers("4 3", -5, 5), error=TypeError, match="floating"),
    Bad(activations.sparse_plus, "a list", [1.0, 2.0], error=TypeError, match="list"),
    Bad(activations.maxout, "pieces do not divide", normal("4 6"), options=dict(pieces=4), error=ValueError, match="divisible by pieces = 4"),
    Bad(activations.maxout, "no pieces", normal("4 6"), options=dict(pieces=0), error=ValueError, match="at least 1"),
    Bad(activations.maxout, "half a piece", normal("4 6"), options=dict(pieces=1.5), error=TypeError, match="needs an int"),
    Bad(activations.maxout, "a scalar", normal(""), options=dict(pieces=1), error=ValueError, match="at least rank 1"),
    Bad(activations.maxout, "integer x", integers("4 6", -5, 5), options=dict(pieces=2), error=TypeError, match="floating"),
]
