"""Regularization: noise that is drawn while training and switched off afterwards."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from jaxreview import _checks

__all__ = ["dropout"]


def dropout(
    key: Key[Array, ""] | None,
    x: Float[Array, "*shape"],
    rate: float,
    *,
    deterministic: bool = False,
    broadcast_axes: Sequence[int] = (),
) -> Float[Array, "*shape"]:
    """Drop each value with probability `rate` and scale up the others: y = x / (1 − rate) where kept, else 0.

    So the expectation of y is x (inverted dropout). A value is kept where its 32 random bits, as an integer, are at least rate · 2³²: the mask
    depends on the key, the shape and the rate alone, not on the dtype or on x64.

    Args:
        key: a `jax.random.key`; None will do if deterministic. A key used twice gives the same mask twice: split it.
        x: any shape.
        rate: probability to drop, a static number in [0, 1]. 0 gives x; 1 gives zeros with zero gradient.
        deterministic: True gives x.
        broadcast_axes: axes of x along which one draw is shared, for example the spatial axes to drop whole channels.

    Returns:
        The shape and the dtype of x. Dropped values are 0, and so is their gradient, even where x is infinite or NaN.

    Raises:
        TypeError: x is not floating point, key is no typed key, or a setting is of the wrong kind.
        ValueError: rate is outside [0, 1], or broadcast_axes repeats an axis or names one that x does not have.

    References:
        Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov, Dropout (2014), section 10 for the scaling while training.

    Examples:
        >>> import jax
        >>> import jax.numpy as jnp
        >>> from jaxreview import dropout
        >>> dropout(jax.random.key(0), jnp.array([1.0, 2.0, 3.0, 4.0]), 0.5).tolist()
        [2.0, 4.0, 0.0, 0.0]
        >>> dropout(None, jnp.array([1.0, 2.0]), 0.5, deterministic=True).tolist()
        [1.0, 2.0]
    """
    x, rate = _checks.real("dropout", "x", x), _checks.number("dropout", "rate", rate, low=0.0, high=1.0)
    deterministic, mask_shape = _checks.flag("dropout", "deterministic", deterministic), _mask_shape(x, broadcast_axes)
    if deterministic and key is None:
        return x
    key = _checks.key("dropout", key)
    if deterministic or rate == 0:
        return x
    if rate == 1:
        return jnp.zeros(x.shape, x.dtype)
    threshold = min(round(rate * 2**32), 2**32 - 1)
    keep = jax.random.bits(key, mask_shape, "uint32") >= jnp.asarray(threshold, "uint32")
    # in a half type 1 / (1 − rate) would be rounded before it multiplies
    scaled = (x.astype(_checks.accumulator(x.dtype)) * (1 / (1 - rate))).astype(x.dtype)
    return jnp.where(keep, scaled, jnp.zeros_like(scaled))


def _mask_shape(x: Array, broadcast_axes: object) -> tuple[int, ...]:
    """The shape of x with 1 for every axis along which a draw is shared."""
    if not isinstance(broadcast_axes, (tuple, list)):
        raise TypeError(f"dropout: broadcast_axes is {broadcast_axes!r}; it needs a tuple of ints")
    axes = [_checks.axis("dropout", axis, x.ndim, "broadcast_axes") for axis in broadcast_axes]
    if len(set(axes)) != len(axes):
        raise ValueError(f"dropout: broadcast_axes is {broadcast_axes!r}; it needs each axis of x {x.shape} at most once")
    return tuple(1 if axis in axes else size for axis, size in enumerate(x.shape))
