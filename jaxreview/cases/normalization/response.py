"""Rows of division by the size of neighbouring channels or of the whole vector."""

import math

from jaxreview import normalization
from jaxreview.cases._inputs import away, distinct, integers, normal
from jaxreview.cases._rows import Bad, Bench, Case

CASES = [
    Case(
        normalization.local_response_norm, "five channels, large alpha", normal("N C", 2.0), dims=dict(N=3, C=7), options=dict(size=5, alpha=0.5, k=2.0),
        differentiable=(0,), batched=(0,), bench=Bench(dict(N=400, C=64), real={0: "digits"}),
    ),
    Case(
        normalization.local_response_norm, "an even number, wider than the channels, another exponent", normal("B H C"), dims=dict(B=2, H=3, C=5),
        options=dict(size=18, alpha=2.0, beta=0.6), differentiable=(0,), batched=(0,), order=1,
    ),
    Case(
        normalization.lp_normalize, "length", normal("N C", 2.0, 1.0), dims=dict(N=3, C=5),
        differentiable=(0,), batched=(0,), bench=Bench(dict(N=400, C=64), real={0: "digits"}),
    ),
    Case(
        normalization.lp_normalize, "cubes, another axis, a large floor", away("N C W", 0.0), dims=dict(N=2, C=3, W=4),
        options=dict(p=3, axis=-2, eps=0.5), differentiable=(0,), batched=(0,), order=1,
    ),
    Case(normalization.lp_normalize, "largest", distinct("N C"), dims=dict(N=3, C=4), options=dict(p=math.inf), differentiable=(0,), batched=(0,)),
]  # fmt: skip

BAD = [
    Bad(normalization.local_response_norm, "a scalar", normal(""), 3, error=ValueError, match="at least rank 1"),
    Bad(normalization.local_response_norm, "no channels under the window", normal("4 3"), 0, error=ValueError, match="size is 0"),
    Bad(normalization.local_response_norm, "half a channel", normal("4 3"), 2.5, error=TypeError, match="size is 2.5"),
    Bad(normalization.local_response_norm, "integer x", integers("4 3", 0, 9), 3, error=TypeError, match="floating"),
    Bad(normalization.local_response_norm, "negative alpha", normal("4 3"), 3, options=dict(alpha=-1.0), error=ValueError, match="alpha is -1"),
    Bad(normalization.local_response_norm, "no number for k", normal("4 3"), 3, options=dict(k=None), error=TypeError, match="static Python number"),
    Bad(normalization.lp_normalize, "a scalar", normal(""), error=ValueError, match="at least rank 1"),
    Bad(normalization.lp_normalize, "negative p", normal("4 3"), options=dict(p=-1), error=ValueError, match="p is -1"),
    Bad(normalization.lp_normalize, "p no number", normal("4 3"), options=dict(p=math.nan), error=ValueError, match="p is nan"),
    Bad(normalization.lp_normalize, "no eps", normal("4 3"), options=dict(eps=0.0), error=ValueError, match="greater than 0"),
    Bad(normalization.lp_normalize, "an axis too many", normal("4 3"), options=dict(axis=2), error=ValueError, match="axis is 2"),
    Bad(normalization.lp_normalize, "integer x", integers("4 3", 0, 9), error=TypeError, match="floating"),
]
