"""Anchors matched with objects."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Bool, Float, Int

from jaxreview import _checks
from jaxreview.detection import _operands
from jaxreview.losses import _boxes
from jaxreview.losses._units import quotient

__all__ = ["AnchorMatches", "match_anchors"]


class AnchorMatches(NamedTuple):
    """What each anchor is to the objects of its image.

    ``labels`` are 1 (object), 0 (background) or −1 (neither); ``objects`` the index of the object of largest IoU.
    """

    labels: Int[Array, "*batch A"]
    objects: Int[Array, "*batch A"]


def match_anchors(
    anchors: Float[Array, "A 4"],
    boxes: Float[Array, "*batch G 4"],
    valid: Bool[Array, "*batch G"],
    *,
    positive: float = 0.7,
    negative: float = 0.3,
    mask: Bool[Array, "A"] | Bool[Array, "*batch A"] | None = None,
    legacy_plus_one: bool = False,
) -> AnchorMatches:
    """Label every anchor by its IoU with the objects of its image: 1 is an object, 0 background, −1 neither.

    An anchor is background if its largest IoU is below `negative`. It is an object if its largest IoU is at least `positive`, or if no anchor has a larger IoU
    with some object than it has: all that are exactly as good are, and they are even below `negative`. An object that no anchor overlaps makes none positive
    (in the published code it makes every anchor positive that overlaps nothing). Such an anchor's object still is the one of its own largest IoU, of equal
    ones the first, as published.

    Args:
        anchors: boxes (x1, y1, x2, y2), `(A, 4)`, the same for all images.
        boxes: the objects, `(*batch, G, 4)`, padded to one number.
        valid: which of them are real, `(*batch, G)`. Without any, every anchor is background.
        positive: from this IoU on an anchor is an object, in [0, 1].
        negative: below this IoU it is background, in [0, positive].
        mask: which anchors take part, `(A,)` or `(*batch, A)`: the others get −1 and are no object's best. None: all.
        legacy_plus_one: the published widths x2 − x1 + 1, for boxes whose x2 and y2 name their last pixel.

    Returns:
        `AnchorMatches(labels, objects)`, int32, both `(*batch, A)`; objects is 0 for an image without objects. Neither has a gradient.

    Raises:
        TypeError: anchors or boxes is not floating point, valid or mask is not boolean, or a setting is not a static number.
        ValueError: shapes that do not fit, or thresholds outside of their range.

    References:
        Ren, He, Girshick & Sun, Faster R-CNN (2015), section 3.1.2.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.detection import match_anchors
        >>> anchors = jnp.array([[0.0, 0.0, 10.0, 10.0], [0.0, 0.0, 10.0, 20.0], [50.0, 50.0, 60.0, 60.0]])
        >>> match_anchors(anchors, jnp.array([[0.0, 0.0, 10.0, 9.0]]), jnp.array([True])).labels.tolist()
        [1, -1, 0]
    """
    where = "match_anchors"
    anchors, boxes, valid = objects_of(where, anchors, boxes, valid)
    positive = _checks.number(where, "positive", positive, low=0.0, high=1.0)
    negative = _checks.number(where, "negative", negative, low=0.0, high=positive)
    legacy = _checks.flag(where, "legacy_plus_one", legacy_plus_one)
    taking_part = None
    if mask is not None:
        taking_part = _checks.booleans(where, "mask", mask)
        if taking_part.shape not in ((anchors.shape[0],), (*boxes.shape[:-2], anchors.shape[0])):
            raise ValueError(
                f"{where}: mask has shape {taking_part.shape}; it needs {(anchors.shape[0],)} or {(*boxes.shape[:-2], anchors.shape[0])}, one for each anchor"
            )
    return matched(anchors, boxes, valid, taking_part, positive, negative, legacy)


def matched(anchors: Array, boxes: Array, valid: Array, mask: Array | None, positive: float, negative: float, legacy: bool) -> AnchorMatches:
    """``match_anchors`` of checked arguments."""
    count = boxes.shape[-2]
    if not count or not anchors.shape[0]:
        labels = jnp.zeros((*boxes.shape[:-2], anchors.shape[0]), jnp.int32)
        return AnchorMatches(labels if mask is None else jnp.where(jnp.broadcast_to(mask, labels.shape), labels, -1), jnp.zeros_like(labels))
    dtype = _checks.accumulator(_checks.result_dtype(anchors, boxes))
    taking_part = valid[..., None] if mask is None else valid[..., None] & jnp.expand_dims(jnp.broadcast_to(mask, (*valid.shape[:-1], anchors.shape[0])), -2)
    first, second = (_operands.outer_corners(a) if legacy else a for a in (lax.stop_gradient(a).astype(dtype) for a in (anchors, boxes)))
    columns = _boxes.corners(first.reshape((1,) * (boxes.ndim - 2) + first.shape))
    # A product of two sides in pixels needs no unit of its own, which would take half of the time.
    pixels = _boxes.Sides(jnp.ones((), dtype), jnp.ones((), dtype))

    def row(one: tuple[Array, Array]) -> Array:
        box, taking_part = one
        overlap = quotient(*_boxes.overlap_and_union(_boxes.corners(box, -1), columns, pixels))
        # Below every IoU: what is padded or left out is nobody's best.
        return jnp.where(taking_part, overlap, jnp.array(-1, dtype))

    # Object by object into one array. As one expression the compiler may compute an IoU again, rounded otherwise, for the comparison, and a best would be lost.
    by_object = jnp.moveaxis(second, -2, 0), jnp.moveaxis(taking_part, -2, 0)
    overlaps = lax.map(row, by_object)
    best_of_object = jnp.max(overlaps, -1, keepdims=True)
    is_best = (overlaps == best_of_object) & (best_of_object > 0)
    index = lax.broadcasted_iota(jnp.int32, overlaps.shape, 0)
    start = np.array(-2, dtype), np.int32(0), np.bool_(False)

    def walked(larger: Callable[..., Any]) -> Callable[..., Any]:
        # One walk over the objects for all three answers: three reductions take three times as long.
        return lambda *operands: lax.reduce(operands, start, larger, (0,))

    # A CPU walks in order, so that the first of equal objects stays without being asked for, which takes half of the time.
    largest, objects, best_of_some = lax.platform_dependent(overlaps, index, is_best, cpu=walked(_later), default=walked(_either))
    labels = jnp.where(best_of_some | (largest >= positive), 1, jnp.where(largest < negative, 0, -1)).astype(jnp.int32)
    if mask is not None:
        labels = jnp.where(jnp.broadcast_to(mask, labels.shape), labels, -1)
    return AnchorMatches(labels, jnp.where(largest < 0, 0, objects))


_Walked = tuple[Array, Array, Array]


def _later(one: _Walked, other: _Walked) -> _Walked:
    """Of (IoU, object, best of some object) and a later one the larger IoU with its object, of equal ones the earlier."""
    (a, i, p), (b, j, q) = one, other
    return jnp.where(b > a, b, a), jnp.where(b > a, j, i), p | q


def _either(one: _Walked, other: _Walked) -> _Walked:
    """As `_later`, in any order."""
    (a, i, p), (b, j, q) = one, other
    return jnp.maximum(a, b), jnp.where(b > a, j, jnp.where(a > b, i, jnp.minimum(i, j))), p | q


def objects_of(where: str, anchors: object, boxes: object, valid: object) -> tuple[Array, Array, Array]:
    """Anchors `(A, 4)`, objects `(*batch, G, 4)` and which of them are real, checked."""
    anchors, boxes = _operands.checked(where, "anchors", anchors, 2), _operands.checked(where, "boxes", boxes, 2)
    _checks.rank(where, "anchors", anchors, 2, "(A, 4)")
    real = _checks.booleans(where, "valid", valid)
    _checks.shape(where, "valid", real, boxes.shape[:-1], "one for each of the boxes")
    return anchors, boxes, real
