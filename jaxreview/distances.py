"""Distances between rows of two tables, from the differences themselves, and the nearest-neighbour vote."""

import functools
from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float, Integer

from jaxreview import _checks, _windows

__all__ = ["knn_classify", "pairwise_distance"]

# Squared distances held at once by knn_classify: measured on one CPU, where a block that fits the cache is twice as fast.
_BLOCK = 2**18


def pairwise_distance(x: Float[Array, "n d"], y: Float[Array, "m d"], *, p: float = 2) -> Float[Array, "n m"]:
    """Minkowski distance of every row of x to every row of y: (Σ_f |x_f − y_f|^p)^(1/p).

    Differences are taken directly (|x|² + |y|² − 2x·y loses all digits for near points far from 0), one feature at a time, so that no `(n, m, d)`
    array is held, and in units of the largest of them, so that their powers neither overflow nor vanish. A row is at distance exactly 0 from itself.

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
    largest, first = _largest_difference(lax.stop_gradient(x), lax.stop_gradient(y))
    if p == float("inf"):
        return _sum_over_features(lambda d, f: jnp.where(f == first, d * jnp.sign(d), 0.0), x, y).astype(dtype)
    # The distance is homogeneous, so that a constant unit changes neither its value nor any derivative.
    unit = jnp.where((largest > 0) & (largest < jnp.inf), largest, 1.0)
    total = _sum_over_features(lambda d, f: _power(d / unit, p), x, y)
    apart = total != 0
    total = jnp.where(apart, total, 1.0)  # the root has an infinite slope at 0
    root = jnp.sqrt(total) if p == 2 else total ** (1 / p)
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
    x, train_x = _rescaled(x, train_x)

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


def _power(r: Array, p: float) -> Array:
    """|r|^p, whose slope at 0 is taken as 0."""
    if p == 2:
        return r * r
    zero = r == 0
    size = jnp.where(zero, 1.0, r * jnp.sign(r))
    return jnp.where(zero, 0.0, size ** (int(p) if p.is_integer() else p))


def _rescaled(x: Array, y: Array) -> tuple[Array, Array]:
    """Both tables times one power of two, which is exact and keeps every tie, so that squared differences neither overflow nor vanish."""

    def largest(a: Array) -> Array:
        return jnp.max(jnp.where(jnp.isfinite(a), jnp.abs(a), 0.0), initial=0.0)

    half = jnp.finfo(x.dtype).maxexp // 2 - 14  # room for a sum over 2²⁵ features
    exponent = jnp.frexp(jnp.maximum(largest(x), largest(y)))[1]
    scale = jnp.ldexp(jnp.ones((), x.dtype), jnp.minimum(half - exponent, jnp.finfo(x.dtype).maxexp - 2))
    return x * scale, y * scale
