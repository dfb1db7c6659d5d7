"""Max pooling over windows of the spatial axes of ``(*batch, *spatial, channels)``."""

import math
from collections.abc import Sequence
from functools import partial, reduce
from itertools import product
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Int, Num

from jaxreview import _checks, _windows
from jaxreview._windows import Geometry, Padding, PerAxis
from jaxreview.pooling._geometry import geometry as checked

__all__ = ["max_pool"]


# Windows longer than this on an axis are taken by doubling, in log2(window) maxima and not window − 1. Measured on 4×96×96×16 (CPU, forward and
# gradient): 6 taps, stride 6: 4 ms in a chain, 8 ms doubled; 8 taps, stride 8: 14 and 5 ms; 8 taps, stride 2: 64 and 3 ms; 16, stride 16: 30 and 5 ms.
DOUBLE_ABOVE = 6


class _Field(NamedTuple):
    """Candidates for a maximum: their values and the flat index of each, None where nobody asks.

    ``position`` has the rank of ``values``, and length 1 on the axes on which it does not depend.
    """

    values: jax.Array
    position: jax.Array | np.ndarray | None

    def cut(self, axes: Sequence[int], starts: Sequence[int], counts: Sequence[int], strides: Sequence[int]) -> "_Field":
        """``counts`` entries from ``starts`` on, ``strides`` apart, along ``axes``."""
        where = {a: slice(i, i + (n - 1) * s + 1, s) for a, i, n, s in zip(axes, starts, counts, strides, strict=True)}

        def one(a: jax.Array | np.ndarray) -> jax.Array | np.ndarray:
            cuts = [where.get(axis, slice(0, n, 1)) for axis, n in enumerate(a.shape)]
            if isinstance(a, np.ndarray):
                return a[tuple(cuts)]
            return lax.slice(a, [c.start for c in cuts], [c.stop for c in cuts], [c.step for c in cuts])

        return _Field(jnp.asarray(one(self.values)), None if self.position is None else one(self.position))


def _leads(a: jax.Array, b: jax.Array) -> jax.Array:
    """Where the first of two candidates stays ahead: it is greater, equal, or a NaN, which is over all."""
    keep = a >= b
    return keep | (a != a) if jnp.issubdtype(a.dtype, jnp.floating) else keep


def _first_maximum(a: _Field, b: _Field) -> _Field:
    """Element by element the greater of two candidates.

    A ``where`` and not ``maximum``, whose gradient would be split between equal values.
    """
    keep = _leads(a.values, b.values)
    index = None if a.position is None or b.position is None else jnp.where(keep, a.position, b.position)
    return _Field(jnp.where(keep, a.values, b.values), index)


def _padded(field: _Field, geometry: Geometry, axes: Sequence[int]) -> _Field:
    """The field with what the windows reach beyond the input, and with the axes' share added to its indices.

    Padding holds the least value and, as its index, that of the nearest cell that a window reaching there sees too. So where it ties for the
    maximum, with nothing greater in the window, the index is that of the window's first cell. (A mask of the padding did the same for the
    gradient at −inf, and made the gradient of window 3, stride 2 eight times slower on 8×112×112×64.)
    """
    values, index = field
    lead, rank = values.ndim - 1 - len(geometry.spatial), values.ndim
    pads, share = [(0, 0, 0)] * rank, np.zeros((1,) * rank, np.int32)
    for a in axes:
        n, (before, after), d = geometry.spatial[a], geometry.overhang(a), geometry.dilation[a]
        pads[lead + a] = (before, max(after, 0), 0)
        cells = np.arange(-before, n + max(after, 0))
        cells = np.where(cells < 0, cells % d, np.where(cells < n, cells, n - 1 - (n - 1 - cells) % d)).clip(0, n - 1).astype(np.int32)
        if index is not None and pads[lead + a] != (0, 0, 0):
            index = jnp.take(index, cells, axis=lead + a, mode="clip")
        share = share + cells.reshape((-1,) + (1,) * (rank - 1 - lead - a)) * np.int32(math.prod(geometry.spatial[a + 1 :]))
    if any(pad != (0, 0, 0) for pad in pads):
        least = -jnp.inf if jnp.issubdtype(values.dtype, jnp.floating) else jnp.iinfo(values.dtype).min
        values = lax.pad(values, jnp.asarray(least, values.dtype), pads)
    return _Field(values, share if index is None else index + share)


