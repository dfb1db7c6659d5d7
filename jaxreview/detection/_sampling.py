"""Regions of interest: what the four functions share, the checks of their arguments, and weighted sums over windows of the features."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array

from jaxreview import _checks, _windows

# Up to so many cells of a bin are added up in one fused loop; more would be long to compile.
WRITTEN_OUT = 36
# The windows that are gathered at a time hold about so many times what the features do: a gradient adds up a whole map for each time.
TIMES_THE_FEATURES = 4
# Values of the result that are worked on at a time.
AT_A_TIME = 1 << 16


class Regions(NamedTuple):
    """Arguments that were checked: features `(N, H, W, C)`, the map and the scaled corners of each region, and which regions are usable."""

    features: Array
    image: Array
    corners: Array
    usable: Array
    bins: tuple[int, int]
    dtype: jnp.dtype


class Taps(NamedTuple):
    """What a bin looks at on one axis: runs of cells from `first` `(K, bins, runs)` on, with weights `(K, bins, runs, cells)`."""

    first: Array
    weights: Array


def checked(where: str, features: object, rois: object, output_size: int | Sequence[int], spatial_scale: float) -> Regions:
    """The arguments of all four functions. A region that cannot be used has corners 0 and map 0 from here on."""
    x, boxes = _checks.real(where, "features", features), _checks.real(where, "rois", rois)
    _checks.min_rank(where, "features", x, 3, "(*batch, height, width, channels)")
    if not all(x.shape[-3:-1]):
        raise ValueError(f"{where}: features has shape {x.shape}; it needs at least one cell on both spatial axes")
    _checks.rank(where, "rois", boxes, 2, "(K, 5): the index of the map, x1, y1, x2, y2")
    _checks.shape(where, "rois", boxes, (boxes.shape[0], 5), "(K, 5): the index of the map, x1, y1, x2, y2")
    bins = _windows.per_axis(where, "output_size", output_size, 2, minimum=1)
    scale = _checks.number(where, "spatial_scale", spatial_scale, above=0.0)
    dtype, maps = _checks.result_dtype(x, boxes), math.prod(x.shape[:-3])
    wide = _checks.accumulator(dtype)
    boxes = lax.stop_gradient(boxes.astype(wide))
    index, corners = boxes[:, 0], _rounded(boxes[:, 1:] * jnp.asarray(scale, wide))
    there = (index == jnp.floor(index)) & (index >= 0) & (index < maps)
    if _checks.concrete(there) and not there.all():
        row = int(np.argmin(np.asarray(there)))
        raise ValueError(f"{where}: rois has the index {float(index[row]):g} in row {row}; it needs a whole number from 0 to {maps - 1}, as there are maps")
    # A side beyond the largest number is no number either.
    usable = there & jnp.isfinite(boxes[:, 1:]).all(-1) & jnp.isfinite(corners[:, 2:] - corners[:, :2]).all(-1)
    corners, index = jnp.where(usable[:, None], corners, jnp.zeros_like(corners)), jnp.where(usable, index, jnp.zeros_like(index))
    return Regions(x.astype(wide).reshape(maps, *x.shape[-3:]), index.astype(jnp.int32), corners, usable, (bins[0], bins[1]), dtype)


def sampling(where: str, found: Regions, ratio: int, most: int | Sequence[int] | None) -> tuple[int, ...]:
    """The static number of samples of a bin on both axes: exact for a ratio, a bound where each region has its own."""
    ratio = _windows.integer(where, "sampling_ratio", ratio, minimum=0)
    if ratio:
        if most is not None:
            raise ValueError(f"{where}: max_samples is {most!r} with sampling_ratio {ratio}; it needs to be None, or sampling_ratio to be 0")
        return ratio, ratio
    if most is None:
        return tuple(-(-size // bins) + 1 for size, bins in zip(found.features.shape[1:3], found.bins, strict=True))
    return _windows.per_axis(where, "max_samples", most, 2, minimum=1)


def samples(where: str, found: Regions, ratio: int, most: Sequence[int], *, offset: float, smallest: float | None) -> tuple[Taps, Taps, Array]:
    """Rows, columns and usable regions of bilinear samples, their mean over a bin folded into the weights."""
    taps, usable, counts = [], found.usable, []
    for axis in range(2):
        start, end = (found.corners[:, side] - offset for side in (1 - axis, 3 - axis))
        size = end - start
        if smallest is not None:
            size = jnp.maximum(size, jnp.asarray(smallest, size.dtype))
        cells = max(found.features.shape[1 + axis], 2)
        one, count = _axis(start, size, found.features.shape[1 + axis], cells, found.bins[axis], ratio, most[axis])
        usable = usable & (count <= most[axis])
        taps.append(one)
        counts.append(count)
    if _checks.concrete(usable) and (found.usable & ~usable).any():
        row = int(np.argmax(np.asarray(found.usable & ~usable)))
        needed = tuple(int(count[row]) for count in counts)
        raise ValueError(f"{where}: max_samples is {tuple(most)}; it needs to be at least {needed} for the region in row {row} of rois")
    return taps[0], taps[1], usable


def _axis(start: Array, size: Array, n: int, cells: int, bins: int, ratio: int, most: int) -> tuple[Taps, Array]:
    """The taps of every bin on an axis of n cells, stored as `cells` (a single one has a zero behind it), and how many samples each region needs."""
    dtype = size.dtype
    bin_size = size / divisor(size, bins)
    count = jnp.full_like(size, ratio) if ratio else jnp.ceil(bin_size)
    spread = jnp.maximum(count, jnp.ones_like(count))[:, None, None]
    corner = start[:, None] + _rounded(jnp.arange(bins, dtype=dtype)[None] * bin_size[:, None])
    number = jnp.arange(most, dtype=dtype)[None, None]
    parts = (number + 0.5) * bin_size[:, None, None]
    position = corner[:, :, None] + parts / divisor(parts, spread)
    counted = (position >= -1) & (position <= n) & (number < count[:, None, None])
    inside = jnp.clip(position, 0, n - 1)
    low = jnp.minimum(jnp.floor(inside), cells - 2)
    share = inside - low
    weights = jnp.stack([1 - share, share], -1) * (counted.astype(dtype) / spread)[..., None]
    low = low.astype(jnp.int32)
    if ratio:
        return Taps(low, weights), count
    # At most a cell apart, so many samples see so many cells in a row.
    band = min(most + 1, cells)
    first = jnp.clip(low[:, :, :1], 0, cells - band)
    near = jnp.arange(band, dtype=jnp.int32).reshape(1, 1, 1, band) - (low - first)[..., None]
    weights = jnp.where(near == 0, weights[..., :1], jnp.where(near == 1, weights[..., 1:], jnp.zeros_like(weights[..., :1])))
    return Taps(first, weights.sum(2, keepdims=True)), count


def _rounded(product: Array) -> Array:
    """A product, rounded: where its sum is taken directly, a compiler would round product and sum once together, and decide otherwise on a border."""
    return jnp.maximum(product, jnp.asarray(jnp.finfo(product.dtype).min, product.dtype))


def divisor(like: Array, value: int | Array) -> Array:
    """A divisor of the shape of what it divides that the compiler cannot see through: by a constant, or by one number for many, it multiplies with the
    rounded reciprocal, and 21/7 is more than 3.
    """
    return jnp.where(jnp.isnan(like), like, jnp.asarray(value, like.dtype))


def same_map(found: Regions) -> Array:
    """The map of every bin `(K, ph, pw)`: that of its region."""
    return jnp.broadcast_to(found.image[:, None, None], (*found.image.shape, *found.bins))


def own_maps(where: str, found: Regions) -> tuple[Array, Array]:
    """Every position's own channels as maps `(N·ph·pw, H, W, out)`, and the map of every bin."""
    (maps, height, width, channels), (tall, wide) = found.features.shape, found.bins
    if channels % (tall * wide):
        raise ValueError(f"{where}: features has {channels} channels; it needs a multiple of {tall * wide}, the bins of output_size {found.bins}")
    out = channels // (tall * wide)
    x = found.features.reshape(maps, height, width, out, tall * wide).transpose(0, 4, 1, 2, 3).reshape(maps * tall * wide, height, width, out)
    return x, found.image[:, None, None] * (tall * wide) + jnp.arange(tall * wide, dtype=jnp.int32).reshape(1, tall, wide)


