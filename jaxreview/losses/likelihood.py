"""Negative log likelihoods: of a class, of a count, and of a real number with its variance."""

import math

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float, Integer, Real

from jaxreview import _checks
from jaxreview.losses._shared import checked_labels, checked_weights, label_masks, looked_at, product
from jaxreview.losses._units import quotient

__all__ = ["gaussian_nll_loss", "nll_loss", "poisson_nll_loss"]


def nll_loss(
    log_probabilities: Float[Array, "..."],
    labels: Integer[Array, "..."],
    *,
    axis: int = -1,
    class_weights: Float[Array, " K"] | None = None,
    ignore_index: int | None = None,
) -> Float[Array, "..."]:
    """Negative log likelihood of a class: −w_y·log p_y.

    Of log_softmax(z) it is ``cross_entropy`` of z. To get PyTorch's mean, divide the sum by the sum of ``label_weights``.

    Args:
        log_probabilities: log p, K of them along ``axis``.
        labels: y, integers in [0, K), shaped as log_probabilities without ``axis``.
        axis: the class axis of log_probabilities.
        class_weights: w, `(K,)`; None stands for ones. A weight of 0 costs 0, also where p is 0.
        ignore_index: examples with this label give 0 with zero gradient, whatever their log probabilities; any integer, also outside [0, K).

    Returns:
        The shape of log_probabilities without ``axis``, in the promoted dtype of the floating point arguments.
        Under ``jit`` and the like a label outside [0, K) gives NaN.

    Raises:
        TypeError: log_probabilities or class_weights is not floating point, labels is not integer, or a setting is not an int.
        ValueError: the shapes do not fit, or a concrete label lies outside [0, K).

    References:
        Bishop, Pattern Recognition and Machine Learning (2006), equation 4.108.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import nll_loss
        >>> nll_loss(jnp.array([[-0.5, -1.5], [-2.0, -0.25]]), jnp.array([1, 0]), class_weights=jnp.array([3.0, 1.0])).tolist()
        [1.5, 6.0]
    """
    where = "nll_loss"
    values = _checks.real(where, "log_probabilities", log_probabilities)
    labels = checked_labels(where, _checks.array(where, "labels", labels), "integer labels")
    _checks.min_rank(where, "log_probabilities", values, 1, "with a class axis")
    axis = _checks.axis(where, axis, values.ndim)
    classes, batch = values.shape[axis], values.shape[:axis] + values.shape[axis + 1 :]
    if not classes:
        raise ValueError(f"{where}: log_probabilities has shape {values.shape}; it needs at least one class along axis {axis}")
    weights = checked_weights(where, class_weights, classes)
    _checks.shape(where, "labels", labels, batch, f"the shape of log_probabilities {values.shape} without class axis {axis}")
    ignored, valid = label_masks(where, labels, classes, ignore_index)
    dtype = _checks.result_dtype(values, weights)
    labels = jnp.where(valid & ~ignored, labels, 0)
    chosen = jnp.squeeze(jnp.take_along_axis(values, jnp.expand_dims(labels, axis), axis, mode="promise_in_bounds"), axis)
    loss = -jnp.where(ignored, 0.0, chosen.astype(_checks.accumulator(dtype)))  # the log probabilities of an ignored example may be anything
    if weights is not None:
        loss = product(weights.astype(loss.dtype)[labels], loss)
    return jnp.where(ignored, 0.0, loss * jnp.where(valid, 1.0, jnp.nan)).astype(dtype)


