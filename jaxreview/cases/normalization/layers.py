"""Rows of normalization by an example's own statistics."""

from jaxreview import normalization
from jaxreview.cases._inputs import integers, normal
from jaxreview.cases._rows import Bad, Bench, Case

CASES = [
    Case(
        normalization.layer_norm, "scale and bias", normal("N C", 2.0, 1.0), normal("C"), normal("C"), dims=dict(N=3, C=5),
        differentiable=(0, 1, 2), batched=(0,), bench=Bench(dict(N=500, C=64), real={0: "standardized_digits"}, core=True),
    ),
    Case(
        normalization.layer_norm, "a large axis and another, large eps", normal("C N W", 2.0, 1.0), normal("C W"), dims=dict(C=2, N=3, W=16),
        options=dict(axis=(-1, 0), eps=0.1), differentiable=(0, 1), order=1,
    ),
    Case(
        normalization.layer_norm, "nothing but x, not the last axis", normal("N C W"), dims=dict(N=2, C=4, W=3), options=dict(axis=-2),
        differentiable=(0,), batched=(0,),
    ),
    Case(
        normalization.rms_norm, "scale", normal("N C", 2.0, 1.0), normal("C"), dims=dict(N=3, C=5),
        differentiable=(0, 1), batched=(0,), bench=Bench(dict(N=500, C=64), real={0: "standardized_digits"}),
    ),
    Case(
        normalization.rms_norm, "two axes, large eps", normal("C N W"), normal("C W"), dims=dict(C=2, N=3, W=4), options=dict(axis=(0, 2), eps=0.1),
        differentiable=(0, 1), order=1,
    ),
    Case(
        normalization.group_norm, "images, scale and bias", normal("N H W C", 2.0, 1.0), dims=dict(N=2, H=3, W=4, C=6), options=dict(groups=3),
        arrays=dict(scale=normal("C"), bias=normal("C")), differentiable=(0, 1, 2), batched=(0,), bench=Bench(dict(N=8, H=16, W=17, C=12), core=True),
    ),
    Case(
        normalization.group_norm, "no spatial axes, large eps", normal("N C"), dims=dict(N=3, C=8), options=dict(groups=2, ndim=0, eps=0.1),
        differentiable=(0,), batched=(0,),
    ),
    # over a whole instance the normalized values sum to 0, and with them the scale's gradient in the law of sharding: no scale in the batched row
    Case(
        normalization.instance_norm, "images, scale and bias", normal("N H W C", 2.0, 1.0), normal("C"), normal("C"), dims=dict(N=2, H=3, W=4, C=5),
        differentiable=(0, 1, 2), bench=Bench(dict(N=8, H=32, W=33, C=3), real={0: "photographs"}, split={0: 0}),
    ),
    Case(
        normalization.instance_norm, "1-D, large eps", normal("B N L C"), dims=dict(B=2, N=1, L=9, C=3), options=dict(ndim=1, eps=0.1),
        differentiable=(0,), batched=(0,), order=1,
    ),
]  # fmt: skip

BAD = [
    *(
        bad
        for function in (normalization.layer_norm, normalization.rms_norm)
        for bad in (
            Bad(function, "a scalar", normal(""), error=ValueError, match="at least rank 1"),
            Bad(function, "scale of one would broadcast", normal("4 3"), normal("1"), error=ValueError, match="scale has shape"),
            Bad(function, "scale for two axes of one", normal("4 3"), normal("4 3"), error=ValueError, match="scale has shape"),
            Bad(function, "scale in the order of the tuple", normal("4 3 2"), normal("2 4"), options=dict(axis=(2, 0)), error=ValueError, match="(4, 2)"),
            Bad(function, "an axis twice", normal("4 3"), options=dict(axis=(1, -1)), error=ValueError, match="none twice"),
            Bad(function, "no axis", normal("4 3"), options=dict(axis=()), error=ValueError, match="at least one axis"),
            Bad(function, "an axis too many", normal("4 3"), options=dict(axis=2), error=ValueError, match="axis is 2"),
            Bad(function, "an axis in words", normal("4 3"), options=dict(axis="C"), error=TypeError, match="axis is 'C'"),
            Bad(function, "integer x", integers("4 3", 0, 9), error=TypeError, match="floating"),
            Bad(function, "negative eps", normal("4 3"), options=dict(eps=-1e-5), error=ValueError, match="eps is -1e-05"),
        )
    ),
    Bad(normalization.layer_norm, "bias as a row", normal("4 3"), normal("3"), normal("1 3"), error=ValueError, match="bias has shape"),
    Bad(normalization.group_norm, "too few axes", normal("4 6"), 2, error=ValueError, match="at least rank 3"),
    Bad(normalization.group_norm, "groups do not divide", normal("2 4 4 6"), 4, error=ValueError, match="divisor of the 6 channels"),
    Bad(normalization.group_norm, "no groups", normal("2 4 4 6"), 0, error=ValueError, match="groups is 0"),
    Bad(normalization.group_norm, "half a group", normal("2 4 4 6"), 1.5, error=TypeError, match="groups is 1.5"),
    Bad(normalization.group_norm, "scale of the groups", normal("2 4 4 6"), 2, normal("2"), error=ValueError, match="scale has shape"),
    Bad(normalization.group_norm, "negative ndim", normal("2 4 4 6"), 2, options=dict(ndim=-1), error=ValueError, match="ndim is -1"),
    Bad(normalization.group_norm, "integer x", integers("2 4 4 6", 0, 9), 2, error=TypeError, match="floating"),
    Bad(normalization.instance_norm, "too few axes", normal("4 6"), error=ValueError, match="at least rank 3"),
    Bad(normalization.instance_norm, "channels first", normal("2 6 4 5"), normal("6"), error=ValueError, match="scale has shape"),
    Bad(normalization.instance_norm, "bias as a row", normal("2 4 4 6"), normal("6"), normal("1 6"), error=ValueError, match="bias has shape"),
    Bad(normalization.instance_norm, "eps in words", normal("2 4 4 6"), options=dict(eps="small"), error=TypeError, match="static Python number"),
]
