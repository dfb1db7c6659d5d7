"""Distances between rows of two tables, from the differences themselves, and the nearest-neighbour vote."""

import functools
from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float, Integer

from jaxreview import _checks, _windows

__all__ = ["cosine_similarity", "knn_classify", "pairwise_distance"]

# Squared distances held at once by knn_classify: measured on one CPU, where a block that fits the cache is twice as fast.
_BLOCK = 2**18


def cosine_similarity(x: Float[Array, "..."], y: Float[Array, "..."], *, axis: int = -1, eps: float = 1e-8) -> Float[Array, "..."]:
    """Cosine of the angle between two vectors: x·y / (max(‖x‖, eps) · max(‖y‖, eps)).

    Shapes are broadcast, as in PyTorch: a table and one vector, or `(n, 1, d)` and `(m, d)` for all pairs. Each norm is bounded by eps alone, as PyTorch
    does since version 2 (its gradient under the bound is that of the free norm, here it is the true one); optax bounds the squared norm. A zero vector
    has cosine 0 to any, with the finite slope y / (eps · max(‖y‖, eps)); where a norm is eps its bound is taken for constant. Vectors are measured in
    units of their largest entry, so that their squares neither overflow nor vanish.

    Args:
        x: any shape with at least one axis.
        y: a shape that broadcasts with that of x.
        axis: the axis of the broadcast shape along which the vectors lie.
        eps: lower bound of a norm, a static number greater than 0.

    Returns:
        The broadcast shape without the axis, in the promoted dtype; float16 and bfloat16 are summed in float32.

    Raises:
        TypeError: x or y is not floating point, axis is not an int, or eps not a static number.
        ValueError: the shapes do not broadcast, there is no such axis, or eps is not greater than 0.

    References:
        Manning, Raghavan & Schütze, Introduction to Information Retrieval (2008), equation 6.10.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.distances import cosine_similarity
        >>> [round(c, 4) for c in cosine_similarity(jnp.array([[3.0, 4.0], [0.0, 0.0], [-5.0, 0.0]]), jnp.array([1.0, 0.0])).tolist()]
        [0.6, 0.0, -1.0]
    """
    where = "cosine_similarity"
    x, y = _checks.real(where, "x", x), _checks.real(where, "y", y)
    try:
        shape = jnp.broadcast_shapes(x.shape, y.shape)
    except ValueError as error:
        raise ValueError(f"{where}: y has shape {y.shape}; it needs one that broadcasts with that of x, {x.shape}") from error
    axis, eps = _checks.axis(where, axis, len(shape)), _checks.number(where, "eps", eps, above=0.0)
    dtype = _checks.result_dtype(x, y)
    a, b = (_directed(v.astype(_checks.accumulator(dtype)), shape, axis, eps) for v in (x, y))
    return (a * b).sum(axis).astype(dtype)


