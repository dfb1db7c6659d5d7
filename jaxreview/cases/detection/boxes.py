"""Rows of boxes: areas, forms, overlaps."""

import numpy as np

from jaxreview import detection
from jaxreview.cases._inputs import away, constant, integers, normal
from jaxreview.cases._rows import Bad, Bench, Case
from jaxreview.cases.losses.boxes import boxes

# Overlapping, the one inside of the other, apart.
_HERE = constant([[0.0, 0.0, 3.0, 2.0], [0.5, 0.25, 1.5, 1.25], [-3.0, -2.0, -1.0, 2.0]])
_THERE = constant([[0.75, 0.5, 5.0, 4.0], [0.0, 0.0, 2.0, 2.5]])
_ALPHA = {"derivatives": "α is by definition a constant to the gradient, which to differences it is not"}

CASES = [
    Case(
        detection.box_area, "+1, some are empty", away("N 4", 0.0), dims=dict(N=7), options=dict(legacy_plus_one=True), differentiable=(0,), batched=(0,),
        largest=1e18, bench=Bench(dict(N=20000)),
    ),

    Case(
        detection.box_convert, "corners to centres", normal("N 4"), dims=dict(N=5), options=dict(source="xyxy", target="cxcywh"), differentiable=(0,),
        batched=(0,), bench=Bench(dict(N=15000)),
    ),
    Case(
        detection.box_convert, "centres to a corner", normal("N 4"), dims=dict(N=3), options=dict(source="cxcywh", target="xywh"), differentiable=(0,),
        batched=(0,),
    ),
    Case(
        detection.box_convert, "a corner to corners", normal("N 4"), dims=dict(N=3), options=dict(source="xywh", target="xyxy"), differentiable=(0,),
        batched=(0,),
    ),

    Case(
        detection.clip_boxes, "the size an array", away("N 4", 0.0, 3.0, 5.0, scale=4.0), constant(np.array([3, 5], np.int32)), dims=dict(N=6),
        differentiable=(0,), batched=(0,), bench=Bench(dict(N=15000)),
    ),
    Case(
        detection.clip_boxes, "a static size, +1", away("N 4", 0.0, 2.5, 4.0, scale=4.0), dims=dict(N=6), options=dict(size=(3.5, 5), legacy_plus_one=True),
        differentiable=(0,), batched=(0,),
    ),

    Case(
        detection.box_iou, "a batch", boxes("B N"), boxes("B M"), dims=dict(B=2, N=4, M=3), differentiable=(0, 1), batched=(0, 1),
        bench=Bench(dict(B=8, N=50, M=20), core=True),
    ),
    Case(
        detection.box_iou, "overlapping, inside, apart, +1", _HERE, _THERE, options=dict(legacy_plus_one=True), differentiable=(0, 1), batched=(0, 1),
    ),

    Case(
        detection.generalized_box_iou, "a batch", boxes("B N"), boxes("B M"), dims=dict(B=2, N=4, M=3), differentiable=(0, 1), batched=(0, 1),
        bench=Bench(dict(B=8, N=40, M=20)),
    ),

    Case(
        detection.distance_box_iou, "a batch", boxes("B N"), boxes("B M"), dims=dict(B=2, N=4, M=3), options=dict(eps=0.01), differentiable=(0, 1),
        batched=(0, 1), bench=Bench(dict(B=8, N=40, M=20)),
    ),

    Case(detection.complete_box_iou, "overlapping, inside, apart", _HERE, _THERE, options=dict(eps=0.01), batched=(0, 1)),
    Case(
        detection.complete_box_iou, "boxes of one shape", boxes("B N", 0.75), boxes("B M", 0.75), dims=dict(B=2, N=4, M=3), differentiable=(0, 1),
        batched=(0, 1), bench=Bench(dict(B=8, N=40, M=20)), limits=_ALPHA,
    ),
]  # fmt: skip

_CORNERS = "the last axis x1, y1, x2, y2"

BAD = [
    Bad(detection.box_area, "three coordinates", normal("5 3"), error=ValueError, match=_CORNERS),
    Bad(detection.box_area, "integer boxes", integers("5 4", 0, 9), error=TypeError, match="boxes has dtype int32"),
    Bad(detection.box_convert, "another form", normal("5 4"), "xyxy", "yxyx", error=ValueError, match="target is 'yxyx'"),
    Bad(detection.box_convert, "no form", normal("5 4"), None, "xyxy", error=ValueError, match="source is None"),
    Bad(detection.box_convert, "a number", normal(""), "xyxy", "xywh", error=ValueError, match=_CORNERS),
    Bad(detection.clip_boxes, "one number", normal("5 4"), (60,), error=ValueError, match="size has 1 numbers"),
    Bad(detection.clip_boxes, "a size for each box", normal("2 4"), normal("2 2"), error=ValueError, match="size has shape (2, 2)"),
    Bad(detection.clip_boxes, "a negative height", normal("5 4"), (-1, 60), error=ValueError, match="size[0] is -1"),
    Bad(detection.clip_boxes, "a word", normal("5 4"), "60", error=TypeError, match="size is a str"),
    Bad(detection.clip_boxes, "+1 as a number", normal("5 4"), (60, 80), options=dict(legacy_plus_one=1), error=TypeError, match="legacy_plus_one is 1"),
] + [
    bad
    for overlap in (detection.box_iou, detection.generalized_box_iou, detection.distance_box_iou, detection.complete_box_iou)
    for bad in (
        Bad(overlap, "one box", normal("4"), normal("3 4"), error=ValueError, match=_CORNERS),
        Bad(overlap, "boxes in columns", normal("5 4"), normal("4 3"), error=ValueError, match=_CORNERS),
        Bad(overlap, "other batch axes", normal("2 5 4"), normal("3 4"), error=ValueError, match="nothing is broadcast"),
        Bad(overlap, "integer boxes", normal("5 4"), integers("3 4", 0, 9), error=TypeError, match="b has dtype int32"),
    )
] + [
    Bad(detection.box_iou, "+1 as a number", normal("5 4"), normal("3 4"), options=dict(legacy_plus_one=1.0), error=TypeError, match="legacy_plus_one is 1.0"),
    Bad(detection.distance_box_iou, "negative eps", normal("5 4"), normal("3 4"), options=dict(eps=-1.0), error=ValueError, match="eps is -1"),
    Bad(detection.complete_box_iou, "negative eps", normal("5 4"), normal("3 4"), options=dict(eps=-1.0), error=ValueError, match="eps is -1"),
]  # fmt: skip
