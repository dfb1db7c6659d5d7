"""Forward and reverse derivatives agree with finite differences, in first and second order."""

import copy

import jax
import jax.numpy as jnp
import pytest

from jaxreview import linear
from jaxreview.cases import CASES
from jaxreview.gradcheck import check_gradients

from asking import of_every_row


def report(case, order=2):
    with jax.enable_x64(True):
        values = case.values("float64")
    # jit and vmap have laws of their own
    return check_gradients(case.bound(), *values, argnums=case.differentiable, order=order, consistency=False)


@of_every_row("derivatives", lambda case: bool(case.differentiable))
def test_derivatives_agree_with_differences(case):
    report(case, 1).raise_if_wrong()


@pytest.mark.thorough
@of_every_row("derivatives", lambda case: bool(case.differentiable) and case.order == 2)
def test_second_derivatives_agree_with_differences(case):
    report(case).raise_if_wrong()


@pytest.mark.parametrize("fault", [1 + 1e-4, -1.0, 0.0])
def test_a_planted_fault_is_caught(fault):
    case = copy.copy(next(c for c in CASES if c.function is linear.dense))

    @jax.custom_jvp
    def wrong(y):
        return y

    wrong.defjvp(lambda primals, tangents: (primals[0], tangents[0].at[..., 0].multiply(fault)))
    case.function = lambda *args: wrong(linear.dense(*args))
    assert not report(case).ok


def test_a_fault_of_second_order_alone_is_caught():
    case = copy.copy(next(c for c in CASES if c.function is linear.dense))

    @jax.custom_jvp
    def cube(y):
        return y**3

    cube.defjvp(lambda primals, tangents: (cube(primals[0]), 3 * jax.lax.stop_gradient(primals[0]) ** 2 * tangents[0]))
    case.function = lambda *args: cube(linear.dense(*args))
    found = report(case)
    wrong = {check.mode for check in found.checks if not check.ok}
    assert wrong == {"forward over reverse", "reverse over reverse", "reverse over forward"}
    assert jnp.isfinite(jnp.asarray([check.error for check in found.checks])).all()
