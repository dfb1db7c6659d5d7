"""Activations: jax.nn's own, re-exported unchanged, and the two with parameters or pieces that jax.nn lacks."""

import jax.numpy as jnp
from jax.nn import leaky_relu, relu, sigmoid, softmax, tanh
from jaxtyping import Array, Float

from jaxreview import _checks, _windows

__all__ = ["leaky_relu", "maxout", "prelu", "relu", "sigmoid", "softmax", "tanh"]


def prelu(x: Float[Array, "*shape"], slope: Float[Array, ""] | Float[Array, " slopes"] | float) -> Float[Array, "*shape"]:
    """Leaky ReLU with a learned slope: y = x where x > 0, else slope · x.

    At 0 the derivative is the slope, as in PyTorch. Channels are the last axis.

    Args:
        x: any shape.
        slope: `()` or `(1,)`, one slope for all of x, or `(C,)`, one for each entry of the last axis of x.

    Returns:
        The shape of x in the promoted dtype; float16 and bfloat16 compute, and sum the gradient of slope, in float32.

    Raises:
        TypeError: an argument is not floating point.
        ValueError: slope is neither a scalar, nor `(1,)`, nor as long as the last axis of x; nothing else is broadcast.

    References:
        He, Zhang, Ren & Sun, Delving Deep into Rectifiers (2015), equation 1.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import prelu
        >>> prelu(jnp.array([-2.0, 0.0, 3.0]), jnp.array(0.25)).tolist()
        [-0.5, 0.0, 3.0]
    """
    x, slope = _checks.real("prelu", "x", x), _checks.real("prelu", "slope", slope)
    if slope.shape not in ((), (1,), x.shape[-1:]):
        channels = f" or {x.shape[-1:]}, one for each channel of x {x.shape}" if x.ndim else ""
        raise ValueError(f"prelu: slope has shape {slope.shape}; it needs (), (1,){channels}")
    dtype = _checks.result_dtype(x, slope)
    sums = _checks.accumulator(dtype)
    x = x.astype(sums)
    slope = slope.astype(sums).reshape((1,) * (x.ndim - 1) + (slope.size,) if x.ndim else ())
    # slope · x is also differentiated where x > 0: there x is set to 0, or the slope's gradient is 0 · inf at an infinite x
    return jnp.where(x > 0, x, slope * jnp.where(x > 0, jnp.zeros_like(x), x)).astype(dtype)


def maxout(x: Float[Array, "*batch channels"], pieces: int) -> Float[Array, "*batch units"]:
    """The largest of each unit's pieces: y[u] = max over k of x[u · pieces + k].

    The pieces of one unit are adjacent. Of equal pieces the first gets the whole gradient; a NaN wins over all.

    Args:
        x: `(*batch, C)`; `*batch` may be empty.
        pieces: linear pieces to a unit, a static int of at least 1 that divides C.

    Returns:
        `(*batch, C // pieces)` in the dtype of x.

    Raises:
        TypeError: x is not floating point, or pieces is not an int.
        ValueError: x is a scalar, or pieces is below 1 or does not divide C.

    References:
        Goodfellow, Warde-Farley, Mirza, Courville & Bengio, Maxout Networks (2013), section 2.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import maxout
        >>> maxout(jnp.array([1.0, 4.0, -3.0, -5.0]), 2).tolist()
        [4.0, -3.0]
    """
    x, pieces = _checks.real("maxout", "x", x), _windows.integer("maxout", "pieces", pieces, minimum=1)
    _checks.min_rank("maxout", "x", x, 1, "(*batch, C)")
    if x.shape[-1] % pieces:
        raise ValueError(f"maxout: x has shape {x.shape}; it needs channels divisible by pieces = {pieces}")
    units = x.reshape(*x.shape[:-1], x.shape[-1] // pieces, pieces)
    # measured on 4096 × 512, CPU, with gradient: 1.3 ms by comparing up to 3 pieces (19 ms by argmax), 3 ms by argmax beyond (9-65 ms by comparing)
    if pieces > 3:
        return jnp.take_along_axis(units, jnp.argmax(units, axis=-1, keepdims=True), axis=-1).reshape(units.shape[:-1])
    best = units[..., 0]
    for k in range(1, pieces):
        piece = units[..., k]
        best = jnp.where((piece > best) | (jnp.isnan(piece) & ~jnp.isnan(best)), piece, best)
    return best
