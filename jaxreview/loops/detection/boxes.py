"""Boxes: areas, forms, overlaps. As loops."""

import math

import numpy as np


def box_area(boxes, *, legacy_plus_one=False):
    """Box by box, its width times its height."""
    boxes = np.asarray(boxes, np.float64)
    areas = np.zeros(boxes.shape[:-1])
    for n in np.ndindex(*areas.shape):
        width, height = _sides(_outer(boxes[n], legacy_plus_one))
        areas[n] = width * height
    return areas


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
        overlap, union = _areas(_outer(one, legacy_plus_one), _outer(other, legacy_plus_one))
        return _share(overlap, union)

    return _of_all_pairs(value, a, b)


def generalized_box_iou(a, b):
    """Pair by pair, the IoU less the share of the hull that neither box covers."""

    def value(one, other):
        overlap, union = _areas(one, other)
        width, height = _hull(one, other)
        return _share(overlap, union) - _share(width * height - union, width * height)

    return _of_all_pairs(value, a, b)


def distance_box_iou(a, b, *, eps=1e-7):
    """Pair by pair, the IoU less the squared distance of the centres in squared diagonals of the hull."""
    return _of_all_pairs(lambda one, other: _share(*_areas(one, other)) - _offset(one, other, eps), a, b)


def complete_box_iou(a, b, *, eps=1e-7):
    """Pair by pair, the distance IoU less the squared difference of the angles of the diagonals, times its own share in what the IoU lacks."""

    def value(one, other):
        iou = _share(*_areas(one, other))
        v = 4 / math.pi**2 * (_angle(other) - _angle(one)) ** 2
        return iou - _offset(one, other, eps) - _share(v, 1 - iou + v + eps) * v

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


def _sides(box):
    return max(0.0, float(box[2] - box[0])), max(0.0, float(box[3] - box[1]))


def _areas(a, b):
    """Of the overlap and of the union."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    overlap = width * height if width > 0 and height > 0 else 0.0
    (width_a, height_a), (width_b, height_b) = _sides(a), _sides(b)
    return overlap, width_a * height_a + width_b * height_b - overlap


def _hull(a, b):
    return _sides([min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])])


def _offset(a, b, eps):
    across, down = (a[0] + a[2] - b[0] - b[2]) / 2, (a[1] + a[3] - b[1] - b[3]) / 2
    width, height = _hull(a, b)
    return _share(across**2 + down**2, width**2 + height**2 + eps)


def _angle(box):
    width, height = _sides(box)
    return math.pi / 2 if height == 0 and width > 0 else 0.0 if height == 0 else math.atan(width / height)


def _share(part, whole):
    return 0.0 if whole == 0 else part / whole
