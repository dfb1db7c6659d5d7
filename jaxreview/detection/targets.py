"""Targets and loss of a region proposal network."""

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Bool, Float, Int, Key

from jaxreview import _checks, _windows
from jaxreview.detection._top import largest
from jaxreview.detection.anchors import inside_image
from jaxreview.detection.boxes import extent
from jaxreview.detection.coding import encode_boxes
from jaxreview.detection.matching import matched, objects_of
from jaxreview.losses import logistic_loss, smooth_l1_loss

__all__ = ["RPNLoss", "RPNTargets", "rpn_loss", "rpn_targets"]


class RPNTargets(NamedTuple):
    """What a region proposal network is to say of every anchor.

    ``labels`` are 1 (object), 0 (background) or −1 (not asked); ``box_targets`` the offsets from the anchor to its object; ``inside_weights`` are 1 for
    positives and else 0; ``outside_weights`` are 1/(number asked) for all that are asked and else 0.
    """

    labels: Int[Array, "*batch A"]
    box_targets: Float[Array, "*batch A 4"]
    inside_weights: Float[Array, "*batch A 4"]
    outside_weights: Float[Array, "*batch A 4"]


class RPNLoss(NamedTuple):
    """The two costs of each image."""

    objectness: Float[Array, "*batch"]
    boxes: Float[Array, "*batch"]


