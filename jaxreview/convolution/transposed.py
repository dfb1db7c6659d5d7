"""The transpose of convolution."""

import math
from collections.abc import Sequence

from jaxtyping import Array, Float

from jaxreview import _checks, _windows
from jaxreview.convolution._operands import arrays, finish, split
from jaxreview.convolution._trilinear import spread

__all__ = ["conv_transpose"]


def conv_transpose(
    x: Float[Array, "*cells in"],
    kernel: Float[Array, "*window out_per_group in"],
    bias: Float[Array, " out"] | None = None,
    *,
    stride: int | Sequence[int] = 1,
    padding: _windows.Padding = 0,
    output_padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> Float[Array, "*outputs out"]:
    """The transpose of `conv`: every x[o, i] adds x[o, i] · kernel[k, c, i] to y[o·stride − before + k·dilation, c], on top of bias[c].

    It is the adjoint of `conv` with the same kernel array and settings, ⟨conv(u, k), x⟩ = ⟨u, conv_transpose(x, k)⟩, so the kernel is that of the
    convolution which takes y's channels to x's. It is not its inverse. A NaN or an infinity in x may spread as in `conv`.

    Args:
        x: `(*batch, *spatial, in)`; `*batch` may be empty.
        kernel: `(*window, out // groups, in)`.
        bias: `(out,)`, or None.
        stride: cells between the windows laid into the result, an int or one per axis, at least 1.
        padding: as in `conv`; it is cut off the result. `"SAME"` and `"SAME_LOWER"` give n·stride cells.
        output_padding: cells added after the result, an int or one per axis, in [0, max(stride, dilation)): several sizes convolve to one, and this
            chooses among them. What no window covers is zero. 0 with `"SAME"` and `"SAME_LOWER"`.
        dilation: cells between the taps of a window, an int or one per axis, at least 1.
        groups: divides `in` and `out`.

    Returns:
        `(*batch, *out_spatial, out)` with (n − 1)·stride − before − after + dilation·(window − 1) + output_padding + 1 cells on an axis, in
        the promoted dtype; float16 and bfloat16 accumulate in float32.

    Raises:
        TypeError: an array is not floating point, or a setting is not an int.
        ValueError: the shapes or settings do not fit, or the result would have no cells; nothing is broadcast.

    References:
        Dumoulin & Visin, A guide to convolution arithmetic for deep learning (2016), section 4.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import conv_transpose
        >>> x, kernel = jnp.array([[1.0], [2.0]]), jnp.array([[[1.0]], [[10.0]], [[100.0]]])
        >>> conv_transpose(x, kernel, stride=2).tolist()
        [[1.0], [10.0], [102.0], [20.0], [200.0]]
    """
    x, kernel, bias = arrays("conv_transpose", x, kernel, bias, "(*window, out // groups, in)")
    groups = _windows.integer("conv_transpose", "groups", groups, minimum=1)
    channels, (out_per_group, fan_out) = x.shape[-1], kernel.shape[-2:]
    if channels % groups:
        raise ValueError(f"conv_transpose: groups is {groups}; it needs to divide the {channels} channels of x {x.shape}")
    if fan_out != channels:
        raise ValueError(
            f"conv_transpose: kernel has shape {kernel.shape} with {fan_out} input channels on axis -1; it needs {channels}, the channels of x {x.shape}"
        )
    if bias is not None:
        _checks.shape("conv_transpose", "bias", bias, (out_per_group * groups,), "one per output channel, kernel.shape[-2] * groups")
    batch, spatial = split(x, kernel.ndim - 2)
    found = _windows.transpose_geometry(
        "conv_transpose", spatial, kernel.shape[:-2], stride=stride, padding=padding, output_padding=output_padding, dilation=dilation
    )
    dtype = _checks.result_dtype(x, kernel, bias)
    sums = _checks.accumulator(dtype)
    y = spread(x.astype(sums).reshape((math.prod(batch), *spatial, channels)), kernel.astype(sums), found, groups)
    return finish(y, bias, batch, dtype)
