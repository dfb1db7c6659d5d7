"""What the losses over one or several axes share: which axes, which elements, and the terms of a masked softmax."""

import math

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from jaxreview import _checks
from jaxreview.losses._shared import looked_at


def axes(name: str, axis: object, ndim: int) -> tuple[int, ...]:
    """An int, a tuple of ints or None (all) as non-negative axes in the order given."""
    if axis is None:
        return tuple(range(ndim))
    if not isinstance(axis, tuple):
        return (_checks.axis(name, axis, ndim),)
    found = tuple(_checks.axis(name, one, ndim) for one in axis)
    if len(set(found)) < len(found):
        raise ValueError(f"{name}: axis is {axis}; it needs different axes of an array of rank {ndim}")
    return found


def without(shape: tuple[int, ...], gone: tuple[int, ...]) -> tuple[int, ...]:
    """A shape less some of its axes."""
    return tuple(size for a, size in enumerate(shape) if a not in gone)


def mask(name: str, where: object, first: str, shape: tuple[int, ...], over: tuple[int, ...]) -> Array | None:
    """Which elements take part, as an array that fits ``shape``; it is given for each element, or for each example (without the axes ``over``)."""
    if where is None:
        return None
    found = _checks.booleans(name, "where", where)
    if found.shape == shape:
        return found
    if found.shape != without(shape, over):
        raise ValueError(f"{name}: where has shape {found.shape}; it needs the shape of {first}, {shape}, or that without axes {over} (nothing is broadcast)")
    return jnp.expand_dims(found, sorted(over))


def some(name: str, first: str, shape: tuple[int, ...], over: tuple[int, ...]) -> int:
    """How many elements the axes ``over`` have together: at least one."""
    count = math.prod(shape[a] for a in over)
    if not count:
        raise ValueError(f"{name}: {first} has shape {shape}; it needs at least one element along axis {over}")
    return count


def left_out(z: Array, taken: Array | None, over: tuple[int, ...]) -> Array:
    """Logits whose left-out elements are −∞, or all 0 where an example has no element: a softmax over them is finite."""
    if taken is None:
        return z
    return jnp.where(taken, z, jnp.where(jnp.any(taken, over, keepdims=True), -jnp.inf, 0.0))


def only(values: Array, taken: Array | None) -> Array:
    """Values with 0 where they are left out."""
    return values if taken is None else jnp.where(taken, values, 0.0)


def not_negative(name: str, argument: str, values: Array) -> None:
    """Concrete values are at least 0; NaN passes."""
    seen = looked_at(values)
    if seen is not None and bool(np.any(seen < 0)):
        raise ValueError(f"{name}: {argument} reaches down to {float(np.nanmin(seen.astype(np.float64))):g}; it needs values that are not negative")
