"""Averages and norms under windows, as loops."""

import numpy as np

from jaxreview import _windows


def avg_pool(x, window, *, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor=None):
    """Add up the cells under the window; count those in the input, and those in the padding if they are to count."""
    x, d = np.asarray(x, np.float64), len(window)
    batch, spatial, channels = x.shape[: x.ndim - d - 1], x.shape[x.ndim - d - 1 : -1], x.shape[-1]
    g = _windows.pool_geometry("avg_pool", spatial, window, stride=stride, padding=padding, ceil_mode=ceil_mode)
    y = np.zeros((*batch, *g.out, channels))
    for n in np.ndindex(*batch):
        for o in np.ndindex(*g.out):
            for c in range(channels):
                total, count = 0.0, 0
                for tap in np.ndindex(*g.window):
                    cell = tuple(g.source(axis, o[axis], tap[axis]) for axis in range(d))
                    if all(0 <= i < size for i, size in zip(cell, spatial, strict=True)):
                        total += x[(*n, *cell, c)]
                        count += 1
                    elif count_include_pad and all(-low <= i < size + high for i, size, (low, high) in zip(cell, spatial, g.padding, strict=True)):
                        count += 1
                y[(*n, *o, c)] = total / (count if divisor is None else divisor)
    return y


def lp_pool(x, window, *, p=2, stride=None, padding=0, ceil_mode=False):
    """Add up the powers of the cells under the window, in shares of the largest, and take the root."""
    x, d = np.asarray(x, np.float64), len(window)
    batch, spatial, channels = x.shape[: x.ndim - d - 1], x.shape[x.ndim - d - 1 : -1], x.shape[-1]
    g = _windows.pool_geometry("lp_pool", spatial, window, stride=stride, padding=padding, ceil_mode=ceil_mode)
    y = np.zeros((*batch, *g.out, channels))
    for n in np.ndindex(*batch):
        for o in np.ndindex(*g.out):
            for c in range(channels):
                seen = []
                for tap in np.ndindex(*g.window):
                    cell = tuple(g.source(axis, o[axis], tap[axis]) for axis in range(d))
                    if all(0 <= i < size for i, size in zip(cell, spatial, strict=True)):
                        seen.append(abs(x[(*n, *cell, c)]))
                largest = max(seen)
                if largest > 0:
                    y[(*n, *o, c)] = largest * sum((value / largest) ** p for value in seen) ** (1 / p)
    return y
