"""Greedy suppression of one image's boxes in blocks, and the same for a batch of images on one or several devices.

Boxes come in falling order of their scores, a block at a time. What the boxes kept so far suppress of a block is found against tiles of them, which lie side by
side; within a block the answer is the one fixed point of k = a & ~any_i(k[i] & M[i]), M being who would suppress whom further down: after t sweeps the first t
links of every chain are right. So nothing larger than a tile times a block exists, and blocks end as soon as enough boxes are kept.

Who suppresses whom within a block is stored as bits, 32 boxes a word. On a CPU XLA makes one vectorized loop of a reduction over 32, and of a longer one a slow
window reduction.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.experimental.custom_partitioning import custom_partitioning
from jax.sharding import NamedSharding, PartitionSpec

WORD = 32


class Form(NamedTuple):
    """Boxes in a block, kept boxes in a tile, the indices by falling score, and whether the best boxes are tried first where few are wanted."""

    block: int
    tile: int
    order: Callable[[jax.Array], jax.Array]
    first: bool


class _State(NamedTuple):
    """The next block, how many boxes are kept, and what they are: rows x1, y1, x2, y2 and area, classes, indices. A free place holds a box without area."""

    step: jax.Array
    kept: jax.Array
    boxes: jax.Array
    classes: jax.Array | None
    indices: jax.Array


def greedy(boxes: jax.Array, scores: jax.Array, classes: jax.Array | None, *, threshold: float, outputs: int) -> jax.Array:
    """Indices of the kept boxes of each image by falling score, −1 behind them: `(*batch, outputs)`. A score of −inf keeps a box out."""
    given = (boxes, scores) if classes is None else (boxes, scores, classes)
    if not math.prod(boxes.shape[:-1]) or not outputs:
        return jnp.full((*scores.shape[:-1], outputs), -1, jnp.int32)

    def on_device(*given: jax.Array) -> jax.Array:
        return _on_device(*given, threshold=threshold, outputs=outputs)

    return _images(on_device, len(given))(*given)


def _on_device(*given: jax.Array, threshold: float, outputs: int) -> jax.Array:
    """All images of one device, `(*batch, …)`."""
    batch = given[1].shape[:-1]
    lanes = [a.reshape(math.prod(batch), *a.shape[len(batch) :]) for a in given]
    one = partial(_one_image, threshold=threshold, outputs=outputs)

    def in_turn(*lanes: jax.Array) -> jax.Array:
        # A larger tile would be split over threads, to little gain on a quiet machine and with much waiting on a busy one.
        image = partial(one, form=Form(64, 64, _order_on_cpu, True))
        if lanes[0].shape[0] == 1:
            return image(*(lane[0] for lane in lanes))[None]
        return lax.map(lambda lane: image(*lane), lanes)

    def side_by_side(*lanes: jax.Array) -> jax.Array:
        return jax.vmap(partial(one, form=Form(1024, 4096, _order, False)))(*lanes)

    # Image by image on a CPU: side by side all run as long as the slowest, and loops copy what they carry. Elsewhere a step costs more than its work.
    return lax.platform_dependent(*lanes, cpu=in_turn, default=side_by_side).reshape(*batch, outputs)


def _one_image(boxes: jax.Array, scores: jax.Array, classes: jax.Array | None = None, *, threshold: float, outputs: int, form: Form) -> jax.Array:
    n = scores.shape[0]
    block = min(form.block, -(-n // WORD) * WORD)
    tile = min(form.tile, -(-outputs // WORD) * WORD)
    count = jnp.sum(scores > -jnp.inf, dtype=jnp.int32)
    # The last block may keep more than is asked for.
    places = -(-(outputs + block) // tile) * tile
    # In a `shard_map` what a loop carries must come from what differs between devices, even where it is 0.
    nothing = 0 * (count + sum((a.ravel()[0] > 0).astype(jnp.int32) for a in (boxes, classes) if a is not None))
    rows, labels = (
        jnp.broadcast_to(nothing.astype(boxes.dtype), (5, places)),
        None if classes is None else jnp.broadcast_to(nothing.astype(classes.dtype), places),
    )
    start = _State(nothing, nothing, rows, labels, jnp.broadcast_to(nothing - 1, places))
    blocks = partial(_blocks, boxes=boxes, classes=classes, block=block, tile=tile, threshold=threshold, outputs=outputs)
    first = -(-2 * outputs // block) * block
    if not form.first or first > n // 2:
        return blocks(start, form.order(scores), count).indices[:outputs]
    # The best of the boxes are often enough; sorting all of them takes longer than the suppression.
    some = blocks(start, lax.top_k(scores, first)[1], jnp.minimum(count, first))
    more = (some.kept < outputs) & (count > first)
    return lax.cond(more, lambda state: blocks(state, form.order(scores), count), lambda state: state, some).indices[:outputs]


def _blocks(
    state: _State, order: jax.Array, count: jax.Array, *, boxes: jax.Array, classes: jax.Array | None, block: int, tile: int, threshold: float, outputs: int
) -> _State:
    """Block after block of the boxes in this order, as long as any of the first ``count`` is left and more are wanted."""
    order = jnp.pad(order, (0, -order.shape[0] % block))
    corners = boxes.at[order].get(mode="promise_in_bounds").T
    area = jnp.maximum(corners[2] - corners[0], 0) * jnp.maximum(corners[3] - corners[1], 0)
    rows = jnp.concatenate([corners, area[None]])
    labels = None if classes is None else classes.at[order].get(mode="promise_in_bounds")
    places = state.indices.shape[0]
    lanes, bits = lax.iota(jnp.int32, block), lax.iota(jnp.uint32, WORD)[None]
    # Bit i of word w stands for box 32 w + i, which may suppress those behind it: how many of its word are before a box.
    ahead = jnp.clip(lanes[None] - WORD * lax.iota(jnp.int32, block // WORD)[:, None], 0, WORD).astype(jnp.uint32)
    above = jnp.where(ahead == WORD, np.uint32(0xFFFFFFFF), (np.uint32(1) << jnp.minimum(ahead, WORD - 1)) - 1)

    def step(state: _State) -> _State:
        at = state.step * block
        own = lax.dynamic_slice(rows, (np.int32(0), at), (5, block))
        own_labels = None if labels is None else lax.dynamic_slice(labels, (at,), (block,))

        def against(number: jax.Array, out: jax.Array) -> jax.Array:
            kept = lax.dynamic_slice(state.boxes, (np.int32(0), number * tile), (5, tile))
            theirs = None if state.classes is None else lax.dynamic_slice(state.classes, (number * tile,), (tile,))
            return out | jnp.any(_overlap(kept[:, :, None], theirs, own[:, None], own_labels, threshold), 0)

        out = lax.fori_loop(0, (state.kept + tile - 1) // tile, against, lanes + at >= count)
        suppressors = own.reshape(5, block // WORD, WORD, 1)
        their_labels = None if own_labels is None else own_labels.reshape(block // WORD, WORD)
        matrix = _words(_overlap(suppressors, their_labels, own[:, None, None], own_labels, threshold)) & above

        def sweep(words: jax.Array) -> jax.Array:
            hit = matrix[0] & words[0]
            for number in range(1, block // WORD):
                hit = hit | (matrix[number] & words[number])
            return _words(~(out | (hit > 0)).reshape(block // WORD, WORD))

        def again(pair: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
            return sweep(pair[0]), pair[0]

        alive = _words(~out.reshape(block // WORD, WORD))
        words, _ = lax.while_loop(lambda pair: jnp.any(pair[0] != pair[1]), again, (sweep(alive), alive))
        keep = ((words[:, None] >> bits) & 1) > 0
        totals = lax.population_count(words).astype(jnp.int32)
        before = jnp.cumsum(totals, dtype=jnp.int32) - totals
        below = lax.population_count(words[:, None] & ((np.uint32(1) << bits) - 1)).astype(jnp.int32)
        place = jnp.where(keep, state.kept + before[:, None] + below, places).reshape(block)
        return _State(
            state.step + 1,
            state.kept + jnp.sum(totals, dtype=jnp.int32),
            state.boxes.at[:, place].set(own, mode="drop", unique_indices=True),
            None if state.classes is None else state.classes.at[place].set(own_labels, mode="drop", unique_indices=True),
            state.indices.at[place].set(lax.dynamic_slice(order, (at,), (block,)), mode="drop", unique_indices=True),
        )

    return lax.while_loop(lambda state: (state.step * block < count) & (state.kept < outputs), step, state)


def _overlap(a: jax.Array, labels_a: jax.Array | None, b: jax.Array, labels_b: jax.Array | None, threshold: float) -> jax.Array:
    """Whether boxes overlap by more than the threshold, (x1, y1, x2, y2, area) on the first axis; ``a`` has one axis of length 1 behind its labels'."""
    width = jnp.maximum(jnp.minimum(a[2], b[2]) - jnp.maximum(a[0], b[0]), 0)
    height = jnp.maximum(jnp.minimum(a[3], b[3]) - jnp.maximum(a[1], b[1]), 0)
    both = width * height
    if threshold >= 1:
        # No share is above 1, but a product rounded in two ways might say so.
        return jnp.zeros(both.shape, bool)
    # Not as a quotient: 0/0 suppresses nothing.
    over = both > jnp.asarray(threshold, both.dtype) * (a[4] + b[4] - both)
    return over if labels_a is None or labels_b is None else over & (labels_a[..., None] == labels_b.reshape((1,) * labels_a.ndim + labels_b.shape))