def _taps(field: _Field, geometry: Geometry, axes: Sequence[int]) -> list[_Field]:
    """What each tap of the window sees on the padded field, in row-major order of the taps."""
    where = [field.values.ndim - 1 - len(geometry.spatial) + a for a in axes]
    starts = product(*([t * geometry.dilation[a] for t in range(geometry.window[a])] for a in axes))
    outs, strides = [geometry.out[a] for a in axes], [geometry.stride[a] for a in axes]
    return [field.cut(where, start, outs, strides) for start in starts]


def _maximum(field: _Field, geometry: Geometry, axes: Sequence[int], indexed: bool) -> _Field:
    """The maximum under the window along some of the spatial axes at once."""
    field = _padded(field, geometry, axes)
    field = field if indexed else _Field(field.values, None)
    if len(axes) == 1 and geometry.window[axes[0]] > DOUBLE_ABOVE:
        best = _by_doubling(field, geometry, axes[0], field.values.ndim - 1 - len(geometry.spatial) + axes[0])
    else:
        best = reduce(_first_maximum, _taps(field, geometry, axes))
    return _Field(best.values, None if best.position is None else jnp.broadcast_to(best.position, best.values.shape))


def _by_doubling(field: _Field, geometry: Geometry, axis: int, where: int) -> _Field:
    """Maxima of blocks of 1, 2, 4, … taps at every position; two of the longest overlap to the window, and a cell seen twice is still one cell."""
    k, s, d, out = geometry.window[axis], geometry.stride[axis], geometry.dilation[axis], geometry.out[axis]
    block, width, count = field, 1, (out - 1) * s + _windows.effective(k, d)
    while width < k:
        step = min(width, k - width)
        count -= step * d
        block = _first_maximum(block.cut([where], [0], [count], [1]), block.cut([where], [step * d], [count], [1]))
        width += step
    return block.cut([where], [0], [out], [s])


def _one_by_one(geometry: Geometry) -> list[tuple[int, ...]]:
    """The spatial axes, each in a pass of its own; the last goes first, so that the first maximum is the first in row-major order."""
    return [(a,) for a in reversed(range(len(geometry.spatial)))]


def _forward_groups(geometry: Geometry) -> list[tuple[int, ...]]:
    """Which spatial axes are pooled in one pass where no gradient is asked for.

    One pass holds no intermediate: with window 3×3×3, stride 2 on 1×16×56×56×64 it takes 2.2 ms and twice the memory of input and output, axis by axis
    1.9 ms and 2.4 times. Measured with window 13×13, where it would have 169 taps, axis by axis is 17 times as fast as `reduce_window`.
    """
    short = math.prod(geometry.window) <= 27
    return [tuple(range(len(geometry.spatial)))] if short and max(geometry.window) <= DOUBLE_ABOVE else _one_by_one(geometry)


def _gradient_groups(geometry: Geometry) -> list[tuple[int, ...]]:
    """Which spatial axes are pooled in one pass with a gradient.

    Measured (CPU, forward and gradient): 8×112×112×64, window 2, stride 2 takes 5 ms in one pass over the four taps and 8 ms axis by axis, window 3,
    stride 2 takes 20 and 26 ms; 8×28×28×192, window 3, stride 1 takes 55 ms in one pass and 5 ms axis by axis.
    """
    short = (
        math.prod(geometry.window) <= 16
        and max(geometry.window) <= DOUBLE_ABOVE
        and all(s > 1 or k == 1 for s, k in zip(geometry.stride, geometry.window, strict=True))
    )
    return [tuple(range(len(geometry.spatial)))] if short else _one_by_one(geometry)


def _plain(x: jax.Array, geometry: Geometry, indexed: bool) -> tuple[jax.Array, ...]:
    field = _Field(x, None)
    for axes in _forward_groups(geometry):
        field = _maximum(field, geometry, axes, indexed)
    return (field.values,) if field.position is None else (field.values, jnp.asarray(field.position))


# The value has its own best order of passes and the gradient another one; a tangent written by hand keeps every transform.
_pooled = jax.custom_jvp(_plain, nondiff_argnums=(1, 2))


