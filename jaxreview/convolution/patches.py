"""The windows of an array written out, and the adjoint that adds them up again."""

import functools
import math
import operator
from collections.abc import Sequence

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Num

from jaxreview import _checks, _windows
from jaxreview.convolution._operands import split

__all__ = ["fold", "unfold"]

_MAX_PIECES = 64


def unfold(
    x: Num[Array, "*cells channels"],
    window: Sequence[int],
    *,
    stride: int | Sequence[int] = 1,
    padding: _windows.Padding = 0,
    dilation: int | Sequence[int] = 1,
) -> Num[Array, "*patches channels"]:
    """Every window as a patch: y[o, k, c] = x[o·stride − before + k·dilation, c], zero in the padding. Also known as im2col.

    A convolution is a matmul of it: `conv(x, kernel)[o]` is Σ over k and c of y[o, k, c] · kernel[k, c]. Its adjoint is `fold`.

    Args:
        x: `(*batch, *spatial, channels)`, real or integer; `*batch` may be empty.
        window: a tuple with one int per spatial axis; its length is the number of spatial axes.
        stride: cells between windows, an int or one per axis, at least 1.
        padding: zeros around x, as in `conv`: an int, one int or one `(before, after)` pair per axis, `"VALID"`, `"SAME"` or `"SAME_LOWER"`.
        dilation: cells between the taps of a window, an int or one per axis, at least 1.

    Returns:
        `(*batch, *out_spatial, *window, channels)`, with as many patches as `conv` has outputs, in the dtype of x. PyTorch's layout is
        (batch, channels · window, patches), the channel slowest.

    Raises:
        TypeError: x is boolean or complex, window is not a tuple of ints, or another setting is not an int.
        ValueError: x has too few axes, a setting is out of range, or no window fits the padded input.

    References:
        Chellapilla, Puri & Simard, High Performance Convolutional Neural Networks for Document Processing (2006), section 3.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import unfold
        >>> x = jnp.array([[1.0], [2.0], [4.0]])
        >>> unfold(x, (2,))[..., 0].tolist()
        [[1.0, 2.0], [2.0, 4.0]]
        >>> unfold(x, (2,), stride=2, padding="SAME")[..., 0].tolist()
        [[1.0, 2.0], [4.0, 0.0]]
    """
    x, window = _checks.numeric("unfold", "x", x), _windows.window_tuple("unfold", window)
    ndim = len(window)
    _checks.min_rank("unfold", "x", x, ndim + 1, f"(*batch, *spatial, channels) with {ndim} spatial axes, as window has")
    batch, spatial = split(x, ndim)
    found = _windows.geometry("unfold", spatial, window, stride=stride, padding=padding, dilation=dilation)
    runs, blocks = _runs(found), _blocks(found)
    cells = x.astype(_sums(x.dtype)).reshape((math.prod(batch), *spatial, x.shape[-1]))
    cells = _padded(cells, [(before, b * s - n - before) for n, (before, _), b, s in zip(spatial, found.padding, blocks, found.stride, strict=True)])
    cells = cells.reshape((cells.shape[0], *(size for pair in zip(blocks, found.stride, strict=True) for size in pair), cells.shape[-1]))
    cells = cells.transpose((0, *range(1, 2 * ndim, 2), *range(2, 2 * ndim + 1, 2), 2 * ndim + 1))

    def taps(part: Array, axes: Sequence[int]) -> Array:
        if not axes:
            return part
        axis, pieces = axes[0], []
        for count, block, phase in runs[axis]:
            piece = lax.slice_in_dim(part, block, block + found.out[axis], axis=1 + axis)
            pieces.append(taps(lax.slice_in_dim(piece, phase, phase + count, axis=1 + ndim + axis), axes[1:]))
        return jnp.concatenate(pieces, 1 + ndim + axis)

    for axes in _rounds(runs):
        cells = taps(cells, axes)
    return cells.astype(x.dtype).reshape((*batch, *found.out, *window, x.shape[-1]))


