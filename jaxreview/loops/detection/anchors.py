"""Anchors. As loops."""

import math

import numpy as np


def base_anchors(size=16, *, ratios=(0.5, 1, 2), scales=(8, 16, 32), dtype=np.float64):
    """Ratio by ratio and scale by scale, around the centre of the first pixel and the last."""
    anchors = []
    for ratio in ratios:
        width = round(math.sqrt(size**2 / ratio))
        height = round(width * ratio)
        for scale in scales:
            anchors.append(_around((size - 1) / 2, width * scale - 1, height * scale - 1))
    return np.array(anchors, dtype).reshape(-1, 4)


def centered_anchors(sizes, *, ratios=(0.5, 1, 2), dtype=np.float64):
    """Ratio by ratio and size by size, around 0."""
    anchors = []
    for ratio in ratios:
        for size in sizes:
            anchors.append(_around(0, 2 * round(size / math.sqrt(ratio) / 2), 2 * round(size * math.sqrt(ratio) / 2)))
    return np.array(anchors, dtype).reshape(-1, 4)


def grid_anchors(base, feature_size, *, stride):
    """Row by row and column by column, each anchor of the first cell moved."""
    down, across = stride if isinstance(stride, (tuple, list)) else (stride, stride)
    anchors = []
    for row in range(feature_size[0]):
        for column in range(feature_size[1]):
            for x1, y1, x2, y2 in np.asarray(base, np.float64):
                anchors.append([x1 + column * across, y1 + row * down, x2 + column * across, y2 + row * down])
    return np.array(anchors, np.float64).reshape(-1, 4)


def inside_image(boxes, size, *, border=0.0, legacy_plus_one=False):
    """Box by box, whether no side is beyond the image's."""
    boxes = np.asarray(boxes, np.float64)
    inside = np.zeros(boxes.shape[:-1], bool)
    for n in np.ndindex(*inside.shape):
        x1, y1, x2, y2 = boxes[n]
        high, wide = size[0] + border, size[1] + border
        inside[n] = x1 >= -border and y1 >= -border and (x2 < wide and y2 < high if legacy_plus_one else x2 <= wide and y2 <= high)
    return inside


def _around(centre, width, height):
    return [centre - width / 2, centre - height / 2, centre + width / 2, centre + height / 2]
