"""Losses of a softmax by the names of optax: over one or several axes, of all elements or of some."""

from collections.abc import Callable

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Integer, Real

from jaxreview import _checks
from jaxreview.losses._axes import axes, left_out, mask, only, some, without
from jaxreview.losses._shared import checked_labels, cost_of_all, label_masks, log_normalizer, product

__all__ = [
    "poly_loss_cross_entropy",
    "ranking_softmax_loss",
    "safe_softmax_cross_entropy",
    "smooth_labels",
    "softmax_cross_entropy",
    "softmax_cross_entropy_with_integer_labels",
]


def softmax_cross_entropy(
    logits: Float[Array, "*shape"],
    labels: Real[Array, "*shape"] | Bool[Array, "*shape"],
    axis: int | tuple[int, ...] | None = -1,
    where: Bool[Array, "..."] | None = None,
) -> Float[Array, "..."]:
    """Cross entropy of softmax(logits) against a distribution: −Σ_c label_c · log softmax(z)_c.

    A logit of −∞ contributes nothing where its label is 0 (optax gives NaN). ``cross_entropy`` also smooths and weights.

    Args:
        logits: z, `(...)`.
        labels: distributions over ``axis``, the shape of logits; integers and booleans (one-hot) are converted.
        axis: the class axis, several of them that count as one, or None for all.
        where: which classes exist, the shape of logits, or which examples count, without ``axis``. What is left out costs 0 with zero gradient.

    Returns:
        The shape of logits without ``axis``, in the promoted dtype of the floating point arguments; float16 and bfloat16 are summed in float32.

    Raises:
        TypeError: logits is not floating point, labels are no numbers, or where is not boolean.
        ValueError: the shapes do not fit (nothing is broadcast), or there is no such axis or nothing along it.

    References:
        Goodfellow, Bengio & Courville, Deep Learning (2016), section 6.2.2.3.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import softmax_cross_entropy
        >>> softmax_cross_entropy(jnp.array([[0.0, 1e4], [-jnp.inf, 0.0]]), jnp.array([[1.0, 0.0], [0.0, 1.0]])).tolist()
        [10000.0, 0.0]
    """
    z, shares, taken, over, dtype = _distributions("softmax_cross_entropy", logits, labels, axis, where)
    return cost_of_all(left_out(z, taken, over), only(shares, taken), over).astype(dtype)


def safe_softmax_cross_entropy(logits: Float[Array, "*shape"], labels: Real[Array, "*shape"] | Bool[Array, "*shape"]) -> Float[Array, "..."]:
    """Cross entropy of softmax(logits) over the last axis, −Σ_c label_c · log softmax(z)_c, where 0 · log 0 = 0.

    In optax only this one is finite at a logit of −∞ without mass; here it equals ``softmax_cross_entropy``. The derivative by a label of 0 at a logit
    of −∞, which is infinite, is given as 0.

    Args:
        logits: z, `(..., K)`.
        labels: distributions, the shape of logits; integers and booleans (one-hot) are converted.

    Returns:
        The shape of logits without the last axis, in the promoted dtype of the floating point arguments.

    Raises:
        TypeError: logits is not floating point, or labels are no numbers.
        ValueError: the shapes differ (nothing is broadcast), or there are no classes.

    References:
        Cover & Thomas, Elements of Information Theory (2006), section 2.1 (0 log 0 = 0).

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import safe_softmax_cross_entropy
        >>> safe_softmax_cross_entropy(jnp.array([-jnp.inf, 2.0, -jnp.inf]), jnp.array([0.0, 1.0, 0.0])).item()
        0.0
    """
    z, shares, _, over, dtype = _distributions("safe_softmax_cross_entropy", logits, labels, -1, None)
    return cost_of_all(z, shares, over).astype(dtype)


