"""Every function equals the loop that defines it, in every dtype."""

import copy

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import linear
from jaxreview.cases import CASES, primitive_of
from jaxreview.cases._rows import DIFFERENCED, TOLERANCE, mismatch, to_numpy

from asking import of_every_row


def difference(case, loop, dtype):
    """What differs between a row and its loop, which gets the row's rounded inputs and computes in float64."""
    with jax.enable_x64(dtype == "float64"):
        values = case.values(dtype)
        got = jax.jit(case.bound())(*values)
        tolerance = max(DIFFERENCED, TOLERANCE[dtype]) if case.differenced else TOLERANCE[dtype]
        return mismatch(got, case.bound(loop)(*to_numpy(values)), tolerance)


DTYPES = [pytest.param(dtype, marks=[pytest.mark.thorough] if np.dtype(jnp.dtype(dtype)).itemsize < 4 else []) for dtype in TOLERANCE]


@pytest.mark.parametrize("dtype", DTYPES)
@of_every_row("loops", lambda case: primitive_of(case).loop is not None)
def test_equals_its_loop(case, dtype):
    assert not difference(case, primitive_of(case).loop, dtype)


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_a_planted_fault_is_caught(dtype):
    case = copy.copy(next(c for c in CASES if c.function is linear.dense))
    loop = primitive_of(next(c for c in CASES if c.function is linear.dense)).loop
    assert not difference(case, loop, dtype)
    case.function = lambda x, kernel, bias: linear.dense(x, kernel, bias) * jnp.asarray(1 + 3 * TOLERANCE[dtype], x.dtype)
    assert "off by" in difference(case, loop, dtype)


def test_mismatch_sees_shapes_integers_and_infinities():
    one = np.ones(3)
    assert not mismatch(one, one, 0.0)
    assert "shape" in mismatch(one, np.ones((3, 1)), 1.0)
    assert "integers" in mismatch(np.array([1, 2]), np.array([1, 3]), 1.0)
    assert "NaN" in mismatch(np.array([1.0, np.nan]), np.array([1.0, 2.0]), 1.0)
    assert "infinities" in mismatch(np.array([np.inf]), np.array([-np.inf]), 1.0)
    assert "arrays against" in mismatch((one, one), one, 1.0)
