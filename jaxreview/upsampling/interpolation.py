"""Changing the number of cells of the spatial axes of ``(*batch, *spatial, channels)``: interpolation."""

import functools
import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Num

from jaxreview import _checks, _windows

__all__ = ["resize", "upsample"]

METHODS = ("nearest", "nearest-exact", "linear", "cubic", "area")


def resize(
    x: Num[Array, "*shape channels"], size: Sequence[int], *, method: str = "nearest", align_corners: bool = False, antialias: bool = False
) -> Num[Array, "*resized channels"]:
    """Interpolate each spatial axis to m cells: y[o] = Σ over t of weight[o, t] · x[cell[o, t]], axis by axis.

    Output o of an axis with n cells looks at the position s of x, whose cells lie at 0 … n − 1 (beyond them the nearest cell counts), as PyTorch's
    `interpolate(size=…)` does:
    `"nearest"` takes the cell ⌊o·n/m⌋; `"nearest-exact"` the cell ⌊(o + ½)·n/m⌋, both in float32; `"linear"` mixes the two cells around
    s = (o + ½)·n/m − ½ by their distance; `"cubic"` the four around the same s by the cubic convolution kernel with a = −¾; `"area"` is the mean of the
    cells ⌊o·n/m⌋ … ⌈(o + 1)·n/m⌉ − 1. With `align_corners` s = o·(n − 1)/(m − 1), so that first and last cells stay where they are, and 0 where m = 1.
    With `antialias` an axis that shrinks has its kernel (the cubic one then with a = −½) widened by the step from one s to the next, so that every cell
    counts; weights are divided by their sum over the cells inside of x.

    Args:
        x: `(*batch, *spatial, channels)`, real; for the two nearest methods integer too. `*batch` may be empty.
        size: a tuple with one positive number of cells per spatial axis; its length is the number of spatial axes.
        method: `"nearest"`, `"nearest-exact"`, `"linear"`, `"cubic"` or `"area"`.
        align_corners: for `"linear"` and `"cubic"` only.
        antialias: for `"linear"` and `"cubic"` only.

    Returns:
        `(*batch, *size, channels)` in the dtype of x; float16 and bfloat16 accumulate in float32.

    Raises:
        TypeError: x is boolean or complex, or integer where a real is needed; size is not a tuple of ints.
        ValueError: an unknown method; align_corners or antialias with a method that has none; a size below 1; x has too few axes, or a spatial axis
            without cells.

    References:
        Keys, Cubic Convolution Interpolation for Digital Image Processing (1981), for the cubic kernel.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import resize
        >>> x = jnp.array([0.0, 4.0, 8.0, 12.0]).reshape(4, 1)
        >>> resize(x, (2,)).ravel().tolist()
        [0.0, 8.0]
        >>> resize(x, (7,), method="linear", align_corners=True).ravel().tolist()
        [0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0]
        >>> resize(x, (2,), method="linear").ravel().tolist()
        [2.0, 10.0]
    """
    if not isinstance(size, (tuple, list)) or not size:
        raise TypeError(f"resize: size is {size!r}; it needs a non-empty tuple with one int per spatial axis, for example (32, 32)")
    outputs = _windows.per_axis("resize", "size", size, len(size), minimum=1)
    x, align = _open("resize", x, len(outputs), method, align_corners)
    smooth = _checks.flag("resize", "antialias", antialias)
    if smooth and method not in _ANTIALIASED:
        raise ValueError(f"resize: antialias is True with method {method!r}; it needs method 'linear' or 'cubic'")
    spatial = x.shape[x.ndim - 1 - len(outputs) : -1]
    if 0 in spatial:
        raise ValueError(f"resize: x has shape {x.shape}; it needs at least one cell on each of its {len(outputs)} spatial axes")
    rule = (_ANTIALIASED if smooth else _TAPS)[method]
    return _interpolate(x, [rule(n, m, n / m, align) for n, m in zip(spatial, outputs, strict=True)])


