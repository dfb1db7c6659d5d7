"""Max pooling, as loops."""

import math

import numpy as np

from jaxreview import _windows


def _flat(cell, spatial):
    """The row-major number of a cell."""
    number = 0
    for i, n in zip(cell, spatial, strict=True):
        number = number * n + i
    return number


def max_pool(x, window, *, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """Walk over the window in row-major order; a cell takes the lead when it is greater than the leader, or the first NaN."""
    x, d = np.asarray(x, np.float64), len(window)
    batch, spatial, channels = x.shape[: x.ndim - d - 1], x.shape[x.ndim - d - 1 : -1], x.shape[-1]
    g = _windows.pool_geometry("max_pool", spatial, window, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode)
    y = np.zeros((*batch, *g.out, channels))
    indices = np.zeros((*batch, *g.out, channels), np.int32)
    for n in np.ndindex(*batch):
        for o in np.ndindex(*g.out):
            for c in range(channels):
                best, winner = None, None
                for tap in np.ndindex(*g.window):
                    cell = tuple(g.source(axis, o[axis], tap[axis]) for axis in range(d))
                    if any(i < 0 or i >= size for i, size in zip(cell, spatial, strict=True)):
                        continue
                    value = float(x[(*n, *cell, c)])
                    if best is None or value > best or (math.isnan(value) and not math.isnan(best)):
                        best, winner = value, cell
                y[(*n, *o, c)] = best
                indices[(*n, *o, c)] = _flat(winner, spatial)
    return (y, indices) if return_indices else y
