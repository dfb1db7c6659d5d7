"""Linear maps, as loops."""

import numpy as np


def dense(x, kernel, bias=None):
    """Each output is the sum, over the inputs, of input times weight, plus the output's bias."""
    x, kernel = np.asarray(x, np.float64), np.asarray(kernel, np.float64)
    y = np.zeros((*x.shape[:-1], kernel.shape[1]))
    for n in np.ndindex(*x.shape[:-1]):
        for o in range(kernel.shape[1]):
            total = 0.0
            for i in range(kernel.shape[0]):
                total += x[(*n, i)] * kernel[i, o]
            y[(*n, o)] = total if bias is None else total + float(bias[o])
    return y


def affine_columns(weights, x, bias):
    """Sample by sample (column by column), unit by unit, feature by feature."""
    weights, x, bias = np.asarray(weights, np.float64), np.asarray(x, np.float64), np.asarray(bias, np.float64)
    z = np.zeros((weights.shape[0], x.shape[1]))
    for j in range(x.shape[1]):
        for o in range(weights.shape[0]):
            total = bias[o, 0]
            for i in range(weights.shape[1]):
                total += weights[o, i] * x[i, j]
            z[o, j] = total
    return z
