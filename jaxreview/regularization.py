"""Regularization: noise that is drawn while training and switched off afterwards, and penalties on the parameters."""

import functools
import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float, Key, PyTree

from jaxreview import _checks, _windows

__all__ = ["alpha_dropout", "drop_block", "drop_path", "dropout", "l1_penalty", "l2_penalty"]

# what SELU tends to for very negative inputs, −λα
_SELU_FLOOR = -1.7580993408473766


def dropout(
    key: Key[Array, ""] | None,
    x: Float[Array, "*shape"],
    rate: float,
    *,
    deterministic: bool = False,
    broadcast_axes: Sequence[int] = (),
) -> Float[Array, "*shape"]:
    """Drop each value with probability `rate` and scale up the others: y = x / (1 − rate) where kept, else 0.

    So the expectation of y is x (inverted dropout). A value is kept where its 32 random bits, those of `jax.random.bits`, are as an integer at least
    rate · 2³²: the mask depends on the key, the shape and the rate alone, not on the dtype or on x64.

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
    key, x, rate = _arguments("dropout", key, x, rate, deterministic)
    return _scaled_where_kept(key, x, rate, _mask_shape("dropout", x, broadcast_axes))


def alpha_dropout(
    key: Key[Array, ""] | None,
    x: Float[Array, "*shape"],
    rate: float,
    *,
    deterministic: bool = False,
    broadcast_axes: Sequence[int] = (),
) -> Float[Array, "*shape"]:
    """Set each value to SELU's floor with probability `rate`, then restore the moments: y = a·x + b where kept, else a·f + b.

    The floor is f = −λα = −1.7581, and with q = 1 − rate the correction is a = (q + f²·q·(1 − q))^(−1/2), b = −a·(1 − q)·f, so that y has mean 0 and
    variance 1 where x has. It is meant behind SELU, in place of dropout, whose factor 1 / q would change the variance. The mask is that of `dropout`.

    Args:
        key: a `jax.random.key`; None will do if deterministic.
        x: any shape, standardized values.
        rate: probability to drop, a static number in [0, 1]. 0 gives x; 1 gives zeros with zero gradient, which is the limit of a·f + b.
        deterministic: True gives x.
        broadcast_axes: axes of x along which one draw is shared, for example the spatial axes to drop whole channels.

    Returns:
        The shape and the dtype of x. The gradient is a where kept and 0 where dropped, even where x is infinite or NaN.

    Raises:
        TypeError: x is not floating point, key is no typed key, or a setting is of the wrong kind.
        ValueError: rate is outside [0, 1], or broadcast_axes repeats an axis or names one that x does not have.

    References:
        Klambauer, Unterthiner, Mayr & Hochreiter, Self-Normalizing Neural Networks (2017), "New Dropout Technique".

    Examples:
        >>> import jax
        >>> import jax.numpy as jnp
        >>> from jaxreview import alpha_dropout
        >>> [round(y, 4) for y in alpha_dropout(jax.random.key(0), jnp.array([1.0, -1.0, 1.0, -1.0]), 0.5).tolist()]
        [1.6656, -0.1072, -0.7792, -0.7792]
    """
    key, x, rate = _arguments("alpha_dropout", key, x, rate, deterministic)
    mask_shape = _mask_shape("alpha_dropout", x, broadcast_axes)
    if rate == 0:
        return x
    if rate == 1:
        return jnp.zeros(x.shape, x.dtype)
    q = 1 - rate
    a = 1 / math.sqrt(q + _SELU_FLOOR**2 * q * rate)
    # a·f + b = a·f·q, which does not cancel where q is small
    kept, dropped = x.astype(_checks.accumulator(x.dtype)) * a - a * rate * _SELU_FLOOR, jnp.full_like(x, a * q * _SELU_FLOOR)
    return jnp.where(_kept(key, x, mask_shape, rate), kept.astype(x.dtype), dropped)


def drop_path(key: Key[Array, ""] | None, x: Float[Array, "n *shape"], rate: float, *, deterministic: bool = False) -> Float[Array, "n *shape"]:
    """Drop whole examples with probability `rate` and scale up the others: y[i] = x[i] / (1 − rate) where kept, else 0.

    Meant for the branch of a residual block, which is then skipped for some examples (stochastic depth). One draw for every entry of axis 0: it is
    `dropout` with every other axis in broadcast_axes.

    Args:
        key: a `jax.random.key`; None will do if deterministic.
        x: `(N, ...)`.
        rate: probability to drop, a static number in [0, 1]. 0 gives x; 1 gives zeros with zero gradient.
        deterministic: True gives x.

    Returns:
        The shape and the dtype of x. Dropped examples are 0, and so is their gradient, even where x is infinite or NaN.

    Raises:
        TypeError: x is not floating point, key is no typed key, or a setting is of the wrong kind.
        ValueError: x is a scalar, or rate is outside [0, 1].

    References:
        Huang, Sun, Liu, Sedra & Weinberger, Deep Networks with Stochastic Depth (2016), section 3; scaled while training, as in dropout.

    Examples:
        >>> import jax
        >>> import jax.numpy as jnp
        >>> from jaxreview import drop_path
        >>> drop_path(jax.random.key(0), jnp.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), 0.5).tolist()
        [[2.0, 4.0], [6.0, 8.0], [0.0, 0.0]]
    """
    key, x, rate = _arguments("drop_path", key, x, rate, deterministic)
    _checks.min_rank("drop_path", "x", x, 1, "(N, ...), examples first")
    return _scaled_where_kept(key, x, rate, (x.shape[0],) + (1,) * (x.ndim - 1))


def drop_block(
    key: Key[Array, ""] | None,
    x: Float[Array, "*batch_spatial channels"],
    rate: float,
    *,
    block: int | Sequence[int],
    deterministic: bool = False,
) -> Float[Array, "*batch_spatial channels"]:
    """Drop whole blocks of every channel's map: y = x · M · (cells / kept cells), M = 0 on the blocks whose corner is drawn.

    A corner is drawn with probability γ = rate / Π b_a · Π n_a / (n_a − b_a + 1) at every place where the block of b cells fits into the n cells of an
    axis a, in every channel by itself. So about `rate` of the cells are dropped, somewhat fewer as blocks overlap and cells near an edge are in fewer
    of them; a block of one cell, or of the whole map, is dropped at the rate exactly.

    The paper leaves open what the cells are counted over: here over the spatial axes and channels of one example (torchvision counts over the batch
    too, which couples its examples). An example of which nothing is kept is 0.

    Args:
        key: a `jax.random.key`; None will do if deterministic.
        x: `(*batch, *spatial, C)`.
        rate: share of the cells to drop, a static number in [0, 1]. 0 gives x; 1 gives zeros with zero gradient.
        block: cells of a block, a tuple with one int per spatial axis, or one int b for `(b, b)` (images).
        deterministic: True gives x.

    Returns:
        The shape and the dtype of x. Dropped cells are 0, and so is their gradient, even where x is infinite or NaN.

    Raises:
        TypeError: x is not floating point, key is no typed key, or a setting is of the wrong kind.
        ValueError: rate is outside [0, 1], x has too few axes, or block is below 1 or does not fit into the spatial axes.

    References:
        Ghiasi, Lin & Le, DropBlock: A regularization method for convolutional networks (2018), algorithm 1 and equation 1.

    Examples:
        >>> import jax
        >>> import jax.numpy as jnp
        >>> from jaxreview import drop_block
        >>> drop_block(jax.random.key(3), jnp.ones((8, 1)), 0.4, block=(2,))[:, 0].tolist()
        [0.0, 0.0, 2.0, 2.0, 2.0, 2.0, 0.0, 0.0]
    """
    where = "drop_block"
    key, x, rate = _arguments(where, key, x, rate, deterministic)
    d = len(block) if isinstance(block, (tuple, list)) else 2
    blocks = _windows.per_axis(where, "block", block, d, minimum=1)
    if not d:
        raise ValueError(f"{where}: block is {block!r}; it needs an int or one int per spatial axis")
    _checks.min_rank(where, "x", x, d + 1, f"(*batch, *spatial, channels) with {d} spatial axes, as block {blocks} has")
    batch, spatial = x.shape[: x.ndim - d - 1], x.shape[x.ndim - d - 1 : -1]
    for axis, (n, b) in enumerate(zip(spatial, blocks, strict=True)):
        if b > n:
            raise ValueError(f"{where}: block is {blocks} and spatial axis {axis} of x {x.shape} has {n} cells; it needs a block that fits")
    if rate == 0:
        return x
    if rate == 1:
        return jnp.zeros(x.shape, x.dtype)
    places = tuple(n - b + 1 for n, b in zip(spatial, blocks, strict=True))
    corners = ~_kept(key, x, (*batch, *places, x.shape[-1]), rate * math.prod(spatial) / math.prod(blocks) / math.prod(places))
    for axis, b in enumerate(blocks, len(batch)):
        corners = _spread(corners, axis, b)
    keep = ~corners
    own = tuple(range(len(batch), x.ndim))
    sums = _checks.accumulator(x.dtype)
    cells, left = math.prod(x.shape[len(batch) :]), keep.sum(own, keepdims=True, dtype=jnp.int32)
    scale = jnp.asarray(cells, sums) / jnp.maximum(left, 1).astype(sums)
    return jnp.where(keep, (x.astype(sums) * scale).astype(x.dtype), jnp.zeros_like(x))


def l1_penalty(params: PyTree[Float[Array, "..."]]) -> Float[Array, ""]:
    """Sum of the absolute values of all parameters: Σ |w|.

    At 0 the derivative is 0, as in PyTorch.

    Args:
        params: any pytree of real arrays.

    Returns:
        A scalar in the promoted dtype of the arrays; float16 and bfloat16 are summed in float32. A pytree without arrays gives 0.

    Raises:
        TypeError: a leaf is no array or not floating point.

    References:
        Tibshirani, Regression Shrinkage and Selection via the Lasso (1996), section 1, as a penalty.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import l1_penalty
        >>> l1_penalty({"kernel": jnp.array([[1.0, -2.0]]), "bias": jnp.array([0.5])}).item()
        3.5
    """
    return _sum_over_leaves("l1_penalty", params, lambda w: w * jnp.sign(w))  # jnp.abs has gradient 1 at 0


def l2_penalty(params: PyTree[Float[Array, "..."]]) -> Float[Array, ""]:
    """Half the squared norm of all parameters: ½ Σ w².

    Its gradient is w itself, which is weight decay for plain gradient descent.

    Args:
        params: any pytree of real arrays.

    Returns:
        A scalar in the promoted dtype of the arrays; float16 and bfloat16 are summed in float32. A pytree without arrays gives 0.

    Raises:
        TypeError: a leaf is no array or not floating point.

    References:
        Goodfellow, Bengio & Courville, Deep Learning (2016), section 7.1.1.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import l2_penalty
        >>> l2_penalty({"kernel": jnp.array([[1.0, -2.0]]), "bias": jnp.array([3.0])}).item()
        7.0
    """
    return _sum_over_leaves("l2_penalty", params, lambda w: 0.5 * w * w)  # the derivative of ½·w² by w² would pass through 2w, which may overflow


def _arguments(where: str, key: Any, x: Any, rate: Any, deterministic: Any) -> tuple[Any, Array, float]:
    """The checked arguments; the rate is 0 where switched off, and only then the key may be missing."""
    x, rate = _checks.real(where, "x", x), _checks.number(where, "rate", rate, low=0.0, high=1.0)
    off = _checks.flag(where, "deterministic", deterministic)
    if not off or key is not None:
        key = _checks.key(where, key)
    return key, x, 0.0 if off else rate


def _mask_shape(where: str, x: Array, broadcast_axes: object) -> tuple[int, ...]:
    """The shape of x with 1 for every axis along which a draw is shared."""
    if not isinstance(broadcast_axes, (tuple, list)):
        raise TypeError(f"{where}: broadcast_axes is {broadcast_axes!r}; it needs a tuple of ints")
    axes = [_checks.axis(where, axis, x.ndim, "broadcast_axes") for axis in broadcast_axes]
    if len(set(axes)) != len(axes):
        raise ValueError(f"{where}: broadcast_axes is {broadcast_axes!r}; it needs each axis of x {x.shape} at most once")
    return tuple(1 if axis in axes else size for axis, size in enumerate(x.shape))


def _scaled_where_kept(key: Any, x: Array, rate: float, mask_shape: tuple[int, ...]) -> Array:
    """Inverted dropout by a mask of the given shape."""
    if rate == 0:
        return x
    if rate == 1:
        return jnp.zeros(x.shape, x.dtype)
    # in a half type 1 / (1 − rate) would be rounded before it multiplies
    scaled = (x.astype(_checks.accumulator(x.dtype)) * (1 / (1 - rate))).astype(x.dtype)
    return jnp.where(_kept(key, x, mask_shape, rate), scaled, jnp.zeros_like(scaled))


def _kept(key: Any, x: Array, shape: tuple[int, ...], rate: float) -> Array:
    """Where 32 random bits are at least rate · 2³², for a rate in (0, 1); a mask of this shape for x."""
    return _random_words(key, shape, eager=_checks.concrete(key) and _checks.concrete(x)) >= jnp.asarray(min(round(rate * 2**32), 2**32 - 1), "uint32")


def _random_words(key: Any, shape: tuple[int, ...], *, eager: bool) -> Array:
    """`jax.random.bits(key, shape, "uint32")`.

    On a CPU JAX enciphers in a loop that passes over memory at every turn. With the rounds written out the words are made inside the loop of whoever
    uses them: dropout of 4096 × 4096 values took 68 ms and not 277, its value and gradient 110 ms and not 304 (two threads).
    """
    by_place = jax.config.jax_threefry_partitionable  # pyright: ignore[reportAttributeAccessIssue]
    by_its_words = jax.random.key_impl(key) == "threefry2x32" and by_place and math.prod(shape) < 2**32
    if eager or not by_its_words:  # outside of jit there is nothing to be fused with, and the rounds would be traced at every call
        return jax.random.bits(key, shape, "uint32")

    def native(words: Array) -> Array:
        return jax.random.bits(jax.random.wrap_key_data(words, impl="threefry2x32"), shape, "uint32")

    return lax.platform_dependent(jax.random.key_data(key), cpu=functools.partial(_written_out, shape=shape), default=native)


def _written_out(key: Array, shape: tuple[int, ...]) -> Array:
    """The two words of the place of every value, enciphered in 20 rounds of add, rotate and xor, the key added after every four, and xor-ed."""
    keys = (key[0], key[1], key[0] ^ key[1] ^ jnp.uint32(0x1BD11BDA))
    place = jnp.zeros(shape, "uint32")
    for axis in range(len(shape)):
        place += lax.broadcasted_iota("uint32", shape, axis) * jnp.uint32(math.prod(shape[axis + 1 :]))
    a, b = jnp.broadcast_to(keys[0], shape), place + keys[1]  # the upper word of a place is 0
    for turn in range(5):
        for rotation in ((13, 15, 26, 6), (17, 29, 16, 24))[turn % 2]:
            a += b
            b = a ^ (b << jnp.uint32(rotation) | b >> jnp.uint32(32 - rotation))
        a, b = a + keys[(turn + 1) % 3], b + (keys[(turn + 2) % 3] + jnp.uint32(turn + 1))
    return a ^ b


def _spread(corners: Array, axis: int, b: int) -> Array:
    """Every cell of an axis that a block of b cells from some corner reaches."""
    pads = [(0, 0)] * corners.ndim
    pads[axis] = (b - 1, b - 1)
    padded = jnp.pad(corners, pads)
    return functools.reduce(operator.or_, (lax.slice_in_dim(padded, i, i + corners.shape[axis] + b - 1, axis=axis) for i in range(b)))


def _sum_over_leaves(where: str, params: Any, term: Callable[[Array], Array]) -> Array:
    """Σ term(w) over every entry of every leaf."""
    leaves = [_checks.real(where, f"params{jax.tree_util.keystr(path)}", leaf) for path, leaf in jax.tree_util.tree_leaves_with_path(params)]
    if not leaves:
        return jnp.zeros(())
    dtype = _checks.result_dtype(*leaves)
    return functools.reduce(operator.add, (term(w.astype(_checks.accumulator(dtype))).sum() for w in leaves)).astype(dtype)
