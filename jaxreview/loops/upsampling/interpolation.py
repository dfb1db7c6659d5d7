"""Interpolation, as loops."""

import math

import numpy as np


def _cubic_kernel(d, a=-0.75):
    """Keys' cubic convolution kernel: 1 at 0, 0 at the other cells."""
    d = abs(d)
    if d <= 1:
        return (a + 2) * d**3 - (a + 3) * d**2 + 1
    return a * d**3 - 5 * a * d**2 + 8 * a * d - 4 * a if d < 2 else 0.0


def _shares(n, m, f, o, method, align_corners):
    """Which cells of an axis output o takes, and how much of each."""
    if method in ("nearest", "nearest-exact"):
        shift = 0.0 if method == "nearest" else 0.5
        return [(min(math.floor(np.float32(o + shift) * np.float32(1.0 / f)), n - 1), 1.0)]
    if method == "area":
        cells = range(math.floor(o * n / m), math.ceil((o + 1) * n / m))
        return [(i, 1.0 / len(cells)) for i in cells]
    if align_corners:
        s = o * (n - 1) / (m - 1) if m > 1 else 0.0
    else:
        s = (o + 0.5) / f - 0.5
    if method == "linear":
        if n == m:
            s = o
        s = max(s, 0.0)
        low = math.floor(s)
        return [(min(low, n - 1), 1 - (s - low)), (min(low + 1, n - 1), s - low)]
    low = math.floor(s)
    return [(min(max(i, 0), n - 1), _cubic_kernel(s - i)) for i in range(low - 1, low + 3)]


def upsample(x, scale, *, method="nearest", align_corners=False):
    """Every output is the sum over its cells, of the product of the axes' shares times the value."""
    x, d = np.asarray(x, np.float64), len(scale)
    batch, spatial, channels = x.shape[: x.ndim - d - 1], x.shape[x.ndim - d - 1 : -1], x.shape[-1]
    size = [math.floor(n * f) for n, f in zip(spatial, scale, strict=True)]
    y = np.zeros((*batch, *size, channels))
    for o in np.ndindex(*size):
        shares = [_shares(n, m, f, i, method, align_corners) for n, m, f, i in zip(spatial, size, scale, o, strict=True)]
        for n in np.ndindex(*batch):
            for c in range(channels):
                total = 0.0
                for pick in np.ndindex(*(len(s) for s in shares)):
                    cell = tuple(shares[axis][pick[axis]][0] for axis in range(d))
                    weight = math.prod(shares[axis][pick[axis]][1] for axis in range(d))
                    total += weight * x[(*n, *cell, c)]
                y[(*n, *o, c)] = total
    return y
