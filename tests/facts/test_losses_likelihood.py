"""Negative log likelihoods, worked by hand: values, slopes, and the places where logarithms and divisions go wrong."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview.losses import cross_entropy, gaussian_nll_loss, label_weights, nll_loss, poisson_nll_loss

from agree import agree


def slope(loss, *args, at=0, **settings):
    """The gradient of the sum with respect to the argument ``at``."""
    return jax.grad(lambda *a: loss(*a, **settings).sum(), at)(*args)


def test_nll_by_hand():
    log_p, labels, w = jnp.array([[-0.5, -1.5], [-2.0, -0.25]]), jnp.array([1, 0]), jnp.array([3.0, 1.0])
    assert nll_loss(log_p, labels).tolist() == [1.5, 2.0]
    assert nll_loss(log_p, labels, class_weights=w).tolist() == [1.5, 6.0]
    assert nll_loss(log_p, labels, axis=0).tolist() == [2.0, 1.5]
    assert slope(nll_loss, log_p, labels, class_weights=w).tolist() == [[0.0, -1.0], [-3.0, 0.0]]
    assert nll_loss(log_p[0], jnp.array(1)).item() == 1.5


def test_nll_of_log_softmax_is_cross_entropy():
    rng = np.random.default_rng(0)
    z, labels, w = jnp.asarray(rng.standard_normal((3, 5, 2)), "float32"), jnp.asarray(rng.integers(0, 5, (3, 2))), jnp.asarray(rng.uniform(1, 2, 5), "float32")
    settings = dict(axis=1, class_weights=w, ignore_index=3)
    agree(nll_loss(jax.nn.log_softmax(z, 1), labels, **settings), cross_entropy(z, labels, **settings), "float32")


@pytest.mark.parametrize("ignored", [-100, -1, 0, 2, 255])
def test_an_ignored_label_costs_nothing_whatever_its_log_probabilities(ignored):
    log_p = jnp.array([[math.nan, -math.inf, math.nan], [-1.0, -2.0, -3.0]])
    labels, w = jnp.array([ignored, 1]), jnp.array([1.0, 2.0, 3.0])
    assert nll_loss(log_p, labels, ignore_index=ignored).tolist() == [0.0, 2.0]
    assert jax.jit(lambda a, b: nll_loss(a, b, ignore_index=ignored, class_weights=w))(log_p, labels).tolist() == [0.0, 4.0]
    assert slope(nll_loss, log_p, labels, ignore_index=ignored).tolist() == [[0.0, 0.0, 0.0], [0.0, -1.0, 0.0]]
    assert jax.grad(lambda v: nll_loss(log_p, labels, ignore_index=ignored, class_weights=v).sum())(w).tolist() == [0.0, 2.0, 0.0]
    assert label_weights(labels, 3, class_weights=w, ignore_index=ignored).tolist() == [0.0, 2.0]


@pytest.mark.parametrize("label", [-1, -3, 3, 1000])
def test_a_traced_label_out_of_range_is_nan(label):
    got = jax.jit(nll_loss)(jnp.full((2, 3), -1.0), jnp.array([label, 1]))
    assert jnp.isnan(got).tolist() == [True, False]


def test_a_probability_of_zero():
    log_p = jnp.array([[0.0, -math.inf]])
    assert nll_loss(log_p, jnp.array([0])).tolist() == [0.0]
    assert nll_loss(log_p, jnp.array([1])).tolist() == [math.inf]
    assert nll_loss(log_p, jnp.array([1]), class_weights=jnp.array([1.0, 0.0])).tolist() == [0.0]


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint32"])
def test_labels_of_any_width(dtype):
    # 300 classes are more than an int8 can count.
    log_p = -jnp.arange(600.0).reshape(2, 300)
    assert nll_loss(log_p, jnp.array([100, 7], dtype), ignore_index=-100).tolist() == [100.0, 307.0]


def test_poisson_by_hand():
    # e⁰ − 0·0 = 1, e⁰ − 3·0 = 1; slope e^x − t. Of rates: 2 − 3·log 2 with slope 1 − 3/2.
    x, t = jnp.array([0.0, 0.0]), jnp.array([0, 3])
    assert poisson_nll_loss(x, t).tolist() == [1.0, 1.0]
    assert slope(poisson_nll_loss, x, t).tolist() == [1.0, -2.0]
    rate = jnp.array([2.0])
    agree(poisson_nll_loss(rate, t[1:], log_input=False, eps=0.0), np.array([2 - 3 * math.log(2)]), "float32")
    agree(slope(poisson_nll_loss, rate, t[1:], log_input=False, eps=0.0), np.array([-0.5]), "float32")
    # ε moves the logarithm alone: 2 − 3·log 4.
    agree(poisson_nll_loss(rate, t[1:], log_input=False, eps=2.0), np.array([2 - 3 * math.log(4)]), "float32")


def test_log_rates_and_rates_say_the_same():
    x, t = jnp.linspace(-3.0, 3.0, 7), jnp.arange(7)
    agree(poisson_nll_loss(x, t, full=True), poisson_nll_loss(jnp.exp(x), t, log_input=False, full=True, eps=0.0), "float32")


def test_stirling_stands_for_the_factorial_over_one():
    # log 100! = 363.739; Stirling's first term misses 1/1200 of it. Nothing for 0, ½ and 1.
    t = jnp.array([0.0, 0.5, 1.0, 100.0])
    extra = poisson_nll_loss(jnp.zeros(4), t, full=True) - poisson_nll_loss(jnp.zeros(4), t)
    agree(extra, np.array([0.0, 0.0, 0.0, math.lgamma(101) - 1 / 1200]), "float32")
    # Its slope is log t + 1/(2t), and 0 where it is not added, also at t = 0.
    agree(slope(poisson_nll_loss, jnp.zeros(4), t, at=1, full=True), np.array([0.0, 0.0, 0.0, math.log(100) + 1 / 200]), "float32")


def test_a_count_of_zero_needs_no_logarithm():
    no = jnp.array([0])
    assert poisson_nll_loss(jnp.array([-math.inf]), no).tolist() == [0.0]
    assert poisson_nll_loss(jnp.array([0.0]), no, log_input=False, eps=0.0).tolist() == [0.0]
    assert slope(poisson_nll_loss, jnp.array([0.0]), no, log_input=False, eps=0.0).tolist() == [1.0]
    # A rate of 0 with a count is as bad as ε allows.
    agree(poisson_nll_loss(jnp.array([0.0]), jnp.array([2]), log_input=False), np.array([-2 * math.log(1e-8)]), "float32")
    agree(slope(poisson_nll_loss, jnp.array([0.0]), jnp.array([2]), log_input=False), np.array([1 - 2e8]), "float32")


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
@pytest.mark.parametrize("targets", ["int32", "uint8", "int16"])
def test_counts_keep_their_value_and_not_their_dtype(dtype, targets):
    # 251 is not a bfloat16, and ε = 10⁻⁸ is 0 in float16.
    got = poisson_nll_loss(jnp.zeros(1, dtype), jnp.array([251], targets), log_input=False)
    assert got.dtype == dtype
    agree(got, np.array([-251 * math.log(1e-8)]), dtype)
    assert poisson_nll_loss(jnp.ones(1, dtype), jnp.array([251], targets)).tolist() == [float(jnp.asarray(math.e - 251, dtype))]


def test_gaussian_by_hand():
    # ½(log 1 + 2²/1) = 2, and with v = 4 ½(log 4 + 1); slopes d/v and ½(1/v − d²/v²).
    x, t, v = jnp.array([3.0, 3.0]), jnp.array([1.0, 1.0]), jnp.array([1.0, 4.0])
    agree(gaussian_nll_loss(x, t, v), np.array([2.0, math.log(2) + 0.5]), "float32")
    agree(gaussian_nll_loss(x, t, v, full=True), np.array([2.0, math.log(2) + 0.5]) + 0.5 * math.log(2 * math.pi), "float32")
    assert slope(gaussian_nll_loss, x, t, v).tolist() == [2.0, 0.5]
    assert slope(gaussian_nll_loss, x, t, v, at=1).tolist() == [-2.0, -0.5]
    assert slope(gaussian_nll_loss, x, t, v, at=2).tolist() == [-1.5, 0.0]


def test_gaussian_is_the_density():
    # e^−loss over a fine grid adds up to 1 with the constant.
    with jax.enable_x64(True):
        t = jnp.linspace(-20.0, 20.0, 4001)
        loss = gaussian_nll_loss(jnp.full(4001, 0.3), t, jnp.full(4001, 2.5), full=True)
        agree(jnp.exp(-loss).sum() * 0.01, np.array(1.0))


@pytest.mark.parametrize("variance", [0.0, 0.125, 0.25])
def test_the_maximum_does_not_enter_the_gradient(variance):
    # Under ε = ¼ value and slope are those at ¼: ½(log ¼ + d²·4) and ½(4 − 16 d²), with d = 2 and d = 0.
    x, t, v = jnp.array([2.0, 0.0]), jnp.zeros(2), jnp.full(2, variance)
    agree(gaussian_nll_loss(x, t, v, eps=0.25), 0.5 * (math.log(0.25) + np.array([16.0, 0.0])), "float32")
    agree(slope(gaussian_nll_loss, x, t, v, at=2, eps=0.25), 0.5 * np.array([4.0 - 64.0, 4.0]), "float32")
    agree(slope(gaussian_nll_loss, x, t, v, eps=0.25), np.array([8.0, 0.0]), "float32")


def test_a_variance_of_zero_is_finite():
    zero = jnp.zeros(1)
    for eps in (1e-6, 1e-300):
        for at in range(3):
            assert jnp.isfinite(gaussian_nll_loss(zero, zero, zero, eps=eps)).all()
            assert jnp.isfinite(slope(gaussian_nll_loss, zero, zero, zero, at=at, eps=eps)).all()


def test_an_error_whose_square_overflows():
    # ½ · 10⁵⁰/10³⁰ = 5 · 10¹⁹.
    d, v = jnp.array([1e25]), jnp.array([1e30])
    agree(gaussian_nll_loss(d, jnp.zeros(1), v), np.array([5e19]), "float32")
    agree(slope(gaussian_nll_loss, d, jnp.zeros(1), v), np.array([1e-5]), "float32")


def test_a_negative_variance():
    one, v = jnp.ones(2), jnp.array([1.0, -1e-9])
    with pytest.raises(ValueError, match="down to -1e-09"):
        gaussian_nll_loss(one, one, v)
    with pytest.raises(ValueError, match="down to -1e-09"):
        jax.jit(lambda x: gaussian_nll_loss(x, one, v))(one)
    assert jnp.isnan(jax.jit(gaussian_nll_loss)(one, one, v)).tolist() == [False, True]


def test_nan_goes_through():
    one, nan = jnp.ones(1), jnp.array([math.nan])
    for given in ((nan, one, one), (one, nan, one), (one, one, nan)):
        assert jnp.isnan(gaussian_nll_loss(*given)).all()
    for full in (False, True):
        for log_input in (False, True):
            assert jnp.isnan(poisson_nll_loss(nan, one, full=full, log_input=log_input)).all()
            assert jnp.isnan(poisson_nll_loss(2 * one, nan, full=full, log_input=log_input)).all()
    assert jnp.isnan(nll_loss(jnp.array([math.nan, 0.0]), jnp.array(0)))


def test_halves_are_computed_in_float32():
    # Variances of 10⁻⁷ are under ε in float16, where ε itself is subnormal; 300² is over what float16 holds.
    got = gaussian_nll_loss(jnp.array([300.0], "float16"), jnp.array([0.0], "float16"), jnp.array([1000.0], "float16"))
    agree(got, np.array([0.5 * (math.log(1000) + 90.0)]), "float16")
    assert got.dtype == jnp.float16
    assert nll_loss(jnp.full((2, 3), -1.0, "bfloat16"), jnp.array([0, 2])).dtype == jnp.bfloat16


def test_empty_batches():
    empty = jnp.zeros((0, 3))
    assert nll_loss(empty, jnp.zeros((0,), int), class_weights=jnp.ones(3)).shape == (0,)
    assert nll_loss(jnp.zeros((2, 3, 0)), jnp.zeros((2, 0), int), axis=1).shape == (2, 0)
    assert poisson_nll_loss(empty, jnp.zeros((0, 3), int), full=True).shape == (0, 3)
    assert gaussian_nll_loss(empty, empty, empty).shape == (0, 3)
