"""Division by neighbours and by the whole vector, worked by hand: windows, norms, and the vectors without a norm."""

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import local_response_norm, lp_normalize

from agree import agree


def test_local_response_norm_by_hand():
    # Windows of 3 over squares 1, 4, 16, with alpha / size = 1: 1 + 5, 1 + 21 and 1 + 20.
    y = local_response_norm(jnp.array([1.0, 2.0, -4.0]), 3, alpha=3.0, beta=1.0)
    agree(y, np.array([1 / 6, 2 / 22, -4 / 21]), "float32")


def test_an_even_window_reaches_farther_to_the_left():
    # Ones, size 4, alpha 1, k 1: channel c sees c − 2 … c + 1, of 4 channels that is 2, 3, 4, 3 of them: 1 / (1 + n/4).
    agree(local_response_norm(jnp.ones(4), 4, alpha=1.0, beta=1.0), 1 / (1 + np.array([2, 3, 4, 3]) / 4), "float32")


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.75, 1.0, 1.5])
@pytest.mark.parametrize("size", [1, 16, 17, 40])
def test_every_exponent_and_width(beta, size):
    x = np.random.default_rng(0).standard_normal((2, 20))
    squares = np.pad(x**2, ((0, 0), (size // 2, (size - 1) // 2)))
    energy = np.stack([squares[:, c : c + size].sum(1) for c in range(20)], 1)
    with jax.enable_x64(True):
        agree(local_response_norm(jnp.asarray(x), size, alpha=2.0, beta=beta, k=0.5), x / (0.5 + 2 / size * energy) ** beta)


def test_alpha_is_divided_by_size():
    x = jax.random.normal(jax.random.key(0), (3, 8))
    agree(local_response_norm(x, 1, alpha=1.0), x / (1 + x**2) ** 0.75, "float32")
    agree(local_response_norm(jnp.full(9, 2.0), 5, alpha=1.0)[4], np.array(2 / 5**0.75), "float32")


def test_large_values_are_finite():
    for size in (1e18, 1e30, 3e38):
        y, pull = jax.vjp(functools.partial(local_response_norm, size=5), jnp.full(6, size))
        assert jnp.isfinite(y).all()
        assert jnp.isfinite(pull(jnp.ones(6))[0]).all()
    # (1e-4 · 1e36)^0.75 = 1e24
    agree(local_response_norm(jnp.full(6, 1e18), 1), np.full(6, 1e-6), "float32")


def test_norms_by_hand():
    x = jnp.array([3.0, 0.0, -4.0])
    for p, size in ((0, 2), (1, 7), (2, 5), (math.inf, 4), (3, (27 + 64) ** (1 / 3)), (0.5, (3**0.5 + 2) ** 2)):
        agree(lp_normalize(x, p=p), np.asarray(x) / size, "float32")


def test_over_several_axes():
    x = jax.random.normal(jax.random.key(0), (2, 3, 4))
    agree(lp_normalize(x, axis=(0, -1)), x / jnp.sqrt((x**2).sum((0, 2), keepdims=True)), "float32")


@pytest.mark.parametrize("p", [0, 0.5, 1, 1.5, 2, 3, math.inf])
def test_a_zero_vector_has_a_finite_gradient(p):
    x = jnp.array([[0.0, 0.0, 0.0], [1.0, 0.0, -2.0]])
    y, pull = jax.vjp(functools.partial(lp_normalize, p=p, eps=0.25), x)
    assert y[0].tolist() == [0.0] * 3
    gradient = pull(jnp.ones_like(x))[0]
    # below eps the divisor is eps itself
    assert gradient[0].tolist() == [4.0] * 3
    assert jnp.isfinite(gradient).all()
    assert jnp.isfinite(jax.hessian(lambda x: (lp_normalize(x, p=p) ** 2).sum())(x[1])).all()


def test_the_gradient_of_a_length_by_hand():
    # y = x / 5 at (3, 4): dy/dx = (I − y yᵀ) / 5.
    y = np.array([0.6, 0.8])
    agree(jax.jacrev(lp_normalize)(jnp.array([3.0, 4.0])), (np.eye(2) - np.outer(y, y)) / 5, "float32")


def test_equally_large_entries_share_the_gradient_of_the_largest():
    # y_0 = x_0 / m at (2, −2, 1): 1/2 and −x_0 / m² · (±1/2) = −1/4, +1/4.
    gradient = jax.grad(lambda x: lp_normalize(x, p=math.inf)[0])(jnp.array([2.0, -2.0, 1.0]))
    agree(gradient, np.array([0.5 - 0.25, 0.25, 0.0]), "float32")


@pytest.mark.parametrize("size", [1e-30, 1e18, 1e38])
@pytest.mark.parametrize("p", [0.5, 1, 2, 3, math.inf])
def test_any_size_has_its_direction(size, p):
    x = np.array([1.0, -0.5, 0.25, 0.75])
    power = max(abs(x)) if p == math.inf else (abs(x) ** p).sum() ** (1 / p)
    y, pull = jax.vjp(functools.partial(lp_normalize, p=p, eps=1e-35), jnp.asarray(size * x, jnp.float32))
    # beyond float32 the norm itself is infinite
    agree(y, x / power if size * power < jnp.finfo(jnp.float32).max else np.zeros(4), "float32")
    assert jnp.isfinite(pull(jnp.ones(4))[0]).all()


def test_nan_and_empty_vectors():
    for p in (0, 1, 2, math.inf):
        assert jnp.isnan(lp_normalize(jnp.array([jnp.nan, 1.0]), p=p)).all()
        assert lp_normalize(jnp.zeros((3, 0)), p=p).shape == (3, 0)
        assert lp_normalize(jnp.zeros((0, 3)), p=p).shape == (0, 3)
