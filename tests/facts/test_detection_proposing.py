"""The order of the steps, what takes no part, and what fills up."""

import jax
import jax.numpy as jnp
import numpy as np

from jaxreview.detection import clip_boxes, decode_boxes, proposals

ANCHORS = jnp.array([[0.0, 0.0, 20.0, 20.0], [0.0, 0.0, 20.0, 18.0], [30.0, 30.0, 34.0, 34.0], [25.0, 0.0, 50.0, 20.0]])
STILL = jnp.zeros((4, 4))


def test_the_best_are_taken_before_small_ones_are_dropped():
    found = proposals(jnp.array([1.0, 0.0, 3.0, 2.0]), STILL, ANCHORS, image_size=(40, 40), pre_nms=2, post_nms=3)
    assert found.boxes.tolist() == [[25.0, 0.0, 40.0, 20.0], [0.0] * 4, [0.0] * 4] or not found.valid[0]
    found = proposals(jnp.array([1.0, 0.0, 3.0, 2.0]), STILL, ANCHORS, image_size=(40, 50), pre_nms=2, post_nms=3)
    assert found.valid.tolist() == [True, False, False]
    assert found.boxes[0].tolist() == [25.0, 0.0, 50.0, 20.0]


def test_clipped_before_measured():
    # Of the fourth anchor 15 columns are inside: less than 16.
    found = proposals(jnp.array([0.0, 0.0, 0.0, 1.0]), STILL, ANCHORS, image_size=(40, 40), pre_nms=1, post_nms=1)
    assert not found.valid.any()
    assert proposals(jnp.array([0.0, 0.0, 0.0, 1.0]), STILL, ANCHORS, image_size=(40, 40), pre_nms=1, post_nms=1, min_size=15).valid.all()


def test_a_better_one_suppresses():
    found = proposals(jnp.array([1.0, 2.0, 0.0, 3.0]), STILL, ANCHORS, image_size=(50, 50), post_nms=4)
    assert found.scores.tolist() == [3.0, 2.0, -jnp.inf, -jnp.inf]
    assert found.boxes[:2].tolist() == [ANCHORS[3].tolist(), ANCHORS[1].tolist()]


def test_nan_and_minus_infinity_take_no_part():
    found = proposals(jnp.array([jnp.nan, -jnp.inf, 5.0, 0.0]), STILL, ANCHORS, image_size=(50, 50), post_nms=9, min_size=0)
    assert found.scores[:2].tolist() == [5.0, 0.0]
    assert found.valid.tolist() == [True] * 2 + [False] * 7
    assert not found.boxes[2:].any()


def test_a_nan_of_a_delta_reaches_no_valid_box():
    found = proposals(jnp.array([4.0, 3.0, 2.0, 1.0]), STILL.at[0].set(jnp.nan), ANCHORS, image_size=(50, 50), post_nms=4, min_size=1)
    assert bool(jnp.isfinite(found.boxes).all())


def test_proposals_are_constants():
    slopes = jax.grad(lambda s, d: proposals(s, d, ANCHORS, image_size=(50, 50), post_nms=2).boxes.sum(), (0, 1))(jnp.arange(4.0), STILL)
    assert not any(a.any() for a in slopes)


def test_each_image_on_its_own_and_of_its_own_size():
    rng = np.random.default_rng(0)
    scores, deltas = jnp.array(rng.standard_normal((3, 4)), jnp.float32), jnp.array(0.1 * rng.standard_normal((3, 4, 4)), jnp.float32)
    sizes = jnp.array([[50, 50], [40, 60], [30, 30]])
    one = lambda s, d, size: proposals(s, d, ANCHORS, image_size=size, post_nms=3, min_size=2)  # noqa: E731
    many = jax.vmap(one)(scores, deltas, sizes)
    for n in range(3):
        alone = one(scores[n], deltas[n], tuple(sizes[n].tolist()))
        assert jax.tree.map(lambda a: a.tolist(), alone) == jax.tree.map(lambda a, n=n: a[n].tolist(), many)
        order = jnp.argsort(-scores[n])
        all_boxes = clip_boxes(decode_boxes(deltas[n], ANCHORS), tuple(sizes[n].tolist()))[order]
        assert all(any(np.allclose(box, other) for other in all_boxes) for box, real in zip(alone.boxes, alone.valid, strict=True) if real)
