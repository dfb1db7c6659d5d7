"""The windows of an array written out, and added up again, as loops."""

import numpy as np

from jaxreview._windows import geometry


def unfold(x, window, *, stride=1, padding=0, dilation=1):
    """Each tap of each window gets the cell under it, or zero in the padding."""
    x = np.asarray(x, np.float64)
    ndim = len(window)
    batch, spatial, channels = x.shape[: -ndim - 1], x.shape[-ndim - 1 : -1], x.shape[-1]
    g = geometry("unfold", spatial, window, stride=stride, padding=padding, dilation=dilation)
    y = np.zeros((*batch, *g.out, *window, channels))
    for n in np.ndindex(*batch):
        for o in np.ndindex(*g.out):
            for k in np.ndindex(*window):
                cell = tuple(g.source(axis, o[axis], k[axis]) for axis in range(ndim))
                if all(0 <= cell[axis] < spatial[axis] for axis in range(ndim)):
                    for c in range(channels):
                        y[(*n, *o, *k, c)] = x[(*n, *cell, c)]
    return y


def fold(patches, output_size, *, stride=1, padding=0, dilation=1):
    """Each value of each patch is added to the cell that its tap lies on."""
    patches = np.asarray(patches, np.float64)
    ndim, channels = len(output_size), patches.shape[-1]
    batch, window = patches.shape[: -2 * ndim - 1], patches.shape[-ndim - 1 : -1]
    g = geometry("fold", output_size, window, stride=stride, padding=padding, dilation=dilation)
    y = np.zeros((*batch, *output_size, channels))
    for n in np.ndindex(*batch):
        for o in np.ndindex(*g.out):
            for k in np.ndindex(*window):
                cell = tuple(g.source(axis, o[axis], k[axis]) for axis in range(ndim))
                if all(0 <= cell[axis] < output_size[axis] for axis in range(ndim)):
                    for c in range(channels):
                        y[(*n, *cell, c)] += patches[(*n, *o, *k, c)]
    return y
