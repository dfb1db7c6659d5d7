"""The transpose of convolution, as a loop."""

import numpy as np

from jaxreview._windows import transpose_geometry


def conv_transpose(x, kernel, bias=None, *, stride=1, padding=0, output_padding=0, dilation=1, groups=1):
    """Each input is laid, times the kernel, into the window of the result that it came from; what overlaps adds up."""
    x, kernel = np.asarray(x, np.float64), np.asarray(kernel, np.float64)
    ndim, (fan_out, channels) = kernel.ndim - 2, kernel.shape[-2:]
    batch, spatial, window = x.shape[: -ndim - 1], x.shape[-ndim - 1 : -1], kernel.shape[:-2]
    g = transpose_geometry("conv_transpose", spatial, window, stride=stride, padding=padding, output_padding=output_padding, dilation=dilation)
    y = np.zeros((*batch, *g.spatial, fan_out * groups))
    for o in np.ndindex(*spatial):
        for k in np.ndindex(*window):
            cell = tuple(g.source(axis, o[axis], k[axis]) for axis in range(ndim))
            if all(0 <= cell[axis] < g.spatial[axis] for axis in range(ndim)):
                for n in np.ndindex(*batch):
                    for i in range(channels):
                        first = i // (channels // groups) * fan_out
                        for c in range(fan_out):
                            y[(*n, *cell, first + c)] += x[(*n, *o, i)] * kernel[(*k, c, i)]
    if bias is not None:
        for n in np.ndindex(*y.shape):
            y[n] += float(bias[n[-1]])
    return y
