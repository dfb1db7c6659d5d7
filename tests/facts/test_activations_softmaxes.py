"""Softmaxes: values by hand, infinite logits, and the draws of gumbel_softmax."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import gumbel_softmax, log_softmax, logmeanexp, softmax, softmin

from agree import agree


def test_by_hand():
    x = jnp.log(jnp.array([1.0, 2.0, 5.0]))
    agree(log_softmax(x), np.log([1 / 8, 2 / 8, 5 / 8]), "float32")
    agree(log_softmax(x + 1000.0), np.log([1 / 8, 2 / 8, 5 / 8]), "float32")
    agree(logmeanexp(x), math.log(8 / 3), "float32")
    agree(logmeanexp(x, where=jnp.array([True, False, True])), math.log(3), "float32")
    # 1 : 1/2 : 1/5 = 10 : 5 : 2.
    agree(softmin(x), np.array([10 / 17, 5 / 17, 2 / 17]), "float32")
    agree(softmin(x[:, None], axis=0), softmax(-x)[:, None], "float32")
    # What is left out is −∞.
    agree(log_softmax(x, where=jnp.array([True, False, True])), np.array([math.log(1 / 6), -np.inf, math.log(5 / 6)]), "float32")
    # The gradient of a log softmax is δ − softmax, of a log mean the softmax.
    agree(jax.grad(lambda x: log_softmax(x)[1])(x), np.array([-1 / 8, 6 / 8, -5 / 8]), "float32")
    agree(jax.grad(logmeanexp)(x), softmax(x), "float32")


def test_infinite_and_huge_logits():
    agree(softmin(jnp.array([jnp.inf, 0.0, 0.0])), np.array([0.0, 0.5, 0.5]), "float32")
    agree(softmin(jnp.array([1e38, -1e38])), np.array([0.0, 1.0]), "float32")
    agree(jax.grad(lambda x: softmin(x)[0])(jnp.array([1e38, -1e38])), np.zeros(2), "float32")
    agree(log_softmax(jnp.array([-jnp.inf, 0.0, 0.0])), np.array([-np.inf, -math.log(2), -math.log(2)]), "float32")
    agree(logmeanexp(jnp.array([[-jnp.inf, 0.0], [-jnp.inf, -jnp.inf]]), axis=-1), np.array([-math.log(2), -np.inf]), "float32")


def test_softmin_halves_sum_in_float32():
    # 1000 equal values: each 0.001, rounded once.
    assert (softmin(jnp.zeros(1000, jnp.float16)) == jnp.array(0.001, jnp.float16)).all()


def margin(n):
    """How far the sum of n independent values in [0, 1] strays from its mean with a probability below 1e-9 (Hoeffding)."""
    return math.sqrt(n * math.log(2 / 1e-9) / 2)


@pytest.mark.parametrize("temperature", [0.1, 1.0, 5.0])
def test_the_largest_is_a_class_of_the_softmax(temperature):
    # Gumbel-max: P(class k) = softmax(logits)[k], at every temperature.
    n, p = 100_000, np.array([0.1, 0.2, 0.3, 0.4])
    logits = jnp.broadcast_to(jnp.log(jnp.array(p, jnp.float32)), (n, 4))
    y = np.asarray(gumbel_softmax(jax.random.key(0), logits, temperature=temperature))
    assert (np.abs(np.bincount(y.argmax(-1), minlength=4) - n * p) < margin(n)).all()
    agree(y.sum(-1), np.ones(n), "float32")


def test_the_noise_is_gumbel():
    # With two classes and temperature 1, log(y₀ / y₁) − (logits₀ − logits₁) is a difference of two Gumbels: logistic. Massart's bound as in rrelu.
    n = 100_000
    y = np.asarray(gumbel_softmax(jax.random.key(1), jnp.broadcast_to(jnp.array([0.3, -0.2]), (n, 2))), np.float64)
    steps = np.sort(1 / (1 + np.exp(-(np.log(y[:, 0] / y[:, 1]) - 0.5))))
    stray = max((np.arange(1, n + 1) / n - steps).max(), (steps - np.arange(n) / n).max())
    assert stray < math.sqrt(math.log(2 / 1e-9) / (2 * n))


def test_hard_is_the_largest_and_its_gradient_the_soft_one():
    key, logits = jax.random.key(2), jax.random.normal(jax.random.key(3), (50, 6))
    weights = jax.random.normal(jax.random.key(4), (50, 6))
    for axis in (0, 1, -1):
        soft, soft_pull = jax.vjp(lambda x, axis=axis: gumbel_softmax(key, x, temperature=0.7, axis=axis), logits)
        hard, hard_pull = jax.vjp(lambda x, axis=axis: gumbel_softmax(key, x, temperature=0.7, axis=axis, hard=True), logits)
        # Exactly one-hot.
        assert (np.asarray(hard) == np.asarray(jax.nn.one_hot(soft.argmax(axis), logits.shape[axis], axis=axis))).all()
        agree(hard_pull(weights), soft_pull(weights), "float32")


def test_temperature():
    key, logits = jax.random.key(5), jax.random.normal(jax.random.key(6), (5, 4))
    hard = gumbel_softmax(key, logits, hard=True)
    agree(gumbel_softmax(key, logits, temperature=1e-6), hard, "float32")
    # The same noise at each: the log ratios are divided by it.
    one, two = jnp.log(gumbel_softmax(key, logits)), jnp.log(gumbel_softmax(key, logits, temperature=2.0))
    agree(one - one[:, :1], 2 * (two - two[:, :1]), "float32")


def test_gumbel_softmax_at_the_ends():
    key = jax.random.key(7)
    x = jnp.array([[1e38, -1e38, 0.0], [1e18, 1e18, -jnp.inf]])
    for hard in (False, True):
        y, pull = jax.vjp(lambda x, hard=hard: gumbel_softmax(key, x, temperature=0.01, hard=hard), x)
        assert jnp.isfinite(y).all()
        assert y[1, 2] == 0
        assert jnp.isfinite(pull(jnp.ones_like(y))[0]).all()
    # A class of −∞ is never drawn.
    y = gumbel_softmax(key, jnp.broadcast_to(jnp.array([-jnp.inf, 0.0]), (1000, 2)), hard=True)
    assert y[:, 0].sum() == 0


def test_the_noise_knows_no_dtype():
    key, logits = jax.random.key(8), np.random.default_rng(0).standard_normal((30, 4))
    with jax.enable_x64(True):
        exact = {dtype: gumbel_softmax(key, jnp.asarray(jnp.asarray(logits, dtype), "float64")) for dtype in ("float32", "float16", "bfloat16")}
        for dtype, want in exact.items():
            y = gumbel_softmax(key, jnp.asarray(logits, dtype))
            assert y.dtype == dtype
            agree(y, want, dtype)
    assert (gumbel_softmax(key, jnp.zeros(9)) != gumbel_softmax(jax.random.key(9), jnp.zeros(9))).any()
