"""Normalization by statistics of the batch, and the standardization of features. Channels (features) are the last axis."""

import math
from typing import NamedTuple

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from jaxreview import _checks

__all__ = ["BatchStats", "Standardizer", "batch_norm", "batch_norm_train", "fit_standardizer", "standardize"]


class BatchStats(NamedTuple):
    """Running mean and biased variance of every channel, each `(C,)`."""

    mean: Float[Array, " channels"]
    var: Float[Array, " channels"]


class Standardizer(NamedTuple):
    """Mean and biased standard deviation (ddof 0) of every feature, each `(C,)`; a constant feature has standard deviation 0."""

    mean: Float[Array, " features"]
    std: Float[Array, " features"]


def batch_norm(
    x: Float[Array, "*batch channels"],
    stats: BatchStats,
    scale: Float[Array, " channels"] | None = None,
    bias: Float[Array, " channels"] | None = None,
    *,
    eps: float = 1e-5,
) -> Float[Array, "*batch channels"]:
    """Normalize every channel by given statistics: y = (x − mean) / √(var + eps) · scale + bias.

    Args:
        x: `(*batch, C)`; `*batch` may be empty, and holds any spatial axes too.
        stats: mean and variance of every channel, each `(C,)`, for example as `batch_norm_train` gathers them.
        scale: `(C,)`, or None for 1.
        bias: `(C,)`, or None for 0.
        eps: added to the variance, at least 0. With 0 it is the caller's duty that every variance is positive.

    Returns:
        `(*batch, C)` in the promoted dtype of all the arrays: bfloat16 x with float32 stats gives float32. Computed in float32 for float16 and bfloat16.

    Raises:
        TypeError: stats is no `BatchStats`, an array is not floating point, or eps is no static number.
        ValueError: the shapes do not fit (nothing is broadcast), or eps is negative.

    References:
        Ioffe & Szegedy, Batch Normalization (2015), algorithm 2.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import BatchStats, batch_norm
        >>> stats = BatchStats(mean=jnp.array([1.0, 10.0]), var=jnp.array([4.0, 1.0]))
        >>> batch_norm(jnp.array([[3.0, 10.0], [1.0, 12.0]]), stats, eps=0.0).tolist()
        [[1.0, 0.0], [0.0, 2.0]]
    """
    x, stats, scale, bias, eps = _batch_norm_arguments("batch_norm", x, stats, scale, bias, eps)
    dtype = _checks.result_dtype(x, *stats, scale, bias)
    sums = _checks.accumulator(dtype)
    mean, var = (_row(a.astype(sums), x.ndim) for a in stats)
    y = (x.astype(sums) - mean) * lax.rsqrt(var + eps)
    return _affine(y, scale, bias).astype(dtype)