def rpn_targets(
    key: Key[Array, ""],
    anchors: Float[Array, "A 4"],
    boxes: Float[Array, "*batch G 4"],
    valid: Bool[Array, "*batch G"],
    *,
    image_size: tuple[float, float] | Float[Array, "2"] | Int[Array, "2"],
    batch_size: int = 256,
    positive_fraction: float = 0.5,
    positive: float = 0.7,
    negative: float = 0.3,
    border: float = 0.0,
    weights: Sequence[float] = (1.0, 1.0, 1.0, 1.0),
    legacy_plus_one: bool = False,
) -> RPNTargets:
    """The labels, offsets and weights with which Faster R-CNN trains its region proposal network.

    Anchors across the border of the image are out. The others are labelled by `match_anchors`; of the positives at most `positive_fraction · batch_size` stay,
    drawn at random, and of the negatives as many as fill up `batch_size`; all others get −1. The offsets to the object of largest IoU (`encode_boxes`) are
    given for every anchor inside of the image, and are 0 for the others and in an image without objects, as published.

    Each anchor draws 24 random bits, the upper ones of `jax.random.bits(key, (*batch, A))`, and the largest stay, of equal ones the first.

    Args:
        key: a `jax.random.key`.
        anchors: boxes (x1, y1, x2, y2), `(A, 4)`, the same for all images.
        boxes: the objects, `(*batch, G, 4)`, padded to one number.
        valid: which of them are real, `(*batch, G)`.
        image_size: (height, width), static numbers or an array `(2,)`.
        batch_size: how many anchors of an image are asked, at most; at least 1.
        positive_fraction: the largest share of positives among them, in [0, 1].
        positive: from this IoU on an anchor is an object, in [0, 1].
        negative: below this IoU it is background, in [0, positive].
        border: how far an anchor may stick out of the image, in pixels.
        weights: factors of the four offsets.
        legacy_plus_one: the published widths x2 − x1 + 1, for boxes whose x2 and y2 name their last pixel.

    Returns:
        `RPNTargets`: labels int32 `(*batch, A)`, the rest `(*batch, A, 4)` in the promoted dtype of anchors and boxes. Nothing has a gradient.

    Raises:
        TypeError: anchors or boxes is not floating point, valid is not boolean, key is no typed key, or a setting is not a static number.
        ValueError: shapes that do not fit, or a setting outside of its range.

    References:
        Ren, He, Girshick & Sun, Faster R-CNN (2015), sections 3.1.2 and 3.1.3.

    Examples:
        >>> import jax
        >>> import jax.numpy as jnp
        >>> from jaxreview.detection import rpn_targets
        >>> anchors = jnp.array([[0.0, 0.0, 8.0, 8.0], [8.0, 8.0, 16.0, 16.0], [9.0, 9.0, 17.0, 17.0]])
        >>> found = rpn_targets(jax.random.key(0), anchors, jnp.array([[0.0, 1.0, 8.0, 9.0]]), jnp.array([True]), image_size=(16, 16))
        >>> found.labels.tolist(), found.box_targets[0].tolist()
        ([1, 0, -1], [0.0, 0.125, 0.0, 0.0])
    """
    where = "rpn_targets"
    key = _checks.key(where, key)
    anchors, boxes, valid = objects_of(where, anchors, boxes, valid)
    asked = _windows.integer(where, "batch_size", batch_size, minimum=1)
    fraction = _checks.number(where, "positive_fraction", positive_fraction, low=0.0, high=1.0)
    positive = _checks.number(where, "positive", positive, low=0.0, high=1.0)
    negative = _checks.number(where, "negative", negative, low=0.0, high=positive)
    legacy = _checks.flag(where, "legacy_plus_one", legacy_plus_one)
    extent(where, image_size, anchors, "image_size")
    dtype = _checks.result_dtype(anchors, boxes)
    anchors, boxes = (lax.stop_gradient(a.astype(dtype)) for a in (anchors, boxes))
    inside = inside_image(anchors, image_size, border=border, legacy_plus_one=legacy)
    labels, objects = matched(anchors, boxes, valid, inside, positive, negative, legacy)
    labels = _sampled(key, labels, asked, int(fraction * asked))
    if boxes.shape[-2]:
        # Coordinate by coordinate the gathers are part of the loop that encodes, which then takes half as long.
        nearest = jnp.stack([jnp.take_along_axis(boxes[..., n], objects, -1, mode="promise_in_bounds") for n in range(4)], -1)
        # A padded box may hold anything: where there is no object the anchor itself takes its place, and the offsets are 0.
        there = jnp.any(valid, -1)[..., None, None] & jnp.broadcast_to(inside[:, None], (*labels.shape, 1))
        offsets = encode_boxes(jnp.where(there, nearest, jnp.broadcast_to(anchors, nearest.shape)), anchors, weights=weights, legacy_plus_one=legacy)
        offsets = jnp.where(there, offsets, jnp.zeros((), dtype))
    else:
        offsets = jnp.zeros((*boxes.shape[:-2], *anchors.shape), dtype)
    chosen = labels[..., None] >= 0
    share = 1.0 / jnp.maximum(jnp.sum(chosen, -2, keepdims=True), 1).astype(_checks.accumulator(dtype))
    inside_weights = jnp.broadcast_to(labels[..., None] == 1, offsets.shape).astype(dtype)
    outside_weights = jnp.broadcast_to(jnp.where(chosen, share, 0.0), offsets.shape).astype(dtype)
    return RPNTargets(labels, offsets, inside_weights, outside_weights)


def _sampled(key: Array, labels: Array, asked: int, room: int) -> Array:
    """The labels of a random choice, at most ``room`` positives and ``asked`` in all; −1 for the others."""
    # 24 bits are exact in float32, of which XLA finds the largest quickly; a sort of all anchors takes many times as long.
    luck = (jax.random.bits(key, labels.shape, jnp.uint32) >> 8).astype(jnp.float32)
    count = labels.shape[-1]
    chosen = jnp.full(labels.shape, -1, jnp.int32)
    taken = jnp.zeros(labels.shape[:-1], jnp.int32)
    for label, limit in ((1, room), (0, asked)):
        size = min(limit, count)
        if size:
            candidates = jnp.where(labels == label, luck, -1.0)
            places = largest(candidates, size)
            drawn = jnp.take_along_axis(candidates, places, -1, mode="promise_in_bounds")
            rank = lax.broadcasted_iota(jnp.int32, drawn.shape, drawn.ndim - 1)
            stays = (drawn >= 0) & (rank < (limit if label else asked - taken[..., None]))
            taken = taken + jnp.sum(stays, -1, dtype=jnp.int32)
            chosen = _put(chosen, jnp.where(stays, places, count), label)
    return chosen


