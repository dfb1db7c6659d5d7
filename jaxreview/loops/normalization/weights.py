"""Kernels over their norm or their largest singular value, as loops."""

import math

import numpy as np


def weight_norm(v, g, *, axis=-1):
    """Slice by slice along ``axis``: the root of the sum of squares, and each entry over it times the slice's length."""
    v = np.asarray(v, np.float64)
    axis = axis % v.ndim
    w = np.zeros(v.shape)
    for s in range(v.shape[axis]):
        total = 0.0
        for i in np.ndindex(*v.shape[:axis], *v.shape[axis + 1 :]):
            total += v[(*i[:axis], s, *i[axis:])] ** 2
        for i in np.ndindex(*v.shape[:axis], *v.shape[axis + 1 :]):
            if total > 0:
                w[(*i[:axis], s, *i[axis:])] = g[s] * v[(*i[:axis], s, *i[axis:])] / math.sqrt(total)
    return w


def spectral_norm(kernel, u, *, steps=1):
    """Products of the kernel, entry by entry, with one vector and the other; then each entry over vᵀ K u."""
    kernel, u = np.asarray(kernel, np.float64), np.asarray(u, np.float64)
    rows, columns = math.prod(kernel.shape[:-1]), kernel.shape[-1]
    matrix = kernel.reshape(rows, columns)
    given, u = u, _unit(u)
    v = _unit(_times(matrix, u))
    for _ in range(steps):
        u = _unit(_times(matrix.T, v))
        v = _unit(_times(matrix, u))
    sigma = 0.0
    for r in range(rows):
        for c in range(columns):
            sigma += v[r] * matrix[r, c] * u[c]
    divided = np.zeros(kernel.shape)
    for i in np.ndindex(*kernel.shape):
        divided[i] = kernel[i] / (sigma if sigma else 1.0)
    return divided, u if steps else given


def _times(matrix, vector):
    """Matrix times vector."""
    result = np.zeros(matrix.shape[0])
    for r in range(matrix.shape[0]):
        for c in range(matrix.shape[1]):
            result[r] += matrix[r, c] * vector[c]
    return result


def _unit(vector):
    """The vector over its length, and zero if it is zero."""
    total = 0.0
    for value in vector:
        total += value**2
    return np.array([value / math.sqrt(total) if total else 0.0 for value in vector])
