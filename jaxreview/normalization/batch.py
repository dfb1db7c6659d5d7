"""Normalization by given statistics and by the batch's own. Channels are the last axis."""

from typing import NamedTuple

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from jaxreview import _checks
from jaxreview.normalization import _moments
from jaxreview.normalization._operands import affine, per_channel, row

__all__ = ["BatchStats", "batch_norm", "batch_norm_train"]


class BatchStats(NamedTuple):
    """Running mean and biased variance of every channel, each `(C,)`."""

    mean: Float[Array, " channels"]
    var: Float[Array, " channels"]


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
    mean, var = (row(a.astype(sums), x.ndim) for a in stats)
    y = (x.astype(sums) - mean) * lax.rsqrt(var + eps)
    return affine(y, *(None if a is None else row(a, x.ndim) for a in (scale, bias))).astype(dtype)


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

    μ and σ² are the mean and the biased variance (divided by n, not n − 1) over all axes but the last, taken in two passes, and gradients flow through
    both. The running statistics become momentum · old + (1 − momentum) · batch: momentum is the share of the old, as in Flax and Keras (PyTorch's is the
    share of the new, and it gathers the unbiased variance). In float32 deviations beyond 1e32 count as infinite: they give the bias.

    Args:
        x: `(*batch, C)` with at least one batch axis, unless `axis_name` is given.
        stats: the running mean and variance, each `(C,)`.
        scale: `(C,)`, or None for 1.
        bias: `(C,)`, or None for 0.
        momentum: share of the old statistics, in [0, 1].
        eps: added to the variance, at least 0. With 0 a channel that is constant over the batch gives the bias, with gradient 0.
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
    ones, zeros = jnp.ones(x.shape[-1:], sums), jnp.zeros(x.shape[-1:], sums)
    factors = [row(a.astype(sums), x.ndim) for a in (ones if scale is None else scale, zeros if bias is None else bias)]
    wide, axes = x.astype(sums), tuple(range(x.ndim - 1))
    if names:
        whole = _moments.centred(wide, axes, eps, names)
        y, mean, var = whole.values * factors[0] + factors[1], whole.mean, whole.var
    else:
        y, mean, var = _moments.scaled(wide, *factors, axes, eps)
    new = (momentum * old.astype(sums) + (1 - momentum) * now.reshape(old.shape) for old, now in zip(stats, (mean, var), strict=True))
    return y.astype(dtype), BatchStats(*(now.astype(old.dtype) for old, now in zip(stats, new, strict=True)))


def _batch_norm_arguments(
    where: str, x: object, stats: object, scale: object, bias: object, eps: object
) -> tuple[Array, BatchStats, Array | None, Array | None, float]:
    """The arguments of both batch norms as arrays that fit."""
    x = _checks.real(where, "x", x)
    _checks.min_rank(where, "x", x, 1, "(*batch, C)")
    if not isinstance(stats, BatchStats):
        raise TypeError(f"{where}: stats is a {type(stats).__name__}; it needs a BatchStats(mean, var)")
    stats = BatchStats(*(per_channel(where, f"stats.{name}", a, x) for name, a in stats._asdict().items()))
    scale, bias = (None if a is None else per_channel(where, name, a, x) for name, a in (("scale", scale), ("bias", bias)))
    return x, stats, scale, bias, _checks.number(where, "eps", eps, low=0.0)
