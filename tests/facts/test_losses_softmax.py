"""Losses of a softmax by the names of optax, worked by hand."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview.losses import (
    cross_entropy,
    poly_loss_cross_entropy,
    ranking_softmax_loss,
    safe_softmax_cross_entropy,
    smooth_labels,
    softmax_cross_entropy,
    softmax_cross_entropy_with_integer_labels,
)

from agree import agree

SOFT = [softmax_cross_entropy, safe_softmax_cross_entropy, poly_loss_cross_entropy]
INF = math.inf


def slope(loss, *args, at=0, **settings):
    return jax.grad(lambda *a: loss(*a, **settings).sum(), at)(*args)


@pytest.mark.parametrize("loss", SOFT[:2])
def test_cross_entropy_by_hand(loss):
    # Two equal logits cost log 2, with slope softmax − label; by the label the slope is −log p.
    z, y = jnp.zeros((1, 2)), jnp.array([[1.0, 0.0]])
    agree(loss(z, y), np.array([math.log(2)]), "float32")
    assert slope(loss, z, y).tolist() == [[-0.5, 0.5]]
    agree(slope(loss, z, y, at=1), np.full((1, 2), math.log(2)), "float32")
    assert loss(jnp.array([[0.0, 1e4]]), y).tolist() == [1e4]


@pytest.mark.parametrize("loss", SOFT)
def test_a_logit_of_minus_infinity_without_mass(loss):
    # TRAPS: optax gives NaN. p = (½, 0, ½).
    z, y = jnp.array([[0.0, -INF, 0.0]]), jnp.array([[1.0, 0.0, 0.0]])
    epsilon = 2.0 if loss is poly_loss_cross_entropy else 0.0
    agree(loss(z, y), np.array([math.log(2) + epsilon / 2]), "float32")
    got = slope(loss, z, y)
    assert got[0, 1] == 0.0
    assert jnp.isfinite(got).all()
    assert jnp.isfinite(slope(loss, z, y, at=1)).all()
    # With mass it is impossible, and costs infinitely much.
    assert loss(z, jnp.array([[0.0, 1.0, 0.0]])).tolist() == [INF]


@pytest.mark.parametrize("labels", [jnp.array([[1, 0]]), jnp.array([[True, False]]), jnp.array([[1, 0]], jnp.uint8)])
def test_one_hot_labels_of_any_kind(labels):
    for loss in (*SOFT, ranking_softmax_loss):
        assert jnp.array_equal(loss(jnp.array([[2.0, 1.0]]), labels), loss(jnp.array([[2.0, 1.0]]), jnp.array([[1.0, 0.0]])))


def test_several_class_axes_count_as_one():
    # Four cells, all equal: log 4, of the whole array as well as for each example.
    z, y = jnp.zeros((3, 2, 2)), jnp.zeros((3, 2, 2)).at[:, 0, 1].set(1.0)
    agree(softmax_cross_entropy(z, y, axis=(1, 2)), np.full(3, math.log(4)), "float32")
    agree(softmax_cross_entropy(z[0], y[0], axis=None), np.array(math.log(4)), "float32")
    # A label counts the cells row-major in the order of the axes: (row 0, column 1) is 1, but (column 1, row 0) is 2.
    z = jnp.array([[0.0, 5.0], [0.0, 0.0]])
    cheap = math.log(math.exp(5) + 3) - 5
    agree(softmax_cross_entropy_with_integer_labels(z, jnp.array(1), axis=(0, 1)), np.array(cheap), "float32")
    agree(softmax_cross_entropy_with_integer_labels(z, jnp.array(2), axis=(1, 0)), np.array(cheap), "float32")


@pytest.mark.parametrize("hidden", [0.0, 1e4, INF, -INF, math.nan])
def test_what_is_left_out_may_be_anything(hidden):
    # Of three logits (0, 0, hidden) two exist: log 2, slopes (−½, ½, 0).
    z, y, where = jnp.array([[0.0, 0.0, hidden]]), jnp.array([[1.0, 0.0, 0.0]]), jnp.array([[True, True, False]])
    agree(softmax_cross_entropy(z, y, where=where), np.array([math.log(2)]), "float32")
    agree(softmax_cross_entropy_with_integer_labels(z, jnp.array([0]), where=where), np.array([math.log(2)]), "float32")
    agree(poly_loss_cross_entropy(z, y, where=where), np.array([math.log(2) + 1.0]), "float32")
    agree(ranking_softmax_loss(z, y, where=where), np.array(math.log(2)), "float32")
    assert slope(softmax_cross_entropy, z, y, where=where).tolist() == [[-0.5, 0.5, 0.0]]
    assert slope(softmax_cross_entropy_with_integer_labels, z, jnp.array([0]), where=where).tolist() == [[-0.5, 0.5, 0.0]]
    assert slope(ranking_softmax_loss, z, y, where=where).tolist() == [[-0.5, 0.5, 0.0]]
    assert slope(poly_loss_cross_entropy, z, y, where=where)[0, 2] == 0.0
    assert slope(softmax_cross_entropy, z, y, at=1, where=where)[0, 2] == 0.0
    assert slope(ranking_softmax_loss, z, y, weights=jnp.array([[1.0, 1.0, hidden]]), where=where).tolist() == [[-0.5, 0.5, 0.0]]


@pytest.mark.parametrize("loss", [softmax_cross_entropy, poly_loss_cross_entropy, softmax_cross_entropy_with_integer_labels])
def test_an_example_of_which_nothing_is_left_costs_nothing(loss):
    # The mask may be given for each example.
    z = jnp.array([[0.0, 1.0], [math.nan, INF]])
    labels = jnp.array([0, 1]) if loss is softmax_cross_entropy_with_integer_labels else jnp.eye(2)
    got = loss(z, labels, where=jnp.array([True, False]))
    assert got[1] == 0.0
    agree(got[0], loss(z, labels)[0], "float32")
    assert slope(loss, z, labels, where=jnp.array([True, False]))[1].tolist() == [0.0, 0.0]


def test_a_label_that_is_left_out_is_measured_against_the_others():
    # log(e^0) − 3 = −3, as in optax.
    assert softmax_cross_entropy_with_integer_labels(jnp.array([0.0, 3.0]), jnp.array(1), where=jnp.array([True, False])).item() == -3.0


@pytest.mark.parametrize("label", [-1, 3, 1000])
def test_a_label_out_of_range_is_refused_or_nan(label):
    z, labels = jnp.zeros((2, 3)), jnp.array([label, 1])
    with pytest.raises(ValueError, match=r"classes in \[0, 3\)"):
        softmax_cross_entropy_with_integer_labels(z, labels)
    traced = jax.jit(softmax_cross_entropy_with_integer_labels)(z, labels)
    assert jnp.isnan(traced[0])
    agree(traced[1], np.array(math.log(3)), "float32")


def test_they_are_one_loss():
    rng = np.random.default_rng(0)
    z, labels = jnp.asarray(rng.standard_normal((3, 5, 2)), "float32"), jnp.asarray(rng.integers(0, 5, (3, 2)))
    hot = jax.nn.one_hot(labels, 5, axis=1, dtype="float32")
    want = cross_entropy(z, labels, axis=1)
    agree(softmax_cross_entropy(z, hot, axis=1), want, "float32")
    agree(softmax_cross_entropy_with_integer_labels(z, labels, axis=1), want, "float32")
    agree(poly_loss_cross_entropy(z, hot, epsilon=0.0, axis=1), want, "float32")
    agree(softmax_cross_entropy(z, smooth_labels(hot, 0.3, axis=1), axis=1), cross_entropy(z, labels, axis=1, label_smoothing=0.3), "float32")


def test_poly_loss_by_hand():
    # p = (¾, ¼), labels (½, ½), ε = 4: −½·log ¾ − ½·log ¼ + 4·(½·¼ + ½·¾) = … + 2.
    z, y = jnp.array([math.log(3), 0.0]), jnp.array([0.5, 0.5])
    agree(poly_loss_cross_entropy(z, y, epsilon=4.0), np.array(-0.5 * math.log(3 / 16) + 2.0), "float32")
    # ε = −1 takes the first term of the series away: for one-hot labels −log p − (1 − p).
    agree(poly_loss_cross_entropy(z, jnp.array([1, 0]), epsilon=-1.0), np.array(-math.log(0.75) - 0.25), "float32")


def test_halves_accumulate_in_float32():
    # 4096 equal classes cost log 4096; a bfloat16 sum of ones stops at 256.
    z = jnp.zeros((1, 4096), jnp.bfloat16)
    want = [float(jnp.bfloat16(math.log(4096)))]
    assert softmax_cross_entropy_with_integer_labels(z, jnp.array([0])).tolist() == want
    assert softmax_cross_entropy(z, jax.nn.one_hot(jnp.array([0]), 4096, dtype=jnp.bfloat16)).tolist() == want


def test_ranking_by_hand():
    # Scores (0, 0, 0), relevance (2, 0, 1), weights (1, 1, 3): 2 log 3 + 3 log 3; the mean is over lists.
    z, y, w = jnp.zeros((2, 3)), jnp.array([[2, 0, 1], [0, 0, 0]]), jnp.array([[1.0, 1.0, 3.0], [1.0, 1.0, 1.0]])
    agree(ranking_softmax_loss(z, y, weights=w, reduce_fn=None), np.array([5 * math.log(3), 0.0]), "float32")
    agree(ranking_softmax_loss(z, y, weights=w), np.array(2.5 * math.log(3)), "float32")
    agree(ranking_softmax_loss(z, y, weights=w, reduce_fn=jnp.sum), np.array(5 * math.log(3)), "float32")


def test_the_mean_of_rankings_is_over_lists_with_an_item():
    z, y, where = jnp.zeros((2, 3)), jnp.ones((2, 3)), jnp.array([[True, True, False], [False, False, False]])
    for reduce_fn, want in ((jnp.mean, 2 * math.log(2)), (jnp.sum, 2 * math.log(2)), (None, [2 * math.log(2), 0.0])):
        agree(ranking_softmax_loss(z, y, where=where, reduce_fn=reduce_fn), np.array(want), "float32")
    nowhere = jnp.zeros((2, 3), bool)
    assert ranking_softmax_loss(z, y, where=nowhere).item() == 0.0
    assert jnp.array_equal(slope(ranking_softmax_loss, z, y, where=nowhere), jnp.zeros((2, 3)))


def test_smooth_labels_by_hand():
    # (1 − ½)·(0, 1) + ½/2, and over three of four classes: 0.3/3 = 0.1.
    assert smooth_labels(jnp.array([0.0, 1.0]), 0.5).tolist() == [0.25, 0.75]
    got = smooth_labels(jnp.array([1.0, 0.0, 0.0, 0.0]), 0.3, where=jnp.array([True, True, True, False]))
    agree(got, np.array([0.8, 0.1, 0.1, 0.1]), "float32")
    assert smooth_labels(jnp.ones((2, 2)), 1.0, axis=None).tolist() == [[0.25, 0.25], [0.25, 0.25]]
    assert smooth_labels(jnp.array([1.0, 0.0]), 0.5, where=jnp.array([False, False])).tolist() == [0.5, 0.0]
    assert smooth_labels(jnp.array([1.0, 0.0]), 0.0).tolist() == [1.0, 0.0]


def test_empty_batches():
    z = jnp.zeros((0, 3))
    for loss in (softmax_cross_entropy, safe_softmax_cross_entropy, poly_loss_cross_entropy):
        assert loss(z, z).shape == (0,)
    assert softmax_cross_entropy_with_integer_labels(z, jnp.zeros((0,), int)).shape == (0,)
    assert ranking_softmax_loss(z, z).item() == 0.0
    assert ranking_softmax_loss(z, z, reduce_fn=None).shape == (0,)
    assert smooth_labels(z, 0.1).shape == (0, 3)


def test_hessian_is_diag_p_less_p_p():
    z = jnp.array([0.3, -1.0, 2.0, -INF])
    p = np.asarray(jax.nn.softmax(z))
    for f in (
        lambda v: softmax_cross_entropy(v, jnp.array([0.0, 0.25, 0.75, 0.0])),
        lambda v: softmax_cross_entropy_with_integer_labels(v, jnp.array(2)),
    ):
        agree(jax.hessian(f)(z), np.diag(p) - np.outer(p, p), "float32")
