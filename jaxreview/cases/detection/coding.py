"""Rows of boxes as offsets from anchors."""

import numpy as np

from jaxreview import detection
from jaxreview.cases._inputs import Dims, Input, integers, normal, sizes
from jaxreview.cases._rows import Bad, Bench, Case
from jaxreview.cases.losses.boxes import boxes


def _offsets(spec: str) -> Input:
    """Normals, of which some logarithms are well over 1 and the others well below it."""

    def draw(rng: np.random.Generator, dims: Dims) -> np.ndarray:
        deltas = rng.standard_normal(sizes(spec, dims))
        return np.where(np.abs(deltas - 1) < 0.1, deltas + 0.25, deltas)

    return Input(f"normal offsets({spec})", draw)


CASES = [
    Case(
        detection.encode_boxes, "weights", boxes("N"), boxes("N"), dims=dict(N=5), options=dict(weights=(10.0, 8.0, 5.0, 4.0)), differentiable=(0, 1),
        batched=(0, 1), bench=Bench(dict(N=6000)),
    ),
    Case(
        detection.encode_boxes, "the same anchors for all images, +1", boxes("B N"), boxes("N"), dims=dict(B=2, N=3), options=dict(legacy_plus_one=True),
        differentiable=(0, 1), batched=(0,),
    ),
    Case(
        detection.decode_boxes, "weights, some are cut", _offsets("N 4"), boxes("N"), dims=dict(N=6),
        options=dict(weights=(1.0, 0.5, 1.0, 1.0), max_log_scale=1.0), differentiable=(0, 1), batched=(0, 1), bench=Bench(dict(N=6000)),
    ),
    Case(
        detection.decode_boxes, "the same anchors for all images, +1", _offsets("B N 4"), boxes("N"), dims=dict(B=2, N=3), options=dict(legacy_plus_one=True),
        differentiable=(0, 1), batched=(0,),
    ),
]  # fmt: skip

_WEIGHTS = dict(weights=(1.0, 1.0, 0.0, 1.0))

BAD = [
    Bad(detection.encode_boxes, "one anchor for all", normal("5 4"), normal("4"), error=ValueError, match="anchors has shape (4,)"),
    Bad(detection.encode_boxes, "anchors of another image", normal("2 5 4"), normal("3 5 4"), error=ValueError, match="or that of one image's, (5, 4)"),
    Bad(detection.encode_boxes, "integer boxes", integers("5 4", 0, 9), normal("5 4"), error=TypeError, match="boxes has dtype int32"),
    Bad(detection.encode_boxes, "three weights", normal("5 4"), normal("5 4"), options=dict(weights=(1.0, 1.0, 1.0)), error=ValueError, match="four numbers"),
    Bad(detection.encode_boxes, "a weight of 0", normal("5 4"), normal("5 4"), options=_WEIGHTS, error=ValueError, match="weights[2] is 0"),
    Bad(detection.decode_boxes, "one anchor for all", normal("5 4"), normal("1 4"), error=ValueError, match="anchors has shape (1, 4)"),
    Bad(detection.decode_boxes, "offsets of two classes", normal("5 8"), normal("5 4"), error=ValueError, match="deltas has shape (5, 8)"),
    Bad(detection.decode_boxes, "a weight of 0", normal("5 4"), normal("5 4"), options=_WEIGHTS, error=ValueError, match="weights[2] is 0"),
    Bad(
        detection.decode_boxes, "no limit", normal("5 4"), normal("5 4"), options=dict(max_log_scale=None), error=TypeError, match="max_log_scale is None",
    ),
]  # fmt: skip
