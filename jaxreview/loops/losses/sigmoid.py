"""Losses of a yes or no by the names of optax, as loops."""

import math

import numpy as np


def _softplus(s):
    return max(s, 0.0) + math.log1p(math.exp(-abs(s)))


def sigmoid_binary_cross_entropy(logits, labels):
    """Element by element, the label's two shares of softplus(−z) and softplus(z)."""
    return sigmoid_focal_loss(logits, labels, gamma=0.0)


def sigmoid_focal_loss(logits, labels, *, alpha=None, gamma=2.0):
    """Element by element, the cross entropy, times what is left of the probability to a power, times the weight of the label."""
    logits, labels = np.asarray(logits, np.float64), np.asarray(labels, np.float64)
    loss = np.zeros(logits.shape)
    for i in np.ndindex(*logits.shape):
        z, y = float(logits[i]), float(labels[i])
        cost = doubt = 0.0
        for share, s in ((y, -z), (1 - y, z)):
            if share != 0:
                cost += share * _softplus(s)
                doubt += share * math.exp(-_softplus(-s))
        weight = 1.0 if alpha is None else alpha * y + (1 - alpha) * (1 - y)
        loss[i] = weight * doubt**gamma * cost
    return loss
