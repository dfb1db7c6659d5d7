"""The checks that every function of boxes makes, and the published one-pixel widths."""

from jax import numpy as jnp
from jaxtyping import Array

from jaxreview import _checks

CORNERS = "with the last axis x1, y1, x2, y2"


def checked(where: str, name: str, value: object, min_rank: int = 1) -> Array:
    """Boxes: real, at least of ``min_rank``, four numbers on the last axis."""
    boxes = _checks.real(where, name, value)
    _checks.min_rank(where, name, boxes, min_rank, CORNERS)
    _checks.shape(where, name, boxes, (*boxes.shape[:-1], 4), CORNERS)
    return boxes


def outer_corners(boxes: Array) -> Array:
    """Boxes whose x2 and y2 name their last pixel, by the corner behind it: width x2 − x1 + 1 becomes x2 − x1, and all else is as for any box."""
    return boxes + jnp.broadcast_to(jnp.array([0, 0, 1, 1], boxes.dtype), boxes.shape)
