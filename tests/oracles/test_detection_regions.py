"""Regions of interest against torchvision's compiled operations and onnxruntime's RoiAlign: values, and the gradient of the features."""

import jax
import numpy as np
import pytest

from jaxreview.detection import roi_align, roi_pool

from agree import agree
from regions_oracle import SIZE, compare, drawn

SAMPLED = [
    dict(output_size=(1, 1), sampling_ratio=1),
    dict(output_size=(2, 3), sampling_ratio=2),
    dict(output_size=(2, 3), sampling_ratio=2, aligned=True),
    dict(output_size=(7, 7), sampling_ratio=2, spatial_scale=0.5),
    dict(output_size=(3, 2), sampling_ratio=3, spatial_scale=0.3, aligned=True),
    dict(output_size=(2, 2), sampling_ratio=5),
    dict(output_size=(1, 1)),
    dict(output_size=(3, 4)),
    dict(output_size=(3, 4), aligned=True),
    dict(output_size=(2, 7), spatial_scale=0.5),
    dict(output_size=(5, 1), spatial_scale=0.7, aligned=True),
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("options", SAMPLED, ids=str)
def test_roi_align(options, dtype):
    x, rois = drawn(dtype, channels=3)
    bound = {} if "sampling_ratio" in options else dict(max_samples=20)
    if options.get("aligned") and bound:
        # Of negative sizes on both axes torchvision's number of samples is a product of two negative ones.
        rois = rois[(rois[:, 3] >= rois[:, 1]) & (rois[:, 4] >= rois[:, 2])]
    theirs = dict(sampling_ratio=-1) | options
    compare("roi_align", lambda x, rois: roi_align(x, rois, **options, **bound), theirs, dtype, x, rois)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_roi_align_on_borders_that_rounding_decides(dtype):
    # Whole corners times a scale that is none, and sizes that are a whole number of cells a bin: one more sample, or a sample outside, for a last place.
    x, _ = drawn(dtype, channels=3)
    low, size = np.meshgrid(np.arange(-30, 60, 7), 30 * np.arange(1, 5), indexing="ij")
    corners = np.stack([low, low, low + size, low + size], -1).reshape(-1, 4)
    rois = np.concatenate([np.zeros((len(corners), 1)), corners], 1).astype(dtype)
    options = dict(output_size=(3, 3), spatial_scale=0.1)
    compare("roi_align", lambda x, rois: roi_align(x, rois, **options, max_samples=6), options, dtype, x, rois)


POOLED = [
    dict(output_size=(1, 1)),
    dict(output_size=(2, 3)),
    dict(output_size=(7, 7)),
    dict(output_size=(3, 2), spatial_scale=0.5),
    dict(output_size=(5, 4), spatial_scale=0.3),
    dict(output_size=(11, 13)),
    dict(output_size=(1, 20), spatial_scale=1.7),
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("options", POOLED, ids=str)
def test_roi_pool(options, dtype):
    compare("roi_pool", lambda x, rois: roi_pool(x, rois, **options), options, dtype, *drawn(dtype, channels=3))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_roi_pool_of_equal_values_and_corners_at_halves(dtype):
    rng = np.random.default_rng(1)
    x = rng.integers(0, 3, (2, *SIZE, 3)).astype(dtype)
    rois = np.concatenate([rng.integers(0, 2, (40, 1)), rng.integers(-8, 24, (40, 4)) / 2], 1).astype(dtype)
    options = dict(output_size=(3, 3))
    compare("roi_pool", lambda x, rois: roi_pool(x, rois, **options), options, dtype, x, rois)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_roi_pool_bins_of_rounded_quotients(dtype):
    # 57 cells in 7 bins: in float32 the last bin takes a cell more, in float64 of 29 and 58 in 7.
    x = np.random.default_rng(2).standard_normal((1, 70, 70, 1)).astype(dtype)
    rois = np.array([[0, 0, 0, n - 1, m - 1] for n, m in ((57, 29), (58, 57), (29, 58), (47, 25))], dtype)
    for bins in (7, 11):
        options = dict(output_size=(bins, bins))
        compare("roi_pool", lambda x, rois, options=options: roi_pool(x, rois, **options), options, dtype, x, rois)


@pytest.mark.parametrize("mode", ["half_pixel", "output_half_pixel"])
@pytest.mark.parametrize("ratio", [0, 1, 2, 3])
@pytest.mark.parametrize("bins", [(1, 1), (7, 5)])
def test_roi_align_as_in_onnx(bins, ratio, mode):
    onnx, onnxruntime = pytest.importorskip("onnx"), pytest.importorskip("onnxruntime")
    x, rois = drawn("float32", channels=3, seed=3)
    rois = rois[(rois[:, 3] >= rois[:, 1]) & (rois[:, 4] >= rois[:, 2])]
    settings = dict(output_height=bins[0], output_width=bins[1], sampling_ratio=ratio, spatial_scale=0.75, coordinate_transformation_mode=mode)
    node = onnx.helper.make_node("RoiAlign", ["x", "rois", "numbers"], ["y"], **settings)
    kinds = dict(x=onnx.TensorProto.FLOAT, rois=onnx.TensorProto.FLOAT, numbers=onnx.TensorProto.INT64)
    inputs = [onnx.helper.make_tensor_value_info(name, kind, None) for name, kind in kinds.items()]
    graph = onnx.helper.make_graph([node], "roi_align", inputs, [onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 16)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (want,) = session.run(None, dict(x=np.moveaxis(x, -1, 1), rois=rois[:, 1:], numbers=rois[:, 0].astype(np.int64)))
    options = dict(output_size=bins, spatial_scale=0.75, sampling_ratio=ratio, aligned=mode == "half_pixel", **({} if ratio else dict(max_samples=20)))
    agree(jax.jit(lambda x, rois: roi_align(x, rois, **options))(x, rois), np.moveaxis(want, 1, -1), "float32")
