"""Convolution whose taps are moved by learned offsets."""

import math
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float

from jaxreview import _checks, _windows
from jaxreview.convolution._operands import arrays, finish, split

__all__ = ["deform_conv"]


def deform_conv(
    x: Float[Array, "*batch height width channels"],
    offset: Float[Array, "*batch out_height out_width shifts"],
    kernel: Float[Array, "tall wide in_per_group out"],
    bias: Float[Array, " out"] | None = None,
    *,
    mask: Float[Array, "*batch out_height out_width taps"] | None = None,
    stride: int | Sequence[int] = 1,
    padding: _windows.Padding = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> Float[Array, "*batch out_height out_width out"]:
    """Convolution with moved taps: y[o, c] = bias[c] + Σₖ Σᵢ mask[o, k] · x(o·stride − before + k·dilation + offset[o, k], i) · kernel[k, i, c].

    x(p) at a real position is the bilinear mixture of the four cells around p, those beyond the border being zero: so a tap a cell or more outside
    of x is zero, however far, at infinity too, and a NaN offset gives NaN. In a cell's own place the mixture has a kink, and its derivative is that towards
    the next cell, as in torchvision. With all offsets 0 and without a mask this is `conv`.

    Args:
        x: `(*batch, height, width, in)`; `*batch` may be empty.
        offset: `(*batch, out_height, out_width, 2 · offset_groups · taps)` in cells, the taps of the window row by row. In group g tap k has its
            shift down at 2·(g·taps + k) and its shift to the right next to it, as in torchvision. The channels of x are cut into `offset_groups` equal runs,
            each with its own offsets; their number is read from the shape.
        kernel: `(*window, in // groups, out)` with two window axes.
        bias: `(out,)`, or None.
        mask: `(*batch, out_height, out_width, offset_groups · taps)`, a factor for each tap, or None for ones (as in the first paper).
        stride: cells between windows, an int or one per axis, at least 1.
        padding: as in `conv`; taps that their offset moves from there into x see x.
        dilation: cells between the taps of an unmoved window, an int or one per axis, at least 1.
        groups: divides `in` and `out`, as in `conv`.

    Returns:
        `(*batch, out_height, out_width, out)`, with as many cells as `conv` gives, in the promoted dtype; float16 and bfloat16 sample and
        accumulate in float32.

    Raises:
        TypeError: an array is not floating point, or a setting is not an int.
        ValueError: the shapes or settings do not fit, or no window fits the padded input; nothing is broadcast.

    References:
        Dai et al., Deformable Convolutional Networks (2017), equations 2 and 3;
        Zhu et al., Deformable ConvNets v2 (2019), equation 1, for the mask.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import deform_conv
        >>> x, kernel = jnp.array([[[1.0], [2.0], [4.0]]]), jnp.array([[[[10.0]]]])
        >>> right = jnp.array([[[0.0, 1.0], [0.0, 0.5], [0.0, 0.5]]])
        >>> deform_conv(x, right, kernel).ravel().tolist()
        [20.0, 30.0, 20.0]
    """
    where = "deform_conv"
    x, kernel, bias = arrays(where, x, kernel, bias, "(height, width, in // groups, out)")
    _checks.rank(where, "kernel", kernel, 4, "(height, width, in // groups, out): two spatial axes")
    offset, mask = _checks.real(where, "offset", offset), None if mask is None else _checks.real(where, "mask", mask)
    groups = _windows.integer(where, "groups", groups, minimum=1)
    channels, (fan_in, out), taps = x.shape[-1], kernel.shape[-2:], math.prod(kernel.shape[:2])
    if channels % groups or out % groups:
        raise ValueError(f"{where}: groups is {groups}; it needs to divide the {channels} channels of x {x.shape} and the {out} of kernel {kernel.shape}")
    if fan_in * groups != channels:
        raise ValueError(
            f"{where}: kernel has shape {kernel.shape} with {fan_in} input channels on axis -2; it needs {channels // groups}, "
            f"the {channels} channels of x {x.shape} over {groups} groups"
        )
    if bias is not None:
        _checks.shape(where, "bias", bias, (out,), "one per output channel")
    batch, spatial = split(x, 2)
    found = _windows.geometry(where, spatial, kernel.shape[:2], stride=stride, padding=padding, dilation=dilation)
    runs = offset.shape[-1] // (2 * taps) if offset.ndim else 0
    if offset.ndim != x.ndim or offset.shape[-1] % (2 * taps) or not runs:
        raise ValueError(f"{where}: offset has shape {offset.shape}; it needs rank {x.ndim} and (y, x) for each of {taps} taps, a multiple of {2 * taps}, last")
    if channels % runs:
        raise ValueError(f"{where}: offset has shape {offset.shape} for {runs} groups of channels; it needs a divisor of the {channels} of x {x.shape}")
    _checks.shape(where, "offset", offset, (*batch, *found.out, 2 * runs * taps), "(*batch, out_height, out_width, 2 * offset_groups * taps)")
    if mask is not None:
        _checks.shape(where, "mask", mask, (*batch, *found.out, runs * taps), "(*batch, out_height, out_width, offset_groups * taps)")
    dtype = _checks.result_dtype(x, offset, kernel, bias, mask)
    sums, examples, places = _checks.accumulator(dtype), math.prod(batch), math.prod(found.out)
    moved = _positions(offset.astype(sums).reshape((examples, *found.out, runs, *kernel.shape[:2], 2)), found)
    seen = _sampled(x.astype(sums).reshape((examples, *spatial, runs, channels // runs)), *(p.reshape((examples, places, runs, taps)) for p in moved))
    if mask is not None:
        seen = seen * mask.astype(sums).reshape((examples, places, runs, taps, 1))
    seen = seen.transpose((0, 1, 3, 2, 4)).reshape((examples * places, taps, groups, fan_in)).transpose((2, 0, 1, 3))
    weights = kernel.astype(sums).reshape((taps, fan_in, groups, out // groups)).transpose((2, 0, 1, 3))
    y = jnp.matmul(seen.reshape((groups, examples * places, taps * fan_in)), weights.reshape((groups, taps * fan_in, out // groups)))
    return finish(y.transpose((1, 0, 2)).reshape((examples, *found.out, out)), bias, batch, dtype)


def _positions(offset: Array, found: _windows.Geometry) -> list[Array]:
    """Row and column of every tap, `(N, *out, runs, *window)`, from its offset `(…, 2)`."""
    moved = []
    for axis in range(2):
        starts = np.arange(found.out[axis]) * found.stride[axis] - found.padding[axis][0]
        taps = np.arange(found.window[axis]) * found.dilation[axis]
        shape = [1] * 6
        shape[1 + axis], shape[4 + axis] = found.out[axis], found.window[axis]
        moved.append(offset[..., axis] + jnp.asarray((starts[:, None] + taps).reshape(shape), offset.dtype))
    return moved


def _sampled(x: Array, rows: Array, columns: Array) -> Array:
    """The values of x `(N, height, width, runs, channels)` at real positions `(N, places, runs, taps)`: `(N, places, runs, taps, channels)`.

    Within two cells of zeros around x every position has four neighbours, so that none has to be masked: farther ones are moved to the edge of the zeros
    before they are cast to integers, which could not hold them.
    """
    examples, height, width, runs, channels = x.shape
    (top, down), (left, right) = _cell(rows, height), _cell(columns, width)
    stored = jnp.pad(x, ((0, 0), (2, 2), (2, 2), (0, 0), (0, 0))).reshape((examples, (height + 4) * (width + 4), runs, channels))
    first = top * (width + 4) + left

    def neighbour(step: int) -> Array:
        def one_run(cells: Array, at: Array) -> Array:
            return cells.at[at].get(mode="promise_in_bounds")

        return jax.vmap(jax.vmap(one_run, in_axes=1, out_axes=1))(stored, first + step)

    # Four gathers and this mixture in steps: the weighted sum of the four keeps more for the gradient, and takes twice as long with it.
    down, right = down[..., None], right[..., None]
    above, below = neighbour(0), neighbour(width + 4)
    above, below = above + right * (neighbour(1) - above), below + right * (neighbour(width + 5) - below)
    return above + down * (below - above)


def _cell(position: Array, size: int) -> tuple[Array, Array]:
    """The index, among the cells of an axis with two zeros before and after, of the cell at or before a position, and how far it is beyond it."""
    inside = lax.clamp(jnp.asarray(-2, position.dtype), position, jnp.asarray(size, position.dtype))
    low = jnp.floor(inside)
    return jnp.clip(low.astype(jnp.int32) + 2, 0, size + 2), inside - low
