"""The checked geometry of a pool."""

import jax

from jaxreview import _checks, _windows
from jaxreview._windows import Geometry


def geometry(where: str, x: jax.Array, window: object, *, stride: object, padding: object, ceil_mode: object, dilation: object = 1) -> Geometry:
    """The checked geometry of a pool over the spatial axes of ``x``."""
    sizes, ceiling = _windows.window_tuple(where, window), _checks.flag(where, "ceil_mode", ceil_mode)
    _checks.min_rank(where, "x", x, len(sizes) + 1, f"(*batch, *spatial, channels) with {len(sizes)} spatial axes, as window {sizes} has")
    spatial = x.shape[x.ndim - 1 - len(sizes) : -1]
    return _windows.pool_geometry(where, spatial, sizes, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceiling)