def upsample(
    x: Num[Array, "*shape channels"], scale: Sequence[float], *, method: str = "nearest", align_corners: bool = False
) -> Num[Array, "*scaled channels"]:
    """Interpolate each spatial axis to f times its cells: y[o] = Σ over t of weight[o, t] · x[cell[o, t]], axis by axis.

    Output o of an axis with n cells and factor f, m = ⌊n·f⌋ outputs, looks at the position s of x, whose cells lie at 0 … n − 1 (beyond them the
    nearest cell counts), as PyTorch's `interpolate(scale_factor=f)` does:
    `"nearest"` takes the cell ⌊o/f⌋; `"nearest-exact"` the cell ⌊(o + ½)/f⌋; both in float32, where o = 49, f = 49 gives 1 and not 0.99…;
    `"linear"` mixes the two cells around s = (o + ½)/f − ½ by their distance (with m = n it copies); `"cubic"` the four around the same s by the
    cubic convolution kernel with a = −¾; `"area"` is the mean of the cells ⌊o·n/m⌋ … ⌈(o + 1)·n/m⌉ − 1.
    With `align_corners` s = o·(n − 1)/(m − 1), so that first and last cells stay where they are, and f serves only to find m.

    Args:
        x: `(*batch, *spatial, channels)`, real; for the two nearest methods integer too. `*batch` may be empty.
        scale: a tuple with one positive factor per spatial axis; its length is the number of spatial axes.
        method: `"nearest"`, `"nearest-exact"`, `"linear"`, `"cubic"` or `"area"`.
        align_corners: for `"linear"` and `"cubic"` only.

    Returns:
        `(*batch, *scaled, channels)` with ⌊n·f⌋ cells on each spatial axis, in the dtype of x; float16 and bfloat16 accumulate in float32.

    Raises:
        TypeError: x is boolean or complex, or integer where a real is needed; scale is not a tuple of numbers.
        ValueError: an unknown method; align_corners with a method that has none; a factor that is not positive and finite, or leaves no cell; x has
            too few axes.

    References:
        Keys, Cubic Convolution Interpolation for Digital Image Processing (1981), for the cubic kernel.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import upsample
        >>> x = jnp.array([0.0, 4.0]).reshape(2, 1)
        >>> upsample(x, (2,)).ravel().tolist()
        [0.0, 0.0, 4.0, 4.0]
        >>> upsample(x, (2,), method="linear").ravel().tolist()
        [0.0, 1.0, 3.0, 4.0]
    """
    if not isinstance(scale, (tuple, list)) or not scale:
        raise TypeError(f"upsample: scale is {scale!r}; it needs a non-empty tuple with one factor per spatial axis, for example (2, 2)")
    factors = [_checks.number("upsample", f"scale[{a}]", f, above=0.0) for a, f in enumerate(scale)]
    x, align = _open("upsample", x, len(factors), method, align_corners)
    spatial = x.shape[x.ndim - 1 - len(factors) : -1]
    size = []
    for a, (n, f) in enumerate(zip(spatial, factors, strict=True)):
        if not math.isfinite(f):
            raise ValueError(f"upsample: scale[{a}] is {f}; it needs a finite factor")
        size.append(_windows.resized(n, f))
        if size[-1] < 1:
            raise ValueError(f"upsample: scale[{a}] is {f:g}, which leaves none of the {n} cells of spatial axis {a}; it needs to leave at least one")
    return _interpolate(x, [_TAPS[method](n, m, 1.0 / f, align) for n, m, f in zip(spatial, size, factors, strict=True)])


def _open(where: str, x: object, ndim: int, method: object, align_corners: object) -> tuple[jax.Array, bool]:
    """The checked array and flag that every interpolation takes."""
    _checks.choice(where, "method", method, METHODS)
    array = _checks.numeric(where, "x", x) if method in ("nearest", "nearest-exact") else _checks.real(where, "x", x)
    align = _checks.flag(where, "align_corners", align_corners)
    if align and method not in ("linear", "cubic"):
        raise ValueError(f"{where}: align_corners is True with method {method!r}; it needs method 'linear' or 'cubic'")
    _checks.min_rank(where, "x", array, ndim + 1, f"(*batch, *spatial, channels) with {ndim} spatial axes")
    return array, align


# Taps that are written out one by one; beyond, all of them are gathered at once, so that the program does not grow with the window.
_UNROLLED = 16

