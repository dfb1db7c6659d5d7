"""Boxes, worked by hand: areas, forms, overlaps, and boxes that are equal, apart, empty, inverted, negative, huge or tiny."""

import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview.detection import box_area, box_convert, box_iou, clip_boxes, complete_box_iou, distance_box_iou, generalized_box_iou
from jaxreview.losses import ciou_loss, diou_loss, giou_loss

from agree import agree

OVERLAPS = [box_iou, generalized_box_iou, distance_box_iou, complete_box_iou]
UNIT = jnp.array([[0.0, 0.0, 1.0, 1.0]])


def slope(function, *args, at=0, **settings):
    """The gradient of the sum with respect to the argument ``at``."""
    return jax.grad(lambda *a: function(*a, **settings).sum(), at)(*args)


def drawn(*shape, seed=0):
    rng = np.random.default_rng(seed)
    corner = rng.uniform(-2, 2, (*shape, 2))
    return jnp.asarray(np.concatenate([corner, corner + rng.uniform(0.5, 3, corner.shape)], -1), "float32")


def test_iou_by_hand():
    # 2×2 boxes a step of (1, 1) apart: overlap 1, union 7. One inside of the other: 1/4. Apart, and touching along a side and at a corner: 0.
    a = jnp.array([[0.0, 0.0, 2.0, 2.0]])
    b = jnp.array([[1.0, 1.0, 3.0, 3.0], [0.5, 1.0, 1.5, 2.0], [5.0, 5.0, 6.0, 6.0], [2.0, 0.0, 3.0, 2.0], [2.0, 2.0, 3.0, 3.0]])
    agree(box_iou(a, b), np.array([[1 / 7, 1 / 4, 0.0, 0.0, 0.0]]), "float32")


def test_the_other_overlaps_by_hand():
    # Overlap 1, union 7, hull 9; the centres a step of (1, 1) apart, diagonal² 18; both square.
    a, b = jnp.array([[0.0, 0.0, 2.0, 2.0]]), jnp.array([[1.0, 1.0, 3.0, 3.0]])
    agree(generalized_box_iou(a, b), np.array([[1 / 7 - 2 / 9]]), "float32")
    agree(distance_box_iou(a, b, eps=0.0), np.array([[1 / 7 - 2 / 18]]), "float32")
    # ε only beside the diagonal².
    agree(distance_box_iou(a, b, eps=2.0), np.array([[1 / 7 - 2 / 20]]), "float32")
    agree(complete_box_iou(a, b, eps=0.0), np.array([[1 / 7 - 2 / 18]]), "float32")
    # A square and a bar without height: v = 4/π² · (π/4)² = ¼ and α = ¼/(1 + ¼); centres (½, ½) and (½, 0), diagonal² 2.
    agree(complete_box_iou(UNIT, jnp.array([[0.0, 0.0, 1.0, 0.0]]), eps=0.0), np.array([[-1 / 8 - 1 / 20]]), "float32")


def test_the_published_widths():
    # Ten by ten pixels from 0 to 9 and from 5 to 14 share five by five: 25/(100 + 100 − 25). Two pixels that are neighbours share none, a pixel itself wholly.
    a, b = jnp.array([[0.0, 0.0, 9.0, 9.0]]), jnp.array([[5.0, 5.0, 14.0, 14.0], [10.0, 0.0, 19.0, 9.0]])
    agree(box_iou(a, b, legacy_plus_one=True), np.array([[1 / 7, 0.0]]), "float32")
    agree(box_iou(a, b), np.array([[16 / (81 + 81 - 16), 0.0]]), "float32")
    pixel = jnp.array([[3.0, 3.0, 3.0, 3.0]])
    assert box_iou(pixel, pixel, legacy_plus_one=True).item() == 1.0
    assert box_iou(pixel, pixel).item() == 0.0
    assert box_area(jnp.array([0.0, 0.0, 15.0, 7.0]), legacy_plus_one=True).item() == 128.0
    # An inverted box has no pixel; one that ends a pixel before it starts neither.
    assert box_area(jnp.array([5.0, 5.0, 4.0, 9.0]), legacy_plus_one=True).item() == 0.0


@pytest.mark.parametrize("function", OVERLAPS)
def test_rows_and_columns_change_places(function):
    a, b = drawn(5), drawn(7, seed=1)
    assert function(a, b).shape == (5, 7)
    agree(function(b, a).T, function(a, b), "float32")