def fold(
    patches: Num[Array, "*patches channels"],
    output_size: Sequence[int],
    *,
    stride: int | Sequence[int] = 1,
    padding: _windows.Padding = 0,
    dilation: int | Sequence[int] = 1,
) -> Num[Array, "*cells channels"]:
    """Lays patches back to where they came from and adds up: x[i, c] = Σ over o and k with o·stride − before + k·dilation = i of patches[o, k, c].

    It is the adjoint of `unfold` with the same settings, ⟨unfold(u), patches⟩ = ⟨u, fold(patches)⟩, and not its inverse: what overlaps adds up. The number of
    windows on each cell is `fold(unfold(jnp.ones_like(x), window), size)`; divided by it (where it is not 0), folding an unfolded x gives back x, and
    folding other patches their average.

    Args:
        patches: `(*batch, *out_spatial, *window, channels)`, real or integer, as `unfold` gives them; the window is read from its shape. `*batch` may be
            empty.
        output_size: the spatial shape of the result, a tuple with one int per spatial axis. Several sizes have as many windows, so it must be given.
        stride: cells between windows, an int or one per axis, at least 1.
        padding: as in `unfold`; it is cut off the result.
        dilation: cells between the taps of a window, an int or one per axis, at least 1.

    Returns:
        `(*batch, *output_size, channels)` in the dtype of patches, zero where no window lies; float16 and bfloat16 accumulate in float32.

    Raises:
        TypeError: patches are boolean or complex, output_size is not a tuple of ints, or another setting is not an int.
        ValueError: patches have too few axes or not as many windows as fit output_size, or a setting is out of range.

    References:
        Dumoulin & Visin, A guide to convolution arithmetic for deep learning (2016), section 4.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import fold
        >>> fold(jnp.array([[[1.0], [2.0]], [[2.0], [4.0]]]), (3,)).ravel().tolist()
        [1.0, 4.0, 4.0]
    """
    patches = _checks.numeric("fold", "patches", patches)
    if not isinstance(output_size, (tuple, list)) or not output_size:
        raise TypeError(f"fold: output_size is {output_size!r}; it needs a non-empty tuple with one int per spatial axis, for example (4, 4)")
    ndim = len(output_size)
    size = _windows.per_axis("fold", "output_size", output_size, ndim, minimum=1)
    layout = f"(*batch, *out_spatial, *window, channels) with {ndim} spatial axes, as output_size has"
    _checks.min_rank("fold", "patches", patches, 2 * ndim + 1, layout)
    batch, (out, window) = patches.shape[: -2 * ndim - 1], (patches.shape[-2 * ndim - 1 : -ndim - 1], patches.shape[-ndim - 1 : -1])
    if 0 in window:
        raise ValueError(f"fold: patches has shape {patches.shape} with a window {window}; it needs at least one cell on every axis of it, {layout}")
    found = _windows.geometry("fold", size, window, stride=stride, padding=padding, dilation=dilation)
    if found.out != out:
        raise ValueError(f"fold: patches has shape {patches.shape} with {out} windows {window}; it needs {found.out}, as many as fit output_size {size}")
    runs, blocks = _runs(found), _blocks(found)

    def added(part: Array, axes: Sequence[int]) -> Array:
        if not axes:
            return part
        axis, terms = axes[0], []
        for piece, (count, block, phase) in zip(lax.split(part, [count for count, _, _ in runs[axis]], 1 + ndim + axis), runs[axis], strict=True):
            borders = [(0, 0)] * (2 * ndim)
            borders[axis] = block, blocks[axis] - out[axis] - block
            borders[ndim + axis] = phase, found.stride[axis] - count - phase
            terms.append(_padded(added(piece, axes[1:]), borders))
        return functools.reduce(operator.add, terms)

    cells = patches.astype(_sums(patches.dtype)).reshape((math.prod(batch), *out, *window, patches.shape[-1]))
    for axes in reversed(_rounds(runs)):
        cells = added(cells, axes)
    cells = cells.transpose((0, *(axis for a in range(ndim) for axis in (1 + a, 1 + ndim + a)), 2 * ndim + 1))
    cells = cells.reshape((cells.shape[0], *(b * s for b, s in zip(blocks, found.stride, strict=True)), cells.shape[-1]))
    cells = _padded(cells, [(-before, n + before - b * s) for n, (before, _), b, s in zip(size, found.padding, blocks, found.stride, strict=True)])
    return cells.astype(patches.dtype).reshape((*batch, *size, patches.shape[-1]))


def _runs(found: _windows.Geometry) -> list[list[tuple[int, int, int]]]:
    """How the taps of each axis fall on blocks of `stride` cells: runs `(taps, block, first cell in it)`, where only undilated taps lie side by side.

    A run is moved as one slice of whole blocks: to take single cells a stride apart, and in the gradient to put them back, takes twice as long.
    """
    runs = []
    for k, s, d in zip(found.window, found.stride, found.dilation, strict=True):
        if d == 1:
            runs.append([(min(s, k - start), start // s, 0) for start in range(0, k, s)])
        else:
            runs.append([(1, tap * d // s, tap * d % s) for tap in range(k)])
    return runs


def _rounds(runs: Sequence[Sequence[object]]) -> list[Sequence[int]]:
    """The axes that are worked on at once: all of them, or one after another where all of their runs together are many.

    At once takes half the time where sums of windows fuse into one pass; 31 × 31 pieces take a minute to compile, 31 + 31 a second.
    """
    axes = range(len(runs))
    return [axes] if math.prod(map(len, runs)) <= _MAX_PIECES else [[axis] for axis in axes]


def _blocks(found: _windows.Geometry) -> list[int]:
    """The blocks of `stride` cells that the windows of each axis reach into."""
    return [o + (_windows.effective(k, d) - 1) // s for o, k, s, d in zip(found.out, found.window, found.stride, found.dilation, strict=True)]


def _padded(cells: Array, pairs: Sequence[tuple[int, int]]) -> Array:
    """Zeros around all axes but the first and the last; less than none cuts off."""
    return lax.pad(cells, jnp.zeros((), cells.dtype), ((0, 0, 0), *((before, after, 0) for before, after in pairs), (0, 0, 0)))


def _sums(dtype: jnp.dtype) -> jnp.dtype:
    """The dtype in which overlaps are added, in one of the two directions."""
    return _checks.accumulator(dtype) if jnp.issubdtype(dtype, jnp.floating) else dtype
