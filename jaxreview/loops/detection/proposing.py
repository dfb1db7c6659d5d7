"""Proposals of a region proposal network, as loops."""

import math

import numpy as np

from jaxreview.loops.detection.boxes import box_iou, clip_boxes
from jaxreview.loops.detection.coding import decode_boxes


def proposals(
    scores, deltas, anchors, *, image_size, pre_nms=6000, post_nms=300, iou_threshold=0.7, min_size=16, weights=(1.0, 1.0, 1.0, 1.0), legacy_plus_one=False
):  # fmt: skip
    """Image by image: the best anchors, moved and clipped, and of these from the best on each that is large enough and overlaps no better one too much."""
    batch, extra = np.shape(scores)[:-1], 1 if legacy_plus_one else 0
    boxes, best, valid = np.zeros((*batch, post_nms, 4)), np.full((*batch, post_nms), -np.inf), np.zeros((*batch, post_nms), bool)
    for n in np.ndindex(*batch):
        there = [a for a in range(len(anchors)) if scores[n][a] > -math.inf]
        kept = []
        for a in sorted(there, key=lambda a: (-scores[n][a], a))[:pre_nms]:
            box = decode_boxes(deltas[n][a], anchors[a], weights=weights, legacy_plus_one=legacy_plus_one)
            box = clip_boxes(box, image_size, legacy_plus_one=legacy_plus_one)
            if box[2] - box[0] + extra < min_size or box[3] - box[1] + extra < min_size or len(kept) == post_nms:
                continue
            if all(box_iou(box[None], other[None], legacy_plus_one=legacy_plus_one)[0, 0] <= iou_threshold for other in kept):
                boxes[n][len(kept)], best[n][len(kept)], valid[n][len(kept)] = box, scores[n][a], True
                kept.append(box)
    return boxes, best, valid
