"""Losses of the distance or the angle between vectors, as loops."""

import math

import numpy as np


def cosine_embedding_loss(x1, x2, targets, *, margin=0.0):
    """Pair by pair, the cosine from three sums over the features, then what it lacks to 1 or exceeds the margin by."""
    x1, x2, targets = np.asarray(x1, np.float64), np.asarray(x2, np.float64), np.asarray(targets)
    loss = np.zeros(targets.shape)
    for n in np.ndindex(*targets.shape):
        both, first, second = 0.0, 9.999999960041972e-13, 9.999999960041972e-13  # 10⁻¹² as PyTorch has it, a float32
        for f in range(x1.shape[-1]):
            a, b = float(x1[(*n, f)]), float(x2[(*n, f)])
            both += a * b
            first += a * a
            second += b * b
        cosine = both / math.sqrt(first * second)
        loss[n] = 1.0 - cosine if targets[n] == 1 else max(0.0, cosine - margin)
    return loss


def triplet_margin_loss(anchors, positives, negatives, *, margin=1.0, p=2, swap=False, eps=1e-6):
    """Triplet by triplet, what the lead of the negative's distance over the positive's lacks to the margin."""
    anchors, positives, negatives = (np.asarray(v, np.float64) for v in (anchors, positives, negatives))
    loss = np.zeros(anchors.shape[:-1])
    for n in np.ndindex(*loss.shape):
        near, far = _distance(anchors[n], positives[n], p, eps), _distance(anchors[n], negatives[n], p, eps)
        if swap:
            far = min(far, _distance(positives[n], negatives[n], p, eps))
        loss[n] = max(0.0, margin + near - far)
    return loss


def _distance(x, y, p, eps):
    total = 0.0
    for f in range(len(x)):
        size = abs(float(x[f]) - float(y[f]) + eps)
        total = max(total, size) if p == math.inf else total + size**p
    return total if p == math.inf else total ** (1 / p)
