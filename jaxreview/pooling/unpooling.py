"""The inverses of pooling: pooled values back on a plane of ``(*batch, *spatial, channels)``."""

import math
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.experimental.custom_partitioning import custom_partitioning
from jax.sharding import NamedSharding, PartitionSpec
from jaxtyping import Array, Integer, Num

from jaxreview import _checks, _windows

__all__ = ["max_unpool", "zero_unpool"]


def max_unpool(x: Num[Array, "*shape channels"], indices: Integer[Array, "*shape channels"], *, output_size: Sequence[int]) -> Num[Array, "*unpooled channels"]:
    """Puts pooled values back where they came from: y[indices[i]] = x[i], zeros elsewhere.

    Where an index occurs more than once (overlapping windows), the last value in row-major order stays, and it alone gets a gradient. Pooling the
    result again gives back x where x ≥ 0; a negative maximum loses against the zeros around it.

    Args:
        x: `(*batch, *pooled, channels)`, real or integer.
        indices: integers of the shape of x, row-major over the spatial axes of the result, as `max_pool` returns them. Concrete indices out of
            range are refused; where they are traced (under `jit`, `vmap`) such values are dropped.
        output_size: the spatial shape of the result, one int per spatial axis. Pooling maps several sizes to one, so it must be given.

    Returns:
        `(*batch, *output_size, channels)` in the dtype of x.

    Raises:
        TypeError: x is boolean or complex, indices are not integers, or output_size is not a tuple of ints.
        ValueError: the shapes differ, output_size has an entry below 1 or more entries than x has spatial axes, or an index is out of range.

    References:
        Zeiler & Fergus, Visualizing and Understanding Convolutional Networks (2014), section 2.1.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import max_unpool
        >>> max_unpool(jnp.array([[3.0], [5.0]]), jnp.array([[1], [2]]), output_size=(4,)).ravel().tolist()
        [0.0, 3.0, 5.0, 0.0]
    """
    x, indices = _checks.numeric("max_unpool", "x", x), _checks.integers("max_unpool", "indices", indices)
    if not isinstance(output_size, (tuple, list)) or not output_size:
        raise TypeError(f"max_unpool: output_size is {output_size!r}; it needs a non-empty tuple with one int per spatial axis, for example (4, 4)")
    size = _windows.per_axis("max_unpool", "output_size", output_size, len(output_size), minimum=1)
    _checks.min_rank("max_unpool", "x", x, len(size) + 1, f"(*batch, *pooled, channels) with {len(size)} spatial axes, as output_size has")
    _checks.same_shape("max_unpool", "x", x, "indices", indices)
    cells, channels, batch = math.prod(size), x.shape[-1], x.shape[: x.ndim - len(size) - 1]
    if cells * channels > np.iinfo(np.int32).max:
        raise ValueError(
            f"max_unpool: output_size is {size} with {cells} cells of {channels} channels; it needs at most {np.iinfo(np.int32).max} values "
            "an example, what an int32 index reaches"
        )
    if _checks.concrete(indices) and indices.size:
        low, high = int(np.asarray(indices).min()), int(np.asarray(indices).max())
        if low < 0 or high >= cells:
            raise ValueError(f"max_unpool: indices go from {low} to {high}; it needs 0 to {cells - 1}, the cells of output_size {size}")
    wide = indices.astype(jnp.int32) if jnp.iinfo(indices.dtype).bits < 32 else indices
    own = _OwnWindows.of(x.shape[len(batch) : -1], size, len(batch))
    if not x.size or math.prod(own.window) > MOST_TAPS:
        return _anywhere(x, wide, size)
    # Both branches give the same; the second is for indices of any origin, overlapping windows among them.
    return lax.cond(_all_true(own.hold(wide)), own.unpool, partial(_anywhere, size=size), x, wide)


# Where every index lies in its value's own window, as after pooling with windows side by side, unpooling is an elementwise select. Measured with its
# gradient on 8×56×56×64 → 112×112 (CPU): 7 ms, and 45 ms with the scatter below. The select is unrolled over the cells of a window, so only for small ones.
MOST_TAPS = 32


