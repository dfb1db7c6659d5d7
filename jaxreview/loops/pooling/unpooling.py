"""The inverses of pooling, as loops."""

import numpy as np


def max_unpool(x, indices, *, output_size):
    """Write each value to its cell, in row-major order, so that a later one overwrites."""
    x, indices, d = np.asarray(x, np.float64), np.asarray(indices), len(output_size)
    batch, spatial, channels = x.shape[: x.ndim - d - 1], x.shape[x.ndim - d - 1 : -1], x.shape[-1]
    y = np.zeros((*batch, *output_size, channels))
    for n in np.ndindex(*batch):
        for i in np.ndindex(*spatial):
            for c in range(channels):
                rest, cell = int(indices[(*n, *i, c)]), []
                for size in reversed(output_size):
                    cell.insert(0, rest % size)
                    rest //= size
                if rest == 0:  # otherwise the index is out of range, and dropped
                    y[(*n, *cell, c)] = x[(*n, *i, c)]
    return y


def zero_unpool(x, window):
    """Write each value to the first cell of its window."""
    x, d = np.asarray(x, np.float64), len(window)
    batch, spatial, channels = x.shape[: x.ndim - d - 1], x.shape[x.ndim - d - 1 : -1], x.shape[-1]
    y = np.zeros((*batch, *(n * k for n, k in zip(spatial, window, strict=True)), channels))
    for n in np.ndindex(*batch):
        for i in np.ndindex(*spatial):
            for c in range(channels):
                cell = tuple(i[axis] * window[axis] for axis in range(d))
                y[(*n, *cell, c)] = x[(*n, *i, c)]
    return y
