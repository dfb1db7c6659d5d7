"""Features in standard deviations from their mean, and back. Features are the last axis."""

from typing import NamedTuple

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from jaxreview import _checks
from jaxreview.normalization import _moments
from jaxreview.normalization._operands import per_channel, row

__all__ = ["Standardizer", "fit_standardizer", "standardize", "unstandardize"]


class Standardizer(NamedTuple):
    """Mean and biased standard deviation (ddof 0) of every feature, each `(C,)`; a constant feature has standard deviation 0."""

    mean: Float[Array, " features"]
    std: Float[Array, " features"]


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
    fitted = _moments.normalize(reals - first, tuple(range(x.ndim - 1)), 0.0)
    return Standardizer(*(a.reshape(x.shape[-1:]).astype(x.dtype) for a in (first + fitted.mean, fitted.std)))


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
    x, mean, std, dtype = _fitted("standardize", x, fitted)
    return ((x - mean) / std).astype(dtype)


def unstandardize(x: Float[Array, "*batch features"], fitted: Standardizer) -> Float[Array, "*batch features"]:
    """The inverse of `standardize`: y = x · std + mean, and y = x + mean where std is 0.

    Where std is 0 the gradient of std is 0.

    Args:
        x: `(*batch, C)`, in standard deviations; `*batch` may be empty.
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
        >>> from jaxreview import Standardizer, unstandardize
        >>> unstandardize(jnp.array([[-1.0, 0.0], [1.0, 0.0]]), Standardizer(mean=jnp.array([3.0, 7.0]), std=jnp.array([2.0, 0.0]))).tolist()
        [[1.0, 7.0], [5.0, 7.0]]
    """
    x, mean, std, dtype = _fitted("unstandardize", x, fitted)
    return (x * std + mean).astype(dtype)


def _fitted(where: str, x: object, fitted: object) -> tuple[Array, Array, Array, jnp.dtype]:
    """x, and the mean and the standard deviation (1 for 0) as rows beside it, in the dtype to compute in; then the result's dtype."""
    x = _checks.real(where, "x", x)
    _checks.min_rank(where, "x", x, 1, "(*batch, C)")
    if not isinstance(fitted, Standardizer):
        raise TypeError(f"{where}: fitted is a {type(fitted).__name__}; it needs a Standardizer, as fit_standardizer returns")
    mean, std = (per_channel(where, f"fitted.{name}", a, x) for name, a in fitted._asdict().items())
    dtype = _checks.result_dtype(x, mean, std)
    x, mean, std = (a.astype(_checks.accumulator(dtype)) for a in (x, mean, std))
    std = jnp.where(std == 0, jnp.ones_like(std), std)
    return x, row(mean, x.ndim), row(std, x.ndim), dtype
