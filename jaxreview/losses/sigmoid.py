"""Losses of a yes or no by the names of optax, element by element, from a logit."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Real

from jaxreview import _checks
from jaxreview.losses._shared import binary_labels, product, softplus

__all__ = ["sigmoid_binary_cross_entropy", "sigmoid_focal_loss"]


def sigmoid_binary_cross_entropy(logits: Float[Array, "*shape"], labels: Real[Array, "*shape"] | Bool[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Binary cross entropy of a logit: −y·log σ(z) − (1 − y)·log(1 − σ(z)), element by element.

    It equals ``logistic_loss`` without a positive weight. An infinite logit gives the limit, 0 or ∞ (optax gives NaN).

    Args:
        logits: z, `(...)`.
        labels: y in [0, 1], the shape of logits; integers and booleans are converted.

    Returns:
        The shape of logits, in the promoted dtype of the floating point arguments.

    Raises:
        TypeError: logits is not floating point.
        ValueError: the shapes differ (nothing is broadcast), or a concrete label lies outside [0, 1].

    References:
        Goodfellow, Bengio & Courville, Deep Learning (2016), section 6.2.2.2.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import sigmoid_binary_cross_entropy
        >>> sigmoid_binary_cross_entropy(jnp.array([1e4, -1e4]), jnp.array([1.0, 1.0])).tolist()
        [0.0, 10000.0]
    """
    z, y, dtype = _prepared("sigmoid_binary_cross_entropy", logits, labels)
    return _cost(z, y).astype(dtype)


def sigmoid_focal_loss(
    logits: Float[Array, "*shape"], labels: Real[Array, "*shape"] | Bool[Array, "*shape"], *, alpha: float | None = None, gamma: float = 2.0
) -> Float[Array, "*shape"]:
    """Binary cross entropy times a power of the doubt left: −α_t·(1 − p_t)^γ·(y·log p + (1 − y)·log(1 − p)), with p = σ(z).

    Here 1 − p_t = (1 − y)·p + y·(1 − p) and α_t = α·y + (1 − α)·(1 − y), for soft labels too, as in optax and torchvision. The power is taken as
    exp(γ·log(1 − p_t)) with the logarithm from the logit, so that the gradient is finite at p_t = 1 with γ < 1. α defaults to None as in optax
    (no weights); the paper and torchvision take 0.25.

    Args:
        logits: z, `(...)`.
        labels: y in [0, 1], the shape of logits; integers and booleans are converted.
        alpha: α in [0, 1], the weight of label 1; None for no weights.
        gamma: γ ≥ 0; 0 is the cross entropy itself.

    Returns:
        The shape of logits, in the promoted dtype of the floating point arguments.

    Raises:
        TypeError: logits is not floating point, or a setting is not a static number.
        ValueError: the shapes differ (nothing is broadcast), a concrete label or alpha lies outside [0, 1], or gamma is negative.

    References:
        Lin et al., Focal Loss for Dense Object Detection (2017), equation 5.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import sigmoid_focal_loss
        >>> [round(v, 4) for v in sigmoid_focal_loss(jnp.array([0.0, 1e4]), jnp.array([1, 1]), alpha=0.25).tolist()]
        [0.0433, 0.0]
    """
    name = "sigmoid_focal_loss"
    alpha = None if alpha is None else _checks.number(name, "alpha", alpha, low=0.0, high=1.0)
    gamma = _checks.number(name, "gamma", gamma, low=0.0)
    z, y, dtype = _prepared(name, logits, labels)
    loss = _cost(z, y)
    if gamma:  # 0 · log 0 would be NaN
        power = jnp.exp(gamma * _log_doubt(z, y))
        loss = product(jnp.where(jnp.isinf(loss), jax.lax.stop_gradient(power), power), loss)  # 0 · ∞ in the gradient of an infinite loss
    if alpha is not None:
        loss = (alpha * y + (1.0 - alpha) * (1.0 - y)) * loss
    return loss.astype(dtype)


def _prepared(name: str, logits: object, labels: object) -> tuple[Array, Array, jnp.dtype]:
    z = _checks.real(name, "logits", logits)
    y = binary_labels(name, labels, z)
    _checks.same_shape(name, "logits", z, "labels", y)
    dtype = _checks.result_dtype(z, y)
    sums = _checks.accumulator(dtype)
    return z.astype(sums), y.astype(sums), dtype


def _cost(z: Array, y: Array) -> Array:
    return product(y, softplus(-z)) + product(1.0 - y, softplus(z))


@jax.custom_jvp
def _log_doubt(z: Array, y: Array) -> Array:
    """log((1 − y)·σ(z) + y·σ(−z))."""
    return jnp.logaddexp(jnp.log1p(-y) - softplus(-z), jnp.log(y) - softplus(z))


@_log_doubt.defjvp
def _log_doubt_jvp(primals: tuple[Array, Array], tangents: tuple[Array, Array]) -> tuple[Array, Array]:
    (z, y), (dz, dy) = primals, tangents
    doubt, log_p, log_q = _log_doubt(z, y), -softplus(-z), -softplus(z)
    finite = jnp.where(doubt == -jnp.inf, 0.0, doubt)  # −∞ + ∞ at an infinite logit; the power is 0 there
    far = jnp.log(jnp.finfo(z.dtype).max) - 1.0  # at y = 0 and 1 the ratio overflows beside a loss that has vanished
    by_label = jnp.exp(jnp.minimum(log_q - finite, far)) - jnp.exp(jnp.minimum(log_p - finite, far))
    return doubt, (1.0 - 2.0 * y) * jnp.exp(log_p + log_q - finite) * dz + by_label * dy
