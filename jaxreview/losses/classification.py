"""Losses of one class among K, from logits."""

import jax.numpy as jnp
from jaxtyping import Array, Float, Integer, Real

from jaxreview import _checks, _windows
from jaxreview.losses._shared import along, checked_labels, checked_weights, cost_of_all, cost_of_one, label_masks, product

__all__ = ["cross_entropy", "label_weights"]


def cross_entropy(
    logits: Float[Array, "..."],
    labels: Real[Array, "..."],
    *,
    axis: int = -1,
    label_smoothing: float = 0.0,
    class_weights: Float[Array, " K"] | None = None,
    ignore_index: int | None = None,
) -> Float[Array, "..."]:
    """Cross entropy of softmax(logits) against a label or a distribution: −Σ_c w_c·q_c·log softmax(z)_c.

    Here q = (1 − ε)·target + ε/K, with ε the label smoothing and the target one-hot for an integer label: weights and smoothing combine as in
    PyTorch with reduction "none". To get its mean, divide the sum by the sum of ``label_weights`` (by the number of examples for distributions).
    A logit of −∞ contributes nothing where w_c·q_c = 0.

    Args:
        logits: z, K of them along ``axis``.
        labels: integers in [0, K), shaped as logits without ``axis``; or floating point distributions of the shape of logits.
        axis: the class axis of logits.
        label_smoothing: ε in [0, 1].
        class_weights: w, `(K,)`; None stands for ones.
        ignore_index: examples with this integer label give 0 with zero gradient, whatever their logits; any integer, also outside [0, K).

    Returns:
        The shape of logits without ``axis``, in the promoted dtype of the floating point arguments; float16 and bfloat16 are summed in float32.
        Under ``jit`` and the like a label outside [0, K) gives NaN.

    Raises:
        TypeError: logits or class_weights is not floating point, labels are booleans, or a setting is of another kind.
        ValueError: the shapes do not fit, label_smoothing lies outside [0, 1], a concrete label outside [0, K), or ignore_index comes with distributions.

    References:
        Szegedy et al., Rethinking the Inception Architecture for Computer Vision (2016), section 7 (label smoothing).

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import cross_entropy
        >>> cross_entropy(jnp.array([[0.0, 1e4], [0.0, 1e4]]), jnp.array([1, 0])).tolist()
        [0.0, 10000.0]
    """
    where = "cross_entropy"
    logits, labels = _checks.real(where, "logits", logits), _checks.array(where, "labels", labels)
    _checks.min_rank(where, "logits", logits, 1, "with a class axis")
    axis = _checks.axis(where, axis, logits.ndim)
    smoothing = _checks.number(where, "label_smoothing", label_smoothing, low=0.0, high=1.0)
    classes, batch = logits.shape[axis], logits.shape[:axis] + logits.shape[axis + 1 :]
    if not classes:
        raise ValueError(f"{where}: logits has shape {logits.shape}; it needs at least one class along axis {axis}")
    weights = checked_weights(where, class_weights, classes)
    soft = jnp.issubdtype(labels.dtype, jnp.floating)
    dtype = _checks.result_dtype(logits, labels if soft else None, weights)
    z = logits.astype(_checks.accumulator(dtype))
    if weights is not None:
        weights = weights.astype(z.dtype)
    if soft:
        if ignore_index is not None:
            raise ValueError(f"{where}: ignore_index is {ignore_index!r} with labels of dtype {labels.dtype}; it needs integer labels")
        _checks.same_shape(where, "logits", logits, "labels", labels)
        q = (1.0 - smoothing) * labels.astype(z.dtype) + smoothing / classes
        return cost_of_all(z, q if weights is None else q * along(weights, axis, z.ndim), axis).astype(dtype)
    labels = checked_labels(where, labels, "integer labels or floating point distributions")
    _checks.shape(where, "labels", labels, batch, f"the shape of logits {logits.shape} without class axis {axis}")
    ignored, valid = label_masks(where, labels, classes, ignore_index)
    if ignore_index is not None:
        z = jnp.where(jnp.expand_dims(ignored, axis), 0.0, z)  # the logits of an ignored example may be anything
    labels = jnp.where(valid & ~ignored, labels, 0)
    loss = cost_of_one(z, labels, axis)
    if weights is not None:
        loss = product(weights[labels], loss)
    if smoothing:
        share = jnp.full(z.shape, smoothing / classes, z.dtype)
        loss = product(jnp.asarray(1.0 - smoothing, z.dtype), loss) + cost_of_all(z, share if weights is None else share * along(weights, axis, z.ndim), axis)
    return jnp.where(ignored, 0.0, loss * jnp.where(valid, 1.0, jnp.nan)).astype(dtype)


def label_weights(
    labels: Integer[Array, "*batch"], num_classes: int, *, class_weights: Float[Array, " K"] | None = None, ignore_index: int | None = None
) -> Float[Array, "*batch"]:
    """Weight of each label: the weight of its class, 0 for an ignored one; by the sum of these PyTorch's mean of ``cross_entropy`` divides.

    Args:
        labels: integers in [0, num_classes), `(*batch)`.
        num_classes: K ≥ 1.
        class_weights: `(K,)`; None stands for ones.
        ignore_index: the label that weighs 0; any integer.

    Returns:
        The shape of labels, float32 or the dtype of class_weights. Under ``jit`` and the like a label outside [0, K) gives NaN.

    Raises:
        TypeError: labels are not integers, class_weights not floating point, or a setting is not an int.
        ValueError: class_weights has another length than num_classes, or a concrete label lies outside [0, num_classes).

    References:
        PyTorch 2, torch.nn.CrossEntropyLoss, the case reduction="mean".

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import label_weights
        >>> label_weights(jnp.array([0, 1, -100]), 2, class_weights=jnp.array([0.5, 2.0]), ignore_index=-100).tolist()
        [0.5, 2.0, 0.0]
    """
    where = "label_weights"
    labels = checked_labels(where, _checks.array(where, "labels", labels), "integer labels")
    num_classes = _windows.integer(where, "num_classes", num_classes, minimum=1)
    weights = checked_weights(where, class_weights, num_classes)
    ignored, valid = label_masks(where, labels, num_classes, ignore_index)
    dtype = jnp.dtype(jnp.float32) if weights is None else weights.dtype
    chosen = jnp.ones(labels.shape, dtype) if weights is None else weights[jnp.where(valid & ~ignored, labels, 0)]
    return jnp.where(ignored, 0.0, chosen * jnp.where(valid, 1.0, jnp.nan)).astype(dtype)
