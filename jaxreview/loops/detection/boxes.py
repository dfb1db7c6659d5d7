"""Boxes: areas, forms, overlaps. As loops."""

import math

import numpy as np

from jaxreview.loops.losses._boxes import angle, areas, hull, offset, share, sides


def box_area(boxes, *, legacy_plus_one=False):
    """Box by box, its width times its height."""
    boxes = np.asarray(boxes, np.float64)
    found = np.zeros(boxes.shape[:-1])
    for n in np.ndindex(*found.shape):
        width, height = sides(_outer(boxes[n], legacy_plus_one))
        found[n] = width * height
    return found


def box_convert(boxes, source, target):
    """Box by box, by way of its corners."""
    boxes = np.asarray(boxes, np.float64)
    converted = np.zeros(boxes.shape)
    for n in np.ndindex(*boxes.shape[:-1]):
        x1, y1, x2, y2 = (float(v) for v in boxes[n])
        if source == "xywh":
            x2, y2 = x1 + x2, y1 + y2
        if source == "cxcywh":
            x1, y1, x2, y2 = x1 - x2 / 2, y1 - y2 / 2, x1 + x2 / 2, y1 + y2 / 2
        if target == "xywh":
            x2, y2 = x2 - x1, y2 - y1
        if target == "cxcywh":
            x1, y1, x2, y2 = (x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1
        converted[n] = x1, y1, x2, y2
    return converted


def clip_boxes(boxes, size, *, legacy_plus_one=False):
    """Coordinate by coordinate, no less than 0 and no more than the width or height."""
    boxes = np.asarray(boxes, np.float64)
    last = 1 if legacy_plus_one else 0
    clipped = np.zeros(boxes.shape)
    for n in np.ndindex(*boxes.shape[:-1]):
        for k in range(4):
            most = float(size[1 - k % 2]) - last
            clipped[n][k] = min(max(float(boxes[n][k]), 0.0), most)
    return clipped


def box_iou(a, b, *, legacy_plus_one=False):
    """Pair by pair, the share of the overlap in the union."""

    def value(one, other):
        overlap, union = areas(_outer(one, legacy_plus_one), _outer(other, legacy_plus_one))
        return share(overlap, union)

    return _of_all_pairs(value, a, b)


def generalized_box_iou(a, b):
    """Pair by pair, the IoU less the share of the hull that neither box covers."""

    def value(one, other):
        overlap, union = areas(one, other)
        width, height = hull(one, other)
        return share(overlap, union) - share(width * height - union, width * height)

    return _of_all_pairs(value, a, b)


def distance_box_iou(a, b, *, eps=1e-7):
    """Pair by pair, the IoU less the squared distance of the centres in squared diagonals of the hull."""
    return _of_all_pairs(lambda one, other: share(*areas(one, other)) - offset(one, other, eps), a, b)


def complete_box_iou(a, b, *, eps=1e-7):
    """Pair by pair, the distance IoU less the squared difference of the angles of the diagonals, times its own share in what the IoU lacks."""

    def value(one, other):
        iou = share(*areas(one, other))
        v = 4 / math.pi**2 * (angle(other) - angle(one)) ** 2
        return iou - offset(one, other, eps) - share(v, 1 - iou + v + eps) * v

    return _of_all_pairs(value, a, b)


def _of_all_pairs(value, a, b):
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    table = np.zeros((*a.shape[:-1], b.shape[-2]))
    for n in np.ndindex(*a.shape[:-2]):
        for i in range(a.shape[-2]):
            for j in range(b.shape[-2]):
                table[n][i, j] = value([float(v) for v in a[n][i]], [float(v) for v in b[n][j]])
    return table


def _outer(box, legacy):
    """Of a box whose x2 and y2 name its last pixel, the corners."""
    return [box[0], box[1], box[2] + 1, box[3] + 1] if legacy else box
