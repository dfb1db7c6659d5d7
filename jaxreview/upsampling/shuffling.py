"""Channels exchanged for cells, and channels reordered: no arithmetic, only another order."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Shaped

from jaxreview import _checks, _windows

__all__ = ["channel_shuffle", "pixel_shuffle", "pixel_unshuffle"]


def channel_shuffle(x: Shaped[Array, "*shape channels"], groups: int) -> Shaped[Array, "*shape channels"]:
    """Deals the channels of the groups out in turn: y[..., j·groups + i] = x[..., i·n + j], n = channels / groups.

    Args:
        x: `(..., channels)`, of any dtype.
        groups: how many groups of neighbouring channels there are; it divides the channels.

    Returns:
        The shape and dtype of x.

    Raises:
        TypeError: groups is not an int.
        ValueError: x has no axis, or groups does not divide its channels.

    References:
        Zhang, Zhou, Lin & Sun, ShuffleNet: An Extremely Efficient Convolutional Neural Network for Mobile Devices (2018), figure 1.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import channel_shuffle
        >>> channel_shuffle(jnp.arange(6), 2).tolist()
        [0, 3, 1, 4, 2, 5]
    """
    x, count = _checks.array("channel_shuffle", "x", x), _windows.integer("channel_shuffle", "groups", groups, minimum=1)
    _checks.min_rank("channel_shuffle", "x", x, 1, "(..., channels)")
    channels = x.shape[-1]
    if channels % count:
        raise ValueError(f"channel_shuffle: x has {channels} channels and groups is {count}; it needs groups that divide the channels")
    return jnp.swapaxes(x.reshape(*x.shape[:-1], count, channels // count), -1, -2).reshape(x.shape)


def pixel_shuffle(x: Shaped[Array, "*batch height width channels"], factor: int) -> Shaped[Array, "*batch tall wide fewer"]:
    """Spreads channels over blocks of cells: y[h·r + i, w·r + j, c] = x[h, w, c·r² + i·r + j], r the factor.

    The channels are in PyTorch's order: the channel of the result first, then the row and the column in the block. (TensorFlow's `depth_to_space`
    has the row and the column first.) It is the inverse of `pixel_unshuffle`.

    Args:
        x: `(*batch, height, width, channels)`, of any dtype; `*batch` may be empty.
        factor: the cells on each side of a block; its square divides the channels.

    Returns:
        `(*batch, height·factor, width·factor, channels / factor²)` in the dtype of x.

    Raises:
        TypeError: factor is not an int.
        ValueError: x has too few axes, factor is below 1, or its square does not divide the channels.

    References:
        Shi et al., Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel Convolutional Neural Network (2016), equation 4.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import pixel_shuffle
        >>> pixel_shuffle(jnp.arange(4).reshape(1, 1, 4), 2)[..., 0].tolist()
        [[0, 1], [2, 3]]
    """
    x, r = _plane("pixel_shuffle", x, factor)
    *batch, height, width, channels = x.shape
    if channels % (r * r):
        raise ValueError(f"pixel_shuffle: x has {channels} channels and factor is {r}; it needs channels that factor² = {r * r} divides")
    blocks = x.reshape(*batch, height, width, channels // (r * r), r, r)
    return _moved(blocks, (0, 3, 1, 4, 2)).reshape(*batch, height * r, width * r, channels // (r * r))


def pixel_unshuffle(x: Shaped[Array, "*batch height width channels"], factor: int) -> Shaped[Array, "*batch low narrow more"]:
    """Gathers blocks of cells into channels: y[h, w, c·r² + i·r + j] = x[h·r + i, w·r + j, c], r the factor.

    The channels are in PyTorch's order, as in `pixel_shuffle`, whose inverse it is.

    Args:
        x: `(*batch, height, width, channels)`, of any dtype; `*batch` may be empty.
        factor: the cells on each side of a block; it divides height and width.

    Returns:
        `(*batch, height / factor, width / factor, channels·factor²)` in the dtype of x.

    Raises:
        TypeError: factor is not an int.
        ValueError: x has too few axes, factor is below 1, or it does not divide height and width.

    References:
        Shi et al., Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel Convolutional Neural Network (2016), equation 4.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import pixel_unshuffle
        >>> pixel_unshuffle(jnp.array([[0, 1], [2, 3]])[..., None], 2).tolist()
        [[[0, 1, 2, 3]]]
    """
    x, r = _plane("pixel_unshuffle", x, factor)
    *batch, height, width, channels = x.shape
    if height % r or width % r:
        raise ValueError(f"pixel_unshuffle: x has {height} × {width} cells and factor is {r}; it needs a height and a width that factor divides")
    blocks = x.reshape(*batch, height // r, r, width // r, r, channels)
    return _moved(blocks, (0, 2, 4, 1, 3)).reshape(*batch, height // r, width // r, channels * r * r)


def _plane(where: str, x: object, factor: object) -> tuple[jax.Array, int]:
    """The checked array and factor."""
    array, count = _checks.array(where, "x", x), _windows.integer(where, "factor", factor, minimum=1)
    _checks.min_rank(where, "x", array, 3, "(*batch, height, width, channels)")
    return array, count


def _moved(blocks: jax.Array, order: tuple[int, ...]) -> jax.Array:
    """The last five axes in another order."""
    lead = blocks.ndim - 5
    return blocks.transpose(*range(lead), *(lead + axis for axis in order))
