"""Winograd's minimal filtering: two outputs of an axis from window + 1 products instead of 2 · window (Lavin & Gray, Fast Algorithms for Convolutional
Neural Networks, 2016, section 4), in any number of axes, with stride 1.

Tiles of x are transformed (Bᵀ on every axis), multiplied channel by channel with the transformed kernel (G), and the products are transformed into
outputs (Aᵀ). The products of one transformed cell over all tiles are one matmul. A dilated axis is cut into `dilation` runs of plain cells.
"""

import dataclasses
import functools
import itertools
import math
import operator
from collections.abc import Mapping, Sequence

import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array

from jaxreview._windows import Geometry

__all__ = ["TILES", "correlate", "fits", "saving", "weigh"]

# Window → (outputs a tile, Bᵀ, G, Aᵀ) with y = Aᵀ(Gk · Bᵀx). Points 0, ∞ and 1, and −1 for three taps: all coefficients are 0, ±1 or ±½, so the
# rounding error stays that of the plain sum; four outputs of three taps would need ¼ … 8 and lose a decimal digit.
TILES = {
    1: (1, [[1]], [[1]], [[1]]),
    2: (2, [[1, -1, 0], [0, 1, 0], [0, -1, 1]], [[1, 0], [1, 1], [0, 1]], [[1, 1, 0], [0, 1, 1]]),
    3: (
        2,
        [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]],
        [[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]],
        [[1, 1, 1, 0], [0, 1, -1, -1]],
    ),
}
# Tiles of so many numbers are transformed in parts.
_LARGE, _PARTS = 2**19, 4
_Cells = Mapping[tuple[int, ...], Array]


def fits(walk: Geometry) -> bool:
    """Whether there are tiles for these windows."""
    return set(walk.stride) == {1} and set(walk.window) <= set(TILES) and math.prod(walk.window) > 1


def saving(walk: Geometry) -> float:
    """How many multiplications of the plain sum there are for each of these; what the last tiles compute beyond the result is counted."""
    per_axis = []
    for axis, (window, out) in enumerate(zip(walk.window, walk.out, strict=True)):
        m, dilation, count = _tiles(walk, axis)
        per_axis.append(window * out / (count * dilation * (m + window - 1)))
    return math.prod(per_axis)


def correlate(x: Array, kernel: Array, walk: Geometry, *, turned: bool = False) -> Array:
    """Convolution; or, with ``turned``, with the kernel turned around and its channels swapped, as in the gradient of the input."""
    weights, channels = _transformed_kernel(kernel, turned), 1 if turned else 0
    cells, reach = _blocked(x, walk)
    m, dilation, count = _tiles(walk, 0)
    bounds = [round(count * part / _PARTS) for part in range(_PARTS + 1)] if x.shape[0] and cells.size >= _LARGE and count >= _PARTS else [0, count]
    results, turn = [], jnp.zeros((), jnp.int32)
    for start, stop in itertools.pairwise(bounds):
        here = dataclasses.replace(walk, out=(min(stop * m * dilation, walk.out[0]) - start * m * dilation, *walk.out[1:]))
        part = lax.dynamic_slice_in_dim(cells, start + turn, stop - start + cells.shape[1] - count, axis=1)
        seen = _transformed_tiles(part, [(reach[0][0], stop - start, reach[0][2]), *reach[1:]], walk)
        products = {cell: lax.dot_general(seen[cell], weights[cell], (((1,), (channels,)), ((), ()))) for cell in seen}
        for axis, window in enumerate(walk.window):
            products = _apply(np.array(TILES[window][3]), products, axis)
        results.append(_joined(products, x.shape[0], here))
        if stop == count:
            break
        # No number has more than 64 bits, so that turn is 0; only the compiler can't know, and does not hold the tiles of all parts at once.
        turn = (lax.population_count(_bits(results[-1])) > 64).astype(jnp.int32)
    return jnp.concatenate(results, 1)


def _bits(y: Array) -> Array:
    first = lax.slice(y, (0,) * y.ndim, (1,) * y.ndim).reshape(())
    return lax.bitcast_convert_type(first, jnp.dtype(f"int{8 * y.dtype.itemsize}"))


def weigh(x: Array, y: Array, walk: Geometry) -> Array:
    """The kernel from x and y, by the transposed transforms."""
    cells, reach = _blocked(x, walk)
    seen, spread = _transformed_tiles(cells, reach, walk), _cut(y, walk)
    for axis, window in enumerate(walk.window):
        spread = _apply(np.array(TILES[window][3]).T, spread, axis)
    products = {cell: lax.dot_general(seen[cell], spread[cell], (((0,), (0,)), ((), ()))) for cell in seen}
    for axis, window in enumerate(walk.window):
        products = _apply(np.array(TILES[window][2]).T, products, axis)
    return jnp.stack(list(products.values())).reshape((*walk.window, x.shape[-1], y.shape[-1]))


