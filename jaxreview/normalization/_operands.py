"""Arguments that several normalizations share."""

from collections.abc import Sequence

from jaxtyping import Array

from jaxreview import _checks


def per_channel(where: str, name: str, value: object, x: Array) -> Array:
    """``value`` as reals, one for each entry of the last axis of x."""
    value = _checks.real(where, name, value)
    _checks.shape(where, name, value, x.shape[-1:], f"one for each channel of x {x.shape}")
    return value


def row(a: Array, ndim: int) -> Array:
    """`(C,)` as `(1, …, 1, C)` of rank ``ndim``."""
    return a.reshape((1,) * (ndim - 1) + a.shape)


def affine(y: Array, scale: Array | None, bias: Array | None) -> Array:
    """``y · scale + bias`` in the dtype of y, both of its rank."""
    y = y if scale is None else y * scale.astype(y.dtype)
    return y if bias is None else y + bias.astype(y.dtype)


def reduced_axes(where: str, axis: object, ndim: int) -> tuple[int, ...]:
    """An axis or a tuple of axes as rising non-negative numbers."""
    given = axis if isinstance(axis, tuple) else (axis,)
    axes = tuple(sorted(_checks.axis(where, each, ndim) for each in given))
    if not axes or len(set(axes)) != len(axes):
        raise ValueError(f"{where}: axis is {axis!r}; it needs at least one axis, and none twice")
    return axes


def sizes(x: Array, axes: Sequence[int]) -> tuple[int, ...]:
    """The sizes of x along ``axes``."""
    return tuple(x.shape[axis] for axis in axes)