class _OwnWindows(NamedTuple):
    """A plane of ``size`` cut into windows side by side, one for each pooled value, the last of an axis cut off or followed by a rest.

    ``first`` is the flat index of the first cell of each window, `(*pooled, 1)`, under as many batch axes as the indices have.
    """

    pooled: tuple[int, ...]
    size: tuple[int, ...]
    window: tuple[int, ...]
    first: np.ndarray

    @classmethod
    def of(cls, pooled: tuple[int, ...], size: tuple[int, ...], batch_axes: int) -> "_OwnWindows":
        window = tuple(max(1, round(m / n)) if n else 1 for m, n in zip(size, pooled, strict=True))
        starts = np.meshgrid(*(np.arange(n, dtype=np.int32) * k for n, k in zip(pooled, window, strict=True)), indexing="ij")
        first = sum(start * np.int32(math.prod(size[a + 1 :])) for a, start in enumerate(starts))
        return cls(pooled, size, window, np.asarray(first, np.int32).reshape((1,) * batch_axes + (*pooled, 1)))

    def behind(self, cell: Sequence[int]) -> int:
        """How far behind its window's first cell a cell lies."""
        return sum(c * math.prod(self.size[a + 1 :]) for a, c in enumerate(cell))

    def hold(self, indices: jax.Array) -> jax.Array:
        """Where an index is that of a cell of its value's window."""
        behind, held = indices - self.first.astype(indices.dtype), jnp.zeros(indices.shape, bool)
        for cell in np.ndindex(*self.window):
            # A cell beyond the edge of the plane has the flat index of another one.
            there = [np.arange(n) * k + c < m for n, k, c, m in zip(self.pooled, self.window, cell, self.size, strict=True)]
            held = held | ((behind == self.behind(cell)) & np.all(np.meshgrid(*there, indexing="ij"), axis=0).reshape(self.first.shape))
        return held

    def unpool(self, x: jax.Array, indices: jax.Array) -> jax.Array:
        """Each value at the cell of its window that its index names. Cells are stacked axis by axis: the transpose of that is a sum of plain slices."""
        behind, lead = indices - self.first.astype(indices.dtype), x.ndim - 1 - len(self.size)

        def cells(chosen: tuple[int, ...]) -> jax.Array:
            axis = len(chosen)
            if axis == len(self.size):
                return jnp.where(behind == self.behind(chosen), x, jnp.zeros((), x.dtype))
            return jnp.stack([cells((*chosen, c)) for c in range(self.window[axis])], axis=lead + axis + 1)

        covered = [n * k for n, k in zip(self.pooled, self.window, strict=True)]
        y = cells(()).reshape(*x.shape[:lead], *covered, x.shape[-1])
        rest = [(0, m - n, 0) for n, m in zip(covered, self.size, strict=True)]
        return lax.pad(y, jnp.zeros((), x.dtype), [*[(0, 0, 0)] * lead, *rest, (0, 0, 0)])


# A choice between two ways to the same result may be made by each device for itself and, under `vmap`, for all lanes at once. So nothing is moved between
# the devices of a sharded batch, and a mapped choice stays a choice: as a select it would take both ways.
@jax.custom_batching.custom_vmap
def _all_true(held: jax.Array) -> jax.Array:
    return _on_each_device(held)


@_all_true.def_vmap
def _all_lanes_true(size: int, mapped: Any, held: jax.Array) -> tuple[jax.Array, bool]:
    return _all_true(held), False


@custom_partitioning
def _on_each_device(held: jax.Array) -> jax.Array:
    return jnp.all(held)


def _partition(mesh: Any, operands: Any, result: Any) -> tuple[Any, Any, Any, Any]:
    return mesh, jnp.all, NamedSharding(mesh, PartitionSpec()), (operands[0].sharding,)


_on_each_device.def_partition(
    partition=_partition,
    infer_sharding_from_operands=lambda mesh, operands, result: NamedSharding(mesh, PartitionSpec()),
    sharding_rule="... -> ",
)


