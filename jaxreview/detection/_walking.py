"""Regions of interest whose bins are runs of whole cells: their borders, and a walk over the cells of all bins."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from jaxreview.detection._sampling import Regions, divisor

# Values of the result that are worked on at a time, and at least so many steps, so that small regions need not wait for large ones.
AT_A_TIME, STEPS = 1 << 15, 16
# The same for products of matrices, where more is better.
TRANSPOSED_AT_A_TIME = 1 << 21
# Beyond the cells of any map, and far from the largest integer.
FAR = 2.0**28


class Runs(NamedTuple):
    """The cells of every bin on one axis, from `start` up to, not including, `end`: `(K, bins)`."""

    start: Array
    end: Array


def runs(found: Regions, *, last: int, held: int) -> tuple[Runs, Runs]:
    """Rows and columns of the bins of regions with rounded corners, of which the second names the last cell (`last` 1) or the one behind it (0).

    Bin p of m covers the cells ⌊p·(size/m)⌋ … ⌈(p + 1)·(size/m)⌉ − 1 from the first, held between 0 and the map's size less `held`. The quotient is rounded,
    as in torchvision: of few sizes (57 in 7 bins, in float32) the last bin takes a cell more.
    """
    sides = []
    for axis in range(2):
        first, end = (_whole(found.corners[:, side]) for side in (1 - axis, 3 - axis))
        # Integers: the difference of two large reals would be rounded.
        size = jnp.maximum(end - first + last, 1).astype(found.corners.dtype)
        bins = found.bins[axis]
        bin_size = (size / divisor(size, bins))[:, None]
        number = jnp.arange(bins, dtype=size.dtype)[None]
        steps = jnp.floor(number * bin_size), jnp.ceil((number + 1) * bin_size)
        sides.append(Runs(*(jnp.clip(first[:, None] + step.astype(jnp.int32), 0, found.features.shape[1 + axis] - held) for step in steps)))
    return sides[0], sides[1]


def _whole(x: Array) -> Array:
    """The nearest integer, of two the one farther from 0."""
    return lax.round(jnp.clip(x, -FAR, FAR), lax.RoundingMethod.AWAY_FROM_ZERO).astype(jnp.int32)


def walk(features: Array, image: Array, rows: Runs, columns: Runs, fills: Any, visit: Callable[[Any, Array, Array, Array], Any]) -> Any:
    """The state of every bin and channel, `(K, ph, pw, C)` each, after ``visit(state, values, cell, share)`` of all its cells in row-major order.

    It begins with `fills`; share is what a cell has in the mean of its bin, 0 where the bin has no further cell; image is the map of each bin,
    `(K, ph, pw)`. Regions of similar sizes are walked together, in as many steps as the largest of their bins has cells: a number that the values give, so
    that there is no gradient through the walk.
    """
    regions, (height, width, channels) = image.shape[0], features.shape[1:]
    whole = jax.tree.map(lambda fill: jnp.full((*image.shape, channels), fill), fills)
    if not features.size or not regions:
        return whole
    flat = features.reshape(-1, channels)
    tall, wide = ((side.end - side.start).max(1) for side in (rows, columns))
    order = jnp.argsort(tall * wide)
    size = max(1, min(-(-regions // STEPS), AT_A_TIME // (math.prod(image.shape[1:]) * channels)))

    def some(step: Array, whole: Any) -> Any:
        # The last steps overlap where the size does not divide the regions.
        at = lax.dynamic_slice_in_dim(order, jnp.minimum(step * size, regions - size), size)
        number, down, right = jax.tree.map(lambda a: a[at], (image, rows, columns))
        count = (down.end - down.start)[:, :, None] * (right.end - right.start)[:, None, :]
        most = jnp.maximum(wide[at].max(), 1)

        def cell(step: Array, state: Any) -> Any:
            row, column = down.start[:, :, None] + step // most, right.start[:, None, :] + step % most
            there = (row < down.end[:, :, None]) & (column < right.end[:, None, :])
            share = there.astype(features.dtype) / jnp.maximum(count, 1).astype(features.dtype)
            place = jnp.where(there, row * width + column, 0)
            seen = flat.at[number * (height * width) + place].get(mode="promise_in_bounds")
            return visit(state, seen, place[..., None], share[..., None])

        begun = jax.tree.map(lambda fill: jnp.full((size, *image.shape[1:], channels), fill), fills)
        done = lax.fori_loop(0, tall[at].max() * most, cell, begun)
        return jax.tree.map(lambda all_of_them, part: all_of_them.at[at].set(part, unique_indices=True), whole, done)

    return lax.fori_loop(0, -(-regions // size), some, whole)


def picked(features: Array, image: Array, at: Array) -> Array:
    """The cells numbered `at` `(K, ph, pw, C)` of each channel, 0 for −1."""
    if not features.size or not at.size:
        return jnp.zeros(at.shape, features.dtype)
    _, height, width, channels = features.shape
    place = image[..., None] * (height * width) + jnp.maximum(at, 0)
    seen = features.reshape(-1, channels).at[place, jnp.broadcast_to(jnp.arange(channels, dtype=jnp.int32), place.shape)].get(mode="promise_in_bounds")
    return jnp.where(at < 0, jnp.zeros_like(seen), seen)


@jax.custom_jvp
def means(features: Array, image: Array, rows: Runs, columns: Runs) -> Array:
    """The mean over the cells of every bin, `(K, ph, pw, C)`, 0 for a bin without: of maps `(N·ph·pw, H, W, C)`, one for each bin."""

    def added(total: Array, seen: Array, cell: Array, share: Array) -> Array:
        # Before the sum, which could overflow where the mean does not. A cell of another bin may be infinite.
        return total + jnp.where(share > 0, share * seen, jnp.zeros_like(seen))

    return walk(features, image, rows, columns, jnp.zeros((), features.dtype), added)


@means.defjvp
def _(primals, tangents):
    # Linear in the features; only they have a tangent. A walk has no transpose, products with the shares of the cells on both axes have.
    _, image, rows, columns = primals
    return means(*primals), _products(tangents[0], image, rows, columns)


def _products(features: Array, image: Array, rows: Runs, columns: Runs) -> Array:
    """The same means: the regions put together by their map into runs of one length, a map for each run, which is worked on some regions at a time."""
    (regions, tall, wide), (height, width, channels) = image.shape, features.shape[1:]
    if not features.size or not regions:
        return jnp.zeros((*image.shape, channels), features.dtype)
    maps = features.reshape(-1, tall, wide, height, width, channels)
    size = max(1, min(-(-regions // len(maps)), TRANSPOSED_AT_A_TIME // (tall * wide * width * channels)))
    length = -(-regions // (len(maps) * size)) * size
    # So many runs are enough, however the regions lie on the maps: at most as many as there are maps are not full.
    count = (regions + len(maps) * (length - 1)) // length
    number, place = _placed(image[:, 0, 0] // (tall * wide), len(maps), length, count)

    def sides(side: Array) -> Array:
        return jnp.zeros((count * length, *side.shape[1:]), side.dtype).at[place].set(side).reshape(count, length // size, size, *side.shape[1:])

    def some(x: Array, down: Array, right: Array) -> Array:
        bands = jnp.einsum("kph,pqhwc->pkqwc", down, x, precision=lax.Precision.HIGHEST)
        return jnp.einsum("kqw,pkqwc->kpqc", right, bands, precision=lax.Precision.HIGHEST)

    def run(given: tuple[Array, Array, Array]) -> Array:
        return lax.map(lambda both: some(given[0], *both), given[1:])

    shares = sides(_shares(rows, height, features.dtype)), sides(_shares(columns, width, features.dtype))
    return lax.map(run, (maps[number], *shares)).reshape(count * length, tall, wide, channels)[place]


def _placed(own: Array, maps: int, length: int, count: int) -> tuple[Array, Array]:
    """The map of each of `count` runs of regions of one map, and the place of every region in them."""
    each = jnp.zeros(maps, jnp.int32).at[own].add(1)
    ends = jnp.cumsum((each + length - 1) // length)
    number = jnp.minimum(jnp.searchsorted(ends, jnp.arange(count, dtype=ends.dtype), side="right"), maps - 1)
    order = jnp.argsort(own)
    rank = jnp.arange(own.size, dtype=jnp.int32) - (jnp.cumsum(each) - each)[own[order]]
    first = (ends - (each + length - 1) // length)[own[order]] * length
    return number, jnp.zeros_like(own).at[order].set((first + rank).astype(own.dtype))


def _shares(side: Runs, size: int, dtype: jnp.dtype) -> Array:
    """How much every cell of an axis has of the mean of every bin: `(K, bins, size)`."""
    cell, count = jnp.arange(size, dtype=jnp.int32).reshape(1, 1, size), jnp.maximum(side.end - side.start, 1)
    inside = (cell >= side.start[..., None]) & (cell < side.end[..., None])
    return inside.astype(dtype) / count[..., None].astype(dtype)
