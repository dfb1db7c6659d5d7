"""Reading the cells of ``(*batch, *spatial, channels)`` at coordinates between them."""

import math
from collections.abc import Sequence
from functools import partial, reduce
from itertools import product
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxreview import _checks, _windows

__all__ = ["affine_grid", "grid_sample"]

METHODS = ("nearest", "linear", "cubic")
PADDING_MODES = ("zeros", "border", "reflection")


def affine_grid(theta: Float[Array, "*batch axes augmented"], size: Sequence[int], *, align_corners: bool = False) -> Float[Array, "*shape axes"]:
    """Where the cells of an output of a given size lie under affine maps: grid[o] = theta · (coordinates of o, 1).

    Coordinates are (x, y[, z]): the first runs along the last spatial axis. Cell o of n lies at (2·o + 1)/n − 1; with `align_corners` at
    2·o/(n − 1) − 1, and a single cell at 0.

    Args:
        theta: `(*batch, d, d + 1)` for d spatial axes, a map from output to input coordinates, its translation last.
        size: the spatial shape, d ints.
        align_corners: −1 and 1 are the centres of the first and the last cell, not their outer edges. Give `grid_sample` the same.

    Returns:
        `(*batch, *size, d)` in the dtype of theta, as `grid_sample` takes it.

    Raises:
        TypeError: theta is not floating point, size is not a tuple of ints, or align_corners is not a bool.
        ValueError: an entry of size is below 1, or theta has another shape.

    References:
        Jaderberg, Simonyan, Zisserman & Kavukcuoglu, Spatial Transformer Networks (2015), equation 1.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import affine_grid
        >>> affine_grid(jnp.array([[1.0, 0.5]]), (2,)).tolist()
        [[0.0], [1.0]]
    """
    theta, align = _checks.real("affine_grid", "theta", theta), _checks.flag("affine_grid", "align_corners", align_corners)
    if not isinstance(size, (tuple, list)) or not size:
        raise TypeError(f"affine_grid: size is {size!r}; it needs a non-empty tuple with one int per spatial axis, for example (28, 28)")
    sizes, d = _windows.per_axis("affine_grid", "size", size, len(size), minimum=1), len(size)
    _checks.min_rank("affine_grid", "theta", theta, 2, f"(*batch, {d}, {d + 1}) for {d} spatial axes, as size has")
    _checks.shape("affine_grid", "theta", theta, (*theta.shape[:-2], d, d + 1), f"(*batch, {d}, {d + 1}) for {d} spatial axes, as size has")
    wide = theta.astype(_checks.accumulator(theta.dtype))

    def column(j: int) -> jax.Array:
        return wide[..., j].reshape(*theta.shape[:-2], *(1,) * d, d)

    grid = jnp.broadcast_to(column(d), (*theta.shape[:-2], *sizes, d))
    for j, n in enumerate(reversed(sizes)):
        places = (2 * np.arange(n) / (n - 1) - 1 if n > 1 else np.zeros(1)) if align else (2 * np.arange(n) + 1) / n - 1
        along = [1] * (theta.ndim - 2) + [1] * d + [1]
        along[-2 - j] = n
        grid = grid + column(j) * jnp.asarray(places.reshape(along), wide.dtype)
    return grid.astype(theta.dtype)