# One axis of n cells becomes m: every output is a sum over taps of weight times cell. Each rule below gives the table of cells (m, taps) and the
# table of weights (m, taps), or None for weights of 1, from n, m, the step from one output to the next in cells of x, and align_corners.
_Taps = tuple[np.ndarray, np.ndarray | None]


def _aligned(n: int, m: int) -> float:
    """The step with which the corners stay."""
    return (n - 1) / (m - 1) if m > 1 else 0.0


def _positions(n: int, m: int, step: float, align: bool) -> np.ndarray:
    """Where the outputs lie between the cells of the input."""
    return np.arange(m) * _aligned(n, m) if align else (np.arange(m) + 0.5) * step - 0.5


def _nearest(n: int, m: int, step: float, align: bool, shift: float = 0.0) -> _Taps:
    # In float32, as PyTorch: there 49 · (1/49) is 1, while in float64 it is 0.9999999999999999, which is the cell before.
    cells = np.floor((np.arange(m, dtype=np.float32) + np.float32(shift)) * np.float32(step)).astype(np.int64)
    return np.minimum(cells, n - 1)[:, None], None


def _nearest_exact(n: int, m: int, step: float, align: bool) -> _Taps:
    return _nearest(n, m, step, align, 0.5)


def _linear(n: int, m: int, step: float, align: bool) -> _Taps:
    at = np.arange(m, dtype=np.float64) if n == m else np.clip(_positions(n, m, step, align), 0, n - 1)
    low = np.floor(at).astype(np.int64)
    return _tight(np.stack([low, np.minimum(low + 1, n - 1)], 1), np.stack([1 - (at - low), at - low], 1))


def _cubic(n: int, m: int, step: float, align: bool) -> _Taps:
    at = _positions(n, m, step, align)
    cells = np.floor(at).astype(np.int64)[:, None] + np.arange(-1, 3)
    return _tight(np.clip(cells, 0, n - 1), _keys(np.abs(at[:, None] - cells), -0.75))


def _area(n: int, m: int, step: float, align: bool) -> _Taps:
    first, stop = np.arange(m) * n // m, -(-(np.arange(m) + 1) * n // m)
    cells = first[:, None] + np.arange((stop - first).max())
    return _tight(np.minimum(cells, n - 1), (cells < stop[:, None]) / (stop - first)[:, None])


def _antialiased(n: int, m: int, step: float, align: bool, reach: int, kernel: Callable[[np.ndarray], np.ndarray]) -> _Taps:
    step = _aligned(n, m) if align else step
    wide, at = max(step, 1.0), step * (np.arange(m) + 0.5) - 0.5  # PyTorch's positions, with corners aligned too
    first, stop = (np.clip((at + side * reach * wide + 1).astype(np.int64), 0, n) for side in (-1, 1))
    cells = first[:, None] + np.arange((stop - first).max())
    weights = np.where(cells < stop[:, None], kernel(np.abs(cells - at[:, None]) / wide), 0.0)
    return _tight(np.minimum(cells, n - 1), weights / weights.sum(1, keepdims=True))


def _antialiased_linear(n: int, m: int, step: float, align: bool) -> _Taps:
    return _antialiased(n, m, step, align, 1, lambda d: np.maximum(1 - d, 0))


def _antialiased_cubic(n: int, m: int, step: float, align: bool) -> _Taps:
    return _antialiased(n, m, step, align, 2, lambda d: _keys(d, -0.5))


def _keys(d: np.ndarray, a: float) -> np.ndarray:
    """Keys' cubic convolution kernel at the distances d."""
    near, far = ((a + 2) * d - (a + 3)) * d * d + 1, ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
    return np.where(d <= 1, near, np.where(d < 2, far, 0.0))


