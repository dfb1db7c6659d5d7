"""Rows of the matching of anchors."""

import numpy as np

from jaxreview import detection
from jaxreview.cases._inputs import constant, integers, normal
from jaxreview.cases._rows import Bad, Bench, Case
from jaxreview.cases.detection._recipes import grid, objects, present

CASES = [
    Case(
        detection.match_anchors, "some objects are padding", grid("H W", 64.0), objects("N G", 64.0), present("N G"), dims=dict(N=2, H=3, W=4, G=5),
        batched=(1, 2), bench=Bench(dict(N=4, H=10, W=10, G=8)),
    ),
    Case(
        # Of the first object the first two are equally good, the second has a best below the threshold, the third touches none.
        detection.match_anchors, "ties, low thresholds, +1",
        constant([[0.0, 0.0, 8.0, 8.0], [4.0, 0.0, 12.0, 8.0], [20.0, 20.0, 30.0, 30.0], [40.0, 0.0, 50.0, 10.0], [0.0, 0.0, 4.0, 4.0]]),
        constant([[[2.0, 0.0, 10.0, 8.0], [28.0, 28.0, 38.0, 38.0], [100.0, 100.0, 110.0, 110.0]], [[2.0, 0.0, 10.0, 8.0]] * 3]),
        constant(np.array([[True, True, True], [False, False, False]])), arrays=dict(mask=constant(np.array([True, True, True, True, False]))),
        options=dict(positive=0.5, negative=0.125, legacy_plus_one=True), batched=(1, 2),
    ),
]  # fmt: skip

_VALID = constant(np.array([True, True]))

BAD = [
    Bad(detection.match_anchors, "objects in columns", normal("5 4"), normal("4 2"), _VALID, error=ValueError, match="the last axis x1, y1, x2, y2"),
    Bad(detection.match_anchors, "anchors for each image", normal("2 5 4"), normal("2 4"), _VALID, error=ValueError, match="rank 2, (A, 4)"),
    Bad(detection.match_anchors, "valid of other objects", normal("5 4"), normal("3 4"), _VALID, error=ValueError, match="valid has shape (2,)"),
    Bad(detection.match_anchors, "valid as integers", normal("5 4"), normal("2 4"), integers("2", 0, 2), error=TypeError, match="needs booleans"),
    Bad(detection.match_anchors, "integer anchors", integers("5 4", 0, 9), normal("2 4"), _VALID, error=TypeError, match="anchors has dtype"),
    Bad(
        detection.match_anchors, "negative above positive", normal("5 4"), normal("2 4"), _VALID, options=dict(positive=0.3, negative=0.5), error=ValueError,
        match="negative is 0.5",
    ),
    Bad(
        detection.match_anchors, "a mask of objects", normal("5 4"), normal("2 4"), _VALID, arrays=dict(mask=_VALID), error=ValueError,
        match="mask has shape (2,)",
    ),
]  # fmt: skip
