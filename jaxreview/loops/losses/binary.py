"""Losses of a yes or no, as loops."""

import math

import numpy as np


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