def _anywhere(x: jax.Array, indices: jax.Array, size: tuple[int, ...]) -> jax.Array:
    """Each value at the cell that its index names; what lies outside is dropped."""
    cells, channels, batch = math.prod(size), x.shape[-1], x.shape[: x.ndim - len(size) - 1]
    # A negative index would count from the end; the place after the last is dropped.
    lanes = lax.broadcasted_iota(jnp.int32, x.shape, x.ndim - 1)
    target = jnp.where((indices >= 0) & (indices < cells), indices.astype(jnp.int32) * channels + lanes, cells * channels)
    examples, values = math.prod(batch), math.prod(x.shape[len(batch) :])
    # Mapped over the examples, not one scatter over all of them: so a sharded batch stays where it is.
    y = jax.vmap(partial(_lane, size=cells * channels))(x.reshape(examples, values), target.reshape(examples, values))
    return y.reshape(*batch, *size, channels)


def _lane(x: jax.Array, target: jax.Array, size: int) -> jax.Array:
    """The values of one example at their places, the last of several at one."""
    winner = jnp.full((size,), -1, jnp.int32).at[target].max(jnp.arange(x.shape[0], dtype=jnp.int32), mode="drop")
    return _placed(x, winner, target)


# One scatter says for each place which value it takes; then values are gathered, and so is the gradient: the transpose of a scatter to distinct places.
# Scattering the values as well took one and a half times as long on 8×56×56×64 → 112×112 (CPU), four times as long with a scatter for every channel.
@jax.custom_jvp
def _placed(x: jax.Array, winner: jax.Array, target: jax.Array) -> jax.Array:
    return jnp.where(winner >= 0, x.at[jnp.maximum(winner, 0)].get(mode="clip"), jnp.zeros((), x.dtype))


@_placed.defjvp
def _placed_jvp(primals: tuple[jax.Array, jax.Array, jax.Array], tangents: tuple[jax.Array, Any, Any]) -> tuple[jax.Array, jax.Array]:
    x, winner, target = primals
    order = jnp.arange(x.shape[0], dtype=jnp.int32)
    places = jnp.where(winner.at[target].get(mode="fill", fill_value=-1) == order, target, winner.shape[0] + order)
    return _placed(x, winner, target), jnp.zeros(winner.shape, x.dtype).at[places].set(tangents[0], mode="drop", unique_indices=True)


def zero_unpool(x: Num[Array, "*shape channels"], window: Sequence[int]) -> Num[Array, "*unpooled channels"]:
    """Each value at the first corner of its window, zeros elsewhere: y[o·window] = x[o].

    The "unpooling" that knows no switches: `max_unpool` with every maximum taken to have been at the first cell of its window.

    Args:
        x: `(*batch, *pooled, channels)`, real or integer; `*batch` may be empty.
        window: one int per spatial axis, the cells that each value becomes; its length is the number of spatial axes.

    Returns:
        `(*batch, *unpooled, channels)` in the dtype of x, n·window cells on each spatial axis.

    Raises:
        TypeError: x is boolean or complex, or the window is not a tuple of ints.
        ValueError: x has too few axes, or an entry of the window is below 1.

    References:
        Dosovitskiy, Springenberg & Brox, Learning to Generate Chairs with Convolutional Neural Networks (2015), section 4.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import zero_unpool
        >>> zero_unpool(jnp.array([[3.0], [5.0]]), (2,)).ravel().tolist()
        [3.0, 0.0, 5.0, 0.0]
    """
    x, sizes = _checks.numeric("zero_unpool", "x", x), _windows.window_tuple("zero_unpool", window)
    _checks.min_rank("zero_unpool", "x", x, len(sizes) + 1, f"(*batch, *pooled, channels) with {len(sizes)} spatial axes, as window {sizes} has")
    gaps = [(0, k - 1, k - 1) for k in sizes]
    return lax.pad(x, jnp.zeros((), x.dtype), [*[(0, 0, 0)] * (x.ndim - len(sizes) - 1), *gaps, (0, 0, 0)])
