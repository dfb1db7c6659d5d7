"""Negative log likelihoods, as loops."""

import math

import numpy as np


def nll_loss(log_probabilities, labels, *, axis=-1, class_weights=None, ignore_index=None):
    """Example by example, minus the log probability of its class, times the weight of the class."""
    values, labels = np.moveaxis(np.asarray(log_probabilities, np.float64), axis, -1), np.asarray(labels)
    weights = np.ones(values.shape[-1]) if class_weights is None else np.asarray(class_weights, np.float64)
    loss = np.zeros(labels.shape)
    for n in np.ndindex(*labels.shape):
        if labels[n] != ignore_index:
            y = int(labels[n])
            if weights[y] != 0:
                loss[n] = -weights[y] * values[(*n, y)]
    return loss


def poisson_nll_loss(predictions, targets, *, log_input=True, full=False, eps=1e-8):
    """Element by element, the rate minus the count times its logarithm, and Stirling's term for counts over 1."""
    predictions, targets = np.asarray(predictions, np.float64), np.asarray(targets, np.float64)
    loss = np.zeros(predictions.shape)
    for i in np.ndindex(*predictions.shape):
        x, t = float(predictions[i]), float(targets[i])
        rate = math.exp(x) if log_input else x
        loss[i] = rate
        if t != 0:
            loss[i] -= t * (x if log_input else math.log(x + eps))
        if full and t > 1:
            loss[i] += t * math.log(t) - t + 0.5 * math.log(2 * math.pi * t)
    return loss


def gaussian_nll_loss(predictions, targets, variances, *, full=False, eps=1e-6):
    """Element by element, half the logarithm of the variance and half the squared error in its unit."""
    predictions, targets, variances = (np.asarray(v, np.float64) for v in (predictions, targets, variances))
    loss = np.zeros(predictions.shape)
    for i in np.ndindex(*predictions.shape):
        v = max(float(variances[i]), eps)
        d = float(predictions[i] - targets[i])
        loss[i] = 0.5 * (math.log(v) + d * d / v)
        if full:
            loss[i] += 0.5 * math.log(2 * math.pi)
    return loss
