"""The ways to compute each of the three maps of the form: correlate, spread and weigh. Which one is taken where is said in `_choice`.

Every algorithm is a function of (first, second, walk, groups), the arrays laid out as in `_trilinear`.
"""

import functools
import itertools
import math
import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array

from jaxreview import _windows
from jaxreview._windows import Geometry

Algorithm: TypeAlias = Callable[[Array, Array, Geometry, int], Array]

# --- the backend's own


def native_correlate(x: Array, kernel: Array, walk: Geometry, groups: int) -> Array:
    """`lax.conv_general_dilated`."""
    ndim = len(walk.window)
    cells = (0, ndim + 1, *range(1, ndim + 1))
    numbers = lax.ConvDimensionNumbers(cells, (ndim + 1, ndim, *range(ndim)), cells)
    # A negative padding, here or in the transpose (padding beyond the window's extent), gives numbers from outside of the array on a CPU: jaxlib 0.10.2.
    own, rest = [], []
    for axis, (k, s, d) in enumerate(zip(walk.window, walk.stride, walk.dilation, strict=True)):
        # Cells behind the last window are left alone where they are too few for one more.
        reach = [side if side <= -s else max(side, 0) for side in walk.overhang(axis)]
        before, after = (min(max(side, 0), _windows.effective(k, d) - 1) for side in reach)
        own.append((before, after))
        rest.append((reach[0] - before, reach[1] - after, 0))
    if any(any(sides) for sides in rest):
        x = lax.pad(x, jnp.zeros((), x.dtype), ((0, 0, 0), *rest, (0, 0, 0)))
    return lax.conv_general_dilated(x, kernel, walk.stride, own, rhs_dilation=walk.dilation, dimension_numbers=numbers, feature_group_count=groups)


def native_spread(y: Array, kernel: Array, walk: Geometry, groups: int) -> Array:
    """What the backend transposes its convolution to, for the input."""
    x = _like(y, (y.shape[0], *walk.spatial, kernel.shape[-2] * groups))
    return jax.linear_transpose(lambda x: native_correlate(x, kernel, walk, groups), x)(y)[0]


