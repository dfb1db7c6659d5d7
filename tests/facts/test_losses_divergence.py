"""Kullback–Leibler divergences, worked by hand."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview.losses import convex_kl_divergence, generalized_kl_divergence, kl_divergence, kl_divergence_with_log_targets

from agree import agree

ALL = [kl_divergence, generalized_kl_divergence, convex_kl_divergence, kl_divergence_with_log_targets]


def slope(loss, *args, at=0, **settings):
    return jax.grad(lambda *a: loss(*a, **settings).sum(), at)(*args)


def test_by_hand():
    # t = (¼, ¾), p = (½, ½): ¼·log ½ + ¾·log(3/2). Slopes: −t by log p, log t + 1 − log p by t.
    log_p, t = jnp.log(jnp.array([0.5, 0.5])), jnp.array([0.25, 0.75])
    want = 0.25 * math.log(0.5) + 0.75 * math.log(1.5)
    for loss in ALL[:3]:
        agree(loss(log_p, t), np.array(want), "float32")
    agree(kl_divergence_with_log_targets(log_p, jnp.log(t)), np.array(want), "float32")
    agree(slope(kl_divergence, log_p, t), np.array([-0.25, -0.75]), "float32")
    agree(slope(kl_divergence, log_p, t, at=1), np.array([math.log(0.5) + 1, math.log(1.5) + 1]), "float32")
    # Of the generalized: p − t, and log t − log p.
    agree(slope(generalized_kl_divergence, log_p, t), np.array([0.25, -0.25]), "float32")
    agree(slope(generalized_kl_divergence, log_p, t, at=1), np.array([math.log(0.5), math.log(1.5)]), "float32")


@pytest.mark.parametrize("log_p", [-1.0, -math.inf])
def test_a_target_of_zero(log_p):
    # TRAPS: 0·log 0 = 0 with zero gradient; optax has NaN, and so it has where the prediction too is 0.
    given, t = jnp.array([log_p, 0.0]), jnp.array([0.0, 1.0])
    assert kl_divergence(given, t).item() == 0.0
    assert slope(kl_divergence, given, t).tolist() == [0.0, -1.0]
    assert slope(kl_divergence, given, t, at=1).tolist() == [0.0, 1.0]
    for loss in (generalized_kl_divergence, convex_kl_divergence):
        agree(loss(given, t), np.array(math.exp(log_p)), "float32")
        assert jnp.isfinite(slope(loss, given, t)).all()
        assert jnp.isfinite(slope(loss, given, t, at=1)).all()
    log_t = jnp.array([-math.inf, 0.0])
    assert kl_divergence_with_log_targets(given, log_t).item() == 0.0
    assert slope(kl_divergence_with_log_targets, given, log_t).tolist() == [0.0, -1.0]
    assert slope(kl_divergence_with_log_targets, given, log_t, at=1).tolist() == [0.0, 1.0]


def test_a_prediction_of_zero_costs_infinitely_much():
    assert kl_divergence(jnp.array([-math.inf, 0.0]), jnp.array([0.5, 0.5])).item() == math.inf
    assert kl_divergence_with_log_targets(jnp.array([-math.inf, 0.0]), jnp.log(jnp.array([0.5, 0.5]))).item() == math.inf


def test_it_is_zero_just_where_both_are_equal():
    t = jnp.array([0.5, 2.0, 0.25])
    for loss in (generalized_kl_divergence, convex_kl_divergence):
        assert loss(jnp.log(t), t).item() == 0.0
        assert loss(jnp.log(t) + 0.1, t).item() > 0.0
        assert loss(jnp.log(t) - 0.1, t).item() > 0.0
    assert kl_divergence_with_log_targets(jnp.log(t), jnp.log(t)).item() == 0.0


def test_the_generalized_counts_masses():
    # p = (2, 1), t = (1, 1): log ½ + 1.
    agree(generalized_kl_divergence(jnp.log(jnp.array([2.0, 1.0])), jnp.ones(2)), np.array(1 - math.log(2)), "float32")


@pytest.mark.parametrize("loss", ALL)
@pytest.mark.parametrize("hidden", [100.0, math.inf, -math.inf, math.nan])
def test_what_is_left_out_may_be_anything(loss, hidden):
    second = jnp.array([[0.5, 0.5, 0.0]])
    first, where = jnp.array([[-1.0, -0.5, hidden]]), jnp.array([[True, True, False]])
    agree(loss(first, second, where=where), loss(first[:, :2], second[:, :2]), "float32")
    for at in (0, 1):
        got = slope(loss, first, second, at=at, where=where)
        assert got[0, 2] == 0.0
        agree(got[:, :2], slope(loss, first[:, :2], second[:, :2], at=at), "float32")
    # For each example, of which nothing then is left.
    assert loss(first, second, where=jnp.array([False])).tolist() == [0.0]


@pytest.mark.parametrize("loss", ALL)
def test_axes(loss):
    rng = np.random.default_rng(0)
    a, b = jnp.asarray(rng.uniform(-2.0, 0.0, (2, 3, 4)), "float32"), jnp.asarray(rng.uniform(0.1, 1.0, (2, 3, 4)), "float32")
    one = jnp.stack([loss(a[:, i].reshape(-1), b[:, i].reshape(-1)) for i in range(3)])
    agree(loss(a, b, axis=(0, 2)), one, "float32")
    agree(loss(a, b, axis=(-1, 0)), one, "float32")
    agree(loss(a, b, axis=None), one.sum(), "float32")
    assert loss(jnp.zeros((0, 3)), jnp.ones((0, 3))).shape == (0,)
    assert jnp.isnan(loss(jnp.array([math.nan]), jnp.ones(1)))
    assert jnp.isnan(loss(jnp.zeros(1), jnp.array([math.nan])))


def test_a_negative_target_is_refused_or_nan():
    for loss in ALL[:3]:
        with pytest.raises(ValueError, match="not negative"):
            loss(jnp.zeros(2), jnp.array([1.5, -0.5]))
        assert jnp.isnan(jax.jit(loss)(jnp.zeros(2), jnp.array([1.5, -0.5])))


def test_halves_accumulate_in_float32():
    # 4096 terms of 2⁻¹² · log 2 make log 2; bfloat16 sums would stop growing near 256 terms.
    t, log_p = jnp.full(4096, 2.0**-12, jnp.bfloat16), jnp.full(4096, -13 * math.log(2), jnp.bfloat16)
    want = 4096 * 2.0**-12 * (-12 * math.log(2) - float(log_p[0]))
    agree(kl_divergence(log_p, t), np.array(want), "bfloat16")
