"""Non-maximum suppression against torchvision's compiled operation, onnxruntime's operator and the loop: the same boxes in the same order."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jaxreview.detection import batched_nms, nms, soft_nms
from jaxreview.loops import detection as loops

from agree import agree
from torchvision_peer import ask


def drawn(n, seed, kind="clusters", dtype="float32"):
    """Boxes around objects, or anywhere, negative coordinates and twins among them, and distinct scores."""
    rng = np.random.default_rng(seed)
    if kind == "clusters":
        sides, centres = rng.uniform(10, 90, (n // 10 + 1, 2)), rng.uniform(-200, 200, (n // 10 + 1, 2))
        one = rng.integers(len(sides), size=n)
        centre, side = centres[one] + 0.2 * sides[one] * rng.standard_normal((n, 2)), sides[one] * np.exp(0.2 * rng.standard_normal((n, 2)))
    else:
        centre, side = rng.uniform(-100, 100, (n, 2)), rng.uniform(0, 80, (n, 2))
    boxes = np.concatenate([centre - side / 2, centre + side / 2], -1)
    boxes[rng.integers(n, size=n // 8)] = boxes[0]
    return boxes.astype(dtype), rng.permutation(n).astype(dtype) / n


def found(boxes, scores, *others, function=nms, **options):
    """The kept indices alone."""
    call = jax.jit(lambda *arrays: function(*arrays, **options))
    with jax.enable_x64(boxes.dtype == np.float64):
        result = call(*map(jnp.asarray, (boxes, scores, *others)))
        return np.asarray(result.indices)[np.asarray(result.valid)]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", ["clusters", "uniform"])
@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.5, 0.7, 0.9])
def test_nms_is_torchvisions(threshold, kind, dtype):
    for n in (1, 50, 700):
        boxes, scores = drawn(n, n, kind, dtype)
        assert found(boxes, scores, iou_threshold=threshold).tolist() == ask("torchvision.ops.nms", boxes, scores, threshold).tolist()


@pytest.mark.parametrize("threshold", [0.5, 0.7])
def test_nms_of_thousands_of_boxes_is_torchvisions(threshold):
    boxes, scores = drawn(4000, 1)
    want = ask("torchvision.ops.nms", boxes, scores, threshold)
    assert found(boxes, scores, iou_threshold=threshold).tolist() == want.tolist()
    assert found(boxes, scores, iou_threshold=threshold, max_outputs=300).tolist() == want[:300].tolist()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("classes", [1, 3, 40])
@pytest.mark.parametrize("threshold", [0.2, 0.5])
def test_batched_nms_is_torchvisions(threshold, classes, dtype):
    # So many that torchvision takes class after class; fewer it shifts apart, which is wrong for these boxes' negative coordinates.
    boxes, scores = drawn(1100, classes, dtype=dtype)
    labels = np.random.default_rng(classes).integers(classes, size=len(boxes))
    want = ask("torchvision.ops.batched_nms", boxes, scores, labels, threshold)
    assert found(boxes, scores, labels.astype("int32"), function=batched_nms, iou_threshold=threshold).tolist() == want.tolist()


def operator(outputs, iou_threshold, score_threshold):
    """onnxruntime's NonMaxSuppression as a function of boxes and scores."""
    onnx, runtime = pytest.importorskip("onnx"), pytest.importorskip("onnxruntime")
    real, whole, make = onnx.TensorProto.FLOAT, onnx.TensorProto.INT64, onnx.helper
    names = ["outputs", "iou_threshold", "score_threshold"]
    kinds, values = [whole, real, real], [outputs, iou_threshold, score_threshold]
    fixed = [make.make_tensor(name, kind, [1], [value]) for name, kind, value in zip(names, kinds, values, strict=True)]
    inputs = [make.make_tensor_value_info("boxes", real, [1, None, 4]), make.make_tensor_value_info("scores", real, [1, 1, None])]
    node = make.make_node("NonMaxSuppression", ["boxes", "scores", *names], ["kept"])
    graph = make.make_graph([node], "nms", inputs, [make.make_tensor_value_info("kept", whole, [None, 3])], fixed)
    model = make.make_model(graph, opset_imports=[make.make_opsetid("", 17)], ir_version=8)
    session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return lambda boxes, scores: session.run(None, {"boxes": boxes[None], "scores": scores[None, None]})[0][:, 2]


