"""Convolution whose taps are moved by offsets, as a loop."""

import math

import numpy as np

from jaxreview._windows import geometry


def _between(x, n, row, column, i):
    """Channel i of example n at a real position: each of the cells less than one away on both axes, by how near it is; nothing beyond the border."""
    height, width = x.shape[-3:-1]
    if math.isnan(row) or math.isnan(column):
        return math.nan
    if not (-1 < row < height and -1 < column < width):
        return 0.0
    total = 0.0
    for r in (math.floor(row), math.floor(row) + 1):
        for c in (math.floor(column), math.floor(column) + 1):
            if 0 <= r < height and 0 <= c < width:
                total += (1 - abs(row - r)) * (1 - abs(column - c)) * x[(*n, r, c, i)]
    return total


def deform_conv(x, offset, kernel, bias=None, *, mask=None, stride=1, padding=0, dilation=1, groups=1):
    """As convolution, but each tap looks where its offset moves it, between the cells, and counts as much as its mask says."""
    x, offset, kernel = np.asarray(x, np.float64), np.asarray(offset, np.float64), np.asarray(kernel, np.float64)
    window, (fan_in, channels) = kernel.shape[:2], kernel.shape[2:]
    g = geometry("deform_conv", x.shape[-3:-1], window, stride=stride, padding=padding, dilation=dilation)
    taps = window[0] * window[1]
    per_run = x.shape[-1] // (offset.shape[-1] // (2 * taps))
    y = np.zeros((*x.shape[:-3], *g.out, channels))
    for n in np.ndindex(*x.shape[:-3]):
        for o in np.ndindex(*g.out):
            for c in range(channels):
                total = 0.0 if bias is None else float(bias[c])
                first = c // (channels // groups) * fan_in
                for k in np.ndindex(*window):
                    for i in range(fan_in):
                        tap = (first + i) // per_run * taps + k[0] * window[1] + k[1]
                        row = g.source(0, o[0], k[0]) + offset[(*n, *o, 2 * tap)]
                        column = g.source(1, o[1], k[1]) + offset[(*n, *o, 2 * tap + 1)]
                        weight = 1.0 if mask is None else float(mask[(*n, *o, tap)])
                        total += weight * _between(x, n, row, column, first + i) * kernel[(*k, i, c)]
                y[(*n, *o, c)] = total
    return y