def native_weigh(x: Array, y: Array, walk: Geometry, groups: int) -> Array:
    """What the backend transposes its convolution to, for the kernel."""
    kernel = _like(x, (*walk.window, x.shape[-1] // groups, y.shape[-1]))
    return jax.linear_transpose(lambda kernel: native_correlate(x, kernel, walk, groups), kernel)(y)[0]


def _like(a: Array, shape: tuple[int, ...]) -> Any:
    """An array to be, which within shard_map varies from device to device as ``a`` does: the gradient of one that doesn't would be summed over them."""
    aval: Any = jax.typeof(a)
    return aval.update(shape=shape, weak_type=False)


# --- pieces


def laid(x: Array, walk: Geometry) -> Array:
    """What the windows reach: x with the zeros, and without the cells, that padding stands for."""
    return lax.pad(x, jnp.zeros((), x.dtype), ((0, 0, 0), *((*walk.overhang(axis), 0) for axis in range(len(walk.window))), (0, 0, 0)))


def seen(x: Array, walk: Geometry, tap: Sequence[int]) -> Array:
    """The cell of ``laid`` x that one tap sees in each window."""
    start, stop, step = zip(*(walk.run(axis, t) for axis, t in enumerate(tap)), strict=True)
    return lax.slice(x, (0, *start, 0), (x.shape[0], *stop, x.shape[-1]), (1, *step, 1))


def turn(kernel: Array, groups: int) -> Array:
    """The kernel turned around, its input and output channels swapped within each group."""
    *window, fan_in, out = kernel.shape
    kernel = lax.rev(kernel, range(len(window))).reshape((*window, fan_in, groups, out // groups))
    return jnp.moveaxis(kernel, -1, -3).swapaxes(-1, -2).reshape((*window, out // groups, groups * fan_in))


def _rows(a: Array) -> Array:
    return a.reshape((-1, a.shape[-1]))


def _times(a: Array, weights: Array, channels: int = 0) -> Array:
    """Every cell's channels times a matrix, contracted over its axis ``channels``."""
    y = lax.dot_general(_rows(a), weights, (((1,), (channels,)), ((), ())))
    return y.reshape((*a.shape[:-1], y.shape[-1]))


def _against(a: Array, b: Array) -> Array:
    """Σ over cells of a's channels times b's: one matrix."""
    return lax.dot_general(_rows(a), _rows(b), (((0,), (0,)), ((), ())))


def _sum(terms: Iterable[Array]) -> Array:
    return functools.reduce(operator.add, terms)


def _channels(weights: Array, ndim: int) -> Array:
    """Weights of the channels as an array that multiplies one of rank ndim + 2."""
    return weights.reshape((1,) * (ndim + 1) + weights.shape)


# --- sums over the taps of the window


def taps_correlate(x: Array, kernel: Array, walk: Geometry, groups: int) -> Array:
    """One matmul a tap."""
    x = laid(x, walk)
    return _sum(_times(seen(x, walk, tap), kernel[tap]) for tap in np.ndindex(*walk.window))


def taps_spread(y: Array, kernel: Array, walk: Geometry, groups: int) -> Array:
    """`taps_correlate` with the kernel turned around; stride 1."""
    return taps_correlate(y, turn(kernel, 1), walk.turned(), 1)


def taps_weigh(x: Array, y: Array, walk: Geometry, groups: int) -> Array:
    """One matmul a tap."""
    x = laid(x, walk)
    return jnp.stack([_against(seen(x, walk, tap), y) for tap in np.ndindex(*walk.window)]).reshape((*walk.window, x.shape[-1], y.shape[-1]))


def columns_spread(y: Array, kernel: Array, walk: Geometry, groups: int) -> Array:
    """All taps of all outputs by one matmul, then added up where they meet."""
    channels, plan = kernel.shape[-2], _phases(walk)
    low = [min((first - lag - (count - 1) * apart for (count, _, _, lag, apart) in phases if count), default=first) for first, _, phases in plan]
    high = [max((last - lag for (count, _, _, lag, _) in phases if count), default=first) for first, last, phases in plan]
    y = lax.pad(y, jnp.zeros((), y.dtype), ((0, 0, 0), *((-a, b + 1 - n, 0) for a, b, n in zip(low, high, walk.out, strict=True)), (0, 0, 0)))
    columns = _times(y, kernel.reshape((-1, kernel.shape[-1])), 1).reshape((*y.shape[:-1], *walk.window, channels))

    def phase(remainders: Sequence[int]) -> Array | None:
        chosen = [phases[r] for (_, _, phases), r in zip(plan, remainders, strict=True)]
        terms = []
        for n in np.ndindex(*(count for count, *_ in chosen)):
            tap = tuple(t + i * step for i, (_, t, step, _, _) in zip(n, chosen, strict=True))
            starts = [first - lag - i * apart - least for i, (_, _, _, lag, apart), (first, _, _), least in zip(n, chosen, plan, low, strict=True)]
            cut = (slice(s, s + last - first + 1) for s, (first, last, _) in zip(starts, plan, strict=True))
            terms.append(columns[(slice(None), *cut, *tap)])
        return _sum(terms) if terms else None

    return _interleaved(phase, (y.shape[0], channels), y.dtype, walk, plan)


def shifted_correlate(x: Array, kernel: Array, walk: Geometry, groups: int) -> Array:
    """For groups of one channel: shifted x times the tap's weights, one fused loop."""
    # The zeros are laid first: within the loop they would be a test for every tap.
    x = lax.optimization_barrier(jnp.repeat(laid(x, walk), kernel.shape[-1] // groups, axis=-1))
    return _sum(seen(x, walk, tap) * _channels(kernel[tap][0], len(walk.window)) for tap in np.ndindex(*walk.window))


def shifted_spread(y: Array, kernel: Array, walk: Geometry, groups: int) -> Array:
    """For groups of one channel: `shifted_correlate` with the kernel turned around, for each phase of the stride."""
    multiplier = kernel.shape[-1] // groups
    if multiplier > 1:
        parts = (y.reshape((*y.shape[:-1], groups, multiplier)), kernel.reshape((*kernel.shape[:-1], groups, multiplier)))
        return _sum(shifted_spread(parts[0][..., n], parts[1][..., n], walk, groups) for n in range(multiplier))

    def one(y: Array, kernel: Array, walk: Geometry) -> Array:
        return shifted_correlate(y, lax.rev(kernel, range(len(walk.window))), walk, groups)

    return one(y, kernel, walk.turned()) if set(walk.stride) == {1} else _by_phase(y, kernel, walk, groups, one)


# A sum over cells is taken in two steps, first elementwise over so many runs: the backend's reduction of a product is not vectorized (10× the time).
_RUNS = 16


def shifted_weigh(x: Array, y: Array, walk: Geometry, groups: int) -> Array:
    """For groups of one channel: the sum of shifted x times y."""
    x = jnp.repeat(laid(x, walk), y.shape[-1] // groups, axis=-1)
    runs = max((n for n in range(1, _RUNS + 1) if walk.out[0] % n == 0), default=1)
    size = walk.out[0] // runs

    def weight(tap: tuple[int, ...]) -> Array:
        cells = seen(x, walk, tap)
        total = _sum(cells[:, n * size : (n + 1) * size] * y[:, n * size : (n + 1) * size] for n in range(runs))
        return jnp.ones((1, total.size // total.shape[-1]), total.dtype) @ _rows(total)

    return jnp.stack([weight(tap) for tap in np.ndindex(*walk.window)]).reshape((*walk.window, 1, y.shape[-1]))


# --- a stride taken apart


def _to_blocks(x: Array, walk: Geometry) -> Array:
    """Each block of `stride` cells of x as the channels of one cell."""
    ndim, blocks = len(walk.window), walk.blocked().spatial
    sides = zip(walk.padding, blocks, walk.stride, walk.spatial, strict=True)
    x = lax.pad(x, jnp.zeros((), x.dtype), ((0, 0, 0), *((before, b * s - before - n, 0) for (before, _), b, s, n in sides), (0, 0, 0)))
    x = x.reshape((x.shape[0], *(size for pair in zip(blocks, walk.stride, strict=True) for size in pair), x.shape[-1]))
    x = x.transpose((0, *range(1, 2 * ndim, 2), *range(2, 2 * ndim + 1, 2), 2 * ndim + 1))
    return x.reshape((x.shape[0], *blocks, -1)) if x.size else jnp.zeros((x.shape[0], *blocks, math.prod(walk.stride) * x.shape[-1]), x.dtype)


def _from_blocks(x: Array, walk: Geometry) -> Array:
    """The inverse of `_to_blocks`."""
    ndim, blocks, channels = len(walk.window), walk.blocked().spatial, x.shape[-1] // math.prod(walk.stride)
    x = x.reshape((x.shape[0], *blocks, *walk.stride, channels))
    x = x.transpose((0, *(axis for n in range(ndim) for axis in (1 + n, 1 + ndim + n)), 2 * ndim + 1))
    x = x.reshape((x.shape[0], *(b * s for b, s in zip(blocks, walk.stride, strict=True)), channels))
    sides = zip(walk.padding, blocks, walk.stride, walk.spatial, strict=True)
    return lax.pad(x, jnp.zeros((), x.dtype), ((0, 0, 0), *((-before, before + n - b * s, 0) for (before, _), b, s, n in sides), (0, 0, 0)))


def _kernel_to_blocks(kernel: Array, walk: Geometry) -> Array:
    """The kernel of the blocked walk; taps that fill the last block up, or lie between dilated taps, are zeros."""
    ndim, taps = len(walk.window), walk.blocked().window
    sides = zip(taps, walk.stride, walk.window, walk.dilation, strict=True)
    fill = [(0, t * s - _windows.effective(k, d), d - 1) for t, s, k, d in sides]
    kernel = lax.pad(kernel, jnp.zeros((), kernel.dtype), (*fill, (0, 0, 0), (0, 0, 0)))
    kernel = kernel.reshape((*(size for pair in zip(taps, walk.stride, strict=True) for size in pair), *kernel.shape[-2:]))
    kernel = kernel.transpose((*range(0, 2 * ndim, 2), *range(1, 2 * ndim, 2), 2 * ndim, 2 * ndim + 1))
    return kernel.reshape((*taps, math.prod(walk.stride) * kernel.shape[-2], kernel.shape[-1]))


def _kernel_from_blocks(kernel: Array, walk: Geometry) -> Array:
    """The taps of the blocked kernel that are not zeros."""
    ndim, taps = len(walk.window), walk.blocked().window
    kernel = kernel.reshape((*taps, *walk.stride, kernel.shape[-2] // math.prod(walk.stride), kernel.shape[-1]))
    kernel = kernel.transpose((*(axis for n in range(ndim) for axis in (n, ndim + n)), 2 * ndim, 2 * ndim + 1))
    kernel = kernel.reshape((*(t * s for t, s in zip(taps, walk.stride, strict=True)), *kernel.shape[-2:]))
    return kernel[tuple(slice(0, _windows.effective(k, d), d) for k, d in zip(walk.window, walk.dilation, strict=True))]


def blocks_correlate(inner: Algorithm) -> Algorithm:
    """A convolution with stride 1 over blocks."""
    return lambda x, kernel, walk, groups: inner(_to_blocks(x, walk), _kernel_to_blocks(kernel, walk), walk.blocked(), 1)


def blocks_spread(inner: Algorithm) -> Algorithm:
    """All phases of the stride as channels of one convolution with stride 1."""
    return lambda y, kernel, walk, groups: _from_blocks(inner(y, _kernel_to_blocks(kernel, walk), walk.blocked(), 1), walk)


def blocks_weigh(inner: Algorithm) -> Algorithm:
    """The weights of the convolution over blocks."""
    return lambda x, y, walk, groups: _kernel_from_blocks(inner(_to_blocks(x, walk), y, walk.blocked(), 1), walk)


def phases_spread(inner: Algorithm) -> Algorithm:
    """A convolution with stride 1 for each phase of the stride, with the taps that meet it."""

    def spread(y: Array, kernel: Array, walk: Geometry, groups: int) -> Array:
        return _by_phase(y, kernel, walk, groups, lambda y, kernel, walk: inner(y, turn(kernel, groups), walk, groups))

    return spread


# For an axis: the first and last J // stride, and for each remainder (taps, first tap, step, lag, apart).
_Plan: TypeAlias = list[tuple[int, int, list[tuple[int, int, int, int, int]]]]


def _phases(walk: Geometry) -> _Plan:
    plan = []
    for axis, (k, s, (before, _), n) in enumerate(zip(walk.window, walk.stride, walk.padding, walk.spatial, strict=True)):
        phases = []
        for remainder in range(s):
            first, step, lag, apart = walk.phase(axis, remainder)
            phases.append((len(range(first, k, step)), first, step, lag, apart))
        plan.append((before // s, (before + n - 1) // s, phases))
    return plan


def _by_phase(y: Array, kernel: Array, walk: Geometry, groups: int, one: Callable[[Array, Array, Geometry], Array]) -> Array:
    """``one`` (y, the phase's taps, the walk with stride 1 from y to the phase's cells) for every phase, interleaved."""
    plan = _phases(walk)

    def phase(remainders: Sequence[int]) -> Array | None:
        chosen = [phases[r] for (_, _, phases), r in zip(plan, remainders, strict=True)]
        if not all(count for count, *_ in chosen):
            return None
        pairs = []
        for (count, _, _, lag, apart), (first, last, _), n in zip(chosen, plan, walk.out, strict=True):
            pairs.append((lag + (count - 1) * apart - first, last - lag - (n - 1)))
        counts, aparts = tuple(count for count, *_ in chosen), tuple(apart for *_, apart in chosen)
        outs = tuple(last - first + 1 for first, last, _ in plan)
        here = Geometry(walk.out, counts, (1,) * len(counts), aparts, tuple(pairs), outs)
        return one(y, kernel[tuple(slice(t, None, step) for _, t, step, _, _ in chosen)], here)

    return _interleaved(phase, (y.shape[0], kernel.shape[-2] * groups), y.dtype, walk, plan)


def _interleaved(phase: Callable[[Sequence[int]], Array | None], ends: tuple[int, int], dtype: jnp.dtype, walk: Geometry, plan: _Plan) -> Array:
    """`(N, *spatial, channels)` out of the cells of every phase; zeros where a phase has no tap."""
    ndim, counts = len(plan), [last - first + 1 for first, last, _ in plan]
    parts = (phase(remainders) for remainders in itertools.product(*map(range, walk.stride)))
    x = jnp.stack([jnp.zeros((ends[0], *counts, ends[1]), dtype) if part is None else part for part in parts])
    x = x.reshape((*walk.stride, *x.shape[1:]))
    x = x.transpose((ndim, *(axis for n in range(ndim) for axis in (ndim + 1 + n, n)), 2 * ndim + 1))
    x = x.reshape((ends[0], *(count * s for count, s in zip(counts, walk.stride, strict=True)), ends[1]))
    starts = [before - first * s for (before, _), (first, *_), s in zip(walk.padding, plan, walk.stride, strict=True)]
    return x[(slice(None), *(slice(start, start + n) for start, n in zip(starts, walk.spatial, strict=True)))]


# --- groups

# Groups are put together until they take so many channels in: a wider matmul is faster by more than the zeros between the groups cost.
_WIDTH = 16


def together(fan_in: int, groups: int) -> int:
    """How many groups are put together."""
    return max(n for n in range(1, groups + 1) if groups % n == 0 and (n == 1 or n * fan_in <= _WIDTH))


def _split(a: Array, count: int) -> list[Array]:
    return jnp.split(a, count, axis=-1)


def _diagonal(kernel: Array, count: int) -> Array:
    """The kernel of ``count`` groups as that of one: zeros between the groups."""
    *window, fan_in, out = kernel.shape
    same = jnp.eye(count, dtype=bool).reshape((*(1,) * len(window), count, 1, count, 1))
    kernel = jnp.where(same, kernel.reshape((*window, 1, fan_in, count, out // count)), jnp.zeros((), kernel.dtype))
    return kernel.reshape((*window, count * fan_in, out))


def runs_correlate(inner: Algorithm) -> Algorithm:
    """``inner`` for some groups at a time."""

    def correlate(x: Array, kernel: Array, walk: Geometry, groups: int) -> Array:
        count = together(kernel.shape[-2], groups)
        runs = zip(_split(x, groups // count), _split(kernel, groups // count), strict=True)
        return jnp.concatenate([inner(run, _diagonal(part, count), walk, 1) for run, part in runs], axis=-1)

    return correlate


def runs_spread(inner: Algorithm) -> Algorithm:
    """``inner`` for some groups at a time."""

    def spread(y: Array, kernel: Array, walk: Geometry, groups: int) -> Array:
        count = together(kernel.shape[-2], groups)
        runs = zip(_split(y, groups // count), _split(kernel, groups // count), strict=True)
        return jnp.concatenate([inner(run, _diagonal(part, count), walk, 1) for run, part in runs], axis=-1)

    return spread


def runs_weigh(inner: Algorithm) -> Algorithm:
    """``inner`` for some groups at a time."""

    def weigh(x: Array, y: Array, walk: Geometry, groups: int) -> Array:
        fan_in = x.shape[-1] // groups
        count = together(fan_in, groups)

        def diagonal(kernel: Array) -> Array:
            parts = kernel.reshape((*walk.window, count, fan_in, count, -1))
            return jnp.concatenate([parts[..., n, :, n, :] for n in range(count)], axis=-1)

        runs = zip(_split(x, groups // count), _split(y, groups // count), strict=True)
        return jnp.concatenate([diagonal(inner(run, part, walk, 1)) for run, part in runs], axis=-1)

    return weigh


def batched_correlate(x: Array, kernel: Array, walk: Geometry, groups: int) -> Array:
    """For many groups: one matmul a tap, batched over the groups."""
    *window, fan_in, out = kernel.shape
    x, kernel = laid(x, walk), kernel.reshape((*window, fan_in, groups, out // groups))

    def term(tap: tuple[int, ...]) -> Array:
        cells = seen(x, walk, tap)
        return jnp.einsum("...gi,igo->...go", cells.reshape((*cells.shape[:-1], groups, fan_in)), kernel[tap])

    return _sum(map(term, np.ndindex(*window))).reshape((x.shape[0], *walk.out, out))


def batched_spread(y: Array, kernel: Array, walk: Geometry, groups: int) -> Array:
    """For many groups: `batched_correlate` with the kernel turned around."""
    if set(walk.stride) == {1}:
        return batched_correlate(y, turn(kernel, groups), walk.turned(), groups)
    return phases_spread(batched_correlate)(y, kernel, walk, groups)


def batched_weigh(x: Array, y: Array, walk: Geometry, groups: int) -> Array:
    """For many groups: one matmul a tap, batched over the groups."""
    x, parts = laid(x, walk), y.reshape((-1, groups, y.shape[-1] // groups))

    def weight(tap: tuple[int, ...]) -> Array:
        cells = seen(x, walk, tap)
        return jnp.einsum("rgi,rgo->igo", cells.reshape((-1, groups, cells.shape[-1] // groups)), parts)

    return jnp.stack([weight(tap) for tap in np.ndindex(*walk.window)]).reshape((*walk.window, x.shape[-1] // groups, y.shape[-1]))
