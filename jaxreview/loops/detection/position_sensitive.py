"""Position-sensitive regions of interest. As loops."""

import math

import numpy as np

from jaxreview.loops.detection.regions import bin_cells, bin_mean, bins_and_samples, map_of, whole


def ps_roi_align(features, rois, *, output_size, spatial_scale=1.0, sampling_ratio=0, max_samples=None):
    """Each bin of each region: the mean of samples between the cells of the bin's own channel."""
    features, rois = np.asarray(features, np.float64), np.asarray(rois, np.float64)
    bins = tuple(output_size) if isinstance(output_size, (tuple, list)) else (output_size, output_size)
    y = np.full((len(rois), *bins, features.shape[-1] // (bins[0] * bins[1])), np.nan)
    for k in range(len(rois)):
        x = map_of(features, rois[k, 0])
        if x is None or not np.isfinite(rois[k]).all():
            continue
        start, size, samples = bins_and_samples(x, rois[k], bins, spatial_scale, 0.5, -math.inf, sampling_ratio, max_samples)
        if samples is None:
            continue
        for p in range(bins[0]):
            for q in range(bins[1]):
                for c in range(y.shape[-1]):
                    corner = (start[0] + p * size[0], start[1] + q * size[1])
                    y[k, p, q, c] = bin_mean(x, corner, size, samples, (c * bins[0] + p) * bins[1] + q)
    return y


def ps_roi_pool(features, rois, *, output_size, spatial_scale=1.0):
    """Each bin of each region: the mean of the cells of the bin's own channel, the last row and column left out."""
    features, rois = np.asarray(features, np.float64), np.asarray(rois, np.float64)
    bins = tuple(output_size) if isinstance(output_size, (tuple, list)) else (output_size, output_size)
    y = np.full((len(rois), *bins, features.shape[-1] // (bins[0] * bins[1])), np.nan)
    for k in range(len(rois)):
        x = map_of(features, rois[k, 0])
        if x is None or not np.isfinite(rois[k]).all():
            continue
        x1, y1, x2, y2 = (whole(corner * spatial_scale) for corner in rois[k, 1:])
        height, width = max(y2 - y1, 1), max(x2 - x1, 1)
        for p in range(bins[0]):
            for q in range(bins[1]):
                rows, columns = bin_cells(y1, height, p, bins[0], x.shape[0] - 1), bin_cells(x1, width, q, bins[1], x.shape[1] - 1)
                for c in range(y.shape[-1]):
                    total = 0.0
                    for row in rows:
                        for column in columns:
                            total += x[row, column, (c * bins[0] + p) * bins[1] + q] / (len(rows) * len(columns))
                    y[k, p, q, c] = total
    return y
