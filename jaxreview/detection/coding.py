"""Boxes as offsets from anchors."""

import math
from collections.abc import Sequence

import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxreview import _checks
from jaxreview.detection import _operands
from jaxreview.detection.boxes import widened
from jaxreview.losses import _boxes
from jaxreview.losses._units import quotient

__all__ = ["decode_boxes", "encode_boxes"]


def encode_boxes(
    boxes: Float[Array, "*batch 4"],
    anchors: Float[Array, "*batch 4"] | Float[Array, "A 4"],
    *,
    weights: Sequence[float] = (1.0, 1.0, 1.0, 1.0),
    legacy_plus_one: bool = False,
) -> Float[Array, "*batch 4"]:
    """The offsets that make a box of its anchor: w_x·(cx − cx_a)/width_a, w_y·(cy − cy_a)/height_a, w_w·log(width/width_a), w_h·log(height/height_a).

    Weights (10, 10, 5, 5) divide the offsets by the standard deviations 0.1, 0.1, 0.2, 0.2. A box without width has no logarithm, and by an anchor without
    width nothing can be divided: there the offset is 0 with slope 0 (torchvision: −∞, NaN). It is not what the box is, so mask such boxes, padding above all.

    Args:
        boxes: boxes (x1, y1, x2, y2), `(*batch, 4)`.
        anchors: the anchor of each box, in the shape of boxes, or `(A, 4)` for a batch of boxes `(*batch, A, 4)`.
        weights: four factors, greater than 0.
        legacy_plus_one: the published widths x2 − x1 + 1, for boxes and anchors whose x2 and y2 name their last pixel.

    Returns:
        The offsets (dx, dy, dw, dh) in the shape of boxes and the promoted dtype; float16 and bfloat16 are computed in float32.

    Raises:
        TypeError: boxes or anchors is not floating point, a weight is not a static number, or legacy_plus_one is not a static bool.
        ValueError: shapes that do not fit, or weights that are not four numbers greater than 0.

    References:
        Girshick et al., Rich Feature Hierarchies (2014), appendix C, equations 6 to 9; Ren, He, Girshick & Sun, Faster R-CNN (2015), equation 2.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.detection import encode_boxes
        >>> encode_boxes(jnp.array([2.0, 0.0, 6.0, 8.0]), jnp.array([0.0, 0.0, 4.0, 8.0])).tolist()
        [0.5, 0.0, 0.0, 0.0]
    """
    where = "encode_boxes"
    of_boxes, of_anchors, factors, legacy, dtype = _operands_of(where, "boxes", boxes, anchors, weights, legacy_plus_one)
    box, anchor = (_boxes.corners(widened(v, dtype, legacy)) for v in (of_boxes, of_anchors))
    side, unit = _boxes.sides(box), _boxes.sides(anchor)
    # The differences before the halves, so that far from the origin no bits are lost.
    across, down = 0.5 * (box.x1 - anchor.x1) + 0.5 * (box.x2 - anchor.x2), 0.5 * (box.y1 - anchor.y1) + 0.5 * (box.y2 - anchor.y2)
    offsets = (quotient(across, unit.x), quotient(down, unit.y), _log(quotient(side.x, unit.x)), _log(quotient(side.y, unit.y)))
    return jnp.stack([factor * offset for factor, offset in zip(factors, offsets, strict=True)], -1).astype(dtype)


