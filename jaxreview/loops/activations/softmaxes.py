"""Softmaxes and their logarithms, as loops."""

import math

import numpy as np

from jaxreview.loops.regularization import random_word


def lines(shape, axis):
    """Line by line along the axes (an int, several, or None for all): the place of its first value and the places of all of its values."""
    axes = tuple(range(len(shape))) if axis is None else tuple(a % len(shape) for a in ((axis,) if isinstance(axis, int) else axis))
    for first in np.ndindex(*(1 if a in axes else n for a, n in enumerate(shape))):
        members = []
        for step in np.ndindex(*(n if a in axes else 1 for a, n in enumerate(shape))):
            members.append(tuple(start + further for start, further in zip(first, step, strict=True)))
        yield first, members


def softmax(x, axis=-1, where=None):
    """Along each line of the axes: e to the value (less the largest), divided by their sum; what ``where`` leaves out is 0."""
    x = np.asarray(x, np.float64)
    kept = np.ones(x.shape, bool) if where is None else np.broadcast_to(where, x.shape)
    y = np.zeros(x.shape)
    for _, line in lines(x.shape, axis):
        members = [i for i in line if kept[i]]
        largest = max((x[i] for i in members), default=0.0)
        total = 0.0
        for i in members:
            y[i] = math.exp(x[i] - largest)
            total += y[i]
        for i in members:
            y[i] /= total
    return y


def log_softmax(x, axis=-1, where=None):
    """Along each line of the axes: the value less the logarithm of the sum of the exponentials; what ``where`` leaves out is −∞."""
    x = np.asarray(x, np.float64)
    kept = np.ones(x.shape, bool) if where is None else np.broadcast_to(where, x.shape)
    y = np.full(x.shape, -math.inf)
    for _, line in lines(x.shape, axis):
        members = [i for i in line if kept[i]]
        largest = max((x[i] for i in members), default=0.0)
        total = 0.0
        for i in members:
            total += math.exp(x[i] - largest)
        for i in members:
            y[i] = x[i] - largest - math.log(total)
    return y


def logmeanexp(x, axis=None, where=None, keepdims=False):
    """Along each line of the axes: the logarithm of the mean of the exponentials that ``where`` keeps."""
    x = np.asarray(x, np.float64)
    kept = np.ones(x.shape, bool) if where is None else np.broadcast_to(where, x.shape)
    axes = tuple(range(x.ndim)) if axis is None else tuple(a % x.ndim for a in ((axis,) if isinstance(axis, int) else axis))
    y = np.zeros([1 if a in axes else n for a, n in enumerate(x.shape)])
    for first, line in lines(x.shape, axis):
        members = [i for i in line if kept[i]]
        largest = max(x[i] for i in members)
        total = 0.0
        for i in members:
            total += math.exp(x[i] - largest)
        y[first] = largest + math.log(total / len(members))
    return y if keepdims else y.reshape([n for a, n in enumerate(x.shape) if a not in axes])


def softmin(x, *, axis=-1):
    """Along each line of the axis: e to the minus value (plus the smallest), divided by their sum."""
    x = np.asarray(x, np.float64)
    y = np.zeros(x.shape)
    for _, line in lines(x.shape, axis):
        smallest = min((x[i] for i in line), default=0.0)
        total = 0.0
        for i in line:
            y[i] = math.exp(smallest - x[i])
            total += y[i]
        for i in line:
            y[i] /= total
    return y


def gumbel_softmax(key, logits, *, temperature=1.0, hard=False, axis=-1):
    """The softmax of logits to which each place's noise −log(−log(1 − u)) is added, u from its random bits; if hard, 1 at the first of the largest."""
    logits = np.asarray(logits, np.float64)
    noisy = np.zeros(logits.shape)
    for place, i in enumerate(np.ndindex(*logits.shape)):
        u = (random_word(key, place) + 0.5) / 2**32
        noisy[i] = (logits[i] - math.log(-math.log1p(-u))) / temperature
    y = softmax(noisy, axis)
    if hard:
        for _, line in lines(logits.shape, axis):
            best = line[0]
            for i in line:
                if y[i] > y[best]:
                    best = i
            for i in line:
                y[i] = 1.0 if i == best else 0.0
    return y
