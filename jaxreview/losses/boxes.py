"""Losses of a predicted box against its target, from their overlap, their hull, their centres and their shapes."""

import math
from typing import NamedTuple

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from jaxreview import _checks
from jaxreview.losses._signs import cut_open
from jaxreview.losses._units import quotient, unit_of

__all__ = ["ciou_loss", "diou_loss", "giou_loss"]


def giou_loss(predictions: Float[Array, "*batch 4"], targets: Float[Array, "*batch 4"], *, eps: float = 1e-7) -> Float[Array, "*batch"]:
    """Generalized IoU loss: 1 − IoU + (hull − union)/hull, from 0 for equal boxes to 2 for boxes far apart.

    As in torchvision IoU = overlap/(union + ε) and the last divisor is hull + ε. A box with x2 < x1 or y2 < y1 counts as empty; the IoU of two empty
    boxes is 0, and 0/0 is 0. Boxes that only touch do not overlap, and of two equal coordinates each gets half of the slope, as in PyTorch.

    Args:
        predictions: boxes (x1, y1, x2, y2), `(*batch, 4)`.
        targets: the box of each prediction, the shape of predictions.
        eps: ε ≥ 0, in the unit of an area: choose it far below the areas of the boxes.

    Returns:
        `(*batch,)`, in the promoted dtype; float16 and bfloat16 are computed in float32.

    Raises:
        TypeError: predictions or targets is not floating point, or eps is not a static number.
        ValueError: the shapes differ, the last axis is not 4 long, or eps is negative.

    References:
        Rezatofighi et al., Generalized Intersection over Union (2019), algorithm 1.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import giou_loss
        >>> giou_loss(jnp.array([0.0, 0.0, 1.0, 1.0]), jnp.array([3.0, 0.0, 4.0, 1.0]), eps=0.0).tolist()
        1.5
    """
    pair, dtype = _pair("giou_loss", predictions, targets, eps)
    return (1.0 - pair.iou + pair.waste).astype(dtype)


def diou_loss(predictions: Float[Array, "*batch 4"], targets: Float[Array, "*batch 4"], *, eps: float = 1e-7) -> Float[Array, "*batch"]:
    """Distance IoU loss: 1 − IoU + ρ²/c², with ρ the distance of the centres and c the diagonal of the hull.

    As in torchvision IoU = overlap/(union + ε) and the last divisor is c² + ε. A box with x2 < x1 or y2 < y1 counts as empty; the IoU of two empty
    boxes is 0, and 0/0 is 0. Boxes that only touch do not overlap, and of two equal coordinates each gets half of the slope, as in PyTorch.

    Args:
        predictions: boxes (x1, y1, x2, y2), `(*batch, 4)`.
        targets: the box of each prediction, the shape of predictions.
        eps: ε ≥ 0, in the unit of an area: choose it far below the areas of the boxes.

    Returns:
        `(*batch,)`, in the promoted dtype; float16 and bfloat16 are computed in float32.

    Raises:
        TypeError: predictions or targets is not floating point, or eps is not a static number.
        ValueError: the shapes differ, the last axis is not 4 long, or eps is negative.

    References:
        Zheng et al., Distance-IoU Loss: Faster and Better Learning for Bounding Box Regression (2020), equation 7.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import diou_loss
        >>> diou_loss(jnp.array([0.0, 0.0, 2.0, 2.0]), jnp.array([2.0, 2.0, 4.0, 4.0]), eps=0.0).tolist()
        1.25
    """
    pair, dtype = _pair("diou_loss", predictions, targets, eps)
    return (1.0 - pair.iou + pair.offset).astype(dtype)


