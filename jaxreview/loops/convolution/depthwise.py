"""Convolution channel by channel, as loops."""

import numpy as np

from jaxreview._windows import geometry


def depthwise_conv(x, kernel, bias=None, *, stride=1, padding=0, dilation=1):
    """Each output is the sum, over the taps of its window, of its own channel's input times weight, plus the bias."""
    x, kernel = np.asarray(x, np.float64), np.asarray(kernel, np.float64)
    ndim, channels = kernel.ndim - 2, kernel.shape[-1]
    batch, spatial, window = x.shape[: -ndim - 1], x.shape[-ndim - 1 : -1], kernel.shape[:-2]
    multiplier = channels // x.shape[-1]
    g = geometry("depthwise_conv", spatial, window, stride=stride, padding=padding, dilation=dilation)
    y = np.zeros((*batch, *g.out, channels))
    for n in np.ndindex(*batch):
        for o in np.ndindex(*g.out):
            for c in range(channels):
                total = 0.0 if bias is None else float(bias[c])
                for k in np.ndindex(*window):
                    cell = tuple(g.source(axis, o[axis], k[axis]) for axis in range(ndim))
                    if all(0 <= cell[axis] < spatial[axis] for axis in range(ndim)):
                        total += x[(*n, *cell, c // multiplier)] * kernel[(*k, 0, c)]
                y[(*n, *o, c)] = total
    return y


def separable_conv(x, depthwise_kernel, pointwise_kernel, bias=None, *, stride=1, padding=0, dilation=1):
    """The depthwise outputs of a cell, times the pointwise weights, summed over the channels between."""
    between = depthwise_conv(x, depthwise_kernel, stride=stride, padding=padding, dilation=dilation)
    weights = np.asarray(pointwise_kernel, np.float64)
    inner, channels = weights.shape[-2:]
    weights = weights.reshape(inner, channels)
    y = np.zeros((*between.shape[:-1], channels))
    for cell in np.ndindex(*between.shape[:-1]):
        for d in range(channels):
            total = 0.0 if bias is None else float(bias[d])
            for b in range(inner):
                total += between[(*cell, b)] * weights[b, d]
            y[(*cell, d)] = total
    return y
