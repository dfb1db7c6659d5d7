"""Activations, as loops."""

import math

import numpy as np


def sigmoid(x):
    """One over one plus e to the minus x, by whichever of e^x and e^−x does not overflow."""
    x = np.asarray(x, np.float64)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        if x[i] >= 0:
            y[i] = 1 / (1 + math.exp(-x[i]))
        else:
            y[i] = math.exp(x[i]) / (1 + math.exp(x[i]))
    return y


def tanh(x):
    """(e^x − e^−x) / (e^x + e^−x), multiplied above and below by the exponential that does not overflow."""
    x = np.asarray(x, np.float64)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        size = abs(x[i])
        y[i] = math.copysign(-math.expm1(-2 * size) / (1 + math.exp(-2 * size)), x[i])
    return y


def relu(x):
    """The positive values stay, the others become 0."""
    x = np.asarray(x, np.float64)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        if x[i] > 0:
            y[i] = x[i]
    return y


def leaky_relu(x, negative_slope=0.01):
    """The negative values are scaled by the slope."""
    x = np.asarray(x, np.float64)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        y[i] = x[i] if x[i] >= 0 else negative_slope * x[i]
    return y


def softmax(x, axis=-1, where=None):
    """Along each line of the axes: e to the value (less the largest), divided by their sum; what ``where`` leaves out is 0."""
    x = np.asarray(x, np.float64)
    kept = np.ones(x.shape, bool) if where is None else np.broadcast_to(where, x.shape)
    axes = tuple(range(x.ndim)) if axis is None else tuple(a % x.ndim for a in ((axis,) if isinstance(axis, int) else axis))
    y = np.zeros(x.shape)
    for line in np.ndindex(*(1 if a in axes else n for a, n in enumerate(x.shape))):
        members = []
        for step in np.ndindex(*(n if a in axes else 1 for a, n in enumerate(x.shape))):
            i = tuple(first + further for first, further in zip(line, step, strict=True))
            if kept[i]:
                members.append(i)
        largest = max((x[i] for i in members), default=0.0)
        total = 0.0
        for i in members:
            y[i] = math.exp(x[i] - largest)
            total += y[i]
        for i in members:
            y[i] /= total
    return y


def prelu(x, slope):
    """The values that are not positive are scaled by the slope of their channel."""
    x, slope = np.asarray(x, np.float64), np.asarray(slope, np.float64).reshape(-1)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        y[i] = x[i] if x[i] > 0 else slope[i[-1] if len(slope) > 1 else 0] * x[i]
    return y


def maxout(x, pieces):
    """Unit by unit, the largest of its pieces; the first NaN ends the search."""
    x = np.asarray(x, np.float64)
    y = np.zeros((*x.shape[:-1], x.shape[-1] // pieces))
    for i in np.ndindex(*y.shape):
        best = x[(*i[:-1], i[-1] * pieces)]
        for k in range(1, pieces):
            piece = x[(*i[:-1], i[-1] * pieces + k)]
            if piece > best or math.isnan(piece):
                best = piece
        y[i] = best
    return y
