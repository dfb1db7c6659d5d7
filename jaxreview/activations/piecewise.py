"""Activations made of straight pieces: rectifiers, clips, shrinkages and maxout."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from jaxreview import _checks, _windows


def prelu(x: Float[Array, "*shape"], slope: Float[Array, ""] | Float[Array, " slopes"] | float) -> Float[Array, "*shape"]:
    """Leaky ReLU with a learned slope: y = x where x > 0, else slope · x.

    At 0 the derivative is the slope, as in PyTorch. Channels are the last axis.

    Args:
        x: any shape.
        slope: `()` or `(1,)`, one slope for all of x, or `(C,)`, one for each entry of the last axis of x.

    Returns:
        The shape of x in the promoted dtype; float16 and bfloat16 compute, and sum the gradient of slope, in float32.

    Raises:
        TypeError: an argument is not floating point.
        ValueError: slope is neither a scalar, nor `(1,)`, nor as long as the last axis of x; nothing else is broadcast.

    References:
        He, Zhang, Ren & Sun, Delving Deep into Rectifiers (2015), equation 1.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import prelu
        >>> prelu(jnp.array([-2.0, 0.0, 3.0]), jnp.array(0.25)).tolist()
        [-0.5, 0.0, 3.0]
    """
    x, slope = _checks.real("prelu", "x", x), _checks.real("prelu", "slope", slope)
    if slope.shape not in ((), (1,), x.shape[-1:]):
        channels = f" or {x.shape[-1:]}, one for each channel of x {x.shape}" if x.ndim else ""
        raise ValueError(f"prelu: slope has shape {slope.shape}; it needs (), (1,){channels}")
    dtype = _checks.result_dtype(x, slope)
    sums = _checks.accumulator(dtype)
    slope = slope.astype(sums).reshape((1,) * (x.ndim - 1) + (slope.size,) if x.ndim else ())
    return _leaky(x.astype(sums), slope).astype(dtype)


def rrelu(
    key: Key[Array, ""] | None, x: Float[Array, "*shape"], lower: float = 1 / 8, upper: float = 1 / 3, *, deterministic: bool = False
) -> Float[Array, "*shape"]:
    """Leaky ReLU with a random slope for each value: y = x where x > 0, else a · x with a uniform in [lower, upper].

    Switched off, a is the mean (lower + upper) / 2. At 0 the derivative is the slope, as in PyTorch. The slopes depend on the key and on the shape alone,
    not on the dtype or on x64: a = lower + (upper − lower) · u, where u has the upper 24 of a value's 32 random bits.

    Args:
        key: a `jax.random.key`; None will do if deterministic. A key used twice gives the same slopes twice: split it.
        x: any shape.
        lower: the least slope, a static number.
        upper: the largest slope, a static number of at least lower.
        deterministic: True gives every value the mean slope.

    Returns:
        The shape and the dtype of x; float16 and bfloat16 compute in float32.

    Raises:
        TypeError: x is not floating point, key is no typed key, or a setting is of the wrong kind.
        ValueError: lower is above upper.

    References:
        Xu, Wang, Chen & Li, Empirical Evaluation of Rectified Activations in Convolutional Network (2015), section 2.4.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import rrelu
        >>> rrelu(None, jnp.array([-2.0, 0.0, 3.0]), 0.25, 0.75, deterministic=True).tolist()
        [-1.0, 0.0, 3.0]
    """
    x, deterministic = _checks.real("rrelu", "x", x), _checks.flag("rrelu", "deterministic", deterministic)
    lower = _checks.number("rrelu", "lower", lower)
    upper = _checks.number("rrelu", "upper", upper)
    if lower > upper:
        raise ValueError(f"rrelu: upper is {upper:g}; it needs at least lower = {lower:g}")
    wide = x.astype(_checks.accumulator(x.dtype))
    if key is not None or not deterministic:
        key = _checks.key("rrelu", key)
    if deterministic or key is None:
        return _leaky(wide, jnp.full((), (lower + upper) / 2, wide.dtype)).astype(x.dtype)
    # 24 bits are a float32 exactly: 32 would round up to 1
    uniform = (jax.random.bits(key, x.shape, "uint32") >> 8).astype(wide.dtype) * 2**-24
    return _leaky(wide, lower + (upper - lower) * uniform).astype(x.dtype)


def _leaky(x: Array, slope: Array) -> Array:
    """Where x > 0 it is x, else slope · x, for a slope that broadcasts against x."""
    # A product with the chosen slope, not a choice among products: so the slope's gradient is not 0 · inf at an infinite x.
    return x * jnp.where(x > 0, jnp.ones((), x.dtype), slope)


def hard_tanh(x: Float[Array, "*shape"], *, lower: float = -1.0, upper: float = 1.0) -> Float[Array, "*shape"]:
    """Clip to an interval: y = lower where x ≤ lower, upper where x ≥ upper, else x.

    At the bounds the derivative is 0, as in PyTorch (in `jax.nn.hard_tanh` it is 1, of `jnp.clip` 1/2). NaN stays NaN.

    Args:
        x: any shape.
        lower: the least value, a static number.
        upper: the largest value, a static number of at least lower.

    Returns:
        The shape and the dtype of x.

    Raises:
        TypeError: x is not floating point, or a bound is no static number.
        ValueError: lower is above upper, or a bound is NaN.

    References:
        Collobert, Large Scale Machine Learning (PhD thesis, Université Paris 6, 2004).

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import hard_tanh
        >>> hard_tanh(jnp.array([-3.0, 0.5, 3.0])).tolist()
        [-1.0, 0.5, 1.0]
        >>> hard_tanh(jnp.array([-3.0, 0.5, 3.0]), lower=0.0, upper=2.0).tolist()
        [0.0, 0.5, 2.0]
    """
    x, lower, upper = _checks.real("hard_tanh", "x", x), _checks.number("hard_tanh", "lower", lower), _checks.number("hard_tanh", "upper", upper)
    if lower > upper:
        raise ValueError(f"hard_tanh: upper is {upper:g}; it needs at least lower = {lower:g}")
    return jnp.where(x >= upper, upper, jnp.where(x <= lower, lower, x)).astype(x.dtype)


def threshold(x: Float[Array, "*shape"], threshold: float, value: float) -> Float[Array, "*shape"]:
    """Replace what is not above a threshold: y = x where x > threshold, else value.

    At the threshold y is value and the derivative is 0, as in PyTorch. NaN stays NaN.

    Args:
        x: any shape.
        threshold: a static number.
        value: what stands for the values at or below the threshold, a static number.

    Returns:
        The shape and the dtype of x; float16 and bfloat16 are compared in float32.

    Raises:
        TypeError: x is not floating point, or a setting is no static number.
        ValueError: a setting is NaN.

    References:
        Nair & Hinton, Rectified Linear Units Improve Restricted Boltzmann Machines (2010), for threshold and value 0.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import threshold
        >>> threshold(jnp.array([-1.0, 0.5, 2.0]), 0.5, -7.0).tolist()
        [-7.0, -7.0, 2.0]
    """
    x = _checks.real("threshold", "x", x)
    threshold, value = _checks.number("threshold", "threshold", threshold), _checks.number("threshold", "value", value)
    return jnp.where(x.astype(_checks.accumulator(x.dtype)) <= threshold, value, x).astype(x.dtype)


def hard_shrink(x: Float[Array, "*shape"], bound: float = 0.5) -> Float[Array, "*shape"]:
    """Cut small values to 0: y = x where |x| > bound, else 0.

    At ±bound y is 0 and so is the derivative, as in PyTorch. NaN stays NaN.

    Args:
        x: any shape.
        bound: a static number of at least 0.

    Returns:
        The shape and the dtype of x; float16 and bfloat16 are compared in float32.

    Raises:
        TypeError: x is not floating point, or bound is no static number.
        ValueError: bound is negative or NaN.

    References:
        Donoho & Johnstone, Ideal Spatial Adaptation by Wavelet Shrinkage (1994), hard threshold.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import hard_shrink
        >>> hard_shrink(jnp.array([-2.0, 0.5, 0.75])).tolist()
        [-2.0, 0.0, 0.75]
    """
    x, bound = _checks.real("hard_shrink", "x", x), _checks.number("hard_shrink", "bound", bound, low=0.0)
    return jnp.where(jnp.abs(x.astype(_checks.accumulator(x.dtype))) <= bound, jnp.zeros_like(x), x)


def soft_shrink(x: Float[Array, "*shape"], bound: float = 0.5) -> Float[Array, "*shape"]:
    """Pull values towards 0: y = x − bound where x > bound, x + bound where x < −bound, else 0.

    It is the proximal map of bound · |x|. At ±bound the derivative is 0, as in PyTorch. NaN stays NaN.

    Args:
        x: any shape.
        bound: a static number of at least 0.

    Returns:
        The shape and the dtype of x; float16 and bfloat16 compute in float32.

    Raises:
        TypeError: x is not floating point, or bound is no static number.
        ValueError: bound is negative or NaN.

    References:
        Donoho, De-Noising by Soft-Thresholding (1995).

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import soft_shrink
        >>> soft_shrink(jnp.array([-2.0, 0.25, 0.75])).tolist()
        [-1.5, 0.0, 0.25]
    """
    x, bound = _checks.real("soft_shrink", "x", x), _checks.number("soft_shrink", "bound", bound, low=0.0)
    wide = x.astype(_checks.accumulator(x.dtype))
    # an infinite bound leaves 0: inf − inf must not be what is chosen
    small = jnp.abs(wide) <= bound
    return jnp.where(small, jnp.zeros_like(wide), jnp.where(wide < 0, wide + bound, wide - bound)).astype(x.dtype)


def sparse_plus(x: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """A softplus that is exactly 0 and exactly x outside of an interval: y = 0 where x ≤ −1, x where x ≥ 1, else (x + 1)² / 4.

    The function of `jax.nn`, whose own has a gradient of NaN where (x + 1)² overflows. Its derivative is `sparse_sigmoid`; y is smooth at ±1.

    Args:
        x: any shape.

    Returns:
        The shape and the dtype of x; float16 and bfloat16 compute in float32.

    Raises:
        TypeError: x is not floating point.

    References:
        Blondel, Martins & Niculae, Learning with Fenchel-Young Losses (2020), section 6.2.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import sparse_plus
        >>> sparse_plus(jnp.array([-2.0, 0.0, 0.5, 3.0])).tolist()
        [0.0, 0.25, 0.5625, 3.0]
    """
    x = _checks.real("sparse_plus", "x", x)
    wide = x.astype(_checks.accumulator(x.dtype))
    # the square is also differentiated where it is not chosen: there its argument is set to 0, or an overflow gives 0 · inf
    outside = jnp.abs(wide) >= 1
    inside = jnp.where(outside, jnp.zeros_like(wide), wide)
    return jnp.where(outside, jnp.where(wide > 0, wide, jnp.zeros_like(wide)), (inside + 1) ** 2 / 4).astype(x.dtype)


def maxout(x: Float[Array, "*batch channels"], pieces: int) -> Float[Array, "*batch units"]:
    """The largest of each unit's pieces: y[u] = max over k of x[u · pieces + k].

    The pieces of one unit are adjacent. Of equal pieces the first gets the whole gradient; a NaN wins over all.

    Args:
        x: `(*batch, C)`; `*batch` may be empty.
        pieces: linear pieces to a unit, a static int of at least 1 that divides C.

    Returns:
        `(*batch, C // pieces)` in the dtype of x.

    Raises:
        TypeError: x is not floating point, or pieces is not an int.
        ValueError: x is a scalar, or pieces is below 1 or does not divide C.

    References:
        Goodfellow, Warde-Farley, Mirza, Courville & Bengio, Maxout Networks (2013), section 2.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import maxout
        >>> maxout(jnp.array([1.0, 4.0, -3.0, -5.0]), 2).tolist()
        [4.0, -3.0]
    """
    x, pieces = _checks.real("maxout", "x", x), _windows.integer("maxout", "pieces", pieces, minimum=1)
    _checks.min_rank("maxout", "x", x, 1, "(*batch, C)")
    if x.shape[-1] % pieces:
        raise ValueError(f"maxout: x has shape {x.shape}; it needs channels divisible by pieces = {pieces}")
    units = x.reshape(*x.shape[:-1], x.shape[-1] // pieces, pieces)
    # measured on 4096 × 512, CPU, with gradient: 1.3 ms by comparing up to 3 pieces (19 ms by argmax), 3 ms by argmax beyond (9-65 ms by comparing)
    if pieces > 3:
        return jnp.take_along_axis(units, jnp.argmax(units, axis=-1, keepdims=True), axis=-1).reshape(units.shape[:-1])
    best = units[..., 0]
    for k in range(1, pieces):
        piece = units[..., k]
        best = jnp.where((piece > best) | (jnp.isnan(piece) & ~jnp.isnan(best)), piece, best)
    return best
