"""Kernels given by their direction and length, or divided by their largest singular value."""

import math

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from jaxreview import _checks, _windows
from jaxreview.normalization import _norms

__all__ = ["spectral_norm", "weight_norm"]


def weight_norm(v: Float[Array, "*shape"], g: Float[Array, " slices"], *, axis: int = -1) -> Float[Array, "*shape"]:
    """A kernel from its direction and its length: w = g · v / ‖v‖, one norm and one g for each slice of ``axis``.

    The norm is over all axes but ``axis``; kernels here have their outputs last, so the default is one length per output (PyTorch's kernels have them
    first: its dim = 0). Where v is zero so is w, and so are the gradients (PyTorch gives NaN).

    Args:
        v: the direction, of any rank from 1.
        g: the lengths, `(v.shape[axis],)`.
        axis: the axis whose slices are normalized.

    Returns:
        The shape of v in the promoted dtype of both arrays; computed in float32 for float16 and bfloat16.

    Raises:
        TypeError: an array is not floating point, or axis is no int.
        ValueError: v is a scalar, g does not have one entry for each slice, or axis is not one of v.

    References:
        Salimans & Kingma, Weight Normalization (2016), equation 2.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import weight_norm
        >>> weight_norm(jnp.array([[3.0, 0.0], [4.0, 0.0]]), jnp.array([10.0, 7.0])).tolist()
        [[6.0, 0.0], [8.0, 0.0]]
    """
    v, g = _checks.real("weight_norm", "v", v), _checks.real("weight_norm", "g", g)
    _checks.min_rank("weight_norm", "v", v, 1, "an axis of slices")
    kept = _checks.axis("weight_norm", axis, v.ndim)
    _checks.shape("weight_norm", "g", g, (v.shape[kept],), f"one for each slice of axis {axis} of v {v.shape}")
    dtype = _checks.result_dtype(v, g)
    v, g = (a.astype(_checks.accumulator(dtype)) for a in (v, g))
    size = _norms.norm(v, tuple(a for a in range(v.ndim) if a != kept), 2.0)
    zero = size == 0
    direction = jnp.where(zero, jnp.zeros_like(v), _norms.over(v, jnp.where(zero, jnp.ones_like(size), size)))
    return (direction * g.reshape([-1 if a == kept else 1 for a in range(v.ndim)])).astype(dtype)


def spectral_norm(kernel: Float[Array, "*window out"], u: Float[Array, " out"], *, steps: int = 1) -> tuple[Float[Array, "*window out"], Float[Array, " out"]]:
    """Divide a kernel by its largest singular value σ = vᵀ K u, which power iteration estimates: u ← Kᵀ v / ‖Kᵀ v‖, v ← K u / ‖K u‖.

    K is the kernel as a matrix, all axes but the last against the last. Keep the new u for the next call, as PyTorch does. PyTorch keeps v too; here v
    starts as K u / ‖K u‖. The gradient takes u and v as constants, as in PyTorch: it is that of σ, if u is an estimate of the singular vector or not.
    A kernel of zeros stays zero.

    Args:
        kernel: `(*window, in, out)`, of rank 2 or more.
        u: the estimate of the singular vector on the side of the outputs, `(out,)`. Its length does not count; to begin with, draw it from a normal.
        steps: power iterations, at least 0. With 0 the given u is used, and returned, as it is.

    Returns:
        The kernel over σ, in the promoted dtype of both arrays, and the new u, `(out,)`, of length 1 after a step, in the dtype of u. Computed in float32
        for float16 and bfloat16.

    Raises:
        TypeError: an array is not floating point, or steps is no int.
        ValueError: the kernel has rank below 2, u does not have one entry for each output, or steps is negative.

    References:
        Miyato, Kataoka, Koyama & Yoshida, Spectral Normalization for Generative Adversarial Networks (2018), algorithm 1.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import spectral_norm
        >>> kernel, u = spectral_norm(jnp.array([[0.0, 8.0], [2.0, 0.0]]), jnp.array([0.0, 1.0]))
        >>> kernel.tolist(), u.tolist()
        ([[0.0, 1.0], [0.25, 0.0]], [0.0, 1.0])
    """
    where = "spectral_norm"
    kernel, given = _checks.real(where, "kernel", kernel), _checks.real(where, "u", u)
    _checks.min_rank(where, "kernel", kernel, 2, "(*window, in, out)")
    _checks.shape(where, "u", given, kernel.shape[-1:], f"one for each output of kernel {kernel.shape}")
    steps = _windows.integer(where, "steps", steps, minimum=0)
    dtype = _checks.result_dtype(kernel, given)
    wide = kernel.astype(_checks.accumulator(dtype))
    matrix = wide.reshape(math.prod(kernel.shape[:-1]), kernel.shape[-1])
    # in units of the largest entry its products with vectors of length 1 stay within the floats
    largest = jnp.max(jnp.abs(lax.stop_gradient(matrix)), initial=0.0)
    unit = jnp.where((largest > 0) & (largest < jnp.inf), largest, jnp.ones_like(largest))
    scaled = _norms.over(matrix, unit)
    fixed = lax.stop_gradient(scaled)
    u = _direction(lax.stop_gradient(given).astype(wide.dtype))
    v = _direction(fixed @ u)
    for _ in range(steps):
        u = _direction(v @ fixed)
        v = _direction(fixed @ u)
    sigma = unit * jnp.dot(v, scaled @ u)
    divided = _norms.over(wide, jnp.where(sigma == 0, jnp.ones_like(sigma), sigma))
    return divided.astype(dtype), (u if steps else lax.stop_gradient(given)).astype(given.dtype)


def _direction(a: Array) -> Array:
    """A vector over its length, and zero if it is zero."""
    size = _norms.norm(a, (0,), 2.0)
    return _norms.over(a, jnp.where(size == 0, jnp.ones_like(size), size))
