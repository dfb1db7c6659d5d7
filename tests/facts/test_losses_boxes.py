"""Losses of boxes, worked by hand: values, slopes, and boxes that are equal, apart, empty, inverted, huge or tiny."""

import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview.losses import ciou_loss, diou_loss, giou_loss

from agree import agree

LOSSES = [giou_loss, diou_loss, ciou_loss]
UNIT = jnp.array([0.0, 0.0, 1.0, 1.0])


def slope(loss, *args, at=0, **settings):
    """The gradient of the sum with respect to the argument ``at``."""
    return jax.grad(lambda *a: loss(*a, **settings).sum(), at)(*args)


def test_giou_by_hand():
    # 2×2 boxes a step of (1, 1) apart: overlap 1, union 7, hull 9: 1 − 1/7 + 2/9.
    a, b = jnp.array([0.0, 0.0, 2.0, 2.0]), jnp.array([1.0, 1.0, 3.0, 3.0])
    agree(giou_loss(a, b, eps=0.0), np.array(1 - 1 / 7 + 2 / 9), "float32")
    # Apart: union 2, hull 4.
    assert giou_loss(UNIT, jnp.array([3.0, 0.0, 4.0, 1.0]), eps=0.0).item() == 1.5
    # ε = 1 in both divisors: 1 − 1/8 + 2/10.
    agree(giou_loss(a, b, eps=1.0), np.array(1 - 1 / 8 + 2 / 10), "float32")


def test_diou_by_hand():
    # Centres (1, 1) and (2, 2), diagonal² 9 + 9: 1 − 1/7 + 2/18; with ε = 2 1 − 1/9 + 2/20.
    a, b = jnp.array([0.0, 0.0, 2.0, 2.0]), jnp.array([1.0, 1.0, 3.0, 3.0])
    agree(diou_loss(a, b, eps=0.0), np.array(1 - 1 / 7 + 2 / 18), "float32")
    agree(diou_loss(a, b, eps=2.0), np.array(1 - 1 / 9 + 2 / 20), "float32")


def test_ciou_by_hand():
    # A square and a bar without height: v = 4/π² · (π/4 − π/2)² = ¼, no overlap, α = ¼/(1 + ¼) = 1/5.
    # Centres (½, ½) and (½, 0), diagonal² 2: 1 + (¼)/2 + 1/5 · 1/4.
    bar = jnp.array([0.0, 0.0, 1.0, 0.0])
    agree(ciou_loss(bar, UNIT, eps=0.0), np.array(1 + 1 / 8 + 1 / 20), "float32")
    # Similar boxes: the distance IoU loss.
    a, b = jnp.array([0.0, 0.0, 2.0, 1.0]), jnp.array([1.0, 0.0, 5.0, 2.0])
    agree(ciou_loss(a, b), diou_loss(a, b), "float32")


def test_alpha_carries_no_gradient():
    # The slope of the last term by w is α · 8/π² · (θ − θ_t) · h/(w² + h²): for boxes of 3×1 and 1×1 with the same corner.
    with jax.enable_x64(True):
        a, b = jnp.array([0.0, 0.0, 3.0, 1.0]), jnp.array([0.0, 0.0, 1.0, 1.0])
        turn = math.atan(3.0) - math.pi / 4
        v = 4 / math.pi**2 * turn**2
        alpha = v / (1 - 1 / 3 + v)
        got = slope(ciou_loss, a, b, eps=0.0) - slope(diou_loss, a, b, eps=0.0)
        across, down = alpha * 8 / math.pi**2 * turn * np.array([1 / 10, -3 / 10])
        agree(got, np.array([-across, -down, across, down]))


@pytest.mark.parametrize("loss", LOSSES)
def test_equal_boxes_cost_nothing(loss):
    boxes = jnp.array([[0.0, 0.0, 1.0, 1.0], [-5.0, 2.0, 100.0, 2.5], [0.1, 0.2, 0.3, 0.7]])
    assert loss(boxes, boxes, eps=0.0).tolist() == [0.0, 0.0, 0.0]
    assert jnp.isfinite(slope(loss, boxes, boxes)).all()


def test_slope_of_equal_boxes():
    # By x2 the overlap has slope ½ of a tie, the area 1, so the union ½, the hull ½: IoU ½ − ½ = 0, and (hull − union)/hull ½ − ½ = 0.
    agree(slope(giou_loss, UNIT, UNIT, eps=0.0), np.zeros(4))
    agree(slope(diou_loss, UNIT, UNIT, eps=0.0), np.zeros(4))


@pytest.mark.parametrize("loss", LOSSES)
def test_symmetries(loss):
    # The two boxes may change places, and x and y too (not for ciou's angles), and so may the unit and the origin.
    rng = np.random.default_rng(0)
    corner = rng.uniform(-2, 2, (2, 6, 2))
    a, b = jnp.asarray(np.concatenate([corner, corner + rng.uniform(0.5, 3, corner.shape)], -1), "float32")
    value = loss(a, b, eps=0.0)
    agree(loss(b, a, eps=0.0), value, "float32")
    agree(loss(2.0**20 * a, 2.0**20 * b, eps=0.0), value, "float32")
    agree(loss(a + 4.0, b + 4.0, eps=0.0), value, "float32")
    if loss is not ciou_loss:
        turned = [jnp.stack([v[:, 1], v[:, 0], v[:, 3], v[:, 2]], -1) for v in (a, b)]
        agree(loss(*turned, eps=0.0), value, "float32")
    # A shift of both changes nothing, so that the slopes add up to 0 along each axis.
    first, second = slope(loss, a, b, eps=0.0), slope(loss, a, b, at=1, eps=0.0)
    agree(first[:, :2] + first[:, 2:], -second[:, :2] - second[:, 2:], "float32")


