"""Two boxes compared, one coordinate at a time."""

import math


def sides(box):
    return max(0.0, float(box[2] - box[0])), max(0.0, float(box[3] - box[1]))


def areas(a, b):
    """Of the overlap and of the union."""
    width = min(float(a[2]), float(b[2])) - max(float(a[0]), float(b[0]))
    height = min(float(a[3]), float(b[3])) - max(float(a[1]), float(b[1]))
    overlap = width * height if width > 0 and height > 0 else 0.0
    (width_a, height_a), (width_b, height_b) = sides(a), sides(b)
    return overlap, width_a * height_a + width_b * height_b - overlap


def hull(a, b):
    return sides([min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])])


def offset(a, b, eps):
    across, down = (a[0] + a[2] - b[0] - b[2]) / 2, (a[1] + a[3] - b[1] - b[3]) / 2
    width, height = hull(a, b)
    return share(across**2 + down**2, width**2 + height**2 + eps)


def angle(box):
    width, height = sides(box)
    return math.pi / 2 if height == 0 and width > 0 else 0.0 if height == 0 else math.atan(width / height)


def share(part, whole):
    return 0.0 if whole == 0 else float(part / whole)
