"""What several losses do: checks of labels and weights, and stable pieces of cross entropy."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from jaxreview import _checks, _windows


def difference(where: str, predictions: object, targets: object) -> tuple[Array, jnp.dtype]:
    """Predictions − targets in the accumulator, and the result's dtype."""
    a = _checks.real(where, "predictions", predictions)
    b = None if targets is None else _checks.real(where, "targets", targets)
    if b is not None:
        _checks.same_shape(where, "predictions", a, "targets", b)
    dtype = _checks.result_dtype(a, b)
    sums = _checks.accumulator(dtype)
    return a.astype(sums) if b is None else a.astype(sums) - b.astype(sums), dtype


def looked_at(values: Array) -> np.ndarray | None:
    """The values, if they can be looked at now; in NumPy, because inside of a trace JAX would record the comparison instead of answering it."""
    return np.asarray(values) if _checks.concrete(values) and values.is_fully_addressable and values.size else None


def within_unit(where: str, name: str, values: Array) -> None:
    """Concrete values lie in [0, 1]; NaN passes."""
    seen = looked_at(values)
    if seen is not None and bool(np.any((seen < 0) | (seen > 1))):
        low, high = (float(bound(seen[seen == seen])) for bound in (np.min, np.max))
        raise ValueError(f"{where}: {name} reaches from {low:g} to {high:g}; it needs values in [0, 1]")


def binary_labels(where: str, labels: object, beside: Array) -> Array:
    """Labels in [0, 1] as reals: integers and booleans take the dtype of the array beside them."""
    result = _checks.array(where, "labels", labels)
    if jnp.issubdtype(result.dtype, jnp.bool_):
        return result.astype(beside.dtype)
    if not jnp.issubdtype(result.dtype, jnp.integer):
        result = _checks.real(where, "labels", result)
    within_unit(where, "labels", result)
    return result if jnp.issubdtype(result.dtype, jnp.floating) else result.astype(beside.dtype)


@jax.custom_jvp
def softplus(z: Array) -> Array:
    """log(1 + exp z), with the logistic function as its very derivative: the pieces below have kinks at 0 and ∞ − ∞."""
    return jnp.maximum(z, 0.0) + jnp.log1p(jnp.exp(-jnp.abs(z)))


@softplus.defjvp
def softplus_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    return softplus(primals[0]), tangents[0] * jax.nn.sigmoid(primals[0])


def product(weight: Array, value: Array) -> Array:
    """Weight · value, where 0 · ∞ = 0."""
    return weight * jnp.where((weight == 0) & jnp.isinf(value), 0.0, value)


def checked_weights(where: str, class_weights: object, classes: int) -> Array | None:
    if class_weights is None:
        return None
    weights = _checks.real(where, "class_weights", class_weights)
    _checks.shape(where, "class_weights", weights, (classes,), "one for each class")
    return weights


def checked_labels(where: str, labels: Array, needed: str) -> Array:
    """Integer labels, wide enough to be compared with any number of classes."""
    if not jnp.issubdtype(labels.dtype, jnp.integer):
        raise TypeError(f"{where}: labels has dtype {labels.dtype}; it needs {needed}")
    return labels.astype(jnp.int32) if labels.dtype.itemsize < 4 else labels


def label_masks(where: str, labels: Array, classes: int, ignore_index: object) -> tuple[Array, Array]:
    """Which labels are ignored, and which are ignored or in range; concrete ones that are neither are refused."""
    ignored = jnp.zeros(labels.shape, bool)
    if ignore_index is not None:
        index = _windows.integer(where, "ignore_index", ignore_index, minimum=-(2**63))
        limits = jnp.iinfo(labels.dtype)
        if limits.min <= index <= limits.max:
            ignored = labels == index
    seen = looked_at(labels)
    if seen is not None:
        outside = (seen < 0) | (seen >= classes) if ignore_index is None else ((seen < 0) | (seen >= classes)) & (seen != ignore_index)
        if outside.any():
            either = "" if ignore_index is None else f" or ignore_index, {ignore_index}"
            raise ValueError(f"{where}: labels reaches from {seen.min()} to {seen.max()}; it needs classes in [0, {classes}){either}")
    return ignored, ignored | ((labels >= 0) & (labels < classes))


def along(weights: Array, axis: int, ndim: int) -> Array:
    """Class weights as an array of rank ``ndim`` that varies along ``axis``."""
    return weights.reshape([weights.size if a == axis else 1 for a in range(ndim)])


def log_normalizer(z: Array, axis: int | tuple[int, ...]) -> tuple[Array, Array]:
    """The largest logit and log Σ exp(z − largest), both with the class axis kept."""
    largest = jax.lax.stop_gradient(jnp.max(z, axis, keepdims=True))
    return largest, jnp.log(jnp.sum(jnp.exp(z - largest), axis, keepdims=True))


def cost_of_one(z: Array, labels: Array, axis: int) -> Array:
    """−log softmax(z) of one class each. It is gathered from z itself: from log_softmax(z) it took four times as long with 32000 classes."""
    largest, normalizer = log_normalizer(z, axis)
    chosen = jnp.take_along_axis(z, jnp.expand_dims(labels, axis), axis, mode="promise_in_bounds")
    return jnp.squeeze(normalizer - (chosen - largest), axis)


def cost_of_all(z: Array, shares: Array, axis: int | tuple[int, ...]) -> Array:
    """−Σ_c share_c · log softmax(z)_c, where a logit of −∞ without a share counts 0."""
    largest, normalizer = log_normalizer(z, axis)
    return jnp.sum(product(shares, normalizer - (z - largest)), axis)
