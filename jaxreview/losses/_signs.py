"""Targets of 1 and −1 or from 0 to 1, and the two ways to cut at zero that differ in their slope there."""

import jax.numpy as jnp
from jaxtyping import Array

from jaxreview import _checks
from jaxreview.losses._shared import looked_at, within_unit


def sign_targets(where: str, targets: object, beside: Array) -> Array:
    """Targets of 1 and −1 as reals: integers take the dtype of the array beside them, and a concrete target that is neither is refused."""
    result = _checks.numeric(where, "targets", targets)
    seen = looked_at(result)
    if seen is not None:
        neither = (seen != 1) & (seen != -1) & (seen == seen)
        if neither.any():
            raise ValueError(f"{where}: targets holds {float(seen[neither][0]):g}; it needs 1 or -1 throughout")
    return result if jnp.issubdtype(result.dtype, jnp.floating) else result.astype(beside.dtype)


def unit_targets(where: str, targets: object, beside: Array) -> Array:
    """Targets in [0, 1] as reals: integers and booleans take the dtype of the array beside them."""
    result = _checks.array(where, "targets", targets)
    if jnp.issubdtype(result.dtype, jnp.bool_):
        return result.astype(beside.dtype)
    result = _checks.numeric(where, "targets", result)
    within_unit(where, "targets", result)
    return result if jnp.issubdtype(result.dtype, jnp.floating) else result.astype(beside.dtype)


def cut_open(x: Array) -> Array:
    """max(x, 0) with slope 1 at 0, as PyTorch's clamp; NaN goes through."""
    return jnp.where(x < 0, 0.0, x)


def cut_shut(x: Array) -> Array:
    """max(x, 0) with slope 0 at 0; NaN goes through."""
    return jnp.where(x <= 0, 0.0, x)
