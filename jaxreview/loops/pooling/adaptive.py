"""Pooling to a given number of cells, as loops."""

import math

import numpy as np


def _spatial(x, output_size):
    """The shapes of batch and spatial axes, the channels and the size of the result."""
    d = len(output_size)
    batch, spatial = x.shape[: x.ndim - d - 1], x.shape[x.ndim - d - 1 : -1]
    return batch, spatial, x.shape[-1], [n if m is None else m for m, n in zip(output_size, spatial, strict=True)]


def _window(spatial, size, output):
    """The cells under one window, in row-major order."""
    first = [math.floor(o * n / m) for o, n, m in zip(output, spatial, size, strict=True)]
    stop = [math.ceil((o + 1) * n / m) for o, n, m in zip(output, spatial, size, strict=True)]
    for step in np.ndindex(*(j - i for i, j in zip(first, stop, strict=True))):
        yield tuple(i + s for i, s in zip(first, step, strict=True))


def adaptive_avg_pool(x, output_size):
    """Add up the cells under each window and divide by their number."""
    x = np.asarray(x, np.float64)
    batch, spatial, channels, size = _spatial(x, output_size)
    y = np.zeros((*batch, *size, channels))
    for n in np.ndindex(*batch):
        for o in np.ndindex(*size):
            for c in range(channels):
                cells = [x[(*n, *cell, c)] for cell in _window(spatial, size, o)]
                y[(*n, *o, c)] = sum(cells) / len(cells)
    return y


def adaptive_max_pool(x, output_size, *, return_indices=False):
    """Walk over each window in row-major order; a cell takes the lead when it is greater than the leader, or the first NaN."""
    x = np.asarray(x, np.float64)
    batch, spatial, channels, size = _spatial(x, output_size)
    y, indices = np.zeros((*batch, *size, channels)), np.zeros((*batch, *size, channels), np.int32)
    for n in np.ndindex(*batch):
        for o in np.ndindex(*size):
            for c in range(channels):
                best, winner = None, None
                for cell in _window(spatial, size, o):
                    value = float(x[(*n, *cell, c)])
                    if best is None or value > best or (math.isnan(value) and not math.isnan(best)):
                        best, winner = value, cell
                number = 0
                for i, extent in zip(winner, spatial, strict=True):
                    number = number * extent + i
                y[(*n, *o, c)], indices[(*n, *o, c)] = best, number
    return (y, indices) if return_indices else y


def global_avg_pool(x, *, ndim=2, keepdims=False):
    """Add up all cells and divide by their number."""
    x = np.asarray(x, np.float64)
    y = adaptive_avg_pool(x, (1,) * ndim)
    return y if keepdims else y.reshape(*x.shape[: x.ndim - ndim - 1], x.shape[-1])


def global_max_pool(x, *, ndim=2, keepdims=False):
    """The greatest of all cells."""
    x = np.asarray(x, np.float64)
    y = adaptive_max_pool(x, (1,) * ndim)
    return y if keepdims else y.reshape(*x.shape[: x.ndim - ndim - 1], x.shape[-1])