@pytest.mark.parametrize("function", OVERLAPS)
def test_unit_and_origin_do_not_matter(function):
    settings = {} if function in (box_iou, generalized_box_iou) else dict(eps=0.0)
    a, b = drawn(5), drawn(7, seed=1)
    value = function(a, b, **settings)
    agree(function(a - 4.0, b - 4.0, **settings), value, "float32")
    for unit in (2.0**100, 2.0**-100):
        # To the last bit: the library's own units are powers of two.
        assert np.array_equal(function(unit * a, unit * b, **settings), value)


@pytest.mark.parametrize(
    ("function", "loss", "eps"),
    [(generalized_box_iou, giou_loss, {}), (distance_box_iou, diou_loss, dict(eps=0.0)), (complete_box_iou, ciou_loss, dict(eps=0.0))],
)
def test_pair_by_pair_1_less_the_loss(function, loss, eps):
    a, b = drawn(5), drawn(5, seed=1)
    agree(jnp.diagonal(function(a, b, **eps)), 1.0 - loss(a, b, eps=0.0), "float32")
    agree(slope(lambda u, v: jnp.diagonal(function(u, v, **eps)), a, b), -slope(loss, a, b, eps=0.0), "float32")


@pytest.mark.parametrize("function", OVERLAPS)
def test_equal_boxes(function):
    boxes = jnp.array([[0.0, 0.0, 1.0, 1.0], [-5.0, 2.0, 100.0, 2.5], [-3.0, -7.0, -1.0, -2.0]])
    assert jnp.diagonal(function(boxes, boxes)).tolist() == [1.0, 1.0, 1.0]
    assert jnp.isfinite(slope(function, boxes, boxes)).all()


def test_slopes_by_hand():
    # By x2 of (0, 0, 2, 2): overlap and area change with 1 and 2, union with 1: (1 · 7 − 1 · 1)/49. Equal coordinates have half of it each: overlap ½, union ½.
    a = jnp.array([[0.0, 0.0, 2.0, 2.0]])
    agree(slope(box_iou, a, jnp.array([[1.0, 1.0, 3.0, 3.0]]))[0, 2:], np.array([6 / 49, 6 / 49]), "float32")
    agree(slope(box_iou, UNIT, UNIT), np.zeros((1, 4)), "float32")
    # Boxes that touch or are apart have nothing to gain from a small step.
    assert not slope(box_iou, UNIT, jnp.array([[1.0, 0.0, 2.0, 1.0], [1.0, 1.0, 2.0, 2.0], [4.0, 0.0, 5.0, 1.0]])).any()


NASTY = {
    "a point": [0, 0, 0, 0],
    "another point": [1, 1, 1, 1],
    "a bar": [0, 0, 1, 0],
    "a pole": [0, 0, 0, 1],
    "one": [0, 0, 1, 1],
    "beside it": [1, 0, 2, 1],
    "at its corner": [1, 1, 2, 2],
    "inside": [0.25, 0.25, 0.5, 0.5],
    "negative": [-9, -8, -0.5, 0.5],
    "inverted": [2, 2, 1, 1],
    "huge": [-1e18, -1e18, 1e18, 1e18],
    "nearly too huge": [-1e38, -1e38, 1e38, 1e38],
    "long and thin": [-1e38, 0, 1e38, 1e-3],
    "far away": [1e30, 1e30, 1.1e30, 1.1e30],
    "tiny": [0, 0, 1e-18, 1e-18],
    "tinier": [0, 0, 1e-30, 1e-30],
}


@pytest.mark.parametrize("function", OVERLAPS)
def test_value_and_gradient_are_finite(function):
    boxes = jnp.asarray(np.array(list(NASTY.values())), "float32")
    value = function(boxes, boxes)
    assert jnp.isfinite(value).all()
    assert value.max() <= 1.0
    # Each pair by itself: infinities might meet in a sum.
    pairs = jnp.asarray(np.array(list(itertools.product(boxes, boxes))))[:, :, None]
    for at in (0, 1):
        assert jnp.isfinite(jax.jit(lambda a, b, at=at: slope(function, a, b, at=at))(pairs[:, 0], pairs[:, 1])).all()


