"""Initializers ``init(key, shape, dtype)``: those of ``jax.nn.initializers`` by their names, and the up-sampling kernel.

The fans of the re-exported ones are read from the last two axes, (in, out) as in our kernels ``(*window, in // groups, out)``; a kernel of
``conv_transpose`` is ``(*window, out // groups, in)`` and takes ``in_axis=-1, out_axis=-2``.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.nn.initializers import (
    constant,
    he_normal,
    he_uniform,
    lecun_normal,
    lecun_uniform,
    normal,
    orthogonal,
    xavier_normal,
    xavier_uniform,
    zeros,
)
from jax.typing import DTypeLike
from jaxtyping import Array, Float

from jaxreview import _windows

__all__ = [
    "bilinear",
    "constant",
    "he_normal",
    "he_uniform",
    "lecun_normal",
    "lecun_uniform",
    "normal",
    "orthogonal",
    "xavier_normal",
    "xavier_uniform",
    "zeros",
]


def bilinear() -> Callable[..., Float[Array, "..."]]:
    """Kernel with which ``conv_transpose`` interpolates linearly: w[i] = 1 − |i − c| / f along every window axis of k cells, with f = ⌈k/2⌉.

    The center c is f − 1 for odd k and f − ½ for even k. Stride f with k = 2f − f mod 2 and padding ⌈(f − 1)/2⌉ enlarges f times.

    The window stands at the channel pairs that carry input channel i to output channel i, with zeros elsewhere. In a kernel `(*window, m, in)`, with
    m = out // groups, that is output i mod m of its group where m divides in, and output i otherwise (none for i ≥ m). So it up-samples every
    channel by itself for any number of groups that have as many inputs as outputs, m = 1 being the depthwise case.

    Args:
        (none): the kernel is fixed by the shape that init is given.

    Returns:
        `init(key, shape, dtype=float)` with shape `(*window, out // groups, in)`. The key is not used and may be None.

    Raises:
        TypeError: (by init) shape is not a sequence of ints, or dtype is not floating point.
        ValueError: (by init) shape has no window axis, or a size is below 1.

    References:
        Long, Shelhamer & Darrell, Fully Convolutional Networks for Semantic Segmentation (2015), section 3.3.

    Examples:
        >>> from jaxreview.initializers import bilinear
        >>> bilinear()(None, (4, 1, 1))[:, 0, 0].tolist()
        [0.25, 0.75, 0.75, 0.25]
    """

    def init(key: jax.Array | None, shape: Any, dtype: DTypeLike | None = float) -> Float[Array, "..."]:
        del key
        if not isinstance(shape, (tuple, list)):
            raise TypeError(f"bilinear: shape is {shape!r}; it needs a tuple (*window, out // groups, in)")
        sizes = tuple(_windows.integer("bilinear", f"shape[{axis}]", size, minimum=1) for axis, size in enumerate(shape))
        if len(sizes) < 3:
            raise ValueError(f"bilinear: shape is {sizes}; it needs at least rank 3, (*window, out // groups, in)")
        dtype = jnp.zeros((), float if dtype is None else dtype).dtype
        if not jnp.issubdtype(dtype, jnp.floating):
            raise TypeError(f"bilinear: dtype is {dtype}; it needs a floating point dtype")
        *window, outputs, inputs = sizes
        kernel = np.ones(())
        for k in window:
            factor = (k + 1) // 2
            center = factor - 1 if k % 2 else factor - 0.5
            kernel = kernel[..., None] * (1 - np.abs(np.arange(k) - center) / factor)
        carried = np.arange(inputs) % outputs if inputs % outputs == 0 else np.arange(inputs)
        channels = carried == np.arange(outputs)[:, None]
        return jnp.asarray(kernel[..., None, None] * channels, dtype)

    return init
