"""Losses that ask for a margin: between a score and zero, between two scores, or between the scores of classes."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Integer, Real

from jaxreview import _checks
from jaxreview.losses._shared import along, checked_labels, checked_weights, label_masks, looked_at, product, softplus
from jaxreview.losses._signs import cut_open, cut_shut, sign_targets, unit_targets

__all__ = [
    "hinge_embedding_loss",
    "margin_ranking_loss",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "soft_margin_loss",
    "squared_hinge_loss",
]


def squared_hinge_loss(predictions: Float[Array, "*shape"], targets: Real[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Squared hinge loss of a binary score: max(0, 1 − t·z)², element by element.

    Its slope is continuous, 0 where t·z = 1; the second derivative there is 2, that of the parabola.

    Args:
        predictions: scores z, `(...)`.
        targets: t, 1 or −1, the shape of predictions; integers are converted.

    Returns:
        The shape of predictions, in the promoted dtype of the floating point arguments.

    Raises:
        TypeError: predictions is not floating point, or targets is neither floating point nor integer.
        ValueError: the shapes differ, or a concrete target is neither 1 nor −1.

    References:
        Tang, Deep Learning using Linear Support Vector Machines (2013).

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import squared_hinge_loss
        >>> squared_hinge_loss(jnp.array([0.5, -1.0, 3.0]), jnp.array([1, 1, 1])).tolist()
        [0.25, 4.0, 0.0]
    """
    z, t, dtype = _scores("squared_hinge_loss", predictions, targets)
    h = cut_open(1.0 - t * z)
    return (h * h).astype(dtype)


