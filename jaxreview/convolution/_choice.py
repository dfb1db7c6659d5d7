"""Which algorithm a convolution takes."""

import functools
import math
import operator
from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array

from jaxreview import _windows

# Up to so many taps or groups a grouped convolution is written out. With its gradient a tap costs 0.1 s of compilation, a group 0.3 s.
_MAX_TAPS, _MAX_GROUPS = 128, 32
# Up to so many taps of a phase a transposed convolution is a sum of matmuls.
_FEW_TAPS = 9


def correlate(x: Array, kernel: Array, stride: Sequence[int], padding: Sequence[tuple[int, int]], dilation: Sequence[int], groups: int) -> Array:
    """`(N, *spatial, in)` with `(*window, in // groups, out)`, zeros around.

    A grouped convolution is not left to the backend where that can be helped: its gradient takes 2240 ms instead of 40 (4×28×28, 64→64 in 32 groups, 3×3
    on a CPU), and the partitioner gathers its sharded batch. Instead the shorter of two programs: a sum over taps or a convolution for each group.
    """
    ndim, taps = kernel.ndim - 2, math.prod(kernel.shape[:-2])
    if groups > 1 and taps <= _MAX_TAPS and (kernel.shape[-2] == 1 or groups > min(taps, _MAX_GROUPS)):
        return _sum_over_taps(x, kernel, stride, padding, dilation, groups)
    if 1 < groups <= _MAX_GROUPS:
        runs = zip(jnp.split(x, groups, axis=-1), jnp.split(kernel, groups, axis=-1), strict=True)
        return jnp.concatenate([correlate(run, part, stride, padding, dilation, 1) for run, part in runs], axis=-1)
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


def spread(x: Array, kernel: Array, found: _windows.Geometry, groups: int) -> Array:
    """The adjoint of `correlate` in u: `(N, *found.out, in)` with `(*window, out // groups, in)` gives `(N, *found.spatial, out)`.

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
    y = (_sum_over_taps if few else correlate)(x, _phase_kernel(kernel, found, taps, phases, groups), (1,) * ndim, pairs, dilations, groups)
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
