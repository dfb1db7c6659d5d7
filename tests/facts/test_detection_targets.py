"""What the region proposal network is asked, how the few that are asked are drawn, and what it is charged."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import losses
from jaxreview.detection import RPNTargets, base_anchors, box_iou, grid_anchors, inside_image, rpn_loss, rpn_targets

from agree import agree

GRID = grid_anchors(base_anchors(), (37, 62), stride=16)
SIZE = (600, 1000)
OBJECTS = jnp.array([[100.0, 100.0, 300.0, 290.0], [420.5, 80.0, 800.0, 530.0], [jnp.nan] * 4, [30.0, 400.0, 150.0, 560.0]])
VALID = jnp.array([True, True, False, True])


def test_a_published_image():
    found = jax.jit(lambda key: rpn_targets(key, GRID, OBJECTS, VALID, image_size=SIZE))(jax.random.key(0))
    inside = inside_image(GRID, SIZE)
    assert int(inside.sum()) == 8151
    positive, negative = found.labels == 1, found.labels == 0
    assert int((positive | negative).sum()) == 256
    assert 3 <= int(positive.sum()) <= 128
    assert bool(jnp.all(found.labels[~inside] == -1))
    overlaps = box_iou(GRID, OBJECTS[VALID])
    assert bool(jnp.all(jnp.max(overlaps, -1)[negative] < 0.3))
    assert bool(jnp.all(found.box_targets[~inside] == 0))
    assert bool(jnp.isfinite(found.box_targets).all())
    assert not bool(jnp.any(jnp.all(found.box_targets[inside] == 0, -1)))  # also the negatives have their offsets, as published
    agree(found.inside_weights, jnp.broadcast_to(positive[:, None], GRID.shape).astype(jnp.float32), "float32")
    agree(found.outside_weights, jnp.where(jnp.broadcast_to((positive | negative)[:, None], GRID.shape), 1 / 256, 0.0), "float32")


def rows(count):
    """Anchors that are all equal to the one object."""
    return jnp.tile(jnp.array([[0.0, 0.0, 8.0, 8.0]]), (count, 1))


def test_more_positives_than_room():
    found = rpn_targets(jax.random.key(1), rows(300), rows(1), jnp.array([True]), image_size=(8, 8))
    assert int((found.labels == 1).sum()) == 128
    assert int((found.labels == 0).sum()) == 0
    found = rpn_targets(jax.random.key(1), rows(300), rows(1), jnp.array([True]), image_size=(8, 8), batch_size=5, positive_fraction=0.5)
    assert int((found.labels == 1).sum()) == 2


def test_negatives_fill_what_positives_leave():
    anchors = jnp.concatenate([rows(3), rows(100) + 20.0])
    found = rpn_targets(jax.random.key(1), anchors, rows(1), jnp.array([True]), image_size=(30, 30), batch_size=20)
    assert int((found.labels == 1).sum()) == 3
    assert int((found.labels == 0).sum()) == 17
    agree(found.outside_weights.sum(0), jnp.ones(4), "float32")


def test_fewer_candidates_than_asked_are_all_taken():
    anchors = jnp.concatenate([rows(3), rows(2) + 20.0, rows(4) - 1.0])
    found = rpn_targets(jax.random.key(1), anchors, rows(1), jnp.array([True]), image_size=(30, 30))
    assert found.labels.tolist() == [1] * 3 + [0] * 2 + [-1] * 4
    agree(found.outside_weights[:, 0], jnp.array([0.2] * 5 + [0.0] * 4), "float32")


@pytest.mark.parametrize("boxes", [jnp.full((2, 4), jnp.nan), jnp.zeros((0, 4))])
def test_an_image_without_objects_is_background(boxes):
    found = rpn_targets(jax.random.key(0), GRID, boxes, jnp.zeros(len(boxes), bool), image_size=SIZE)
    assert int((found.labels == 0).sum()) == 256
    assert int((found.labels == 1).sum()) == 0
    assert not found.box_targets.any()
    assert not found.inside_weights.any()


def test_nothing_inside_of_the_image_asks_nothing():
    found = rpn_targets(jax.random.key(0), GRID, OBJECTS, VALID, image_size=(10, 10))
    assert bool(jnp.all(found.labels == -1))
    assert not found.outside_weights.any()


def test_the_border_lets_anchors_stick_out():
    anchors = rows(1) - 2.0
    assert rpn_targets(jax.random.key(0), anchors, rows(1), jnp.array([True]), image_size=(30, 30)).labels.tolist() == [-1]
    assert rpn_targets(jax.random.key(0), anchors, rows(1), jnp.array([True]), image_size=(30, 30), border=2.0).labels.tolist() == [1]


def test_every_candidate_is_drawn_equally_often():
    draws = 2000
    ask = jax.vmap(lambda key: rpn_targets(key, rows(10), rows(1), jnp.array([True]), image_size=(8, 8), batch_size=6).labels == 1)
    counts = ask(jax.random.split(jax.random.key(3), draws)).sum(0)
    share, spread = 0.3, np.sqrt(0.3 * 0.7 / draws)
    assert bool(jnp.all(jnp.abs(counts / draws - share) < 5 * spread))


def test_images_of_other_sizes_side_by_side():
    sizes = jnp.array([[600, 1000], [600, 800]])
    one = lambda size: rpn_targets(jax.random.key(0), GRID, OBJECTS, VALID, image_size=size)  # noqa: E731
    agree(jax.vmap(one)(sizes)[:2], jax.tree.map(lambda *a: jnp.stack(a), one((600, 1000)), one((600, 800)))[:2], "float32")


def test_a_batch_draws_for_each_image():
    boxes, valid = jnp.tile(rows(1), (2, 1, 1)), jnp.ones((2, 1), bool)
    found = rpn_targets(jax.random.key(0), rows(50), boxes, valid, image_size=(8, 8), batch_size=20).labels
    assert found.shape == (2, 50)
    assert (found == 1).sum(-1).tolist() == [10, 10]
    assert found[0].tolist() != found[1].tolist()


def some(seed=0, anchors=6):
    rng = np.random.default_rng(seed)
    scores, deltas, wanted = (jnp.array(rng.standard_normal(shape), jnp.float32) for shape in ((anchors,), (anchors, 4), (anchors, 4)))
    labels = jnp.array([1, 0, -1, 1, 0, -1][:anchors])
    inner = jnp.broadcast_to(labels[:, None] == 1, deltas.shape).astype(jnp.float32)
    return scores, deltas, RPNTargets(labels, wanted, inner, jnp.where(jnp.broadcast_to(labels[:, None] >= 0, deltas.shape), 0.25, 0.0))


def test_the_deltas_of_a_negative_cost_nothing():
    scores, deltas, targets = some()
    for row in (1, 2):
        other = rpn_loss(scores, deltas.at[row].set(jnp.inf), targets)
        assert other.boxes == rpn_loss(scores, deltas, targets).boxes
        slope = jax.grad(lambda d: rpn_loss(scores, d, targets).boxes)(deltas.at[row].set(jnp.inf))
        assert not slope[row].any()
        assert bool(jnp.isfinite(slope).all())
    assert rpn_loss(scores, deltas.at[0].set(9.0), targets).boxes != rpn_loss(scores, deltas, targets).boxes


def test_what_is_not_asked_costs_nothing():
    scores, deltas, targets = some()
    assert rpn_loss(scores.at[2].set(jnp.inf), deltas, targets).objectness == rpn_loss(scores, deltas, targets).objectness
    nothing = RPNTargets(jnp.full(6, -1), *(jnp.zeros((6, 4)) for _ in range(3)))
    assert rpn_loss(scores, deltas, nothing) == (0.0, 0.0)
    assert not any(a.any() for a in jax.grad(lambda s, d: sum(rpn_loss(s, d, nothing)), (0, 1))(scores, deltas))


def test_sigma_three():
    # σ = 3: ½(3 · 0.05)² = 0.01125 for each of four offsets.
    targets = RPNTargets(jnp.array([1]), jnp.zeros((1, 4)), jnp.ones((1, 4)), jnp.ones((1, 4)))
    agree(rpn_loss(jnp.zeros(1), jnp.full((1, 4), 0.05), targets).boxes, jnp.array(4 * 0.01125), "float32")


def test_two_class_logits_cost_the_same():
    scores, deltas, targets = some()
    pair = jnp.stack([jnp.ones(6), 1.0 + scores], -1)
    asked = targets.labels >= 0
    costs = losses.cross_entropy(pair, jnp.where(asked, targets.labels, 0))
    agree(rpn_loss(scores, deltas, targets).objectness, jnp.mean(costs[asked]), "float32")
