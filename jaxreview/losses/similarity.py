"""Losses of the angle between vectors."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Integer

from jaxreview import _checks
from jaxreview.losses._axes import axes, mask, only
from jaxreview.losses._shared import softplus

__all__ = ["cosine_distance", "cosine_similarity", "ntxent"]


def cosine_similarity(
    predictions: Float[Array, "*shape"],
    targets: Float[Array, "*shape"],
    *,
    epsilon: float = 0.0,
    axis: int | tuple[int, ...] | None = -1,
    where: Bool[Array, "..."] | None = None,
) -> Float[Array, "..."]:
    """Cosine of the angle between two vectors: ⟨a, b⟩ / (max(‖a‖, √ε) · max(‖b‖, √ε)).

    A zero vector gives 0 with zero gradient (optax gives NaN). Each norm is taken in units of the vector's largest entry, so that squares neither
    overflow nor vanish. ε bounds the squared norm, as in optax; PyTorch's eps bounds the norm, √ε. Under the bound the norm is constant.

    Args:
        predictions: a, `(...)`.
        targets: b, the shape of predictions.
        epsilon: ε ≥ 0.
        axis: the axis of the vectors, several of them, or None for all.
        where: which entries count, the shape of predictions, or which examples, without ``axis``. The others count as 0.

    Returns:
        The shape of predictions without ``axis``, in the promoted dtype; float16 and bfloat16 are summed in float32.

    Raises:
        TypeError: an array is not floating point, where is not boolean, or epsilon is not a static number.
        ValueError: the shapes do not fit (nothing is broadcast), there is no such axis, or epsilon is negative.

    References:
        Manning, Raghavan & Schütze, Introduction to Information Retrieval (2008), equation 6.10.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import cosine_similarity
        >>> [round(v, 4) for v in cosine_similarity(jnp.array([[3.0, 4.0], [0.0, 0.0]]), jnp.array([[4.0, 3.0], [1.0, 2.0]])).tolist()]
        [0.96, 0.0]
    """
    cosine, dtype = _cosine("cosine_similarity", predictions, targets, epsilon, axis, where)
    return cosine.astype(dtype)


def cosine_distance(
    predictions: Float[Array, "*shape"],
    targets: Float[Array, "*shape"],
    *,
    epsilon: float = 0.0,
    axis: int | tuple[int, ...] | None = -1,
    where: Bool[Array, "..."] | None = None,
) -> Float[Array, "..."]:
    """One less the cosine of the angle between two vectors: 1 − ⟨a, b⟩ / (max(‖a‖, √ε) · max(‖b‖, √ε)).

    A zero vector is at distance 1, with zero gradient; see ``cosine_similarity``.

    Args:
        predictions: a, `(...)`.
        targets: b, the shape of predictions.
        epsilon: ε ≥ 0.
        axis: the axis of the vectors, several of them, or None for all.
        where: which entries count, the shape of predictions, or which examples, without ``axis``. The others count as 0.

    Returns:
        The shape of predictions without ``axis``, in the promoted dtype; float16 and bfloat16 are summed in float32.

    Raises:
        TypeError: an array is not floating point, where is not boolean, or epsilon is not a static number.
        ValueError: the shapes do not fit (nothing is broadcast), there is no such axis, or epsilon is negative.

    References:
        Manning, Raghavan & Schütze, Introduction to Information Retrieval (2008), equation 6.10.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import cosine_distance
        >>> [round(v, 4) for v in cosine_distance(jnp.array([[3.0, 4.0], [0.0, 0.0]]), jnp.array([[4.0, 3.0], [1.0, 2.0]])).tolist()]
        [0.04, 1.0]
    """
    cosine, dtype = _cosine("cosine_distance", predictions, targets, epsilon, axis, where)
    return (1.0 - cosine).astype(dtype)


def ntxent(embeddings: Float[Array, "N D"], labels: Integer[Array, " N"], temperature: float = 0.07) -> Float[Array, ""]:
    """Normalized temperature-scaled cross entropy: mean over pairs (i, j) of one label of −log(e^{s_ij} / (e^{s_ij} + Σ_k e^{s_ik})).

    Here s = cos(x_i, x_j)/τ, the pairs are ordered and of different points, and k runs over the points of other labels: one positive is not held against
    another, as in optax. Each term is computed as log(1 + exp(log Σ_k e^{s_ik} − s_ij)). Without a pair the loss is 0 (optax gives NaN). The cosines are
    bounded by ε of the dtype of embeddings as in ``cosine_similarity``.

    Args:
        embeddings: x, one point a row, `(N, D)`.
        labels: which points belong together, any integers, `(N,)`.
        temperature: τ > 0.

    Returns:
        A scalar, in the dtype of embeddings; float16 and bfloat16 are summed in float32.

    Raises:
        TypeError: embeddings is not floating point, labels are not integers, or temperature is not a static number.
        ValueError: the shapes do not fit, or temperature is not positive.

    References:
        Chen et al., A Simple Framework for Contrastive Learning of Visual Representations (2020), equation 1.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import ntxent
        >>> round(ntxent(jnp.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]), jnp.array([0, 0, 1]), temperature=1.0).item(), 4)
        1.0032
    """
    name = "ntxent"
    x, labels = _checks.real(name, "embeddings", embeddings), _checks.integers(name, "labels", labels)
    _checks.rank(name, "embeddings", x, 2, "(points, features)")
    _checks.shape(name, "labels", labels, x.shape[:1], "one label for each row of embeddings")
    temperature = _checks.number(name, "temperature", temperature, above=0.0)
    dtype = x.dtype
    units = _unit(x.astype(_checks.accumulator(dtype)), float(jnp.finfo(dtype).eps), (1,))
    s = jnp.matmul(units, units.T, precision=jax.lax.Precision.HIGHEST) / temperature
    same = labels[:, None] == labels[None, :]
    pairs = same & ~jnp.eye(len(labels), dtype=bool)
    others = jnp.where(same, -jnp.inf, s)
    largest = jax.lax.stop_gradient(jnp.max(others, 1, keepdims=True, initial=-jnp.inf))
    alone = largest == -jnp.inf
    total = jnp.sum(jnp.exp(others - jnp.where(alone, 0.0, largest)), 1, keepdims=True)
    # log of an empty sum is −∞, which costs softplus(−∞) = 0; its gradient would be NaN
    against = jnp.where(alone, 0.0, largest) + jnp.log(jnp.where(alone, 1.0, total))
    cost = jnp.where(pairs & ~alone, softplus(against - s), 0.0)
    return (jnp.sum(cost) / jnp.maximum(jnp.sum(pairs), 1).astype(s.dtype)).astype(dtype)


def _cosine(name: str, predictions: object, targets: object, epsilon: object, axis: object, where: object) -> tuple[Array, jnp.dtype]:
    a, b = _checks.real(name, "predictions", predictions), _checks.real(name, "targets", targets)
    _checks.same_shape(name, "predictions", a, "targets", b)
    epsilon = _checks.number(name, "epsilon", epsilon, low=0.0)
    over = axes(name, axis, a.ndim)
    taken = mask(name, where, "predictions", a.shape, over)
    dtype = _checks.result_dtype(a, b)
    a, b = (only(v.astype(_checks.accumulator(dtype)), taken) for v in (a, b))
    return jnp.sum(_unit(a, epsilon, over) * _unit(b, epsilon, over), over), dtype


def _unit(x: Array, epsilon: float, over: tuple[int, ...]) -> Array:
    """The vector x / max(‖x‖, √ε), and 0 with zero gradient for a zero vector."""
    largest = jax.lax.stop_gradient(jnp.max(jnp.abs(x), over, keepdims=True, initial=0.0))
    zero = largest < float(jnp.finfo(x.dtype).tiny)
    # x/‖x‖ is homogeneous, so that a constant unit changes neither its value nor any derivative. It is a power of two whose inverse is no subnormal number:
    # XLA divides by multiplying with the inverse, which would be flushed to 0.
    bound = jnp.finfo(x.dtype).maxexp - 3
    unit = jnp.ldexp(jnp.ones((), x.dtype), -jnp.clip(jnp.frexp(jnp.where(zero, 1.0, largest))[1], -bound, bound))
    y = x * unit
    norm = jnp.sqrt(jnp.where(zero, 1.0, jnp.sum(y * y, over, keepdims=True)))  # the root has an infinite slope at 0
    direction = jnp.where(zero, 0.0, y / norm)
    if not epsilon:
        return direction
    return jnp.where(~zero & (jax.lax.stop_gradient(norm) > epsilon**0.5 * unit), direction, x / epsilon**0.5)
