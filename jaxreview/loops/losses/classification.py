"""Losses of one class among K, as loops."""

import math

import numpy as np


def cross_entropy(logits, labels, *, axis=-1, label_smoothing=0.0, class_weights=None, ignore_index=None):
    """Example by example: the smoothed target of each class, times its weight, times minus its log probability."""
    logits, labels = np.moveaxis(np.asarray(logits, np.float64), axis, -1), np.asarray(labels)
    soft = labels.dtype.kind == "f"
    if soft:
        labels = np.moveaxis(labels.astype(np.float64), axis, -1)
    classes = logits.shape[-1]
    weights = np.ones(classes) if class_weights is None else np.asarray(class_weights, np.float64)
    loss = np.zeros(logits.shape[:-1])
    for n in np.ndindex(*loss.shape):
        if not soft and ignore_index is not None and labels[n] == ignore_index:
            continue
        z = [float(logits[(*n, c)]) for c in range(classes)]
        largest = max(z)
        total = 0.0
        for c in range(classes):
            total += math.exp(z[c] - largest)
        for c in range(classes):
            target = float(labels[(*n, c)]) if soft else float(labels[n] == c)
            share = weights[c] * ((1 - label_smoothing) * target + label_smoothing / classes)
            if share != 0:
                loss[n] += share * (math.log(total) - (z[c] - largest))
    return loss


def label_weights(labels, num_classes, *, class_weights=None, ignore_index=None):
    """Label by label, the weight of its class, or 0 when it is ignored."""
    labels = np.asarray(labels)
    class_weights = np.ones(num_classes) if class_weights is None else np.asarray(class_weights, np.float64)
    weights = np.zeros(labels.shape)
    for i in np.ndindex(*labels.shape):
        if labels[i] != ignore_index:
            weights[i] = class_weights[labels[i]]
    return weights
