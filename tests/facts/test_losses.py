"""Losses, worked by hand: values, conventions at kinks, and the places where other libraries give NaN."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview.losses import binary_cross_entropy, cross_entropy, label_weights, logistic_loss, smooth_l1_loss, squared_error

from agree import agree


def slope(loss, *args, at=0, **settings):
    """The gradient of the sum with respect to the argument ``at``."""
    return jax.grad(lambda *a: loss(*a, **settings).sum(), at)(*args)


def test_squared_error_by_hand():
    # (1 − 3)² = 4, (5 − 5)² = 0, slopes 2(p − t) = −4, 0.
    p, t = jnp.array([1.0, 5.0]), jnp.array([3.0, 5.0])
    assert squared_error(p, t).tolist() == [4.0, 0.0]
    assert squared_error(p).tolist() == [1.0, 25.0]
    assert slope(squared_error, p, t).tolist() == [-4.0, 0.0]


def test_squared_error_takes_the_difference_in_float32():
    # (1 + 2⁻⁹)² = 1 + 2⁻⁸ + 2⁻¹⁸ is just over half way from 1 to the next bfloat16, 1 + 2⁻⁷; 1 + 2⁻⁹ in bfloat16 is 1, whose square is 1.
    assert squared_error(jnp.array([2.0**-9], jnp.bfloat16), jnp.array([-1.0], jnp.bfloat16)).tolist() == [1.0 + 2.0**-7]


def test_smooth_l1_by_hand():
    # β = 1: 0.5²/2 = 0.125 and 3 − 0.5 = 2.5; slopes d/β = 0.5 and ±1.
    d, zero = jnp.array([0.5, 3.0, -3.0]), jnp.zeros(3)
    assert smooth_l1_loss(d, zero).tolist() == [0.125, 2.5, 2.5]
    assert slope(smooth_l1_loss, d, zero).tolist() == [0.5, 1.0, -1.0]


def test_smooth_l1_of_faster_rcnn():
    # σ = 3: ½(3 · 0.05)² = 0.01125, and |x| − ½/9 from |x| = 1/9 on.
    with jax.enable_x64(True):
        agree(smooth_l1_loss(jnp.array([0.05, 0.5]), jnp.zeros(2), beta=1 / 9), np.array([0.01125, 0.5 - 1 / 18]))


def test_smooth_l1_where_the_pieces_meet():
    # Value β/2 and slope 1 from either side; the curvature at |d| = β is that of the line.
    one, zero = jnp.array([2.0]), jnp.array([0.0])
    assert smooth_l1_loss(one, zero, beta=2.0).tolist() == [1.0]
    assert slope(smooth_l1_loss, one, zero, beta=2.0).tolist() == [1.0]
    assert jax.hessian(lambda p: smooth_l1_loss(p, jnp.array(0.0), beta=2.0))(jnp.array(2.0)).item() == 0.0
    assert jax.hessian(lambda p: smooth_l1_loss(p, jnp.array(0.0), beta=2.0))(jnp.array(1.5)).item() == 0.5


@pytest.mark.parametrize("beta", [0.0, 1e-40, 1e-300])
def test_smooth_l1_without_a_parabola_is_l1_with_slope_zero_at_zero(beta):
    d, zero = jnp.array([-2.0, 0.0, 2.0]), jnp.zeros(3)
    assert smooth_l1_loss(d, zero, beta=beta).tolist() == [2.0, 0.0, 2.0]
    assert slope(smooth_l1_loss, d, zero, beta=beta).tolist() == [-1.0, 0.0, 1.0]


def test_smooth_l1_of_a_difference_whose_square_overflows():
    d = jnp.array([1e30, -1e30])
    agree(smooth_l1_loss(d, jnp.zeros(2)), d * jnp.array([1.0, -1.0]), "float32")
    assert slope(smooth_l1_loss, d, jnp.zeros(2)).tolist() == [1.0, -1.0]
    # Inside of a huge β too: (1e20)² / (2 · 1e30) = 5e9.
    agree(smooth_l1_loss(jnp.array([1e20]), jnp.zeros(1), beta=1e30), np.array([5e9]), "float32")
    # And beyond float32 the parabola is flat.
    assert smooth_l1_loss(d, jnp.zeros(2), beta=math.inf).tolist() == [0.0, 0.0]
    assert smooth_l1_loss(jnp.ones(1), jnp.zeros(1), beta=1e300).tolist() == [0.0]


def test_logistic_loss_by_hand():
    # At z = 0 every label costs log 2; slopes σ(0) − y; curvature σ(1 − σ) = 1/4, exactly.
    z, y = jnp.zeros(3), jnp.array([0.0, 0.25, 1.0])
    agree(logistic_loss(z, y), np.full(3, math.log(2)), "float32")
    assert slope(logistic_loss, z, y).tolist() == [0.5, 0.25, -0.5]
    assert jax.hessian(lambda v: logistic_loss(v, jnp.array(1)))(jnp.array(0.0)).item() == 0.25
    # The derivative by the label is −z.
    assert slope(logistic_loss, jnp.array([2.0]), jnp.array([0.5]), at=1).tolist() == [-2.0]


def test_logistic_loss_is_the_cross_entropy_of_two_classes():
    z = jnp.linspace(-30.0, 30.0, 13)
    for label in (0, 1):
        labels = jnp.full(13, label)
        agree(logistic_loss(z, labels), cross_entropy(jnp.stack([jnp.zeros(13), z], -1), labels), "float32")


@pytest.mark.parametrize("weight", [None, 3.0])
def test_logistic_loss_far_out(weight):
    # y = 1 and z = −120 costs 120, y = 0 and z = 1e4 costs 1e4, and the right side costs nothing (e^−120 is below float32).
    p = 1.0 if weight is None else weight
    z, y = jnp.array([-120.0, 120.0, 1e4, -1e4]), jnp.array([1, 1, 0, 0])
    assert logistic_loss(z, y, positive_weight=weight).tolist() == [120.0 * p, 0.0, 1e4, 0.0]
    assert slope(logistic_loss, z, y, positive_weight=weight).tolist() == [-p, 0.0, 1.0, 0.0]


def test_logistic_loss_keeps_small_losses():
    # log(1 + e^−z) ≈ e^−z: 1 − σ would lose it.
    with jax.enable_x64(True):
        agree(logistic_loss(jnp.array([50.0]), jnp.array([1.0])), np.array([math.exp(-50.0)]))
        agree(slope(logistic_loss, jnp.array([50.0]), jnp.array([1.0])), np.array([-math.exp(-50.0)]))


@pytest.mark.parametrize("weight", [None, 2.0])
def test_an_infinite_logit_gives_the_limit(weight):
    z, y = jnp.array([math.inf, math.inf, -math.inf, -math.inf]), jnp.array([1.0, 0.0, 1.0, 0.0])
    assert logistic_loss(z, y, positive_weight=weight).tolist() == [0.0, math.inf, math.inf, 0.0]
    p = 1.0 if weight is None else weight
    assert slope(logistic_loss, z, y, positive_weight=weight).tolist() == [0.0, 1.0, -p, 0.0]


def test_a_positive_weight_multiplies_the_positive_part():
    # p·y·softplus(−z) at z = 0: p log 2, for each entry of the last axis.
    p = jnp.array([0.5, 2.0, 4.0])
    agree(logistic_loss(jnp.zeros((2, 3)), jnp.ones((2, 3), int), positive_weight=p), np.tile(math.log(2) * np.array([0.5, 2.0, 4.0]), (2, 1)), "float32")
    assert logistic_loss(jnp.zeros(()), jnp.array(0), positive_weight=jnp.array(7.0)).shape == ()


@pytest.mark.parametrize("labels", [jnp.array([True, False]), jnp.array([1, 0]), jnp.array([1, 0], jnp.uint8), jnp.array([1.0, 0.0], jnp.float16)])
def test_labels_of_any_kind(labels):
    with jax.numpy_dtype_promotion("standard"):
        assert jnp.array_equal(logistic_loss(jnp.array([2.0, -1.0]), labels), logistic_loss(jnp.array([2.0, -1.0]), jnp.array([1.0, 0.0])))
        assert jnp.array_equal(binary_cross_entropy(jnp.array([0.2, 0.7]), labels), binary_cross_entropy(jnp.array([0.2, 0.7]), jnp.array([1.0, 0.0])))


def test_values_are_looked_at_only_when_they_can_be():
    wrong = jnp.array([2.0])
    for loss in (
        lambda y: logistic_loss(jnp.array([0.0]), y),
        lambda y: binary_cross_entropy(jnp.array([0.5]), y),
        lambda p: binary_cross_entropy(p, jnp.array([1])),
    ):
        with pytest.raises(ValueError, match=r"in \[0, 1\]"):
            loss(wrong)
        assert jax.jit(loss)(wrong).shape == (1,)
        # Inside of a trace a closed-over label is still concrete.
        with pytest.raises(ValueError, match=r"in \[0, 1\]"):
            jax.jit(lambda x, given=loss: given(wrong) + x)(wrong)


def test_binary_cross_entropy_by_hand():
    # −log ½, and −0.25 log 0.5 − 0.75 log 0.5, both log 2.
    agree(binary_cross_entropy(jnp.array([0.5, 0.5]), jnp.array([1.0, 0.25])), np.full(2, math.log(2)), "float32")


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
def test_binary_cross_entropy_of_certainty(dtype):
    # The logarithm of 0 is −100, with slope 0; the other term has slope −y/p or (1 − y)/(1 − p).
    with jax.enable_x64(dtype == "float64"):
        p, y = jnp.array([0.0, 0.0, 1.0, 1.0], dtype), jnp.array([1, 0, 1, 0])
        assert binary_cross_entropy(p, y).tolist() == [100.0, 0.0, 0.0, 100.0]
        assert slope(binary_cross_entropy, p, y).tolist() == [0.0, 1.0, -1.0, 0.0]


def test_binary_cross_entropy_clamps_at_minus_100():
    # log 1e-40 = −92.1 stands, log 1e-50 = −115 does not.
    with jax.enable_x64(True):
        agree(binary_cross_entropy(jnp.array([1e-40, 1e-50]), jnp.array([1, 1])), np.array([-math.log(1e-40), 100.0]))


def test_nan_goes_through():
    nan = jnp.array([math.nan])
    assert jnp.isnan(binary_cross_entropy(nan, jnp.array([1]))).all()
    assert jnp.isnan(logistic_loss(nan, jnp.array([1]))).all()
    assert jnp.isnan(cross_entropy(jnp.array([[math.nan, 0.0]]), jnp.array([1]))).all()


def test_cross_entropy_by_hand():
    # log(e^0 + e^0) − 0 = log 2; softmax − one-hot = (−½, ½).
    assert slope(cross_entropy, jnp.zeros((1, 2)), jnp.array([0])).tolist() == [[-0.5, 0.5]]
    agree(cross_entropy(jnp.zeros(2), jnp.array(1)), np.array(math.log(2)), "float32")
    # Shifting all of the logits changes nothing: 1e4 does not overflow.
    assert cross_entropy(jnp.array([[0.0, 1e4], [0.0, 1e4]]), jnp.array([1, 0])).tolist() == [0.0, 1e4]


def test_smoothing_and_weights_by_hand():
    # K = 2, z = (0, 0), every −log p is log 2. Smoothing ε = 0.5: q = (¾, ¼); weights (1, 3): ¾·1 + ¼·3 = 1.5 times log 2.
    w = jnp.array([1.0, 3.0])
    agree(cross_entropy(jnp.zeros((1, 2)), jnp.array([0]), label_smoothing=0.5, class_weights=w), np.array([1.5 * math.log(2)]), "float32")
    # Its derivative by the weights is q · log 2.
    got = jax.grad(lambda v: cross_entropy(jnp.zeros((1, 2)), jnp.array([0]), label_smoothing=0.5, class_weights=v).sum())(w)
    agree(got, math.log(2) * np.array([0.75, 0.25]), "float32")


def test_an_integer_label_is_a_one_hot_distribution():
    rng = np.random.default_rng(0)
    z, labels, w = jnp.asarray(rng.standard_normal((3, 5, 2)), "float32"), jnp.asarray(rng.integers(0, 5, (3, 2))), jnp.asarray(rng.uniform(1, 2, 5), "float32")
    hot = jax.nn.one_hot(labels, 5, axis=1, dtype="float32")
    settings = dict(axis=1, label_smoothing=0.3, class_weights=w)
    agree(cross_entropy(z, labels, **settings), cross_entropy(z, hot, **settings), "float32")
    # By the distribution the loss is linear, and its slope minus the log probability (no smoothing, no weights).
    agree(slope(cross_entropy, z, hot, at=1, axis=1), -jax.nn.log_softmax(z, 1), "float32")


@pytest.mark.parametrize("ignored", [-100, -1, 0, 2, 3, 255, 2**40])
@pytest.mark.parametrize("smoothing", [0.0, 0.4])
def test_an_ignored_label_costs_nothing_whatever_its_logits(ignored, smoothing):
    index = ignored if ignored < 2**31 else 2
    z = jnp.array([[math.nan, math.inf, -math.inf], [1.0, 2.0, 3.0]])
    settings = dict(ignore_index=ignored, label_smoothing=smoothing)
    if ignored >= 2**31:  # no label can have this value
        assert jnp.isnan(cross_entropy(z, jnp.array([index, 1]), **settings)[0])
        return
    labels = jnp.array([index, 1])
    loss = cross_entropy(z, labels, **settings)
    assert loss[0] == 0.0
    agree(loss[1], cross_entropy(z[1], jnp.array(1), label_smoothing=smoothing), "float32")
    assert slope(cross_entropy, z, labels, **settings)[0].tolist() == [0.0, 0.0, 0.0]
    agree(jax.jit(lambda a, b: cross_entropy(a, b, **settings))(z, labels), loss, "float32")
    got = jax.grad(lambda v: cross_entropy(z, labels, class_weights=v, **settings).sum())(jnp.ones(3))
    assert jnp.isfinite(got).all()


@pytest.mark.parametrize("label", [-1, -3, 3, 1000])
def test_a_label_out_of_range_is_refused_or_nan(label):
    # A gather would wrap −1 to the last class or clip 3 to it.
    z, labels = jnp.zeros((2, 3)), jnp.array([label, 1])
    with pytest.raises(ValueError, match=r"classes in \[0, 3\)"):
        cross_entropy(z, labels)
    with pytest.raises(ValueError, match=r"classes in \[0, 3\)"):
        label_weights(labels, 3)
    traced = jax.jit(cross_entropy)(z, labels)
    assert jnp.isnan(traced[0])
    agree(traced[1], np.array(math.log(3)), "float32")
    weights = jax.jit(lambda v: label_weights(v, 3))(labels)
    assert jnp.isnan(weights[0])
    assert weights[1] == 1.0
    assert jnp.isnan(jax.vmap(cross_entropy)(z, labels)[0])
    assert jnp.isnan(jax.jit(lambda v: label_weights(v, 3, class_weights=jnp.ones(3)))(labels)[0])


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16", "int32", "uint32"])
def test_labels_of_any_width(dtype):
    # 300 classes are more than an int8 can count.
    z, labels = jnp.zeros((2, 300)), jnp.array([100, 7], dtype)
    agree(cross_entropy(z, labels, ignore_index=-100), np.full(2, math.log(300)), "float32")
    agree(jax.jit(lambda a, b: cross_entropy(a, b, ignore_index=7))(z, labels), np.array([math.log(300), 0.0]), "float32")
    assert label_weights(labels, 300, ignore_index=7).tolist() == [1.0, 0.0]


def test_a_logit_of_minus_infinity():
    z = jnp.array([[0.0, -math.inf, 0.0]])
    agree(cross_entropy(z, jnp.array([0])), np.array([math.log(2)]), "float32")
    assert slope(cross_entropy, z, jnp.array([0])).tolist() == [[-0.5, 0.0, 0.5]]
    agree(cross_entropy(z, jnp.array([[0.5, 0.0, 0.5]])), np.array([math.log(2)]), "float32")
    assert jnp.isfinite(slope(cross_entropy, z, jnp.array([[0.5, 0.0, 0.5]]), at=1)).all()
    # With mass it costs infinitely much, as the true label, by smoothing, or in a distribution; with weight 0 it costs nothing.
    assert cross_entropy(z, jnp.array([1])).tolist() == [math.inf]
    assert cross_entropy(z, jnp.array([0]), label_smoothing=0.1).tolist() == [math.inf]
    assert jnp.isfinite(cross_entropy(z, jnp.array([0]), label_smoothing=0.1, class_weights=jnp.array([1.0, 0.0, 1.0]))).all()


def test_the_weighted_mean():
    # Labels 0, 1 and one ignored, weights (½, 2): losses ½·a and 2·b, divided by 2.5 and not by 3.
    labels, w = jnp.array([0, 1, -100]), jnp.array([0.5, 2.0])
    weights = label_weights(labels, 2, class_weights=w, ignore_index=-100)
    assert weights.tolist() == [0.5, 2.0, 0.0]
    loss = cross_entropy(jnp.zeros((3, 2)), labels, class_weights=w, ignore_index=-100)
    agree(loss.sum() / weights.sum(), np.array(math.log(2)), "float32")
    assert label_weights(labels, 2, ignore_index=-100).tolist() == [1.0, 1.0, 0.0]
    # All ignored: nothing to divide by.
    assert label_weights(jnp.full(3, 9), 2, ignore_index=9).sum() == 0.0
    assert label_weights(labels, 2, class_weights=w.astype("bfloat16"), ignore_index=-100).dtype == jnp.bfloat16
    assert label_weights(labels, 2, ignore_index=-100).dtype == jnp.float32


def test_halves_accumulate_in_float32():
    # 4096 equal classes cost log 4096 = 8.318; a bfloat16 sum of ones stops at 256 and would give log 256 = 5.5.
    z = jnp.zeros((1, 4096), jnp.bfloat16)
    assert cross_entropy(z, jnp.array([0])).tolist() == [float(jnp.bfloat16(math.log(4096)))]
    assert cross_entropy(z, jnp.array([0])).dtype == jnp.bfloat16


def test_empty_batches():
    assert squared_error(jnp.zeros((0, 3)), jnp.zeros((0, 3))).shape == (0, 3)
    assert smooth_l1_loss(jnp.zeros((0, 3)), jnp.zeros((0, 3))).shape == (0, 3)
    assert logistic_loss(jnp.zeros((0, 3)), jnp.zeros((0, 3))).shape == (0, 3)
    assert binary_cross_entropy(jnp.zeros((0, 3)), jnp.zeros((0, 3), int)).shape == (0, 3)
    assert cross_entropy(jnp.zeros((0, 3)), jnp.zeros((0,), int)).shape == (0,)
    assert cross_entropy(jnp.zeros((2, 0, 3)), jnp.zeros((2, 0, 3)), class_weights=jnp.ones(3)).shape == (2, 0)
    assert label_weights(jnp.zeros((0,), int), 3).shape == (0,)
    assert slope(cross_entropy, jnp.zeros((0, 3)), jnp.zeros((0,), int)).shape == (0, 3)


@pytest.mark.parametrize("mode", ["forward over reverse", "reverse over forward"])
def test_hessian_of_cross_entropy(mode):
    # diag(p) − p pᵀ with p = softmax(z).
    z = jnp.array([0.3, -1.0, 2.0, -math.inf])
    f = lambda v: cross_entropy(v, jnp.array(2))  # noqa: E731
    h = jax.hessian(f)(z) if mode == "forward over reverse" else jax.jacrev(jax.jacfwd(f))(z)
    p = np.asarray(jax.nn.softmax(z))
    agree(h, np.diag(p) - np.outer(p, p), "float32")