def softmax_cross_entropy_with_integer_labels(
    logits: Float[Array, "..."],
    labels: Integer[Array, "..."],
    axis: int | tuple[int, ...] = -1,
    where: Bool[Array, "..."] | None = None,
) -> Float[Array, "..."]:
    """Cross entropy of softmax(logits) against one class: log Σ_c exp(z_c) − z_label.

    With several axes the classes are their cells, counted row-major in the order in which ``axis`` names them.

    Args:
        logits: z, `(...)`.
        labels: integers in [0, K), shaped as logits without ``axis``.
        axis: the class axis, or several that count as one.
        where: which classes exist, the shape of logits, or which examples count, without ``axis``. The sum takes no others; an example without any costs
            0. A label that is itself left out is measured against the others all the same, as in optax.

    Returns:
        The shape of logits without ``axis``, in the dtype of logits; float16 and bfloat16 are summed in float32. Under ``jit`` and the like a label outside
        [0, K) gives NaN.

    Raises:
        TypeError: logits is not floating point, labels are not integers, where not boolean, or axis is neither an int nor a tuple.
        ValueError: the shapes do not fit, a concrete label lies outside [0, K), or there is no such axis or nothing along it.

    References:
        Goodfellow, Bengio & Courville, Deep Learning (2016), section 6.2.2.3.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import softmax_cross_entropy_with_integer_labels
        >>> softmax_cross_entropy_with_integer_labels(jnp.array([[0.0, 1e4], [0.0, 1e4]]), jnp.array([1, 0])).tolist()
        [0.0, 10000.0]
    """
    name = "softmax_cross_entropy_with_integer_labels"
    logits = _checks.real(name, "logits", logits)
    labels = checked_labels(name, _checks.array(name, "labels", labels), "integer labels")
    if axis is None:
        raise TypeError(f"{name}: axis is None; it needs an int or a tuple of ints")
    over = axes(name, axis, logits.ndim)
    batch = without(logits.shape, over)
    classes = some(name, "logits", logits.shape, over)
    _checks.shape(name, "labels", labels, batch, f"the shape of logits {logits.shape} without class axis {axis}")
    taken = mask(name, where, "logits", logits.shape, over)
    _, valid = label_masks(name, labels, classes, None)
    z = logits.astype(_checks.accumulator(logits.dtype))
    to_end = (*(a for a in range(z.ndim) if a not in over), *over)

    def flat(values: Array) -> Array:
        return values.transpose(to_end).reshape(*batch, classes)

    if taken is not None:
        taken = flat(jnp.broadcast_to(taken, z.shape))
    z = flat(z)
    largest, normalizer = log_normalizer(left_out(z, taken, (len(batch),)), -1)
    chosen = jnp.take_along_axis(z, jnp.where(valid, labels, 0)[..., None], -1, mode="promise_in_bounds")
    loss = (normalizer - (chosen - largest))[..., 0] * jnp.where(valid, 1.0, jnp.nan)
    return (loss if taken is None else jnp.where(taken.any(-1), loss, 0.0)).astype(logits.dtype)


def poly_loss_cross_entropy(
    logits: Float[Array, "*shape"],
    labels: Real[Array, "*shape"] | Bool[Array, "*shape"],
    *,
    epsilon: float = 2.0,
    axis: int | tuple[int, ...] | None = -1,
    where: Bool[Array, "..."] | None = None,
) -> Float[Array, "..."]:
    """Cross entropy with another first term of its series in 1 − p: −Σ_c label_c·log p_c + ε·Σ_c label_c·(1 − p_c), with p = softmax(z).

    1 − p is computed as −expm1(log p), so that a logit of −∞ without mass costs nothing here too.

    Args:
        logits: z, `(...)`.
        labels: distributions over ``axis``, the shape of logits; integers and booleans (one-hot) are converted.
        epsilon: ε, any number: 2 for images and −1 for boxes in the paper; 0 is ``softmax_cross_entropy``.
        axis: the class axis, several of them that count as one, or None for all.
        where: which classes exist, the shape of logits, or which examples count, without ``axis``. What is left out costs 0 with zero gradient.

    Returns:
        The shape of logits without ``axis``, in the promoted dtype of the floating point arguments; float16 and bfloat16 are summed in float32.

    Raises:
        TypeError: logits is not floating point, labels are no numbers, where is not boolean, or epsilon is not a static number.
        ValueError: the shapes do not fit (nothing is broadcast), or there is no such axis or nothing along it.

    References:
        Leng et al., PolyLoss: A Polynomial Expansion Perspective of Classification Loss Functions (2022), equation 6.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import poly_loss_cross_entropy
        >>> round(poly_loss_cross_entropy(jnp.array([0.0, 0.0]), jnp.array([1.0, 0.0]), epsilon=2.0).item(), 4)
        1.6931
    """
    name = "poly_loss_cross_entropy"
    epsilon = _checks.number(name, "epsilon", epsilon)
    z, shares, taken, over, dtype = _distributions(name, logits, labels, axis, where)
    z, shares = left_out(z, taken, over), only(shares, taken)
    largest, normalizer = log_normalizer(z, over)
    cost = normalizer - (z - largest)
    return jnp.sum(product(shares, cost) - epsilon * shares * jnp.expm1(-cost), over).astype(dtype)


