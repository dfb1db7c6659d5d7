"""Losses of a real prediction, as loops."""

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


def absolute_error(predictions, targets):
    """Element by element, the size of the difference."""
    predictions, targets = np.asarray(predictions, np.float64), np.asarray(targets, np.float64)
    loss = np.zeros(predictions.shape)
    for i in np.ndindex(*predictions.shape):
        loss[i] = abs(predictions[i] - targets[i])
    return loss


def l2_loss(predictions, targets=None):
    """Element by element, half the difference times itself."""
    predictions = np.asarray(predictions, np.float64)
    targets = np.zeros(predictions.shape) if targets is None else np.asarray(targets, np.float64)
    loss = np.zeros(predictions.shape)
    for i in np.ndindex(*predictions.shape):
        d = predictions[i] - targets[i]
        loss[i] = d * d / 2
    return loss


def huber_loss(predictions, targets=None, *, delta=1.0):
    """Element by element, a parabola inside of delta and its tangent outside."""
    predictions = np.asarray(predictions, np.float64)
    targets = np.zeros(predictions.shape) if targets is None else np.asarray(targets, np.float64)
    loss = np.zeros(predictions.shape)
    for i in np.ndindex(*predictions.shape):
        d = abs(float(predictions[i] - targets[i]))
        loss[i] = d * d / 2 if d < delta else delta * (d - delta / 2)
    return loss


def log_cosh(predictions, targets=None):
    """Element by element, the logarithm of the mean of exp(d) and exp(−d), with the larger of them taken out."""
    predictions = np.asarray(predictions, np.float64)
    targets = np.zeros(predictions.shape) if targets is None else np.asarray(targets, np.float64)
    loss = np.zeros(predictions.shape)
    for i in np.ndindex(*predictions.shape):
        d = abs(float(predictions[i] - targets[i]))
        loss[i] = d + math.log1p(math.expm1(-2 * d) / 2)
    return loss
