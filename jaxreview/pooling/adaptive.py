"""Pooling to a given number of cells of the spatial axes of ``(*batch, *spatial, channels)``."""

import math
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Num

from jaxreview import _checks, _windows

__all__ = ["adaptive_avg_pool", "adaptive_max_pool", "global_avg_pool", "global_max_pool"]

# Windows of an axis that are written out one by one; beyond, their cells are gathered.
WRITTEN_OUT = 32


def adaptive_avg_pool(x: Float[Array, "*shape channels"], output_size: Sequence[int | None]) -> Float[Array, "*pooled channels"]:
    """Mean over m windows that cover each axis: y[o] is the mean of the cells ⌊o·n/m⌋ … ⌈(o + 1)·n/m⌉ − 1.

    Where m does not divide n the windows differ in size by one and overlap; m may be greater than n.

    Args:
        x: `(*batch, *spatial, channels)`; `*batch` may be empty.
        output_size: m for each spatial axis, or None to keep that axis; its length is the number of spatial axes.

    Returns:
        `(*batch, *output_size, channels)` in the dtype of x; float16 and bfloat16 accumulate in float32.

    Raises:
        TypeError: x is not floating point, or output_size is not a tuple of ints and None.
        ValueError: an entry of output_size is below 1, x has too few axes, or a spatial axis is empty.

    References:
        He, Zhang, Ren & Sun, Spatial Pyramid Pooling in Deep Convolutional Networks for Visual Recognition (2014), section 2.3.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import adaptive_avg_pool
        >>> adaptive_avg_pool(jnp.array([1.0, 2.0, 6.0]).reshape(3, 1), (2,)).ravel().tolist()
        [1.5, 4.0]
    """
    x = _checks.real("adaptive_avg_pool", "x", x)
    sizes = _sizes("adaptive_avg_pool", x, output_size)
    y = x.astype(_checks.accumulator(x.dtype))
    for axis, size in _shrinking_first(x, sizes):
        y = _means(y, axis, size)
    return y.astype(x.dtype)


def adaptive_max_pool(
    x: Num[Array, "*shape channels"], output_size: Sequence[int | None], *, return_indices: bool = False
) -> Num[Array, "*pooled channels"] | tuple[Num[Array, "*pooled channels"], Int[Array, "*pooled channels"]]:
    """Maximum over m windows that cover each axis: y[o] = max of the cells ⌊o·n/m⌋ … ⌈(o + 1)·n/m⌉ − 1.

    Of equal maxima the first in row-major order wins: its index is returned and it gets the whole gradient. A NaN wins over every number. Integers are
    pooled as they are.

    Args:
        x: `(*batch, *spatial, channels)`, real or integer; `*batch` may be empty.
        output_size: m for each spatial axis, or None to keep that axis; its length is the number of spatial axes.
        return_indices: also return where each maximum was.

    Returns:
        `(*batch, *output_size, channels)` in the dtype of x; with `return_indices` a pair of it and int32 indices of the same shape, row-major over the
        spatial axes of one example and channel.

    Raises:
        TypeError: x is boolean or complex, or output_size is not a tuple of ints and None.
        ValueError: an entry of output_size is below 1, x has too few axes, or a spatial axis is empty.

    References:
        He, Zhang, Ren & Sun, Spatial Pyramid Pooling in Deep Convolutional Networks for Visual Recognition (2014), section 2.3.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import adaptive_max_pool
        >>> y, indices = adaptive_max_pool(jnp.array([1.0, 3.0, 3.0]).reshape(3, 1), (2,), return_indices=True)
        >>> y.ravel().tolist(), indices.ravel().tolist()
        ([3.0, 3.0], [1, 1])
    """
    x, indexed = _checks.numeric("adaptive_max_pool", "x", x), _checks.flag("adaptive_max_pool", "return_indices", return_indices)
    values, position = _maxima(x, _sizes("adaptive_max_pool", x, output_size))
    return (values, position) if indexed else values


