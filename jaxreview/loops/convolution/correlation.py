"""Convolution, as a loop."""

import numpy as np

from jaxreview._windows import geometry


def _inside(i, size, padding_mode):
    """The input cell that stands at coordinate i of the padded input, or None where that holds a zero."""
    if 0 <= i < size:
        return i
    if padding_mode == "reflect":
        return -i if i < 0 else 2 * (size - 1) - i
    if padding_mode == "replicate":
        return 0 if i < 0 else size - 1
    if padding_mode == "circular":
        return i % size
    return None


def conv(x, kernel, bias=None, *, stride=1, padding=0, dilation=1, groups=1, padding_mode="zeros"):
    """Each output is the sum, over the taps of its window and the channels of its group, of input times weight, plus the channel's bias."""
    x, kernel = np.asarray(x, np.float64), np.asarray(kernel, np.float64)
    ndim, (fan_in, channels) = kernel.ndim - 2, kernel.shape[-2:]
    batch, spatial, window = x.shape[: -ndim - 1], x.shape[-ndim - 1 : -1], kernel.shape[:-2]
    g = geometry("conv", spatial, window, stride=stride, padding=padding, dilation=dilation)
    y = np.zeros((*batch, *g.out, channels))
    for c in range(channels):
        first = c // (channels // groups) * fan_in
        for o in np.ndindex(*g.out):
            covered = []
            for k in np.ndindex(*window):
                cell = tuple(_inside(g.source(axis, o[axis], k[axis]), spatial[axis], padding_mode) for axis in range(ndim))
                if None not in cell:
                    covered.append((k, cell))
            for n in np.ndindex(*batch):
                total = 0.0 if bias is None else float(bias[c])
                for k, cell in covered:
                    for i in range(fan_in):
                        total += x[(*n, *cell, first + i)] * kernel[(*k, i, c)]
                y[(*n, *o, c)] = total
    return y