@_pooled.defjvp
def _pooled_jvp(geometry: Geometry, indexed: bool, primals: tuple[jax.Array], tangents: tuple[jax.Array]) -> tuple[tuple[jax.Array, ...], tuple[Any, ...]]:
    if _side_by_side(geometry):
        pooled = _plain(primals[0], geometry, indexed)
        slopes = _chosen(primals[0], tangents[0], geometry)
        return pooled, (slopes, np.zeros(slopes.shape, jax.dtypes.float0)) if indexed else (slopes,)
    field, tangent = _Field(primals[0], None), tangents[0]
    for axes in _gradient_groups(geometry):
        if len(axes) == 1 and geometry.window[axes[0]] <= DOUBLE_ABOVE:
            field, tangent = _followed(field, tangent, geometry, axes[0], indexed)
        else:
            pool = partial(_values, position=field.position, geometry=geometry, axes=axes, indexed=indexed)
            best, tangent, position = jax.jvp(pool, (field.values,), (tangent,), has_aux=True)
            field = _Field(best, position)
    if field.position is None:
        return (field.values,), (tangent,)
    return (field.values, jnp.asarray(field.position)), (tangent, np.zeros(field.values.shape, jax.dtypes.float0))


def _side_by_side(geometry: Geometry) -> bool:
    """Whether the windows are small and cut the plane into blocks."""
    return geometry.stride == geometry.window and max(geometry.dilation) == 1 and math.prod(geometry.window) <= 27


def _chosen(x: jax.Array, tangent: jax.Array, geometry: Geometry) -> jax.Array:
    """The tangent of the tap that holds the maximum, the first of equal ones, of windows side by side.

    The plane is split into its taps, because the transpose of a split is a concatenation. Measured (CPU, forward and gradient, the least of 60): 8×112×112×64,
    window 2×2, takes 2.7 ms so and 5.4 ms through the chain of maxima, 1×32×32×32×32, window 2×2×2, 1.5 and 2.2 ms. The winner is found among the taps and
    not by a comparison with the maximum: where x itself is computed on the way, it may be rounded otherwise there, and no tap would equal it.
    """
    best, *others = _blocks(x, -jnp.inf, geometry)
    winner = jnp.zeros(best.shape, jnp.int32)
    for tap, value in enumerate(others, 1):
        keep = _leads(best, value)
        best, winner = jnp.where(keep, best, value), jnp.where(keep, winner, tap)
    slopes = _blocks(tangent, 0.0, geometry)
    return reduce(jnp.add, (jnp.where(winner == tap, slope, jnp.zeros_like(slope)) for tap, slope in enumerate(slopes)))


def _blocks(x: jax.Array, around: float, geometry: Geometry) -> list[jax.Array]:
    """What each tap of windows side by side sees of x, with ``around`` in the padding."""
    lead = x.ndim - 1 - len(geometry.spatial)
    reach = [(b, o * k - b - n, 0) for (b, _), o, k, n in zip(geometry.padding, geometry.out, geometry.window, geometry.spatial, strict=True)]
    x = lax.pad(x, jnp.asarray(around, x.dtype), [*[(0, 0, 0)] * lead, *reach, (0, 0, 0)])
    found = [x]
    for axis, (out, k) in enumerate(zip(geometry.out, geometry.window, strict=True), lead):
        cut = [a.reshape(*a.shape[:axis], out, k, *a.shape[axis + 1 :]) for a in found]
        found = [jnp.squeeze(tap, axis + 1) for a in cut for tap in lax.split(a, (1,) * k, axis=axis + 1)]
    return found


def _values(values: jax.Array, position: Any, geometry: Geometry, axes: Sequence[int], indexed: bool) -> tuple[jax.Array, Any]:
    best = _maximum(_Field(values, position), geometry, axes, indexed)
    return best.values, best.position


def _followed(field: _Field, tangent: jax.Array, geometry: Geometry, axis: int, indexed: bool) -> tuple[_Field, jax.Array]:
    """One axis pooled, and the tangent of the tap that won.

    By the winner's number the gradient finds its way in one sweep; through the chain of maxima it takes 10 ms instead of 3 with window 5, stride 1 on
    4×13×13×512 (CPU).
    """
    padded = _padded(field, geometry, (axis,))
    best, *others = _taps(padded if indexed else _Field(padded.values, None), geometry, (axis,))
    winner = jnp.zeros(best.values.shape, jnp.int32)
    for tap, other in enumerate(others, 1):
        winner = jnp.where(_leads(best.values, other.values), winner, tap)
        best = _first_maximum(best, other)
    slopes = _by_phase(tangent, geometry, axis)
    total = jnp.where(winner == 0, slopes[0], jnp.zeros_like(slopes[0]))
    for tap, slope in enumerate(slopes[1:], 1):
        total = total + jnp.where(winner == tap, slope, jnp.zeros_like(slope))
    return _Field(best.values, None if best.position is None else jnp.broadcast_to(best.position, best.values.shape)), total