def _tight(cells: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same sums without a weight of 0, since 0 · inf is NaN: such a tap takes a share of the row's heaviest one."""
    row, heaviest = np.arange(len(cells)), np.abs(weights).argmax(1)
    shared = weights == 0
    shared[row, heaviest] = True
    share = weights[row, heaviest] / shared.sum(1)
    return np.where(shared, cells[row, heaviest, None], cells), np.where(shared, share[:, None], weights)


def _turned(n: int, cells: np.ndarray, weights: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """The table of the transpose: which outputs (n, taps) take each cell, and with what weight."""
    m = len(cells)
    pairs, which = np.unique((cells * m + np.arange(m)[:, None]).ravel(), return_inverse=True)
    cell, output = np.divmod(pairs, m)
    counts = np.bincount(cell, minlength=n)
    tap = np.arange(len(pairs)) - (np.cumsum(counts) - counts)[cell]
    outputs, shares = np.zeros((n, counts.max()), np.int64), np.zeros((n, counts.max()))
    outputs[cell, tap], shares[cell, tap] = output, np.bincount(which, None if weights is None else weights.ravel())
    return _tight(outputs, shares)


_TAPS: dict[str, Callable[[int, int, float, bool], _Taps]] = {
    "nearest": _nearest,
    "nearest-exact": _nearest_exact,
    "linear": _linear,
    "cubic": _cubic,
    "area": _area,
}
_ANTIALIASED: dict[str, Callable[[int, int, float, bool], _Taps]] = {"linear": _antialiased_linear, "cubic": _antialiased_cubic}


def _interpolate(x: jax.Array, tables: Sequence[_Taps]) -> jax.Array:
    """Each spatial axis of ``x`` by its table. Halves are widened, for the sums and for the gradient, which sums too."""
    dtype, lead = x.dtype, x.ndim - 1 - len(tables)
    if jnp.issubdtype(dtype, jnp.floating):
        x = x.astype(_checks.accumulator(dtype))
    # Axes that shrink go first: the rest has less to do.
    for axis in sorted(range(len(tables)), key=lambda a: tables[a][0].shape[0] / x.shape[lead + a]):
        x = _along(x, lead + axis, *tables[axis])
    return x.astype(dtype)


def _along(x: jax.Array, axis: int, cells: np.ndarray, weights: np.ndarray | None) -> jax.Array:
    n, m = x.shape[axis], len(cells)
    before, after = x.shape[:axis], x.shape[axis + 1 :]
    if (cells == cells[:, :1]).all():
        cells, weights = cells[:, :1], None
    if weights is None and m % n == 0 and np.array_equal(cells[:, 0], np.arange(m) // (m // n)):
        # Repetition: its gradient is a plain sum.
        return jnp.broadcast_to(x.reshape(*before, n, 1, *after), (*before, n, m // n, *after)).reshape(*before, m, *after)
    if not jnp.issubdtype(x.dtype, jnp.floating):
        return _taken(x, axis, cells, weights)

    @jax.custom_jvp
    def apply(x: jax.Array) -> jax.Array:
        return _taken(x, axis, cells, weights)

    @apply.defjvp
    def _(primals: tuple[jax.Array], tangents: tuple[jax.Array]) -> tuple[jax.Array, jax.Array]:
        y = apply(*primals)
        back = _turned(n, cells, weights)
        like: Any = jax.typeof(primals[0])  # with its variance over devices within shard_map
        turned = jax.linear_transpose(lambda y: _taken(y, axis, *back), like.update(shape=y.shape, weak_type=False))
        return y, turned(*tangents)[0]

    return apply(x)


def _taken(x: jax.Array, axis: int, cells: np.ndarray, weights: np.ndarray | None) -> jax.Array:
    """The sum over taps of weight times cell."""
    m, taps = cells.shape
    shape = (*x.shape[:axis], m, *x.shape[axis + 1 :])
    x = x.reshape(*x.shape[: axis + 1], math.prod(x.shape[axis + 1 :]))
    if weights is None:
        return jnp.take(x, cells[:, 0], axis=axis, mode="clip").reshape(shape)
    if taps > _UNROLLED:
        gathered = jnp.take(x, cells.ravel(), axis=axis, mode="clip").reshape(*x.shape[:axis], m, taps, *x.shape[axis + 1 :])
        return (gathered * _shaped(weights, x, axis)).sum(axis + 1).reshape(shape)
    terms = (jnp.take(x, cells[:, t], axis=axis, mode="clip") * _shaped(weights[:, t], x, axis) for t in range(taps))
    return functools.reduce(operator.add, terms).reshape(shape)


def _shaped(weights: np.ndarray, x: jax.Array, axis: int) -> jax.Array:
    return jnp.asarray(weights.reshape((1,) * axis + weights.shape + (1,) * (x.ndim - 1 - axis)), x.dtype)
