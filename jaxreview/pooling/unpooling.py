"""The inverses of pooling: pooled values back on a plane of ``(*batch, *spatial, channels)``."""

import math
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Integer, Num

from jaxreview import _checks, _windows

__all__ = ["max_unpool"]


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
    cells, lead = math.prod(size), x.ndim - len(size) - 1
    if cells > np.iinfo(np.int32).max:
        raise ValueError(f"max_unpool: output_size is {size} with {cells} cells; it needs at most {np.iinfo(np.int32).max}, what an int32 index reaches")
    if _checks.concrete(indices) and indices.size:
        low, high = int(np.asarray(indices).min()), int(np.asarray(indices).max())
        if low < 0 or high >= cells:
            raise ValueError(f"max_unpool: indices go from {low} to {high}; it needs 0 to {cells - 1}, the cells of output_size {size}")
    wide = indices.astype(jnp.int32) if jnp.iinfo(indices.dtype).bits < 32 else indices
    target = jnp.where((wide >= 0) & (wide < cells), wide, cells).astype(jnp.int32)  # a negative index would count from the end; `cells` is dropped

    def lane(values: jax.Array, target: jax.Array) -> jax.Array:
        order = jnp.arange(values.shape[0], dtype=jnp.int32)
        last = jnp.full((cells,), -1, jnp.int32).at[target].max(order, mode="drop")
        stays = last.at[target].get(mode="fill", fill_value=-1) == order
        return jnp.zeros((cells,), values.dtype).at[target].add(jnp.where(stays, values, jnp.zeros_like(values)), mode="drop")

    flat = (math.prod(x.shape[:lead]), math.prod(x.shape[lead:-1]), x.shape[-1])
    y = jax.vmap(jax.vmap(lane, in_axes=1, out_axes=1))(x.reshape(flat), target.reshape(flat))
    return y.reshape(*x.shape[:lead], *size, x.shape[-1])
