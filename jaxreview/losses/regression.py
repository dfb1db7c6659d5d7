"""Losses of a real prediction, element by element."""

import math

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxreview import _checks
from jaxreview.losses._shared import difference

__all__ = ["absolute_error", "huber_loss", "l2_loss", "log_cosh", "smooth_l1_loss", "squared_error"]


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


def absolute_error(predictions: Float[Array, "*shape"], targets: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Absolute difference, element by element: |prediction − target|, with gradient 0 at 0 as in PyTorch's l1_loss.

    Args:
        predictions: `(...)`.
        targets: the shape of predictions.

    Returns:
        The shape of predictions, in the promoted dtype.

    Raises:
        TypeError: an argument is not floating point.
        ValueError: the shapes differ; nothing is broadcast.

    References:
        Hastie, Tibshirani & Friedman, The Elements of Statistical Learning (2009), section 10.6.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import absolute_error
        >>> absolute_error(jnp.array([1.0, 5.0]), jnp.array([3.0, 5.0])).tolist()
        [2.0, 0.0]
    """
    if targets is None:
        raise TypeError("absolute_error: targets is None; it needs an array")
    d, dtype = difference("absolute_error", predictions, targets)
    return (d * jnp.sign(d)).astype(dtype)  # jnp.abs has gradient 1 at 0


def l2_loss(predictions: Float[Array, "*shape"], targets: Float[Array, "*shape"] | None = None) -> Float[Array, "*shape"]:
    """Half the squared difference, element by element: ½(prediction − target)², whose gradient is the difference.

    Args:
        predictions: `(...)`.
        targets: the shape of predictions; None stands for zeros.

    Returns:
        The shape of predictions, in the promoted dtype.

    Raises:
        TypeError: an argument is not floating point.
        ValueError: the shapes differ; nothing is broadcast.

    References:
        Bishop, Pattern Recognition and Machine Learning (2006), equation 1.2.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import l2_loss
        >>> l2_loss(jnp.array([1.0, 5.0]), jnp.array([3.0, 5.0])).tolist()
        [2.0, 0.0]
    """
    d, dtype = difference("l2_loss", predictions, targets)
    return (0.5 * d * d).astype(dtype)


def huber_loss(predictions: Float[Array, "*shape"], targets: Float[Array, "*shape"] | None = None, *, delta: float = 1.0) -> Float[Array, "*shape"]:
    """Quadratic near zero, linear beyond: ½d² where |d| < δ, else δ(|d| − δ/2), with d = prediction − target.

    It is δ times ``smooth_l1_loss`` with β = δ, and its gradient is d clipped to ±δ. The pieces meet with equal value and slope at |d| = δ, where the
    second derivative is taken from the linear one (0).

    Args:
        predictions: `(...)`.
        targets: the shape of predictions; None stands for zeros.
        delta: δ > 0, in the unit of the predictions.

    Returns:
        The shape of predictions, in the promoted dtype.

    Raises:
        TypeError: an array is not floating point, or delta is not a static number.
        ValueError: the shapes differ (nothing is broadcast), or delta is not positive.

    References:
        Huber, Robust Estimation of a Location Parameter (1964).

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import huber_loss
        >>> huber_loss(jnp.array([0.5, 3.0]), jnp.array([0.0, 0.0]), delta=2.0).tolist()
        [0.125, 4.0]
    """
    delta = _checks.number("huber_loss", "delta", delta, above=0.0)
    d, dtype = difference("huber_loss", predictions, targets)
    delta = min(delta, float(jnp.finfo(d.dtype).max))
    size = d * jnp.sign(d)  # jnp.abs has gradient 1 at 0
    near = size < delta
    inner = jnp.where(near, d, 0.0)  # d² of the unused branch overflows
    outer = jnp.where(near, 0.0, size)
    return jnp.where(near, 0.5 * inner * inner, delta * (outer - 0.5 * delta)).astype(dtype)


@jax.custom_jvp
def _log_cosh(d: Array) -> Array:
    size = jnp.abs(d)
    inner = jnp.sinh(jnp.minimum(size, 1.0))  # near 0 the other form subtracts log 2 from log 2
    return jnp.where(size < 1.0, 0.5 * jnp.log1p(inner * inner), size + jnp.log1p(jnp.exp(-2.0 * size)) - math.log(2.0))


@_log_cosh.defjvp
def _log_cosh_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    return _log_cosh(primals[0]), tangents[0] * jnp.tanh(primals[0])


def log_cosh(predictions: Float[Array, "*shape"], targets: Float[Array, "*shape"] | None = None) -> Float[Array, "*shape"]:
    """Logarithm of the hyperbolic cosine of the difference, element by element: log cosh(prediction − target).

    It is near d²/2 for small differences and near |d| − log 2 for large ones, smooth everywhere, with gradient tanh d. Small losses keep their digits.

    Args:
        predictions: `(...)`.
        targets: the shape of predictions; None stands for zeros.

    Returns:
        The shape of predictions, in the promoted dtype.

    Raises:
        TypeError: an argument is not floating point.
        ValueError: the shapes differ; nothing is broadcast.

    References:
        Chen et al., Log Hyperbolic Cosine Loss Improves Variational Auto-Encoder (2019), section 3.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import log_cosh
        >>> [round(v, 4) for v in log_cosh(jnp.array([0.0, 1e-3, 3.0]), jnp.array([0.0, 0.0, 1.0])).tolist()]
        [0.0, 0.0, 1.325]
    """
    d, dtype = difference("log_cosh", predictions, targets)
    return _log_cosh(d).astype(dtype)
