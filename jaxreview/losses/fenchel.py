"""Losses of a linear classifier: hinge, perceptron, sparsemax, and the Fenchel–Young loss of any maximum."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Integer, Real

from jaxreview import _checks
from jaxreview.losses._shared import checked_labels, label_masks, looked_at
from jaxreview.losses._signs import sign_targets

__all__ = [
    "hinge_loss",
    "make_fenchel_young_loss",
    "multiclass_hinge_loss",
    "multiclass_perceptron_loss",
    "multiclass_sparsemax_loss",
    "perceptron_loss",
    "sparsemax_loss",
]


def hinge_loss(predictor_outputs: Float[Array, "*shape"], targets: Real[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Hinge loss, element by element: max(0, 1 − y·s).

    At the kink, y·s = 1, the slope is the mean of both sides, −y/2, as in optax.

    Args:
        predictor_outputs: scores s, `(...)`.
        targets: y, −1 or 1, the shape of predictor_outputs; integers are converted. Labels 0 and 1 are another convention: give 2·label − 1.

    Returns:
        The shape of predictor_outputs, in the promoted dtype of the floating point arguments.

    Raises:
        TypeError: predictor_outputs is not floating point, or targets are no numbers.
        ValueError: the shapes differ (nothing is broadcast), or a concrete target is neither −1 nor 1.

    References:
        Cortes & Vapnik, Support-Vector Networks (1995), section 3.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import hinge_loss
        >>> hinge_loss(jnp.array([0.25, 3.0]), jnp.array([-1.0, 1.0])).tolist()
        [1.25, 0.0]
    """
    s, y, dtype = _signed("hinge_loss", predictor_outputs, targets)
    return jnp.maximum(0.0, 1.0 - s * y).astype(dtype)