def grid_sample(
    x: Float[Array, "*shape channels"],
    grid: Float[Array, "*sampled axes"],
    *,
    method: str = "linear",
    padding_mode: str = "zeros",
    align_corners: bool = False,
) -> Float[Array, "*result channels"]:
    """Interpolates x at given coordinates: y[o] = Σ over the cells around grid[o] of weight · x[cell].

    Coordinates are (x, y[, z]) in [−1, 1]: the first runs along the last spatial axis. On an axis of n cells, g is the position
    ((g + 1)·n − 1)/2 between cells 0 … n − 1; with `align_corners` (g + 1)/2·(n − 1). `"nearest"` takes the cell at the rounded position (half to
    even), `"linear"` mixes the two cells around it on each axis, `"cubic"` the four by the cubic convolution kernel with a = −¾.
    The gradient of the grid is that of the weights: 0 for `"nearest"`.

    Args:
        x: `(*batch, *spatial, channels)`; `*batch` may be empty.
        grid: `(*batch, *out, d)` with the batch axes of x; d is the number of spatial axes.
        method: `"nearest"`, `"linear"` or `"cubic"`.
        padding_mode: what lies outside. `"zeros"`: every cell outside is 0. `"border"`: the nearest cell, with no gradient for the coordinate.
            `"reflection"`: x mirrored at the outer edges of its cells, or at the centres of the outer cells with `align_corners`.
        align_corners: −1 and 1 are the centres of the first and the last cell, not their outer edges.

    Returns:
        `(*batch, *out, channels)` in the promoted dtype of x and grid; float16 and bfloat16 are sampled in float32. A coordinate that is NaN gives NaN.

    Raises:
        TypeError: x or grid is not floating point, or align_corners is not a bool.
        ValueError: an unknown method or padding mode, other batch axes than those of x, an empty spatial axis, or a rank that does not fit.

    References:
        Jaderberg, Simonyan, Zisserman & Kavukcuoglu, Spatial Transformer Networks (2015), equation 3.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import grid_sample
        >>> x = jnp.array([0.0, 4.0]).reshape(2, 1)
        >>> grid_sample(x, jnp.array([[-0.5], [0.0], [1.0]])).ravel().tolist()
        [0.0, 2.0, 2.0]
        >>> grid_sample(x, jnp.array([[1.0]]), padding_mode="border").ravel().tolist()
        [4.0]
    """
    x, grid = _checks.real("grid_sample", "x", x), _checks.real("grid_sample", "grid", grid)
    _checks.choice("grid_sample", "method", method, METHODS)
    _checks.choice("grid_sample", "padding_mode", padding_mode, PADDING_MODES)
    align = _checks.flag("grid_sample", "align_corners", align_corners)
    _checks.min_rank("grid_sample", "grid", grid, 1, "(*batch, *out, d)")
    d = grid.shape[-1]
    if d < 1:
        raise ValueError(f"grid_sample: grid has shape {grid.shape}; it needs at least one coordinate on its last axis")
    _checks.min_rank("grid_sample", "x", x, d + 1, f"(*batch, *spatial, channels) with {d} spatial axes, the coordinates of grid")
    batch, spatial = x.shape[: x.ndim - d - 1], x.shape[x.ndim - d - 1 : -1]
    if grid.shape[: len(batch)] != batch or grid.ndim < len(batch) + 1:
        raise ValueError(f"grid_sample: grid has shape {grid.shape}; it needs the batch axes of x, {batch}, in front (nothing is broadcast)")
    if not all(spatial):
        raise ValueError(f"grid_sample: x has spatial axes {spatial}; it needs at least one cell on each")
    dtype = _checks.result_dtype(x, grid)
    wide = _checks.accumulator(dtype)
    examples, out = math.prod(batch), grid.shape[len(batch) : -1]
    cells = x.astype(wide).reshape(examples, math.prod(spatial), x.shape[-1])
    points = grid.astype(wide).reshape(examples, math.prod(out), d)
    y = jax.vmap(partial(_sampled, spatial=spatial, method=method, mode=padding_mode, align=align))(cells, points)
    return y.reshape(*batch, *out, x.shape[-1]).astype(dtype)


class _Tap(NamedTuple):
    """One cell on one axis for every point: its number, its weight (None for 1), and whether it is there (None for always)."""

    cell: jax.Array
    weight: jax.Array | None
    there: jax.Array | None


