"""At zeros, at constants, at tiny and at huge inputs a value and a gradient that mathematics keeps finite is finite."""

import copy

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import linear
from jaxreview.cases import CASES
from jaxreview.cases._rows import to_jax

from asking import of_every_row

HUGE_AND_TINY = [0.0, 1e-30, -1e-30, 1e4, -1e4, 1e18, -1e18]
FILLS = {
    "zeros": [0.0],
    "a large constant": [1e4],
    "tiny": [1e-30, -1e-30],
    "huge and tiny": HUGE_AND_TINY,
}
# Inputs that are free reals; others (probabilities, labels, variances) keep to their domain.
FREE = ("normal", "away", "distinct")


def filled(recipe, value, fill):
    if not recipe.label.startswith(FREE):
        return value
    return np.resize(np.array(fill), np.shape(value)) if np.size(value) else value


def not_finite(case, fill):
    args, arrays = case.draw()
    args = [filled(recipe, value, fill) for recipe, value in zip(case.inputs, args, strict=True)]
    values = [to_jax(value, np.float32) for value in (*args, *arrays.values())]

    def reals(*moving):
        given = list(values)
        for position, value in zip(case.differentiable, moving, strict=True):
            given[position] = value
        return [leaf for leaf in jax.tree.leaves(case.bound()(*given)) if jnp.issubdtype(leaf.dtype, jnp.floating)]

    moving = [values[position] for position in case.differentiable]
    out, pull = jax.vjp(jax.jit(reals), *moving)
    leaves = jax.tree.leaves((out, pull([jnp.ones_like(leaf) for leaf in out])))
    return [leaf for leaf in leaves if jnp.issubdtype(leaf.dtype, jnp.floating) and not bool(jnp.isfinite(leaf).all())]


@pytest.mark.parametrize("fill", FILLS.values(), ids=FILLS)
@of_every_row("extremes", lambda case: case.extremes and any(recipe.label.startswith(FREE) for recipe in case.inputs))
def test_finite_at_extremes(case, fill):
    assert not not_finite(case, fill)


def test_a_planted_fault_is_caught():
    case = copy.copy(next(c for c in CASES if c.function is linear.dense))
    case.function = lambda *args: jnp.sqrt(jnp.square(linear.dense(*args)))
    assert not_finite(case, FILLS["zeros"])
    case.function = lambda *args: jnp.square(linear.dense(*args))
    assert not_finite(case, FILLS["huge and tiny"])
