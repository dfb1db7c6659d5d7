"""Regions of interest. As loops."""

import math

import numpy as np


def _pair(value):
    return tuple(value) if isinstance(value, (tuple, list)) else (value, value)


def map_of(features, index):
    """The map `(H, W, C)` with this number, of a batch with any axes; None where there is none."""
    maps = features.reshape(-1, *features.shape[-3:])
    return maps[int(index)] if 0 <= index < len(maps) and index == math.floor(index) else None


def between(x, row, column, c):
    """Channel c at a real position: the four cells around it, the border up to a cell outside, and nothing beyond."""
    height, width = x.shape[:2]
    if not (-1 <= row <= height and -1 <= column <= width):
        return 0.0
    row, column = min(max(row, 0.0), height - 1.0), min(max(column, 0.0), width - 1.0)
    total = 0.0
    for r in (math.floor(row), math.floor(row) + 1):
        for s in (math.floor(column), math.floor(column) + 1):
            weight = (1 - abs(row - r)) * (1 - abs(column - s))
            if weight > 0:
                total += weight * x[r, s, c]
    return total


def bin_mean(x, corner, size, samples, c):
    """The mean of samples in the middles of equal parts of a bin."""
    total = 0.0
    for i in range(samples[0]):
        for j in range(samples[1]):
            total += between(x, corner[0] + (i + 0.5) * size[0] / samples[0], corner[1] + (j + 0.5) * size[1] / samples[1], c)
    return total / max(1, samples[0] * samples[1])


def bins_and_samples(x, region, bins, scale, offset, smallest, ratio, most):
    """First corner and bin size (down, right) of a region, and how many samples each bin has; None where they are too many."""
    x1, y1, x2, y2 = (corner * scale - offset for corner in region[1:])
    sizes = (max(y2 - y1, smallest) / bins[0], max(x2 - x1, smallest) / bins[1])
    samples = (ratio, ratio) if ratio else tuple(max(0, math.ceil(size)) for size in sizes)
    bound = _pair(most) if most else tuple(math.ceil(n / m) + 1 for n, m in zip(x.shape[:2], bins, strict=True))
    return (y1, x1), sizes, samples if ratio or (samples[0] <= bound[0] and samples[1] <= bound[1]) else None


def roi_align(features, rois, *, output_size, spatial_scale=1.0, sampling_ratio=0, aligned=False, max_samples=None):
    """Each bin of each region: the mean of samples between the cells."""
    features, rois, bins = np.asarray(features, np.float64), np.asarray(rois, np.float64), _pair(output_size)
    y = np.full((len(rois), *bins, features.shape[-1]), np.nan)
    for k in range(len(rois)):
        x = map_of(features, rois[k, 0])
        if x is None or not np.isfinite(rois[k]).all():
            continue
        offset, smallest = (0.5, -math.inf) if aligned else (0.0, 1.0)
        start, size, samples = bins_and_samples(x, rois[k], bins, spatial_scale, offset, smallest, sampling_ratio, max_samples)
        if samples is None:
            continue
        for p in range(bins[0]):
            for q in range(bins[1]):
                for c in range(features.shape[-1]):
                    y[k, p, q, c] = bin_mean(x, (start[0] + p * size[0], start[1] + q * size[1]), size, samples, c)
    return y


def whole(value):
    """The nearest integer, of two the one farther from 0."""
    return math.copysign(math.floor(abs(value) + 0.5), value)


def bin_cells(first, size, number, bins, limit):
    """The cells of a bin on one axis, between 0 and a limit."""
    start, end = first + math.floor(number * size / bins), first + math.ceil((number + 1) * size / bins)
    return range(int(min(max(start, 0), limit)), int(min(max(end, 0), limit)))


def roi_pool(features, rois, *, output_size, spatial_scale=1.0):
    """Each bin of each region: the maximum of its cells."""
    features, rois, bins = np.asarray(features, np.float64), np.asarray(rois, np.float64), _pair(output_size)
    y = np.full((len(rois), *bins, features.shape[-1]), np.nan)
    for k in range(len(rois)):
        x = map_of(features, rois[k, 0])
        if x is None or not np.isfinite(rois[k]).all():
            continue
        x1, y1, x2, y2 = (whole(corner * spatial_scale) for corner in rois[k, 1:])
        height, width = max(y2 - y1 + 1, 1), max(x2 - x1 + 1, 1)
        for p in range(bins[0]):
            for q in range(bins[1]):
                for c in range(features.shape[-1]):
                    largest = None
                    for row in bin_cells(y1, height, p, bins[0], x.shape[0]):
                        for column in bin_cells(x1, width, q, bins[1], x.shape[1]):
                            value = x[row, column, c]
                            if largest is None or value > largest or (math.isnan(value) and not math.isnan(largest)):
                                largest = value
                    y[k, p, q, c] = 0.0 if largest is None else largest
    return y