def _sampled(cells: jax.Array, points: jax.Array, spatial: tuple[int, ...], method: str, mode: str, align: bool) -> jax.Array:
    """One example: cells `(product of spatial, channels)` at points `(points, d)`."""
    axes = [_taps(_position(points[:, len(spatial) - 1 - a], n, align), n, method, mode, align) for a, n in enumerate(spatial)]
    total = jnp.zeros((points.shape[0], cells.shape[1]), cells.dtype)
    for taps in product(*axes):
        flat = reduce(lambda number, pair: number * pair[0] + pair[1].cell, zip(spatial, taps, strict=True), jnp.zeros((), jnp.int32))
        value = cells.at[flat].get(mode="clip")
        there = [tap.there for tap in taps if tap.there is not None]
        if there:  # the value is masked, not the weight: what lies beside the picture may be infinite
            value = jnp.where(reduce(jnp.logical_and, there)[:, None], value, jnp.zeros_like(value))
        weights = [tap.weight for tap in taps if tap.weight is not None]
        total = total + (value * reduce(jnp.multiply, weights)[:, None] if weights else value)
    lost = jnp.isnan(points).any(-1, keepdims=True)
    return jnp.where(lost, jnp.full((), jnp.nan, cells.dtype), total)


def _position(g: jax.Array, n: int, align: bool) -> jax.Array:
    return (g + 1) / 2 * (n - 1) if align else ((g + 1) * n - 1) / 2


def _taps(s: jax.Array, n: int, method: str, mode: str, align: bool) -> list[_Tap]:
    """The cells on one axis that the positions s take part of. No position is turned into an int before it is near the cells."""
    if method == "cubic":
        return _cubic(s, n, mode, align)
    s = _within(s, n, mode, align)
    if method == "nearest":
        return [_tap(jnp.round(s), None, n, mode)]
    low = jnp.floor(s)
    high = low + 1 if mode == "zeros" else jnp.minimum(low + 1, n - 1)
    return [_tap(low, 1 - (s - low), n, mode), _tap(high, s - low, n, mode)]


def _tap(cell: jax.Array, weight: jax.Array | None, n: int, mode: str) -> _Tap:
    there = (cell >= 0) & (cell < n) if mode == "zeros" else None
    return _Tap(jnp.clip(jnp.nan_to_num(cell), 0, n - 1).astype(jnp.int32), weight, there)


def _within(s: jax.Array, n: int, mode: str, align: bool) -> jax.Array:
    """The positions brought to the cells as the padding mode says, without a gradient where they are held at the border."""
    if mode == "zeros":
        return _held(s, -2.0, n + 1.0)  # beyond, there is nothing but zeros
    return _held(_mirrored(s, n, align) if mode == "reflection" else s, 0.0, n - 1.0)


def _held(s: jax.Array, low: float, high: float) -> jax.Array:
    inside = (s > low) & (s < high)
    return jnp.where(inside, s, jax.lax.stop_gradient(jnp.clip(s, low, high)))


def _mirrored(s: jax.Array, n: int, align: bool) -> jax.Array:
    low, span = (0.0, n - 1.0) if align else (-0.5, float(n))
    if span == 0:
        return jnp.zeros_like(s)
    far = jnp.where(s < low, low - s, s - low)
    turns = jax.lax.stop_gradient(jnp.floor(far / span))
    rest = far - turns * span
    return low + jnp.where(turns % 2 == 0, rest, span - rest)


def _cubic(s: jax.Array, n: int, mode: str, align: bool, a: float = -0.75) -> list[_Tap]:
    period = (max(2 * (n - 1), 1) if align else 2 * n) if mode == "reflection" else 0
    s = s - jax.lax.stop_gradient(period * jnp.floor(s / period)) if period else _held(s, -4.0, n + 3.0)
    low = jax.lax.stop_gradient(jnp.floor(s))
    t = s - low
    far, near = lambda d: ((a * d - 5 * a) * d + 8 * a) * d - 4 * a, lambda d: ((a + 2) * d - (a + 3)) * d * d + 1
    weights = [far(t + 1), near(t), near(1 - t), far(2 - t)]
    taps = []
    for offset, weight in enumerate(weights, -1):
        cell = low + offset
        if period:
            cell = cell - period * jnp.floor(cell / period)
            cell = jnp.where(cell < n, cell, period - (0 if align else 1) - cell)
        taps.append(_tap(cell, weight, n, mode))
    return taps
