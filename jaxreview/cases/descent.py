"""Rows of gradient descent: least squares, whose loss is written with operators alone, so that the loop can take it in NumPy as well."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import optax

from jaxreview import descent
from jaxreview.cases._inputs import Input, normal
from jaxreview.cases._rows import Bad, Bench, Case


class DescentCase(Case):
    """A row whose first input is the starting point and whose others are data: the loss is ``objective(params, *data)``."""

    own_call = True

    def __init__(self, function: Callable[..., Any], name: str, objective: Callable[..., Any], *inputs: Input, **settings: Any):
        super().__init__(function, name, *inputs, **settings)
        self.objective = objective

    def call(self, function: Callable[..., Any], args: tuple[Any, ...], arrays: Mapping[str, Any]) -> Any:
        """``function`` of the loss on this data."""
        return function(lambda params: self.objective(params, *args[1:]), args[0], **self.options)


def line(params: Any, x: Any, y: Any) -> Any:
    """Mean squared error of a linear map."""
    return ((x @ params - y) ** 2).mean()


def line_and_offset(params: Any, x: Any, y: Any) -> Any:
    """Mean squared error of an affine map whose parameters are a dict."""
    return ((x @ params["slope"] + params["offset"].reshape(1) - y) ** 2).mean()


def slope_and_offset(spec: str) -> Input:
    """A starting point for ``line_and_offset``."""
    slope, offset = normal(spec), normal("")
    return Input("slope and offset", lambda rng, dims: {"slope": slope.draw(rng, dims), "offset": np.asarray(offset.draw(rng, dims))})


_SETTINGS = dict(differentiable=(0, 1, 2), differenced=True, extremes=False, limits={"promotion": "the parameters keep their own dtype, whatever the data's"})
# extremes=False: on data of 1e18 every step overshoots by its square, and mathematics does not keep that finite.

CASES = [
    DescentCase(
        descent.gradient_descent, "least squares, momentum", line, normal("D"), normal("N D"), normal("N"), dims=dict(N=7, D=3),
        options=dict(optimizer=optax.sgd(0.05, momentum=0.9), steps=4),
        bench=Bench(dict(N=569, D=30), real={1: "breast_cancer", 2: "cancer_scores"}, split={0: 0}, examples=8, core=True), **_SETTINGS,
    ),
    DescentCase(
        descent.gradient_descent, "a dict of parameters, weight decay, RMSProp", line_and_offset, slope_and_offset("D"), normal("N D"), normal("N"),
        dims=dict(N=5, D=2), options=dict(optimizer=optax.chain(optax.add_decayed_weights(0.1), optax.rmsprop(0.05)), steps=3), **_SETTINGS,
    ),
]  # fmt: skip


def _square(w: Any) -> Any:
    return (w**2).sum()


_SGD = optax.sgd(0.1)

BAD = [
    Bad(descent.gradient_descent, "a loss for each row", lambda w: w**2, normal("3"), options=dict(optimizer=_SGD, steps=1), error=ValueError, match="scalar"),
    Bad(descent.gradient_descent, "an integer loss", lambda w: w.size, normal("3"), options=dict(optimizer=_SGD, steps=1), error=TypeError, match="one real"),
    Bad(descent.gradient_descent, "two losses", lambda w: (w[0], w[1]), normal("3"), options=dict(optimizer=_SGD, steps=1), error=TypeError, match="one real"),
    Bad(descent.gradient_descent, "no function", 3.0, normal("3"), options=dict(optimizer=_SGD, steps=1), error=TypeError, match="loss is a float"),
    Bad(
        descent.gradient_descent, "integer parameters", _square, np.arange(3), options=dict(optimizer=_SGD, steps=1), error=TypeError, match="params has dtype",
    ),
    Bad(descent.gradient_descent, "a learning rate", _square, normal("3"), options=dict(optimizer=0.1, steps=1), error=TypeError, match="optimizer is a float"),
    Bad(descent.gradient_descent, "negative steps", _square, normal("3"), options=dict(optimizer=_SGD, steps=-1), error=ValueError, match="steps is -1"),
    Bad(descent.gradient_descent, "half a step", _square, normal("3"), options=dict(optimizer=_SGD, steps=0.5), error=TypeError, match="steps is 0.5"),
]  # fmt: skip

NO_LOOP: dict[str, str] = {}
