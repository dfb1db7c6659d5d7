"""Losses of the overlap of two regions, as loops."""

import math

import numpy as np

from jaxreview.loops.losses._examples import batch_shape, examples


def _shares(predictions, given):
    """Probabilities: those that are given, σ of a single class, or else the softmax of the last axis."""
    p = np.zeros(predictions.shape)
    for n in np.ndindex(*predictions.shape[:-1]):
        z = [float(v) for v in predictions[n]]
        if not given and len(z) == 1:
            p[(*n, 0)] = 1 / (1 + math.exp(-z[0])) if z[0] >= 0 else math.exp(z[0]) / (1 + math.exp(z[0]))
            continue
        largest, total = max(z), 0.0
        for v in z:
            total += math.exp(v - largest)
        for c, v in enumerate(z):
            p[(*n, c)] = v if given else math.exp(v - largest) / total
    return p


def _dice(p, t, axis, smooth, alpha, beta):
    loss = np.zeros(batch_shape(p.shape, axis))
    for n, cells in examples(p.shape, axis):
        both = only_p = only_t = 0.0
        for i in cells:
            both += p[i] * t[i]
            only_p += p[i] * (1 - t[i])
            only_t += t[i] * (1 - p[i])
        union = both + alpha * only_p + beta * only_t + smooth
        loss[n] = 1 - (both + smooth) / union if union != 0 else 0.0
    return loss


def dice_loss(
    predictions,
    targets,
    *,
    class_weights=None,
    smooth=1.0,
    alpha=0.5,
    beta=0.5,
    apply_softmax=True,
    reduction="mean",
    ignore_background=False,
    axis=None,
):
    """Example by example and class by class, the part of the union that is not overlap, times the weight of the class; then over the classes."""
    predictions, targets = np.asarray(predictions, np.float64), np.asarray(targets, np.float64)
    if predictions.ndim < targets.ndim:
        predictions = predictions[..., None]
    if targets.ndim < predictions.ndim:
        targets = targets[..., None]
    axis = tuple(range(1, predictions.ndim - 1)) if axis is None else axis
    each = _dice(_shares(predictions, not apply_softmax), targets, axis, smooth, alpha, beta)
    classes = each.shape[-1]
    weights = np.ones(classes) if class_weights is None else np.asarray(class_weights, np.float64)
    first = 1 if ignore_background and classes > 1 else 0
    kept = np.zeros((*each.shape[:-1], classes - first))
    total = np.zeros(each.shape[:-1])
    for n in np.ndindex(*total.shape):
        for c in range(first, classes):
            kept[(*n, c - first)] = weights[c] * each[(*n, c)]
            total[n] += weights[c] * each[(*n, c)] / (classes - first if reduction == "mean" else 1)
    return kept if reduction == "none" else total


def binary_dice_loss(predictions, targets, *, smooth=1.0, apply_sigmoid=True):
    """Example by example, the part of the union that is not overlap."""
    predictions, targets = np.asarray(predictions), np.asarray(targets)
    if predictions.ndim == targets.ndim and predictions.shape[-1] != 1:
        predictions, targets = predictions[..., None], targets[..., None]
    return dice_loss(predictions, targets, smooth=smooth, apply_softmax=apply_sigmoid)


def multiclass_generalized_dice_loss(predictions, targets, *, smooth=1.0, apply_softmax=True, ignore_background=False):
    """The mean over examples and classes, each class weighted by the inverse square of its size."""
    predictions, targets = np.asarray(predictions, np.float64), np.asarray(targets, np.float64)
    classes = targets.shape[-1]
    sizes = [0.0] * classes
    for i in np.ndindex(*targets.shape):
        sizes[i[-1]] += targets[i]
    inverse = [1 / (size * size + 1e-7) for size in sizes]
    weights = [classes * v / sum(inverse) for v in inverse]
    settings = dict(class_weights=weights, smooth=smooth, apply_softmax=apply_softmax, reduction="none", ignore_background=ignore_background)
    each = dice_loss(predictions, targets, **settings)
    total = 0.0
    for i in np.ndindex(*each.shape):
        total += each[i] / each.size
    return np.asarray(total)