def global_avg_pool(x: Float[Array, "*shape channels"], *, ndim: int = 2, keepdims: bool = False) -> Float[Array, "*pooled channels"]:
    """Mean over all cells: y = Σ over the spatial axes of x / cells.

    Args:
        x: `(*batch, *spatial, channels)`; `*batch` may be empty.
        ndim: the number of spatial axes, those before the channels.
        keepdims: keep them with length 1.

    Returns:
        `(*batch, channels)`, or `(*batch, 1, …, channels)` with keepdims, in the dtype of x; float16 and bfloat16 accumulate in float32.

    Raises:
        TypeError: x is not floating point, ndim is not an int, or keepdims is not a bool.
        ValueError: ndim is below 1, x has too few axes, or a spatial axis is empty.

    References:
        Lin, Chen & Yan, Network in Network (2014), section 3.2.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import global_avg_pool
        >>> global_avg_pool(jnp.array([1.0, 2.0, 6.0]).reshape(3, 1), ndim=1).tolist()
        [3.0]
    """
    x, (kept, axes) = _checks.real("global_avg_pool", "x", x), _whole("global_avg_pool", x, ndim, keepdims)
    return x.astype(_checks.accumulator(x.dtype)).mean(axes, keepdims=kept).astype(x.dtype)


def global_max_pool(x: Num[Array, "*shape channels"], *, ndim: int = 2, keepdims: bool = False) -> Num[Array, "*pooled channels"]:
    """Maximum over all cells: y = max over the spatial axes of x.

    Of equal maxima the first in row-major order gets the whole gradient. A NaN wins over every number. Integers are pooled as they are.

    Args:
        x: `(*batch, *spatial, channels)`, real or integer; `*batch` may be empty.
        ndim: the number of spatial axes, those before the channels.
        keepdims: keep them with length 1.

    Returns:
        `(*batch, channels)`, or `(*batch, 1, …, channels)` with keepdims, in the dtype of x.

    Raises:
        TypeError: x is boolean or complex, ndim is not an int, or keepdims is not a bool.
        ValueError: ndim is below 1, x has too few axes, or a spatial axis is empty.

    References:
        Oquab, Bottou, Laptev & Sivic, Is Object Localization for Free? (2015), section 3.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import global_max_pool
        >>> global_max_pool(jnp.array([1.0, 7.0, 6.0]).reshape(3, 1), ndim=1).tolist()
        [7.0]
    """
    x, (kept, axes) = _checks.numeric("global_max_pool", "x", x), _whole("global_max_pool", x, ndim, keepdims)
    values, _ = _maxima(x, [1] * len(axes))
    return values if kept else values.reshape(*x.shape[: axes[0]], x.shape[-1])


def _sizes(where: str, x: jax.Array, output_size: object) -> list[int]:
    """The checked output size, the kept axes filled in."""
    if not isinstance(output_size, (tuple, list)) or not output_size:
        raise TypeError(f"{where}: output_size is {output_size!r}; it needs a non-empty tuple with one int or None per spatial axis, for example (7, None)")
    ndim = len(output_size)
    _checks.min_rank(where, "x", x, ndim + 1, f"(*batch, *spatial, channels) with {ndim} spatial axes, as output_size has")
    spatial = x.shape[x.ndim - 1 - ndim : -1]
    _not_empty(where, spatial)
    pairs = enumerate(zip(output_size, spatial, strict=True))
    return [n if m is None else _windows.integer(where, f"output_size[{a}]", m, minimum=1) for a, (m, n) in pairs]


def _whole(where: str, x: jax.Array, ndim: object, keepdims: object) -> tuple[bool, tuple[int, ...]]:
    """The checked flag and all spatial axes."""
    count, kept = _windows.integer(where, "ndim", ndim, minimum=1), _checks.flag(where, "keepdims", keepdims)
    _checks.min_rank(where, "x", x, count + 1, f"(*batch, *spatial, channels) with {count} spatial axes")
    axes = tuple(range(x.ndim - 1 - count, x.ndim - 1))
    _not_empty(where, [x.shape[axis] for axis in axes])
    return kept, axes


def _not_empty(where: str, spatial: Sequence[int]) -> None:
    if not all(spatial):
        raise ValueError(f"{where}: x has spatial axes {tuple(spatial)}; it needs at least one cell on each")


def _shrinking_first(x: jax.Array, sizes: Sequence[int]) -> list[tuple[int, int]]:
    """The axes that change, with their sizes; those that shrink most go first, so that the rest has less to do."""
    axes = [(axis, size) for axis, size in enumerate(sizes, x.ndim - 1 - len(sizes)) if size != x.shape[axis]]
    return sorted(axes, key=lambda pair: pair[1] / x.shape[pair[0]])


def _cells(n: int, m: int) -> tuple[np.ndarray, np.ndarray]:
    """The first cell of every window, and the one after its last."""
    return np.arange(m) * n // m, -(-(np.arange(m) + 1) * n // m)


