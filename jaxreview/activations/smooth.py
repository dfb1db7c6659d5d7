"""Smooth activations, value by value, that jax.nn lacks, or has not finite or not checked."""

import math

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Real

from jaxreview import _checks


def softplus(x: Float[Array, "*shape"], *, beta: float = 1.0) -> Float[Array, "*shape"]:
    """A smooth ReLU: y = log(1 + e^(beta · x)) / beta.

    Args:
        x: any shape.
        beta: sharpness, a static finite number greater than 0; y tends to ReLU as it grows.

    Returns:
        The shape and the dtype of x; float16 and bfloat16 compute in float32.

    Raises:
        TypeError: x is not floating point, or beta is no static number.
        ValueError: beta is not greater than 0, or infinite.

    References:
        Dugas, Bengio, Bélisle, Nadeau & Garcia, Incorporating Second-Order Functional Knowledge for Better Option Pricing (2000).

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import softplus
        >>> [round(v, 4) for v in softplus(jnp.array([-1000.0, 0.0, 1000.0])).tolist()]
        [0.0, 0.6931, 1000.0]
    """
    x, beta = _checks.real("softplus", "x", x), _checks.number("softplus", "beta", beta, above=0.0)
    if math.isinf(beta):
        raise ValueError("softplus: beta is inf; it needs a finite number")
    wide = x.astype(_checks.accumulator(x.dtype))
    # beyond ±1000 / beta, y is x or 0 to the last bit in every dtype, and beta · x may overflow: the logarithm sees 0 there, so that its gradient is 0, not NaN
    large = jnp.abs(wide) > 1000 / beta
    near = jnp.where(large, jnp.zeros_like(wide), wide)
    y = jnp.where(large, jnp.maximum(wide, 0), jnp.logaddexp(beta * near, 0) / beta)
    return y.astype(x.dtype)


def squareplus(x: Float[Array, "*shape"], b: Real[Array, ""] | Real[Array, "*shape"] | float = 4) -> Float[Array, "*shape"]:
    """A smooth ReLU without exponentials: y = (x + √(x² + b)) / 2.

    The function of `jax.nn`, whose own is infinite where x² overflows and 0 at a negative x where y is small. With b = 0 it is ReLU, with the
    derivative 0 at 0.

    Args:
        x: any shape.
        b: smoothness, a number or an array of shape `()` or of the shape of x; not negative.

    Returns:
        The shape of x in the promoted dtype; float16 and bfloat16 compute, and sum the gradient of b, in float32. A negative b gives NaN where
        x² + b is negative.

    Raises:
        TypeError: x is not floating point, or b is no number.
        ValueError: b is an array of another shape; nothing else is broadcast.

    References:
        Barron, Squareplus: A Softplus-Like Algebraic Rectifier (2021), equation 1.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import squareplus
        >>> squareplus(jnp.array([-1.5, 0.0, 1.5])).tolist()
        [0.5, 1.0, 2.0]
    """
    x, b = _checks.real("squareplus", "x", x), _checks.numeric("squareplus", "b", b)
    if b.shape not in ((), x.shape):
        raise ValueError(f"squareplus: b has shape {b.shape}; it needs () or the shape of x, {x.shape} (nothing else is broadcast)")
    dtype = _checks.result_dtype(x, b) if jnp.issubdtype(b.dtype, jnp.floating) else x.dtype
    sums = _checks.accumulator(dtype)
    return _squareplus(x.astype(sums), jnp.broadcast_to(b.astype(sums), x.shape)).astype(dtype)


@jax.custom_jvp
def _squareplus(x: Array, b: Array) -> Array:
    """Squareplus of two arrays of one shape."""
    # 4 y(x) y(−x) = b: where x is negative, the sum x + √(x² + b) would cancel
    positive = jnp.abs(x) / 2 + _root(x, b) / 2
    return jnp.where(x < 0, b / 4 / jnp.where(positive == 0, jnp.ones_like(b), positive), positive)


@_squareplus.defjvp
def _squareplus_jvp(primals: tuple[Array, Array], tangents: tuple[Array, Array]) -> tuple[Array, Array]:
    (x, b), (x_dot, b_dot) = primals, tangents
    y, root = _squareplus(x, b), _root(x, b)
    # (1 + x / √(x² + b)) / 2 is y / √(x² + b) without its cancellation
    root = jnp.where(root == 0, jnp.ones_like(root), root)
    return y, y / root * x_dot + b_dot / root / 4