def ranking_softmax_loss(
    logits: Float[Array, "*shape"],
    labels: Real[Array, "*shape"] | Bool[Array, "*shape"],
    *,
    where: Bool[Array, "*shape"] | None = None,
    weights: Float[Array, "*shape"] | None = None,
    reduce_fn: Callable[..., Array] | None = jnp.mean,
) -> Float[Array, "..."]:
    """Softmax cross entropy of each list of scores with the relevance of its items: −Σ_i w_i·y_i·log(exp s_i / Σ_j exp s_j).

    Args:
        logits: scores s, `(..., list_size)`.
        labels: relevance y, the shape of logits; integers and booleans are converted.
        where: which items are there, the shape of logits. The others count neither above nor below, and their scores may be anything.
        weights: w, the shape of logits; None stands for ones.
        reduce_fn: called as ``reduce_fn(losses, where=...)`` with the lists that have an item; the mean of no list is 0. None gives each list's loss.

    Returns:
        A scalar, or the shape of logits without the last axis where reduce_fn is None; in the promoted dtype of the floating point arguments.

    Raises:
        TypeError: logits or weights is not floating point, labels are no numbers, where is not boolean, or reduce_fn cannot be called.
        ValueError: the shapes differ (nothing is broadcast), or the lists are empty.

    References:
        Cao et al., Learning to Rank: From Pairwise Approach to Listwise Approach (2007), section 4.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import ranking_softmax_loss
        >>> round(ranking_softmax_loss(jnp.array([2.0, 1.0, 3.0]), jnp.array([1.0, 0.0, 0.0])).item(), 4)
        1.4076
    """
    name = "ranking_softmax_loss"
    weights = None if weights is None else _checks.real(name, "weights", weights)
    z, shares, taken, over, dtype = _distributions(name, logits, labels, -1, where, weights)
    if taken is not None:
        _checks.shape(name, "where", jnp.asarray(where), z.shape, "the shape of logits")
    if weights is not None:
        _checks.same_shape(name, "logits", z, "weights", weights)
        shares = shares * only(weights.astype(z.dtype), taken)
    if reduce_fn is not None and not callable(reduce_fn):
        raise TypeError(f"{name}: reduce_fn is {reduce_fn!r}; it needs a function of the losses and where, or None")
    loss = cost_of_all(left_out(z, taken, over), only(shares, taken), over)
    lists = jnp.ones(loss.shape, bool) if taken is None else taken.any(over)
    if reduce_fn is None:
        return loss.astype(dtype)
    if reduce_fn is jnp.mean:  # of no list: 0, not 0/0
        return (jnp.sum(loss, where=lists) / jnp.maximum(jnp.sum(lists), 1).astype(loss.dtype)).astype(dtype)
    return reduce_fn(loss, where=None if taken is None else lists).astype(dtype)


def smooth_labels(
    labels: Float[Array, "*shape"], alpha: float, *, axis: int | tuple[int, ...] | None = -1, where: Bool[Array, "..."] | None = None
) -> Float[Array, "*shape"]:
    """Labels mixed with the uniform distribution: (1 − α)·label + α/K.

    Args:
        labels: distributions over ``axis``, such as one-hot labels, `(...)`.
        alpha: α in [0, 1].
        axis: the class axis, several of them that count as one, or None for all.
        where: which classes exist, the shape of labels, or which examples count, without ``axis``. K counts these alone; the share α/K is added to all, as
            in optax, so give the same ``where`` to the loss. Where nothing counts nothing is added.

    Returns:
        The shape and dtype of labels.

    Raises:
        TypeError: labels is not floating point, alpha not a static number, or where not boolean.
        ValueError: alpha lies outside [0, 1], the shapes do not fit, or there is no such axis or nothing along it.

    References:
        Müller, Kornblith & Hinton, When Does Label Smoothing Help? (2019), section 1.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import smooth_labels
        >>> smooth_labels(jnp.array([0.0, 1.0]), 0.5).tolist()
        [0.25, 0.75]
    """
    name = "smooth_labels"
    labels = _checks.real(name, "labels", labels)
    alpha = _checks.number(name, "alpha", alpha, low=0.0, high=1.0)
    over = axes(name, axis, labels.ndim)
    count = some(name, "labels", labels.shape, over)
    taken = mask(name, where, "labels", labels.shape, over)
    y = labels.astype(_checks.accumulator(labels.dtype))
    if taken is None:
        return ((1.0 - alpha) * y + alpha / count).astype(labels.dtype)
    kept = jnp.sum(jnp.broadcast_to(taken, y.shape), over, keepdims=True).astype(y.dtype)
    return ((1.0 - alpha) * y + jnp.where(kept > 0, alpha / jnp.maximum(kept, 1.0), 0.0)).astype(labels.dtype)


def _distributions(
    name: str, logits: object, labels: object, axis: object, where: object, beside: Array | None = None
) -> tuple[Array, Array, Array | None, tuple[int, ...], jnp.dtype]:
    """Checked logits and labels in the accumulator, the mask, the axes and the result's dtype."""
    z, shares = _checks.real(name, "logits", logits), _checks.array(name, "labels", labels)
    if jnp.issubdtype(shares.dtype, jnp.integer) or jnp.issubdtype(shares.dtype, jnp.bool_):
        shares = shares.astype(z.dtype)
    shares = _checks.real(name, "labels", shares)
    _checks.min_rank(name, "logits", z, 1, "with a class axis")
    over = axes(name, axis, z.ndim)
    _checks.same_shape(name, "logits", z, "labels", shares)
    some(name, "logits", z.shape, over)
    taken = mask(name, where, "logits", z.shape, over)
    dtype = _checks.result_dtype(z, shares, beside)
    sums = _checks.accumulator(dtype)
    return z.astype(sums), shares.astype(sums), taken, over, dtype