def _means(x: jax.Array, axis: int, m: int) -> jax.Array:
    """The means of m windows along one axis.

    Windows repeat every n / gcd(n, m) cells, and none crosses from one such block to the next: the windows of all blocks are cut at once.
    """
    n, before, after = x.shape[axis], x.shape[:axis], x.shape[axis + 1 :]
    blocks = math.gcd(n, m)
    first, stop = _cells(n // blocks, m // blocks)
    if m // blocks <= WRITTEN_OUT:
        split = x.reshape(*before, blocks, n // blocks, *after)
        cuts = [jax.lax.slice_in_dim(split, int(i), int(j), axis=axis + 1).mean(axis + 1) for i, j in zip(first, stop, strict=True)]
        return jnp.stack(cuts, axis + 1).reshape(*before, m, *after)
    taps, counts = _taps(n, m)
    # Shorter windows repeat their last cell, which shares its weight out: a weight of 0 would make NaN of an infinite cell.
    shares = np.where(np.arange(taps.shape[1]) < counts[:, None] - 1, 1, taps.shape[1] - counts[:, None] + 1)
    weights = (1.0 / (counts[:, None] * shares)).reshape(m, -1, *(1,) * len(after))
    gathered = jnp.take(x, taps.ravel(), axis=axis, mode="clip").reshape(*before, m, taps.shape[1], *after)
    return (gathered * jnp.asarray(weights, x.dtype).reshape((1,) * len(before) + weights.shape)).sum(axis + 1)


def _taps(n: int, m: int) -> tuple[np.ndarray, np.ndarray]:
    """The cells under each window, shorter ones filled with their last cell, and how many are its own."""
    first, stop = _cells(n, m)
    counts = stop - first
    return np.minimum(first[:, None] + np.arange(counts.max()), stop[:, None] - 1), counts


def _maxima(x: jax.Array, sizes: Sequence[int]) -> tuple[jax.Array, jax.Array]:
    """Maxima of all windows and where they are, the last axis first, so that the first maximum is the first in row-major order."""
    lead = x.ndim - 1 - len(sizes)
    values = x.astype(_checks.accumulator(x.dtype)) if jnp.issubdtype(x.dtype, jnp.floating) else x
    position = jnp.zeros((1,) * x.ndim, jnp.int32)
    for axis in reversed(range(lead, x.ndim - 1)):
        n, m = x.shape[axis], sizes[axis - lead]
        cells = np.arange(n, dtype=np.int32).reshape(-1, *(1,) * (x.ndim - 1 - axis))
        position = position + jnp.asarray(cells * math.prod(x.shape[axis + 1 : -1])).reshape((1,) * axis + cells.shape)
        if m != n:
            values, position = _along(values, jnp.broadcast_to(position, values.shape), axis, m)
    return values.astype(x.dtype), jnp.broadcast_to(position, values.shape)


def _along(values: jax.Array, position: jax.Array, axis: int, m: int) -> tuple[jax.Array, jax.Array]:
    """The maxima of m windows along one axis, in blocks as for the means."""
    n, before, after = values.shape[axis], values.shape[:axis], values.shape[axis + 1 :]
    blocks = math.gcd(n, m)
    first, stop = _cells(n // blocks, m // blocks)
    if m // blocks > WRITTEN_OUT:
        taps, _ = _taps(n, m)  # a repeated last cell is never the first maximum
        gathered = [jnp.take(a, taps.ravel(), axis=axis, mode="clip").reshape(*before, m, taps.shape[1], *after) for a in (values, position)]
        return first_of(gathered[0], gathered[1], axis + 1)
    split = [a.reshape(*before, blocks, n // blocks, *after) for a in (values, position)]
    cuts = []
    for i, j in zip(first.tolist(), stop.tolist(), strict=True):
        cells, numbers = (jax.lax.slice_in_dim(a, i, j, axis=axis + 1) for a in split)
        cuts.append(first_of(cells, numbers, axis + 1))
    best, where = (jnp.stack(part, axis + 1).reshape(*before, m, *after) for part in zip(*cuts, strict=True))
    return best, where


def first_of(values: jax.Array, position: jax.Array, axis: int) -> tuple[jax.Array, jax.Array]:
    """The first maximum along an axis, NaN over all, and its position.

    By a comparison and a sum, whose gradient is the comparison again; that of a gather at the winner would be a scatter.
    """
    winner = jnp.argmax(values, axis, keepdims=True)
    chosen = jax.lax.broadcasted_iota(winner.dtype, values.shape, axis) == winner

    def picked(a: jax.Array) -> jax.Array:
        return jnp.where(chosen, a, jnp.zeros_like(a)).sum(axis, dtype=a.dtype)

    return picked(values), picked(position)