def test_far_apart():
    # One box of side 1 and another at distance 10⁶: giou tends to 2, diou and ciou to 2, and the slope still pulls them together.
    far = jnp.array([1e6, 0.0, 1e6 + 1.0, 1.0])
    for loss in LOSSES:
        agree(loss(UNIT, far), np.array(2.0), "float32")
        assert slope(loss, UNIT, far)[jnp.array([0, 2])].sum() < 0


NASTY = {
    "a point": [0, 0, 0, 0],
    "another point": [1, 1, 1, 1],
    "a bar": [0, 0, 1, 0],
    "a pole": [0, 0, 0, 1],
    "one": [0, 0, 1, 1],
    "beside it": [1, 0, 2, 1],
    "at its corner": [1, 1, 2, 2],
    "inside": [0.25, 0.25, 0.5, 0.5],
    "inverted": [2, 2, 1, 1],
    "huge": [-1e18, -1e18, 1e18, 1e18],
    "nearly too huge": [-1e38, -1e38, 1e38, 1e38],
    "long and thin": [-1e38, 0, 1e38, 1e-3],
    "far away": [1e30, 1e30, 1.1e30, 1.1e30],
    "tiny": [0, 0, 1e-18, 1e-18],
    "tinier": [0, 0, 1e-30, 1e-30],
}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("eps", [1e-7, 0.0])
def test_value_and_gradient_are_finite(loss, eps):
    pairs = np.array(list(itertools.product(NASTY.values(), NASTY.values())), "float32")
    a, b = jnp.asarray(pairs[:, 0]), jnp.asarray(pairs[:, 1])
    value = loss(a, b, eps=eps)
    assert jnp.isfinite(value).all()
    assert value.min() >= 0.0
    for at in (0, 1):
        assert jnp.isfinite(slope(loss, a, b, at=at, eps=eps)).all()


@pytest.mark.parametrize("eps", [1e-7, 0.0])
def test_two_empty_boxes(eps):
    # IoU 0 and the rest of a hull without area 0: exactly 1, not NaN, and for two points apart diou adds 1.
    p, q = jnp.array([1.0, 1.0, 1.0, 1.0]), jnp.array([5.0, 4.0, 5.0, 4.0])
    for loss in LOSSES:
        assert loss(p, p, eps=eps).item() == 1.0
    assert giou_loss(p, q, eps=0.0).item() == 2.0
    agree(diou_loss(p, q, eps=eps), np.array(2.0), "float32")
    agree(ciou_loss(p, q, eps=eps), np.array(2.0), "float32")


def test_the_angle_of_a_box_without_height_or_width():
    # atan(w/h) tends to π/2 as h falls to 0, with the slope −1/w by h; of a point the angle is 0, with slope 0.
    bar, pole, point = jnp.array([0.0, 0.0, 2.0, 0.0]), jnp.array([0.0, 0.0, 0.0, 2.0]), jnp.zeros(4)
    nearly = jnp.array([0.0, 0.0, 2.0, 1e-6])
    agree(ciou_loss(bar, UNIT), ciou_loss(nearly, UNIT), "float32")
    assert jnp.isfinite(slope(ciou_loss, bar, UNIT)).all()
    agree(ciou_loss(pole, UNIT) - diou_loss(pole, UNIT), ciou_loss(point, UNIT) - diou_loss(point, UNIT), "float32")
    agree(slope(ciou_loss, point, UNIT), slope(diou_loss, point, UNIT), "float32")


def test_an_inverted_box_is_empty():
    # Two negative sides would make a positive area. Union 1, hull from 0 to 1: 1 − 0 + 0.
    inverted = jnp.array([0.75, 0.75, 0.25, 0.25])
    assert giou_loss(inverted, UNIT, eps=0.0).item() == 1.0
    # Of one negative side neither.
    assert giou_loss(jnp.array([0.75, 0.25, 0.25, 0.75]), UNIT, eps=0.0).item() == 1.0


def test_halves_are_computed_in_float32():
    # The area 300 · 300 is over what float16 holds, and 257 is no bfloat16.
    a, b = jnp.array([0.0, 0.0, 300.0, 300.0], "float16"), jnp.array([0.0, 0.0, 300.0, 150.0], "float16")
    for loss in LOSSES:
        got = loss(a, b)
        assert got.dtype == jnp.float16
        agree(got, loss(a.astype("float32"), b.astype("float32")), "float16")
    assert giou_loss(a, b).item() == 0.5


@pytest.mark.parametrize("loss", LOSSES)
def test_nan_goes_through(loss):
    for at in range(4):
        assert jnp.isnan(loss(UNIT.at[at].set(math.nan), UNIT))
        assert jnp.isnan(loss(UNIT, UNIT.at[at].set(math.nan)))


@pytest.mark.parametrize("loss", LOSSES)
def test_empty_batches(loss):
    assert loss(jnp.zeros((0, 4)), jnp.zeros((0, 4))).shape == (0,)
    assert slope(loss, jnp.zeros((2, 0, 4)), jnp.zeros((2, 0, 4))).shape == (2, 0, 4)
    assert loss(UNIT, UNIT).shape == ()