def poisson_nll_loss(
    predictions: Float[Array, "*shape"], targets: Real[Array, "*shape"], *, log_input: bool = True, full: bool = False, eps: float = 1e-8
) -> Float[Array, "*shape"]:
    """Negative log likelihood of a count, up to a constant: e^x − t·x of a log rate x, or x − t·log(x + ε) of a rate x, element by element.

    With ``full``, Stirling's t·log t − t + ½·log(2πt) stands for the constant log t! where t > 1, and 0 elsewhere, as in PyTorch. A count of 0
    needs no logarithm: then a log rate of −∞, or a rate of 0 with ε = 0, costs 0.

    Args:
        predictions: x, log rates or rates ≥ 0, `(...)`.
        targets: t, counts, the shape of predictions; integers are converted.
        log_input: whether predictions are log rates.
        full: whether to add the term of the targets alone.
        eps: ε ≥ 0, without effect on log rates.

    Returns:
        The shape of predictions, in the promoted dtype of the floating point arguments.

    Raises:
        TypeError: predictions is not floating point, targets is neither floating point nor integer, or a setting is of another kind.
        ValueError: the shapes differ, or eps is negative.

    References:
        Cameron & Trivedi, Regression Analysis of Count Data (1998).

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import poisson_nll_loss
        >>> poisson_nll_loss(jnp.array([0.0, 0.0]), jnp.array([0, 3])).tolist()
        [1.0, 1.0]
        >>> poisson_nll_loss(jnp.array([1.0, 1.0]), jnp.array([0, 3]), log_input=False, eps=0.0).tolist()
        [1.0, 1.0]
    """
    where = "poisson_nll_loss"
    log_input, full = _checks.flag(where, "log_input", log_input), _checks.flag(where, "full", full)
    eps = _checks.number(where, "eps", eps, low=0.0)
    predictions, targets = _checks.real(where, "predictions", predictions), _checks.numeric(where, "targets", targets)
    _checks.same_shape(where, "predictions", predictions, "targets", targets)
    dtype = _checks.result_dtype(predictions, targets if jnp.issubdtype(targets.dtype, jnp.floating) else None)
    x, t = (a.astype(_checks.accumulator(dtype)) for a in (predictions, targets))
    if log_input:
        loss = jnp.exp(x) - product(t, x)
    else:
        rate = x + eps
        unused = (t == 0) & ((rate == 0) | jnp.isinf(rate))
        loss = x - t * jnp.log(jnp.where(unused, 1.0, rate))
    if full:
        many = t > 1
        s = jnp.where(many, t, 1.0)  # log 0 of the unused branch has an infinite slope
        loss = loss + jnp.where(many, s * jnp.log(s) - s + 0.5 * jnp.log(2 * math.pi * s), 0.0)
    return loss.astype(dtype)


def gaussian_nll_loss(
    predictions: Float[Array, "*shape"],
    targets: Float[Array, "*shape"],
    variances: Float[Array, "*shape"],
    *,
    full: bool = False,
    eps: float = 1e-6,
) -> Float[Array, "*shape"]:
    """Negative log likelihood of a normal distribution: ½·(log v + (x − t)²/v), with v = max(variance, ε), element by element.

    The gradient is that of the formula at v, and passes the maximum as if it were not there, as in PyTorch: a variance under ε is still pushed up
    where the error asks for it. Nothing is broadcast, also no single variance for a whole row.

    Args:
        predictions: means x, `(...)`.
        targets: t, the shape of predictions.
        variances: ≥ 0, the shape of predictions.
        full: whether to add the constant ½·log 2π.
        eps: ε > 0, in the unit of the variances.

    Returns:
        The shape of predictions, in the promoted dtype. Under ``jit`` and the like a negative variance gives NaN.

    Raises:
        TypeError: an array is not floating point, or a setting is of another kind.
        ValueError: the shapes differ, a concrete variance is negative, or eps is not greater than 0.

    References:
        Nix & Weigend, Estimating the Mean and Variance of the Target Probability Distribution (1994).

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import gaussian_nll_loss
        >>> gaussian_nll_loss(jnp.array([3.0, 1.0]), jnp.array([1.0, 1.0]), jnp.array([1.0, 1.0])).tolist()
        [2.0, 0.0]
    """
    where = "gaussian_nll_loss"
    full, eps = _checks.flag(where, "full", full), _checks.number(where, "eps", eps, above=0.0)
    arrays = [_checks.real(where, name, value) for name, value in (("predictions", predictions), ("targets", targets), ("variances", variances))]
    _checks.same_shape(where, "predictions", arrays[0], "targets", arrays[1])
    _checks.same_shape(where, "predictions", arrays[0], "variances", arrays[2])
    seen = looked_at(arrays[2])
    if seen is not None and (seen < 0).any():
        raise ValueError(f"{where}: variances reaches down to {float(seen[seen == seen].min()):g}; it needs values of at least 0")
    dtype = _checks.result_dtype(*arrays)
    x, t, v = (a.astype(_checks.accumulator(dtype)) for a in arrays)
    least = max(eps, float(jnp.finfo(v.dtype).tiny))  # a subnormal ε would be flushed to 0
    v = jnp.where(v < 0, jnp.nan, jnp.where(v < least, least + (v - lax.stop_gradient(v)), v))
    d = x - t
    loss = 0.5 * (jnp.log(v) + d * quotient(d, v))  # d² may overflow where d²/v does not
    return (loss + 0.5 * math.log(2 * math.pi) if full else loss).astype(dtype)
