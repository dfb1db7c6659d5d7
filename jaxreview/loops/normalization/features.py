"""Standardization of features, as loops."""

import math

import numpy as np


def fit_standardizer(x):
    """Feature by feature: the mean over the samples, then the root of the mean squared deviation from it."""
    x = np.asarray(x, np.float64)
    mean, std = np.zeros(x.shape[-1]), np.zeros(x.shape[-1])
    n = math.prod(x.shape[:-1])
    for c in range(x.shape[-1]):
        for i in np.ndindex(*x.shape[:-1]):
            mean[c] += x[(*i, c)] / n
        variance = 0.0
        for i in np.ndindex(*x.shape[:-1]):
            variance += (x[(*i, c)] - mean[c]) ** 2 / n
        std[c] = math.sqrt(variance)
    return mean, std


def standardize(x, fitted):
    """Each value less its feature's mean, divided by the feature's standard deviation unless that is 0."""
    x = np.asarray(x, np.float64)
    mean, std = (np.asarray(a, np.float64) for a in fitted)
    z = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        c = i[-1]
        z[i] = x[i] - mean[c]
        if std[c] != 0:
            z[i] /= std[c]
    return z


def unstandardize(x, fitted):
    """Each value times its feature's standard deviation unless that is 0, plus the feature's mean."""
    x = np.asarray(x, np.float64)
    mean, std = (np.asarray(a, np.float64) for a in fitted)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        c = i[-1]
        y[i] = (x[i] if std[c] == 0 else x[i] * std[c]) + mean[c]
    return y
