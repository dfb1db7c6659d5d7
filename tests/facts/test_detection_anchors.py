"""Anchors as published: the nine, their order on the grid, and how many lie in an image."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview.detection import base_anchors, centered_anchors, encode_boxes, grid_anchors, inside_image

from agree import agree

# Ratio by ratio (wide, square, high), scale by scale (8, 16, 32 cells), the table that the published code prints.
NINE = [
    [-84, -40, 99, 55], [-176, -88, 191, 103], [-360, -184, 375, 199],
    [-56, -56, 71, 71], [-120, -120, 135, 135], [-248, -248, 263, 263],
    [-36, -80, 51, 95], [-80, -168, 95, 183], [-168, -344, 183, 359],
]  # fmt: skip


def test_the_nine():
    got = base_anchors()
    assert got.dtype == jnp.float32
    assert got.tolist() == NINE
    assert base_anchors(dtype=jnp.float16).dtype == jnp.float16
    assert base_anchors(16, ratios=(2,), scales=(32, 8)).tolist() == [NINE[8], NINE[6]]


def test_base_anchors_by_hand():
    # One cell of 4 pixels itself; ratio 4 in it: width 2, height 8 around 1.5.
    assert base_anchors(4, ratios=(1,), scales=(1,)).tolist() == [[0, 0, 3, 3]]
    assert base_anchors(4, ratios=(4,), scales=(1,)).tolist() == [[1, -2, 2, 5]]
    # Rounded to even before it is scaled: √(25/4) = 2.5 is 2, not 3, and the height is 2 · 4; twice that with a scale of 2.
    assert base_anchors(5, ratios=(4,), scales=(2,)).tolist() == [[0.5, -5.5, 3.5, 9.5]]
    assert base_anchors(ratios=(), scales=(8,)).shape == (0, 4)


def test_centered_anchors_by_hand():
    # 32/√½ = 45.25 wide and 22.63 high, halves 22.6 and 11.3.
    assert centered_anchors((32,)).tolist() == [[-23, -11, 23, 11], [-16, -16, 16, 16], [-11, -23, 11, 23]]
    # Halves of 33 and 35 are rounded to even: 16.5 to 16, 17.5 to 18.
    assert centered_anchors((33, 35), ratios=(1,)).tolist() == [[-16, -16, 16, 16], [-18, -18, 18, 18]]
    # Ratio by ratio, sizes within.
    assert centered_anchors((2, 4), ratios=(1, 4)).tolist() == [[-1, -1, 1, 1], [-2, -2, 2, 2], [0, -2, 0, 2], [-1, -4, 1, 4]]


def test_the_order_on_the_grid():
    # Row, then column, then anchor: as features (rows, columns, anchors) lie in a line. The stride is (y, x).
    base = jnp.array([[0.0, 0.0, 3.0, 5.0], [-1.0, -2.0, 1.0, 2.0]])
    got = grid_anchors(base, (2, 3), stride=(16, 8)).reshape(2, 3, 2, 4)
    for row in range(2):
        for column in range(3):
            assert got[row, column].tolist() == (base + jnp.array([[8.0 * column, 16.0 * row] * 2])).tolist()
    assert jnp.array_equal(grid_anchors(base, (2, 3), stride=16), grid_anchors(base, (2, 3), stride=(16, 16)))
    assert grid_anchors(base, (0, 3), stride=16).shape == (0, 4)


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize(("size", "cells", "count", "inside"), [((600, 1000), (37, 62), 20646, 8151), ((600, 800), (37, 50), 16650, 5944)])
def test_the_anchors_of_published_images(size, cells, count, inside, legacy):
    anchors = grid_anchors(base_anchors(), cells, stride=16)
    assert anchors.shape == (count, 4)
    assert inside_image(anchors, size, legacy_plus_one=legacy).sum().item() == inside
    # None crosses a border wider than itself.
    assert inside_image(anchors, size, border=1000.0, legacy_plus_one=legacy).all()


def test_at_the_border_of_the_image():
    boxes = jnp.array([[0.0, 0.0, 100.0, 60.0], [0.0, 0.0, 99.0, 59.0], [-1.0, 0.0, 9.0, 9.0], [0.0, -1.0, 9.0, 9.0], [0.0, 0.0, 60.0, 100.0]])
    assert inside_image(boxes, (60, 100)).tolist() == [True, True, False, False, False]
    # As published the last pixel of a row of 100 is 99.
    assert inside_image(boxes, (60, 100), legacy_plus_one=True).tolist() == [False, True, False, False, False]
    assert inside_image(boxes, (60, 100), border=1.0, legacy_plus_one=True).tolist() == [True, True, True, True, False]
    assert inside_image(boxes, (60, 100), border=jnp.inf).all()
    assert not inside_image(jnp.where(jnp.eye(4, dtype=bool), jnp.nan, 1.0), (60, 100)).any()


def test_images_of_several_sizes():
    boxes, sizes = jnp.array([[0.0, 0.0, 50.0, 70.0], [10.0, 0.0, 90.0, 20.0]]), jnp.array([[60, 100], [80, 60]])
    assert jax.vmap(inside_image, (None, 0))(boxes, sizes).tolist() == [[False, True], [True, False]]
    assert inside_image(jnp.stack([boxes, boxes]), (60, 100)).tolist() == [[False, True]] * 2


def test_half_types():
    # The shift and the sum in float32, rounded once: 16 · 257 alone is no bfloat16.
    base = base_anchors(dtype=jnp.bfloat16)
    got = grid_anchors(base, (1, 300), stride=16)
    assert got.dtype == jnp.bfloat16
    assert jnp.array_equal(got, grid_anchors(base.astype("float32"), (1, 300), stride=16).astype("bfloat16"))
    # A width of 1003 is 1004 in bfloat16: compared in float32.
    assert not inside_image(jnp.array([0.0, 0.0, 1004.0, 9.0], "bfloat16"), (10, 1003))


def test_nothing_leaks_into_float64():
    with jax.enable_x64(True):
        assert base_anchors().dtype == centered_anchors((32,)).dtype == jnp.float32
        assert grid_anchors(base_anchors(), (2, 2), stride=16).dtype == jnp.float32


def test_slope_of_the_grid():
    # Each anchor of the first cell moves its likes in all cells.
    base = base_anchors()
    agree(jax.grad(lambda b: grid_anchors(b, (3, 5), stride=16).sum())(base), np.full((9, 4), 15.0), "float32")


def test_an_anchor_is_its_own_target():
    anchors = grid_anchors(base_anchors(), (2, 3), stride=16)
    assert not encode_boxes(anchors, anchors).any()