def batch_norm_train(
    x: Float[Array, "*batch channels"],
    stats: BatchStats,
    scale: Float[Array, " channels"] | None = None,
    bias: Float[Array, " channels"] | None = None,
    *,
    momentum: float = 0.9,
    eps: float = 1e-5,
    axis_name: str | tuple[str, ...] | None = None,
) -> tuple[Float[Array, "*batch channels"], BatchStats]:
    """Normalize every channel by the batch itself, y = (x − μ) / √(σ² + eps) · scale + bias, and update the running statistics.

    μ and σ² are the mean and the biased variance (divided by n, not n − 1) over all axes but the last, taken in two passes;
    gradients flow through both. The running statistics become momentum · old + (1 − momentum) · batch: momentum is the share of the old, as
    in Flax and Keras (PyTorch's is the share of the new, and it gathers the unbiased variance).

    Args:
        x: `(*batch, C)` with at least one batch axis, unless `axis_name` is given.
        stats: the running mean and variance, each `(C,)`.
        scale: `(C,)`, or None for 1.
        bias: `(C,)`, or None for 0.
        momentum: share of the old statistics, in [0, 1].
        eps: added to the variance, at least 0. With 0 a channel that is constant over the batch gives NaN.
        axis_name: name, or names, of the axes mapped by `vmap` or `shard_map` over which the batch goes on: the means are averaged over them.

    Returns:
        y, `(*batch, C)` in the promoted dtype of all the arrays, and the new `BatchStats` in the dtypes of the old. Float16 and bfloat16
        are computed in float32. An empty batch has no statistics: y is empty and the old ones stay.

    Raises:
        TypeError: stats is no `BatchStats`, an array is not floating point, or a setting is of the wrong kind.
        ValueError: the shapes do not fit (nothing is broadcast), x has no batch axis, or a setting is out of range.

    References:
        Ioffe & Szegedy, Batch Normalization (2015), algorithm 1.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import BatchStats, batch_norm_train
        >>> y, stats = batch_norm_train(jnp.array([[1.0], [5.0]]), BatchStats(jnp.zeros(1), jnp.ones(1)), momentum=0.5, eps=0.0)
        >>> y.tolist(), stats.mean.tolist(), stats.var.tolist()
        ([[-1.0], [1.0]], [1.5], [2.5])
    """
    x, stats, scale, bias, eps = _batch_norm_arguments("batch_norm_train", x, stats, scale, bias, eps)
    momentum = _checks.number("batch_norm_train", "momentum", momentum, low=0.0, high=1.0)
    names = (axis_name,) if isinstance(axis_name, str) else axis_name
    if names is not None and not (isinstance(names, tuple) and names and all(isinstance(name, str) for name in names)):
        raise TypeError(f"batch_norm_train: axis_name is {axis_name!r}; it needs the name of a mapped axis, a tuple of names, or None")
    if x.ndim == 1 and names is None:
        raise ValueError(f"batch_norm_train: x has shape {x.shape}, one value a channel; it needs a batch axis, (*batch, C), or axis_name")
    dtype = _checks.result_dtype(x, *stats, scale, bias)
    sums = _checks.accumulator(dtype)
    if 0 in x.shape[:-1]:
        return x.astype(dtype), stats
    mean, unit, deviation, variance = _moments(x.astype(sums), math.sqrt(eps), names or ())
    y = deviation * lax.rsqrt(variance + (math.sqrt(eps) / unit) ** 2)
    batch = (_channels(mean), _channels(variance * unit * unit))
    new = (momentum * old.astype(sums) + (1 - momentum) * now for old, now in zip(stats, batch, strict=True))
    return _affine(y, scale, bias).astype(dtype), BatchStats(*(now.astype(old.dtype) for old, now in zip(stats, new, strict=True)))


def fit_standardizer(x: Float[Array, "*samples features"]) -> Standardizer:
    """Mean μ = Σx / n and standard deviation σ = √(Σ(x − μ)² / n) of every feature, over all axes but the last.

    Two passes, with ddof 0 as scikit-learn's `StandardScaler`. A constant feature has exactly its value as mean, and standard deviation 0, with gradient 0.

    Args:
        x: `(*samples, C)` with at least one sample axis and at least one sample.

    Returns:
        `Standardizer(mean, std)`, each `(C,)` in the dtype of x; float16 and bfloat16 accumulate in float32.

    Raises:
        TypeError: x is not floating point.
        ValueError: x is rank 1, or has no samples.

    References:
        LeCun, Bottou, Orr & Müller, Efficient BackProp (1998), section 4.3.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import fit_standardizer
        >>> fitted = fit_standardizer(jnp.array([[1.0, 7.0], [5.0, 7.0]]))
        >>> fitted.mean.tolist(), fitted.std.tolist()
        ([3.0, 7.0], [2.0, 0.0])
    """
    x = _checks.real("fit_standardizer", "x", x)
    _checks.min_rank("fit_standardizer", "x", x, 2, "(*samples, C); reshape one feature (n,) to a column (n, 1)")
    if 0 in x.shape[:-1]:
        raise ValueError(f"fit_standardizer: x has shape {x.shape}; it needs at least one sample")
    reals = x.astype(_checks.accumulator(x.dtype))
    # less its first sample a constant feature is all zeros, and no rounding gives it a variance
    first = lax.stop_gradient(reals[(slice(1),) * (x.ndim - 1)])
    mean, unit, _, variance = _moments(reals - first, 0.0, ())
    varies = variance > 0
    # the square root's slope is infinite at 0: a constant feature takes it at 1
    std = jnp.where(varies, unit * jnp.sqrt(jnp.where(varies, variance, jnp.ones_like(variance))), variance)
    return Standardizer(_channels(first + mean).astype(x.dtype), _channels(std).astype(x.dtype))


