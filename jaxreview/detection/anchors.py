"""Anchors."""

import math
from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np
from jax.typing import DTypeLike
from jaxtyping import Array, Bool, Float, Int

from jaxreview import _checks, _windows
from jaxreview.detection import _operands
from jaxreview.detection.boxes import extent

__all__ = ["base_anchors", "centered_anchors", "grid_anchors", "inside_image"]


def base_anchors(
    size: int = 16, *, ratios: Sequence[float] = (0.5, 1, 2), scales: Sequence[float] = (8, 16, 32), dtype: DTypeLike = jnp.float32
) -> Float[Array, "A 4"]:
    """The anchors of one cell, ratio by ratio and scale by scale: width scale·w with w = round(size/√ratio), height scale·round(w·ratio).

    This is the published order. They lie around the centre of the box (0, 0, size − 1, size − 1), and their x2 and y2 name their last pixel. It is rounded half
    to even, and before it is scaled, so that areas are only about (size·scale)². The defaults give the nine of Faster R-CNN.

    Args:
        size: the side of the cell in pixels, the stride of the features; at least 1.
        ratios: height over width, each greater than 0.
        scales: sides in cells, each greater than 0.
        dtype: the dtype of the result.

    Returns:
        Boxes (x1, y1, x2, y2), `(len(ratios)·len(scales), 4)`.

    Raises:
        TypeError: size is not an int, ratios or scales is no sequence of static numbers, or dtype is not floating point.
        ValueError: size is less than 1, or a ratio or scale is not greater than 0.

    References:
        Ren, He, Girshick & Sun, Faster R-CNN (2015), section 3.1.1.

    Examples:
        >>> from jaxreview.detection import base_anchors
        >>> base_anchors(scales=(8,)).tolist()
        [[-84.0, -40.0, 99.0, 55.0], [-56.0, -56.0, 71.0, 71.0], [-36.0, -80.0, 51.0, 95.0]]
    """
    where = "base_anchors"
    side, kind = _windows.integer(where, "size", size, minimum=1), _real_dtype(where, dtype)
    rows = []
    for ratio in _positive(where, "ratios", ratios):
        width = round(math.sqrt(side * side / ratio))
        height = round(width * ratio)
        for scale in _positive(where, "scales", scales):
            across, down = (width * scale - 1) / 2, (height * scale - 1) / 2
            rows.append([(side - 1) / 2 - across, (side - 1) / 2 - down, (side - 1) / 2 + across, (side - 1) / 2 + down])
    return jnp.asarray(np.array(rows).reshape(-1, 4), kind)


def centered_anchors(sizes: Sequence[float], *, ratios: Sequence[float] = (0.5, 1, 2), dtype: DTypeLike = jnp.float32) -> Float[Array, "A 4"]:
    """Anchors around the origin in torchvision's order, ratio by ratio and size by size: width size/√ratio, height size·√ratio, their halves rounded to even.

    Args:
        sizes: the root of each area in pixels, greater than 0.
        ratios: height over width, each greater than 0.
        dtype: the dtype of the result.

    Returns:
        Boxes (x1, y1, x2, y2), `(len(ratios)·len(sizes), 4)`.

    Raises:
        TypeError: sizes or ratios is no sequence of static numbers, or dtype is not floating point.
        ValueError: a size or ratio is not greater than 0.

    References:
        Lin et al., Feature Pyramid Networks (2017), section 4.1; torchvision, ``AnchorGenerator``, for order and rounding.

    Examples:
        >>> from jaxreview.detection import centered_anchors
        >>> centered_anchors((32, 64), ratios=(0.5,)).tolist()
        [[-23.0, -11.0, 23.0, 11.0], [-45.0, -23.0, 45.0, 23.0]]
    """
    where = "centered_anchors"
    kind = _real_dtype(where, dtype)
    rows = []
    for ratio in _positive(where, "ratios", ratios):
        for size in _positive(where, "sizes", sizes):
            across, down = float(round(size / math.sqrt(ratio) / 2)), float(round(size * math.sqrt(ratio) / 2))
            rows.append([-across, -down, across, down])
    return jnp.asarray(np.array(rows).reshape(-1, 4), kind)


