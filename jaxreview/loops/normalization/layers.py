"""Normalization of each example by its own statistics, as loops."""

import math

import numpy as np


def layer_norm(x, scale=None, bias=None, *, axis=-1, eps=1e-5):
    """For each index of the other axes: mean and mean squared deviation over ``axis``, and each value in roots of the latter plus eps."""
    x = np.asarray(x, np.float64)
    axes = _axes(axis, x.ndim)
    y = np.zeros(x.shape)
    for batch in np.ndindex(*(1 if a in axes else n for a, n in enumerate(x.shape))):
        inside = _indices(x.shape, axes, batch)
        mean, var = 0.0, 0.0
        for i in inside:
            mean += x[i] / len(inside)
        for i in inside:
            var += (x[i] - mean) ** 2 / len(inside)
        for i in inside:
            own = tuple(i[a] for a in axes)
            y[i] = (x[i] - mean) / math.sqrt(var + eps) * (1.0 if scale is None else scale[own]) + (0.0 if bias is None else bias[own])
    return y


def rms_norm(x, scale=None, *, axis=-1, eps=1e-6):
    """For each index of the other axes: the mean square over ``axis``, and each value over the root of it plus eps."""
    x = np.asarray(x, np.float64)
    axes = _axes(axis, x.ndim)
    y = np.zeros(x.shape)
    for batch in np.ndindex(*(1 if a in axes else n for a, n in enumerate(x.shape))):
        inside = _indices(x.shape, axes, batch)
        square = 0.0
        for i in inside:
            square += x[i] ** 2 / len(inside)
        for i in inside:
            y[i] = x[i] / math.sqrt(square + eps) * (1.0 if scale is None else scale[tuple(i[a] for a in axes)])
    return y


def group_norm(x, groups, scale=None, bias=None, *, ndim=2, eps=1e-5):
    """Example by example and group by group: the group's channels at all positions are one set of values."""
    x = np.asarray(x, np.float64)
    lead, spatial, channels = x.shape[: x.ndim - 1 - ndim], x.shape[x.ndim - 1 - ndim : -1], x.shape[-1]
    each = channels // groups
    y = np.zeros(x.shape)
    for example in np.ndindex(*lead):
        for group in range(groups):
            inside = [(*example, *position, c) for position in np.ndindex(*spatial) for c in range(group * each, (group + 1) * each)]
            mean, var = 0.0, 0.0
            for i in inside:
                mean += x[i] / len(inside)
            for i in inside:
                var += (x[i] - mean) ** 2 / len(inside)
            for i in inside:
                c = i[-1]
                y[i] = (x[i] - mean) / math.sqrt(var + eps) * (1.0 if scale is None else scale[c]) + (0.0 if bias is None else bias[c])
    return y


def instance_norm(x, scale=None, bias=None, *, ndim=2, eps=1e-5):
    """Each channel is a group of its own."""
    return group_norm(x, np.shape(x)[-1], scale, bias, ndim=ndim, eps=eps)


def _axes(axis, ndim):
    """Rising non-negative axes."""
    return sorted(a % ndim for a in (axis if isinstance(axis, tuple) else (axis,)))


def _indices(shape, axes, batch):
    """Every index that equals ``batch`` outside of ``axes``."""
    indices = []
    for inner in np.ndindex(*(shape[a] for a in axes)):
        index = list(batch)
        for a, value in zip(axes, inner, strict=True):
            index[a] = value
        indices.append(tuple(index))
    return indices
