"""Losses of an angle, worked by hand."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview.losses import cosine_distance, cosine_similarity, ntxent

from agree import agree


def slope(loss, *args, at=0, **settings):
    return jax.grad(lambda *a: loss(*a, **settings).sum(), at)(*args)


def test_by_hand():
    # (3, 4)·(4, 3)/25 = 0.96; slope (b/5 − cos · a/5)/5 = ((0.8, 0.6) − 0.96(0.6, 0.8))/5.
    a, b = jnp.array([3.0, 4.0]), jnp.array([4.0, 3.0])
    agree(cosine_similarity(a, b), np.array(0.96), "float32")
    agree(cosine_distance(a, b), np.array(0.04), "float16")
    agree(slope(cosine_similarity, a, b), np.array([0.0448, -0.0336]), "float32")
    agree(slope(cosine_distance, a, b), np.array([-0.0448, 0.0336]), "float32")
    assert cosine_similarity(a, -2.0 * a).item() == pytest.approx(-1.0)


@pytest.mark.parametrize("epsilon", [0.0, 1e-8, 1.0])
def test_a_zero_vector(epsilon):
    # TRAPS: optax has NaN without ε. Here it is at no angle, 0, with slope 0 without ε and b/(√ε·‖b‖) with it: then the norm is constant.
    zero, b = jnp.zeros(2), jnp.array([3.0, 4.0])
    assert cosine_similarity(zero, b, epsilon=epsilon).item() == 0.0
    assert cosine_similarity(zero, zero, epsilon=epsilon).item() == 0.0
    assert cosine_distance(b, zero, epsilon=epsilon).item() == 1.0
    want = np.zeros(2) if not epsilon else np.array([0.6, 0.8]) / math.sqrt(epsilon)
    agree(slope(cosine_similarity, zero, b, epsilon=epsilon), want, "float32")
    assert slope(cosine_similarity, b, zero, epsilon=epsilon).tolist() == [0.0, 0.0]
    assert jnp.isfinite(jax.hessian(lambda v: cosine_similarity(v, b, epsilon=epsilon))(zero)).all()


def test_epsilon_bounds_the_squared_norm():
    # ‖a‖ = ½, ε = 4: the bound is √ε = 2, so 0.5/2 = 0.25 instead of 1.
    assert cosine_similarity(jnp.array([0.5, 0.0]), jnp.array([3.0, 0.0]), epsilon=4.0).item() == 0.25


@pytest.mark.parametrize("size", [1e-37, 1e-20, 1e-8, 1e8, 1e20, 1e35])
def test_lengths_whose_squares_do_not_fit(size):
    a, b = jnp.array([3.0, 1.0]) * size, jnp.array([1.0, 3.0]) / size
    agree(cosine_similarity(a, b), np.array(0.6), "float32")
    agree(size * slope(cosine_similarity, a, jnp.array([1.0, 3.0])), slope(cosine_similarity, jnp.array([3.0, 1.0]), jnp.array([1.0, 3.0])), "float32")


def test_lengths_at_the_end_of_float32():
    agree(cosine_similarity(jnp.array([3e38, 1e38]), jnp.array([1e38, 3e38])), np.array(0.6), "float32")
    assert jnp.isfinite(slope(cosine_similarity, jnp.array([3e38, 1e38]), jnp.array([1e38, 3e38]))).all()


@pytest.mark.parametrize("hidden", [7.0, math.inf, math.nan])
def test_what_is_left_out_may_be_anything(hidden):
    a, b, where = jnp.array([[3.0, hidden, 4.0]]), jnp.array([[4.0, 5.0, 3.0]]), jnp.array([[True, False, True]])
    agree(cosine_similarity(a, b, where=where), np.array([0.96]), "float32")
    agree(slope(cosine_similarity, a, b, where=where), np.array([[0.0448, 0.0, -0.0336]]), "float32")
    assert cosine_similarity(a, b, where=jnp.array([False])).tolist() == [0.0]
    agree(cosine_similarity(a.T, b.T, axis=0, where=where.T), np.array([0.96]), "float32")
    agree(cosine_similarity(a, b, axis=None, where=where), np.array(0.96), "float32")


def test_halves_accumulate_in_float32():
    # 10⁴ ones: squares and products sum to 10⁴; in bfloat16 they would stop at 256.
    one = jnp.ones(10000, jnp.bfloat16)
    agree(cosine_similarity(one, one.at[:5000].set(0.0)), np.array(math.sqrt(0.5)), "bfloat16")


def test_ntxent_by_hand():
    # Points e1, e2 of one label and −e1 of another, τ = 1: s12 = 0, s13 = −1, s23 = 0. Pairs (1, 2): log(1 + e^−1), (2, 1): log 2.
    x, labels = jnp.array([[2.0, 0.0], [0.0, 3.0], [-1.0, 0.0]]), jnp.array([5, 5, -2])
    agree(ntxent(x, labels, temperature=1.0), np.array((math.log1p(math.exp(-1)) + math.log(2)) / 2), "float32")
    # τ = ½ doubles the scores.
    agree(ntxent(x, labels, temperature=0.5), np.array((math.log1p(math.exp(-2)) + math.log(2)) / 2), "float32")


def test_ntxent_without_pairs_or_without_others():
    # No pair costs 0 (optax: 0/0), and pairs without anybody to be told from cost 0.
    x = jnp.array([[1.0, 0.0], [0.0, 1.0]])
    for labels in (jnp.array([0, 1]), jnp.array([3, 3])):
        assert ntxent(x, labels).item() == 0.0
        assert jnp.array_equal(slope(ntxent, x, labels), jnp.zeros((2, 2)))
    assert ntxent(jnp.zeros((0, 2)), jnp.zeros((0,), int)).item() == 0.0


def test_ntxent_cold_and_of_zero_points():
    x, labels = jnp.array([[1.0, 0.0], [1.0, 1e-3], [-1.0, 0.0]]), jnp.array([0, 0, 1])
    for temperature in (1e-4, 0.07, 1e4):
        assert jnp.isfinite(ntxent(x, labels, temperature=temperature))
        assert jnp.isfinite(slope(ntxent, x, labels, temperature=temperature)).all()
    assert jnp.isfinite(slope(ntxent, x.at[0].set(0.0), labels)).all()