def ciou_loss(predictions: Float[Array, "*batch 4"], targets: Float[Array, "*batch 4"], *, eps: float = 1e-7) -> Float[Array, "*batch"]:
    """Complete IoU loss: 1 − IoU + ρ²/c² + α·v, with v = 4/π²·(atan(w_t/h_t) − atan(w/h))² and α = v/(1 − IoU + v + ε), a constant to the gradient.

    The rest is ``diou_loss``. As in torchvision α carries no gradient; a box without height has the angle π/2, and one without width and height
    the angle 0 with slope 0 (torchvision: NaN).

    Args:
        predictions: boxes (x1, y1, x2, y2), `(*batch, 4)`.
        targets: the box of each prediction, the shape of predictions.
        eps: ε ≥ 0, in the unit of an area: choose it far below the areas of the boxes.

    Returns:
        `(*batch,)`, in the promoted dtype; float16 and bfloat16 are computed in float32.

    Raises:
        TypeError: predictions or targets is not floating point, or eps is not a static number.
        ValueError: the shapes differ, the last axis is not 4 long, or eps is negative.

    References:
        Zheng et al., Distance-IoU Loss: Faster and Better Learning for Bounding Box Regression (2020), equations 8 to 11.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import ciou_loss
        >>> ciou_loss(jnp.array([0.0, 0.0, 2.0, 2.0]), jnp.array([2.0, 2.0, 4.0, 4.0]), eps=0.0).tolist()
        1.25
    """
    pair, dtype = _pair("ciou_loss", predictions, targets, eps)
    v = 4 / math.pi**2 * (pair.target_angle - pair.angle) ** 2
    alpha = lax.stop_gradient(quotient(v, 1.0 - pair.iou + v + eps))
    return (1.0 - pair.iou + pair.offset + alpha * v).astype(dtype)


class _Pair(NamedTuple):
    """What the losses ask of two boxes; no number in it has a unit."""

    iou: Array
    waste: Array
    offset: Array
    angle: Array
    target_angle: Array


def _pair(where: str, predictions: object, targets: object, eps: float) -> tuple[_Pair, jnp.dtype]:
    """The checked boxes compared, and the result's dtype."""
    eps = _checks.number(where, "eps", eps, low=0.0)
    a, b = _checks.real(where, "predictions", predictions), _checks.real(where, "targets", targets)
    _checks.min_rank(where, "predictions", a, 1, "with the last axis x1, y1, x2, y2")
    _checks.shape(where, "predictions", a, (*a.shape[:-1], 4), "with the last axis x1, y1, x2, y2")
    _checks.same_shape(where, "predictions", a, "targets", b)
    dtype = _checks.result_dtype(a, b)
    a, b = (v.astype(_checks.accumulator(dtype)) for v in (a, b))
    (low_a, high_a), (low_b, high_b) = ((v[..., :2], v[..., 2:]) for v in (a, b))
    # Each of these is (width, height), a difference of coordinates: only these are brought to another unit.
    side_a, side_b = cut_open(high_a - low_a), cut_open(high_b - low_b)
    overlap = jnp.minimum(high_a, high_b) - jnp.maximum(low_a, low_b)
    hull = cut_open(jnp.maximum(high_a, high_b) - jnp.minimum(low_a, low_b))
    centres = 0.5 * (low_a - low_b) + 0.5 * (high_a - high_b)
    above = 1.0 if eps else 0.0
    unit = unit_of(hull, above)  # an axis in its own unit: areas neither overflow nor, where no ε sets a scale, vanish
    eps_in_units = eps / unit[..., 0] / unit[..., 1]
    area_a, area_b, area_hull, area_both = (v[..., 0] / unit[..., 0] * (v[..., 1] / unit[..., 1]) for v in (side_a, side_b, hull, overlap))
    area_both = jnp.where((overlap > 0).all(-1), area_both, 0.0)
    union = area_a + area_b - area_both
    larger = unit_of(jnp.max(hull, -1, keepdims=True), above)  # one unit for both axes: c and ρ are lengths
    diagonal, distance = (jnp.sum((v / larger) ** 2, -1) for v in (hull, centres))
    root = math.sqrt(eps) / larger[..., 0]
    return _Pair(
        iou=quotient(area_both, union + eps_in_units),
        waste=quotient(area_hull - union, area_hull + eps_in_units),
        offset=quotient(distance, diagonal + root * root),
        angle=_angle(side_a),
        target_angle=_angle(side_b),
    ), dtype


def _angle(side: Array) -> Array:
    """atan(width/height), in [0, π/2]; 0 with slope 0 for a point."""
    largest = jnp.max(side, -1)
    point = largest == 0
    unit = unit_of(largest, 0.0)  # an angle has no unit, and squares in its derivative would overflow or vanish
    width, height = side[..., 0] / unit, side[..., 1] / unit
    return jnp.arctan2(jnp.where(point, 0.0, width), jnp.where(point, 1.0, height))
