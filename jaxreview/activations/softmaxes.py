"""Softmaxes that jax.nn lacks: of the smallest, and with noise."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from jaxreview import _checks


def softmin(x: Float[Array, "*shape"], *, axis: int = -1) -> Float[Array, "*shape"]:
    """Softmax of the negated values: y = e^(−x) / Σ e^(−x) along an axis.

    Args:
        x: any shape but `()`.
        axis: the axis along which y sums to 1.

    Returns:
        The shape and the dtype of x; float16 and bfloat16 compute in float32.

    Raises:
        TypeError: x is not floating point, or axis is not an int.
        ValueError: x has no such axis.

    References:
        Goodfellow, Bengio & Courville, Deep Learning (2016), section 6.2.2.3, for the softmax.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import softmin
        >>> [round(v, 4) for v in softmin(jnp.log(jnp.array([1.0, 2.0, 4.0]))).tolist()]
        [0.5714, 0.2857, 0.1429]
    """
    x = _checks.real("softmin", "x", x)
    axis = _checks.axis("softmin", axis, x.ndim)
    return jax.nn.softmax(-x.astype(_checks.accumulator(x.dtype)), axis).astype(x.dtype)


def gumbel_softmax(
    key: Key[Array, ""], logits: Float[Array, "*shape"], *, temperature: float = 1.0, hard: bool = False, axis: int = -1
) -> Float[Array, "*shape"]:
    """A differentiable draw of one class: y = softmax((logits + g) / temperature), g independent standard Gumbel noise.

    The largest entry is class k with the probability softmax(logits)[k]. `hard` gives that entry as one-hot and keeps the gradient of the soft y (straight
    through); of equal entries it is the first. The noise depends on the key and on the shape alone, not on the dtype or on x64 (but for rounding).

    Args:
        key: a `jax.random.key`. A key used twice gives the same noise twice: split it.
        logits: unnormalized log probabilities, any shape but `()`; −inf is a class that is never drawn.
        temperature: a static number greater than 0; y tends to one-hot as it falls.
        hard: True gives an exact one-hot y.
        axis: the axis of the classes.

    Returns:
        The shape and the dtype of logits, summing to 1 along the axis; float16 and bfloat16 compute in float32.

    Raises:
        TypeError: logits is not floating point, key is no typed key, or a setting is of the wrong kind.
        ValueError: temperature is not greater than 0, or logits has no such axis.

    References:
        Jang, Gu & Poole, Categorical Reparameterization with Gumbel-Softmax (2017), equation 2 and section 2.2.
        Maddison, Mnih & Teh, The Concrete Distribution (2017), equation 10.

    Examples:
        >>> import jax
        >>> import jax.numpy as jnp
        >>> from jaxreview import gumbel_softmax
        >>> gumbel_softmax(jax.random.key(0), jnp.array([0.0, 50.0, 0.0]), hard=True).tolist()
        [0.0, 1.0, 0.0]
    """
    logits, key = _checks.real("gumbel_softmax", "logits", logits), _checks.key("gumbel_softmax", key)
    temperature = _checks.number("gumbel_softmax", "temperature", temperature, above=0.0)
    hard, axis = _checks.flag("gumbel_softmax", "hard", hard), _checks.axis("gumbel_softmax", axis, logits.ndim)
    sums = _checks.accumulator(logits.dtype)
    noisy = logits.astype(sums) + _gumbel(key, logits.shape, sums)
    if noisy.size:
        # the largest is 0 before the division, which may overflow: to −inf alone, which is the weight 0
        noisy = noisy - jax.lax.stop_gradient(jnp.max(noisy, axis, keepdims=True))
    soft = jax.nn.softmax(noisy / temperature, axis)
    if not hard:
        return soft.astype(logits.dtype)
    # by adding what is exactly 0, so that y is exactly one-hot
    chosen = jax.nn.one_hot(jnp.argmax(soft, axis), logits.shape[axis], dtype=sums, axis=axis) if noisy.size else soft
    return (chosen + (soft - jax.lax.stop_gradient(soft))).astype(logits.dtype)


def _gumbel(key: Array, shape: tuple[int, ...], dtype: jnp.dtype) -> Array:
    """−log E of standard exponential E = −log(1 − u), where u is (bits + ½) / 2³²: never infinite."""
    bits = jax.random.bits(key, shape, "uint32")
    below, above = ((half.astype(dtype) + 0.5) * 2**-32 for half in (bits, ~bits))
    # each by that of u and 1 − u which is the smaller: the other is rounded, and might be rounded to 1
    exponential = jnp.where(bits < jnp.asarray(2**31, "uint32"), -jnp.log1p(-below), -jnp.log(above))
    return -jnp.log(exponential)
