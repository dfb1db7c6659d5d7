"""Convolution channel by channel, alone and followed by a mix of the channels."""

import math
from collections.abc import Sequence

import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxreview import _checks, _windows
from jaxreview.convolution._operands import finish, split
from jaxreview.convolution.correlation import conv

__all__ = ["depthwise_conv", "separable_conv"]


def depthwise_conv(
    x: Float[Array, "*cells channels"],
    kernel: Float[Array, "*window one out"],
    bias: Float[Array, " out"] | None = None,
    *,
    stride: int | Sequence[int] = 1,
    padding: _windows.Padding = 0,
    dilation: int | Sequence[int] = 1,
) -> Float[Array, "*outputs out"]:
    """Each channel by itself: y[o, c·m + j] = bias[c·m + j] + Σₖ x[o·stride − before + k·dilation, c] · kernel[k, 0, c·m + j], j < m the multiplier.

    It is `conv` with as many groups as x has channels. The kernel is not flipped.

    Args:
        x: `(*batch, *spatial, in)`; `*batch` may be empty.
        kernel: `(*window, 1, in · multiplier)`: the multiplier outputs of a channel lie side by side, and the multiplier is read from it.
        bias: `(in · multiplier,)`, or None.
        stride: cells between windows, an int or one per axis, at least 1.
        padding: zeros around x, as in `conv`: an int, one int or one `(before, after)` pair per axis, `"VALID"`, `"SAME"` or `"SAME_LOWER"`.
        dilation: cells between the taps of a window, an int or one per axis, at least 1.

    Returns:
        `(*batch, *out_spatial, in · multiplier)`, with as many cells as `conv` gives, in the promoted dtype; float16 and bfloat16 accumulate
        in float32.

    Raises:
        TypeError: an array is not floating point, or a setting is not an int.
        ValueError: the shapes or settings do not fit, or no window fits the padded input; nothing is broadcast.

    References:
        Chollet, Xception: Deep Learning with Depthwise Separable Convolutions (2017);
        Howard et al., MobileNets (2017), section 3.1, equation 3.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import depthwise_conv
        >>> x, kernel = jnp.array([[1.0, 2.0], [3.0, 4.0]]), jnp.array([[[1.0, 1.0]], [[10.0, 100.0]]])
        >>> depthwise_conv(x, kernel).tolist()
        [[31.0, 402.0]]
    """
    x, kernel = _channelwise("depthwise_conv", x, "kernel", kernel)
    if bias is not None:
        bias = _checks.real("depthwise_conv", "bias", bias)
        _checks.shape("depthwise_conv", "bias", bias, kernel.shape[-1:], "one per output channel")
    spatial = split(x, kernel.ndim - 2)[1]
    found = _windows.geometry("depthwise_conv", spatial, kernel.shape[:-2], stride=stride, padding=padding, dilation=dilation)
    return conv(x, kernel, bias, stride=found.stride, padding=found.padding, dilation=found.dilation, groups=x.shape[-1])


