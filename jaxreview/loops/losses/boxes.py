"""Losses of a box against its target, as loops."""

import math

import numpy as np


def giou_loss(predictions, targets, *, eps=1e-7):
    """Pair by pair, 1 minus the share of the overlap in the union, plus the share of the hull that neither box covers."""
    predictions, targets = np.asarray(predictions, np.float64), np.asarray(targets, np.float64)
    loss = np.zeros(predictions.shape[:-1])
    for n in np.ndindex(*loss.shape):
        overlap, union = _areas(predictions[n], targets[n])
        width, height = _hull(predictions[n], targets[n])
        loss[n] = 1 - _share(overlap, union + eps) + _share(width * height - union, width * height + eps)
    return loss


def diou_loss(predictions, targets, *, eps=1e-7):
    """Pair by pair, 1 minus the share of the overlap in the union, plus the squared distance of the centres in squared diagonals of the hull."""
    predictions, targets = np.asarray(predictions, np.float64), np.asarray(targets, np.float64)
    loss = np.zeros(predictions.shape[:-1])
    for n in np.ndindex(*loss.shape):
        overlap, union = _areas(predictions[n], targets[n])
        loss[n] = 1 - _share(overlap, union + eps) + _offset(predictions[n], targets[n], eps)
    return loss


def ciou_loss(predictions, targets, *, eps=1e-7):
    """Pair by pair, the distance IoU loss plus the squared difference of the angles of the diagonals, times its own share in what the IoU lacks."""
    predictions, targets = np.asarray(predictions, np.float64), np.asarray(targets, np.float64)
    loss = np.zeros(predictions.shape[:-1])
    for n in np.ndindex(*loss.shape):
        overlap, union = _areas(predictions[n], targets[n])
        iou = _share(overlap, union + eps)
        v = 4 / math.pi**2 * (_angle(targets[n]) - _angle(predictions[n])) ** 2
        loss[n] = 1 - iou + _offset(predictions[n], targets[n], eps) + _share(v, 1 - iou + v + eps) * v
    return loss


def _sides(box):
    return max(0.0, float(box[2] - box[0])), max(0.0, float(box[3] - box[1]))


def _areas(a, b):
    """Of the overlap and of the union."""
    width = min(float(a[2]), float(b[2])) - max(float(a[0]), float(b[0]))
    height = min(float(a[3]), float(b[3])) - max(float(a[1]), float(b[1]))
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
    return 0.0 if whole == 0 else float(part / whole)
