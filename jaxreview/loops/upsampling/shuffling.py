"""Channels exchanged for cells, as loops."""

import numpy as np


def channel_shuffle(x, groups):
    """Deal out the channels, one of each group in turn."""
    x = np.asarray(x)
    y, size = np.zeros_like(x), x.shape[-1] // groups
    for n in np.ndindex(*x.shape[:-1]):
        for i in range(groups):
            for j in range(size):
                y[(*n, j * groups + i)] = x[(*n, i * size + j)]
    return y


def pixel_shuffle(x, factor):
    """Write every channel to its cell of the block."""
    x = np.asarray(x)
    *batch, height, width, channels = x.shape
    y = np.zeros((*batch, height * factor, width * factor, channels // factor**2), x.dtype)
    for n in np.ndindex(*batch):
        for h, w, c, i, j in np.ndindex(height, width, channels // factor**2, factor, factor):
            y[(*n, h * factor + i, w * factor + j, c)] = x[(*n, h, w, c * factor**2 + i * factor + j)]
    return y


def pixel_unshuffle(x, factor):
    """Write every cell of the block to its channel."""
    x = np.asarray(x)
    *batch, height, width, channels = x.shape
    y = np.zeros((*batch, height // factor, width // factor, channels * factor**2), x.dtype)
    for n in np.ndindex(*batch):
        for h, w, c, i, j in np.ndindex(height // factor, width // factor, channels, factor, factor):
            y[(*n, h, w, c * factor**2 + i * factor + j)] = x[(*n, h * factor + i, w * factor + j, c)]
    return y