@jax.custom_jvp
def _root(x: Array, b: Array) -> Array:
    """√(x² + b), where x² may overflow."""
    size, limits = jnp.abs(x), jnp.finfo(x.dtype)
    # divided by the larger leg, neither square overflows or vanishes beside it; the limits keep 0 / 0 and ∞ / ∞ out
    leg = jnp.clip(jnp.maximum(size, jnp.sqrt(jnp.abs(b))), limits.tiny, limits.max)
    return leg * jnp.sqrt((size / leg) ** 2 + b / leg / leg)


@_root.defjvp
def _root_jvp(primals: tuple[Array, Array], tangents: tuple[Array, Array]) -> tuple[Array, Array]:
    (x, b), (x_dot, b_dot) = primals, tangents
    root = _root(x, b)
    safe = jnp.where(root == 0, jnp.ones_like(root), root)
    return root, x / safe * x_dot + b_dot / safe / 2


def gelu(x: Float[Array, "*shape"], approximate: bool = True) -> Float[Array, "*shape"]:
    """Gaussian error linear unit: y = x · Φ(x), by default with Φ(x) ≈ (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2.

    The function of `jax.nn` and its default, whose own has a gradient of NaN where x³ overflows. PyTorch's default is the exact form, `approximate=False`.

    Args:
        x: any shape.
        approximate: True for the tanh form, False for the exact Φ, the normal distribution function.

    Returns:
        The shape and the dtype of x; float16 and bfloat16 compute in float32.

    Raises:
        TypeError: x is not floating point, or approximate is no static bool.

    References:
        Hendrycks & Gimpel, Gaussian Error Linear Units (2016), section 2.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import gelu
        >>> [round(v, 4) for v in gelu(jnp.array([-1.0, 0.0, 1.0])).tolist()]
        [-0.1588, 0.0, 0.8412]
        >>> [round(v, 4) for v in gelu(jnp.array([-1.0, 0.0, 1.0]), approximate=False).tolist()]
        [-0.1587, 0.0, 0.8413]
    """
    x, approximate = _checks.real("gelu", "x", x), _checks.flag("gelu", "approximate", approximate)
    wide = x.astype(_checks.accumulator(x.dtype))
    # beyond ±100 the share is 0 or 1 to the last bit in every dtype, and the cube may overflow
    near = jnp.clip(wide, -100, 100)
    if not approximate:
        return (wide * (jax.lax.erfc(-near * math.sqrt(0.5)) / 2)).astype(x.dtype)
    # (1 + tanh u) / 2 is σ(2u), which does not cancel where u is negative
    return (wide * jax.nn.sigmoid(2 * math.sqrt(2 / math.pi) * (near + 0.044715 * near**3))).astype(x.dtype)


def tanh_shrink(x: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """What tanh takes away: y = x − tanh x.

    Args:
        x: any shape.

    Returns:
        The shape and the dtype of x; float16 and bfloat16 compute in float32. Near 0, where y is about x³ / 3, it is exact to the last bits of x, not of y,
        as in PyTorch.

    Raises:
        TypeError: x is not floating point.

    References:
        Kavukcuoglu, Ranzato & LeCun, Fast Inference in Sparse Coding Algorithms (2010), for learned shrinkages of this shape.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import tanh_shrink
        >>> [round(v, 4) for v in tanh_shrink(jnp.array([-1.0, 0.0, 2.0])).tolist()]
        [-0.2384, 0.0, 1.036]
    """
    x = _checks.real("tanh_shrink", "x", x)
    wide = x.astype(_checks.accumulator(x.dtype))
    return (wide - jnp.tanh(wide)).astype(x.dtype)


def glu(x: Float[Array, "*shape"], axis: int = -1) -> Float[Array, "*half"]:
    """Gated linear unit: y = a · σ(g), where a is the first half of x along an axis and g the second.

    The function of `jax.nn`, with an error instead of an assertion for an odd size.

    Args:
        x: any shape but `()`.
        axis: the axis to halve; its size must be even.

    Returns:
        The shape of x with half the size along the axis, in the dtype of x; float16 and bfloat16 compute in float32.

    Raises:
        TypeError: x is not floating point, or axis is not an int.
        ValueError: x has no such axis, or its size is odd.

    References:
        Dauphin, Fan, Auli & Grangier, Language Modeling with Gated Convolutional Networks (2017), equation 1.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import glu
        >>> glu(jnp.array([2.0, 4.0, 0.0, 100.0])).tolist()
        [1.0, 4.0]
    """
    x = _checks.real("glu", "x", x)
    axis = _checks.axis("glu", axis, x.ndim)
    if x.shape[axis] % 2:
        raise ValueError(f"glu: x has shape {x.shape}; it needs an even size along axis {axis}")
    values, gates = jnp.split(x.astype(_checks.accumulator(x.dtype)), 2, axis)
    return (values * jax.nn.sigmoid(gates)).astype(x.dtype)
