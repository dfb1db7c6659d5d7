"""Losses of vectors, worked by hand: values, slopes at zero, at ties and where the hinge bends, vectors far out."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview.losses import cosine_embedding_loss, triplet_margin_loss

from agree import agree


def slope(loss, *args, at=0, **settings):
    """The gradient of the sum with respect to the argument ``at``."""
    return jax.grad(lambda *a: loss(*a, **settings).sum(), at)(*args)


def test_cosine_embedding_by_hand():
    # (3, 4) against (4, 3): cos = 24/25.
    a, b = jnp.array([[3.0, 4.0]] * 4), jnp.array([[4.0, 3.0], [4.0, 3.0], [-3.0, -4.0], [-3.0, -4.0]])
    agree(cosine_embedding_loss(a, b, jnp.array([1, -1, 1, -1]), margin=0.5), np.array([0.04, 0.46, 2.0, 0.0]), "float32")
    # The slope is −(b/|b| − cos·a/|a|)/|a| = −((0.8, 0.6) − 0.96·(0.6, 0.8))/5.
    agree(slope(cosine_embedding_loss, a[:1], b[:1], jnp.array([1])), -np.array([[0.224, -0.168]]) / 5, "float32")


def test_cosine_embedding_where_it_bends():
    # cos = 0 is the margin: cost 0, and the slope (0, 1) of the cosine itself.
    a, b = jnp.array([1.0, 0.0]), jnp.array([0.0, 1.0])
    assert cosine_embedding_loss(a, b, jnp.array(-1)).item() == 0.0
    assert slope(cosine_embedding_loss, a, b, jnp.array(-1)).tolist() == [0.0, 1.0]


@pytest.mark.parametrize("sign", [1, -1])
def test_a_vector_of_zeros_has_cosine_zero_and_a_finite_slope(sign):
    zero, b, t = jnp.zeros(3), jnp.array([2.0, -1.0, 2.0]), jnp.array(sign)
    assert cosine_embedding_loss(zero, b, t).item() == float(sign == 1)
    # ∓b/|b| over 10⁻⁶, the root of what PyTorch adds to the square.
    agree(slope(cosine_embedding_loss, zero, b, t), -sign * np.array([2.0, -1.0, 2.0]) / 3e-6, "float32")
    assert slope(cosine_embedding_loss, zero, zero, t).tolist() == [0.0, 0.0, 0.0]
    h = jax.hessian(lambda v: cosine_embedding_loss(v, b, t))(zero)
    assert jnp.isfinite(h).all()


@pytest.mark.parametrize("scale", [1e-2, 1e10, 1e19, 1e35])
def test_the_cosine_does_not_depend_on_the_length(scale):
    a, b = jnp.array([3.0, 4.0]), jnp.array([4.0, 3.0])
    agree(cosine_embedding_loss(scale * a, b, jnp.array(1)), np.array(0.04), "float32")
    agree(cosine_embedding_loss(scale * a, scale * b, jnp.array(-1)), np.array(0.96), "float32")
    agree(scale * slope(cosine_embedding_loss, scale * a, scale * b, jnp.array(1)), -np.array([0.224, -0.168]) / 5, "float32")


def test_a_traced_target_that_is_no_sign_is_nan():
    a = jnp.ones((3, 2))
    assert jnp.isnan(jax.jit(cosine_embedding_loss)(a, a, jnp.array([1, 0, -1]))).tolist() == [False, True, False]


def test_triplet_by_hand():
    # d(a, p) = 5, d(a, n) = 2, d(p, n) = √(9 + 4): 0.5 + 5 − 2, and the same with swap, for the anchor is nearer.
    a, p, n = jnp.array([0.0, 0.0]), jnp.array([3.0, 4.0]), jnp.array([0.0, 2.0])
    assert triplet_margin_loss(a, p, n, margin=0.5, eps=0.0).item() == 3.5
    assert triplet_margin_loss(a, p, n, margin=0.5, eps=0.0, swap=True).item() == 3.5
    # d₁ = 7 and 2; d∞ = 4 and 2; all in other units of ½: (√3 + 2)² and 2.
    assert triplet_margin_loss(a, p, n, p=1, eps=0.0).item() == 6.0
    assert triplet_margin_loss(a, p, n, p=math.inf, eps=0.0).item() == 3.0
    agree(triplet_margin_loss(a, p, n, p=0.5, eps=0.0), np.array(1 + (math.sqrt(3) + 2) ** 2 - 2), "float32")
    # Unit vectors towards what is too far and away from what is too near.
    agree(slope(triplet_margin_loss, a, p, n, eps=0.0), np.array([-0.6, -0.8 + 1.0]), "float32")
    agree(slope(triplet_margin_loss, a, p, n, at=1, eps=0.0), np.array([0.6, 0.8]), "float32")
    # Far enough is free.
    assert triplet_margin_loss(a, n, p, margin=2.0, eps=0.0).item() == 0.0


def test_swap_takes_the_nearer_of_two():
    # d(a, n) = 4, d(p, n) = 3; at equal distances each gets half.
    a, p, n = jnp.array([0.0]), jnp.array([1.0]), jnp.array([4.0])
    assert triplet_margin_loss(a, p, n, margin=3.0, eps=0.0).item() == 0.0
    assert triplet_margin_loss(a, p, n, margin=3.0, eps=0.0, swap=True).item() == 1.0
    a, p, n = jnp.array([-1.0, 0.0]), jnp.array([1.0, 0.0]), jnp.array([0.0, 0.0])
    assert slope(triplet_margin_loss, a, p, n, eps=0.0, swap=True).tolist() == [-0.5, 0.0]


@pytest.mark.parametrize("p", [0.5, 1, 2, 3, math.inf])
@pytest.mark.parametrize("swap", [False, True])
def test_equal_vectors(p, swap):
    v = jnp.array([1.0, -2.0, 0.0])
    for eps in (0.0, 1e-6):
        agree(triplet_margin_loss(v, v, v, margin=0.25, p=p, swap=swap, eps=eps), np.array(0.25), "float32")
        for at in range(3):
            assert jnp.isfinite(slope(triplet_margin_loss, v, v, v, at=at, p=p, swap=swap, eps=eps)).all()
    assert slope(triplet_margin_loss, v, v, v, at=1, p=p, eps=0.0).tolist() == [0.0, 0.0, 0.0]


def test_eps_is_added_to_each_difference():
    # Equal vectors of four features are √4 · ε apart, with the slope ½ of each.
    zero, far = jnp.zeros(4), jnp.full(4, 1.0)
    agree(triplet_margin_loss(zero, zero, far, margin=2.0, eps=0.25), np.array(2.0 + 0.5 - 1.5), "float32")
    assert slope(triplet_margin_loss, zero, zero, far, at=1, margin=2.0, eps=0.25).tolist() == [-0.5] * 4
    # It breaks the symmetry, so that (0, 1) and (1, 0) differ.
    agree(triplet_margin_loss(far, zero, zero, margin=2.0, p=1, eps=0.25), np.array(2.0), "float32")


def test_where_the_hinge_bends():
    # 1 + 1 − 2 = 0: cost 0, with the slope of the line.
    a, p, n = jnp.array([0.0]), jnp.array([1.0]), jnp.array([2.0])
    assert triplet_margin_loss(a, p, n, eps=0.0).item() == 0.0
    assert slope(triplet_margin_loss, a, p, n, at=1, eps=0.0).tolist() == [1.0]
    assert slope(triplet_margin_loss, a, p, n, at=2, eps=0.0).tolist() == [-1.0]


@pytest.mark.parametrize("p", [1, 2, 3, math.inf])
@pytest.mark.parametrize("scale", [1e-25, 1e-15, 1e15, 1e25, 4e37])
def test_powers_neither_overflow_nor_vanish(p, scale):
    a, b, c = jnp.zeros(2), jnp.array([3.0, 4.0]), jnp.array([1.0, 2.0])
    settings = dict(margin=0.0, p=p, eps=0.0)
    agree(triplet_margin_loss(a, scale * b, scale * c, **settings), scale * triplet_margin_loss(a, b, c, **settings), "float32")
    agree(slope(triplet_margin_loss, a, scale * b, scale * c, **settings), slope(triplet_margin_loss, a, b, c, **settings), "float32")


def test_nan_goes_through():
    ok, nan = jnp.array([1.0, 2.0]), jnp.array([math.nan, 2.0])
    for p in (0.5, 1, 2, math.inf):
        assert jnp.isnan(triplet_margin_loss(nan, ok, ok, p=p))
        assert jnp.isnan(triplet_margin_loss(ok, nan, -ok, p=p))
    assert jnp.isnan(cosine_embedding_loss(nan, ok, jnp.array(1)))
    assert jnp.isnan(cosine_embedding_loss(ok, nan, jnp.array(-1)))


def test_halves_are_summed_in_float32():
    # |(1, …, 1)| of 1024 features is 32: a bfloat16 sum of ones stops at 256, of which the root is 16.
    one, zero = jnp.ones(1024, jnp.bfloat16), jnp.zeros(1024, jnp.bfloat16)
    assert triplet_margin_loss(zero, one, zero, eps=0.0).item() == 33.0
    assert cosine_embedding_loss(one, one, jnp.array(1)).dtype == jnp.bfloat16
    # The square of 300 is over what float16 holds.
    big = jnp.array([300.0, 400.0], jnp.float16)
    assert triplet_margin_loss(big, jnp.zeros_like(big), big, margin=0.0).tolist() == 500.0
    agree(cosine_embedding_loss(big, big, jnp.array(-1)), np.array(1.0), "float16")


def test_empty_batches_and_vectors():
    assert cosine_embedding_loss(jnp.zeros((0, 3)), jnp.zeros((0, 3)), jnp.zeros((0,), int)).shape == (0,)
    assert triplet_margin_loss(*[jnp.zeros((2, 0, 3))] * 3).shape == (2, 0)
    assert cosine_embedding_loss(jnp.zeros((2, 0)), jnp.zeros((2, 0)), jnp.array([1, -1])).tolist() == [1.0, 0.0]
    for p in (1, 2, math.inf):
        assert triplet_margin_loss(*[jnp.zeros((2, 0))] * 3, p=p).tolist() == [1.0, 1.0]
