"""Anchors matched with objects, as loops."""

import numpy as np

from jaxreview.loops.detection.boxes import box_iou


def match_anchors(anchors, boxes, valid, *, positive=0.7, negative=0.3, mask=None, legacy_plus_one=False):
    """Image by image: background first, then each object's best anchors, then all that overlap enough."""
    boxes, valid = np.asarray(boxes, np.float64), np.asarray(valid)
    batch, count = boxes.shape[:-2], len(anchors)
    labels, objects = np.full((*batch, count), -1, np.int32), np.zeros((*batch, count), np.int32)
    mask = np.broadcast_to(True if mask is None else mask, labels.shape)
    for n in np.ndindex(*batch):
        overlaps = box_iou(anchors, boxes[n], legacy_plus_one=legacy_plus_one)
        there = [g for g in range(boxes.shape[-2]) if valid[n][g]]
        taking_part = [a for a in range(count) if mask[n][a]]
        for a in taking_part:
            largest = -1.0
            for g in there:
                if overlaps[a, g] > largest:
                    largest, objects[n][a] = overlaps[a, g], g
            if largest < negative:
                labels[n][a] = 0
        for g in there:
            best = max((overlaps[a, g] for a in taking_part), default=0.0)
            for a in taking_part:
                if best > 0 and overlaps[a, g] == best:
                    labels[n][a] = 1
        for a in taking_part:
            for g in there:
                if overlaps[a, g] >= positive:
                    labels[n][a] = 1
    return labels, objects