def finished(y: Array, usable: Array, dtype: jnp.dtype) -> Array:
    """The result in its dtype, NaN for a region that could not be used."""
    return jnp.where(usable.reshape(-1, *(1,) * (y.ndim - 1)), y, jnp.full((), jnp.nan, y.dtype)).astype(dtype)


def weighted(features: Array, image: Array, rows: Taps, columns: Taps) -> Array:
    """For every bin the sum of its cells times their weights on both axes: `(K, ph, pw, C)` from maps `(M, H, W, C)`.

    image: the map of each bin, `(K, ph, pw)`. A cell of weight 0 is not looked at: it may be infinite.
    """
    regions, (tall, wide), channels = image.shape[0], image.shape[1:], features.shape[-1]
    if not features.size or not regions:
        return jnp.zeros((regions, tall, wide, channels), features.dtype)
    short = [max(0, 2 - size) for size in features.shape[1:3]]
    return _sum(jnp.pad(features, ((0, 0), (0, short[0]), (0, short[1]), (0, 0))) if any(short) else features, image, rows, columns)


@jax.custom_jvp
def _sum(features: Array, image: Array, rows: Taps, columns: Taps) -> Array:
    """Some regions at a time, so that the loop over the cells is not merged with what uses the result: then every cell would be stored."""
    regions, channels = image.shape[0], features.shape[-1]
    size = max(1, min(-(-regions // 2), AT_A_TIME // (math.prod(image.shape[1:]) * channels)))
    flat = features.reshape(-1, channels)

    def some(step: Array, y: Array) -> Array:
        # The last steps overlap where the size does not divide the regions.
        at = jnp.minimum(step * size, regions - size)
        number, down, right = jax.tree.map(lambda a: lax.dynamic_slice_in_dim(a, at, size), (image, _cells(rows), _cells(columns)))

        def row(i: Array | int, total: Array) -> Array:
            line = (number * features.shape[1] + down.first[:, :, i, None]) * features.shape[2]

            def cell(j: Array | int, total: Array) -> Array:
                weight = (down.weights[:, :, i, None] * right.weights[:, None, :, j])[..., None]
                seen = flat.at[line + right.first[:, None, :, j]].get(mode="promise_in_bounds")
                return total + jnp.where(weight != 0, weight * seen, jnp.zeros_like(seen))

            return _repeat(right.first.shape[2], cell, total)

        total = _repeat(down.first.shape[2], row, jnp.zeros((size, *y.shape[1:]), y.dtype), right.first.shape[2])
        return lax.dynamic_update_slice_in_dim(y, total, at, 0)

    return lax.fori_loop(0, -(-regions // size), some, jnp.zeros((*image.shape, channels), features.dtype))


@_sum.defjvp
def _(primals, tangents):
    # Linear in the features; only they have a tangent. The transpose of gathered windows is a scatter of windows, much faster than one of single cells.
    return _sum(*primals), _gathered(tangents[0], *primals[1:])


def _cells(taps: Taps) -> Taps:
    """The same with every cell as a run of its own: `(K, bins, cells)`."""
    first = taps.first[..., None] + jnp.arange(taps.weights.shape[-1], dtype=jnp.int32).reshape(1, 1, 1, -1)
    return Taps(first.reshape(*first.shape[:2], -1), taps.weights.reshape(*first.shape[:2], -1))


def _repeat(count: int, step: Callable[[Array | int, Array], Array], total: Array, inside: int = 1) -> Array:
    """The steps 0 … count − 1 after one another, written out unless they are too many with those inside of each."""
    if count * inside > WRITTEN_OUT:
        return lax.fori_loop(0, count, step, total)
    for number in range(count):
        total = step(number, total)
    return total


def _gathered(features: Array, image: Array, rows: Taps, columns: Taps) -> Array:
    """The same sum: the windows of some regions gathered, and added up as products of matrices; then of the next."""
    regions, channels = image.shape[0], features.shape[-1]
    window = (rows.weights.shape[3], columns.weights.shape[3])
    each = math.prod(image.shape[1:]) * math.prod(rows.weights.shape[2:]) * math.prod(columns.weights.shape[2:])
    size = min(regions, max(1, TIMES_THE_FEATURES * math.prod(features.shape[:3]) // each))
    numbers = lax.GatherDimensionNumbers(offset_dims=(5, 6, 7), collapsed_slice_dims=(0,), start_index_map=(0, 1, 2))

    def some(given: tuple[Array, Taps, Taps]) -> Array:
        number, down, right = given
        weight = down.weights[:, :, None, :, None, :, None] * right.weights[:, None, :, None, :, None, :]
        corner = [number[:, :, :, None, None], down.first[:, :, None, :, None], right.first[:, None, :, None, :]]
        at = jnp.stack([jnp.broadcast_to(one, weight.shape[:5]) for one in corner], -1)
        seen = lax.gather(features, at, numbers, (1, *window, channels), mode="promise_in_bounds")
        return jnp.einsum("kpqijab,kpqijabc->kpqc", weight, seen, precision=lax.Precision.HIGHEST)

    whole = regions // size * size
    first = jax.tree.map(lambda a: a[:whole].reshape(-1, size, *a.shape[1:]), (image, rows, columns))
    y = lax.map(some, first).reshape(whole, *image.shape[1:], channels)
    if whole == regions:
        return y
    return jnp.concatenate([y, some(jax.tree.map(lambda a: a[whole:], (image, rows, columns)))])
