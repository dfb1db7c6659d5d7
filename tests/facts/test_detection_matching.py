"""Which anchor is an object: thresholds, ties, objects that nothing meets, padding."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview.detection import box_iou, match_anchors

ANCHORS = jnp.array([[0.0, 0.0, 10.0, 10.0], [20.0, 0.0, 30.0, 10.0], [40.0, 0.0, 50.0, 10.0]])


def labels(anchors, boxes, valid=None, **settings):
    boxes = jnp.array(boxes)
    return match_anchors(anchors, boxes, jnp.ones(boxes.shape[:-1], bool) if valid is None else jnp.array(valid), **settings).labels.tolist()


@pytest.mark.parametrize(("height", "label"), [(7.0, 1), (6.5, -1), (3.0, -1), (2.5, 0)])
def test_both_thresholds_belong_to_the_upper_side(height, label):
    # The second anchor is the object's best, so that the first is judged by its IoU alone, height/10.
    anchors = jnp.array([[0.0, 0.0, 10.0, 10.0], [0.0, 0.0, 10.0, height]])
    assert labels(anchors, [[0.0, 0.0, 10.0, height]])[0] == label


def test_an_objects_best_anchors_are_positive_below_every_threshold_all_of_them():
    # The object reaches 1 into each of the first two: IoU 10/290 both.
    assert labels(ANCHORS, [[9.0, 0.0, 21.0, 10.0]]) == [1, 1, 0]


def test_an_object_that_nothing_meets_makes_none_positive():
    assert labels(ANCHORS, [[100.0, 100.0, 110.0, 110.0]]) == [0, 0, 0]
    assert labels(ANCHORS, [[100.0, 100.0, 110.0, 110.0], [0.0, 0.0, 10.0, 10.0]]) == [1, 0, 0]


def test_the_object_of_a_best_anchor_is_the_one_of_its_own_largest_iou():
    # The anchor is the best of the small second object, but overlaps the first more.
    found = match_anchors(ANCHORS[:1], jnp.array([[0.0, 0.0, 10.0, 9.0], [0.0, 0.0, 2.0, 2.0]]), jnp.ones(2, bool))
    assert found.labels.tolist() == [1]
    assert found.objects.tolist() == [0]


def test_of_equal_objects_the_first():
    found = match_anchors(ANCHORS, jnp.array([[80.0, 0.0, 90.0, 9.0], [20.0, 0.0, 30.0, 10.0], [20.0, 0.0, 30.0, 10.0]]), jnp.ones(3, bool))
    assert found.objects.tolist() == [0, 1, 0]


def test_padding_may_hold_anything():
    boxes = [[0.0, 0.0, 10.0, 10.0], [jnp.nan] * 4, [20.0, 0.0, 30.0, 10.0], [-jnp.inf, -jnp.inf, jnp.inf, jnp.inf]]
    found = match_anchors(ANCHORS, jnp.array(boxes), jnp.array([True, False, False, False]))
    assert found.labels.tolist() == [1, 0, 0]
    assert found.objects.tolist() == [0, 0, 0]


@pytest.mark.parametrize("boxes", [np.zeros((0, 4), np.float32), np.ones((2, 4), np.float32)])
def test_without_objects_all_is_background(boxes):
    found = match_anchors(ANCHORS, jnp.array(boxes), jnp.zeros(len(boxes), bool))
    assert found.labels.tolist() == found.objects.tolist() == [0, 0, 0]
    assert match_anchors(ANCHORS[:0], jnp.array(boxes), jnp.ones(len(boxes), bool)).labels.shape == (0,)


def test_left_out_anchors_are_nobodys_best():
    mask = jnp.array([False, True, True])
    found = match_anchors(ANCHORS, jnp.array([[0.0, 0.0, 22.0, 10.0]]), jnp.array([True]), mask=mask)
    assert found.labels.tolist() == [-1, 1, 0]
    batch = match_anchors(ANCHORS, jnp.array([[[0.0, 0.0, 22.0, 10.0]]] * 2), jnp.ones((2, 1), bool), mask=jnp.stack([mask, ~mask]))
    assert batch.labels.tolist() == [[-1, 1, 0], [1, -1, -1]]


@pytest.mark.parametrize("count", [1, 7, 40])
def test_compiled_each_object_still_has_its_best(count):
    # The best are found by equality: an IoU computed twice, and rounded otherwise, would lose them.
    rng = np.random.default_rng(count)

    def some(number):
        corner = rng.uniform(0.0, 80.0, (number, 2))
        return jnp.array(np.concatenate([corner, corner + rng.uniform(5.0, 30.0, corner.shape)], -1), jnp.float32)

    anchors, boxes = some(999), some(count)
    found = jax.jit(lambda a, b: match_anchors(a * 1.1, b * 1.1, jnp.ones(count, bool), positive=1.0, negative=0.0))(anchors, boxes)
    overlaps = box_iou(boxes * 1.1, anchors * 1.1)
    best = jnp.max(overlaps, -1, keepdims=True)
    assert bool(jnp.all(found.labels[jnp.argmax(overlaps, -1)] == 1))
    near = jnp.any(overlaps > 0.9999 * best, 0)
    assert bool(jnp.all(near | (found.labels != 1)))


def test_images_of_a_batch_are_on_their_own():
    rng = np.random.default_rng(0)
    corner = rng.uniform(0.0, 40.0, (3, 4, 2))
    boxes, valid = jnp.array(np.concatenate([corner, corner + 12.0], -1), jnp.float32), jnp.array(rng.uniform(size=(3, 4)) < 0.6)
    together = match_anchors(ANCHORS, boxes, valid)
    for n in range(3):
        alone = match_anchors(ANCHORS, boxes[n], valid[n])
        assert alone.labels.tolist() == together.labels[n].tolist()
        assert alone.objects.tolist() == together.objects[n].tolist()
