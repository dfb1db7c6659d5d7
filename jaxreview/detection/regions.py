"""Regions of interest of feature maps, brought to one size."""

from collections.abc import Sequence

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from jaxreview import _checks
from jaxreview.detection import _sampling, _walking

__all__ = ["roi_align", "roi_pool"]


def roi_align(
    features: Float[Array, "*batch height width channels"],
    rois: Float[Array, "regions five"],
    *,
    output_size: int | Sequence[int],
    spatial_scale: float = 1.0,
    sampling_ratio: int = 0,
    aligned: bool = False,
    max_samples: int | Sequence[int] | None = None,
) -> Float[Array, "regions tall wide channels"]:
    """Mean of bilinear samples in the bins of regions: y[k, p, q] = 1/(m·n) Σᵢⱼ x(y1 + (p + (i + ½)/m)·h/ph, x1 + (q + (j + ½)/n)·w/pw).

    Follows torchvision's compiled operation: x(·) between the cells mixes the four around it; from −1 to 0 and from H − 1 to H it is the cell at the border,
    farther outside it is 0 (and still counts). Cell centres lie at whole numbers, or with `aligned` at halves. Without `aligned` a region is at least one
    cell wide and high. A region of no or negative height or width has no samples where their number follows its size, and gives 0.

    Linear in the features; the regions have no gradient (zero).

    Args:
        features: `(*batch, height, width, channels)`; `*batch` may be empty.
        rois: `(K, 5)`: which map of the batch (row-major over `*batch`; 0 without one), then x1, y1, x2, y2. One without finite corners gives NaN.
        output_size: bins (ph, pw) down and to the right, an int for both.
        spatial_scale: cells for a unit of the corners, greater than 0: 1/16 for corners in pixels and features of stride 16.
        sampling_ratio: samples m and n of a bin on each axis; 0 for as many as the bin has cells, ⌈h/ph⌉ and ⌈w/pw⌉, which differ between regions.
        aligned: whether half a cell is taken off the scaled corners. Give True for exact places, False for models that were trained so.
        max_samples: with `sampling_ratio` 0, the most samples of a bin on an axis, an int or one per axis. Shapes are static, so there is a bound; work
            grows with it. None is ⌈height/ph⌉ + 1 and ⌈width/pw⌉ + 1: enough for each region up to ph and pw cells larger than the map.

    Returns:
        `(K, ph, pw, channels)` in the promoted dtype; float16 and bfloat16 sample in float32. Where the values cannot be looked at, under `jit` say,
        a region with an index that names no map, or in need of more than `max_samples`, is NaN throughout.

    Raises:
        TypeError: an array is not floating point, or a setting is not an int, number or bool as described.
        ValueError: shapes or settings do not fit; outside of `jit` also an index that names no map, and a region in need of more than `max_samples`.

    References:
        He, Gkioxari, Dollár & Girshick, Mask R-CNN (2017), section 3.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.detection import roi_align
        >>> x = jnp.array([[0.0, 1.0, 2.0, 3.0]] * 4)[..., None]
        >>> roi_align(x, jnp.array([[0.0, 0.5, 0.0, 2.5, 3.0]]), output_size=(1, 2), sampling_ratio=1).ravel().tolist()
        [1.0, 2.0]
    """
    where = "roi_align"
    found = _sampling.checked(where, features, rois, output_size, spatial_scale)
    moved = _checks.flag(where, "aligned", aligned)
    most = _sampling.sampling(where, found, sampling_ratio, max_samples)
    rows, columns, usable = _sampling.samples(where, found, sampling_ratio, most, offset=0.5 if moved else 0.0, smallest=None if moved else 1.0)
    y = _sampling.weighted(found.features, _sampling.same_map(found), rows, columns)
    return _sampling.finished(y, usable, found.dtype)


def roi_pool(
    features: Float[Array, "*batch height width channels"],
    rois: Float[Array, "regions five"],
    *,
    output_size: int | Sequence[int],
    spatial_scale: float = 1.0,
) -> Float[Array, "regions tall wide channels"]:
    """Maximum over the cells of the bins of regions: y[k, p, q] = max of x over rows ⌊p·h/ph⌋ … ⌈(p + 1)·h/ph⌉ − 1 of the region, and columns likewise.

    Follows torchvision's compiled operation: the scaled corners are rounded, halves away from 0, and x2, y2 name the last cell, so that h = y2 − y1 + 1, at
    least 1. Bins are cut at the border of the map; one without a cell gives 0 and has no gradient. Of equal maxima the first in row-major order gets the whole
    gradient. A NaN wins over every number, as in `max_pool`; torchvision passes over it.

    The regions have no gradient (zero).

    Args:
        features: `(*batch, height, width, channels)`; `*batch` may be empty.
        rois: `(K, 5)`: which map of the batch (row-major over `*batch`; 0 without one), then x1, y1, x2, y2. One without finite corners gives NaN.
        output_size: bins (ph, pw) down and to the right, an int for both.
        spatial_scale: cells for a unit of the corners, greater than 0.

    Returns:
        `(K, ph, pw, channels)` in the promoted dtype; corners in float16 and bfloat16 are scaled in float32. Under `jit` a region with an index that
        names no map is NaN throughout.

    Raises:
        TypeError: an array is not floating point, or a setting is not an int or number as described.
        ValueError: shapes or settings do not fit; outside of `jit` also an index that names no map.

    References:
        Girshick, Fast R-CNN (2015), section 2.1.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.detection import roi_pool
        >>> x = jnp.array([[0.0, 1.0, 5.0, 3.0]] * 4)[..., None]
        >>> roi_pool(x, jnp.array([[0.0, 0.0, 0.0, 3.0, 3.0]]), output_size=(1, 2)).ravel().tolist()
        [1.0, 5.0]
    """
    found = _sampling.checked("roi_pool", features, rois, output_size, spatial_scale)
    rows, columns = _walking.runs(found, last=1, held=0)
    maps, still = _sampling.same_map(found), lax.stop_gradient(found.features)
    fills = jnp.full((), -jnp.inf, still.dtype), jnp.full((), -1, jnp.int32)

    def greater(state: tuple[Array, Array], seen: Array, cell: Array, share: Array) -> tuple[Array, Array]:
        best, at = state
        wins = (share > 0) & ((seen > best) | (at < 0) | (jnp.isnan(seen) & ~jnp.isnan(best)))
        return jnp.where(wins, seen, best), jnp.where(wins, cell, at)

    _, at = _walking.walk(still, maps, rows, columns, fills, greater)
    return _sampling.finished(_walking.picked(found.features, maps, at), found.usable, found.dtype)
