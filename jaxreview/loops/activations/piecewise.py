"""Activations made of straight pieces, as loops."""

import math

import numpy as np

from jaxreview.loops.regularization import random_word


def identity(x):
    """Every value stays."""
    x = np.asarray(x, np.float64)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        y[i] = x[i]
    return y


def relu(x):
    """The positive values stay, the others become 0."""
    x = np.asarray(x, np.float64)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        if x[i] > 0:
            y[i] = x[i]
    return y


def relu6(x):
    """The positive values stay up to 6, the others become 0."""
    x = np.asarray(x, np.float64)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        if x[i] > 0:
            y[i] = min(x[i], 6.0)
    return y


def leaky_relu(x, negative_slope=0.01):
    """The negative values are scaled by the slope."""
    x = np.asarray(x, np.float64)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        y[i] = x[i] if x[i] >= 0 else negative_slope * x[i]
    return y


def prelu(x, slope):
    """The values that are not positive are scaled by the slope of their channel."""
    x, slope = np.asarray(x, np.float64), np.asarray(slope, np.float64).reshape(-1)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        y[i] = x[i] if x[i] > 0 else slope[i[-1] if len(slope) > 1 else 0] * x[i]
    return y


def rrelu(key, x, lower=1 / 8, upper=1 / 3, *, deterministic=False):
    """The values that are not positive are scaled by a slope between lower and upper: by how far, the upper 24 random bits of the value's place tell."""
    x = np.asarray(x, np.float64)
    y = np.zeros(x.shape)
    for place, i in enumerate(np.ndindex(*x.shape)):
        if x[i] > 0:
            y[i] = x[i]
        elif deterministic:
            y[i] = (lower + upper) / 2 * x[i]
        else:
            y[i] = (lower + (upper - lower) * (random_word(key, place) >> 8) / 2**24) * x[i]
    return y


def hard_sigmoid(x):
    """A line from 0 at −3 to 1 at 3, and flat outside."""
    x = np.asarray(x, np.float64)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        y[i] = min(max((x[i] + 3) / 6, 0.0), 1.0)
    return y


def hard_silu(x):
    """The value times a line from 0 at −3 to 1 at 3 that is flat outside."""
    x = np.asarray(x, np.float64)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        y[i] = x[i] * min(max((x[i] + 3) / 6, 0.0), 1.0)
    return y


hard_swish = hard_silu


def hard_tanh(x, *, lower=-1.0, upper=1.0):
    """What lies outside of the interval is put on its end."""
    x = np.asarray(x, np.float64)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        if x[i] <= lower:
            y[i] = lower
        elif x[i] >= upper:
            y[i] = upper
        else:
            y[i] = x[i]
    return y


def threshold(x, threshold, value):
    """The value stands for all that is not above the threshold."""
    x = np.asarray(x, np.float64)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        y[i] = value if x[i] <= threshold else x[i]
    return y


def hard_shrink(x, bound=0.5):
    """The values within the bound become 0."""
    x = np.asarray(x, np.float64)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        if not abs(x[i]) <= bound:
            y[i] = x[i]
    return y


def soft_shrink(x, bound=0.5):
    """The values within the bound become 0, the others come nearer to 0 by the bound."""
    x = np.asarray(x, np.float64)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        if not abs(x[i]) <= bound:
            y[i] = x[i] - math.copysign(bound, x[i])
    return y


def sparse_plus(x):
    """0 up to −1, the value itself from 1 on, and between them the parabola that joins them smoothly."""
    x = np.asarray(x, np.float64)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        if x[i] >= 1:
            y[i] = x[i]
        elif x[i] > -1:
            y[i] = (x[i] + 1) ** 2 / 4
    return y


def sparse_sigmoid(x):
    """A line from 0 at −1 to 1 at 1, and flat outside."""
    x = np.asarray(x, np.float64)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        y[i] = min(max((x[i] + 1) / 2, 0.0), 1.0)
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
