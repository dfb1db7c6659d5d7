"""Kullback–Leibler divergences, from the logarithm of the prediction."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from jaxreview import _checks
from jaxreview.losses._axes import axes, mask, not_negative, only

__all__ = ["convex_kl_divergence", "generalized_kl_divergence", "kl_divergence", "kl_divergence_with_log_targets"]


def kl_divergence(
    log_predictions: Float[Array, "*shape"],
    targets: Float[Array, "*shape"],
    axis: int | tuple[int, ...] | None = -1,
    where: Bool[Array, "..."] | None = None,
) -> Float[Array, "..."]:
    """Kullback–Leibler divergence of the target from the prediction: Σ_c t_c·(log t_c − log p_c).

    0 · log 0 = 0, and a target of 0 has gradient 0 (the derivative there is −∞; optax gives NaN), also beside a log prediction of −∞. As in PyTorch's
    kl_div the first argument is a logarithm.

    Args:
        log_predictions: log p, `(...)`.
        targets: t ≥ 0, the shape of log_predictions.
        axis: the axis of the distributions, several of them, or None for all.
        where: which elements count, the shape of log_predictions, or which examples, without ``axis``. The others give 0 with zero gradient.

    Returns:
        The shape of log_predictions without ``axis``, in the promoted dtype; float16 and bfloat16 are summed in float32.

    Raises:
        TypeError: an array is not floating point, or where is not boolean.
        ValueError: the shapes do not fit (nothing is broadcast), there is no such axis, or a concrete target is negative.

    References:
        Kullback & Leibler, On Information and Sufficiency (1951), equation 2.4.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import kl_divergence
        >>> round(kl_divergence(jnp.log(jnp.array([0.5, 0.5])), jnp.array([0.0, 1.0])).item(), 4)
        0.6931
    """
    lp, t, taken, over, dtype = _prepared("kl_divergence", log_predictions, "targets", targets, axis, where)
    not_negative("kl_divergence", "targets", t)
    return jnp.sum(_surprise(lp, t, taken), over).astype(dtype)


def kl_divergence_with_log_targets(
    log_predictions: Float[Array, "*shape"],
    log_targets: Float[Array, "*shape"],
    axis: int | tuple[int, ...] | None = -1,
    where: Bool[Array, "..."] | None = None,
) -> Float[Array, "..."]:
    """Kullback–Leibler divergence from two logarithms: Σ_c exp(log t_c)·(log t_c − log p_c).

    A log target of −∞ gives 0 with zero gradient (optax gives NaN).

    Args:
        log_predictions: log p, `(...)`.
        log_targets: log t, the shape of log_predictions.
        axis: the axis of the distributions, several of them, or None for all.
        where: which elements count, the shape of log_predictions, or which examples, without ``axis``. The others give 0 with zero gradient.

    Returns:
        The shape of log_predictions without ``axis``, in the promoted dtype; float16 and bfloat16 are summed in float32.

    Raises:
        TypeError: an array is not floating point, or where is not boolean.
        ValueError: the shapes do not fit (nothing is broadcast), or there is no such axis.

    References:
        Kullback & Leibler, On Information and Sufficiency (1951), equation 2.4.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import kl_divergence_with_log_targets
        >>> round(kl_divergence_with_log_targets(jnp.log(jnp.array([0.5, 0.5])), jnp.array([-jnp.inf, 0.0])).item(), 4)
        0.6931
    """
    lp, lt, taken, over, dtype = _prepared("kl_divergence_with_log_targets", log_predictions, "log_targets", log_targets, axis, where)
    nothing = lt == -jnp.inf if taken is None else (lt == -jnp.inf) | ~taken
    lt, lp = jnp.where(nothing, 0.0, lt), jnp.where(nothing, 0.0, lp)  # 0 · ∞ otherwise
    return jnp.sum(jnp.where(nothing, 0.0, jnp.exp(lt) * (lt - lp)), over).astype(dtype)


def generalized_kl_divergence(
    log_predictions: Float[Array, "*shape"],
    targets: Float[Array, "*shape"],
    axis: int | tuple[int, ...] | None = -1,
    where: Bool[Array, "..."] | None = None,
) -> Float[Array, "..."]:
    """Kullback–Leibler divergence of measures that need not sum to one: Σ_c t_c·(log t_c − log p_c) + p_c − t_c.

    It is the Bregman divergence of Σ_c t_c·log t_c − t_c, 0 just where p = t, and ``kl_divergence`` where both sum to one. A target of 0 has gradient 0.

    Args:
        log_predictions: log p, `(...)`.
        targets: t ≥ 0, the shape of log_predictions.
        axis: the axis of the measures, several of them, or None for all.
        where: which elements count, the shape of log_predictions, or which examples, without ``axis``. The others give 0 with zero gradient.

    Returns:
        The shape of log_predictions without ``axis``, in the promoted dtype; float16 and bfloat16 are summed in float32.

    Raises:
        TypeError: an array is not floating point, or where is not boolean.
        ValueError: the shapes do not fit (nothing is broadcast), there is no such axis, or a concrete target is negative.

    References:
        Boyd & Vandenberghe, Convex Optimization (2004), section 3.1.5 and equation 3.17.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import generalized_kl_divergence
        >>> round(generalized_kl_divergence(jnp.log(jnp.array([2.0, 1.0])), jnp.array([1.0, 1.0])).item(), 4)
        0.3069
    """
    return _generalized("generalized_kl_divergence", log_predictions, targets, axis, where)


def convex_kl_divergence(
    log_predictions: Float[Array, "*shape"],
    targets: Float[Array, "*shape"],
    axis: int | tuple[int, ...] | None = -1,
    where: Bool[Array, "..."] | None = None,
) -> Float[Array, "..."]:
    """Older name of ``generalized_kl_divergence``: Σ_c t_c·(log t_c − log p_c) + p_c − t_c.

    Args:
        log_predictions: log p, `(...)`.
        targets: t ≥ 0, the shape of log_predictions.
        axis: the axis of the measures, several of them, or None for all.
        where: which elements count, the shape of log_predictions, or which examples, without ``axis``. The others give 0 with zero gradient.

    Returns:
        The shape of log_predictions without ``axis``, in the promoted dtype; float16 and bfloat16 are summed in float32.

    Raises:
        TypeError: an array is not floating point, or where is not boolean.
        ValueError: the shapes do not fit (nothing is broadcast), there is no such axis, or a concrete target is negative.

    References:
        Boyd & Vandenberghe, Convex Optimization (2004), section 3.1.5 and equation 3.17.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import convex_kl_divergence
        >>> convex_kl_divergence(jnp.zeros(2), jnp.ones(2)).item()
        0.0
    """
    return _generalized("convex_kl_divergence", log_predictions, targets, axis, where)


def _generalized(name: str, log_predictions: object, targets: object, axis: object, where: object) -> Array:
    lp, t, taken, over, dtype = _prepared(name, log_predictions, "targets", targets, axis, where)
    not_negative(name, "targets", t)
    if taken is not None:
        lp = jnp.where(taken, lp, 0.0)  # exp of what is left out may overflow
    return jnp.sum(_surprise(lp, t, taken) + only(jnp.exp(lp) - t, taken), over).astype(dtype)


def _prepared(name: str, first: object, second_name: str, second: object, axis: object, where: object) -> tuple:
    """Both arrays in the accumulator, the mask, the axes and the result's dtype."""
    a, b = _checks.real(name, "log_predictions", first), _checks.real(name, second_name, second)
    _checks.same_shape(name, "log_predictions", a, second_name, b)
    over = axes(name, axis, a.ndim)
    taken = mask(name, where, "log_predictions", a.shape, over)
    dtype = _checks.result_dtype(a, b)
    sums = _checks.accumulator(dtype)
    return a.astype(sums), b.astype(sums), taken, over, dtype


def _surprise(log_p: Array, t: Array, taken: Array | None) -> Array:
    """The term t · (log t − log p), 0 with all its derivatives where t is 0 (or subnormal, which is flushed to it) or left out."""
    nothing = (t >= 0) & (t < float(jnp.finfo(t.dtype).tiny))
    if taken is not None:
        nothing = nothing | ~taken
    log_t = jnp.log(jnp.where(nothing, 1.0, t))  # log 0 in the branch not taken would make NaN gradients
    return jnp.where(nothing, 0.0, t * (log_t - jnp.where(nothing, 0.0, log_p)))