def _words(truth: jax.Array) -> jax.Array:
    """The second axis, of 32, as the bits of a word."""
    bits = (np.uint32(1) << lax.iota(jnp.uint32, WORD)).reshape(1, WORD, *(1,) * (truth.ndim - 2))
    return lax.reduce(jnp.where(truth, bits, np.uint32(0)), np.uint32(0), lax.bitwise_or, (1,))


def _order(scores: jax.Array) -> jax.Array:
    """Indices by falling score, equal scores by index."""
    return lax.sort((-scores, lax.iota(jnp.int32, scores.shape[0])), num_keys=1, is_stable=True)[1]


def _order_on_cpu(scores: jax.Array) -> jax.Array:
    """As `_order`, by two sorts of integers, half a score before an index: together twice as fast as XLA's sort of keys with a payload on a CPU."""
    n = scores.shape[0]
    if n > 1 << 16 or scores.dtype != jnp.float32:
        return _order(scores)
    signed, index, half = lax.bitcast_convert_type(scores, jnp.int32), lax.iota(jnp.uint32, n), np.uint32(0xFFFF)
    # Floats as unsigned integers in falling order.
    key = lax.bitcast_convert_type(jnp.where(signed < 0, signed, ~signed ^ np.int32(-(2**31))), jnp.uint32)
    by_low = lax.sort(((key & half) << 16) | index, is_stable=False) & half
    by_both = lax.sort((key.at[by_low].get(mode="promise_in_bounds") & ~half) | index, is_stable=False) & half
    return by_low.at[by_both].get(mode="promise_in_bounds").astype(jnp.int32)


