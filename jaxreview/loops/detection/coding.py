"""Boxes as offsets from anchors. As loops."""

import math

import numpy as np


def encode_boxes(boxes, anchors, *, weights=(1.0, 1.0, 1.0, 1.0), legacy_plus_one=False):
    """Box by box, how far its centre is from the anchor's in sides of the anchor, and the logarithms of its sides in the same."""
    boxes, anchors = np.asarray(boxes, np.float64), np.asarray(anchors, np.float64)
    extra = 1 if legacy_plus_one else 0
    offsets = np.zeros(boxes.shape)
    for n in np.ndindex(*boxes.shape[:-1]):
        box, anchor = boxes[n], anchors[n[len(n) - anchors.ndim + 1 :]]
        for axis in range(2):
            side, unit = (max(0.0, float(v[axis + 2] + extra - v[axis])) for v in (box, anchor))
            if unit > 0:
                offsets[n][axis] = weights[axis] * (_centre(box, axis, extra) - _centre(anchor, axis, extra)) / unit
            if unit > 0 and side > 0:
                offsets[n][axis + 2] = weights[axis + 2] * math.log(side / unit)
    return offsets


def decode_boxes(deltas, anchors, *, weights=(1.0, 1.0, 1.0, 1.0), max_log_scale=math.log(1000 / 16), legacy_plus_one=False):
    """Offset by offset, the anchor's centre moved by so many of its sides, and its sides grown by the exponential."""
    deltas, anchors = np.asarray(deltas, np.float64), np.asarray(anchors, np.float64)
    extra = 1 if legacy_plus_one else 0
    boxes = np.zeros(deltas.shape)
    for n in np.ndindex(*deltas.shape[:-1]):
        anchor = anchors[n[len(n) - anchors.ndim + 1 :]]
        for axis in range(2):
            unit = max(0.0, float(anchor[axis + 2] + extra - anchor[axis]))
            centre = _centre(anchor, axis, extra) + unit * float(deltas[n][axis]) / weights[axis]
            side = unit * math.exp(min(float(deltas[n][axis + 2]) / weights[axis + 2], max_log_scale))
            boxes[n][axis], boxes[n][axis + 2] = centre - side / 2, centre + side / 2
    return boxes


def _centre(box, axis, extra):
    return (float(box[axis]) + float(box[axis + 2]) + extra) / 2
