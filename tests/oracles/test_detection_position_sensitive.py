"""Position-sensitive regions of interest against torchvision's compiled operations: values, and the gradient of the features."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview.detection import ps_roi_align, ps_roi_pool

from agree import agree
from regions_oracle import SIZE, compare, drawn
from torchvision_peer import ask

SAMPLED = [
    dict(output_size=(1, 1), sampling_ratio=1),
    dict(output_size=(2, 3), sampling_ratio=2),
    dict(output_size=(3, 2), sampling_ratio=2, spatial_scale=0.5),
    dict(output_size=(2, 2), sampling_ratio=3, spatial_scale=0.3),
    dict(output_size=(3, 4), sampling_ratio=1),
    dict(output_size=(4, 1), sampling_ratio=5),
    dict(output_size=(1, 1)),
    dict(output_size=(3, 4)),
    dict(output_size=(2, 6), spatial_scale=0.5),
    dict(output_size=(6, 1), spatial_scale=0.7),
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("options", SAMPLED, ids=str)
def test_ps_roi_align(options, dtype):
    x, rois = drawn(dtype, channels=12)
    bound = {} if "sampling_ratio" in options else dict(max_samples=20)
    if bound:
        # Without samples torchvision divides 0 by 0, or by a number below 0.
        rois = rois[(rois[:, 3] > rois[:, 1]) & (rois[:, 4] > rois[:, 2])]
    theirs = dict(sampling_ratio=-1) | options
    compare("ps_roi_align", lambda x, rois: ps_roi_align(x, rois, **options, **bound), theirs, dtype, x, rois)


POOLED = [
    dict(output_size=(1, 1)),
    dict(output_size=(2, 3)),
    dict(output_size=(3, 2), spatial_scale=0.5),
    dict(output_size=(4, 3), spatial_scale=0.3),
    dict(output_size=(1, 12), spatial_scale=1.7),
    dict(output_size=(6, 2)),
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("options", POOLED, ids=str)
def test_ps_roi_pool(options, dtype):
    x, rois = drawn(dtype, channels=12)
    # The last row and column are in no mean; torchvision's gradient counts them, so they are cut off for it, where it is the derivative of its result.
    scale = options.get("spatial_scale", 1.0)
    rois[:, 1:] = np.clip(rois[:, 1:] * scale, 0, np.array([*SIZE[::-1]] * 2) - 3) / scale
    compare("ps_roi_pool", lambda x, rois: ps_roi_pool(x, rois, **options), options, dtype, x, rois)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("options", POOLED, ids=str)
def test_values_of_ps_roi_pool_at_the_border(options, dtype):
    x, rois = drawn(dtype, channels=12, seed=1)
    want = ask("torchvision.ops.ps_roi_pool", np.ascontiguousarray(np.moveaxis(x, -1, 1)), rois, **options)
    with jax.enable_x64(dtype == "float64"):
        got = jax.jit(lambda x, rois: ps_roi_pool(x, rois, **options))(jnp.asarray(x), jnp.asarray(rois))
    agree(got, np.moveaxis(want, 1, -1), dtype)
