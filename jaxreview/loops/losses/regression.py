"""Losses of a real prediction, as loops."""

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
