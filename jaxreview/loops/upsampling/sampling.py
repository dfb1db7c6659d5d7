"""Reading between cells, as loops."""

import math

import numpy as np


def affine_grid(theta, size, *, align_corners=False):
    """For every cell of the output its coordinates, and each map's sum over them."""
    theta, d = np.asarray(theta, np.float64), len(size)
    grid = np.zeros((*theta.shape[:-2], *size, d))
    for n in np.ndindex(*theta.shape[:-2]):
        for o in np.ndindex(*size):
            place = []
            for i, m in zip(reversed(o), reversed(size), strict=True):
                if align_corners:
                    place.append(2 * i / (m - 1) - 1 if m > 1 else 0.0)
                else:
                    place.append((2 * i + 1) / m - 1)
            for row in range(d):
                grid[(*n, *o, row)] = theta[(*n, row, d)] + sum(theta[(*n, row, j)] * place[j] for j in range(d))
    return grid


def _mirror(s, n, align_corners):
    """Walk from one mirror to the other until the position lies between them."""
    low, high = (0, n - 1) if align_corners else (-0.5, n - 0.5)
    if high == low:
        return 0
    while s < low or s > high:
        s = 2 * low - s if s < low else 2 * high - s
    return s


def _kernel(d, a=-0.75):
    """Keys' cubic convolution kernel."""
    d = abs(d)
    if d <= 1:
        return (a + 2) * d**3 - (a + 3) * d**2 + 1
    return a * d**3 - 5 * a * d**2 + 8 * a * d - 4 * a if d < 2 else 0.0


def _shares(g, n, method, padding_mode, align_corners):
    """Which cells of an axis a coordinate takes, and how much of each."""
    s = (g + 1) / 2 * (n - 1) if align_corners else ((g + 1) * n - 1) / 2
    if method == "cubic":
        found = []
        for i in range(math.floor(s) - 1, math.floor(s) + 3):
            weight = _kernel(s - i)
            if padding_mode == "border":
                i = min(max(i, 0), n - 1)
            elif padding_mode == "reflection":
                i = min(max(int(_mirror(i, n, align_corners)), 0), n - 1)
            if 0 <= i < n:
                found.append((i, weight))
        return found
    if padding_mode == "reflection":
        s = _mirror(s, n, align_corners)
    if padding_mode != "zeros":
        s = min(max(s, 0), n - 1)
    if method == "nearest":
        found = [(round(s), 1.0)]
    else:
        found = [(math.floor(s), 1 - (s - math.floor(s))), (math.floor(s) + 1, s - math.floor(s))]
    return [(i, weight) for i, weight in found if 0 <= i < n]


def grid_sample(x, grid, *, method="linear", padding_mode="zeros", align_corners=False):
    """Every point is the sum over its cells, of the product of the axes' shares times the value."""
    x, grid = np.asarray(x, np.float64), np.asarray(grid, np.float64)
    d = grid.shape[-1]
    batch, spatial, channels = x.shape[: x.ndim - d - 1], x.shape[x.ndim - d - 1 : -1], x.shape[-1]
    out = grid.shape[len(batch) : -1]
    y = np.zeros((*batch, *out, channels))
    for n in np.ndindex(*batch):
        for o in np.ndindex(*out):
            point = grid[(*n, *o)]
            shares = [_shares(point[d - 1 - axis], spatial[axis], method, padding_mode, align_corners) for axis in range(d)]
            for pick in np.ndindex(*(len(s) for s in shares)):
                cell = tuple(shares[axis][pick[axis]][0] for axis in range(d))
                weight = math.prod(shares[axis][pick[axis]][1] for axis in range(d))
                for c in range(channels):
                    y[(*n, *o, c)] += weight * x[(*n, *cell, c)]
    return y