def _by_phase(x: jax.Array, geometry: Geometry, axis: int) -> list[jax.Array]:
    """What each tap sees of x along one axis, zeros in the padding.

    The axis is first split into blocks of `stride` cells: the transpose of a strided slice is slower than that of a plain one (20 and 15 ms with window
    3×3×3, stride 2 on 1×16×56×56×64, CPU, forward and gradient).
    """
    where = x.ndim - 1 - len(geometry.spatial) + axis
    k, s, d, out, n = geometry.window[axis], geometry.stride[axis], geometry.dilation[axis], geometry.out[axis], geometry.spatial[axis]
    before, blocks = geometry.padding[axis][0], out - 1 + -(-_windows.effective(k, d) // s)
    pads = [(0, 0, 0)] * x.ndim
    pads[where] = (before, blocks * s - n - before, 0)
    split = lax.pad(x, jnp.zeros((), x.dtype), pads).reshape(*x.shape[:where], blocks, s, *x.shape[where + 1 :])
    return [lax.slice_in_dim(lax.index_in_dim(split, t * d % s, where + 1, keepdims=False), t * d // s, t * d // s + out, axis=where) for t in range(k)]


def max_pool(
    x: Num[Array, "*shape channels"],
    window: Sequence[int],
    *,
    stride: PerAxis | None = None,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Num[Array, "*pooled channels"] | tuple[Num[Array, "*pooled channels"], Int[Array, "*pooled channels"]]:
    """Maximum under a window: y[o] = max over k of x[o·stride − padding + k·dilation].

    Of equal maxima the first in row-major order wins: its index is returned and it gets the whole gradient. A NaN wins over every number.
    Padding never wins; only the gradient at a window of nothing but −inf may be lost to it. Integers are pooled as they are.

    Args:
        x: `(*batch, *spatial, channels)`, real or integer; `*batch` may be empty.
        window: one int per spatial axis; its length is the number of spatial axes.
        stride: int or one per axis; None is the window itself.
        padding: int, one per axis, `(before, after)` pairs, `"VALID"`, `"SAME"` or `"SAME_LOWER"`; ints at most half the window's extent.
        dilation: int or one per axis, the distance between neighbouring taps.
        ceil_mode: round the output size up: a last window may reach beyond the input, if it starts inside the input or the padding before it.
        return_indices: also return where each maximum was.

    Returns:
        `(*batch, *out, channels)` in the dtype of x; with `return_indices` a pair of it and int32 indices of the same shape, row-major over the
        unpadded spatial axes of one example and channel, as `max_unpool` takes them.

    Raises:
        TypeError: x is boolean or complex, the window is not a tuple, or a setting is not an int.
        ValueError: x has too few axes, no window fits, padding is over half the window, or a setting does not fit the axes.

    References:
        Dumoulin & Visin, A guide to convolution arithmetic for deep learning (2016), section 3.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import max_pool
        >>> x = jnp.array([1.0, 3.0, 3.0, -2.0]).reshape(4, 1)
        >>> y, indices = max_pool(x, (2,), return_indices=True)
        >>> y.ravel().tolist(), indices.ravel().tolist()
        ([3.0, 3.0], [1, 2])
    """
    x, indexed = _checks.numeric("max_pool", "x", x), _checks.flag("max_pool", "return_indices", return_indices)
    geometry = checked("max_pool", x, window, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode)
    # Halves are widened (exactly) for the sake of the gradient, which adds up where windows overlap.
    wide = x.astype(_checks.accumulator(x.dtype)) if jnp.issubdtype(x.dtype, jnp.floating) else x
    found = _pooled(wide, geometry, indexed)
    return (found[0].astype(x.dtype), found[1]) if indexed else found[0].astype(x.dtype)