@pytest.mark.parametrize("kind", ["clusters", "uniform"])
@pytest.mark.parametrize("outputs", [1, 20, 600])
@pytest.mark.parametrize(("iou_threshold", "score_threshold"), [(0.3, 0.0), (0.5, 0.25), (0.7, 0.5)])
def test_nms_is_onnxruntimes(iou_threshold, score_threshold, outputs, kind):
    boxes, scores = drawn(600, outputs, kind)
    want = operator(outputs, iou_threshold, score_threshold)(boxes, scores)
    settings = dict(iou_threshold=iou_threshold, max_outputs=outputs, score_threshold=score_threshold)
    assert found(boxes, scores, **settings).tolist() == want.tolist()


# Corners on a grid of quarters: IoUs at the thresholds, twins and boxes without area are frequent, and all is exact.
CORNER = st.tuples(*[st.integers(-6, 6)] * 2, *[st.integers(-1, 5)] * 2).map(lambda c: [c[0] / 4, c[1] / 4, (c[0] + c[2]) / 4, (c[1] + c[3]) / 4])
SCORE = st.sampled_from([0.0, -0.0, 0.25, 0.5, 0.75, 1.0, -1.0, np.inf, -np.inf, np.nan])
ROW = st.tuples(CORNER, SCORE, st.integers(-1, 1), st.booleans())
LENGTH = 40
COMPILED = {
    threshold: jax.jit(lambda b, s, c, m, t=threshold: (nms(b, s, iou_threshold=t, mask=m), batched_nms(b, s, c, iou_threshold=t, mask=m, max_outputs=7)))
    for threshold in (0.0, 0.25, 0.5, 1.0)
}


@settings(max_examples=150, deadline=None, derandomize=True)
@given(rows=st.lists(ROW, min_size=1, max_size=LENGTH), threshold=st.sampled_from(sorted(COMPILED)))
def test_any_boxes_are_the_loops(rows, threshold):
    # Padding makes one length of all, so one program of all.
    rows = rows + [([0.0, 0.0, 1.0, 1.0], 1.0, 0, False)] * (LENGTH - len(rows))
    boxes, scores, classes, mask = (np.array(column) for column in zip(*rows, strict=True))
    got = COMPILED[threshold](*map(jnp.asarray, (boxes.astype("float32"), scores.astype("float32"), classes.astype("int32"), mask)))
    want = (
        loops.nms(boxes, scores, iou_threshold=threshold, mask=mask),
        loops.batched_nms(boxes, scores, classes, iou_threshold=threshold, mask=mask, max_outputs=7),
    )
    agree(got, want)


def published(boxes, scores, method, sigma, iou_threshold, score_threshold):
    """Soft-NMS as it was published: the best of what is left is swapped to the front, and what falls below the threshold leaves. Over an array a turn."""
    boxes, scores, left, order, taken = boxes.astype("float64"), scores.astype("float64").copy(), list(range(len(scores))), [], []
    while left:
        best = max(left, key=lambda i: scores[i])
        left.remove(best)
        order.append(best)
        taken.append(scores[best])
        rest = np.array(left, int)
        low, high = np.maximum(boxes[best, :2], boxes[rest, :2]), np.minimum(boxes[best, 2:], boxes[rest, 2:])
        both = np.prod(np.clip(high - low, 0, None), -1)
        areas = np.prod(boxes[:, 2:] - boxes[:, :2], -1)
        iou = both / (areas[best] + areas[rest] - both)
        scores[rest] *= np.exp(-(iou**2) / sigma) if method == "gaussian" else np.where(iou > iou_threshold, 1 - iou, 1.0)
        left = [i for i in left if scores[i] > score_threshold]
    return order, taken


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", ["clusters", "uniform"])
@pytest.mark.parametrize("options", [{}, {"sigma": 0.2}, {"method": "linear"}, {"method": "linear", "iou_threshold": 0.5, "score_threshold": 0.11}], ids=str)
def test_soft_nms_is_the_published_one(options, kind, dtype):
    boxes, scores = drawn(80, 5, kind, dtype)
    full = dict(method="gaussian", sigma=0.5, iou_threshold=0.3, score_threshold=0.001) | options
    # Distinct boxes: of twins' scores, which are equal but for rounding, either may come first.
    boxes, first = np.unique(boxes, axis=0, return_index=True)
    order, taken = published(boxes, scores[first], **full)
    with jax.enable_x64(dtype == "float64"):
        got = soft_nms(jnp.asarray(boxes), jnp.asarray(scores[first]), **options)
        count = len(order)
        assert got.indices.tolist() == order + [-1] * (len(boxes) - count)
        agree(got.scores[:count], np.array(taken), dtype)
