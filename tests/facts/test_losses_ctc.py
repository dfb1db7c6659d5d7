"""Connectionist temporal classification, worked by hand and against all paths."""

import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview.losses import ctc_loss, ctc_loss_with_forward_probs

from agree import agree


def cost(logits, labels, **settings):
    """Of one example without padding."""
    labels = jnp.asarray(labels, jnp.int32)
    return ctc_loss(logits, jnp.zeros(logits.shape[:1], int), labels, jnp.zeros(labels.shape, int), **settings)


def collapsed(path, blank):
    """A path with repetitions merged and then blanks dropped."""
    return [symbol for symbol, _ in itertools.groupby(path) if symbol != blank]


@pytest.mark.parametrize("labels", [[], [0], [2], [0, 2], [2, 2], [0, 2, 0], [2, 2, 0], [2, 2, 2]])
def test_it_is_the_sum_over_all_paths(labels):
    # Three classes, the blank is 1, four frames: 81 paths.
    logits = jnp.asarray(np.random.default_rng(0).standard_normal((4, 3)), "float32")
    p = np.asarray(jax.nn.softmax(logits), np.float64)
    total = sum(math.prod(p[t, c] for t, c in enumerate(path)) for path in itertools.product(range(3), repeat=4) if collapsed(path, 1) == labels)
    want = -math.log(total) if total else 1e5
    agree(cost(logits, labels, blank_id=1), np.array(want), "float32")


def test_by_hand():
    # Two equal classes, two frames, label 1: paths 11, 01, 10 of four.
    agree(cost(jnp.zeros((2, 2)), [1]), np.array(-math.log(3 / 4)), "float32")
    # A repeated label needs a blank between: of eight paths 101 alone.
    agree(cost(jnp.zeros((3, 2)), [1, 1]), np.array(math.log(8)), "float32")
    # No label: blanks alone.
    agree(cost(jnp.zeros((3, 2)), []), np.array(math.log(8)), "float32")


@pytest.mark.parametrize("epsilon", [-1e5, -7.0])
def test_labels_without_a_path_cost_log_epsilon_with_zero_gradient(epsilon):
    # Two labels in one frame, or two equal ones in two. PyTorch gives ∞.
    for frames, labels in ((1, [1, 2]), (2, [1, 1])):
        logits = jnp.ones((frames, 3))
        assert cost(logits, labels, log_epsilon=epsilon).item() == -epsilon
        assert jnp.array_equal(jax.grad(lambda z, y=labels: cost(z, y, log_epsilon=epsilon))(logits), jnp.zeros((frames, 3)))
    # A path that costs more than −log ε is still counted as it is.
    assert cost(jnp.array([[2e5, 0.0]]), [1]).item() == 2e5


def test_float16_ends_before_log_epsilon():
    assert cost(jnp.zeros((1, 3), jnp.float16), [1, 2]).item() == 65504.0


@pytest.mark.thorough
def test_padding_is_as_if_it_were_not_there():
    rng = np.random.default_rng(1)
    logits = jnp.asarray(rng.standard_normal((2, 6, 4)), "float32")
    frames = jnp.array([[0, 0, 0, 0, 1, 1], [1, 0, 0, 1, 0, 1]])  # in the middle too
    labels, gone = jnp.array([[1, 1, -9], [3, 0, 99]]), jnp.array([[0, 0, 1], [0, 1, 1]])
    # What is padded may be anything, and gets no gradient.
    wild = jnp.where(frames[..., None] == 1, jnp.nan, logits)
    loss = lambda z: ctc_loss(z, frames, labels, gone)  # noqa: E731
    want = jnp.stack([cost(logits[0, :4], [1, 1]), cost(logits[1, jnp.array([1, 2, 4])], [3])])
    agree(loss(wild), want, "float32")
    got = jax.grad(lambda z: loss(z).sum())(wild)
    assert jnp.array_equal(jnp.where(frames[..., None] == 1, got, 0.0), jnp.zeros_like(got))
    agree(got[0, :4], jax.grad(lambda z: cost(z, [1, 1]))(logits[0, :4]), "float32")
    for kind in (bool, float):
        assert jnp.array_equal(ctc_loss(logits, frames.astype(kind), labels, gone.astype(kind)), loss(logits))
    # No frame at all: no label costs nothing, and any label has no path.
    all_gone = jnp.ones((2, 6), int)
    assert ctc_loss(logits, all_gone, labels, jnp.array([[1, 1, 1], [0, 1, 1]])).tolist() == [0.0, 1e5]