def soft_margin_loss(predictions: Float[Array, "*shape"], targets: Real[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Logistic loss of a binary score: log(1 + exp(−t·z)), element by element.

    It is ``logistic_loss`` with 1 and −1 in place of 1 and 0, and like that one it does not overflow.

    Args:
        predictions: scores z, `(...)`.
        targets: t, 1 or −1, the shape of predictions; integers are converted.

    Returns:
        The shape of predictions, in the promoted dtype of the floating point arguments.

    Raises:
        TypeError: predictions is not floating point, or targets is neither floating point nor integer.
        ValueError: the shapes differ, or a concrete target is neither 1 nor −1.

    References:
        Hastie, Tibshirani & Friedman, The Elements of Statistical Learning (2009), section 10.6.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import soft_margin_loss
        >>> soft_margin_loss(jnp.array([1e4, 1e4]), jnp.array([1, -1])).tolist()
        [0.0, 10000.0]
    """
    z, t, dtype = _scores("soft_margin_loss", predictions, targets)
    return softplus(-t * z).astype(dtype)


def hinge_embedding_loss(x: Float[Array, "*shape"], targets: Real[Array, "*shape"], *, margin: float = 1.0) -> Float[Array, "*shape"]:
    """Hinge loss of a distance, element by element: x where t = 1, and max(0, margin − x) where t = −1.

    The slope where x = margin is −1, as in PyTorch.

    Args:
        x: distances, `(...)`.
        targets: t, 1 for a pair that belongs together and −1 for one that does not, the shape of x; integers are converted.
        margin: how far apart a pair with t = −1 shall be, in the unit of x.

    Returns:
        The shape of x, in the promoted dtype of the floating point arguments. Under ``jit`` and the like a target that is neither 1 nor −1 gives NaN.

    Raises:
        TypeError: x is not floating point, targets is neither floating point nor integer, or margin is not a static number.
        ValueError: the shapes differ, or a concrete target is neither 1 nor −1.

    References:
        PyTorch 2, torch.nn.HingeEmbeddingLoss.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import hinge_embedding_loss
        >>> hinge_embedding_loss(jnp.array([0.25, 0.25, 3.0]), jnp.array([1, -1, -1])).tolist()
        [0.25, 0.75, 0.0]
    """
    where = "hinge_embedding_loss"
    margin = _checks.number(where, "margin", margin)
    x, t, dtype = _scores(where, x, targets, "x")
    return jnp.where(t == 1, x, jnp.where(t == -1, cut_open(margin - x), jnp.nan)).astype(dtype)


def margin_ranking_loss(
    x1: Float[Array, "*shape"], x2: Float[Array, "*shape"], targets: Real[Array, "*shape"], *, margin: float = 0.0
) -> Float[Array, "*shape"]:
    """Hinge loss of the order of two scores: max(0, margin − t·(x1 − x2)), element by element.

    The slope at the kink is that of the line, as in PyTorch: two equal scores with margin 0 cost 0 and are still pushed apart.

    Args:
        x1: scores, `(...)`.
        x2: scores, the shape of x1.
        targets: t, 1 where x1 shall be the larger score and −1 where x2 shall, the shape of x1; integers are converted.
        margin: by how much, in the unit of the scores.

    Returns:
        The shape of x1, in the promoted dtype of the floating point arguments.

    Raises:
        TypeError: x1 or x2 is not floating point, targets is neither floating point nor integer, or margin is not a static number.
        ValueError: the shapes differ, or a concrete target is neither 1 nor −1.

    References:
        Herbrich, Graepel & Obermayer, Large Margin Rank Boundaries for Ordinal Regression (2000).

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import margin_ranking_loss
        >>> margin_ranking_loss(jnp.array([3.0, 3.0]), jnp.array([1.0, 1.0]), jnp.array([1, -1]), margin=0.5).tolist()
        [0.0, 2.5]
    """
    where = "margin_ranking_loss"
    margin = _checks.number(where, "margin", margin)
    x1, x2 = _checks.real(where, "x1", x1), _checks.real(where, "x2", x2)
    targets = sign_targets(where, targets, x1)
    _checks.same_shape(where, "x1", x1, "x2", x2)
    _checks.same_shape(where, "x1", x1, "targets", targets)
    dtype = _checks.result_dtype(x1, x2, targets)
    x1, x2, t = (a.astype(_checks.accumulator(dtype)) for a in (x1, x2, targets))
    return cut_open(margin - t * (x1 - x2)).astype(dtype)


def multi_margin_loss(
    logits: Float[Array, "*batch K"],
    labels: Integer[Array, "*batch"],
    *,
    p: int = 1,
    margin: float = 1.0,
    class_weights: Float[Array, " K"] | None = None,
) -> Float[Array, "*batch"]:
    """Hinge loss of one class among K: w_y/K · Σ_{c ≠ y} max(0, margin − z_y + z_c)^p.

    The slope at each kink is 0, as in PyTorch; NaN goes through, where PyTorch drops it.

    Args:
        logits: z, `(*batch, K)`.
        labels: y, integers in [0, K), `(*batch,)`.
        p: 1 or 2.
        margin: by how much the score of the class shall exceed the others, in the unit of the logits.
        class_weights: w, `(K,)`; None stands for ones.

    Returns:
        `(*batch,)`, in the promoted dtype of the floating point arguments; float16 and bfloat16 are summed in float32.
        Under ``jit`` and the like a label outside [0, K) gives NaN.

    Raises:
        TypeError: logits or class_weights is not floating point, labels is not integer, or margin is not a static number.
        ValueError: the shapes do not fit, p is neither 1 nor 2, or a concrete label lies outside [0, K).

    References:
        Weston & Watkins, Support Vector Machines for Multi-Class Pattern Recognition (1999).

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import multi_margin_loss
        >>> multi_margin_loss(jnp.array([[2.0, 1.5], [2.0, 1.5]]), jnp.array([0, 1])).tolist()
        [0.25, 0.75]
    """
    where = "multi_margin_loss"
    _checks.choice(where, "p", p, (1, 2))
    margin = _checks.number(where, "margin", margin)
    logits, classes = _classes(where, logits)
    labels = checked_labels(where, _checks.array(where, "labels", labels), "integer labels")
    _checks.shape(where, "labels", labels, logits.shape[:-1], f"the shape of logits {logits.shape} without its last axis")
    weights = checked_weights(where, class_weights, classes)
    _, valid = label_masks(where, labels, classes, None)
    dtype = _checks.result_dtype(logits, weights)
    z = logits.astype(_checks.accumulator(dtype))
    y = jnp.where(valid, labels, 0)[..., None]
    gap = margin - jnp.take_along_axis(z, y, -1, mode="promise_in_bounds") + z
    h = jnp.where(jax.lax.broadcasted_iota(y.dtype, z.shape, z.ndim - 1) == y, 0.0, cut_shut(gap))
    share = jnp.full(y.shape, 1 / classes, z.dtype) if weights is None else weights.astype(z.dtype)[y] / classes
    terms = product(share, h) if p == 1 else product(product(share, h), h)  # divided before they are added up: the sum may overflow where the mean does not
    return (jnp.sum(terms, -1) * jnp.where(valid, 1.0, jnp.nan)).astype(dtype)


def multilabel_margin_loss(logits: Float[Array, "*batch K"], targets: Integer[Array, "*batch K"]) -> Float[Array, "*batch"]:
    """Hinge loss of several classes among K: 1/K · Σ_{y ∈ targets} Σ_{c ∉ targets} max(0, 1 − z_y + z_c).

    The slope at each kink is 0, and a class that is listed twice counts twice, as in PyTorch; NaN goes through, where PyTorch drops it.

    Args:
        logits: z, `(*batch, K)`.
        targets: for each example the indices of its classes, then −1, then anything in [−1, K); the shape of logits.

    Returns:
        `(*batch,)`, in the dtype of logits; float16 and bfloat16 are summed in float32.
        Under ``jit`` and the like an index outside [0, K) before the first −1 gives NaN.

    Raises:
        TypeError: logits is not floating point, or targets is not integer.
        ValueError: the shapes differ, there are no classes, or a concrete target lies outside [−1, K).

    References:
        Elisseeff & Weston, A Kernel Method for Multi-Labelled Classification (2001).

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import multilabel_margin_loss
        >>> multilabel_margin_loss(jnp.array([0.0, 0.5, 1.0, 2.0]), jnp.array([3, 1, -1, 0])).tolist()
        0.5
    """
    where = "multilabel_margin_loss"
    logits, classes = _classes(where, logits)
    targets = _checks.integers(where, "targets", targets)
    _checks.same_shape(where, "logits", logits, "targets", targets)
    seen = looked_at(targets)
    if seen is not None and ((seen < -1) | (seen >= classes)).any():
        raise ValueError(f"{where}: targets reaches from {seen.min()} to {seen.max()}; it needs classes in [0, {classes}), ended by -1")
    if jnp.dtype(targets.dtype) not in (jnp.int32, jnp.int64):
        targets = targets.astype(jnp.int32)
    z = logits.astype(_checks.accumulator(logits.dtype))
    listed = jnp.cumsum(targets == -1, -1) == 0
    valid = (targets >= 0) & (targets < classes)
    y = jnp.where(listed & valid, targets, 0)
    pairs = (*targets.shape, classes)  # every slot of targets against every class
    named = (jax.lax.broadcasted_iota(y.dtype, pairs, len(pairs) - 1) == y[..., None]) & listed[..., None]
    counted = listed[..., None] & ~named.any(-2, keepdims=True)
    gap = 1.0 - jnp.take_along_axis(z, y, -1, mode="promise_in_bounds")[..., None] + z[..., None, :]
    terms = jnp.where(counted, cut_shut(gap), 0.0) / classes
    return (jnp.sum(terms, (-2, -1)) * jnp.where((valid | ~listed).all(-1), 1.0, jnp.nan)).astype(logits.dtype)


def multilabel_soft_margin_loss(
    logits: Float[Array, "*batch K"],
    targets: Real[Array, "*batch K"] | Bool[Array, "*batch K"],
    *,
    class_weights: Float[Array, " K"] | None = None,
) -> Float[Array, "*batch"]:
    """Binary cross entropy of K logits, averaged over the classes: −1/K · Σ_c w_c·(t_c·log σ(z_c) + (1 − t_c)·log(1 − σ(z_c))).

    The sum is divided by K, not by the sum of the weights, as in PyTorch.

    Args:
        logits: z, `(*batch, K)`.
        targets: t in [0, 1], the shape of logits; integers and booleans are converted.
        class_weights: w, `(K,)`; None stands for ones.

    Returns:
        `(*batch,)`, in the promoted dtype of the floating point arguments; float16 and bfloat16 are summed in float32.

    Raises:
        TypeError: logits or class_weights is not floating point.
        ValueError: the shapes do not fit, there are no classes, or a concrete target lies outside [0, 1].

    References:
        PyTorch 2, torch.nn.MultiLabelSoftMarginLoss.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import multilabel_soft_margin_loss
        >>> multilabel_soft_margin_loss(jnp.array([1e4, -1e4]), jnp.array([1, 1])).tolist()
        5000.0
    """
    where = "multilabel_soft_margin_loss"
    logits, classes = _classes(where, logits)
    targets = unit_targets(where, targets, logits)
    _checks.same_shape(where, "logits", logits, "targets", targets)
    weights = checked_weights(where, class_weights, classes)
    dtype = _checks.result_dtype(logits, targets, weights)
    z, t = (a.astype(_checks.accumulator(dtype)) for a in (logits, targets))
    share = jnp.full((classes,), 1 / classes, z.dtype) if weights is None else weights.astype(z.dtype) / classes
    share = jnp.broadcast_to(along(share, z.ndim - 1, z.ndim), z.shape)
    return jnp.sum(product(share * t, softplus(-z)) + product(share * (1.0 - t), softplus(z)), -1).astype(dtype)


def _scores(where: str, scores: object, targets: object, name: str = "predictions") -> tuple[Array, Array, jnp.dtype]:
    """Scores and their targets of 1 and −1 in the accumulator, and the result's dtype."""
    z = _checks.real(where, name, scores)
    t = sign_targets(where, targets, z)
    _checks.same_shape(where, name, z, "targets", t)
    dtype = _checks.result_dtype(z, t)
    return z.astype(_checks.accumulator(dtype)), t.astype(_checks.accumulator(dtype)), dtype


def _classes(where: str, logits: object) -> tuple[Array, int]:
    """Logits with at least one class along the last axis, and how many."""
    z = _checks.real(where, "logits", logits)
    _checks.min_rank(where, "logits", z, 1, "with a class axis")
    if not z.shape[-1]:
        raise ValueError(f"{where}: logits has shape {z.shape}; it needs at least one class along the last axis")
    return z, z.shape[-1]
