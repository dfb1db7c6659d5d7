"""Division by the size of neighbouring channels, or of the whole vector."""

import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float

from jaxreview import _checks, _windows
from jaxreview.normalization import _norms
from jaxreview.normalization._operands import reduced_axes

__all__ = ["local_response_norm", "lp_normalize"]

# Up to this many neighbours their sum is one of shifted slices, which fuses into one loop.
_SLICES = 16


def local_response_norm(
    x: Float[Array, "*batch channels"], size: int, *, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Float[Array, "*batch channels"]:
    """Divide by the energy of neighbouring channels: y_c = x_c / (k + alpha / size · Σ_j x_j²)^beta, j from c − ⌊size / 2⌋ to c + ⌊(size − 1) / 2⌋.

    As PyTorch: alpha is divided by size (TensorFlow and the paper do not), channels outside of x count 0, and for an even size the window reaches one
    channel farther to the left. Where squares leave the range of floats (beyond 1e19 in float32) y is 0.

    Args:
        x: `(*batch, C)`; `*batch` may be empty, and holds any spatial axes too.
        size: channels under the window, at least 1.
        alpha: weight of the window's mean square, at least 0.
        beta: the exponent, at least 0.
        k: added to the energy, at least 0. With 0 a window of zeros gives NaN.

    Returns:
        `(*batch, C)` in the dtype of x; computed in float32 for float16 and bfloat16.

    Raises:
        TypeError: x is not floating point, or a setting is of the wrong kind.
        ValueError: x is a scalar, or a setting is out of range.

    References:
        Krizhevsky, Sutskever & Hinton, ImageNet Classification with Deep Convolutional Neural Networks (2012), section 3.3.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import local_response_norm
        >>> local_response_norm(jnp.array([1.0, 1.0, 1.0, 1.0]), 4, alpha=1.0, beta=1.0, k=1.25).tolist()
        [0.5714285969734192, 0.5, 0.4444444477558136, 0.5]
    """
    where = "local_response_norm"
    x = _checks.real(where, "x", x)
    _checks.min_rank(where, "x", x, 1, "(*batch, C)")
    size = _windows.integer(where, "size", size, minimum=1)
    alpha, beta, k = (_checks.number(where, name, value, low=0.0) for name, value in (("alpha", alpha), ("beta", beta), ("k", k)))
    wide = x.astype(_checks.accumulator(x.dtype))
    # wide · wide has slopes wide and wide, where those of a square, 2 · wide, overflow
    energy = _neighbours(wide * wide, size) * jnp.asarray(alpha / size, wide.dtype) + jnp.asarray(k, wide.dtype)
    return (wide * _inverse_power(energy, beta)).astype(x.dtype)


def _neighbours(x: Array, size: int) -> Array:
    """Sums over the window of ``size`` channels."""
    before, after = size // 2, (size - 1) // 2
    if size > _SLICES:
        window = (1,) * (x.ndim - 1) + (size,)
        return lax.reduce_window(x, np.zeros((), x.dtype), lax.add, window, (1,) * x.ndim, [(0, 0)] * (x.ndim - 1) + [(before, after)])
    padded = lax.pad(x, jnp.zeros((), x.dtype), [(0, 0, 0)] * (x.ndim - 1) + [(before, after, 0)])
    channels = x.shape[-1]
    total = lax.slice_in_dim(padded, 0, channels, axis=-1)
    for tap in range(1, size):
        total = total + lax.slice_in_dim(padded, tap, tap + channels, axis=-1)
    return total


def _inverse_power(x: Array, beta: float) -> Array:
    """x^−beta; the usual exponents from roots, which cost a fraction of a power."""
    if beta == 0.5:
        return lax.rsqrt(x)
    if beta == 0.75:
        return lax.rsqrt(x) * lax.rsqrt(jnp.sqrt(x))
    return 1.0 / x if beta == 1 else x ** jnp.asarray(-beta, x.dtype)


def lp_normalize(x: Float[Array, "*shape"], *, p: float = 2, axis: int | tuple[int, ...] = -1, eps: float = 1e-12) -> Float[Array, "*shape"]:
    """Divide by the p-norm: y = x / max((Σ|x|^p)^(1/p), eps), over the given axis.

    The norm is taken in units of the largest |x|, so that neither 1e30 nor 1e−30 loses its square. A zero vector stays zero, with gradient 1 / eps. A zero
    entry of another vector is given slope 0 in its norm, also for p ≤ 1 where there is none. p = 0 counts the entries that are not 0, with gradient 0;
    for p = ∞ several largest entries share the gradient of the norm equally, as in PyTorch.

    Args:
        x: any shape with at least one axis.
        p: at least 0; inf is the largest |x|.
        axis: one axis or a tuple of them.
        eps: the least divisor, greater than 0.

    Returns:
        The shape and dtype of x; computed in float32 for float16 and bfloat16.

    Raises:
        TypeError: x is not floating point, or a setting is of the wrong kind.
        ValueError: p is negative or NaN, eps is not positive, or an axis is not one of x or is given twice.

    References:
        Deza & Deza, Encyclopedia of Distances (2009), chapter 5 (ℓp norms).

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import lp_normalize
        >>> lp_normalize(jnp.array([[3.0, -5.0], [0.0, 0.0]]), p=1).tolist()
        [[0.375, -0.625], [0.0, 0.0]]
    """
    where = "lp_normalize"
    x = _checks.real(where, "x", x)
    _checks.min_rank(where, "x", x, 1, "an axis to normalize over")
    axes = reduced_axes(where, axis, x.ndim)
    p, eps = _checks.number(where, "p", p, low=0.0), _checks.number(where, "eps", eps, above=0.0)
    wide = x.astype(_checks.accumulator(x.dtype))
    size, least = _norms.norm(wide, axes, p), jnp.asarray(max(eps, float(jnp.finfo(wide.dtype).tiny)), wide.dtype)
    return _norms.over(wide, jnp.where(size < least, least, size)).astype(x.dtype)
