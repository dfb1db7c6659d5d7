"""Proposals of a region proposal network."""

from collections.abc import Sequence
from typing import NamedTuple

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Bool, Float, Int

from jaxreview import _checks, _windows
from jaxreview.detection import _operands
from jaxreview.detection._top import largest
from jaxreview.detection.boxes import clip_boxes, extent
from jaxreview.detection.coding import decode_boxes
from jaxreview.detection.suppression import nms

__all__ = ["Proposals", "proposals"]


class Proposals(NamedTuple):
    """Boxes with their scores by falling score, and which of them are real: the others are 0, with score −∞."""

    boxes: Float[Array, "*batch K 4"]
    scores: Float[Array, "*batch K"]
    valid: Bool[Array, "*batch K"]


def proposals(
    scores: Float[Array, "*batch A"],
    deltas: Float[Array, "*batch A 4"],
    anchors: Float[Array, "A 4"],
    *,
    image_size: tuple[float, float] | Float[Array, "2"] | Int[Array, "2"],
    pre_nms: int = 6000,
    post_nms: int = 300,
    iou_threshold: float = 0.7,
    min_size: float = 16,
    weights: Sequence[float] = (1.0, 1.0, 1.0, 1.0),
    legacy_plus_one: bool = False,
) -> Proposals:
    """The boxes that a region proposal network offers to the detector behind it.

    Of the anchors the `pre_nms` of largest score stay; their deltas are decoded and clipped to the image; boxes narrower or lower than `min_size` are dropped;
    non-maximum suppression thins out the rest, and the first `post_nms` remain. This is torchvision's order; the published code drops small boxes before it
    takes the `pre_nms` best, so that others move up. An anchor with a score of NaN or −∞ takes no part.

    Args:
        scores: one of each anchor, logits or probabilities, `(*batch, A)`.
        deltas: the predicted offsets, `(*batch, A, 4)`, as `decode_boxes` takes them.
        anchors: boxes (x1, y1, x2, y2), `(A, 4)`, the same for all images.
        image_size: (height, width), static numbers or an array `(2,)`.
        pre_nms: how many go into the suppression, at least 1; all, where there are fewer.
        post_nms: how many come out, K, at least 1.
        iou_threshold: a box is suppressed by a better one if their IoU is greater, in [0, 1].
        min_size: the least width and height, in pixels of the image, ≥ 0.
        weights: factors of the four offsets.
        legacy_plus_one: the published widths x2 − x1 + 1, for boxes whose x2 and y2 name their last pixel.

    Returns:
        `Proposals`: boxes `(*batch, K, 4)`, scores and valid `(*batch, K)`; fewer than K are filled up with zeros, −∞ and False. As in the published training
        proposals are constants: nothing has a gradient.

    Raises:
        TypeError: an array is not floating point, or a setting is not a static number.
        ValueError: shapes that do not fit, or a setting outside of its range.

    References:
        Ren, He, Girshick & Sun, Faster R-CNN (2015), section 3.3.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.detection import proposals
        >>> anchors = jnp.array([[0.0, 0.0, 20.0, 20.0], [0.0, 0.0, 20.0, 19.0], [4.0, 30.0, 36.0, 50.0]])
        >>> found = proposals(jnp.array([1.0, 2.0, 0.5]), jnp.zeros((3, 4)), anchors, image_size=(40, 40), min_size=10, post_nms=3)
        >>> found.boxes[:2].tolist(), found.valid.tolist()
        ([[0.0, 0.0, 20.0, 19.0], [4.0, 30.0, 36.0, 40.0]], [True, True, False])
    """
    where = "proposals"
    scores, deltas = _checks.real(where, "scores", scores), _checks.real(where, "deltas", deltas)
    anchors = _operands.checked(where, "anchors", anchors, 2)
    _checks.rank(where, "anchors", anchors, 2, "(A, 4)")
    _checks.min_rank(where, "scores", scores, 1, "one for each anchor")
    _checks.shape(where, "scores", scores, (*scores.shape[:-1], anchors.shape[0]), "one for each anchor")
    _checks.shape(where, "deltas", deltas, (*scores.shape, 4), "four offsets for each of the scores")
    before, after = (_windows.integer(where, name, value, minimum=1) for name, value in (("pre_nms", pre_nms), ("post_nms", post_nms)))
    threshold = _checks.number(where, "iou_threshold", iou_threshold, low=0.0, high=1.0)
    least = _checks.number(where, "min_size", min_size, low=0.0)
    legacy = _checks.flag(where, "legacy_plus_one", legacy_plus_one)
    extent(where, image_size, anchors, "image_size")
    dtype = _checks.result_dtype(scores, deltas, anchors)
    # Rounded to a half type only at the end: a coordinate may be 1000 and more, of which bfloat16 keeps 8 bits.
    sums = _checks.accumulator(dtype)
    scores, deltas, anchors = (lax.stop_gradient(a.astype(sums)) for a in (scores, deltas, anchors))
    scores = jnp.where(jnp.isnan(scores), -jnp.inf, scores)  # NaN would be the largest
    places = largest(scores, min(before, anchors.shape[0]))
    best = jnp.take_along_axis(scores, places, -1, mode="promise_in_bounds")
    chosen = jnp.take_along_axis(deltas, places[..., None], -2, mode="promise_in_bounds")
    boxes = decode_boxes(chosen, anchors[places], weights=weights, legacy_plus_one=legacy)
    boxes = clip_boxes(boxes, image_size, legacy_plus_one=legacy)
    outer = _operands.outer_corners(boxes) if legacy else boxes
    large = jnp.all(outer[..., 2:] - outer[..., :2] >= least, -1)
    kept = nms(outer, best, iou_threshold=threshold, max_outputs=after, mask=large)
    places = jnp.maximum(kept.indices, 0)
    boxes = jnp.where(kept.valid[..., None], jnp.take_along_axis(boxes, places[..., None], -2, mode="promise_in_bounds"), 0.0)
    best = jnp.where(kept.valid, jnp.take_along_axis(best, places, -1, mode="promise_in_bounds"), -jnp.inf)
    return Proposals(boxes.astype(dtype), best.astype(dtype), kept.valid)
