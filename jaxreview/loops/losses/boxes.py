"""Losses of a box against its target, as loops."""

import math

import numpy as np

from jaxreview.loops.losses._boxes import angle, areas, hull, offset, share


def giou_loss(predictions, targets, *, eps=1e-7):
    """Pair by pair, 1 minus the share of the overlap in the union, plus the share of the hull that neither box covers."""
    predictions, targets = np.asarray(predictions, np.float64), np.asarray(targets, np.float64)
    loss = np.zeros(predictions.shape[:-1])
    for n in np.ndindex(*loss.shape):
        overlap, union = areas(predictions[n], targets[n])
        width, height = hull(predictions[n], targets[n])
        loss[n] = 1 - share(overlap, union + eps) + share(width * height - union, width * height + eps)
    return loss


def diou_loss(predictions, targets, *, eps=1e-7):
    """Pair by pair, 1 minus the share of the overlap in the union, plus the squared distance of the centres in squared diagonals of the hull."""
    predictions, targets = np.asarray(predictions, np.float64), np.asarray(targets, np.float64)
    loss = np.zeros(predictions.shape[:-1])
    for n in np.ndindex(*loss.shape):
        overlap, union = areas(predictions[n], targets[n])
        loss[n] = 1 - share(overlap, union + eps) + offset(predictions[n], targets[n], eps)
    return loss


def ciou_loss(predictions, targets, *, eps=1e-7):
    """Pair by pair, the distance IoU loss plus the squared difference of the angles of the diagonals, times its own share in what the IoU lacks."""
    predictions, targets = np.asarray(predictions, np.float64), np.asarray(targets, np.float64)
    loss = np.zeros(predictions.shape[:-1])
    for n in np.ndindex(*loss.shape):
        overlap, union = areas(predictions[n], targets[n])
        iou = share(overlap, union + eps)
        v = 4 / math.pi**2 * (angle(targets[n]) - angle(predictions[n])) ** 2
        loss[n] = 1 - iou + offset(predictions[n], targets[n], eps) + share(v, 1 - iou + v + eps) * v
    return loss
