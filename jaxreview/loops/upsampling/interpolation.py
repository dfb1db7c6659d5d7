"""Interpolation, as loops."""

import math

import numpy as np


def _cubic_kernel(d, a):
    """Keys' cubic convolution kernel: 1 at 0, 0 at the other cells."""
    d = abs(d)
    if d <= 1:
        return (a + 2) * d**3 - (a + 3) * d**2 + 1
    return a * d**3 - 5 * a * d**2 + 8 * a * d - 4 * a if d < 2 else 0.0


def _shares(n, m, step, o, method, align_corners):
    """Which cells of an axis output o takes, and how much of each."""
    if method in ("nearest", "nearest-exact"):
        shift = 0.0 if method == "nearest" else 0.5
        return [(min(math.floor(np.float32(o + shift) * np.float32(step)), n - 1), 1.0)]
    if method == "area":
        cells = range(math.floor(o * n / m), math.ceil((o + 1) * n / m))
        return [(i, 1.0 / len(cells)) for i in cells]
    s = _position(n, m, step, o, align_corners)
    if method == "linear":
        if n == m:
            s = o
        s = max(s, 0.0)
        low = math.floor(s)
        return [(min(low, n - 1), 1 - (s - low)), (min(low + 1, n - 1), s - low)]
    low = math.floor(s)
    return [(min(max(i, 0), n - 1), _cubic_kernel(s - i, -0.75)) for i in range(low - 1, low + 3)]


def _position(n, m, step, o, align_corners):
    """Where output o lies between the cells of an axis."""
    if align_corners:
        return o * (n - 1) / (m - 1) if m > 1 else 0.0
    return (o + 0.5) * step - 0.5


def _smooth_shares(n, m, o, method, align_corners):
    """Every cell of an axis under the kernel, which is as wide as the outputs are apart, by its part of the whole."""
    step = (n - 1) / max(m - 1, 1) * (m > 1) if align_corners else n / m
    wide, s = max(step, 1.0), (o + 0.5) * step - 0.5
    weights = []
    for i in range(n):
        d = abs(i - s) / wide
        weights.append(max(1 - d, 0.0) if method == "linear" else _cubic_kernel(d, -0.5))
    return [(i, w / sum(weights)) for i, w in enumerate(weights)]


def _mixed(x, shares):
    """Every output is the sum over its cells, of the product of the axes' shares times the value. ``shares[axis][o]`` are those of output o."""
    d = len(shares)
    batch, channels = x.shape[: x.ndim - d - 1], x.shape[-1]
    size = [len(axis) for axis in shares]
    y = np.zeros((*batch, *size, channels))
    for o in np.ndindex(*size):
        own = [shares[axis][o[axis]] for axis in range(d)]
        for n in np.ndindex(*batch):
            for c in range(channels):
                total = 0.0
                for pick in np.ndindex(*(len(s) for s in own)):
                    cell = tuple(own[axis][pick[axis]][0] for axis in range(d))
                    weight = math.prod(own[axis][pick[axis]][1] for axis in range(d))
                    total += weight * x[(*n, *cell, c)]
                y[(*n, *o, c)] = total
    return y


def resize(x, size, *, method="nearest", align_corners=False, antialias=False):
    """Every output is the sum over its cells; the step from one output to the next is the ratio of the sizes."""
    x, shares = np.asarray(x, np.float64), []
    for n, m in zip(x.shape[x.ndim - len(size) - 1 : -1], size, strict=True):
        if antialias:
            shares.append([_smooth_shares(n, m, o, method, align_corners) for o in range(m)])
        else:
            shares.append([_shares(n, m, n / m, o, method, align_corners) for o in range(m)])
    return _mixed(x, shares)


def upsample(x, scale, *, method="nearest", align_corners=False):
    """Every output is the sum over its cells; the step from one output to the next is one over the factor."""
    x, shares = np.asarray(x, np.float64), []
    for n, f in zip(x.shape[x.ndim - len(scale) - 1 : -1], scale, strict=True):
        m = math.floor(n * f)
        shares.append([_shares(n, m, 1.0 / f, o, method, align_corners) for o in range(m)])
    return _mixed(x, shares)