def separable_conv(
    x: Float[Array, "*cells channels"],
    depthwise_kernel: Float[Array, "*window one between"],
    pointwise_kernel: Float[Array, "*ones between out"],
    bias: Float[Array, " out"] | None = None,
    *,
    stride: int | Sequence[int] = 1,
    padding: _windows.Padding = 0,
    dilation: int | Sequence[int] = 1,
) -> Float[Array, "*outputs out"]:
    """Each channel by itself, then a mix in each cell: y[o, d] = bias[d] + Σ_b depthwise_conv(x, depthwise_kernel)[o, b] · pointwise_kernel[…, b, d].

    It is `conv` with the kernel Σ_b depthwise_kernel[k, 0, b] · pointwise_kernel[…, b, d] (b over the outputs of channel i), for fewer multiplications
    and weights. Between the two there is neither a bias nor a non-linearity.

    Args:
        x: `(*batch, *spatial, in)`; `*batch` may be empty.
        depthwise_kernel: `(*window, 1, in · multiplier)`, as in `depthwise_conv`.
        pointwise_kernel: `(1, …, 1, in · multiplier, out)`, a window of one cell in as many axes.
        bias: `(out,)`, or None.
        stride: cells between windows, an int or one per axis, at least 1.
        padding: zeros around x, as in `conv`: an int, one int or one `(before, after)` pair per axis, `"VALID"`, `"SAME"` or `"SAME_LOWER"`.
        dilation: cells between the taps of a window, an int or one per axis, at least 1.

    Returns:
        `(*batch, *out_spatial, out)`, with as many cells as `conv` gives, in the promoted dtype; float16 and bfloat16 accumulate in float32 from
        x to y.

    Raises:
        TypeError: an array is not floating point, or a setting is not an int.
        ValueError: the shapes or settings do not fit, or no window fits the padded input; nothing is broadcast.

    References:
        Chollet, Xception: Deep Learning with Depthwise Separable Convolutions (2017).

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import separable_conv
        >>> x, depthwise_kernel = jnp.array([[1.0, 2.0], [3.0, 4.0]]), jnp.array([[[1.0, 1.0]], [[10.0, 100.0]]])
        >>> separable_conv(x, depthwise_kernel, jnp.array([[[2.0], [1.0]]])).tolist()
        [[464.0]]
    """
    where = "separable_conv"
    x, depthwise_kernel = _channelwise(where, x, "depthwise_kernel", depthwise_kernel)
    pointwise_kernel = _checks.real(where, "pointwise_kernel", pointwise_kernel)
    ndim, between = depthwise_kernel.ndim - 2, depthwise_kernel.shape[-1]
    layout = f"(1, …, 1, in * multiplier, out) with the {ndim} window axes of depthwise_kernel {depthwise_kernel.shape}"
    _checks.rank(where, "pointwise_kernel", pointwise_kernel, ndim + 2, layout)
    if pointwise_kernel.shape[:-1] != (1,) * ndim + (between,) or not pointwise_kernel.size:
        raise ValueError(
            f"{where}: pointwise_kernel has shape {pointwise_kernel.shape}; it needs {(1,) * ndim + (between,)} and one or more output channels, {layout}"
        )
    if bias is not None:
        bias = _checks.real(where, "bias", bias)
        _checks.shape(where, "bias", bias, pointwise_kernel.shape[-1:], "one per output channel")
    batch, spatial = split(x, ndim)
    found = _windows.geometry(where, spatial, depthwise_kernel.shape[:-2], stride=stride, padding=padding, dilation=dilation)
    dtype = _checks.result_dtype(x, depthwise_kernel, pointwise_kernel, bias)
    sums = _checks.accumulator(dtype)
    each = conv(x.astype(sums), depthwise_kernel.astype(sums), stride=found.stride, padding=found.padding, dilation=found.dilation, groups=x.shape[-1])
    mixed = jnp.matmul(each.reshape((math.prod(batch + found.out), between)), pointwise_kernel.astype(sums).reshape(pointwise_kernel.shape[-2:]))
    return finish(mixed, bias, batch + found.out, dtype)


def _channelwise(where: str, x: object, name: str, kernel: object) -> tuple[Array, Array]:
    """The data and a kernel of one input channel per group, as real arrays that fit each other in rank and channels."""
    data, weights = _checks.real(where, "x", x), _checks.real(where, name, kernel)
    _checks.min_rank(where, name, weights, 3, "(*window, 1, in * multiplier) with one or more window axes")
    if not weights.size:
        raise ValueError(f"{where}: {name} has shape {weights.shape}; it needs at least one cell on every axis of (*window, 1, in * multiplier)")
    if weights.shape[-2] != 1:
        raise ValueError(f"{where}: {name} has shape {weights.shape}; it needs 1 on axis -2, as each output sees one channel: (*window, 1, in * multiplier)")
    ndim = weights.ndim - 2
    _checks.min_rank(where, "x", data, ndim + 1, f"(*batch, *spatial, channels) with the {ndim} spatial axes of {name} {weights.shape}")
    channels, out = data.shape[-1], weights.shape[-1]
    if not channels or out % channels:
        raise ValueError(f"{where}: {name} has shape {weights.shape} with {out} outputs; it needs a multiple of the {channels} channels of x {data.shape}")
    return data, weights
