"""Normalization by statistics of the batch, as loops."""

import math

import numpy as np


def batch_norm(x, stats, scale=None, bias=None, *, eps=1e-5):
    """Each value less its channel's mean, over the root of its channel's variance plus eps; then the channel's scale and bias."""
    x = np.asarray(x, np.float64)
    mean, var = (np.asarray(a, np.float64) for a in stats)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        c = i[-1]
        y[i] = (x[i] - mean[c]) / math.sqrt(var[c] + eps)
        if scale is not None:
            y[i] *= scale[c]
        if bias is not None:
            y[i] += bias[c]
    return y


def batch_norm_train(x, stats, scale=None, bias=None, *, momentum=0.9, eps=1e-5, axis_name=None):
    """Channel by channel: mean, mean squared deviation, then as ``batch_norm``; the whole batch is here, so nothing is left to average over axis_name."""
    x = np.asarray(x, np.float64)
    old_mean, old_var = (np.asarray(a, np.float64) for a in stats)
    n = math.prod(x.shape[:-1])
    if n == 0:
        return np.zeros(x.shape), (old_mean, old_var)
    y, new_mean, new_var = np.zeros(x.shape), np.zeros(old_mean.shape), np.zeros(old_var.shape)
    for c in range(x.shape[-1]):
        mean, var = 0.0, 0.0
        for i in np.ndindex(*x.shape[:-1]):
            mean += x[(*i, c)] / n
        for i in np.ndindex(*x.shape[:-1]):
            var += (x[(*i, c)] - mean) ** 2 / n
        for i in np.ndindex(*x.shape[:-1]):
            y[(*i, c)] = (x[(*i, c)] - mean) / math.sqrt(var + eps) * (1.0 if scale is None else scale[c]) + (0.0 if bias is None else bias[c])
        new_mean[c] = momentum * old_mean[c] + (1 - momentum) * mean
        new_var[c] = momentum * old_var[c] + (1 - momentum) * var
    return y, (new_mean, new_var)
