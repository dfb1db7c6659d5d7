"""Losses of a real prediction, element by element."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxreview import _checks
from jaxreview.losses._shared import difference

__all__ = ["squared_error", "smooth_l1_loss"]


def squared_error(predictions: Float[Array, "*shape"], targets: Float[Array, "*shape"] | None = None) -> Float[Array, "*shape"]:
    """Squared difference, element by element: (prediction − target)².

    Args:
        predictions: `(...)`.
        targets: the shape of predictions; None stands for zeros.

    Returns:
        The shape of predictions, in the promoted dtype.

    Raises:
        TypeError: an argument is not floating point.
        ValueError: the shapes differ; nothing is broadcast.

    References:
        Goodfellow, Bengio & Courville, Deep Learning (2016), section 5.1.4.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import squared_error
        >>> squared_error(jnp.array([1.0, 5.0]), jnp.array([3.0, 5.0])).tolist()
        [4.0, 0.0]
    """
    d, dtype = difference("squared_error", predictions, targets)
    return (d * d).astype(dtype)


def smooth_l1_loss(predictions: Float[Array, "*shape"], targets: Float[Array, "*shape"], *, beta: float = 1.0) -> Float[Array, "*shape"]:
    """Quadratic near zero, linear beyond: d²/(2β) where |d| < β, else |d| − β/2, with d = prediction − target.

    The two pieces meet with equal value and slope at |d| = β, where the second derivative is taken from the linear one (0). With β = 0 it is
    |d|, whose gradient at 0 is 0. The σ of Faster R-CNN is β = 1/σ².

    Args:
        predictions: `(...)`.
        targets: the shape of predictions.
        beta: β ≥ 0, in the unit of the predictions.

    Returns:
        The shape of predictions, in the promoted dtype.

    Raises:
        TypeError: an array is not floating point, or beta is not a static number.
        ValueError: the shapes differ, or beta is negative.

    References:
        Girshick, Fast R-CNN (2015), equation 3; Ren et al., Faster R-CNN (2015).

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import smooth_l1_loss
        >>> smooth_l1_loss(jnp.array([0.5, 3.0]), jnp.array([0.0, 0.0])).tolist()
        [0.125, 2.5]
    """
    beta = _checks.number("smooth_l1_loss", "beta", beta, low=0.0)
    if targets is None:
        raise TypeError("smooth_l1_loss: targets is None; it needs an array")
    d, dtype = difference("smooth_l1_loss", predictions, targets)
    size = d * jnp.sign(d)  # jnp.abs has gradient 1 at 0
    limits = jnp.finfo(d.dtype)
    if beta < float(limits.tiny):  # a subnormal β would be flushed to 0 and divide by it
        return size.astype(dtype)
    inverse, beta = 1 / beta, min(beta, float(limits.max))
    near = size < beta
    inner = jnp.where(near, d, 0.0)  # d² of the unused branch overflows
    return jnp.where(near, 0.5 * inner * (inner * inverse), size - 0.5 * beta).astype(dtype)
