"""What the functions of this family share: the checks of their arrays, and the way back to the caller's batch axes and dtype."""

import jax.numpy as jnp
from jaxtyping import Array

from jaxreview import _checks


def arrays(where: str, x: object, kernel: object, bias: object, layout: str) -> tuple[Array, Array, Array | None]:
    """The three as real arrays; the kernel has a window, and x the spatial axes that the kernel has."""
    data, weights = _checks.real(where, "x", x), _checks.real(where, "kernel", kernel)
    shift = None if bias is None else _checks.real(where, "bias", bias)
    _checks.min_rank(where, "kernel", weights, 3, f"{layout} with one or more window axes")
    if not weights.size:
        raise ValueError(f"{where}: kernel has shape {weights.shape}; it needs at least one cell on every axis of {layout}")
    ndim = weights.ndim - 2
    _checks.min_rank(where, "x", data, ndim + 1, f"(*batch, *spatial, channels) with the {ndim} spatial axes of kernel {weights.shape}")
    return data, weights, shift


def split(x: Array, ndim: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The sizes of the batch axes and of the ``ndim`` spatial axes."""
    return x.shape[: -ndim - 1], x.shape[-ndim - 1 : -1]


def finish(y: Array, bias: Array | None, batch: tuple[int, ...], dtype: jnp.dtype) -> Array:
    """`(N, *spatial, out)` plus the bias, with the caller's batch axes and dtype."""
    if bias is not None:
        y = y + bias.astype(y.dtype).reshape((1,) * (y.ndim - 1) + bias.shape)
    return y.astype(dtype).reshape(batch + y.shape[1:])
