"""Non-maximum suppression, worked by hand: chains, ties, thresholds, boxes without area, padding, and what the algorithm may cost."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from jax.sharding import Mesh, PartitionSpec

from jaxreview.detection import _greedy, batched_nms, nms, soft_nms
from jaxreview.gradcheck import check_gradients
from jaxreview.loops import detection as loops

from agree import agree

# A, B, C: 4 wide, a step of 1 apart: IoU 3/5 for neighbours, 2/6 for A and C.
CHAIN = jnp.array([[0.0, 0.0, 4.0, 2.0], [1.0, 0.0, 5.0, 2.0], [2.0, 0.0, 6.0, 2.0]])
FALLING = jnp.array([0.9, 0.8, 0.7])
SAME = jnp.broadcast_to(jnp.array([-5.0, -5.0, -3.0, -1.0]), (5, 4))


def kept(boxes, scores, iou_threshold=0.5, **settings):
    """The indices of the kept boxes; what is behind them is −1 and not valid."""
    mask = {"mask": settings.pop("mask")} if "mask" in settings else {}
    call = jax.jit(lambda b, s, **arrays: nms(b, s, iou_threshold=iou_threshold, **settings, **arrays))
    found = call(jnp.asarray(boxes, jnp.float32), jnp.asarray(scores, jnp.float32), **mask)
    indices, count = found.indices.tolist(), int(found.valid.sum())
    assert indices[count:] == [-1] * (len(indices) - count)
    assert found.valid.tolist() == [n < count for n in range(len(indices))]
    return indices[:count]


def clusters(n, seed=0, side=400.0):
    """Boxes around some objects, as a detector gives them, with a score for each."""
    rng = np.random.default_rng(seed)
    sides, centres = rng.uniform(20, 120, (n // 12 + 1, 2)), rng.uniform(-side, side, (n // 12 + 1, 2))
    one = rng.integers(len(sides), size=n)
    centre, half = centres[one] + 0.15 * sides[one] * rng.standard_normal((n, 2)), sides[one] * np.exp(0.15 * rng.standard_normal((n, 2))) / 2
    return np.concatenate([centre - half, centre + half], -1).astype("float32"), rng.random(n).astype("float32")


def greedy(boxes, scores, threshold):
    """The definition over a box of each turn in float64, quick enough for thousands of boxes."""
    boxes, left, found = boxes.astype("float64"), list(np.argsort(-scores, kind="stable")), []
    while left:
        best, rest = left[0], np.array(left[1:], int)
        found.append(int(best))
        low, high = np.maximum(boxes[best, :2], boxes[rest, :2]), np.minimum(boxes[best, 2:], boxes[rest, 2:])
        both = np.prod(np.clip(high - low, 0, None), -1)
        areas = np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 0, None), -1)
        left = list(rest[~(both > threshold * (areas[best] + areas[rest] - both))])
    return found


def test_the_last_of_a_chain_stays():
    # A suppresses B, so B suppresses no C. One sweep over the matrix of overlaps would have dropped C.
    assert kept(CHAIN, FALLING) == [0, 2]
    assert kept(CHAIN[::-1], FALLING) == [0, 2]
    assert kept(CHAIN, [0.8, 0.9, 0.7]) == [1]


@pytest.mark.parametrize("length", [63, 64, 65, 200])
def test_a_chain_through_blocks(length):
    # Every second box of a chain stays, however many sweeps that takes: each overlaps the next by 3/5.
    boxes = np.array([0.0, 0.0, 4.0, 2.0]) + np.arange(length)[:, None] * np.array([1.0, 0.0, 1.0, 0.0])
    assert kept(boxes, -np.arange(length)) == list(range(0, length, 2))
    # From 1/3 on the one after next is suppressed as well.
    assert kept(boxes, -np.arange(length), 0.3) == list(range(0, length, 3))


def test_an_overlap_at_the_threshold_suppresses_nothing():
    halves = [[0, 0, 4, 2], [0, 0, 4, 1]]
    assert kept(halves, [2, 1], 0.5) == [0, 1]
    assert kept(halves, [2, 1], 0.49) == [0]
    assert kept(CHAIN, FALLING, 0.6) == [0, 1, 2]


def test_the_thresholds_0_and_1():
    touching = [[0, 0, 1, 1], [1, 0, 2, 1], [1.5, 0, 2.5, 1]]
    assert kept(touching, FALLING, 0.0) == [0, 1]
    assert kept(SAME, jnp.ones(5), 1.0) == [0, 1, 2, 3, 4]
    # Products that are rounded: no share is above 1 for any of them.
    boxes = np.repeat(np.random.default_rng(0).uniform(-10, 10, (300, 2, 2)).cumsum(1).reshape(300, 4), 2, 0)
    assert len(kept(boxes, np.ones(600), 1.0)) == 600


def test_equal_scores_go_by_index():
    apart = np.arange(5)[:, None] * np.array([9.0, 0.0, 9.0, 0.0]) + np.array([0.0, 0.0, 1.0, 1.0])
    assert kept(apart, [1, 2, 1, 2, 1]) == [1, 3, 0, 2, 4]
    assert kept(apart, [0.0, -0.0, 0.0, -0.0, 0.0]) == [0, 1, 2, 3, 4]
    assert kept(apart, [-1, -2, np.inf, -0.5, 0]) == [2, 4, 3, 0, 1]
    assert kept(SAME, jnp.ones(5)) == [0]


def test_negative_coordinates_are_boxes():
    assert kept(CHAIN - 100, FALLING) == [0, 2]


def test_boxes_without_area_overlap_nothing():
    point, line, inverted = [2, 2, 2, 2], [0, 1, 4, 1], [4, 4, 1, 1]
    boxes = [point, point, line, line, inverted, inverted, [0, 0, 4, 4]]
    for threshold in (0.0, 0.5, 1.0):
        assert kept(boxes, -np.arange(7), threshold) == list(range(7))


def test_what_takes_no_part():
    scores = [np.nan, -np.inf, 0.5, np.nan, 0.25]
    assert kept(SAME, scores) == [2]
    assert kept(SAME, [np.nan] * 5) == []
    assert kept(SAME, [0.9, 0.8, 0.7, 1, 1], mask=jnp.array([False, True, True, False, False])) == [1]
    # A threshold lets through what is greater, not what equals it.
    apart = np.arange(5)[:, None] * np.array([9.0, 0.0, 9.0, 0.0]) + np.array([0.0, 0.0, 1.0, 1.0])
    assert kept(apart, [0.25, 0.5, 0.75, 0.5, 1.0], score_threshold=0.5) == [4, 2]
    # Coordinates of NaN overlap nothing.
    assert kept(SAME.at[0].set(jnp.nan), -jnp.arange(5.0)) == [0, 1]


def test_more_outputs_than_boxes_are_padding():
    found = nms(CHAIN, FALLING, iou_threshold=0.5, max_outputs=5)
    assert found.indices.tolist() == [0, 2, -1, -1, -1]
    assert found.indices.dtype == jnp.int32
    assert nms(jnp.zeros((0, 4)), jnp.zeros(0), iou_threshold=0.5, max_outputs=2).indices.tolist() == [-1, -1]
    assert nms(jnp.zeros((3, 0, 4)), jnp.zeros((3, 0)), iou_threshold=0.5).valid.shape == (3, 0)
    assert nms(jnp.zeros((0, 7, 4)), jnp.zeros((0, 7)), iou_threshold=0.5, max_outputs=2).valid.shape == (0, 2)


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.5, 0.7, 0.95])
@pytest.mark.parametrize("n", [1, 31, 500, 2500])
def test_blocks_give_the_greedy_answer(n, threshold):
    boxes, scores = clusters(n)
    want = greedy(boxes, scores, threshold)
    assert jax.jit(lambda b, s: nms(b, s, iou_threshold=threshold).indices)(boxes, scores).tolist() == want + [-1] * (n - len(want))


@pytest.mark.parametrize("outputs", [1, 40, 150, 1000])
def test_fewer_outputs_are_the_first_of_all(outputs):
    # 1, 40 and 150 are looked for among the best boxes first; there 150 are not found, so the others follow.
    boxes, scores = clusters(2000)
    boxes[(scores > 0.8) & (scores < 0.95)] = boxes[0]
    want = (greedy(boxes, scores, 0.5) + [-1] * outputs)[:outputs]
    assert jax.jit(lambda b, s: nms(b, s, iou_threshold=0.5, max_outputs=outputs).indices)(boxes, scores).tolist() == want


def test_every_form_gives_the_greedy_answer():
    # As on a GPU too: large blocks, all images side by side, no image waiting for the end of another.
    boxes, scores = zip(*(clusters(700, seed) for seed in range(3)), strict=True)
    boxes, scores = np.stack(boxes), np.stack(scores).copy()
    scores[1, 50:] = -np.inf
    want = [greedy(boxes[0], scores[0], 0.5), greedy(boxes[1][:50], scores[1][:50], 0.5), greedy(boxes[2], scores[2], 0.5)]
    for block, tile, order in ((64, 64, _greedy._order_on_cpu), (32, 96, _greedy._order), (1024, 4096, _greedy._order)):
        for first in (False, True):
            form = _greedy.Form(block, tile, order, first)
            one = lambda b, s, form=form: _greedy._one_image(b, s, threshold=0.5, outputs=250, form=form)  # noqa: E731
            found = jax.jit(jax.vmap(one))(boxes, scores)
            assert found.tolist() == [(w + [-1] * 250)[:250] for w in want]


def test_both_orders_are_stable_sorts():
    rng = np.random.default_rng(3)
    for scores in (rng.standard_normal(5000), rng.integers(-3, 4, 5000), np.full(5000, -np.inf), rng.choice([np.inf, -np.inf, 2e-38, -2e-38, 0.0], 5000)):
        for order in (_greedy._order, _greedy._order_on_cpu):
            assert np.array_equal(order(jnp.asarray(scores, jnp.float32)), np.argsort(-scores.astype("float32"), kind="stable"))


def test_only_the_same_class_suppresses():
    classes = jnp.array([3, -1, 3, 3, -1])
    found = batched_nms(SAME, jnp.array([0.1, 0.2, 0.3, 0.2, 0.5]), classes, iou_threshold=0.5)
    assert found.indices.tolist() == [4, 2, -1, -1, -1]
    # Far from the origin and with many classes, where shifted coordinates would be rounded.
    boxes = jnp.array([[1e6, 0.0, 1e6 + 2, 2.0], [1e6 + 1, 0.0, 1e6 + 3, 2.0], [1e6, 0.0, 1e6 + 2, 2.0]])
    assert batched_nms(boxes, FALLING, jnp.array([2**30, 2**30, 2**30 + 1]), iou_threshold=0.3).indices.tolist() == [0, 2, -1]


def test_one_class_is_nms_and_all_classes_are_all_boxes():
    boxes, scores = map(jnp.asarray, clusters(300))
    one = batched_nms(boxes, scores, jnp.full(300, 7), iou_threshold=0.4)
    assert one.indices.tolist() == nms(boxes, scores, iou_threshold=0.4).indices.tolist()
    assert batched_nms(boxes, scores, jnp.arange(300), iou_threshold=0.4).indices.tolist() == jnp.argsort(-scores).tolist()


def test_soft_scores_by_hand():
    # IoU of neighbours 3/5, of the ends 1/3. After A, B has 0.8·exp(−0.72) and C 0.7·exp(−2/9); C comes next, and lowers B again.
    found = soft_nms(CHAIN, FALLING)
    assert found.indices.tolist() == [0, 2, 1]
    agree(found.scores, np.array([0.9, 0.7 * np.exp(-2 / 9), 0.8 * np.exp(-1.44)]), "float32")
    # Linear: only what overlaps by more than the threshold.
    found = soft_nms(CHAIN, FALLING, method="linear", iou_threshold=0.5)
    assert found.indices.tolist() == [0, 2, 1]
    agree(found.scores, np.array([0.9, 0.7, 0.8 * 0.4 * 0.4]), "float32")
    assert soft_nms(CHAIN, FALLING, method="linear", iou_threshold=0.6).indices.tolist() == [0, 1, 2]


def test_soft_scores_stop_at_the_threshold():
    # B falls to 0.128 and is gone; a score that equals the threshold is gone too.
    assert soft_nms(CHAIN, FALLING, method="linear", iou_threshold=0.5, score_threshold=0.2).indices.tolist() == [0, 2, -1]
    assert soft_nms(CHAIN, jnp.array([1.0, 0.5, 0.25]), score_threshold=0.5).indices.tolist() == [0, -1, -1]
    found = soft_nms(CHAIN, FALLING, method="linear", iou_threshold=0.5, score_threshold=0.2, max_outputs=4)
    assert found.scores[2:].tolist() == [0.0, 0.0]
    assert found.valid.tolist() == [True, True, False, False]


def test_soft_scores_of_ties_padding_and_no_area():
    assert soft_nms(SAME, jnp.ones(5), method="linear").indices.tolist() == [0, -1, -1, -1, -1]
    # The fifth of the same box has exp(−8), less than the threshold.
    assert soft_nms(SAME, jnp.ones(5)).indices.tolist() == [0, 1, 2, 3, -1]
    found = soft_nms(jnp.zeros((4, 4)), jnp.array([0.5, jnp.nan, -jnp.inf, 0.5]))
    assert found.indices.tolist() == [0, 3, -1, -1]
    assert found.scores.tolist() == [0.5, 0.5, 0.0, 0.0]
    assert soft_nms(SAME, jnp.ones(5), mask=jnp.array([False, True, False, False, True]), max_outputs=1).indices.tolist() == [1]
    assert soft_nms(SAME.at[0].set(jnp.nan), jnp.array([1.0, 0.5, 0.25, 0.25, 0.25])).scores[:2].tolist() == [1.0, 0.5]
    assert soft_nms(jnp.zeros((2, 0, 4)), jnp.zeros((2, 0)), max_outputs=3).scores.shape == (2, 3)


@pytest.mark.thorough
def test_soft_scores_have_a_gradient_and_the_promoted_dtype():
    boxes = jnp.array([[0.0, 0.0, 4.0, 2.0], [1.0, 0.25, 5.0, 2.5], [2.0, 0.5, 6.5, 2.25], [8.0, 0.0, 9.0, 1.0]])
    for method in ("gaussian", "linear"):
        check_gradients(lambda b, s, method=method: soft_nms(b, s, method=method).scores, boxes, jnp.array([0.9, 0.8, 0.7, 0.5])).raise_if_wrong()
    gradients = jax.grad(lambda b, s: soft_nms(b, s).scores.sum(), (0, 1))(SAME.at[2].set(0.0), jnp.array([1.0, 0.5, 0.5, -jnp.inf, jnp.nan]))
    assert all(jnp.isfinite(g).all() for g in gradients)
    assert soft_nms(boxes.astype(jnp.bfloat16), jnp.ones(4, jnp.bfloat16)).scores.dtype == jnp.bfloat16
    with jax.numpy_dtype_promotion("standard"):
        assert soft_nms(boxes.astype(jnp.bfloat16), jnp.ones(4)).scores.dtype == jnp.float32


def test_indices_have_no_gradient_and_stop_none():
    def through(boxes):
        found = nms(boxes, FALLING, iou_threshold=0.5)
        return jnp.where(found.valid, boxes[jnp.maximum(found.indices, 0)].sum(-1), 0.0).sum()

    assert jax.grad(through)(CHAIN).tolist() == [[1.0] * 4, [0.0] * 4, [1.0] * 4]
    assert jax.hessian(through)(CHAIN).any() == False  # noqa: E712


def test_half_types_are_compared_in_float32():
    # 255/257 in bfloat16 would be 1: the boxes have IoU 254/256.
    boxes = jnp.array([[0.0, 0.0, 255.0, 1.0], [1.0, 0.0, 256.0, 1.0]], jnp.bfloat16)
    assert nms(boxes, jnp.ones(2, jnp.bfloat16), iou_threshold=0.993).indices.tolist() == [0, 1]
    assert nms(boxes, jnp.ones(2, jnp.bfloat16), iou_threshold=0.992).indices.tolist() == [0, -1]
    # 700² is beyond float16.
    wide = jnp.array([[0.0, 0.0, 700.0, 700.0]] * 2, jnp.float16)
    assert nms(wide, jnp.ones(2, jnp.float16), iou_threshold=0.5).indices.tolist() == [0, -1]


@pytest.mark.thorough
def test_in_a_scan_and_under_nested_maps():
    boxes, scores = (np.stack(a).reshape(2, 3, 90, -1).squeeze() for a in zip(*(clusters(90, seed) for seed in range(6)), strict=True))
    call = lambda b, s: nms(b, s, iou_threshold=0.5, max_outputs=20).indices  # noqa: E731
    want = [[(greedy(b, s, 0.5) + [-1] * 20)[:20] for b, s in zip(*pair, strict=True)] for pair in zip(boxes, scores, strict=True)]
    assert jax.jit(call)(boxes, scores).tolist() == want
    assert jax.jit(jax.vmap(jax.vmap(call)))(boxes, scores).tolist() == want
    assert jax.jit(jax.vmap(call, (1, 1), 1))(boxes, scores).tolist() == want
    assert lax.scan(lambda _, pair: (None, call(*pair)), None, (boxes, scores))[1].tolist() == want
    # Boxes for all, scores of each.
    shared = jax.jit(jax.vmap(call, (None, 0)))(boxes[0, 0], scores[0])
    assert shared.tolist() == [(greedy(boxes[0, 0], s, 0.5) + [-1] * 20)[:20] for s in scores[0]]


def test_in_a_shard_map():
    boxes, scores = (jnp.asarray(np.stack(a)) for a in zip(*(clusters(90, seed) for seed in range(8)), strict=True))
    call = lambda b, s: nms(b, s, iou_threshold=0.5).indices  # noqa: E731
    mesh, spread = Mesh(np.array(jax.devices()), ("images",)), PartitionSpec("images")
    found = jax.jit(jax.shard_map(call, mesh=mesh, in_specs=(spread, spread), out_specs=spread))(boxes, scores)
    assert jnp.array_equal(found, jax.jit(call)(boxes, scores))


@pytest.mark.parametrize("mapped", [False, True])
def test_no_square_of_the_number_of_boxes(mapped):
    n, lanes = 12000, (2,) * mapped
    call = lambda b, s: nms(b, s, iou_threshold=0.7)  # noqa: E731
    shapes = jax.ShapeDtypeStruct((*lanes, n, 4), jnp.float32), jax.ShapeDtypeStruct((*lanes, n), jnp.float32)
    needed = jax.jit(jax.vmap(call) if mapped else call).lower(*shapes).compile().memory_analysis().temp_size_in_bytes
    assert needed < n * n / 64


def test_loops_are_the_definition_too():
    boxes, scores = clusters(60)
    assert loops.nms(boxes, scores, iou_threshold=0.5)[0].tolist() == (greedy(boxes, scores, 0.5) + [-1] * 60)[:60]
