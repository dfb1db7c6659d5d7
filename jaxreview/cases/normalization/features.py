"""Rows of the standardization of features."""

import numpy as np

from jaxreview import normalization
from jaxreview.cases._inputs import constant, integers, normal, struct, uniform
from jaxreview.cases._rows import Bad, Bench, Case
from jaxreview.normalization import BatchStats, Standardizer

CASES = [
    Case(
        normalization.fit_standardizer, "samples", normal("N C", 2.0, 1.0), dims=dict(N=6, C=4),
        differentiable=(0,), bench=Bench(dict(N=1797, C=64), real={0: "digits"}, split={0: 1}, join=-1, core=True),
    ),
    Case(normalization.fit_standardizer, "images", normal("B H W C"), dims=dict(B=2, H=4, W=5, C=3), differentiable=(0,)),
    # at a constant feature the standard deviation has a kink, as |x| has at 0
    Case(normalization.fit_standardizer, "constant features", constant(np.array([[0.5, 1.0, -3.0], [0.5, 2.0, -3.0], [0.5, 4.0, -3.0], [0.5, 1.0, -3.0]]))),
    Case(
        normalization.standardize, "samples", normal("N C"), struct(Standardizer, normal("C"), uniform("C", 0.5, 2.0)), dims=dict(N=5, C=3),
        differentiable=(0, 1), batched=(0,), bench=Bench(dict(N=1797, C=64), real={0: "digits"}, core=True),
    ),
    Case(
        normalization.standardize, "constant features", normal("N C"), struct(Standardizer, normal("C"), constant(np.array([0.0, 2.0, 0.0]))),
        dims=dict(N=4, C=3), differentiable=(0,), batched=(0,),
    ),
    Case(
        normalization.standardize, "images", normal("B H W C"), struct(Standardizer, normal("C"), uniform("C", 0.5, 2.0)), dims=dict(B=2, H=4, W=5, C=3),
        differentiable=(0, 1), batched=(0,),
    ),
    Case(
        normalization.standardize, "one example", normal("C"), struct(Standardizer, normal("C"), uniform("C", 0.5, 2.0)), dims=dict(C=6),
        differentiable=(0, 1), batched=(0,),
    ),
    Case(
        normalization.unstandardize, "samples, a constant feature", normal("N C"),
        struct(Standardizer, normal("C"), constant(np.array([0.5, 0.0, 2.0]))), dims=dict(N=5, C=3),
        differentiable=(0,), batched=(0,), bench=Bench(dict(N=1797, C=64), real={0: "standardized_digits"}),
    ),
    Case(
        normalization.unstandardize, "images", normal("B H W C"), struct(Standardizer, normal("C"), uniform("C", 0.5, 2.0)), dims=dict(B=2, H=4, W=5, C=3),
        differentiable=(0, 1), batched=(0,),
    ),
]  # fmt: skip

_THREE = struct(BatchStats, normal("3"), uniform("3", 0.5, 2.0))
_FITTED = struct(Standardizer, normal("3"), uniform("3", 0.5, 2.0))

BAD = [
    Bad(normalization.fit_standardizer, "rank 1", normal("5"), error=ValueError, match="column (n, 1)"),
    Bad(normalization.fit_standardizer, "no samples", normal("0 3"), error=ValueError, match="at least one sample"),
    Bad(normalization.fit_standardizer, "integer x", integers("4 3", 0, 9), error=TypeError, match="floating"),
    Bad(normalization.fit_standardizer, "a list", [[1.0], [2.0]], error=TypeError, match="array"),
    *(
        bad
        for function in (normalization.standardize, normalization.unstandardize)
        for bad in (
            Bad(function, "other features", normal("4 5"), _FITTED, error=ValueError, match="fitted.mean has shape"),
            Bad(function, "std of one", normal("4 3"), struct(Standardizer, normal("3"), uniform("1")), error=ValueError, match="std has shape"),
            Bad(function, "mean as a row", normal("4 3"), struct(Standardizer, normal("1 3"), uniform("3")), error=ValueError, match="mean has shape"),
            Bad(function, "a scalar", normal(""), _FITTED, error=ValueError, match="at least rank 1"),
            Bad(function, "batch statistics", normal("4 3"), _THREE, error=TypeError, match="Standardizer"),
            Bad(function, "integer x", integers("4 3", 0, 9), _FITTED, error=TypeError, match="floating"),
        )
    ),
]
