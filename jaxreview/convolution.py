"""Convolution and its transpose, in any number of spatial axes, channels last."""

import functools
import math
import operator
from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float

from jaxreview import _checks, _windows

__all__ = ["conv", "conv_transpose"]

# Up to so many taps or groups a grouped convolution is written out. With its gradient a tap costs 0.1 s of compilation, a group 0.3 s.
_MAX_TAPS, _MAX_GROUPS = 128, 32
# Up to so many taps of a phase a transposed convolution is a sum of matmuls.
_FEW_TAPS = 9


def conv(
    x: Float[Array, "*cells channels"],
    kernel: Float[Array, "*window in_per_group out"],
    bias: Float[Array, " out"] | None = None,
    *,
    stride: int | Sequence[int] = 1,
    padding: _windows.Padding = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
    padding_mode: str = "zeros",
) -> Float[Array, "*outputs out"]:
    """Cross-correlation: y[o, c] = bias[c] + Σₖ Σᵢ x[o·stride − before + k·dilation, i] · kernel[k, i, c].

    The kernel is not flipped. Its rank says how many spatial axes there are: `kernel.ndim - 2`. With groups, the channels of x and of y are
    cut into `groups` equal runs, and run g of y sees only run g of x.

    Args:
        x: `(*batch, *spatial, in)`; `*batch` may be empty.
        kernel: `(*window, in // groups, out)`.
        bias: `(out,)`, or None.
        stride: cells between windows, an int or one per axis, at least 1.
        padding: an int, one int per axis, one `(before, after)` pair per axis, `"VALID"` (none), or `"SAME"` / `"SAME_LOWER"`: as much as gives
            ⌈n / stride⌉ outputs, an odd cell after / before the input. With a stride that depends on n and is not window // 2.
        dilation: cells between the taps of a window, an int or one per axis, at least 1.
        groups: divides `in` and `out`.
        padding_mode: what the padding holds: `"zeros"`, `"reflect"` (mirrored about the border cell, less than n cells), `"replicate"` (the border
            cell), `"circular"` (wrapped around, at most n cells).

    Returns:
        `(*batch, *out_spatial, out)` with ⌊(n + before + after − dilation·(window − 1) − 1) / stride⌋ + 1 cells on an axis, in the promoted
        dtype; float16 and bfloat16 accumulate in float32.

    Raises:
        TypeError: an array is not floating point, or a setting is not an int.
        ValueError: the shapes or settings do not fit, or no window fits the padded input; nothing is broadcast.

    References:
        Dumoulin & Visin, A guide to convolution arithmetic for deep learning (2016), relationship 15.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import conv
        >>> x, kernel = jnp.array([[1.0], [2.0], [4.0]]), jnp.array([[[1.0]], [[10.0]]])
        >>> conv(x, kernel).tolist()
        [[21.0], [42.0]]
        >>> conv(x, kernel, padding="SAME").tolist()
        [[21.0], [42.0], [4.0]]
    """
    x, kernel, bias = _arrays("conv", x, kernel, bias, "(*window, in // groups, out)")
    groups = _windows.integer("conv", "groups", groups, minimum=1)
    _checks.choice("conv", "padding_mode", padding_mode, ("zeros", "reflect", "replicate", "circular"))
    channels, (fan_in, out) = x.shape[-1], kernel.shape[-2:]
    if channels % groups:
        raise ValueError(f"conv: groups is {groups}; it needs to divide the {channels} channels of x {x.shape}")
    if fan_in * groups != channels:
        raise ValueError(
            f"conv: kernel has shape {kernel.shape} with {fan_in} input channels on axis -2; it needs {channels // groups}, "
            f"the {channels} channels of x {x.shape} over {groups} groups"
        )
    if out % groups:
        raise ValueError(f"conv: groups is {groups}; it needs to divide the {out} output channels of kernel {kernel.shape}")
    if bias is not None:
        _checks.shape("conv", "bias", bias, (out,), "one per output channel")
    batch, spatial = _split(x, kernel.ndim - 2)
    found = _windows.geometry("conv", spatial, kernel.shape[:-2], stride=stride, padding=padding, dilation=dilation)
    dtype = _checks.result_dtype(x, kernel, bias)
    sums = _checks.accumulator(dtype)
    cells, pairs = x.astype(sums).reshape((math.prod(batch), *spatial, channels)), found.padding
    if padding_mode != "zeros":
        cells, pairs = _bordered(cells, found, padding_mode), ((0, 0),) * len(pairs)
    y = _correlate(cells, kernel.astype(sums), found.stride, pairs, found.dilation, groups)
    return _finish(y, bias, batch, dtype)


