"""Fractional max pooling, as loops."""

import math

import numpy as np

from jaxreview.loops.regularization import random_word


def _starts(u, n, k, m):
    """Where the windows of one axis begin, in the float32 arithmetic of its definition."""
    if m == 1:
        return [n - k]
    step = np.float32((n - k) / (m - 1))
    return [math.floor((np.float32(o) + u) * step) - math.floor(u * step) for o in range(m - 1)] + [n - k]


def fractional_max_pool(key, x, window, *, output_size, return_indices=False):
    """Draw where the windows begin, one example and channel after another, and take the first greatest value under each."""
    x, d = np.asarray(x, np.float64), len(window)
    batch, spatial, channels = x.shape[: x.ndim - d - 1], x.shape[x.ndim - d - 1 : -1], x.shape[-1]
    y, indices = np.zeros((*batch, *output_size, channels)), np.zeros((*batch, *output_size, channels), np.int32)
    for lane, n in enumerate(np.ndindex(*batch)):
        for c in range(channels):
            starts = []
            for axis in range(d):
                u = np.float32((random_word(key, (lane * channels + c) * d + axis) >> 8) * 2.0**-24)
                starts.append(_starts(u, spatial[axis], window[axis], output_size[axis]))
            for o in np.ndindex(*output_size):
                best, winner = None, 0
                for tap in np.ndindex(*window):
                    cell = tuple(starts[axis][o[axis]] + tap[axis] for axis in range(d))
                    value = float(x[(*n, *cell, c)])
                    if best is None or value > best or (math.isnan(value) and not math.isnan(best)):
                        best, winner = value, 0
                        for i, extent in zip(cell, spatial, strict=True):
                            winner = winner * extent + i
                y[(*n, *o, c)], indices[(*n, *o, c)] = best, winner
    return (y, indices) if return_indices else y
