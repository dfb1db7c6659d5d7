"""Rows of normalized kernels."""

from jaxreview import normalization
from jaxreview.cases._inputs import integers, normal
from jaxreview.cases._rows import Bad, Bench, Case

CASES = [
    Case(
        normalization.weight_norm, "one length per output", normal("P Q C D"), normal("D"), dims=dict(P=2, Q=3, C=2, D=4),
        differentiable=(0, 1), bench=Bench(dict(P=3, Q=3, C=32, D=64), split={0: 3, 1: 0}, join=-1),
    ),
    Case(
        normalization.weight_norm, "one length per row", normal("C D"), normal("C"), dims=dict(C=3, D=5), options=dict(axis=0), differentiable=(0, 1), order=1,
    ),
    # u and v count as constants, so only without a step is the gradient that of the values; the second derivative never is
    Case(
        normalization.spectral_norm, "the given vector", normal("P C D"), normal("D"), dims=dict(P=2, C=3, D=4), options=dict(steps=0),
        differentiable=(0,), order=1,
    ),
    Case(
        normalization.spectral_norm, "two steps", normal("P Q C D"), normal("D"), dims=dict(P=2, Q=1, C=3, D=5), options=dict(steps=2),
        bench=Bench(dict(P=3, Q=3, C=16, D=32), examples=8),
    ),
]  # fmt: skip

BAD = [
    Bad(normalization.weight_norm, "a scalar", normal(""), normal("1"), error=ValueError, match="at least rank 1"),
    Bad(normalization.weight_norm, "one length for all", normal("4 3"), normal("1"), error=ValueError, match="g has shape"),
    Bad(normalization.weight_norm, "lengths of the other axis", normal("4 3"), normal("4"), error=ValueError, match="one for each slice of axis -1"),
    Bad(normalization.weight_norm, "lengths as a row", normal("4 3"), normal("1 3"), error=ValueError, match="g has shape"),
    Bad(normalization.weight_norm, "integer v", integers("4 3", 0, 9), normal("3"), error=TypeError, match="v has dtype"),
    Bad(normalization.weight_norm, "two axes", normal("4 3"), normal("3"), options=dict(axis=(0, 1)), error=TypeError, match="axis is (0, 1)"),
    Bad(normalization.spectral_norm, "a vector", normal("3"), normal("3"), error=ValueError, match="at least rank 2"),
    Bad(normalization.spectral_norm, "u of the inputs", normal("4 3"), normal("4"), error=ValueError, match="one for each output"),
    Bad(normalization.spectral_norm, "u a column", normal("4 3"), normal("3 1"), error=ValueError, match="u has shape"),
    Bad(normalization.spectral_norm, "negative steps", normal("4 3"), normal("3"), options=dict(steps=-1), error=ValueError, match="steps is -1"),
    Bad(normalization.spectral_norm, "half a step", normal("4 3"), normal("3"), options=dict(steps=0.5), error=TypeError, match="steps is 0.5"),
    Bad(normalization.spectral_norm, "integer kernel", integers("4 3", 0, 9), normal("3"), error=TypeError, match="kernel has dtype"),
]