def conv_transpose(
    x: Float[Array, "*cells in"],
    kernel: Float[Array, "*window out_per_group in"],
    bias: Float[Array, " out"] | None = None,
    *,
    stride: int | Sequence[int] = 1,
    padding: _windows.Padding = 0,
    output_padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> Float[Array, "*outputs out"]:
    """The transpose of `conv`: every x[o, i] adds x[o, i] · kernel[k, c, i] to y[o·stride − before + k·dilation, c], on top of bias[c].

    It is the adjoint of `conv` with the same kernel array and settings, ⟨conv(u, k), x⟩ = ⟨u, conv_transpose(x, k)⟩, so the kernel is that of the
    convolution which takes y's channels to x's. It is not its inverse.

    Args:
        x: `(*batch, *spatial, in)`; `*batch` may be empty.
        kernel: `(*window, out // groups, in)`.
        bias: `(out,)`, or None.
        stride: cells between the windows laid into the result, an int or one per axis, at least 1.
        padding: as in `conv`; it is cut off the result. `"SAME"` and `"SAME_LOWER"` give n·stride cells.
        output_padding: cells added after the result, an int or one per axis, in [0, max(stride, dilation)): several sizes convolve to one, and this
            chooses among them. What no window covers is zero. 0 with `"SAME"` and `"SAME_LOWER"`.
        dilation: cells between the taps of a window, an int or one per axis, at least 1.
        groups: divides `in` and `out`.

    Returns:
        `(*batch, *out_spatial, out)` with (n − 1)·stride − before − after + dilation·(window − 1) + output_padding + 1 cells on an axis, in
        the promoted dtype; float16 and bfloat16 accumulate in float32.

    Raises:
        TypeError: an array is not floating point, or a setting is not an int.
        ValueError: the shapes or settings do not fit, or the result would have no cells; nothing is broadcast.

    References:
        Dumoulin & Visin, A guide to convolution arithmetic for deep learning (2016), section 4.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import conv_transpose
        >>> x, kernel = jnp.array([[1.0], [2.0]]), jnp.array([[[1.0]], [[10.0]], [[100.0]]])
        >>> conv_transpose(x, kernel, stride=2).tolist()
        [[1.0], [10.0], [102.0], [20.0], [200.0]]
    """
    x, kernel, bias = _arrays("conv_transpose", x, kernel, bias, "(*window, out // groups, in)")
    groups = _windows.integer("conv_transpose", "groups", groups, minimum=1)
    channels, (out_per_group, fan_out) = x.shape[-1], kernel.shape[-2:]
    if channels % groups:
        raise ValueError(f"conv_transpose: groups is {groups}; it needs to divide the {channels} channels of x {x.shape}")
    if fan_out != channels:
        raise ValueError(
            f"conv_transpose: kernel has shape {kernel.shape} with {fan_out} input channels on axis -1; it needs {channels}, the channels of x {x.shape}"
        )
    if bias is not None:
        _checks.shape("conv_transpose", "bias", bias, (out_per_group * groups,), "one per output channel, kernel.shape[-2] * groups")
    batch, spatial = _split(x, kernel.ndim - 2)
    found = _windows.transpose_geometry(
        "conv_transpose", spatial, kernel.shape[:-2], stride=stride, padding=padding, output_padding=output_padding, dilation=dilation
    )
    dtype = _checks.result_dtype(x, kernel, bias)
    sums = _checks.accumulator(dtype)
    y = _spread(x.astype(sums).reshape((math.prod(batch), *spatial, channels)), kernel.astype(sums), found, groups)
    return _finish(y, bias, batch, dtype)


def _arrays(where: str, x: object, kernel: object, bias: object, layout: str) -> tuple[Array, Array, Array | None]:
    data, weights = _checks.real(where, "x", x), _checks.real(where, "kernel", kernel)
    shift = None if bias is None else _checks.real(where, "bias", bias)
    _checks.min_rank(where, "kernel", weights, 3, f"{layout} with one or more window axes")
    if not weights.size:
        raise ValueError(f"{where}: kernel has shape {weights.shape}; it needs at least one cell on every axis of {layout}")
    ndim = weights.ndim - 2
    _checks.min_rank(where, "x", data, ndim + 1, f"(*batch, *spatial, channels) with the {ndim} spatial axes of kernel {weights.shape}")
    return data, weights, shift


def _split(x: Array, ndim: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The sizes of the batch axes and of the ``ndim`` spatial axes."""
    return x.shape[: -ndim - 1], x.shape[-ndim - 1 : -1]


def _finish(y: Array, bias: Array | None, batch: tuple[int, ...], dtype: jnp.dtype) -> Array:
    if bias is not None:
        y = y + bias.astype(y.dtype).reshape((1,) * (y.ndim - 1) + bias.shape)
    return y.astype(dtype).reshape(batch + y.shape[1:])


def _bordered(x: Array, found: _windows.Geometry, mode: str) -> Array:
    """The padding laid around `(N, *spatial, in)`, out of slices of x; a border is mirrored or wrapped around once at most."""
    for axis, (size, (before, after)) in enumerate(zip(found.spatial, found.padding, strict=True)):
        limit = {"reflect": size - 1, "circular": size}.get(mode, max(before, after))
        if max(before, after) > limit:
            raise ValueError(
                f"conv: padding is {(before, after)} on spatial axis {axis} of size {size}; it needs to be at most {limit} with padding_mode {mode!r}"
            )
        # jnp.pad would touch the batch axis too: its gradient moves data between the devices that share a batch.
        cut = functools.partial(lax.slice_in_dim, x, axis=axis + 1)
        if mode == "reflect":
            head, tail = jnp.flip(cut(1, before + 1), axis + 1), jnp.flip(cut(size - 1 - after, size - 1), axis + 1)
        elif mode == "circular":
            head, tail = cut(size - before, size), cut(0, after)
        else:
            head, tail = jnp.repeat(cut(0, 1), before, axis + 1), jnp.repeat(cut(size - 1, size), after, axis + 1)
        x = jnp.concatenate([head, x, tail], axis + 1)
    return x


def _correlate(x: Array, kernel: Array, stride: Sequence[int], padding: Sequence[tuple[int, int]], dilation: Sequence[int], groups: int) -> Array:
    """`(N, *spatial, in)` with `(*window, in // groups, out)`, zeros around.

    A grouped convolution is not left to the backend where that can be helped: its gradient takes 2240 ms instead of 40 (4×28×28, 64→64 in 32 groups, 3×3
    on a CPU), and the partitioner gathers its sharded batch. Instead the shorter of two programs: a sum over taps or a convolution for each group.
    """
    ndim, taps = kernel.ndim - 2, math.prod(kernel.shape[:-2])
    if groups > 1 and taps <= _MAX_TAPS and (kernel.shape[-2] == 1 or groups > min(taps, _MAX_GROUPS)):
        return _sum_over_taps(x, kernel, stride, padding, dilation, groups)
    if 1 < groups <= _MAX_GROUPS:
        runs = zip(jnp.split(x, groups, axis=-1), jnp.split(kernel, groups, axis=-1), strict=True)
        return jnp.concatenate([_correlate(run, part, stride, padding, dilation, 1) for run, part in runs], axis=-1)
    cells = (0, ndim + 1, *range(1, ndim + 1))
    numbers = lax.ConvDimensionNumbers(cells, (ndim + 1, ndim, *range(ndim)), cells)
    return lax.conv_general_dilated(x, kernel, stride, padding, rhs_dilation=dilation, dimension_numbers=numbers, feature_group_count=groups)


def _sum_over_taps(x: Array, kernel: Array, stride: Sequence[int], padding: Sequence[tuple[int, int]], dilation: Sequence[int], groups: int) -> Array:
    """The input shifted to each tap, times the tap's weights, added up: elementwise where a group is one channel, else by matmuls."""
    *window, fan_in, out = kernel.shape
    multiplier = out // groups
    x = jnp.pad(x, ((0, 0), *padding, (0, 0)))
    if fan_in == 1:
        x = jnp.repeat(x, multiplier, axis=-1)
    last = [(n - _windows.effective(k, d)) // s * s for n, k, s, d in zip(x.shape[1:-1], window, stride, dilation, strict=True)]
    terms = []
    for tap in np.ndindex(*window):
        start = [t * d for t, d in zip(tap, dilation, strict=True)]
        stop = [a + b + 1 for a, b in zip(start, last, strict=True)]
        seen = lax.slice(x, (0, *start, 0), (x.shape[0], *stop, x.shape[-1]), (1, *stride, 1))
        if fan_in == 1:
            terms.append(seen * kernel[tap].reshape((1,) * (x.ndim - 1) + (out,)))
        elif groups == 1:
            terms.append(jnp.matmul(seen, kernel[tap]))
        else:
            runs, weights = seen.reshape((*seen.shape[:-1], groups, fan_in)), kernel[tap].reshape((fan_in, groups, multiplier))
            terms.append(jnp.einsum("...gi,igo->...go", runs, weights).reshape((*seen.shape[:-1], out)))
    return functools.reduce(operator.add, terms)


def _spread(x: Array, kernel: Array, found: _windows.Geometry, groups: int) -> Array:
    """The adjoint of `_correlate` in u: `(N, *found.out, in)` with `(*window, out // groups, in)` gives `(N, *found.spatial, out)`.

    Cell J = before + j of the result, J = a·stride + r, gets x[a − q] · kernel[tap q·stride + r] for every q: for each phase r a plain convolution
    with every stride-th tap. All phases are computed as output channels of one convolution with stride 1, and interleaved. The usual form,
    a convolution over x with stride − 1 zeros between its cells, multiplies by those zeros.
    """
    ndim = kernel.ndim - 2
    taps, phases, dilations, first, pairs = [], [], [], [], []
    for axis in range(ndim):
        k, s, d, (before, _) = found.window[axis], found.stride[axis], found.dilation[axis], found.padding[axis]
        extent = _windows.effective(k, d)
        # Without a stride the taps stay dilated; with one, the zeros between them are written out, so that phases are runs of taps.
        count, phase, step = (k, 1, d) if s == 1 else (-(-extent // s), min(s, extent), 1)
        a, high = before // s, -(-(before + found.spatial[axis]) // s)
        low = a - (count - 1) * step
        start = min(max(low, 0), found.out[axis])
        stop = max(min(high, found.out[axis]), start)
        x = lax.slice_in_dim(x, start, stop, axis=axis + 1)
        pad = max(start - low, 0) if stop > start else high - low
        pairs.append((pad, high - low - (stop - start) - pad))
        taps.append(count)
        phases.append(phase)
        dilations.append(step)
        first.append(a)
    if 0 in x.shape[1:-1]:
        x = jnp.pad(x, ((0, 0), *pairs, (0, 0)))
        pairs = [(0, 0)] * ndim
    # The backend's gradient of a few taps to many phases takes 247 ms, one matmul per tap 31 (8×28×28, 2×2 taps, 64 → 4·32 on a CPU).
    few = groups == 1 and math.prod(phases) > 1 and math.prod(taps) <= _FEW_TAPS
    y = (_sum_over_taps if few else _correlate)(x, _phase_kernel(kernel, found, taps, phases, groups), (1,) * ndim, pairs, dilations, groups)
    return _interleave(y, found, phases, first, groups)


def _phase_kernel(kernel: Array, found: _windows.Geometry, taps: Sequence[int], phases: Sequence[int], groups: int) -> Array:
    """`(*window, out // groups, in)` as `(*taps, in // groups, groups · phases · (out // groups))`, taps from the last to the first."""
    ndim, (out, channels) = len(taps), kernel.shape[-2:]
    if any(stride > 1 for stride in found.stride):
        spread = [
            (0, 0, 0) if s == 1 else (0, c * p - _windows.effective(k, d), d - 1)
            for k, s, d, c, p in zip(found.window, found.stride, found.dilation, taps, phases, strict=True)
        ]
        kernel = lax.pad(kernel, jnp.zeros((), kernel.dtype), (*spread, (0, 0, 0), (0, 0, 0)))
    split = [size for pair in zip(taps, phases, strict=True) for size in pair]
    kernel = kernel.reshape((*split, out, groups, channels // groups))
    kernel = kernel.transpose((*range(0, 2 * ndim, 2), 2 * ndim + 2, 2 * ndim + 1, *range(1, 2 * ndim, 2), 2 * ndim))
    return lax.rev(kernel, range(ndim)).reshape((*taps, channels // groups, groups * math.prod(phases) * out))


def _interleave(y: Array, found: _windows.Geometry, phases: Sequence[int], first: Sequence[int], groups: int) -> Array:
    """Each cell's phases, in the channels of ``y``, laid side by side; ``first`` is the cell that ``y`` begins with."""
    ndim, cells = len(phases), y.shape[1:-1]
    out = y.shape[-1] // (groups * math.prod(phases))
    y = y.reshape((y.shape[0], *cells, groups, *phases, out))
    # A stride beyond the window leaves gaps.
    gaps = ((0, s - p) for s, p in zip(found.stride, phases, strict=True))
    y = jnp.pad(y, (*((0, 0),) * (ndim + 2), *gaps, (0, 0)))
    sides = [axis for n in range(ndim) for axis in (n + 1, n + ndim + 2)]
    y = y.transpose((0, *sides, ndim + 1, 2 * ndim + 2)).reshape((y.shape[0], *(c * s for c, s in zip(cells, found.stride, strict=True)), groups * out))
    for axis in range(ndim):
        start = found.padding[axis][0] - first[axis] * found.stride[axis]
        y = lax.slice_in_dim(y, start, start + found.spatial[axis], axis=axis + 1)
    return y