def test_huge_and_tiny_boxes():
    # Half of a box is half of it, in whatever unit: the areas themselves would be infinite, or 0.
    for unit in (1e-30, 1e-3, 1e6, 1e38):
        a, b = unit * jnp.array([[0.0, 0.0, 1.0, 1.0]]), unit * jnp.array([[0.0, 0.0, 1.0, 0.5]])
        agree(box_iou(a, b), np.array([[0.5]]), "float32")
        agree(generalized_box_iou(a, b), np.array([[0.5]]), "float32")


def test_boxes_without_area():
    # Overlap and union 0: 0, and so is the share of a hull of 0. For two points apart the squared distance is the squared diagonal.
    p, q = jnp.array([[1.0, 1.0, 1.0, 1.0]]), jnp.array([[5.0, 4.0, 5.0, 4.0]])
    for function in OVERLAPS:
        assert function(p, p).item() == 0.0
    assert box_iou(p, q).item() == 0.0
    assert generalized_box_iou(p, q).item() == -1.0
    agree(distance_box_iou(p, q), np.array([[-1.0]]), "float32")
    agree(complete_box_iou(p, q), np.array([[-1.0]]), "float32")
    # Padding beside a real box.
    assert box_iou(jnp.zeros((1, 4)), jnp.array([[-1.0, -1.0, 1.0, 1.0]])).item() == 0.0


def test_an_inverted_box_is_empty():
    # Two negative sides would make a positive area.
    inverted = jnp.array([0.75, 0.75, 0.25, 0.25])
    assert box_area(inverted).item() == 0.0
    assert box_area(jnp.array([0.75, 0.25, 0.25, 0.75])).item() == 0.0
    assert box_iou(inverted[None], UNIT).item() == 0.0
    assert box_iou(inverted[None], inverted[None]).item() == 0.0


def test_halves_are_computed_in_float32():
    # The area 300 · 300 is over what float16 holds.
    a, b = jnp.array([[0.0, 0.0, 300.0, 300.0]], "float16"), jnp.array([[0.0, 0.0, 300.0, 150.0]], "float16")
    for function in OVERLAPS:
        got = function(a, b)
        assert got.dtype == jnp.float16
        agree(got, function(a.astype("float32"), b.astype("float32")), "float16")
    assert box_iou(a, b).item() == 0.5
    # 256 + 1 is no bfloat16: the last pixel would have no width.
    row = jnp.array([[256.0, 0.0, 256.0, 0.0]], "bfloat16")
    assert box_iou(row, row, legacy_plus_one=True).item() == 1.0
    assert box_area(row[0], legacy_plus_one=True).item() == 1.0
    assert box_area(a).tolist() == [math.inf]


def test_images_in_a_batch_mapped_and_in_turn():
    a, b = drawn(2, 3, 4), drawn(2, 3, 5, seed=1)
    for function in map(jax.jit, OVERLAPS):
        whole = function(a, b)
        assert whole.shape == (2, 3, 4, 5)
        agree(jax.jit(jax.vmap(jax.vmap(function)))(a, b), whole, "float32")
        agree(function(a[1, 2], b[1, 2]), whole[1, 2], "float32")
        # Mapped over one side only.
        agree(jax.jit(jax.vmap(function, (0, None)))(a[:, 2], b[1, 2])[1], whole[1, 2], "float32")
        assert function(a[:, :, :0], b).shape == (2, 3, 0, 5)
        assert function(a, b[:, :, :0]).shape == (2, 3, 4, 0)


@pytest.mark.parametrize("function", OVERLAPS)
def test_nothing_is_as_large_as_all_pairs_of_coordinates(function):
    # An array (N, M, 2) or (N, M, 4) would be walked through again and again.
    for equation in jax.make_jaxpr(function)(jnp.zeros((11, 4)), jnp.zeros((13, 4))).jaxpr.eqns:
        assert all(math.prod(out.aval.shape) <= 11 * 13 for out in equation.outvars)


@pytest.mark.parametrize("function", OVERLAPS)
def test_nan_goes_through(function):
    for at in range(4):
        got = function(jnp.concatenate([UNIT.at[0, at].set(math.nan), UNIT]), UNIT)
        assert jnp.isnan(got[:, 0]).tolist() == [True, False]
        assert jnp.isnan(function(UNIT, UNIT.at[0, at].set(math.nan)))