def _put(labels: Array, places: Array, label: int) -> Array:
    """``label`` at the places of each image; a place behind the last is none."""
    if labels.ndim > 1:
        return jax.vmap(_put, (0, 0, None))(labels, places, label)
    return labels.at[places].set(label, mode="drop")


def rpn_loss(scores: Float[Array, "*batch A"], deltas: Float[Array, "*batch A 4"], targets: RPNTargets, *, beta: float = 1 / 9) -> RPNLoss:
    """The costs of a region proposal network: the mean logistic loss of the anchors asked, and smooth L1 of the positives' offsets.

    objectness = Σ logistic_loss(score, label)/(number asked); boxes = Σ outside · smooth_l1(inside · (delta − target)), the sum over anchors and offsets. An
    anchor that is not asked, or that is background, has no part in the latter, whatever its deltas are. Add the two for the published loss with λ = number
    of asked anchors/N_reg.

    Args:
        scores: a logit of each anchor, `(*batch, A)`; of a network with two classes the object's less the background's.
        deltas: the predicted offsets, `(*batch, A, 4)`.
        targets: what `rpn_targets` gives.
        beta: where smooth L1 turns from a square into a line, ≥ 0: Faster R-CNN's σ = 3 is β = 1/σ² = 1/9.

    Returns:
        `RPNLoss(objectness, boxes)`, one value for each image, `(*batch,)`, in the promoted dtype. 0 for an image of which nothing is asked.

    Raises:
        TypeError: scores or deltas is not floating point, targets is no RPNTargets, or beta is not a static number.
        ValueError: shapes that do not fit, or a negative beta.

    References:
        Ren, He, Girshick & Sun, Faster R-CNN (2015), equation 1; Girshick, Fast R-CNN (2015), equation 3.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.detection import RPNTargets, rpn_loss
        >>> one, none = jnp.ones(4), jnp.zeros(4)
        >>> targets = RPNTargets(jnp.array([1, 0, -1]), jnp.zeros((3, 4)), jnp.stack([one, none, none]), jnp.stack([one, one, none]) / 2)
        >>> rpn_loss(jnp.zeros(3), jnp.ones((3, 4)), targets, beta=1.0).boxes.tolist()
        1.0
    """
    where = "rpn_loss"
    scores, deltas = _checks.real(where, "scores", scores), _checks.real(where, "deltas", deltas)
    if not isinstance(targets, RPNTargets):
        raise TypeError(f"{where}: targets is a {type(targets).__name__}; it needs the RPNTargets that rpn_targets gives")
    _checks.min_rank(where, "scores", scores, 1, "one for each anchor")
    _checks.shape(where, "deltas", deltas, (*scores.shape, 4), "four offsets for each of the scores")
    _checks.same_shape(where, "scores", scores, "targets.labels", targets.labels)
    for name in ("box_targets", "inside_weights", "outside_weights"):
        _checks.same_shape(where, "deltas", deltas, f"targets.{name}", getattr(targets, name))
    beta = _checks.number(where, "beta", beta, low=0.0)
    dtype = _checks.result_dtype(scores, deltas, *targets[1:])
    sums = _checks.accumulator(dtype)
    asked = targets.labels >= 0
    costs = logistic_loss(scores.astype(sums), jnp.where(asked, targets.labels, 0))
    # Masked before they are multiplied: 0 · ∞ is NaN, and so is its gradient.
    objectness = jnp.sum(jnp.where(asked, costs, 0.0), -1) / jnp.maximum(jnp.sum(asked, -1), 1).astype(sums)
    wanted, inner, outer = (a.astype(sums) for a in targets[1:])
    off = jnp.where(inner == 0, 0.0, inner * (deltas.astype(sums) - wanted))
    boxes = jnp.sum(outer * smooth_l1_loss(off, jnp.zeros_like(off), beta=beta), (-2, -1))
    return RPNLoss(objectness.astype(dtype), boxes.astype(dtype))
