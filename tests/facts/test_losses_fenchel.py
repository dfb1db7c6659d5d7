"""Losses of a linear classifier, worked by hand."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview.losses import (
    cross_entropy,
    hinge_loss,
    make_fenchel_young_loss,
    multiclass_hinge_loss,
    multiclass_perceptron_loss,
    multiclass_sparsemax_loss,
    perceptron_loss,
    sparsemax_loss,
)

from agree import agree

MULTICLASS = [multiclass_hinge_loss, multiclass_perceptron_loss, multiclass_sparsemax_loss]


def slope(loss, *args):
    return jax.grad(lambda s: loss(s, *args[1:]).sum())(args[0])


def test_hinge_and_perceptron_by_hand():
    s, y = jnp.array([0.25, -2.0, 3.0]), jnp.array([-1, -1, 1])
    assert hinge_loss(s, y).tolist() == [1.25, 0.0, 0.0]
    assert slope(hinge_loss, s, y).tolist() == [1.0, 0.0, 0.0]
    assert perceptron_loss(s, y).tolist() == [0.25, 0.0, 0.0]
    assert slope(perceptron_loss, s, y).tolist() == [1.0, 0.0, 0.0]


def test_the_slope_at_a_kink_is_the_mean_of_both_sides():
    # As in optax: −y/2.
    assert slope(hinge_loss, jnp.array([1.0, -1.0]), jnp.array([1, -1])).tolist() == [-0.5, 0.5]
    assert slope(perceptron_loss, jnp.array([0.0, 0.0]), jnp.array([1, -1])).tolist() == [-0.5, 0.5]


@pytest.mark.parametrize("loss", [hinge_loss, perceptron_loss])
def test_labels_zero_and_one_are_refused_where_they_show(loss):
    # TRAPS: ±1 against 0/1. A 0 would cost 1, or nothing, whatever the score.
    for wrong in (jnp.array([1, 0]), jnp.array([1.0, 0.0]), jnp.array([1.0, 0.5])):
        with pytest.raises(ValueError, match="targets"):
            loss(jnp.zeros(2), wrong)
    assert jax.jit(loss)(jnp.zeros(2), jnp.array([1, 0])).shape == (2,)


def test_sparsemax_of_two_classes_by_hand():
    # x = −z for label 1: 0 up to −1, (x + 1)²/4 between, x beyond 1. Slope of the middle (x + 1)/2.
    z, one, zero = jnp.array([3.0, 1.0, 0.0, -1.0, -3.0]), jnp.ones(5, int), jnp.zeros(5, bool)
    assert sparsemax_loss(z, one).tolist() == [0.0, 0.0, 0.25, 1.0, 3.0]
    assert sparsemax_loss(z, zero).tolist() == [3.0, 1.0, 0.25, 0.0, 0.0]
    assert slope(sparsemax_loss, z, one).tolist() == [0.0, 0.0, -0.5, -1.0, -1.0]
    # It is 0 just where sparse_sigmoid is the label.
    assert jnp.array_equal(sparsemax_loss(z, one) == 0, jax.nn.sparse_sigmoid(z) == 1)


def test_multiclass_by_hand():
    # Scores (0, 2, ½) and label 2: 1 + 2 − ½ = 2.5 and 2 − ½ = 1.5. Sparsemax: p = (0, 1, 0), so 1·(2 − ½) + ½(1 − 1) = 1.5.
    s, y = jnp.array([0.0, 2.0, 0.5]), jnp.array(2)
    assert multiclass_hinge_loss(s, y).item() == 2.5
    assert multiclass_perceptron_loss(s, y).item() == 1.5
    assert multiclass_sparsemax_loss(s, y).item() == 1.5
    for loss in MULTICLASS:
        assert slope(loss, s, y).tolist() == [0.0, 1.0, -1.0]
    assert [loss(s, jnp.array(1)).item() for loss in MULTICLASS] == [0.0, 0.0, 0.0]


def test_sparsemax_shares_by_hand():
    # (½, ¼, −1): τ = (¾ − 1)/2 = −⅛, p = (⅝, ⅜, 0); label 1: p·(s − ¼) + ½(1 − p·p) = ⅝·¼ + ½(1 − 34/64) = 0.390625; slope p − one-hot.
    s, y = jnp.array([0.5, 0.25, -1.0]), jnp.array(1)
    assert multiclass_sparsemax_loss(s, y).item() == 0.390625
    assert slope(multiclass_sparsemax_loss, s, y).tolist() == [0.625, -0.625, 0.0]
    # Curvature: 1 − 1/2 and −1/2 on the two classes that share.
    assert jax.hessian(lambda v: multiclass_sparsemax_loss(v, y))(s).tolist() == [[0.5, -0.5, 0.0], [-0.5, 0.5, 0.0], [0.0, 0.0, 0.0]]
    # Equal scores share equally; a lead of 1 takes all.
    agree(slope(multiclass_sparsemax_loss, jnp.zeros(4), jnp.array(0)), np.array([-0.75, 0.25, 0.25, 0.25]), "float32")
    assert multiclass_sparsemax_loss(jnp.array([0.0, 1.0, 0.0]), jnp.array(1)).item() == 0.0


def test_sparsemax_of_two_classes_is_that_of_many():
    z = jnp.linspace(-3.0, 3.0, 13)
    for label in (0, 1):
        many = multiclass_sparsemax_loss(jnp.stack([jnp.zeros(13), z], -1), jnp.full(13, label))
        agree(sparsemax_loss(z, jnp.full(13, label)), many, "float32")


def test_ties_share_the_gradient():
    assert slope(multiclass_perceptron_loss, jnp.array([1.0, 1.0, 0.0]), jnp.array(2)).tolist() == [0.5, 0.5, -1.0]


@pytest.mark.parametrize("loss", MULTICLASS)
def test_far_out(loss):
    # The 1 of the hinge is not lost beside equal large scores; differences are taken first.
    s = jnp.array([[1e9, 1e9], [1e38, -1e38]])
    got = loss(s, jnp.array([0, 1]))
    assert got[0] == {multiclass_hinge_loss: 1.0, multiclass_perceptron_loss: 0.0, multiclass_sparsemax_loss: 0.25}[loss]
    assert jnp.isfinite(got).all()
    assert jnp.isfinite(slope(loss, s, jnp.array([0, 1]))).all()


@pytest.mark.parametrize("loss", MULTICLASS)
def test_labels_out_of_range_batches_and_nan(loss):
    s = jnp.zeros((2, 3))
    for label in (-1, 3):
        with pytest.raises(ValueError, match=r"classes in \[0, 3\)"):
            loss(s, jnp.array([label, 1]))
        traced = jax.jit(loss)(s, jnp.array([label, 1]))
        assert jnp.isnan(traced).tolist() == [True, False]
    assert loss(jnp.zeros((2, 0, 3)), jnp.zeros((2, 0), int)).shape == (2, 0)
    assert loss(jnp.zeros((2, 4, 3)), jnp.zeros((2, 4), int)).shape == (2, 4)
    assert jnp.isnan(loss(jnp.full((1, 3), math.nan), jnp.array([0]))).all()


def test_fenchel_young_of_logsumexp_is_the_cross_entropy():
    rng = np.random.default_rng(0)
    s, labels = jnp.asarray(rng.standard_normal((2, 3, 5)), "float32"), jnp.asarray(rng.integers(0, 5, (2, 3)))
    loss = make_fenchel_young_loss(jax.nn.logsumexp)
    agree(loss(s, jax.nn.one_hot(labels, 5, dtype="float32")), cross_entropy(s, labels), "float32")
    # Its slope is softmax − target.
    y = jnp.full((2, 3, 5), 0.2)
    agree(jax.grad(lambda v: loss(v, y).sum())(s), jax.nn.softmax(s) - y, "float32")


def test_fenchel_young_of_the_maximum_is_the_perceptron():
    s, labels = jnp.array([[0.0, 2.0, 0.5], [1.0, -1.0, 0.0]]), jnp.array([2, 0])
    loss = make_fenchel_young_loss(jnp.max)
    assert jnp.array_equal(loss(s, jax.nn.one_hot(labels, 3)), multiclass_perceptron_loss(s, labels))


def test_fenchel_young_passes_arguments_on_and_sums_in_float32():
    loss = make_fenchel_young_loss(lambda row, scale, *, shift: scale * jnp.max(row) + shift)
    assert loss(jnp.array([[1.0, 2.0]]), jnp.array([[0.5, 0.5]]), 3.0, shift=1.0).tolist() == [5.5]
    # 4096 products of 1: a bfloat16 sum would stop at 256.
    one = jnp.ones((1, 4096), jnp.bfloat16)
    got = make_fenchel_young_loss(jnp.max)(one, one)
    assert got.dtype == jnp.bfloat16
    assert got.tolist() == [float(jnp.bfloat16(-4095))]
