"""At zeros, constants, tiny, huge, certain and missing values a row gives what mathematics gives: no infinity or NaN that float64 does not give too."""

import copy
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import linear
from jaxreview.cases import CASES
from jaxreview.cases._rows import to_jax

from asking import of_every_row

pytestmark = pytest.mark.thorough

# What the free reals of a row are filled with in turn. Up to 1e18 squares still fit into float32, and everything must be finite.
FILLS = {
    "zeros": [0.0],
    "a large constant": [1e4],
    "tiny": [1e-30, -1e-30],
    "huge and tiny": [0.0, 1e-30, -1e-30, 1e4, -1e4, 1e18, -1e18],
}
# Up to a row's own largest size, near the end of float32, only what float64 gives as a number that float32 holds must be finite.
LARGEST = [1.0, -1.0, 1e-38, 0.0, -1e-38]
# Inputs that are free reals; others (probabilities, labels, variances) keep to their domain.
FREE = ("normal", "away", "distinct")


def has(case, kinds):
    return any(recipe.label.startswith(kinds) for recipe in (*case.inputs, *case.arrays.values()))


def filled(case, fill, kinds=FREE):
    """The row's arguments in NumPy, those of the recipes ``kinds`` as ``fill`` makes them of a shape."""
    args, arrays = case.draw()
    recipes = (*case.inputs, *case.arrays.values())
    return [fill(np.shape(value)) if recipe.label.startswith(kinds) else value for recipe, value in zip(recipes, (*args, *arrays.values()), strict=True)]


def repeated(values, shape):
    return np.resize(np.array(values), shape) if np.prod(shape) else np.zeros(shape)


def certain(shape):
    """Distributions that are sure: along the last axis a single 1."""
    return np.eye(shape[-1])[np.arange(np.prod(shape[:-1], dtype=int)) % shape[-1]].reshape(shape)


def of_length(case, length):
    """The row's arguments with a batch of ``length`` of them in front of those that take a batch."""
    args, arrays = case.draw()
    return [
        jax.tree.map(lambda leaf: np.repeat(np.asarray(leaf)[None], length, 0), value) if position in case.batched else value
        for position, value in enumerate((*args, *arrays.values()))
    ]


class Asked:
    """A row compiled once for a dtype: all its real outputs, and the gradients of their sum by its differentiable arguments."""

    def __init__(self, case, dtype="float32"):
        self.case, self.dtype = case, dtype

        @jax.jit
        def compiled(values):
            def reals(*moving):
                at = list(values)
                for position, value in zip(case.differentiable, moving, strict=True):
                    at[position] = value
                return [leaf for leaf in jax.tree.leaves(case.bound()(*at)) if jnp.issubdtype(leaf.dtype, jnp.floating)]

            if not case.differentiable:
                return reals(), []
            out, pull = jax.vjp(reals, *(values[position] for position in case.differentiable))
            return out, [g for g in jax.tree.leaves(pull([jnp.ones_like(leaf) for leaf in out])) if jnp.issubdtype(g.dtype, jnp.floating)]

        self.compiled = compiled

    def __call__(self, given):
        with jax.enable_x64(self.dtype == "float64"):
            return jax.tree.map(np.asarray, self.compiled([to_jax(value, self.dtype) for value in given]))

    def lost(self, given):
        """Outputs and gradients with an infinity or NaN."""
        return [leaf for leaf in jax.tree.leaves(self(given)) if not np.isfinite(leaf).all()]


def complaints(case):
    """What is wrong with a row at the extremes."""
    ask, found = Asked(case), []
    if case.extremes and has(case, FREE):
        found += [f"not finite at {name}" for name, fill in FILLS.items() if ask.lost(filled(case, partial(repeated, fill)))]
        found += [f"beyond float64 at the largest: {x} for {y}" for x, y in beyond_float64(case, ask)]
        found += ["NaN is hidden"] * any(leaf.size and not np.isnan(leaf).any() for leaf in ask(filled(case, partial(repeated, [np.nan])))[0])
    if has(case, "probabilities"):
        found += ["not finite at certainty"] * bool(ask.lost(filled(case, certain, ("probabilities",))))
    return found


def beyond_float64(case, ask):
    """Where float32 gives an infinity or NaN, and the same work in float64 a number that float32 holds."""
    given = filled(case, partial(repeated, case.largest * np.array(LARGEST)))
    got, true = (jax.tree.leaves(asked(given)) for asked in (ask, Asked(case, "float64")))
    return [(x[lost], y[lost]) for x, y in zip(got, true, strict=True) if (lost := ~np.isfinite(x) & (np.abs(y) <= 1e38)).any()]


def lost_at_lengths(case):
    """Batch lengths, of none and of one example, at which something is not finite that is finite otherwise."""
    ask = Asked(case)
    return [length for length in (0, 1) if ask.lost(of_length(case, length)) and not ask.lost(of_length(case, 2))]


@of_every_row("extremes", lambda case: (case.extremes and has(case, FREE)) or has(case, "probabilities"))
def test_finite_at_extremes(case):
    assert not complaints(case)


@of_every_row("lengths", lambda case: bool(case.batched))
def test_a_batch_of_none_and_of_one(case):
    assert not lost_at_lengths(case)


def test_planted_faults_are_caught():
    case = copy.copy(next(c for c in CASES if c.function is linear.dense))
    assert not complaints(case)
    case.function = lambda *args: jnp.sqrt(jnp.square(linear.dense(*args)))
    assert "not finite at zeros" in complaints(case)
    case.function = lambda *args: jnp.square(jnp.square(linear.dense(*args)))
    assert "not finite at huge and tiny" in complaints(case)
    case.function = lambda *args: jnp.nan_to_num(linear.dense(*args))
    assert complaints(case) == ["NaN is hidden"]
    case.function, case.largest = lambda x, *others: jnp.sqrt(jnp.square(x) + 1.0), 1e38
    assert any("beyond float64" in complaint for complaint in complaints(case))
    case.function = lambda *args: linear.dense(*args) / args[0].shape[0] ** 0.5 if args[0].shape[0] > 1 else jnp.full((1,), jnp.nan)
    assert lost_at_lengths(case) == [0, 1]


@pytest.mark.parametrize("fault", [lambda p: jnp.log(p), lambda p: jnp.log1p(-p)])
def test_a_planted_fault_at_certainty_is_caught(fault):
    case = copy.copy(next(c for c in CASES if has(c, "probabilities")))
    position = next(i for i, recipe in enumerate(case.inputs) if recipe.label.startswith("probabilities"))
    case.function, case.options = lambda *args, **arrays: fault(args[position]), {}
    assert "not finite at certainty" in complaints(case)
