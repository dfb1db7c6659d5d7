"""Losses, as loops."""

import math

import numpy as np


def squared_error(predictions, targets=None):
    """Element by element, the difference times itself."""
    predictions = np.asarray(predictions, np.float64)
    targets = np.zeros(predictions.shape) if targets is None else np.asarray(targets, np.float64)
    loss = np.zeros(predictions.shape)
    for i in np.ndindex(*predictions.shape):
        d = predictions[i] - targets[i]
        loss[i] = d * d
    return loss


def smooth_l1_loss(predictions, targets, *, beta=1.0):
    """Element by element, a parabola inside of beta and a line outside."""
    predictions, targets = np.asarray(predictions, np.float64), np.asarray(targets, np.float64)
    loss = np.zeros(predictions.shape)
    for i in np.ndindex(*predictions.shape):
        d = abs(float(predictions[i] - targets[i]))
        loss[i] = d * d / (2 * beta) if d < beta else d - beta / 2
    return loss


def logistic_loss(logits, labels, *, positive_weight=None):
    """Element by element, the label's two shares of softplus(−z) and softplus(z), where softplus(s) = max(s, 0) + log(1 + exp(−|s|))."""
    logits, labels = np.asarray(logits, np.float64), np.asarray(labels, np.float64)
    weight = np.asarray(1.0 if positive_weight is None else positive_weight, np.float64)
    loss = np.zeros(logits.shape)
    for i in np.ndindex(*logits.shape):
        z, y = float(logits[i]), float(labels[i])
        w = float(weight[i[-1]]) if weight.ndim else float(weight)
        for share, s in ((w * y, -z), (1 - y, z)):
            if share != 0:
                loss[i] += share * (max(s, 0.0) + math.log1p(math.exp(-abs(s))))
    return loss


def binary_cross_entropy(probabilities, labels):
    """Element by element, the two logarithms, neither below −100, weighted by the label."""
    probabilities, labels = np.asarray(probabilities, np.float64), np.asarray(labels, np.float64)
    loss = np.zeros(probabilities.shape)
    for i in np.ndindex(*probabilities.shape):
        p, y = float(probabilities[i]), float(labels[i])
        log_p = max(math.log(p), -100.0) if p > 0 else -100.0
        log_q = max(math.log1p(-p), -100.0) if p < 1 else -100.0
        loss[i] = -y * log_p - (1 - y) * log_q
    return loss


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