def standardize(x: Float[Array, "*batch features"], fitted: Standardizer) -> Float[Array, "*batch features"]:
    """Every feature in standard deviations from its mean: z = (x − mean) / std, and z = x − mean where std is 0.

    So a feature that was constant where it was fitted maps to 0 there, not to NaN; new values of it keep their distance from the constant, as in
    scikit-learn's `StandardScaler`. Where std is 0 the gradient of std is 0.

    Args:
        x: `(*batch, C)`; `*batch` may be empty.
        fitted: mean and standard deviation of every feature, each `(C,)`, from `fit_standardizer`.

    Returns:
        `(*batch, C)` in the promoted dtype of all the arrays; computed in float32 for float16 and bfloat16.

    Raises:
        TypeError: fitted is no `Standardizer`, or an array is not floating point.
        ValueError: the shapes do not fit; nothing is broadcast.

    References:
        LeCun, Bottou, Orr & Müller, Efficient BackProp (1998), section 4.3.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import Standardizer, standardize
        >>> standardize(jnp.array([[1.0, 7.0], [5.0, 7.0]]), Standardizer(mean=jnp.array([3.0, 7.0]), std=jnp.array([2.0, 0.0]))).tolist()
        [[-1.0, 0.0], [1.0, 0.0]]
    """
    x = _checks.real("standardize", "x", x)
    _checks.min_rank("standardize", "x", x, 1, "(*batch, C)")
    if not isinstance(fitted, Standardizer):
        raise TypeError(f"standardize: fitted is a {type(fitted).__name__}; it needs a Standardizer, as fit_standardizer returns")
    mean, std = (_per_channel("standardize", f"fitted.{name}", a, x) for name, a in fitted._asdict().items())
    dtype = _checks.result_dtype(x, mean, std)
    sums = _checks.accumulator(dtype)
    mean, std = _row(mean.astype(sums), x.ndim), _row(std.astype(sums), x.ndim)
    return ((x.astype(sums) - mean) / jnp.where(std == 0, jnp.ones_like(std), std)).astype(dtype)


def _batch_norm_arguments(
    where: str, x: object, stats: object, scale: object, bias: object, eps: object
) -> tuple[Array, BatchStats, Array | None, Array | None, float]:
    """The arguments of both batch norms as arrays that fit."""
    x = _checks.real(where, "x", x)
    _checks.min_rank(where, "x", x, 1, "(*batch, C)")
    if not isinstance(stats, BatchStats):
        raise TypeError(f"{where}: stats is a {type(stats).__name__}; it needs a BatchStats(mean, var)")
    stats = BatchStats(*(_per_channel(where, f"stats.{name}", a, x) for name, a in stats._asdict().items()))
    scale, bias = (None if a is None else _per_channel(where, name, a, x) for name, a in (("scale", scale), ("bias", bias)))
    return x, stats, scale, bias, _checks.number(where, "eps", eps, low=0.0)


def _per_channel(where: str, name: str, value: object, x: Array) -> Array:
    """``value`` as reals, one for each entry of the last axis of x."""
    value = _checks.real(where, name, value)
    _checks.shape(where, name, value, x.shape[-1:], f"one for each channel of x {x.shape}")
    return value


def _row(a: Array, ndim: int) -> Array:
    """`(C,)` as `(1, …, 1, C)` of rank ``ndim``."""
    return a.reshape((1,) * (ndim - 1) + a.shape)


def _channels(a: Array) -> Array:
    """`(1, …, 1, C)` as `(C,)`."""
    return a.reshape(a.shape[-1:])


def _affine(y: Array, scale: Array | None, bias: Array | None) -> Array:
    """``y · scale + bias`` in the dtype of y."""
    y = y if scale is None else y * _row(scale.astype(y.dtype), y.ndim)
    return y if bias is None else y + _row(bias.astype(y.dtype), y.ndim)


def _moments(x: Array, floor: float, names: tuple[str, ...]) -> tuple[Array, Array, Array, Array]:
    """Mean, unit, (x − mean) / unit and its mean square over all axes but the last and the mapped axes ``names``.

    The variance is the last times unit²; the unit, at least ``floor``, counts as a constant in gradients.
    """

    def average(a: Array) -> Array:
        a = jnp.mean(a, axis=tuple(range(a.ndim - 1)), keepdims=True)
        return lax.pmean(a, names) if names else a

    # the mean of values near 1e4, rounded to float32, is off by a part of their spread that shows: what it leaves is centred once more
    guess = lax.stop_gradient(average(x))
    rest = x - guess
    correction = average(rest)
    # squares of 1e20 and of 1e-30 leave float32: they are taken in units of the largest deviation
    unit = jnp.max(jnp.abs(lax.stop_gradient(rest)), axis=tuple(range(x.ndim - 1)), keepdims=True)
    unit = jnp.maximum(lax.pmax(unit, names) if names else unit, jnp.asarray(floor, x.dtype))
    unit = jnp.where(unit == 0, jnp.ones_like(unit), unit)
    deviation = (rest - correction) / unit
    return guess + correction, unit, deviation, average(jnp.square(deviation))
