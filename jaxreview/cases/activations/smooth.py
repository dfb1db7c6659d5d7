"""Rows of the smooth activations."""

import dataclasses

from jaxreview import activations
from jaxreview.cases._inputs import away, integers, normal, uniform
from jaxreview.cases._rows import Bad, Bench, Case

_DIGITS = Bench(dict(N=1797, C=64), real={0: "standardized_digits"})
_CORE = dataclasses.replace(_DIGITS, core=True)

CASES = [
    Case(activations.sigmoid, "samples", normal("N C", 2.0), dims=dict(N=4, C=3), differentiable=(0,), batched=(0,), bench=_CORE),
    Case(activations.sigmoid, "one number", normal(""), differentiable=(0,), batched=(0,)),
    Case(activations.log_sigmoid, "samples", normal("N C", 2.0), dims=dict(N=4, C=3), differentiable=(0,), batched=(0,), bench=_DIGITS),
    Case(activations.silu, "samples", normal("N C", 2.0), dims=dict(N=4, C=3), differentiable=(0,), batched=(0,), bench=_DIGITS),
    Case(activations.tanh, "samples", normal("N C"), dims=dict(N=4, C=3), differentiable=(0,), batched=(0,), bench=_CORE),
    Case(activations.tanh, "one number", normal(""), differentiable=(0,), batched=(0,)),
    Case(activations.tanh_shrink, "samples", normal("N C"), dims=dict(N=4, C=3), differentiable=(0,), batched=(0,), bench=_DIGITS),
    Case(activations.softplus, "samples", normal("N C", 2.0), dims=dict(N=4, C=3), differentiable=(0,), batched=(0,), bench=_DIGITS),
    Case(activations.softplus, "beta 20", normal("N C"), dims=dict(N=4, C=5), options=dict(beta=20.0), differentiable=(0,), batched=(0,)),
    Case(activations.mish, "samples", normal("N C", 2.0), dims=dict(N=4, C=3), differentiable=(0,), batched=(0,), bench=_DIGITS),
    Case(activations.squareplus, "samples", normal("N C", 2.0), dims=dict(N=4, C=3), differentiable=(0,), batched=(0,), bench=_DIGITS),
    Case(activations.squareplus, "b 0.3", normal("N C"), dims=dict(N=4, C=5), options=dict(b=0.3), differentiable=(0,), batched=(0,)),
    Case(activations.squareplus, "b an array", normal("N C"), uniform("N C", 0.1, 2.0), dims=dict(N=4, C=3), differentiable=(0, 1), batched=(0, 1)),
    Case(activations.soft_sign, "samples", away("N C", 0.0), dims=dict(N=4, C=3), differentiable=(0,), batched=(0,), bench=_DIGITS),
    Case(
        activations.elu, "alpha 0.7", away("N C", 0.0), dims=dict(N=4, C=3), options=dict(alpha=0.7), differentiable=(0,), batched=(0,), bench=_DIGITS,
    ),
    Case(
        activations.celu, "alpha 0.7", away("N C", 0.0), dims=dict(N=4, C=3), options=dict(alpha=0.7), differentiable=(0,), batched=(0,), bench=_DIGITS,
    ),
    Case(activations.selu, "samples", away("N C", 0.0), dims=dict(N=4, C=3), differentiable=(0,), batched=(0,), bench=_DIGITS),
    Case(activations.gelu, "samples", normal("N C", 2.0), dims=dict(N=4, C=3), differentiable=(0,), batched=(0,), bench=_CORE),
    Case(activations.gelu, "exact", normal("N C", 2.0), dims=dict(N=4, C=5), options=dict(approximate=False), differentiable=(0,), batched=(0,)),
    Case(
        activations.glu, "halves of the middle axis", normal("B N C"), dims=dict(B=2, N=4, C=3), options=dict(axis=-2),
        differentiable=(0,), batched=(0,), bench=Bench(dict(B=1797, N=8, C=8), real={0: "standardized_digits"}),
    ),
    Case(
        activations.log1mexp, "samples", uniform("N C", 0.2, 3.0), dims=dict(N=4, C=3),
        differentiable=(0,), batched=(0,), bench=Bench(dict(N=1797, C=64)),
    ),
]  # fmt: skip

BAD = [
    Bad(activations.sigmoid, "a list", [1.0, 2.0], error=TypeError, match="list"),
    Bad(activations.sigmoid, "None", None, error=TypeError, match="NoneType"),
    Bad(activations.log_sigmoid, "a list", [1.0, 2.0], error=TypeError, match="list"),
    Bad(activations.silu, "a list", [1.0, 2.0], error=TypeError, match="list"),
    Bad(activations.tanh, "a list", [1.0, 2.0], error=TypeError, match="list"),
    Bad(activations.tanh, "None", None, error=TypeError, match="NoneType"),
    Bad(activations.mish, "a list", [1.0, 2.0], error=TypeError, match="list"),
    Bad(activations.soft_sign, "a list", [1.0, 2.0], error=TypeError, match="list"),
    Bad(activations.elu, "a list", [1.0, 2.0], error=TypeError, match="list"),
    Bad(activations.celu, "a list", [1.0, 2.0], error=TypeError, match="list"),
    Bad(activations.selu, "a list", [1.0, 2.0], error=TypeError, match="list"),
    Bad(activations.log1mexp, "a list", [1.0, 2.0], error=TypeError, match="list"),
    Bad(activations.tanh_shrink, "integer x", integers("4 3", -5, 5), error=TypeError, match="floating"),
    Bad(activations.tanh_shrink, "a list", [1.0, 2.0], error=TypeError, match="list"),
    Bad(activations.softplus, "integer x", integers("4 3", -5, 5), error=TypeError, match="floating"),
    Bad(activations.softplus, "beta 0", normal("4 3"), options=dict(beta=0.0), error=ValueError, match="greater than 0"),
    Bad(activations.softplus, "beta infinite", normal("4 3"), options=dict(beta=float("inf")), error=ValueError, match="finite"),
    Bad(activations.softplus, "beta True", normal("4 3"), options=dict(beta=True), error=TypeError, match="static Python number"),
    Bad(activations.squareplus, "integer x", integers("4 3", -5, 5), error=TypeError, match="floating"),
    Bad(activations.squareplus, "b a channel", normal("4 3"), normal("3"), error=ValueError, match="nothing else is broadcast"),
    Bad(activations.squareplus, "b larger than x", normal("3"), normal("4 3"), error=ValueError, match="b has shape (4, 3)"),
    Bad(activations.squareplus, "b a string", normal("4 3"), "4", error=TypeError, match="b is a str"),
    Bad(activations.gelu, "integer x", integers("4 3", -5, 5), error=TypeError, match="floating"),
    Bad(activations.gelu, "PyTorch's setting", normal("4 3"), options=dict(approximate="tanh"), error=TypeError, match="True or False"),
    Bad(activations.glu, "integer x", integers("4 6", -5, 5), error=TypeError, match="floating"),
    Bad(activations.glu, "an odd axis", normal("4 3"), error=ValueError, match="even size along axis 1"),
    Bad(activations.glu, "an axis too many", normal("4 6"), options=dict(axis=2), error=ValueError, match="rank 2"),
    Bad(activations.glu, "a scalar", normal(""), error=ValueError, match="rank 0"),
]
