"""Normalization of each example by its own statistics. Channels are the last axis."""

from jaxtyping import Array, Float

from jaxreview import _checks, _windows
from jaxreview.normalization import _moments
from jaxreview.normalization._operands import affine, per_channel, reduced_axes, sizes

__all__ = ["group_norm", "instance_norm", "layer_norm", "rms_norm"]


def layer_norm(
    x: Float[Array, "*shape"],
    scale: Float[Array, "*normalized"] | None = None,
    bias: Float[Array, "*normalized"] | None = None,
    *,
    axis: int | tuple[int, ...] = -1,
    eps: float = 1e-5,
) -> Float[Array, "*shape"]:
    """Normalize over the given axes of each example: y = (x − μ) / √(σ² + eps) · scale + bias.

    μ and σ² are the mean and the biased variance over ``axis``, taken in two passes: a large mean costs no digits. eps is PyTorch's 1e-5 (Flax has 1e-6).
    In float32 deviations beyond 1e32 count as infinite: they give the bias.

    Args:
        x: any shape; the axes that are not in ``axis`` are the batch.
        scale: shaped as the axes in ``axis``, in the order in which they stand in x, or None for 1.
        bias: shaped as scale, or None for 0.
        axis: one axis or a tuple of them, in any order.
        eps: added to the variance, at least 0. With 0 an example that is constant gives the bias, with gradient 0.

    Returns:
        The shape of x in the promoted dtype of all the arrays; computed in float32 for float16 and bfloat16.

    Raises:
        TypeError: an array is not floating point, or a setting is of the wrong kind.
        ValueError: scale or bias does not have the shape of those axes (nothing is broadcast), an axis is not one of x or is given twice, or eps is negative.

    References:
        Ba, Kiros & Hinton, Layer Normalization (2016), equation 3.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import layer_norm
        >>> layer_norm(jnp.array([[1.0, 5.0], [3.0, 3.0]]), jnp.array([1.0, 10.0]), eps=0.0).tolist()
        [[-1.0, 10.0], [0.0, 0.0]]
    """
    x, axes, scale, bias, eps = _arguments("layer_norm", x, scale, bias, axis, eps)
    dtype = _checks.result_dtype(x, scale, bias)
    if x.size == 0:
        return x.astype(dtype)
    y = _moments.normalize(x.astype(_checks.accumulator(dtype)), axes, eps).values
    return affine(y, *(None if a is None else _moments.placed(a, axes, x.ndim) for a in (scale, bias))).astype(dtype)


def rms_norm(
    x: Float[Array, "*shape"],
    scale: Float[Array, "*normalized"] | None = None,
    *,
    axis: int | tuple[int, ...] = -1,
    eps: float = 1e-6,
) -> Float[Array, "*shape"]:
    """Divide by the root mean square over the given axes: y = x / √(mean(x²) + eps) · scale.

    eps is Flax's 1e-6; PyTorch's default is the machine epsilon of x's dtype. In float32 values beyond 1e32 count as infinite: they give 0.

    Args:
        x: any shape; the axes that are not in ``axis`` are the batch.
        scale: shaped as the axes in ``axis``, in the order in which they stand in x, or None for 1.
        axis: one axis or a tuple of them, in any order.
        eps: added to the mean square, at least 0. With 0 an example of zeros gives zeros, with gradient 0.

    Returns:
        The shape of x in the promoted dtype of all the arrays; computed in float32 for float16 and bfloat16.

    Raises:
        TypeError: an array is not floating point, or a setting is of the wrong kind.
        ValueError: scale does not have the shape of those axes (nothing is broadcast), an axis is not one of x or is given twice, or eps is negative.

    References:
        Zhang & Sennrich, Root Mean Square Layer Normalization (2019), equation 4.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import rms_norm
        >>> rms_norm(jnp.array([[1.0, 7.0], [5.0, 5.0]]), jnp.array([1.0, 10.0]), eps=0.0).tolist()
        [[0.20000000298023224, 14.0], [1.0, 10.0]]
    """
    x, axes, scale, _, eps = _arguments("rms_norm", x, scale, None, axis, eps)
    dtype = _checks.result_dtype(x, scale)
    if x.size == 0:
        return x.astype(dtype)
    y = _moments.rms_normalize(x.astype(_checks.accumulator(dtype)), axes, eps)[0]
    return affine(y, None if scale is None else _moments.placed(scale, axes, x.ndim), None).astype(dtype)


