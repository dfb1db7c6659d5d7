"""Losses of a yes or no, element by element, from a logit or a probability."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Real

from jaxreview import _checks
from jaxreview.losses._shared import binary_labels, product, softplus, within_unit

__all__ = ["binary_cross_entropy", "logistic_loss"]


def binary_cross_entropy(probabilities: Float[Array, "*shape"], labels: Real[Array, "*shape"] | Bool[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Binary cross entropy of a probability: −y·max(log p, −100) − (1 − y)·max(log(1 − p), −100), element by element.

    The gradient is the derivative of just that, so a clamped logarithm contributes 0 (PyTorch divides by max(p(1 − p), 1e-12) instead, also
    where it clamped). Probabilities below the smallest normal number of the dtype count as 0. Prefer ``logistic_loss`` where there are logits.

    Args:
        probabilities: p in [0, 1], `(...)`.
        labels: y in [0, 1], the shape of probabilities; integers and booleans are converted.

    Returns:
        The shape of probabilities, in the promoted dtype of the floating point arguments.

    Raises:
        TypeError: probabilities is not floating point.
        ValueError: the shapes differ, or a concrete probability or label lies outside [0, 1].

    References:
        Bishop, Pattern Recognition and Machine Learning (2006), equation 4.90.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import binary_cross_entropy
        >>> binary_cross_entropy(jnp.array([0.0, 1.0]), jnp.array([1, 1])).tolist()
        [100.0, 0.0]
    """
    probabilities = _checks.real("binary_cross_entropy", "probabilities", probabilities)
    labels = binary_labels("binary_cross_entropy", labels, probabilities)
    _checks.same_shape("binary_cross_entropy", "probabilities", probabilities, "labels", labels)
    within_unit("binary_cross_entropy", "probabilities", probabilities)
    dtype = _checks.result_dtype(probabilities, labels)
    p, y = (a.astype(_checks.accumulator(dtype)) for a in (probabilities, labels))
    smallest = max(float(jnp.finfo(p.dtype).tiny), 3.7200759760208361e-44)  # exp(−100), where float32 has only subnormals, which are flushed
    zero, one = p < smallest, p >= 1.0
    log_p = jnp.where(zero, -100.0, jnp.log(jnp.where(zero, 1.0, p)))
    log_q = jnp.where(one, -100.0, jnp.log1p(-jnp.where(one, 0.0, p)))
    return (-y * log_p - (1.0 - y) * log_q).astype(dtype)


def logistic_loss(
    logits: Float[Array, "*shape"],
    labels: Real[Array, "*shape"] | Bool[Array, "*shape"],
    *,
    positive_weight: Float[Array, "..."] | float | None = None,
) -> Float[Array, "*shape"]:
    """Binary cross entropy of a logit: −p·y·log σ(z) − (1 − y)·log(1 − σ(z)), element by element.

    Computed as p·y·softplus(−z) + (1 − y)·softplus(z), two terms that cannot cancel or overflow. An infinite logit gives the limit, 0 or ∞.

    Args:
        logits: z, `(...)`.
        labels: y in [0, 1], the shape of logits; integers and booleans are converted.
        positive_weight: p, a scalar or one for each entry of the last axis; None stands for 1. Over 1 it raises recall, under 1 precision.

    Returns:
        The shape of logits, in the promoted dtype of the floating point arguments.

    Raises:
        TypeError: logits or positive_weight is not floating point.
        ValueError: the shapes do not fit, or a concrete label lies outside [0, 1].

    References:
        Bishop, Pattern Recognition and Machine Learning (2006), equation 4.90.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import logistic_loss
        >>> logistic_loss(jnp.array([1e4, -1e4]), jnp.array([1, 1])).tolist()
        [0.0, 10000.0]
    """
    logits = _checks.real("logistic_loss", "logits", logits)
    labels = binary_labels("logistic_loss", labels, logits)
    weight = None if positive_weight is None else _checks.real("logistic_loss", "positive_weight", positive_weight)
    _checks.same_shape("logistic_loss", "logits", logits, "labels", labels)
    dtype = _checks.result_dtype(logits, labels, weight)
    z, y = (a.astype(_checks.accumulator(dtype)) for a in (logits, labels))
    positive, negative = y, 1.0 - y
    if weight is not None:
        if weight.ndim:
            _checks.shape("logistic_loss", "positive_weight", weight, logits.shape[-1:], "one for each entry of the last axis of logits, or a scalar")
        positive = y * jnp.broadcast_to(weight.astype(z.dtype).reshape((1,) * (z.ndim - weight.ndim) + weight.shape), z.shape)
    return (product(positive, softplus(-z)) + product(negative, softplus(z))).astype(dtype)
