"""Losses of boxes against their published formulas in PyTorch (which has none of its own): values and gradients."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview.losses import ciou_loss, diou_loss, giou_loss

from agree import agree

torch = pytest.importorskip("torch")

DTYPES = ["float32", "float64"]


def parts(a, b, eps):
    """IoU, union, and the hull's width and height, one coordinate at a time."""
    ax1, ay1, ax2, ay2 = a.unbind(-1)
    bx1, by1, bx2, by2 = b.unbind(-1)
    across = torch.minimum(ax2, bx2) - torch.maximum(ax1, bx1)
    down = torch.minimum(ay2, by2) - torch.maximum(ay1, by1)
    overlap = torch.where((across > 0) & (down > 0), across * down, torch.zeros_like(across))
    union = (ax2 - ax1) * (ay2 - ay1) + (bx2 - bx1) * (by2 - by1) - overlap
    return overlap / (union + eps), union, torch.maximum(ax2, bx2) - torch.minimum(ax1, bx1), torch.maximum(ay2, by2) - torch.minimum(ay1, by1)


def giou(a, b, eps):
    iou, union, width, height = parts(a, b, eps)
    return 1 - (iou - (width * height - union) / (width * height + eps))


def diou(a, b, eps):
    iou, _, width, height = parts(a, b, eps)
    offset = (a[..., :2] + a[..., 2:]) / 2 - (b[..., :2] + b[..., 2:]) / 2
    return 1 - iou + offset.square().sum(-1) / (width**2 + height**2 + eps)


def ciou(a, b, eps):
    iou = parts(a, b, eps)[0]
    angle, target = (torch.atan((v[..., 2] - v[..., 0]) / (v[..., 3] - v[..., 1])) for v in (a, b))
    v = (target - angle) ** 2 * (2 / math.pi) ** 2
    with torch.no_grad():
        alpha = v / (1 - iou + v + eps)
    return diou(a, b, eps) + alpha * v


PAIRS = {"giou": (giou_loss, giou), "diou": (diou_loss, diou), "ciou": (ciou_loss, ciou)}


def both(name, a, b, dtype, eps):
    """Hold values and gradients against the formula in float64, for one cotangent."""
    ours, theirs = PAIRS[name]
    a, b = a.astype(dtype), b.astype(dtype)
    with jax.enable_x64(dtype == "float64"):
        out, pull = jax.vjp(lambda u, v: ours(u, v, eps=eps), jnp.asarray(a), jnp.asarray(b))
        cotangent = np.asarray(np.random.default_rng(7).standard_normal(out.shape)).astype(dtype)
        gradients = pull(jnp.asarray(cotangent))
    tensors = [torch.tensor(v.astype("float64"), requires_grad=True) for v in (a, b)]
    want = theirs(*tensors, eps)
    want.backward(torch.tensor(cotangent.astype("float64")))
    agree(out, want.detach().numpy(), dtype)
    agree(gradients, [t.grad.numpy() for t in tensors], dtype)


def boxes(shape, seed, spread=2.0):
    rng = np.random.default_rng(seed)
    corner = rng.uniform(-spread, spread, (*shape, 2))
    return np.concatenate([corner, corner + rng.uniform(0.5, 3.0, corner.shape)], -1)


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("shape", [(), (4, 50), (0,)])
@pytest.mark.parametrize("eps", [1e-7, 0.1])
@pytest.mark.parametrize("dtype", DTYPES)
def test_random_boxes(name, shape, eps, dtype):
    both(name, boxes(shape, 1), boxes(shape, 2), dtype, eps)


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("scale", [1e-2, 640.0])
@pytest.mark.parametrize("spread", [0.1, 20.0])
@pytest.mark.parametrize("dtype", DTYPES)
def test_pixels_and_fractions_near_and_apart(name, scale, spread, dtype):
    both(name, scale * boxes((50,), 3, spread), scale * boxes((50,), 4, spread), dtype, 1e-7)


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_ties(name, dtype):
    # Equal, sharing a corner, sharing sides, touching along a side and at a corner, one inside of the other.
    a = np.array([[0.0, 0.0, 2.0, 3.0]] * 6)
    b = np.array([[0, 0, 2, 3], [0, 0, 1, 1], [0, 1, 2, 2], [2, 0, 3, 3], [2, 3, 4, 4], [0.5, 0.5, 1, 1]])
    both(name, a, b, dtype, 1e-7)
    both(name, b, a, dtype, 1e-7)


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_box_without_width(name, dtype):
    # (Without height the formula's angle has a NaN for its slope.)
    a, b = np.array([[1.0, 0.0, 1.0, 2.0], [5.0, 1.0, 5.0, 2.0]]), np.array([[0.0, 0.0, 2.0, 3.0]] * 2)
    both(name, a, b, dtype, 1e-7)