def _apply(matrix: np.ndarray, cells: _Cells, axis: int) -> dict[tuple[int, ...], Array]:
    """The matrix applied along one axis of the cells, which are arrays."""

    def row(coefficients: Sequence[float], run: Sequence[Array]) -> Array:
        terms = [a if c == 1 else -a if c == -1 else a * jnp.asarray(c, a.dtype) for c, a in zip(coefficients, run, strict=True) if c]
        return functools.reduce(operator.add, terms)

    sizes = [max(cell[n] for cell in cells) + 1 for n in range(len(next(iter(cells))))]
    sizes[axis] = len(matrix)

    def of(cell: tuple[int, ...]) -> Array:
        run = [cells[(*cell[:axis], i, *cell[axis + 1 :])] for i in range(matrix.shape[1])]
        return row(matrix[cell[axis]].tolist(), run)

    return {cell: of(cell) for cell in np.ndindex(*sizes)}


def _transformed_kernel(kernel: Array, turned: bool) -> dict[tuple[int, ...], Array]:
    window = kernel.shape[:-2]
    cells: dict[tuple[int, ...], Array] = {}
    for tap in np.ndindex(*window):
        cells[tap] = kernel[tuple(k - 1 - t for k, t in zip(window, tap, strict=True)) if turned else tap]
    for axis, k in enumerate(window):
        cells = _apply(np.array(TILES[k][2]), cells, axis)
    return cells


def _tiles(walk: Geometry, axis: int) -> tuple[int, int, int]:
    """Outputs of a tile, dilation, and how many tiles cover the axis."""
    per_tile, dilation = TILES[walk.window[axis]][0], walk.dilation[axis]
    return per_tile, dilation, -(-walk.out[axis] // (per_tile * dilation))


def _blocked(x: Array, walk: Geometry) -> tuple[Array, list[tuple[int, int, int]]]:
    """Blocks of x, as large as a tile's outputs: `(N, blocks, m, dilation, …, channels)`; for each axis m, the tiles, and the cells of a tile."""
    pads, split, reach = [(0, 0, 0)], [x.shape[0]], []
    for axis, (n, k, (before, _)) in enumerate(zip(x.shape[1:-1], walk.window, walk.padding, strict=True)):
        m, d, count = _tiles(walk, axis)
        blocks = count + -(-(k - 1) // m)
        pads.append((before, blocks * m * d - before - n, 0))
        split += [blocks, m, d]
        reach.append((m, count, m + k - 1))
    return lax.pad(x, jnp.zeros((), x.dtype), (*pads, (0, 0, 0))).reshape((*split, x.shape[-1])), reach


def _transformed_tiles(cells: Array, reach: Sequence[tuple[int, int, int]], walk: Geometry) -> dict[tuple[int, ...], Array]:
    """Cell → `(tiles, channels)`."""

    def at(cell: tuple[int, ...]) -> Array:
        cut = [part for i, (m, count, _) in zip(cell, reach, strict=True) for part in (slice(i // m, i // m + count), i % m, slice(None))]
        return cells[(slice(None), *cut)].reshape((-1, cells.shape[-1]))

    tiles = {cell: at(cell) for cell in itertools.product(*(range(size) for *_, size in reach))}
    for axis, k in enumerate(walk.window):
        tiles = _apply(np.array(TILES[k][1]), tiles, axis)
    return tiles


def _cut(y: Array, walk: Geometry) -> dict[tuple[int, ...], Array]:
    """Outputs by their place in the tile: place → `(tiles, channels)`."""
    parts = [_tiles(walk, axis) for axis in range(len(walk.window))]
    pads = [(0, count * m * d - n, 0) for (m, d, count), n in zip(parts, walk.out, strict=True)]
    y = lax.pad(y, jnp.zeros((), y.dtype), ((0, 0, 0), *pads, (0, 0, 0)))
    cells = y.reshape((y.shape[0], *(size for m, d, count in parts for size in (count, m, d)), y.shape[-1]))
    places = itertools.product(*(range(m) for m, *_ in parts))
    return {place: cells[(slice(None), *(part for i in place for part in (slice(None), i, slice(None))))].reshape((-1, y.shape[-1])) for place in places}


def _joined(cells: _Cells, batch: int, walk: Geometry) -> Array:
    """The inverse of `_cut`."""
    parts = [_tiles(walk, axis) for axis in range(len(walk.window))]
    tiles = [size for _, d, count in parts for size in (count, d)]

    def stacked(place: tuple[int, ...]) -> Array:
        if len(place) == len(parts):
            return cells[place].reshape((batch, *tiles, cells[place].shape[-1]))
        return jnp.stack([stacked((*place, i)) for i in range(parts[len(place)][0])], 2 + 2 * len(place))

    y = stacked(())
    y = y.reshape((batch, *(count * m * d for m, d, count in parts), y.shape[-1]))
    return y[(slice(None), *(slice(n) for n in walk.out))]
