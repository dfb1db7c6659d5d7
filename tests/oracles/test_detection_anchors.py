"""Anchors against torchvision's generator."""

import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview.detection import centered_anchors, grid_anchors

from agree import agree
from torchvision_peer import ask

GENERATOR = "torchvision.models.detection.anchor_utils.AnchorGenerator"


@pytest.mark.parametrize("sizes", [(32,), (128, 256, 512), (16, 33, 7), (31, 101, 5, 1)])
@pytest.mark.parametrize("ratios", [(0.5, 1.0, 2.0), (1.0,), (4.0, 0.25), (0.3, 1.7, 3.0)])
def test_centered(sizes, ratios):
    want = ask(f"{GENERATOR}.generate_anchors", sizes, ratios, made={})
    # Whole numbers: exactly.
    assert np.array_equal(np.asarray(centered_anchors(sizes, ratios=ratios)), want)


@pytest.mark.parametrize("feature_size", [(1, 1), (3, 5), (37, 62), (0, 4)])
@pytest.mark.parametrize("stride", [(16, 16), (8, 32), (1, 3)])
@pytest.mark.parametrize("sizes", [(32,), (20, 65)])
def test_grid(feature_size, stride, sizes):
    want = ask(f"{GENERATOR}.grid_anchors", [feature_size], [stride], made=dict(sizes=[sizes], aspect_ratios=[(0.5, 1.0, 2.0)]))
    got = grid_anchors(centered_anchors(sizes), feature_size, stride=stride)
    assert got.dtype == jnp.float32
    agree(got, want[0], "float32")
