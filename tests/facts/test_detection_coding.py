"""Offsets from anchors, worked by hand: there and back, the published widths, the cut, and boxes without an area."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview.detection import decode_boxes, encode_boxes

from agree import agree

ANCHOR = jnp.array([10.0, 20.0, 14.0, 28.0])


def drawn(*shape, seed=0, scale=1.0):
    rng = np.random.default_rng(seed)
    corner = scale * rng.uniform(-2, 2, (*shape, 2))
    return jnp.asarray(np.concatenate([corner, corner + scale * rng.uniform(0.5, 3, corner.shape)], -1), "float32")


def test_encode_by_hand():
    # 4 wide, 8 high with centre (12, 24); a box 8 wide, 8 high with centre (14, 22).
    agree(encode_boxes(jnp.array([10.0, 18.0, 18.0, 26.0]), ANCHOR), np.array([2 / 4, -2 / 8, math.log(2), 0.0]), "float32")
    weighted = encode_boxes(jnp.array([10.0, 18.0, 18.0, 26.0]), ANCHOR, weights=(10.0, 20.0, 5.0, 3.0))
    agree(weighted, np.array([5.0, -5.0, 5 * math.log(2), 0.0]), "float32")


def test_decode_by_hand():
    agree(decode_boxes(jnp.array([0.5, -0.25, math.log(2), 0.0]), ANCHOR), np.array([10.0, 18.0, 18.0, 26.0]), "float32")
    agree(decode_boxes(jnp.array([5.0, -5.0, 5 * math.log(2), 0.0]), ANCHOR, weights=(10.0, 20.0, 5.0, 3.0)), np.array([10.0, 18.0, 18.0, 26.0]), "float32")
    assert decode_boxes(jnp.zeros(4), ANCHOR).tolist() == ANCHOR.tolist()


def test_weights_are_standard_deviations():
    boxes, anchors = drawn(5), drawn(5, seed=1)
    deviations = jnp.array([[0.1, 0.1, 0.2, 0.2]])
    agree(encode_boxes(boxes, anchors, weights=(10, 10, 5, 5)), encode_boxes(boxes, anchors) / deviations, "float32")
    deltas = encode_boxes(boxes, anchors)
    agree(decode_boxes(deltas / deviations, anchors, weights=(10, 10, 5, 5)), boxes, "float32")


@pytest.mark.parametrize("weights", [(1.0, 1.0, 1.0, 1.0), (10.0, 8.0, 5.0, 3.0)])
def test_there_and_back(weights):
    boxes, anchors = drawn(50, scale=100.0), drawn(50, seed=1, scale=100.0)
    agree(decode_boxes(encode_boxes(boxes, anchors, weights=weights), anchors, weights=weights), boxes, "float32")
    deltas = jnp.asarray(np.random.default_rng(2).normal(size=(50, 4)), "float32")
    agree(encode_boxes(decode_boxes(deltas, anchors, weights=weights), anchors, weights=weights), deltas, "float32")


def test_the_published_widths_do_not_come_back():
    # 16 pixels from 0 to 15 and from 8 to 23: half a width. Decoded x2 is the centre, 16, plus half of 16.
    anchor, box = jnp.array([0.0, 0.0, 15.0, 15.0]), jnp.array([8.0, 0.0, 23.0, 31.0])
    deltas = encode_boxes(box, anchor, legacy_plus_one=True)
    agree(deltas, np.array([0.5, 0.5, 0.0, math.log(2)]), "float32")
    agree(decode_boxes(deltas, anchor, legacy_plus_one=True), np.array([8.0, 0.0, 24.0, 32.0]), "float32")
    assert decode_boxes(jnp.zeros(4), anchor, legacy_plus_one=True).tolist() == [0.0, 0.0, 16.0, 16.0]


def test_the_cut():
    # 1000/16 times as wide at the most, whatever is asked; twice at a limit of log 2.
    asked = jnp.array([0.0, 0.0, 500.0, 0.0])
    agree(decode_boxes(asked, ANCHOR), np.array([12 - 125.0, 20.0, 12 + 125.0, 28.0]), "float32")
    agree(decode_boxes(asked, ANCHOR, weights=(1, 1, 100, 1)), np.array([12 - 125.0, 20.0, 12 + 125.0, 28.0]), "float32")
    agree(decode_boxes(asked, ANCHOR, max_log_scale=math.log(2)), np.array([8.0, 20.0, 16.0, 28.0]), "float32")
    assert jnp.isinf(decode_boxes(asked, ANCHOR, max_log_scale=math.inf)[::2]).all()
    # No cut below.
    agree(decode_boxes(jnp.array([0.0, 0.0, -500.0, 0.0]), ANCHOR), np.array([12.0, 20.0, 12.0, 28.0]), "float32")


def test_slope_at_the_cut():
    # By dw of x2: half of the width, 4/2 · 1, at the limit 0, and 0 beyond it.
    def slope(dw):
        return jax.grad(lambda d: decode_boxes(d, ANCHOR, max_log_scale=0.0)[2])(jnp.array([0.0, 0.0, dw, 0.0]))[2].item()

    assert [slope(0.0), slope(0.5)] == [2.0, 0.0]


EMPTY = {"a point": [12.0, 24.0, 12.0, 24.0], "no width": [12.0, 20.0, 12.0, 28.0], "inverted": [14.0, 28.0, 10.0, 20.0], "padding": [0.0, 0.0, 0.0, 0.0]}


@pytest.mark.parametrize("name", EMPTY)
def test_a_box_without_an_area_poisons_nothing(name):
    box = jnp.array(EMPTY[name])
    for given in ((box, ANCHOR), (ANCHOR, box), (box, box)):
        assert jnp.isfinite(encode_boxes(*given)).all()
        for at in (0, 1):
            assert jnp.isfinite(jax.grad(lambda *a: encode_boxes(*a).sum(), at)(*given)).all()
        assert jnp.isfinite(jax.jacobian(decode_boxes, (0, 1))(*given)[1]).all()


def test_a_box_without_width_has_no_logarithm():
    # Its centre still has an offset; its width has 0 and no slope; by an anchor without width nothing is divided.
    got, (by_box, by_anchor) = encode_boxes(jnp.array(EMPTY["no width"]), ANCHOR), jax.jacobian(encode_boxes, (0, 1))(jnp.array(EMPTY["no width"]), ANCHOR)
    assert got.tolist() == [0.0, 0.0, 0.0, 0.0]
    assert not by_box[2].any()
    assert not by_anchor[2].any()
    assert by_box[0, ::2].tolist() == [1 / 8, 1 / 8]
    assert encode_boxes(ANCHOR + 1, jnp.array(EMPTY["no width"])).tolist() == [0.0, 1 / 8, 0.0, 0.0]
    # As published a box without width is a pixel wide.
    agree(encode_boxes(jnp.array([12.0, 20.0, 12.0, 27.0]), ANCHOR - 1, legacy_plus_one=True)[2], np.array(math.log(1 / 5)), "float32")


def test_masked_padding_gives_no_slope():
    # The usual way: a padded object is encoded like all others and then masked.
    boxes, anchors, real = jnp.stack([ANCHOR + 1, jnp.zeros(4)]), jnp.stack([ANCHOR, ANCHOR]), jnp.array([[1.0], [0.0]])
    gradient = jax.grad(lambda a: (real * encode_boxes(boxes, a)).sum())(anchors)
    assert jnp.isfinite(gradient).all()
    assert not gradient[1].any()


def test_far_from_the_origin():
    # A box a pixel beside its anchor, 2²³ pixels away, where half pixels are gone: the centre of either would be rounded.
    far = jnp.array([2.0**23, 2.0**23, 2.0**23 + 5, 2.0**23 + 7])
    agree(encode_boxes(far + 1, far), np.array([1 / 5, 1 / 7, 0.0, 0.0]), "float32")


def test_huge_boxes():
    huge = jnp.array([-1e38, -1e38, 1e38, 1e38])
    agree(encode_boxes(0.5 * huge, huge), np.array([0.0, 0.0, -math.log(2), -math.log(2)]), "float32")
    agree(decode_boxes(jnp.array([0.0, 0.0, -math.log(2), 0.0]), huge), np.array([-5e37, -1e38, 5e37, 1e38]), "float32")


def test_one_set_of_anchors_for_a_batch():
    boxes, anchors, deltas = drawn(2, 3, 5), drawn(5, seed=1), drawn(2, 3, 5, seed=2)
    for function, values in ((encode_boxes, boxes), (decode_boxes, deltas)):
        whole = function(values, anchors)
        agree(whole, function(values, jnp.broadcast_to(anchors, values.shape)), "float32")
        agree(jax.vmap(jax.vmap(function, (0, None)), (0, None))(values, anchors), whole, "float32")
        agree(function(values[1, 2], anchors), whole[1, 2], "float32")
        agree(function(values[1, 2, 3], anchors[3]), whole[1, 2, 3], "float32")
        assert function(values[:, :, :0], anchors[:0]).shape == (2, 3, 0, 4)


def test_halves_are_computed_in_float32():
    # Sides of 1024 and 1025 pixels, of which float16 cannot tell the centres, and bfloat16 not even the sides.
    anchor, box = jnp.array([0.0, 0.0, 1024.0, 1024.0], "float16"), jnp.array([0.0, 0.0, 1025.0, 1024.0], "float16")
    got = encode_boxes(box, anchor)
    assert got.dtype == jnp.float16
    agree(got, np.array([0.5 / 1024, 0.0, math.log(1025 / 1024), 0.0]), "float16")
    # Decoded in float32 too, and rounded once: the centre of 1, 1026 is 513.5.
    assert decode_boxes(jnp.zeros(4, "float16"), jnp.array([1.0, 1.0, 1026.0, 1026.0], "float16")).tolist() == [1.0, 1.0, 1026.0, 1026.0]


def test_nan_goes_through():
    assert jnp.isnan(encode_boxes(ANCHOR.at[0].set(math.nan), ANCHOR)).tolist() == [True, False, True, False]
    assert jnp.isnan(decode_boxes(jnp.array([0.0, 0.0, math.nan, 0.0]), ANCHOR)).tolist() == [True, False, True, False]