def group_norm(
    x: Float[Array, "*shape channels"],
    groups: int,
    scale: Float[Array, " channels"] | None = None,
    bias: Float[Array, " channels"] | None = None,
    *,
    ndim: int = 2,
    eps: float = 1e-5,
) -> Float[Array, "*shape channels"]:
    """Normalize over the spatial axes and over groups of adjacent channels of each example: y = (x − μ) / √(σ² + eps) · scale + bias.

    μ and σ² are the mean and the biased variance of one group of C / groups channels over all spatial positions. One group is PyTorch's `layer_norm` over
    channels and positions with a scale per channel, C groups are `instance_norm`. In float32 deviations beyond 1e32 count as infinite: they give the bias.

    Args:
        x: `(*batch, *spatial, C)`; `*batch` may be empty.
        groups: number of groups, a divisor of C.
        scale: `(C,)`, or None for 1.
        bias: `(C,)`, or None for 0.
        ndim: number of spatial axes, at least 0.
        eps: added to the variance, at least 0. With 0 a group that is constant gives the bias, with gradient 0.

    Returns:
        The shape of x in the promoted dtype of all the arrays; computed in float32 for float16 and bfloat16.

    Raises:
        TypeError: an array is not floating point, or a setting is of the wrong kind.
        ValueError: the shapes do not fit (nothing is broadcast), groups does not divide C, x has too few axes, or a setting is out of range.

    References:
        Wu & He, Group Normalization (2018), equations 1, 2 and 7.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import group_norm
        >>> group_norm(jnp.array([[1.0, 5.0, 10.0, 40.0]]), 2, ndim=0, eps=0.0).tolist()
        [[-1.0, 1.0, -1.0, 1.0]]
    """
    x, scale, bias, ndim, eps = _spatial("group_norm", x, scale, bias, ndim, eps)
    groups = _windows.integer("group_norm", "groups", groups, minimum=1)
    if x.shape[-1] % groups:
        raise ValueError(f"group_norm: groups is {groups}; it needs a divisor of the {x.shape[-1]} channels of x {x.shape}")
    return _by_groups(x, groups, scale, bias, ndim, eps)


def instance_norm(
    x: Float[Array, "*shape channels"],
    scale: Float[Array, " channels"] | None = None,
    bias: Float[Array, " channels"] | None = None,
    *,
    ndim: int = 2,
    eps: float = 1e-5,
) -> Float[Array, "*shape channels"]:
    """Normalize every channel of each example over the spatial axes: y = (x − μ) / √(σ² + eps) · scale + bias.

    μ and σ² are the mean and the biased variance of one channel over all spatial positions. Without spatial axes, or with one position, y is the bias
    (PyTorch refuses that). In float32 deviations beyond 1e32 count as infinite: they give the bias.

    Args:
        x: `(*batch, *spatial, C)`; `*batch` may be empty.
        scale: `(C,)`, or None for 1.
        bias: `(C,)`, or None for 0.
        ndim: number of spatial axes, at least 0.
        eps: added to the variance, at least 0. With 0 a channel that is constant gives the bias, with gradient 0.

    Returns:
        The shape of x in the promoted dtype of all the arrays; computed in float32 for float16 and bfloat16.

    Raises:
        TypeError: an array is not floating point, or a setting is of the wrong kind.
        ValueError: the shapes do not fit (nothing is broadcast), x has too few axes, or a setting is out of range.

    References:
        Ulyanov, Vedaldi & Lempitsky, Instance Normalization (2016), equation 4.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import instance_norm
        >>> instance_norm(jnp.array([[1.0, 10.0], [5.0, 40.0]]), ndim=1, eps=0.0).tolist()
        [[-1.0, -1.0], [1.0, 1.0]]
    """
    x, scale, bias, ndim, eps = _spatial("instance_norm", x, scale, bias, ndim, eps)
    return _by_groups(x, x.shape[-1], scale, bias, ndim, eps)


def _arguments(
    where: str, x: object, scale: object, bias: object, axis: object, eps: object
) -> tuple[Array, tuple[int, ...], Array | None, Array | None, float]:
    """The arguments of a normalization over ``axis`` as arrays that fit, and the axes as rising numbers."""
    x = _checks.real(where, "x", x)
    _checks.min_rank(where, "x", x, 1, "an axis to normalize over")
    axes = reduced_axes(where, axis, x.ndim)
    given = [None if a is None else _checks.real(where, name, a) for name, a in (("scale", scale), ("bias", bias))]
    for name, a in zip(("scale", "bias"), given, strict=True):
        if a is not None:
            _checks.shape(where, name, a, sizes(x, axes), f"the sizes of x {x.shape} along axis {axis}")
    return x, axes, given[0], given[1], _checks.number(where, "eps", eps, low=0.0)


def _spatial(where: str, x: object, scale: object, bias: object, ndim: object, eps: object) -> tuple[Array, Array | None, Array | None, int, float]:
    """The arguments of a normalization over ``ndim`` spatial axes as arrays that fit."""
    x = _checks.real(where, "x", x)
    ndim = _windows.integer(where, "ndim", ndim, minimum=0)
    _checks.min_rank(where, "x", x, ndim + 1, f"(*batch, *spatial, C) with {ndim} spatial axes")
    scale, bias = (None if a is None else per_channel(where, name, a, x) for name, a in (("scale", scale), ("bias", bias)))
    return x, scale, bias, ndim, _checks.number(where, "eps", eps, low=0.0)


def _by_groups(x: Array, groups: int, scale: Array | None, bias: Array | None, ndim: int, eps: float) -> Array:
    """Normalize groups of adjacent channels over the last ``ndim`` axes before them."""
    dtype = _checks.result_dtype(x, scale, bias)
    if x.size == 0:
        return x.astype(dtype)
    each = x.shape[-1] // groups
    inner = (groups, each) if 1 < groups < x.shape[-1] else (x.shape[-1],)
    parted = x.astype(_checks.accumulator(dtype)).reshape(*x.shape[:-1], *inner)
    positions = tuple(range(x.ndim - 1 - ndim, x.ndim - 1))
    y = _moments.normalize(parted, positions if each == 1 else (*positions, parted.ndim - 1), eps).values
    y = affine(y, *(None if a is None else a.reshape((1,) * (x.ndim - 1) + inner) for a in (scale, bias)))
    return y.reshape(x.shape).astype(dtype)