def decode_boxes(
    deltas: Float[Array, "*batch 4"],
    anchors: Float[Array, "*batch 4"] | Float[Array, "A 4"],
    *,
    weights: Sequence[float] = (1.0, 1.0, 1.0, 1.0),
    max_log_scale: float = math.log(1000 / 16),
    legacy_plus_one: bool = False,
) -> Float[Array, "*batch 4"]:
    """The boxes that offsets make of their anchors: centre cx_a + width_a·dx/w_x, width width_a·exp(min(dw/w_w, max_log_scale)), and the same along y.

    What `encode_boxes` gave comes back, up to rounding, where neither box nor anchor is empty and no box is more than exp(max_log_scale) times as wide or high
    as its anchor. At the cut the slope is 1, as with PyTorch's clamp.

    Args:
        deltas: offsets (dx, dy, dw, dh), `(*batch, 4)`.
        anchors: the anchor of each, in the shape of deltas, or `(A, 4)` for a batch of deltas `(*batch, A, 4)`.
        weights: the four factors that the offsets carry, greater than 0.
        max_log_scale: dw/w_w and dh/w_h are cut to it, so that an untrained network does not overflow: log(1000/16), as published. ∞: not cut.
        legacy_plus_one: anchors of the published widths x2 − x1 + 1. As published x2 is the centre plus half of the width, one more than the last pixel.

    Returns:
        Boxes (x1, y1, x2, y2) in the shape of deltas and the promoted dtype; float16 and bfloat16 are computed in float32.

    Raises:
        TypeError: deltas or anchors is not floating point, a weight or max_log_scale is not a static number, or legacy_plus_one is not a static bool.
        ValueError: shapes that do not fit, or weights that are not four numbers greater than 0.

    References:
        Girshick et al., Rich Feature Hierarchies (2014), appendix C, equations 1 to 4.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.detection import decode_boxes
        >>> decode_boxes(jnp.array([0.5, 0.0, 0.0, 0.0]), jnp.array([0.0, 0.0, 4.0, 8.0])).tolist()
        [2.0, 0.0, 6.0, 8.0]
    """
    where = "decode_boxes"
    limit = _checks.number(where, "max_log_scale", max_log_scale)
    offsets, of_anchors, factors, legacy, dtype = _operands_of(where, "deltas", deltas, anchors, weights, legacy_plus_one)
    anchor = _boxes.corners(widened(of_anchors, dtype, legacy))
    unit = _boxes.sides(anchor)
    dx, dy, dw, dh = (offset / factor for offset, factor in zip(_boxes.corners(widened(offsets, dtype, False)), factors, strict=True))
    # Cut by where: at the limit min would halve the slope.
    width, height = (length * jnp.exp(jnp.where(d > limit, limit, d)) for d, length in ((dw, unit.x), (dh, unit.y)))
    x, y = 0.5 * anchor.x1 + 0.5 * anchor.x2 + dx * unit.x, 0.5 * anchor.y1 + 0.5 * anchor.y2 + dy * unit.y
    return jnp.stack([x - 0.5 * width, y - 0.5 * height, x + 0.5 * width, y + 0.5 * height], -1).astype(dtype)


def _log(ratio: Array) -> Array:
    """log(ratio), and 0 with slope 0 where there is no ratio."""
    none = ratio <= 0
    return jnp.where(none, 0.0, jnp.log(jnp.where(none, 1.0, ratio)))


def _operands_of(
    where: str, name: str, first: object, anchors: object, weights: object, legacy_plus_one: object
) -> tuple[Array, Array, tuple[float, ...], bool, jnp.dtype]:
    """What both functions check."""
    values, of_anchors = _operands.checked(where, name, first), _operands.checked(where, "anchors", anchors)
    shared = values.shape[-2:] if values.ndim > 2 else values.shape
    if of_anchors.shape not in (values.shape, shared):
        raise ValueError(f"{where}: anchors has shape {of_anchors.shape}; it needs the shape of {name}, {values.shape}, or that of one image's, {shared}")
    if not isinstance(weights, (tuple, list)) or len(weights) != 4:
        raise ValueError(f"{where}: weights is {weights!r}; it needs four numbers")
    factors = tuple(_checks.number(where, f"weights[{n}]", weight, above=0.0) for n, weight in enumerate(weights))
    legacy, dtype = _checks.flag(where, "legacy_plus_one", legacy_plus_one), _checks.result_dtype(values, of_anchors)
    return values, jnp.broadcast_to(of_anchors, values.shape), factors, legacy, dtype