def grid_anchors(base: Float[Array, "A 4"], feature_size: Sequence[int], *, stride: int | Sequence[int]) -> Float[Array, "K 4"]:
    """The anchors of every cell of a grid of features: those of ``base`` moved by (column·stride_x, row·stride_y).

    Args:
        base: the anchors of the first cell, `(A, 4)`.
        feature_size: (rows, columns) of the features.
        stride: pixels from one cell to the next, an int or (y, x); at least 1.

    Returns:
        `(rows·columns·A, 4)` in the dtype of base, by row, then column, then anchor: the order of features `(rows, columns, A)` in a line.

    Raises:
        TypeError: base is not floating point, or feature_size or stride is not of ints.
        ValueError: base is not `(A, 4)`, feature_size is no pair, or a number is too small.

    References:
        Ren, He, Girshick & Sun, Faster R-CNN (2015), section 3.1.1.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.detection import grid_anchors
        >>> grid_anchors(jnp.array([[0.0, 0.0, 3.0, 5.0]]), (1, 2), stride=16).tolist()
        [[0.0, 0.0, 3.0, 5.0], [16.0, 0.0, 19.0, 5.0]]
    """
    where = "grid_anchors"
    cell = _operands.checked(where, "base", base, 2)
    _checks.rank(where, "base", cell, 2, "(A, 4)")
    if not isinstance(feature_size, (tuple, list)):
        raise TypeError(f"{where}: feature_size is {feature_size!r}; it needs a pair of ints, (rows, columns)")
    rows, columns = _windows.per_axis(where, "feature_size", feature_size, 2, minimum=0)
    down, across = _windows.per_axis(where, "stride", stride, 2, minimum=1)
    dtype = _checks.accumulator(cell.dtype)
    x, y = jnp.arange(columns, dtype=dtype) * across, jnp.arange(rows, dtype=dtype) * down
    # By coordinates first: with the four of a box as the last axis a loop over them is short.
    shift = x.reshape(1, columns, 1), y.reshape(rows, 1, 1)
    cells = cell.astype(dtype).reshape(1, 1, -1, 4)
    planes = [jnp.broadcast_to(shift[n % 2], (rows, columns, cell.shape[0])) + cells[..., n] for n in range(4)]
    return jnp.stack(planes, -1).reshape(-1, 4).astype(cell.dtype)


def inside_image(
    boxes: Float[Array, "*batch 4"],
    size: Sequence[float] | Float[Array, "2"] | Int[Array, "2"],
    *,
    border: float = 0.0,
    legacy_plus_one: bool = False,
) -> Bool[Array, "*batch"]:
    """Which boxes lie in the image: x1 ≥ −border, y1 ≥ −border, x2 ≤ width + border, y2 ≤ height + border.

    Args:
        boxes: boxes (x1, y1, x2, y2), `(*batch, 4)`.
        size: (height, width) of the image, two static numbers or an array `(2,)`: map over it where images differ.
        border: how far a box may stick out, in pixels, ≥ 0; ∞ lets all through.
        legacy_plus_one: as published x2 < width + border and y2 < height + border, for boxes whose x2 and y2 name their last pixel.

    Returns:
        bool `(*batch,)`; False for a box with a NaN.

    Raises:
        TypeError: boxes is not floating point, size is neither two static numbers nor an array of numbers, border is not a static number, or legacy_plus_one
            is not a static bool.
        ValueError: the last axis is not 4 long, size does not have two numbers, or a number is negative.

    References:
        Ren, He, Girshick & Sun, Faster R-CNN (2015), section 3.3.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.detection import inside_image
        >>> inside_image(jnp.array([[0.0, 0.0, 100.0, 60.0], [-1.0, 0.0, 9.0, 9.0], [0.0, 0.0, 60.0, 100.0]]), (60, 100)).tolist()
        [True, False, False]
    """
    where = "inside_image"
    margin, legacy = _checks.number(where, "border", border, low=0.0), _checks.flag(where, "legacy_plus_one", legacy_plus_one)
    given = _operands.checked(where, "boxes", boxes)
    bounds, _ = extent(where, size, given)
    height, width = bounds + margin
    x1, y1, x2, y2 = (given[..., n].astype(bounds.dtype) for n in range(4))
    below = (x2 < width) & (y2 < height) if legacy else (x2 <= width) & (y2 <= height)
    return (x1 >= -margin) & (y1 >= -margin) & below


def _positive(where: str, name: str, values: object) -> list[float]:
    """A sequence of static numbers, each greater than 0."""
    if not isinstance(values, (tuple, list)):
        raise TypeError(f"{where}: {name} is {values!r}; it needs a sequence of static numbers")
    return [_checks.number(where, f"{name}[{n}]", value, above=0.0) for n, value in enumerate(values)]


def _real_dtype(where: str, dtype: DTypeLike) -> jnp.dtype:
    if not jnp.issubdtype(dtype, jnp.floating):
        raise TypeError(f"{where}: dtype is {dtype!r}; it needs a floating point dtype")
    return jnp.dtype(dtype)
