"""Max pooling over windows at random places, for ratios of sizes that are no whole numbers."""

import math
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int, Key, Num

from jaxreview import _checks, _windows
from jaxreview.pooling.adaptive import first_of

__all__ = ["fractional_max_pool"]


def fractional_max_pool(
    key: Key[Array, ""],
    x: Num[Array, "*shape channels"],
    window: Sequence[int],
    *,
    output_size: Sequence[int],
    return_indices: bool = False,
) -> Num[Array, "*pooled channels"] | tuple[Num[Array, "*pooled channels"], Int[Array, "*pooled channels"]]:
    """Maximum under m windows of k cells that begin at ⌊(o + u)·α⌋ − ⌊u·α⌋, α = (n − k)/(m − 1), the last at n − k.

    u is uniform in [0, 1), drawn for every example, channel and spatial axis: the windows are steps of ⌊α⌋ or ⌈α⌉ apart, in a random sequence. Of equal
    maxima the first in row-major order wins: its index is returned and it gets the whole gradient. A NaN wins over every number.

    Args:
        key: a `jax.random.key`. A key used twice gives the same windows twice: split it.
        x: `(*batch, *spatial, channels)`, real or integer; `*batch` may be empty.
        window: k for each spatial axis; its length is the number of spatial axes.
        output_size: m for each spatial axis, with k + m − 1 ≤ n.
        return_indices: also return where each maximum was.

    Returns:
        `(*batch, *output_size, channels)` in the dtype of x; with `return_indices` a pair of it and int32 indices of the same shape, row-major over the
        spatial axes of one example and channel.

    Raises:
        TypeError: key is no typed key, x is boolean or complex, or window or output_size is not a tuple of ints.
        ValueError: output_size has other entries than window, x has too few axes, or so many windows do not fit.

    References:
        Graham, Fractional Max-Pooling (2014), section 2.

    Examples:
        >>> import jax
        >>> import jax.numpy as jnp
        >>> from jaxreview import fractional_max_pool
        >>> fractional_max_pool(jax.random.key(0), jnp.arange(5.0).reshape(5, 1), (2,), output_size=(2,)).ravel().tolist()
        [1.0, 4.0]
    """
    where = "fractional_max_pool"
    key, x, indexed = _checks.key(where, key), _checks.numeric(where, "x", x), _checks.flag(where, "return_indices", return_indices)
    windows = _windows.window_tuple(where, window)
    if not isinstance(output_size, (tuple, list)):
        raise TypeError(f"{where}: output_size is {output_size!r}; it needs a tuple with one int per spatial axis, as window has")
    sizes, d = _windows.per_axis(where, "output_size", output_size, len(windows), minimum=1), len(windows)
    _checks.min_rank(where, "x", x, d + 1, f"(*batch, *spatial, channels) with {d} spatial axes, as window {windows} has")
    batch, spatial, channels = x.shape[: x.ndim - d - 1], x.shape[x.ndim - d - 1 : -1], x.shape[-1]
    for axis, (n, k, m) in enumerate(zip(spatial, windows, sizes, strict=True)):
        if k + m - 1 > n:
            raise ValueError(f"{where}: spatial axis {axis} has {n} cells, window {k} and output_size {m}; it needs at least {k + m - 1} cells")
    # 24 bits: the numbers a float32 holds exactly, so that the windows depend on neither the dtype of x nor on x64
    draws = (jax.random.bits(key, (math.prod(batch), channels, d), "uint32") >> 8).astype(jnp.float32) * jnp.float32(2**-24)
    lanes = x.reshape(math.prod(batch), *spatial, channels)
    values = lanes.astype(_checks.accumulator(x.dtype)) if jnp.issubdtype(x.dtype, jnp.floating) else lanes
    position = jnp.zeros((1,) * values.ndim, jnp.int32)
    for a in reversed(range(d)):  # the last axis first, so that the first maximum is the first in row-major order
        along = [1] * values.ndim
        along[a + 1] = spatial[a]
        numbers = np.arange(spatial[a], dtype=np.int32).reshape(along) * np.int32(math.prod(spatial[a + 1 :]))
        position = jnp.broadcast_to(position + jnp.asarray(numbers), values.shape)
        values, position = _along(values, position, _starts(draws[..., a], spatial[a], windows[a], sizes[a]), a + 1, windows[a])
    y, shape = values.astype(x.dtype), (*batch, *sizes, channels)
    return (y.reshape(shape), position.reshape(shape)) if indexed else y.reshape(shape)


def _starts(u: jax.Array, n: int, k: int, m: int) -> jax.Array:
    """The first cell of every window, `(examples, m, channels)`."""
    if m == 1:
        return jnp.full((u.shape[0], 1, u.shape[1]), n - k, jnp.int32)
    step = jnp.float32((n - k) / (m - 1))
    places = jnp.arange(m, dtype=jnp.float32)[None, :, None] + u[:, None, :]
    starts = jnp.floor(places * step) - jnp.floor(u * step)[:, None, :]
    return starts.astype(jnp.int32).at[:, -1].set(n - k)


def _along(values: jax.Array, position: jax.Array, starts: jax.Array, axis: int, k: int) -> tuple[jax.Array, jax.Array]:
    """The maxima under the windows of every example and channel along one axis."""
    examples, m, channels = starts.shape
    taps = starts[:, :, None, :] + jnp.arange(k, dtype=jnp.int32)[None, None, :, None]
    cells = taps.reshape(examples, *(1,) * (axis - 1), m * k, *(1,) * (values.ndim - 2 - axis), channels)
    shape = (*values.shape[:axis], m, k, *values.shape[axis + 1 :])
    seen, numbers = (jnp.take_along_axis(a, cells, axis, mode="clip").reshape(shape) for a in (values, position))
    return first_of(seen, numbers, axis + 1)
