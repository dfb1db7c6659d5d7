"""Rows: Non-maximum suppression."""

import numpy as np

from jaxreview.cases._inputs import Dims, Input, constant, integers, normal, sizes
from jaxreview.cases._rows import Bad, Bench, Case
from jaxreview.cases.detection._recipes import present
from jaxreview.detection import suppression


def _around(spec: str, objects: int) -> Input:
    """Boxes around a few objects of an image, negative coordinates among them: multiples of an eighth, so that a half type has them exactly."""

    def draw(rng: np.random.Generator, dims: Dims) -> np.ndarray:
        shape = sizes(spec, dims)
        corner, side = rng.integers(-40, 40, (objects, 2)), rng.integers(16, 40, (objects, 2))
        one = rng.integers(objects, size=shape[:-1])
        low = corner[one] + rng.integers(-5, 6, (*shape[:-1], 2))
        return np.concatenate([low, low + side[one] + rng.integers(-5, 6, (*shape[:-1], 2))], -1) / 8

    return Input(f"around({spec})", draw)


def _ranked(spec: str, levels: int) -> Input:
    """Scores in multiples of 1/64 up to 1, exact in a half type: distinct along the last axis where it is no longer than ``levels``; else that many values."""

    def draw(rng: np.random.Generator, dims: Dims) -> np.ndarray:
        *lead, n = sizes(spec, dims)
        ranks = [rng.permutation(64)[:n] if levels >= n else rng.integers(64 - levels, 64, n) for _ in range(int(np.prod(lead, dtype=int)))]
        return (np.stack(ranks).reshape(*lead, n) + 1) / 64

    return Input(f"ranked({spec})", draw)


# A threshold whose quotient no IoU of these boxes equals: 0.5 and the like would be met.
_NEAR_HALF = 0.5009765625
_TIES = [[0, 0, 4, 2], [1, 0, 5, 2], [2, 0, 6, 2], [0, 0, 4, 2], [3, 3, 3, 5], [3, 3, 3, 5], [5, 5, 4, 6], [0, 0, 4, 2]]

CASES = [
    Case(
        suppression.nms, "around objects, a batch", _around("B N 4", 4), _ranked("B N", 64), dims=dict(B=3, N=40), options=dict(iou_threshold=_NEAR_HALF),
        batched=(0, 1), bench=Bench(dict(B=16, N=300), core=True),
    ),
    Case(
        suppression.nms, "few outputs, a score threshold, ties, a mask", _around("N 4", 5), _ranked("N", 20), arrays=dict(mask=present("N")), dims=dict(N=34),
        options=dict(iou_threshold=0.251953125, max_outputs=9, score_threshold=0.75), batched=(0, 1, 2),
    ),
    Case(
        suppression.nms, "a chain, twins, boxes without area, an IoU at the threshold", constant(np.array(_TIES, float)),
        constant([0.5, 0.5, 0.5, 0.25, 0.75, 0.75, 0.5, np.nan]), options=dict(iou_threshold=0.6, max_outputs=10),
    ),
    Case(
        suppression.batched_nms, "classes, a batch", _around("B N 4", 3), _ranked("B N", 20), integers("B N", -1, 2), arrays=dict(mask=present("B N")),
        dims=dict(B=2, N=40), options=dict(iou_threshold=_NEAR_HALF, max_outputs=12, score_threshold=0.71875), batched=(0, 1, 2, 3),
        bench=Bench(dict(B=32, N=1000)),
    ),
    Case(
        suppression.soft_nms, "gaussian", _around("B N 4", 3), _ranked("B N", 64), dims=dict(B=2, N=8), options=dict(sigma=0.75, score_threshold=0.01),
        batched=(0, 1), bench=Bench(dict(B=4, N=100)),
    ),
    Case(
        suppression.soft_nms, "linear, few outputs, a mask", _around("N 4", 2), _ranked("N", 64), arrays=dict(mask=present("N")), dims=dict(N=9),
        options=dict(method="linear", iou_threshold=0.2509765625, max_outputs=5), batched=(0, 1, 2),
    ),
]  # fmt: skip

_SOME = (normal("5 4"), normal("5"))

BAD = [
    Bad(suppression.nms, "too few scores", normal("5 4"), normal("4"), options=dict(iou_threshold=0.5), error=ValueError, match="scores has shape (4,)"),
    Bad(suppression.nms, "integer boxes", integers("5 4", 0, 9), normal("5"), options=dict(iou_threshold=0.5), error=TypeError, match="boxes has dtype int32"),
    Bad(suppression.nms, "three coordinates", normal("5 3"), normal("5"), options=dict(iou_threshold=0.5), error=ValueError, match="boxes has shape (5, 3)"),
    Bad(suppression.nms, "a threshold above 1", *_SOME, options=dict(iou_threshold=1.5), error=ValueError, match="iou_threshold is 1.5"),
    Bad(suppression.nms, "no outputs", *_SOME, options=dict(iou_threshold=0.5, max_outputs=0), error=ValueError, match="max_outputs is 0"),
    Bad(
        suppression.nms, "a real mask", *_SOME, arrays=dict(mask=normal("5")), options=dict(iou_threshold=0.5), error=TypeError, match="mask has dtype float32",
    ),
    Bad(
        suppression.batched_nms, "real classes", *_SOME, normal("5"), options=dict(iou_threshold=0.5), error=TypeError, match="classes has dtype float32",
    ),
    Bad(
        suppression.batched_nms, "one class", *_SOME, integers("1", 0, 2), options=dict(iou_threshold=0.5), error=ValueError, match="classes has shape (1,)",
    ),
    Bad(suppression.soft_nms, "another method", *_SOME, options=dict(method="cubic"), error=ValueError, match="method is 'cubic'"),
    Bad(suppression.soft_nms, "no width", *_SOME, options=dict(sigma=0.0), error=ValueError, match="sigma is 0"),
    Bad(suppression.soft_nms, "scores of a column", normal("5 4"), normal("5 1"), error=ValueError, match="scores has shape (5, 1)"),
]  # fmt: skip
