"""Losses of an overlap, worked by hand."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview.losses import binary_dice_loss, dice_loss, multiclass_generalized_dice_loss

from agree import agree

# Two classes on four cells: predicted 0 on three of them; there 0 on the first two.
SURE = jnp.array([[[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]])
THERE = jnp.array([[[1, 0], [1, 0], [0, 1], [0, 1]]])


def each(**settings):
    return dice_loss(SURE, THERE, apply_softmax=False, reduction="none", **settings)[0]


def test_dice_by_hand():
    # Class 0: I = 2, P = 3, T = 2: 1 − 2/2.5; class 1: I = 1, P = 1, T = 2: 1 − 1/1.5. Smoothing by 1: 1 − 3/3.5 and 1 − 2/2.5.
    agree(each(smooth=0.0), np.array([1 / 5, 1 / 3]), "float32")
    agree(each(), np.array([1 / 7, 1 / 5]), "float32")
    agree(dice_loss(SURE, THERE, apply_softmax=False), np.array([(1 / 7 + 1 / 5) / 2]), "float32")
    agree(dice_loss(SURE, THERE, apply_softmax=False, reduction="sum"), np.array([1 / 7 + 1 / 5]), "float32")
    # A logit of ±1e4 is as sure.
    agree(dice_loss(1e4 * SURE, THERE), dice_loss(SURE, THERE, apply_softmax=False), "float32")


def test_tversky_by_hand():
    # Class 0 has one false positive, class 1 one false negative: 1 − 2/(2 + α) and 1 − 1/(1 + β).
    agree(each(smooth=0.0, alpha=0.5, beta=3.0), np.array([1 / 5, 3 / 4]), "float32")
    agree(each(smooth=0.0, alpha=2.0, beta=0.0), np.array([1 / 2, 0.0]), "float32")


def test_weights_and_background():
    w = jnp.array([10.0, 3.0])
    agree(each(smooth=0.0, class_weights=w), np.array([2.0, 1.0]), "float32")
    agree(each(smooth=0.0, class_weights=w, ignore_background=True), np.array([1.0]), "float32")
    agree(dice_loss(SURE, THERE, apply_softmax=False, smooth=0.0, ignore_background=True), np.array([1 / 3]), "float32")
    # A single class is no background.
    one = jnp.zeros((2, 3, 1))
    assert jnp.array_equal(dice_loss(one, one, ignore_background=True), dice_loss(one, one))


def test_nothing_predicted_and_nothing_there():
    # 0/0 without smoothing: optax has NaN. The loss is 0 with zero gradient.
    nothing = jnp.zeros((1, 3, 1))
    loss = lambda p: dice_loss(p, nothing, apply_softmax=False, smooth=0.0).sum()  # noqa: E731
    assert loss(nothing).item() == 0.0
    assert jnp.array_equal(jax.jit(jax.grad(loss))(nothing), nothing)
    # Something predicted where nothing is costs 1.
    assert loss(nothing + 0.5).item() == 1.0


def test_a_missing_class_axis_and_other_axes():
    z, y = jnp.array([[0.5, -1.0, 2.0], [0.0, 1.0, -2.0]]), jnp.array([[1, 0, 1], [0, 0, 1]])
    assert jnp.array_equal(dice_loss(z[..., None], y), dice_loss(z[..., None], y[..., None]))
    assert jnp.array_equal(dice_loss(z, y[..., None]), dice_loss(z[..., None], y[..., None]))
    # A last axis of both is one of classes.
    assert dice_loss(z, y, reduction="none").shape == (2, 3)
    # Over all axes but the classes the batch counts as one.
    assert dice_loss(z[..., None], y, axis=(0, 1)).shape == ()
    both = dice_loss(z.reshape(1, 6, 1), y.reshape(1, 6, 1))[0]
    agree(dice_loss(z[..., None], y, axis=(0, 1)), both, "float32")


def test_binary_dice_is_dice_of_one_class():
    z, y = jnp.array([[0.5, -1.0, 2.0], [0.0, 1.0, -2.0]]), jnp.array([[1, 0, 1], [0, 0, 1]])
    want = dice_loss(z[..., None], y[..., None], smooth=0.5)
    assert jnp.array_equal(binary_dice_loss(z, y, smooth=0.5), want)
    assert jnp.array_equal(binary_dice_loss(z[..., None], y[..., None], smooth=0.5), want)
    # Any probabilities, where optax asks that they be 1: I = 0.6, P = 1, T = 1: 1 − 0.6/1.
    got = binary_dice_loss(jnp.array([[0.6, 0.4]]), jnp.array([[1, 0]]), smooth=0.0, apply_sigmoid=False)
    agree(got, np.array([0.4]), "float32")


def test_generalized_dice_by_hand():
    # Three cells of class 0 and one of class 1: inverse squares 1/9 and 1 weigh 2·(1/10, 9/10); all is predicted as class 0 (1 − 3/3.5 and 1).
    z = jnp.broadcast_to(jnp.array([1e4, -1e4]), (1, 4, 2))
    y = jnp.array([[[1, 0], [1, 0], [1, 0], [0, 1]]])
    agree(multiclass_generalized_dice_loss(z, y, smooth=0.0), np.array((0.2 / 7 + 1.8) / 2), "float32")
    agree(multiclass_generalized_dice_loss(z, y, smooth=0.0, ignore_background=True), np.array(1.8), "float32")
    # A class that is nowhere takes nearly all of the weight; it stays finite.
    gone = multiclass_generalized_dice_loss(z, jnp.broadcast_to(jnp.array([1, 0]), (1, 4, 2)))
    assert jnp.isfinite(gone)


@pytest.mark.parametrize("loss", [dice_loss, multiclass_generalized_dice_loss])
def test_probabilities_are_looked_at_only_when_they_can_be(loss):
    # optax looks while tracing, which fails.
    wrong = jnp.array([[[0.9, 0.9]]])
    with pytest.raises(ValueError, match="sum to"):
        loss(wrong, jnp.array([[[1, 0]]]), apply_softmax=False)
    assert jnp.isfinite(jax.jit(lambda p: loss(p, jnp.array([[[1, 0]]]), apply_softmax=False))(wrong)).all()
    half = jax.nn.softmax(jnp.linspace(-3.0, 3.0, 20).reshape(1, 2, 10)).astype(jnp.bfloat16)
    assert loss(half, jnp.ones((1, 2, 10), int), apply_softmax=False).dtype == jnp.bfloat16


def test_empty_batches_nan_and_halves():
    assert dice_loss(jnp.zeros((0, 2, 3)), jnp.zeros((0, 2, 3))).shape == (0,)
    assert binary_dice_loss(jnp.zeros((0, 2)), jnp.zeros((0, 2))).shape == (0,)
    assert jnp.isnan(dice_loss(jnp.full((1, 2, 3), math.nan), jnp.zeros((1, 2, 3)))).all()
    # 4096 cells, half of them there: a bfloat16 sum would stop at 256. p = ½: I = 1024, P = T = 2048.
    y = (jnp.arange(4096) % 2).reshape(1, 4096)
    assert binary_dice_loss(jnp.zeros((1, 4096), jnp.bfloat16), y, smooth=0.0).tolist() == [0.5]