FORMS = {"xyxy": [1.0, 2.0, 5.0, 8.0], "xywh": [1.0, 2.0, 4.0, 6.0], "cxcywh": [3.0, 5.0, 4.0, 6.0]}


@pytest.mark.parametrize("source", FORMS)
@pytest.mark.parametrize("target", FORMS)
def test_one_box_in_every_form(source, target):
    assert box_convert(jnp.array(FORMS[source]), source, target).tolist() == FORMS[target]


def test_forms_keep_what_they_can():
    # A width of 0.3 far away: by way of the corners it would be 0.
    far = jnp.array([1e8, 1e8, 0.3, 0.7])
    assert box_convert(far, "xywh", "cxcywh")[2:].tolist() == far[2:].tolist()
    # An inverted box stays one.
    assert box_convert(jnp.array([4.0, 4.0, 2.0, 1.0]), "xyxy", "xywh").tolist() == [4.0, 4.0, -2.0, -3.0]
    # The sum of the corners would overflow.
    huge = jnp.full(4, 3e38)
    assert box_convert(huge, "xyxy", "cxcywh").tolist() == [*huge[:2].tolist(), 0.0, 0.0]
    # The centre in float32: 2049 is no float16, half of 2048 + 2050 is.
    assert box_convert(jnp.array([0.0, 0.0, 2048.0, 60000.0], "float16"), "xyxy", "cxcywh").tolist() == [1024.0, 30000.0, 2048.0, 60000.0]


def test_clip_by_hand():
    boxes = jnp.array([[-5.0, 10.0, 30.0, 70.0], [120.0, -9.0, 130.0, -1.0], [-9.0, 70.0, -1.0, 80.0], [0.0, 0.0, 100.0, 60.0]])
    want = [[0.0, 10.0, 30.0, 60.0], [100.0, 0.0, 100.0, 0.0], [0.0, 60.0, 0.0, 60.0], [0.0, 0.0, 100.0, 60.0]]
    assert clip_boxes(boxes, (60, 100)).tolist() == want
    # The published code cuts to the last pixel.
    assert clip_boxes(boxes, (60, 100), legacy_plus_one=True)[3].tolist() == [0.0, 0.0, 99.0, 59.0]
    assert jnp.isnan(clip_boxes(jnp.array([math.nan, 1.0, 2.0, 3.0]), (60, 100))).tolist() == [True, False, False, False]


def test_clip_images_of_several_sizes():
    boxes, sizes = jnp.broadcast_to(jnp.array([-5.0, -5.0, 500.0, 500.0]), (3, 2, 4)), jnp.array([[60, 100], [90, 40], [600, 450]])
    got = jax.vmap(clip_boxes)(boxes, sizes)
    assert got[:, 0].tolist() == [[0.0, 0.0, 100.0, 60.0], [0.0, 0.0, 40.0, 90.0], [0.0, 0.0, 450.0, 500.0]]
    assert jnp.array_equal(got[1], clip_boxes(boxes[1], (90, 40)))


def test_dtype_of_a_clipped_box():
    # A size in pixels leaves the boxes' dtype alone, a real one promotes; 60 and 100 are read in float32 in any case.
    half = jnp.array([0.0, 0.0, 500.0, 500.0], "bfloat16")
    assert clip_boxes(half, (60, 100)).dtype == jnp.bfloat16
    assert clip_boxes(half, jnp.array([60, 100])).dtype == jnp.bfloat16
    with jax.numpy_dtype_promotion("standard"):
        assert clip_boxes(half, jnp.array([60.0, 100.125])).tolist() == [0.0, 0.0, 100.125, 60.0]


def test_slope_of_a_clipped_box():
    # Within and on the border 1, outside 0.
    boxes = jnp.array([-1.0, 0.0, 100.0, 61.0])
    assert slope(clip_boxes, boxes, (60, 100)).tolist() == [0.0, 1.0, 1.0, 0.0]


def test_slope_of_an_area():
    # Width 3, height 2; without width the slope by it is still the height; inverted none.
    assert slope(box_area, jnp.array([0.0, 0.0, 3.0, 2.0])).tolist() == [-2.0, -3.0, 2.0, 3.0]
    assert slope(box_area, jnp.array([0.0, 0.0, 0.0, 2.0])).tolist() == [-2.0, 0.0, 2.0, 0.0]
    assert not slope(box_area, jnp.array([2.0, 2.0, 1.0, 1.0])).any()
