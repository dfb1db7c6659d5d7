"""Boxes against torchvision: values and gradients."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview.detection import box_area, box_convert, box_iou, clip_boxes, complete_box_iou, distance_box_iou, generalized_box_iou

from agree import agree
from torchvision_peer import ask

DTYPES = ["float32", "float64"]
OVERLAPS = [box_iou, generalized_box_iou, distance_box_iou, complete_box_iou]


def boxes(shape, seed, spread=2.0, scale=1.0):
    rng = np.random.default_rng(seed)
    corner = rng.uniform(-spread, spread, (*shape, 2))
    return scale * np.concatenate([corner, corner + rng.uniform(0.5, 3.0, corner.shape)], -1)


def both(function, peer, dtype, arrays, *others, **settings):
    """Hold the values, and the gradients by each array, against the peer's."""
    arrays = [a.astype(dtype) for a in arrays]
    with jax.enable_x64(dtype == "float64"):
        out, pull = jax.vjp(lambda *moving: function(*moving, *others, **settings), *map(jnp.asarray, arrays))
        gradients = pull(jnp.arange(1, out.size + 1, dtype=out.dtype).reshape(out.shape) / max(1, out.size))
    for position, gradient in enumerate(gradients):
        value, want = ask(peer, *arrays, *others, gradient=position, **settings)
        agree(out, value, dtype)
        agree(gradient, want, dtype)


@pytest.mark.parametrize("function", OVERLAPS)
@pytest.mark.parametrize("counts", [(7, 4), (40, 60)])
@pytest.mark.parametrize(("spread", "scale"), [(0.1, 1.0), (2.0, 0.01), (4.0, 640.0), (20.0, 1.0)])
@pytest.mark.parametrize("dtype", DTYPES)
def test_overlaps(function, counts, spread, scale, dtype):
    n, m = counts
    both(function, f"torchvision.ops.{function.__name__}", dtype, (boxes((n,), 1, spread, scale), boxes((m,), 2, spread, scale)))


@pytest.mark.parametrize("function", [distance_box_iou, complete_box_iou])
@pytest.mark.parametrize("eps", [1e-3, 0.5])
@pytest.mark.parametrize("dtype", DTYPES)
def test_epsilon(function, eps, dtype):
    both(function, f"torchvision.ops.{function.__name__}", dtype, (boxes((5,), 3), boxes((6,), 4)), eps=eps)


@pytest.mark.parametrize("function", OVERLAPS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_ties(function, dtype):
    # Equal, sharing a corner, sharing sides, one inside of the other.
    a = np.array([[0.0, 0.0, 2.0, 3.0]])
    b = np.array([[0, 0, 2, 3], [0, 0, 1, 1], [0, 1, 2, 2], [0.5, 0.5, 1, 1]])
    both(function, f"torchvision.ops.{function.__name__}", dtype, (a, b))
    both(function, f"torchvision.ops.{function.__name__}", dtype, (b, a))


def test_boxes_that_touch_have_its_value():
    # Of the slope one side is 0 here and 1 there.
    a, b = np.array([[0.0, 0.0, 2.0, 3.0]], "float32"), np.array([[2, 0, 3, 3], [2, 3, 4, 4]], "float32")
    for function in OVERLAPS:
        agree(function(jnp.asarray(a), jnp.asarray(b)), ask(f"torchvision.ops.{function.__name__}", a, b), "float32")


def test_overlaps_of_halves():
    a, b = (boxes((9,), seed, 4.0, 100.0).astype("float16") for seed in (1, 2))
    agree(box_iou(jnp.asarray(a), jnp.asarray(b)), ask("torchvision.ops.box_iou", a.astype("float32"), b.astype("float32")), "float16")


@pytest.mark.parametrize("count", [0, 1, 50])
@pytest.mark.parametrize("scale", [0.01, 1.0, 640.0])
@pytest.mark.parametrize("dtype", DTYPES)
def test_area(count, scale, dtype):
    both(box_area, "torchvision.ops.box_area", dtype, (boxes((count,), 5, 2.0, scale),))


@pytest.mark.parametrize("source", ["xyxy", "xywh", "cxcywh"])
@pytest.mark.parametrize("target", ["xyxy", "xywh", "cxcywh"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_convert(source, target, dtype):
    given = boxes((20,), 6).astype(dtype)
    if source != target:
        both(box_convert, "torchvision.ops.box_convert", dtype, (given,), source, target)
    with jax.enable_x64(dtype == "float64"):
        agree(box_convert(jnp.asarray(given), source, target), ask("torchvision.ops.box_convert", given, source, target), dtype)


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (4, 2), (600, 1000), (0, 7)])
@pytest.mark.parametrize("spread", [2.0, 900.0])
@pytest.mark.parametrize("dtype", DTYPES)
def test_clip(size, spread, dtype):
    given = boxes((50,), 7, spread)
    # On the border too, where the slope is 1 there as here.
    given[:4] = [[0, 0, size[1], size[0]], [-1, 0, size[1] + 1, size[0]], [size[1], size[0], size[1], size[0]], [0, 0, 0, 0]]
    both(clip_boxes, "torchvision.ops.clip_boxes_to_image", dtype, (given,), size)
