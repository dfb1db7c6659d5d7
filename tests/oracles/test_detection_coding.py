"""Offsets of boxes against torchvision's coder: values and gradients."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview.detection import decode_boxes, encode_boxes

from agree import agree
from torchvision_peer import ask

DTYPES = ["float32", "float64"]
WEIGHTS = [(1.0, 1.0, 1.0, 1.0), (10.0, 10.0, 5.0, 5.0), (0.5, 2.0, 3.0, 0.1)]
CODER = "torchvision.models.detection._utils"


def boxes(n, seed, scale):
    rng = np.random.default_rng(seed)
    corner = rng.uniform(-2.0, 4.0, (n, 2))
    return scale * np.concatenate([corner, corner + rng.uniform(0.5, 3.0, corner.shape)], -1)


def ours(function, dtype, *arrays, **settings):
    """Values and gradients for the cotangent that the peer takes."""
    with jax.enable_x64(dtype == "float64"):
        out, pull = jax.vjp(lambda *moving: function(*moving, **settings), *map(jnp.asarray, arrays))
        return out, pull(jnp.arange(1, out.size + 1, dtype=out.dtype).reshape(out.shape) / max(1, out.size))


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("scale", [0.01, 1.0, 100.0])
@pytest.mark.parametrize("count", [1, 30])
@pytest.mark.parametrize("dtype", DTYPES)
def test_encode(weights, scale, count, dtype):
    given = [boxes(count, seed, scale).astype(dtype) for seed in (1, 2)]
    out, gradients = ours(encode_boxes, dtype, *given, weights=weights)
    for position, gradient in enumerate(gradients):
        value, want = ask(f"{CODER}.encode_boxes", *given, np.array(weights, dtype), gradient=position)
        agree(out, value, dtype)
        agree(gradient, want, dtype)


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("scale", [0.01, 1.0, 100.0])
@pytest.mark.parametrize("limit", [math.log(1000 / 16), 0.25])
@pytest.mark.parametrize("dtype", DTYPES)
def test_decode(weights, scale, limit, dtype):
    deltas, anchors = np.random.default_rng(3).normal(size=(30, 4)).astype(dtype), boxes(30, 4, scale).astype(dtype)
    # At the limit itself too, where the slope is 1 there as here.
    deltas[:5, 2:] = [[9, 9], [limit * weights[2], limit * weights[3]], [-9, 9], [4.2, -4.2], [0, 0]]
    out, gradients = ours(decode_boxes, dtype, deltas, anchors, weights=weights, max_log_scale=limit)
    for position, gradient in enumerate(gradients):
        value, want = ask(f"{CODER}.BoxCoder.decode_single", deltas, anchors, gradient=position, made=dict(weights=weights, bbox_xform_clip=limit))
        agree(out, value, dtype)
        agree(gradient, want, dtype)
