"""Losses of a yes or no by the names of optax, worked by hand."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview.losses import logistic_loss, sigmoid_binary_cross_entropy, sigmoid_focal_loss

from agree import agree

GAMMAS = [0.0, 0.1, 0.5, 1.0, 1.5, 2.0, 5.0]


def slope(loss, *args, at=0, **settings):
    return jax.grad(lambda *a: loss(*a, **settings).sum(), at)(*args)


def test_binary_cross_entropy_is_the_logistic_loss():
    z = jnp.linspace(-200.0, 200.0, 41)
    for y in (jnp.zeros(41), jnp.ones(41), jnp.full(41, 0.3)):
        assert jnp.array_equal(sigmoid_binary_cross_entropy(z, y), logistic_loss(z, y))


def test_an_infinite_logit_gives_the_limit():
    z, y = jnp.array([math.inf, math.inf, -math.inf, -math.inf]), jnp.array([1, 0, 1, 0])
    assert sigmoid_binary_cross_entropy(z, y).tolist() == [0.0, math.inf, math.inf, 0.0]
    assert sigmoid_focal_loss(z, y).tolist() == [0.0, math.inf, math.inf, 0.0]
    assert jnp.isfinite(slope(sigmoid_focal_loss, z, y, gamma=0.5)).all()


def test_focal_by_hand():
    # z = 0: p_t = ½, so (½)^γ·log 2; α = ¼ weights label 1 by ¼ and label 0 by ¾.
    z, y = jnp.zeros(2), jnp.array([1, 0])
    for gamma in GAMMAS:
        agree(sigmoid_focal_loss(z, y, gamma=gamma), np.full(2, 0.5**gamma * math.log(2)), "float32")
        agree(sigmoid_focal_loss(z, y, alpha=0.25, gamma=gamma), np.array([0.25, 0.75]) * 0.5**gamma * math.log(2), "float32")
    # d/dz of −(1 − p)²·log p at p = ½ is 2(1 − p)p(1 − p)·log p − (1 − p)²·(1 − p) = ¼·log ½ − ⅛.
    agree(slope(sigmoid_focal_loss, z[:1], y[:1]), np.array([0.25 * math.log(0.5) - 0.125]), "float32")


def test_focal_without_a_power_is_the_cross_entropy():
    z, y = jnp.linspace(-30.0, 30.0, 13), jnp.linspace(0.0, 1.0, 13)
    assert jnp.array_equal(sigmoid_focal_loss(z, y, gamma=0.0), sigmoid_binary_cross_entropy(z, y))


@pytest.mark.parametrize("gamma", GAMMAS)
@pytest.mark.parametrize("label", [0, 1])
def test_focal_of_a_sure_and_right_prediction(gamma, label):
    # TRAPS: the slope of (1 − p_t)^γ is infinite at p_t = 1 for γ < 1; times the cross entropy it is 0.
    z = jnp.array([20.0, 60.0, 88.0, 100.0, 1e4, 1e38]) * (2 * label - 1)
    y = jnp.full(6, label)
    assert jnp.isfinite(sigmoid_focal_loss(z, y, gamma=gamma)).all()
    first = slope(sigmoid_focal_loss, z, y, gamma=gamma)
    assert jnp.isfinite(first).all()
    assert first[-1] == 0.0
    assert jnp.isfinite(slope(lambda v: slope(sigmoid_focal_loss, v, y, gamma=gamma), z)).all()
    # By the label too.
    assert jnp.isfinite(slope(sigmoid_focal_loss, z[:-1], y.astype(jnp.float32)[:-1], at=1, gamma=gamma)).all()


def test_focal_keeps_small_losses():
    # 1 − p_t ≈ −log p_t ≈ e^−20, so the loss is e^−30 for γ = ½; its slope −1.5 times that.
    z, y = jnp.array([20.0]), jnp.array([1])
    agree(sigmoid_focal_loss(z, y, gamma=0.5), np.array([math.exp(-30.0)]), "float32")
    agree(slope(sigmoid_focal_loss, z, y, gamma=0.5), np.array([-1.5 * math.exp(-30.0)]), "float32")


def test_focal_of_a_sure_and_wrong_prediction_is_the_cross_entropy():
    assert sigmoid_focal_loss(jnp.array([-1e4]), jnp.array([1])).tolist() == [1e4]
    assert slope(sigmoid_focal_loss, jnp.array([-1e4]), jnp.array([1])).tolist() == [-1.0]


def test_focal_of_a_soft_label():
    # z = log 3, p = ¾, y = ¼: 1 − p_t = ¾·¾ + ¼·¼ = 5/8; cross entropy −¼·log ¾ − ¾·log ¼; α_t = 0.2·¼ + 0.8·¾ = 0.65.
    cost = -0.25 * math.log(0.75) - 0.75 * math.log(0.25)
    got = sigmoid_focal_loss(jnp.array([math.log(3)]), jnp.array([0.25]), alpha=0.2, gamma=3.0)
    agree(got, np.array([0.65 * 0.625**3 * cost]), "float32")


def test_labels_of_any_kind_and_nan():
    for loss in (sigmoid_binary_cross_entropy, sigmoid_focal_loss):
        want = loss(jnp.array([2.0, -1.0]), jnp.array([1.0, 0.0]))
        for labels in (jnp.array([True, False]), jnp.array([1, 0]), jnp.array([1, 0], jnp.uint8)):
            assert jnp.array_equal(loss(jnp.array([2.0, -1.0]), labels), want)
        assert jnp.isnan(loss(jnp.array([math.nan]), jnp.array([1]))).all()
        assert loss(jnp.zeros((0, 3)), jnp.zeros((0, 3))).shape == (0, 3)
        with pytest.raises(ValueError, match=r"in \[0, 1\]"):
            loss(jnp.zeros(1), jnp.array([2.0]))
        assert jax.jit(loss)(jnp.zeros(1), jnp.array([2.0])).shape == (1,)
