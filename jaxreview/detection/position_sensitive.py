"""Position-sensitive regions of interest: every bin looks at channels of its own."""

from collections.abc import Sequence

from jaxtyping import Array, Float

from jaxreview.detection import _sampling, _walking

__all__ = ["ps_roi_align", "ps_roi_pool"]


def ps_roi_align(
    features: Float[Array, "*batch height width channels"],
    rois: Float[Array, "regions five"],
    *,
    output_size: int | Sequence[int],
    spatial_scale: float = 1.0,
    sampling_ratio: int = 0,
    max_samples: int | Sequence[int] | None = None,
) -> Float[Array, "regions tall wide out"]:
    """`roi_align` whose bin (p, q) of output channel c looks at input channel (c·ph + p)·pw + q: the mean of bilinear samples of x[…, c, p, q] in it.

    Follows torchvision's compiled operation: as `roi_align` with `aligned=True`. Only a bin without samples, of a region with no or negative height or width
    where their number follows its size, is 0 here too, where torchvision divides 0 by 0.

    Linear in the features; the regions have no gradient (zero).

    Args:
        features: `(*batch, height, width, channels)`; the channels are (out, ph, pw), the last of them running first, as in PyTorch.
        rois: `(K, 5)`: which map of the batch (row-major over `*batch`; 0 without one), then x1, y1, x2, y2. One without finite corners gives NaN.
        output_size: bins (ph, pw) down and to the right, an int for both.
        spatial_scale: cells for a unit of the corners, greater than 0.
        sampling_ratio: samples of a bin on each axis; 0 for as many as the bin has cells, ⌈h/ph⌉ and ⌈w/pw⌉, which differ between regions.
        max_samples: as in `roi_align`: with `sampling_ratio` 0, the most samples of a bin on an axis. None is ⌈height/ph⌉ + 1 and ⌈width/pw⌉ + 1.

    Returns:
        `(K, ph, pw, out)` in the promoted dtype; float16 and bfloat16 sample in float32. Under `jit` a region with an index that names no map, or in
        need of more than `max_samples`, is NaN throughout.

    Raises:
        TypeError: an array is not floating point, or a setting is not an int or number as described.
        ValueError: shapes or settings do not fit; outside of `jit` also an index that names no map, and a region in need of more than `max_samples`.

    References:
        Li, Chen, Yu, Deng & Tang, Light-Head R-CNN (2017), section 3.2, after Dai, Li, He & Sun, R-FCN (2016).

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.detection import ps_roi_align
        >>> x = jnp.array([[[0.0, 10.0], [1.0, 11.0], [2.0, 12.0], [3.0, 13.0]]] * 4)
        >>> ps_roi_align(x, jnp.array([[0.0, 1.0, 1.0, 3.0, 3.0]]), output_size=(1, 2), sampling_ratio=1).ravel().tolist()
        [1.0, 12.0]
    """
    where = "ps_roi_align"
    found = _sampling.checked(where, features, rois, output_size, spatial_scale)
    maps, number = _sampling.own_maps(where, found)
    most = _sampling.sampling(where, found, sampling_ratio, max_samples)
    rows, columns, usable = _sampling.samples(where, found, sampling_ratio, most, offset=0.5, smallest=None)
    return _sampling.finished(_sampling.weighted(maps, number, rows, columns), usable, found.dtype)


def ps_roi_pool(
    features: Float[Array, "*batch height width channels"],
    rois: Float[Array, "regions five"],
    *,
    output_size: int | Sequence[int],
    spatial_scale: float = 1.0,
) -> Float[Array, "regions tall wide out"]:
    """Mean over the cells of the bins of regions, each bin of its own channels: y[k, p, q, c] = mean of x[…, c, p, q] over the cells of bin (p, q).

    Follows torchvision's compiled operation: the scaled corners are rounded, halves away from 0, and x2, y2 name the cell behind the last, so that
    h = y2 − y1, at least 1; bin p covers the rows ⌊p·h/ph⌋ … ⌈(p + 1)·h/ph⌉ − 1 of the region and is cut at the border of the map and before its last row and
    column, which no bin sees. One without a cell gives 0. The gradient is that of the mean as taken; torchvision's spreads over the last row and column too,
    which its mean leaves out.

    Linear in the features; the regions have no gradient (zero).

    Args:
        features: `(*batch, height, width, channels)`; the channels are (out, ph, pw), the last of them running first, as in PyTorch.
        rois: `(K, 5)`: which map of the batch (row-major over `*batch`; 0 without one), then x1, y1, x2, y2. One without finite corners gives NaN.
        output_size: bins (ph, pw) down and to the right, an int for both.
        spatial_scale: cells for a unit of the corners, greater than 0.

    Returns:
        `(K, ph, pw, out)` in the promoted dtype; float16 and bfloat16 accumulate in float32. Under `jit` a region with an index that names no map is
        NaN throughout.

    Raises:
        TypeError: an array is not floating point, or a setting is not an int or number as described.
        ValueError: shapes or settings do not fit; outside of `jit` also an index that names no map.

    References:
        Dai, Li, He & Sun, R-FCN: Object Detection via Region-based Fully Convolutional Networks (2016), equation 1.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.detection import ps_roi_pool
        >>> x = jnp.array([[[0.0, 10.0], [1.0, 11.0], [2.0, 12.0], [3.0, 13.0], [4.0, 14.0]]] * 5)
        >>> ps_roi_pool(x, jnp.array([[0.0, 0.0, 0.0, 4.0, 4.0]]), output_size=(1, 2)).ravel().tolist()
        [0.5, 12.5]
    """
    where = "ps_roi_pool"
    found = _sampling.checked(where, features, rois, output_size, spatial_scale)
    maps, number = _sampling.own_maps(where, found)
    rows, columns = _walking.runs(found, last=0, held=1)
    return _sampling.finished(_walking.means(maps, number, rows, columns), found.usable, found.dtype)