def _images(on_device: Callable[..., jax.Array], count: int) -> Callable[..., jax.Array]:
    """Each device does its own images, however many loops they take, and mapped axes are but more axes of images."""

    def images(*given: jax.Array) -> jax.Array:
        return spread(*given)

    def of_lanes(size: int, mapped: Any, *given: jax.Array) -> tuple[jax.Array, bool]:
        return mapped_too(*(a if moved else jnp.broadcast_to(a, (size, *a.shape)) for a, moved in zip(given, mapped, strict=True))), True

    spread = custom_partitioning(on_device)

    def places(operands: Any) -> tuple[Any, ...]:
        """Where the images are: as the boxes are spread, or the scores if those are not."""
        specs = [tuple(o.sharding.spec)[: len(o.shape) - own] for o, own in zip(operands[:2], (2, 1), strict=True)]
        return next((spec for spec in specs if any(spec)), specs[0])

    def shardings(mesh: Any, operands: Any) -> tuple[NamedSharding, tuple[NamedSharding, ...]]:
        sharding = NamedSharding(mesh, PartitionSpec(*places(operands)))
        return sharding, (sharding,) * len(operands)

    def partition(mesh: Any, operands: Any, result: Any) -> tuple[Any, Any, Any, Any]:
        return mesh, on_device, *shardings(mesh, operands)

    spread.def_partition(
        partition=partition,
        infer_sharding_from_operands=lambda mesh, operands, result: shardings(mesh, operands)[0],
        sharding_rule="... boxes corners, ... boxes" + ", ... boxes" * (count - 2) + " -> ... outputs",
        need_replication_factors=("boxes", "corners", "outputs"),
    )
    mapped_too = jax.custom_batching.custom_vmap(images)
    mapped_too.def_vmap(of_lanes)
    return mapped_too
