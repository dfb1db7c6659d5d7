"""Rows of normalization by statistics of the batch."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import jax

from jaxreview import normalization
from jaxreview.cases._inputs import integers, normal, struct, uniform
from jaxreview.cases._rows import Bad, Bench, Case
from jaxreview.normalization import BatchStats, Standardizer

_STATS = struct(BatchStats, normal("C"), uniform("C", 0.5, 2.0))


class MappedCase(Case):
    """A row whose first argument is mapped over its leading axis under ``axis_name``; the loop takes it whole."""

    own_call = True

    def call(self, function: Callable[..., Any], args: tuple[Any, ...], arrays: Mapping[str, Any]) -> Any:
        """The function mapped, the loop as it is."""
        if function is not self.function:
            return function(*args, **arrays, **self.options)
        one = partial(function, **arrays, **self.options)
        return jax.vmap(one, in_axes=(0, *(None for _ in args[1:])), out_axes=(0, None), axis_name=self.options["axis_name"])(*args)


CASES = [
    Case(
        normalization.batch_norm, "scale and bias", normal("N C"), _STATS, normal("C"), normal("C"), dims=dict(N=4, C=3),
        differentiable=(0, 1, 2, 3), largest=1e18, batched=(0,), bench=Bench(dict(N=1797, C=64), real={0: "standardized_digits"}),
    ),
    Case(
        normalization.batch_norm, "statistics alone, large eps, images", normal("B H W C"), _STATS, dims=dict(B=2, H=4, W=5, C=3), options=dict(eps=0.1),
        differentiable=(0, 1), batched=(0,),
    ),
    Case(
        normalization.batch_norm, "no eps, one example", normal("C"), _STATS, normal("C"), dims=dict(C=5), options=dict(eps=0.0),
        differentiable=(0, 1, 2), batched=(0,),
    ),
    Case(
        normalization.batch_norm_train, "scale and bias", normal("N C", 2.0, 1.0), _STATS, normal("C"), normal("C"), dims=dict(N=5, C=3),
        differentiable=(0, 1, 2, 3), bench=Bench(dict(N=1797, C=64), real={0: "standardized_digits"}, split={0: 1, 1: 0, 2: 0, 3: 0}, join=-1, core=True),
    ),
    Case(
        normalization.batch_norm_train, "large eps, low momentum, images", normal("B H W C"), _STATS, dims=dict(B=2, H=3, W=4, C=5),
        options=dict(eps=0.1, momentum=0.25), differentiable=(0, 1), largest=1e30,
    ),
    Case(normalization.batch_norm_train, "volumes", normal("D H W C"), _STATS, normal("C"), dims=dict(D=4, H=2, W=5, C=3), differentiable=(0, 1, 2)),
    MappedCase(
        normalization.batch_norm_train, "a batch in mapped parts", normal("P N C", 2.0, 1.0), _STATS, normal("C"), normal("C"), dims=dict(P=4, N=2, C=3),
        options=dict(axis_name="parts"), differentiable=(0, 1, 2, 3), largest=1e18,
    ),
    # 24 positions, so many that the sums of one sweep are cut
    Case(
        normalization.batch_norm_train, "wide images", normal("B H W C", 2.0, 1.0), _STATS, normal("C"), normal("C"), dims=dict(B=2, H=1, W=24, C=2),
        differentiable=(0, 2, 3), order=1,
    ),
]  # fmt: skip

_THREE = struct(BatchStats, normal("3"), uniform("3", 0.5, 2.0))
_FITTED = struct(Standardizer, normal("3"), uniform("3", 0.5, 2.0))

BAD = [
    *(
        bad
        for function in (normalization.batch_norm, normalization.batch_norm_train)
        for bad in (
            Bad(function, "a scalar", normal(""), _THREE, error=ValueError, match="at least rank 1"),
            Bad(function, "statistics of other channels", normal("4 5"), _THREE, error=ValueError, match="stats.mean has shape"),
            Bad(function, "one variance", normal("4 3"), struct(BatchStats, normal("3"), uniform("1")), error=ValueError, match="var has shape"),
            Bad(function, "scale of one would broadcast", normal("4 3"), _THREE, normal("1"), error=ValueError, match="scale has shape"),
            Bad(function, "scalar scale", normal("4 3"), _THREE, normal(""), error=ValueError, match="scale has shape"),
            Bad(function, "bias as a row", normal("4 3"), _THREE, normal("3"), normal("1 3"), error=ValueError, match="bias has shape"),
            Bad(function, "channels first", normal("2 3 5 5"), _THREE, error=ValueError, match="one for each channel"),
            Bad(function, "a standardizer", normal("4 3"), _FITTED, error=TypeError, match="BatchStats"),
            Bad(function, "a plain array", normal("4 3"), normal("2 3"), error=TypeError, match="BatchStats"),
            Bad(function, "integer x", integers("4 3", 0, 9), _THREE, error=TypeError, match="floating"),
            Bad(function, "integer scale", normal("4 3"), _THREE, integers("3", 0, 9), error=TypeError, match="scale has dtype"),
            Bad(function, "negative eps", normal("4 3"), _THREE, options=dict(eps=-1e-5), error=ValueError, match="eps is -1e-05"),
            Bad(function, "eps in words", normal("4 3"), _THREE, options=dict(eps="small"), error=TypeError, match="static Python number"),
        )
    ),
    Bad(normalization.batch_norm_train, "no batch", normal("3"), _THREE, error=ValueError, match="batch axis"),
    Bad(normalization.batch_norm_train, "momentum of 2", normal("4 3"), _THREE, options=dict(momentum=2.0), error=ValueError, match="momentum is 2"),
    Bad(normalization.batch_norm_train, "no momentum", normal("4 3"), _THREE, options=dict(momentum=None), error=TypeError, match="static Python number"),
    Bad(normalization.batch_norm_train, "an axis by number", normal("4 3"), _THREE, options=dict(axis_name=0), error=TypeError, match="name of a mapped axis"),
    Bad(normalization.batch_norm_train, "no axis names", normal("4 3"), _THREE, options=dict(axis_name=()), error=TypeError, match="name of a mapped axis"),
]
