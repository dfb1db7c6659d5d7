"""Regression losses by the names of optax, worked by hand."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview.losses import absolute_error, huber_loss, l2_loss, log_cosh, smooth_l1_loss, squared_error

from agree import agree


def slope(loss, *args, **settings):
    return jax.grad(lambda *a: loss(*a, **settings).sum())(*args)


def test_absolute_error_and_its_slope_at_zero():
    # torch's slope at 0 is 0, that of jnp.abs is 1.
    d, zero = jnp.array([-2.0, 0.0, 3.0]), jnp.zeros(3)
    assert absolute_error(d, zero).tolist() == [2.0, 0.0, 3.0]
    assert slope(absolute_error, d, zero).tolist() == [-1.0, 0.0, 1.0]


def test_l2_is_half_the_square_and_its_slope_the_difference():
    p, t = jnp.array([1.0, 5.0]), jnp.array([3.0, 2.0])
    assert l2_loss(p, t).tolist() == [2.0, 4.5]
    assert slope(l2_loss, p, t).tolist() == [-2.0, 3.0]
    assert jnp.array_equal(2.0 * l2_loss(p), squared_error(p))


def test_huber_by_hand():
    # δ = 2: ½ · 0.5² = 0.125; 2(3 − 1) = 4; the slope is d clipped to ±2.
    d, zero = jnp.array([0.5, 3.0, -3.0]), jnp.zeros(3)
    assert huber_loss(d, zero, delta=2.0).tolist() == [0.125, 4.0, 4.0]
    assert slope(huber_loss, d, zero, delta=2.0).tolist() == [0.5, 2.0, -2.0]
    assert jnp.array_equal(huber_loss(d, delta=2.0), huber_loss(d, zero, delta=2.0))


def test_huber_where_the_pieces_meet():
    # Value δ²/2 and slope δ from either side; the curvature at |d| = δ is that of the line.
    two = jnp.array(2.0)
    assert huber_loss(two, delta=2.0).item() == 2.0
    assert jax.grad(huber_loss)(jnp.array(2.0)).item() == 1.0
    assert jax.grad(lambda p: huber_loss(p, delta=2.0))(two).item() == 2.0
    assert jax.hessian(lambda p: huber_loss(p, delta=2.0))(two).item() == 0.0
    assert jax.hessian(lambda p: huber_loss(p, delta=2.0))(jnp.array(1.5)).item() == 1.0
    assert jax.grad(huber_loss)(jnp.array(0.0)).item() == 0.0


@pytest.mark.parametrize("delta", [1e-3, 0.25, 1.0, 7.0])
def test_huber_is_delta_times_smooth_l1(delta):
    d = jnp.linspace(-9.0, 9.0, 31)
    agree(huber_loss(d, jnp.zeros(31), delta=delta), delta * smooth_l1_loss(d, jnp.zeros(31), beta=delta), "float32")


def test_huber_of_a_difference_whose_square_overflows():
    d = jnp.array([1e30, -1e30])
    agree(huber_loss(d), np.array([1e30, 1e30]), "float32")
    assert slope(huber_loss, d).tolist() == [1.0, -1.0]
    # Without an outside it is the parabola.
    assert huber_loss(jnp.array([3.0, -1e4]), delta=math.inf).tolist() == [4.5, 5e7]
    assert slope(huber_loss, jnp.array([3.0, -1e4]), delta=math.inf).tolist() == [3.0, -1e4]


def test_log_cosh_by_hand():
    # cosh(log 2) = (2 + ½)/2 = 5/4, and its slope tanh(log 2) = (2 − ½)/(2 + ½) = 3/5.
    d = jnp.array([math.log(2), -math.log(2)])
    agree(log_cosh(d), np.full(2, math.log(1.25)), "float32")
    agree(slope(log_cosh, d), np.array([0.6, -0.6]), "float32")
    assert jax.hessian(log_cosh)(jnp.array(0.0)).item() == 1.0


def test_log_cosh_keeps_small_losses():
    # d²/2 − d⁴/12: from |d| + log1p(e^−2|d|) − log 2 in float32 nothing would be left of 5e-11.
    agree(log_cosh(jnp.array([1e-5])), np.array([5e-11]), "float32")
    agree(log_cosh(jnp.array([1e-5])), squared_error(jnp.array([1e-5])) / 2.0, "float32")


def test_log_cosh_far_out_is_a_line():
    d = jnp.array([1e4, -1e4, 3e38])
    agree(log_cosh(d[:2]), np.full(2, 1e4 - math.log(2)), "float32")
    assert log_cosh(d)[2] == 3e38
    assert slope(log_cosh, d).tolist() == [1.0, -1.0, 1.0]


def test_log_cosh_is_smooth_where_its_forms_meet():
    edge = jnp.nextafter(jnp.float32(1.0), jnp.float32(0.0))
    agree(log_cosh(edge), log_cosh(jnp.float32(1.0)), "float32")


@pytest.mark.parametrize("loss", [absolute_error, l2_loss, huber_loss, log_cosh])
def test_the_difference_is_taken_in_float32(loss):
    # 2⁻⁹ + 1 needs more digits than bfloat16 has: in bfloat16 the difference, and so the loss, would be that of 1.
    half = loss(jnp.array([2.0**-9], jnp.bfloat16), jnp.array([-1.0], jnp.bfloat16))
    assert half.dtype == jnp.bfloat16
    assert half == loss(jnp.array([1.0 + 2.0**-9]), jnp.zeros(1)).astype(jnp.bfloat16)


@pytest.mark.parametrize("loss", [absolute_error, l2_loss, huber_loss, log_cosh])
def test_nan_and_nothing_go_through(loss):
    assert jnp.isnan(loss(jnp.array([math.nan]), jnp.zeros(1))).all()
    assert loss(jnp.zeros((0, 3)), jnp.zeros((0, 3))).shape == (0, 3)
