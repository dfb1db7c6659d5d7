"""Two boxes compared, of a pair or of all pairs: one coordinate is one array, so that on a CPU all that follows runs in one loop."""

import math
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array

from jaxreview.losses._signs import cut_open
from jaxreview.losses._units import quotient


class Corners(NamedTuple):
    """The coordinates of boxes, of a shape that broadcasts with that of the boxes they are compared with."""

    x1: Array
    y1: Array
    x2: Array
    y2: Array


class Sides(NamedTuple):
    """Lengths along the two axes."""

    x: Array
    y: Array


def corners(boxes: Array, new_axis: int | None = None) -> Corners:
    """The coordinates, with an axis of length 1 for the boxes on the other side."""
    planes = (boxes[..., n] for n in range(4))
    return Corners(*(planes if new_axis is None else (jnp.expand_dims(plane, new_axis) for plane in planes)))


def sides(box: Corners) -> Sides:
    """Width and height; a negative one counts as 0."""
    return Sides(cut_open(box.x2 - box.x1), cut_open(box.y2 - box.y1))


def hull(a: Corners, b: Corners) -> Sides:
    """Width and height of the smallest box around both."""
    return Sides(cut_open(jnp.maximum(a.x2, b.x2) - jnp.minimum(a.x1, b.x1)), cut_open(jnp.maximum(a.y2, b.y2) - jnp.minimum(a.y1, b.y1)))


def area(box: Sides, units: Sides) -> Array:
    """In the units of the axes: a product of coordinates overflows or vanishes, one of shares does neither."""
    return (box.x * units.x) * (box.y * units.y)


def overlap_and_union(a: Corners, b: Corners, units: Sides) -> tuple[Array, Array]:
    """Two areas. Boxes that only touch do not overlap."""
    both = Sides(jnp.minimum(a.x2, b.x2) - jnp.maximum(a.x1, b.x1), jnp.minimum(a.y2, b.y2) - jnp.maximum(a.y1, b.y1))
    overlap = jnp.where((both.x > 0) & (both.y > 0), area(both, units), 0.0)
    return overlap, area(sides(a), units) + area(sides(b), units) - overlap


def units_of(lengths: Sides, above: float = 0.0) -> Sides:
    """For each axis what to multiply with so that ``lengths`` over ``above`` become numbers near 1: constants, 1 for the other lengths."""
    return Sides(_unit(lengths.x, above), _unit(lengths.y, above))


def _unit(length: Array, above: float) -> Array:
    """A power of two, by which nothing is rounded."""
    length = lax.stop_gradient(length)
    about = jnp.finfo(length.dtype)
    integer = np.dtype(f"int{about.bits}").type
    # 1/2^e from the bits of m · 2^e: the exponents of the two add up to twice the bias. The largest would give a subnormal number, which is flushed to 0.
    exponent = lax.bitcast_convert_type(length, integer) & integer((2**about.nexp - 1) << about.nmant)
    least, twice_bias = integer(1 << about.nmant), integer((2**about.nexp - 2) << about.nmant)
    inverse = lax.bitcast_convert_type(jnp.maximum(twice_bias - exponent, least), length.dtype)
    return jnp.where(length > above, inverse, 1.0)


def intersection_over_union(a: Corners, b: Corners) -> Array:
    """The share of the overlap in the union, 0 for 0/0."""
    return quotient(*overlap_and_union(a, b, units_of(hull(a, b))))


class Comparison(NamedTuple):
    """What the losses ask of two boxes; no number in it has a unit."""

    iou: Array
    waste: Array
    offset: Array
    angle: Array
    other_angle: Array


def compared(a: Corners, b: Corners, *, area_eps: float, length_eps: float) -> Comparison:
    """IoU, the share of the hull that is in neither box, the squared distance of the centres in squared diagonals of the hull, and the angles of the diagonals.

    ``area_eps`` is added to the areas that are divided by, ``length_eps`` to the squared diagonals.
    """
    around = hull(a, b)
    # Where an ε sets a scale, only what is larger than 1 is brought to another unit.
    units, units_of_lengths = (units_of(around, 1.0 if eps else 0.0) for eps in (area_eps, length_eps))
    overlap, union = overlap_and_union(a, b, units)
    area_around, eps = area(around, units), area_eps * units.x * units.y
    unit = jnp.minimum(*units_of_lengths)  # one for both axes: c and ρ are lengths
    across, down = 0.5 * (a.x1 - b.x1) + 0.5 * (a.x2 - b.x2), 0.5 * (a.y1 - b.y1) + 0.5 * (a.y2 - b.y2)
    distance, diagonal = ((x * unit) ** 2 + (y * unit) ** 2 for x, y in ((across, down), around))
    root = math.sqrt(length_eps) * unit
    return Comparison(
        iou=quotient(overlap, union + eps),
        waste=quotient(area_around - union, area_around + eps),
        offset=quotient(distance, diagonal + root * root),
        angle=_angle(sides(a)),
        other_angle=_angle(sides(b)),
    )


def _angle(box: Sides) -> Array:
    """atan(width/height), in [0, π/2]; 0 with slope 0 for a point."""
    largest = jnp.maximum(box.x, box.y)
    point = largest == 0
    unit = _unit(largest, 0.0)  # an angle has no unit, and squares in its derivative would overflow or vanish
    return jnp.arctan2(jnp.where(point, 0.0, box.x * unit), jnp.where(point, 1.0, box.y * unit))


def aspect_penalty(pair: Comparison, eps: float) -> Array:
    """α · v of the complete IoU: v = 4/π² · (difference of the angles)², its own share α = v/(1 − IoU + v + ε) a constant to the gradient."""
    v = 4 / math.pi**2 * (pair.other_angle - pair.angle) ** 2
    return lax.stop_gradient(quotient(v, 1.0 - pair.iou + v + eps)) * v
