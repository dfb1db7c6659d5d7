"""Rows of the proposals."""

from jaxreview import detection
from jaxreview.cases._inputs import distinct, integers, normal
from jaxreview.cases._rows import Bad, Bench, Case
from jaxreview.cases.detection._recipes import grid

CASES = [
    Case(
        detection.proposals, "few come out", distinct("N A"), normal("N A 4", scale=0.2), grid("H W", 64.0), dims=dict(N=2, H=3, W=4, A=36),
        options=dict(image_size=(60, 50), pre_nms=20, post_nms=6, iou_threshold=0.25, min_size=12.0), batched=(0, 1), extremes=False,
        bench=Bench(dict(N=4, H=8, W=8, A=192)),
    ),
    Case(
        detection.proposals, "padded, +1, weighted", distinct("A"), normal("A 4"), grid("H W", 64.0), dims=dict(H=1, W=2, A=6),
        options=dict(image_size=(64, 64), post_nms=8, weights=(10.0, 10.0, 5.0, 5.0), legacy_plus_one=True), extremes=False,
    ),
]  # fmt: skip

_SIZE = dict(image_size=(9, 9))

BAD = [
    Bad(detection.proposals, "two classes", normal("5 2"), normal("5 4"), normal("5 4"), options=_SIZE, error=ValueError, match="one for each anchor"),
    Bad(detection.proposals, "deltas in one row", normal("5"), normal("20"), normal("5 4"), options=_SIZE, error=ValueError, match="four offsets for each"),
    Bad(detection.proposals, "integer scores", integers("5", 0, 9), normal("5 4"), normal("5 4"), options=_SIZE, error=TypeError, match="scores has dtype"),
    Bad(detection.proposals, "none before", normal("5"), normal("5 4"), normal("5 4"), options=dict(_SIZE, pre_nms=0), error=ValueError, match="pre_nms is 0"),
    Bad(detection.proposals, "none after", normal("5"), normal("5 4"), normal("5 4"), options=dict(_SIZE, post_nms=0), error=ValueError, match="post_nms is 0"),
    Bad(
        detection.proposals, "a threshold over 1", normal("5"), normal("5 4"), normal("5 4"), options=dict(_SIZE, iou_threshold=50.0), error=ValueError,
        match="iou_threshold is 50",
    ),
    Bad(detection.proposals, "size below 0", normal("5"), normal("5 4"), normal("5 4"), options=dict(_SIZE, min_size=-1), error=ValueError, match="min_size"),
]  # fmt: skip
