"""Division by the size of neighbouring channels or of the whole vector, as loops."""

import math

import numpy as np


def local_response_norm(x, size, *, alpha=1e-4, beta=0.75, k=1.0):
    """For each value: the squares of the channels around it that exist, added one by one."""
    x = np.asarray(x, np.float64)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        c = i[-1]
        energy = 0.0
        for j in range(max(0, c - size // 2), min(x.shape[-1], c + (size - 1) // 2 + 1)):
            energy += x[(*i[:-1], j)] ** 2
        y[i] = x[i] / (k + alpha / size * energy) ** beta
    return y


def lp_normalize(x, *, p=2, axis=-1, eps=1e-12):
    """For each vector along ``axis``: its norm, and each entry over that or over eps."""
    x = np.asarray(x, np.float64)
    axes = [a % x.ndim for a in (axis if isinstance(axis, tuple) else (axis,))]
    y = np.zeros(x.shape)
    for batch in np.ndindex(*(1 if a in axes else n for a, n in enumerate(x.shape))):
        vector = []
        for inner in np.ndindex(*(n if a in axes else 1 for a, n in enumerate(x.shape))):
            vector.append(tuple(o + i for o, i in zip(batch, inner, strict=True)))
        size = 0.0
        for i in vector:
            if p == 0:
                size += x[i] != 0
            elif p == math.inf:
                size = max(size, abs(x[i]))
            else:
                size += abs(x[i]) ** p
        if p not in (0, math.inf):
            size = size ** (1 / p)
        for i in vector:
            y[i] = x[i] / max(size, eps)
    return y
