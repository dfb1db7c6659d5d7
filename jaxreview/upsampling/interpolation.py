"""Changing the number of cells of the spatial axes of ``(*batch, *spatial, channels)``: interpolation."""

import math
from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Num

from jaxreview import _checks, _windows

__all__ = ["upsample"]

METHODS = ("nearest", "nearest-exact", "linear", "cubic", "area")


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


# One axis of n cells becomes m: every output is a sum over taps of weight times cell. Each rule below gives the table of cells (m, taps) and the
# table of weights (m, taps), or None for weights of 1, from n, m, the step from one output to the next in cells of x, and align_corners.
_Taps = tuple[np.ndarray, np.ndarray | None]


def _positions(n: int, m: int, step: float, align: bool) -> np.ndarray:
    """Where the outputs lie between the cells of the input."""
    if align:
        return np.arange(m) * ((n - 1) / (m - 1) if m > 1 else 0.0)
    return (np.arange(m) + 0.5) * step - 0.5


def _nearest(n: int, m: int, step: float, align: bool, shift: float = 0.0) -> _Taps:
    # In float32, as PyTorch: there 49 · (1/49) is 1, while in float64 it is 0.9999999999999999, which is the cell before.
    cells = np.floor((np.arange(m, dtype=np.float32) + np.float32(shift)) * np.float32(step)).astype(np.int64)
    return np.minimum(cells, n - 1)[:, None], None


def _nearest_exact(n: int, m: int, step: float, align: bool) -> _Taps:
    return _nearest(n, m, step, align, 0.5)


def _linear(n: int, m: int, step: float, align: bool) -> _Taps:
    at = np.arange(m, dtype=np.float64) if n == m else np.clip(_positions(n, m, step, align), 0, n - 1)
    low = np.floor(at).astype(np.int64)
    return np.stack([low, np.minimum(low + 1, n - 1)], 1), np.stack([1 - (at - low), at - low], 1)


def _cubic(n: int, m: int, step: float, align: bool, a: float = -0.75) -> _Taps:
    at = _positions(n, m, step, align)
    low = np.floor(at)
    offsets = np.arange(-1, 3)
    d = np.abs(at[:, None] - (low[:, None] + offsets))
    near, far = ((a + 2) * d - (a + 3)) * d * d + 1, ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
    return np.clip(low.astype(np.int64)[:, None] + offsets, 0, n - 1), np.where(d <= 1, near, far)


def _area(n: int, m: int, step: float, align: bool) -> _Taps:
    first, stop = np.arange(m) * n // m, -(-(np.arange(m) + 1) * n // m)
    counts = stop - first
    taps = np.arange(counts.max())
    # A row with fewer cells repeats its last one and shares its weight out, so that no cell meets a weight of 0 (0 · inf is NaN).
    shares = np.where(taps < counts[:, None] - 1, 1, counts.max() - counts[:, None] + 1)
    return np.minimum(first[:, None] + taps, stop[:, None] - 1), 1.0 / (counts[:, None] * shares)


_TAPS: dict[str, Callable[[int, int, float, bool], _Taps]] = {
    "nearest": _nearest,
    "nearest-exact": _nearest_exact,
    "linear": _linear,
    "cubic": _cubic,
    "area": _area,
}


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
    n, (m, taps) = x.shape[axis], cells.shape
    before, after = x.shape[:axis], x.shape[axis + 1 :]
    if weights is None and m % n == 0 and np.array_equal(cells[:, 0], np.arange(m) // (m // n)):
        # Repetition: its gradient is a plain sum; that of `take` is a scatter, measured five times slower on 8×56×56×64.
        return jnp.broadcast_to(x.reshape(*before, n, 1, *after), (*before, n, m // n, *after)).reshape(*before, m, *after)
    if weights is None:
        return jnp.take(x, cells[:, 0], axis=axis, mode="clip")
    if taps > 8:  # one gather, so that the program does not grow with the window
        gathered = jnp.take(x, cells.ravel(), axis=axis, mode="clip").reshape(*before, m, taps, *after)
        return (gathered * _shaped(weights, x, axis, len(after))).sum(axis + 1)
    total = jnp.take(x, cells[:, 0], axis=axis, mode="clip") * _shaped(weights[:, 0], x, axis, len(after))
    for t in range(1, taps):
        total = total + jnp.take(x, cells[:, t], axis=axis, mode="clip") * _shaped(weights[:, t], x, axis, len(after))
    return total


def _shaped(weights: np.ndarray, x: jax.Array, axis: int, after: int) -> jax.Array:
    return jnp.asarray(weights.reshape((1,) * axis + weights.shape + (1,) * after), x.dtype)