def test_logits_of_any_size():
    for size in (1e4, 1e18, 1e38):
        logits = size * jnp.asarray([[1.0, -1.0, 0.0], [-1.0, 1.0, 0.0], [0.0, -1.0, 1.0]])
        # The greedy path is blank, 1, 2: certain.
        assert cost(logits, [1, 2]).item() == 0.0
        assert jnp.isfinite(jax.grad(lambda z: cost(z, [2]))(logits)).all()
    assert jnp.isfinite(jax.grad(lambda z: cost(z, [1]))(jnp.array([[0.0, 1.0, -math.inf]]))).all()
    assert jnp.isnan(cost(jnp.full((2, 3), math.nan), [1]))


@pytest.mark.parametrize("label", [-1, 3, 0])
def test_a_label_out_of_range_or_blank_is_refused_or_nan(label):
    given = jnp.zeros((2, 4, 3)), jnp.zeros((2, 4), int), jnp.array([[label], [1]]), jnp.zeros((2, 1), int)
    with pytest.raises(ValueError, match="other than the blank"):
        ctc_loss(*given)
    assert jnp.isnan(jax.jit(ctc_loss)(*given)).tolist() == [True, False]


@pytest.mark.thorough
def test_the_gradient_of_a_frame_sums_to_zero():
    # It is softmax less the share of paths through each symbol.
    logits = jnp.asarray(np.random.default_rng(2).standard_normal((5, 4)), "float32")
    got = jax.grad(lambda z: cost(z, [1, 1, 2]))(logits)
    agree(jnp.exp(got.sum(-1)), np.ones(5), "float32")
    # Forced: three frames for 1, blank, 1, so softmax − one-hot.
    forced = jax.grad(lambda z: cost(z, [1, 1]))(logits[:3])
    agree(forced, jax.nn.softmax(logits[:3]) - jax.nn.one_hot(jnp.array([1, 0, 1]), 4), "float32")


def test_forward_probabilities_by_hand():
    # Two classes at ½, label 1, three frames. Blank: all blanks (½, ¼), or after the label; the last row counts both ends.
    loss, blank, label = ctc_loss_with_forward_probs(jnp.zeros((3, 2)), jnp.zeros(3, int), jnp.array([1]), jnp.zeros(1, int))
    agree(jnp.exp(label), np.array([[0.5], [0.5], [3 / 8]]), "float32")
    agree(jnp.exp(blank), np.array([[0.5, 0.0], [0.25, 0.25], [1 / 8, 3 / 8 + 3 / 8]]), "float32")
    agree(loss, np.array(-math.log(3 / 4)), "float32")
    assert blank[0, 1] == -1e5


@pytest.mark.thorough
def test_batches():
    rng = np.random.default_rng(3)
    logits, labels = jnp.asarray(rng.standard_normal((2, 3, 5, 4)), "float32"), jnp.asarray(rng.integers(1, 4, (2, 3, 2)))
    given = logits, jnp.zeros((2, 3, 5), int), labels, jnp.zeros((2, 3, 2), int)
    loss, blank, label = ctc_loss_with_forward_probs(*given)
    assert (loss.shape, blank.shape, label.shape) == ((2, 3), (5, 2, 3, 3), (5, 2, 3, 2))
    agree(loss, jax.vmap(jax.vmap(ctc_loss))(*given), "float32")
    assert ctc_loss(*(a[:0] for a in given)).shape == (0, 3)
