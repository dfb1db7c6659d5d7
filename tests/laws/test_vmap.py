"""Mapping over a new leading axis gives one result after another, and the batch axes of a function are just such axes."""

import copy

import jax
import jax.numpy as jnp
import pytest

from jaxreview import linear
from jaxreview.cases import CASES
from jaxreview.cases._rows import TOLERANCE, mismatch

from asking import of_every_row

LANES = 3


def stack(trees):
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *trees)


def mapped_difference(case):
    """``vmap`` over all arguments against one call after another."""
    lanes = [case.values("float32", seed) for seed in range(LANES)]
    one_by_one = jax.jit(case.bound())
    got = jax.jit(jax.vmap(case.bound()))(*(stack(arg) for arg in zip(*lanes, strict=True)))
    return mismatch(got, stack([one_by_one(*values) for values in lanes]), TOLERANCE["float32"])


def batched_difference(case):
    """The function on stacked batched arguments against ``vmap`` of it over them."""
    lanes = [case.values("float32", seed) for seed in range(LANES)]
    values = [stack([lane[i] for lane in lanes]) if i in case.batched else lanes[0][i] for i in range(len(lanes[0]))]
    axes = [0 if i in case.batched else None for i in range(len(values))]
    return mismatch(jax.jit(case.bound())(*values), jax.jit(jax.vmap(case.bound(), in_axes=axes))(*values), TOLERANCE["float32"])


@of_every_row("vmap", lambda case: bool(case.inputs or case.arrays))
def test_vmap_is_one_by_one(case):
    assert not mapped_difference(case)


@of_every_row("batch", lambda case: bool(case.batched))
def test_batch_axes_are_mapped_axes(case):
    assert not batched_difference(case)


@pytest.mark.parametrize("law", [mapped_difference, batched_difference])
def test_a_planted_fault_is_caught(law):
    case = copy.copy(next(c for c in CASES if c.function is linear.dense))

    @jax.custom_batching.custom_vmap
    def leaks(y):
        return y

    @leaks.def_vmap
    def _(size, in_batched, y):
        return jnp.roll(y, 1, 0), True

    case.function = lambda *args: leaks(linear.dense(*args))
    assert law(case)
