"""Cross-correlation in any number of spatial axes."""

import dataclasses
import functools
import math
from collections.abc import Sequence

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from jaxreview import _checks, _windows
from jaxreview.convolution._operands import arrays, finish, split
from jaxreview.convolution._trilinear import correlate

__all__ = ["conv"]


def conv(
    x: Float[Array, "*cells channels"],
    kernel: Float[Array, "*window in_per_group out"],
    bias: Float[Array, " out"] | None = None,
    *,
    stride: int | Sequence[int] = 1,
    padding: _windows.Padding = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
    padding_mode: str = "zeros",
) -> Float[Array, "*outputs out"]:
    """Cross-correlation: y[o, c] = bias[c] + Σₖ Σᵢ x[o·stride − before + k·dilation, i] · kernel[k, i, c].

    The kernel is not flipped. Its rank says how many spatial axes there are: `kernel.ndim - 2`. With groups, the channels of x and of y are
    cut into `groups` equal runs, and run g of y sees only run g of x.

    On a CPU outputs may be computed some at a time from what all of them see (Winograd's tiles, groups taken together): a NaN or an infinity in x may
    then make outputs NaN that are near those that see it.

    Args:
        x: `(*batch, *spatial, in)`; `*batch` may be empty.
        kernel: `(*window, in // groups, out)`.
        bias: `(out,)`, or None.
        stride: cells between windows, an int or one per axis, at least 1.
        padding: an int, one int per axis, one `(before, after)` pair per axis, `"VALID"` (none), or `"SAME"` / `"SAME_LOWER"`: as much as gives
            ⌈n / stride⌉ outputs, an odd cell after / before the input. With a stride that depends on n and is not window // 2.
        dilation: cells between the taps of a window, an int or one per axis, at least 1.
        groups: divides `in` and `out`.
        padding_mode: what the padding holds: `"zeros"`, `"reflect"` (mirrored about the border cell, less than n cells), `"replicate"` (the border
            cell), `"circular"` (wrapped around, at most n cells).

    Returns:
        `(*batch, *out_spatial, out)` with ⌊(n + before + after − dilation·(window − 1) − 1) / stride⌋ + 1 cells on an axis, in the promoted
        dtype; float16 and bfloat16 accumulate in float32.

    Raises:
        TypeError: an array is not floating point, or a setting is not an int.
        ValueError: the shapes or settings do not fit, or no window fits the padded input; nothing is broadcast.

    References:
        Dumoulin & Visin, A guide to convolution arithmetic for deep learning (2016), relationship 15.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import conv
        >>> x, kernel = jnp.array([[1.0], [2.0], [4.0]]), jnp.array([[[1.0]], [[10.0]]])
        >>> conv(x, kernel).tolist()
        [[21.0], [42.0]]
        >>> conv(x, kernel, padding="SAME").tolist()
        [[21.0], [42.0], [4.0]]
    """
    x, kernel, bias = arrays("conv", x, kernel, bias, "(*window, in // groups, out)")
    groups = _windows.integer("conv", "groups", groups, minimum=1)
    _checks.choice("conv", "padding_mode", padding_mode, ("zeros", "reflect", "replicate", "circular"))
    channels, (fan_in, out) = x.shape[-1], kernel.shape[-2:]
    if channels % groups:
        raise ValueError(f"conv: groups is {groups}; it needs to divide the {channels} channels of x {x.shape}")
    if fan_in * groups != channels:
        raise ValueError(
            f"conv: kernel has shape {kernel.shape} with {fan_in} input channels on axis -2; it needs {channels // groups}, "
            f"the {channels} channels of x {x.shape} over {groups} groups"
        )
    if out % groups:
        raise ValueError(f"conv: groups is {groups}; it needs to divide the {out} output channels of kernel {kernel.shape}")
    if bias is not None:
        _checks.shape("conv", "bias", bias, (out,), "one per output channel")
    batch, spatial = split(x, kernel.ndim - 2)
    found = _windows.geometry("conv", spatial, kernel.shape[:-2], stride=stride, padding=padding, dilation=dilation)
    dtype = _checks.result_dtype(x, kernel, bias)
    sums = _checks.accumulator(dtype)
    cells = x.astype(sums).reshape((math.prod(batch), *spatial, channels))
    if padding_mode != "zeros":
        cells = _bordered(cells, found, padding_mode)
        found = dataclasses.replace(found, spatial=cells.shape[1:-1], padding=((0, 0),) * len(spatial))
    y = correlate(cells, kernel.astype(sums), found, groups)
    return finish(y, bias, batch, dtype)


def _bordered(x: Array, found: _windows.Geometry, mode: str) -> Array:
    """The padding laid around `(N, *spatial, in)`, out of slices of x; a border is mirrored or wrapped around once at most."""
    for axis, (size, (before, after)) in enumerate(zip(found.spatial, found.padding, strict=True)):
        limit = {"reflect": size - 1, "circular": size}.get(mode, max(before, after))
        if max(before, after) > limit:
            raise ValueError(
                f"conv: padding is {(before, after)} on spatial axis {axis} of size {size}; it needs to be at most {limit} with padding_mode {mode!r}"
            )
        # jnp.pad would touch the batch axis too: its gradient moves data between the devices that share a batch.
        cut = functools.partial(lax.slice_in_dim, x, axis=axis + 1)
        if mode == "reflect":
            head, tail = jnp.flip(cut(1, before + 1), axis + 1), jnp.flip(cut(size - 1 - after, size - 1), axis + 1)
        elif mode == "circular":
            head, tail = cut(size - before, size), cut(0, after)
        else:
            head, tail = jnp.repeat(cut(0, 1), before, axis + 1), jnp.repeat(cut(size - 1, size), after, axis + 1)
        x = jnp.concatenate([head, x, tail], axis + 1)
    return x
