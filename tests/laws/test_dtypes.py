"""The result has the promoted dtype of the array arguments, whatever the x64 setting, and a gradient the dtype of its argument."""

import copy

import jax
import jax.numpy as jnp
import pytest

from jaxreview import linear
from jaxreview.cases import CASES
from jaxreview.cases._rows import TOLERANCE

from asking import of_every_row


def is_real(leaf):
    return jnp.issubdtype(leaf.dtype, jnp.floating)


def takes_reals(case):
    return any(is_real(leaf) for leaf in jax.tree.leaves(case.values("float32")))


def abstract(values):
    return jax.tree.map(lambda a: jax.ShapeDtypeStruct(a.shape, a.dtype), values)


def complaints(case, dtype):
    """What is wrong with the dtypes of a row whose reals are all ``dtype``, under both x64 settings."""
    found = []
    for x64 in (False, True) if dtype != "float64" else (True,):
        with jax.enable_x64(x64):
            values = case.values(dtype)
            out = jax.eval_shape(case.bound(), *abstract(values))
            for leaf in jax.tree.leaves(out):
                if is_real(leaf) and leaf.dtype != dtype:
                    found.append(f"x64={x64}: {dtype} in, {leaf.dtype} out")
                if not is_real(leaf) and leaf.dtype not in (jnp.int32, jnp.bool_) and leaf.dtype not in {v.dtype for v in jax.tree.leaves(values)}:
                    found.append(f"x64={x64}: {leaf.dtype} out")
                if getattr(leaf, "weak_type", False):
                    found.append(f"x64={x64}: weakly typed result")
            for position in case.differentiable:
                pushed = jax.eval_shape(lambda *a, at=position: jax.vjp(lambda v: case.bound()(*a[:at], v, *a[at + 1 :]), a[at])[0], *abstract(values))
                found += [f"x64={x64}: differentiating argument {position} gives {leaf.dtype}" for leaf in jax.tree.leaves(pushed)[:1] if leaf.dtype != dtype]
    return found


@pytest.mark.parametrize("dtype", TOLERANCE)
@of_every_row("dtypes", takes_reals)
def test_dtype_is_kept(case, dtype):
    assert not complaints(case, dtype)


def gives_reals_of_reals(case):
    values = case.values("float32")
    return len([v for v in jax.tree.leaves(values) if is_real(v)]) > 1 and any(map(is_real, jax.tree.leaves(jax.eval_shape(case.bound(), *abstract(values)))))


@of_every_row("promotion", gives_reals_of_reals)
def test_mixed_dtypes_promote(case):
    with jax.numpy_dtype_promotion("standard"):
        values = case.values("bfloat16")
        leaves, treedef = jax.tree.flatten(values)
        last = max(i for i, leaf in enumerate(leaves) if is_real(leaf))
        leaves[last] = leaves[last].astype(jnp.float32)
        out = jax.eval_shape(case.bound(), *jax.tree.unflatten(treedef, leaves))
        assert next(filter(is_real, jax.tree.leaves(out))).dtype == jnp.float32


def test_a_planted_fault_is_caught():
    case = copy.copy(next(c for c in CASES if c.function is linear.dense))
    case.function = lambda *args: linear.dense(*args).astype(jnp.float32)
    assert complaints(case, "bfloat16")
    assert not complaints(case, "float32")
    case.function = lambda *args: linear.dense(*args).astype(float)
    assert any("float64 out" in complaint for complaint in complaints(case, "float32"))