def perceptron_loss(predictor_outputs: Float[Array, "*shape"], targets: Real[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Perceptron loss, element by element: max(0, −y·s).

    At the kink, s = 0, the slope is the mean of both sides, −y/2, as in optax.

    Args:
        predictor_outputs: scores s, `(...)`.
        targets: y, −1 or 1, the shape of predictor_outputs; integers are converted.

    Returns:
        The shape of predictor_outputs, in the promoted dtype of the floating point arguments.

    Raises:
        TypeError: predictor_outputs is not floating point, or targets are no numbers.
        ValueError: the shapes differ (nothing is broadcast), or a concrete target is neither −1 nor 1.

    References:
        Rosenblatt, The Perceptron (1958); Bishop, Pattern Recognition and Machine Learning (2006), equation 4.54.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import perceptron_loss
        >>> perceptron_loss(jnp.array([0.25, 3.0]), jnp.array([-1.0, 1.0])).tolist()
        [0.25, 0.0]
    """
    s, y, dtype = _signed("perceptron_loss", predictor_outputs, targets)
    return jnp.maximum(0.0, -s * y).astype(dtype)


def sparsemax_loss(logits: Float[Array, "*shape"], labels: Real[Array, "*shape"] | Bool[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Sparsemax loss of two classes, element by element: 0 for x ≤ −1, (x + 1)²/4 for |x| < 1, x from there on, with x = −z for label 1 and z for 0.

    It is 0 just where ``sparse_sigmoid(z)`` is the label.

    Args:
        logits: z, `(...)`.
        labels: 0 or 1, the shape of logits, in any dtype.

    Returns:
        The shape of logits, in the promoted dtype of the floating point arguments.

    Raises:
        TypeError: logits is not floating point.
        ValueError: the shapes differ (nothing is broadcast), or a concrete label is neither 0 nor 1.

    References:
        Blondel, Martins & Niculae, Learning with Fenchel-Young Losses (2020), section 4.4.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import sparsemax_loss
        >>> sparsemax_loss(jnp.array([0.0, 1.0, -3.0]), jnp.array([1, 1, 1])).tolist()
        [0.25, 0.0, 3.0]
    """
    name = "sparsemax_loss"
    z, y = _checks.real(name, "logits", logits), _checks.array(name, "labels", labels)
    if jnp.issubdtype(y.dtype, jnp.bool_):
        y = y.astype(z.dtype)
    y = _checks.numeric(name, "labels", y)
    _checks.same_shape(name, "logits", z, "labels", y)
    seen = looked_at(y)
    if seen is not None and bool(np.any((seen != 0) & (seen != 1) & (seen == seen))):
        raise ValueError(f"{name}: labels reaches from {float(np.nanmin(seen)):g} to {float(np.nanmax(seen)):g}; it needs 0 or 1 throughout")
    dtype = _checks.result_dtype(z, y if jnp.issubdtype(y.dtype, jnp.floating) else None)
    z = z.astype(_checks.accumulator(dtype))
    return jax.nn.sparse_plus(jnp.where(y != 0, -z, z)).astype(dtype)


def multiclass_hinge_loss(scores: Float[Array, "*batch K"], labels: Integer[Array, "*batch"]) -> Float[Array, "*batch"]:
    """Hinge loss of one class among K: max_c (s_c + [c ≠ y]) − s_y.

    Differences s_c − s_y are taken before the 1 is added. Classes that tie for the maximum share its gradient, as in optax.

    Args:
        scores: s, `(*batch, K)`.
        labels: y, integers in [0, K), `(*batch)`.

    Returns:
        The shape of labels, in the dtype of scores. Under ``jit`` and the like a label outside [0, K) gives NaN.

    Raises:
        TypeError: scores is not floating point, or labels are not integers.
        ValueError: the shapes do not fit, there are no classes, or a concrete label lies outside [0, K).

    References:
        Crammer & Singer, On the Algorithmic Implementation of Multiclass Kernel-based Vector Machines (2001), equation 3.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import multiclass_hinge_loss
        >>> multiclass_hinge_loss(jnp.array([[0.0, 2.0, 0.5], [0.0, 2.0, 0.5]]), jnp.array([1, 2])).tolist()
        [0.0, 2.5]
    """
    ahead, other, valid, dtype = _ahead("multiclass_hinge_loss", scores, labels)
    return (jnp.max(ahead + jnp.where(other, 1.0, 0.0).astype(ahead.dtype), -1) * jnp.where(valid, 1.0, jnp.nan)).astype(dtype)


def multiclass_perceptron_loss(scores: Float[Array, "*batch K"], labels: Integer[Array, "*batch"]) -> Float[Array, "*batch"]:
    """Perceptron loss of one class among K: max_c s_c − s_y.

    Classes that tie for the maximum share its gradient, as in optax.

    Args:
        scores: s, `(*batch, K)`.
        labels: y, integers in [0, K), `(*batch)`.

    Returns:
        The shape of labels, in the dtype of scores. Under ``jit`` and the like a label outside [0, K) gives NaN.

    Raises:
        TypeError: scores is not floating point, or labels are not integers.
        ValueError: the shapes do not fit, there are no classes, or a concrete label lies outside [0, K).

    References:
        Collins, Discriminative Training Methods for Hidden Markov Models (2002), section 2.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import multiclass_perceptron_loss
        >>> multiclass_perceptron_loss(jnp.array([[0.0, 2.0, 0.5], [0.0, 2.0, 0.5]]), jnp.array([1, 2])).tolist()
        [0.0, 1.5]
    """
    ahead, _, valid, dtype = _ahead("multiclass_perceptron_loss", scores, labels)
    return (jnp.max(ahead, -1) * jnp.where(valid, 1.0, jnp.nan)).astype(dtype)


def multiclass_sparsemax_loss(scores: Float[Array, "*batch K"], labels: Integer[Array, "*batch"]) -> Float[Array, "*batch"]:
    """Sparsemax loss of one class among K: Σ_c p_c·(s_c − s_y) + ½(1 − Σ_c p_c²), with p the point of the simplex nearest to s.

    Its gradient is p − one-hot(y), so it is 0 just where the score of y leads by 1. The result takes any batch; optax takes one axis.

    Args:
        scores: s, `(*batch, K)`.
        labels: y, integers in [0, K), `(*batch)`.

    Returns:
        The shape of labels, in the dtype of scores. Under ``jit`` and the like a label outside [0, K) gives NaN.

    Raises:
        TypeError: scores is not floating point, or labels are not integers.
        ValueError: the shapes do not fit, there are no classes, or a concrete label lies outside [0, K).

    References:
        Martins & Astudillo, From Softmax to Sparsemax (2016), equation 18.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import multiclass_sparsemax_loss
        >>> multiclass_sparsemax_loss(jnp.array([[0.0, 0.0], [0.0, 1.0], [0.0, 3.0]]), jnp.array([0, 1, 0])).tolist()
        [0.25, 0.0, 3.0]
    """
    ahead, _, valid, dtype = _ahead("multiclass_sparsemax_loss", scores, labels)
    return (_sparsemax_cost(ahead) * jnp.where(valid, 1.0, jnp.nan)).astype(dtype)


def make_fenchel_young_loss(max_fun: Callable[..., Array]) -> Callable[..., Array]:
    """Make the Fenchel–Young loss of a maximum: loss(s, y) = max_fun(s) − ⟨y, s⟩, over the last axis of both.

    With logsumexp it is the softmax cross entropy of one-hot labels, with max the perceptron loss. It differs from Fenchel and Young's by a constant of y.

    Args:
        max_fun: a function of one vector of scores to a scalar, ``max_fun(scores, *args, **kwargs)``.

    Returns:
        ``loss(scores, targets, *args, **kwargs)`` on floating point arrays of one shape `(*batch, K)` to `(*batch)`, in their promoted dtype; float16
        and bfloat16 are summed in float32. It raises TypeError for other dtypes and ValueError for shapes that differ or have no axis.

    Raises:
        TypeError: max_fun cannot be called.

    References:
        Blondel, Martins & Niculae, Learning with Fenchel-Young Losses (2020), definition 2.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import make_fenchel_young_loss
        >>> make_fenchel_young_loss(jnp.max)(jnp.array([[0.0, 2.0, 0.5]]), jnp.array([[0.0, 0.0, 1.0]])).tolist()
        [1.5]
    """
    if not callable(max_fun):
        raise TypeError(f"make_fenchel_young_loss: max_fun is {max_fun!r}; it needs a function of a vector")

    def fenchel_young_loss(scores: Array, targets: Array, *args: object, **kwargs: object) -> Array:
        """max_fun(scores) − ⟨targets, scores⟩ over the last axis."""
        name = "make_fenchel_young_loss"
        s, y = _checks.real(name, "scores", scores), _checks.real(name, "targets", targets)
        _checks.min_rank(name, "scores", s, 1, "with a class axis")
        _checks.same_shape(name, "scores", s, "targets", y)
        dtype = _checks.result_dtype(s, y)
        s, y = (a.astype(_checks.accumulator(dtype)) for a in (s, y))
        best = jnp.vectorize(lambda row: max_fun(row, *args, **kwargs), signature="(n)->()")(s)
        return (best - jnp.sum(y * s, -1)).astype(dtype)

    return fenchel_young_loss


def _signed(name: str, predictor_outputs: object, targets: object) -> tuple[Array, Array, jnp.dtype]:
    """Scores and targets ±1 in the accumulator, and the result's dtype."""
    s = _checks.real(name, "predictor_outputs", predictor_outputs)
    y = sign_targets(name, targets, s)
    _checks.same_shape(name, "predictor_outputs", s, "targets", y)
    dtype = _checks.result_dtype(s, y)
    sums = _checks.accumulator(dtype)
    return s.astype(sums), y.astype(sums), dtype


def _ahead(name: str, scores: object, labels: object) -> tuple[Array, Array, Array, jnp.dtype]:
    """How far every score is ahead of the label's, which classes are not the label, which labels are in range, and the result's dtype."""
    s = _checks.real(name, "scores", scores)
    _checks.min_rank(name, "scores", s, 1, "with a class axis")
    y = checked_labels(name, _checks.array(name, "labels", labels), "integer labels")
    classes = s.shape[-1]
    if not classes:
        raise ValueError(f"{name}: scores has shape {s.shape}; it needs at least one class along its last axis")
    _checks.shape(name, "labels", y, s.shape[:-1], f"the shape of scores {s.shape} without its last axis")
    _, valid = label_masks(name, y, classes, None)
    y = jnp.where(valid, y, 0)[..., None]
    dtype, s = s.dtype, s.astype(_checks.accumulator(s.dtype))
    own = jnp.take_along_axis(s, y, -1, mode="promise_in_bounds")
    return s - own, jax.lax.broadcasted_iota(y.dtype, s.shape, s.ndim - 1) != y, valid, dtype


def _simplex(s: Array) -> Array:
    """The point of the simplex nearest to s: s − τ on the classes where that is positive, else 0."""
    s = jnp.maximum(s - jax.lax.stop_gradient(jnp.max(s, -1, keepdims=True)), -1.0)  # a class that is 1 behind has no share
    falling = jnp.flip(jnp.sort(jax.lax.stop_gradient(s), -1), -1)
    count = 1.0 + jax.lax.broadcasted_iota(s.dtype, s.shape, s.ndim - 1)
    last = jnp.sum(1.0 + count * falling > jnp.cumsum(falling, -1), -1, keepdims=True) - 1
    inside = jax.lax.stop_gradient(s) >= jnp.take_along_axis(falling, jnp.maximum(last, 0), -1)
    threshold = (jnp.sum(jnp.where(inside, s, 0.0), -1, keepdims=True) - 1.0) / jnp.sum(inside, -1, keepdims=True).astype(s.dtype)
    return jnp.where(inside, s - threshold, 0.0)


@jax.custom_jvp
def _sparsemax_cost(ahead: Array) -> Array:
    p = _simplex(ahead)
    return jnp.sum(p * ahead, -1) + 0.5 * (1.0 - jnp.sum(p * p, -1))


@_sparsemax_cost.defjvp
def _sparsemax_cost_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    # p attains the maximum over the simplex, so its own change does not count in first order
    return _sparsemax_cost(primals[0]), jnp.sum(_simplex(primals[0]) * tangents[0], -1)