def pairwise_distance(x: Float[Array, "n d"], y: Float[Array, "m d"], *, p: float = 2) -> Float[Array, "n m"]:
    """Minkowski distance of every row of x to every row of y: (Σ_f |x_f − y_f|^p)^(1/p).

    Differences are taken directly (|x|² + |y|² − 2x·y loses all digits for near points far from 0), one feature at a time, so that no `(n, m, d)`
    array is held, and in units of the largest of them (for p = 2 of the largest coordinate, beside which differences of less than 10⁻²⁷ of it count as
    0), so that their powers neither overflow nor vanish. A row is at distance exactly 0 from itself.

    Where a distance has no gradient this one is 0: between equal points, and for p ≤ 1 along equal coordinates. For p = ∞ the first of several
    largest differences gets all of it. p = 0 counts the coordinates that differ, with gradient 0.

    Args:
        x: `(n, d)`.
        y: `(m, d)`.
        p: the power, p ≥ 0 or inf. Under 1 the triangle inequality fails.

    Returns:
        `(n, m)`, in the promoted dtype; float16 and bfloat16 are summed in float32.

    Raises:
        TypeError: x or y is not floating point, or p not a static number.
        ValueError: x or y is not rank 2, they have different numbers of features, or p is negative.

    References:
        Deza & Deza, Encyclopedia of Distances (2009), chapter 5 (ℓp metrics).

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.distances import pairwise_distance
        >>> pairwise_distance(jnp.array([[0.0, 0.0]]), jnp.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
        [[5.0, 0.0]]
    """
    where = "pairwise_distance"
    x, y = _checks.real(where, "x", x), _checks.real(where, "y", y)
    _tables(where, "x", x, "y", y)
    p = _checks.number(where, "p", p, low=0.0)
    dtype = _checks.result_dtype(x, y)
    x, y = (a.astype(_checks.accumulator(dtype)) for a in (x, y))
    if p == 0:
        return _sum_over_features(lambda d, f: jnp.where(jnp.isnan(d), d, jnp.where(d == 0, 0.0, 1.0).astype(d.dtype)), x, y).astype(dtype)
    if p == 1:
        return _sum_over_features(lambda d, f: d * jnp.sign(d), x, y).astype(dtype)  # jnp.abs has gradient 1 at 0
    if p == 2:
        # one unit for all, not one for each pair: no pass for the largest and no division (1000 · 1000 pairs of 64 features: 4.3 ms and not 15.5)
        # and not too large a scale: the cotangent passes through the unit divided by the root
        exponents = jnp.finfo(x.dtype).maxexp
        x, y, unit = _rescaled(x, y, exponents // 4, exponents * 9 // 16)
        return (_root(_sum_over_features(lambda d, f: d * d, x, y)) * unit).astype(dtype)
    largest, first = _largest_difference(lax.stop_gradient(x), lax.stop_gradient(y))
    if p == float("inf"):
        return _sum_over_features(lambda d, f: jnp.where(f == first, d * jnp.sign(d), 0.0), x, y).astype(dtype)
    # The distance is homogeneous, so that a constant unit changes neither its value nor any derivative.
    unit = jnp.where((largest > 0) & (largest < jnp.inf), largest, 1.0)
    total = _sum_over_features(lambda d, f: _power(d / unit, p), x, y)
    apart = total != 0
    root = jnp.where(apart, total, 1.0) ** (1 / p)  # the root has an infinite slope at 0
    return jnp.where(apart, unit * root, 0.0).astype(dtype)


def knn_classify(x: Float[Array, "n d"], train_x: Float[Array, "m d"], train_y: Integer[Array, " m"], *, k: int) -> Integer[Array, " n"]:
    """Label that most of the k nearest training points carry: mode of train_y over the k smallest Σ_f (x_f − train_f)².

    Of equally distant points the one of smaller index is nearer, and of equally frequent labels the smallest wins, as in scikit-learn's
    brute-force search. A point at distance NaN is farther than any other. Exclude the query itself by leaving it out of train_x.
    Queries are taken in blocks, a feature at a time, so that memory stays near 2¹⁸ distances, or one row of them.

    Args:
        x: queries, `(n, d)`.
        train_x: `(m, d)`.
        train_y: integer labels of any values, `(m,)`.
        k: neighbours that vote, 1 ≤ k ≤ m.

    Returns:
        `(n,)` labels in the dtype of train_y.

    Raises:
        TypeError: x or train_x is not floating point, train_y not integer, or k not a static int.
        ValueError: the shapes do not fit, or k is not in [1, m].

    References:
        Cover & Hart, Nearest Neighbor Pattern Classification (1967).

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.distances import knn_classify
        >>> train_x = jnp.array([[0.0], [1.0], [5.0], [6.0]])
        >>> knn_classify(jnp.array([[0.4], [5.4]]), train_x, jnp.array([7, 7, -1, -1]), k=3).tolist()
        [7, -1]
    """
    where = "knn_classify"
    x, train_x = _checks.real(where, "x", x), _checks.real(where, "train_x", train_x)
    train_y = _checks.integers(where, "train_y", train_y)
    _tables(where, "x", x, "train_x", train_x)
    _checks.shape(where, "train_y", train_y, train_x.shape[:1], "one label for each row of train_x")
    k = _windows.integer(where, "k", k, minimum=1)
    if k > train_x.shape[0]:
        raise ValueError(f"{where}: k is {k}; it needs at most the {train_x.shape[0]} rows of train_x {train_x.shape}")
    if not x.shape[0]:
        return jnp.zeros((0,), train_y.dtype)
    x, train_x = (a.astype(_checks.accumulator(_checks.result_dtype(x, train_x))) for a in (x, train_x))
    exponents = jnp.finfo(x.dtype).maxexp
    x, train_x, _ = _rescaled(x, train_x, exponents // 2 - 14, exponents - 2)  # room for a sum over 2²⁵ features

    def vote(query: Array) -> Array:
        squares = _sum_over_features(lambda d, f: d * d, query[None], train_x)[0]
        # top_k puts NaN first and equal values in order of index; NaN shall come last, after the infinite.
        squares = jnp.where(jnp.isnan(squares), jnp.inf, jnp.minimum(squares, jnp.finfo(squares.dtype).max))
        labels = jnp.sort(train_y[lax.top_k(-squares, k)[1]])
        position = jnp.arange(k)
        starts = jnp.where(jnp.concatenate([jnp.ones((1,), bool), labels[1:] != labels[:-1]]), position, 0)
        run = position - lax.cummax(starts)  # how many equal labels came before: largest first where the longest, smallest label ends
        return labels[jnp.argmax(run)]

    return lax.map(vote, x, batch_size=max(1, min(x.shape[0], _BLOCK // train_x.shape[0])))


def _directed(v: Array, shape: tuple[int, ...], axis: int, eps: float) -> Array:
    """Vectors over the larger of norm and eps, along an axis of the broadcast shape, with as many axes and the whole of that axis."""
    sizes = [1] * (len(shape) - v.ndim) + list(v.shape)
    v = v.reshape(sizes)
    sizes[axis] = shape[axis]  # one entry that stands for many has the norm of many
    v = jnp.broadcast_to(v, sizes)
    largest = lax.stop_gradient(jnp.max(jnp.abs(v), axis=axis, keepdims=True, initial=0.0))
    limit = 2.0 ** (jnp.finfo(v.dtype).maxexp * 3 // 4)  # so that 1 / unit is no denormal number, which a CPU takes for 0
    unit = jnp.where(jnp.isfinite(largest), jnp.clip(largest, 1 / limit, limit), 1.0)
    v, bound = v / unit, eps / unit
    square = jnp.sum(v * v, axis=axis, keepdims=True)
    above = square > 0
    norm = jnp.sqrt(jnp.where(above, square, 1.0))  # the root has an infinite slope at 0
    return v / jnp.where(above & (norm > bound), norm, bound)


def _tables(where: str, first: str, a: Array, second: str, b: Array) -> None:
    _checks.rank(where, first, a, 2, "(rows, features)")
    _checks.rank(where, second, b, 2, "(rows, features)")
    if a.shape[1] != b.shape[1]:
        raise ValueError(f"{where}: {second} has shape {b.shape}; it needs {a.shape[1]} columns, one for each feature of {first} {a.shape}")


def _sum_over_features(term: Callable[[Array, Array], Array], x: Array, y: Array) -> Array:
    """Σ_f term(x_f − y_f, f) as `(n, m)`: a scan over features was 10 times as fast as a reduction of `(n, m, d)` and holds one `(n, m)` array."""

    @functools.partial(jax.checkpoint, prevent_cse=False)  # else every feature's differences are kept for the gradient
    def of_feature(a: Array, b: Array, f: Array) -> Array:
        return term(a[:, None] - b[None, :], f)

    def add(total: Array, feature: tuple[Array, Array, Array]) -> tuple[Array, None]:
        return total + of_feature(*feature), None

    return lax.scan(add, jnp.zeros((x.shape[0], y.shape[0]), x.dtype), (x.T, y.T, jnp.arange(x.shape[1])))[0]


def _largest_difference(x: Array, y: Array) -> tuple[Array, Array]:
    """Largest |x_f − y_f| of every pair, and the first feature that attains it; NaN wins over all."""

    def larger(best: tuple[Array, Array], feature: tuple[Array, Array, Array]) -> tuple[tuple[Array, Array], None]:
        size, first = best
        a, b, f = feature
        here = jnp.abs(a[:, None] - b[None, :])
        wins = (here > size) | jnp.isnan(here)
        return (jnp.where(wins, here, size), jnp.where(wins, f, first)), None

    shape = (x.shape[0], y.shape[0])
    features = jnp.arange(x.shape[1])
    return lax.scan(larger, (jnp.zeros(shape, x.dtype), jnp.zeros(shape, features.dtype)), (x.T, y.T, features))[0]


def _root(square: Array) -> Array:
    """√ with slope 0 at 0."""
    apart = square != 0
    return jnp.where(apart, jnp.sqrt(jnp.where(apart, square, 1.0)), 0.0)


def _power(r: Array, p: float) -> Array:
    """|r|^p, whose slope at 0 is taken as 0."""
    zero = r == 0
    size = jnp.where(zero, 1.0, r * jnp.sign(r))
    return jnp.where(zero, 0.0, size ** (int(p) if p.is_integer() else p))


def _rescaled(x: Array, y: Array, target: int, most: int) -> tuple[Array, Array, Array]:
    """Both tables times the power of two (up to 2^most) that lifts the largest entry to 2^target, exact so that it keeps every tie; and its inverse."""

    def largest(a: Array) -> Array:
        return jnp.max(jnp.where(jnp.isfinite(a), jnp.abs(a), 0.0), initial=0.0)

    exponent = jnp.frexp(lax.stop_gradient(jnp.maximum(largest(x), largest(y))))[1]
    shift, one = jnp.clip(target - exponent, 2 - jnp.finfo(x.dtype).maxexp, most), jnp.ones((), x.dtype)
    return x * jnp.ldexp(one, shift), y * jnp.ldexp(one, shift), jnp.ldexp(one, -shift)
