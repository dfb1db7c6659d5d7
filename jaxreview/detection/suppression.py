"""Non-maximum suppression: of boxes that overlap much, the one with the best score."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Bool, Float, Int, Integer

from jaxreview import _checks, _windows
from jaxreview.detection import _greedy, _operands

__all__ = ["Kept", "SoftKept", "batched_nms", "nms", "soft_nms"]


class Kept(NamedTuple):
    """Indices of the kept boxes by falling score, and which entries are boxes: behind them the index is −1."""

    indices: Int[Array, "*batch K"]
    valid: Bool[Array, "*batch K"]


class SoftKept(NamedTuple):
    """Indices of the boxes in the order in which they were taken, their score at that time, and which entries are boxes: the others are −1, with score 0."""

    indices: Int[Array, "*batch K"]
    scores: Float[Array, "*batch K"]
    valid: Bool[Array, "*batch K"]


def nms(
    boxes: Float[Array, "*batch N 4"],
    scores: Float[Array, "*batch N"],
    *,
    iou_threshold: float,
    max_outputs: int | None = None,
    score_threshold: float | None = None,
    mask: Bool[Array, "*batch N"] | None = None,
) -> Kept:
    """Keeps a box unless a kept one of better score overlaps it by more than the threshold: k_j = ¬∃ i before j: k_i ∧ IoU(i, j) > t.

    Exactly the greedy algorithm, for any boxes and thresholds, found block by block: memory grows with N, not with its square, and work with N times the
    boxes kept. It ends as soon as `max_outputs` are kept.

    An IoU that equals the threshold suppresses nothing (as in torchvision and TensorFlow), nor does one of 0/0, between boxes without area. Negative widths and
    heights count as 0. Of equal scores the smaller index comes first. A box with a score of NaN or −∞ is neither kept nor suppresses another (torchvision
    keeps those of −∞); one with a coordinate of NaN, or an area beyond the largest number of its dtype, overlaps nothing.

    Args:
        boxes: (x1, y1, x2, y2), `(*batch, N, 4)`; each image of the batch for itself.
        scores: one for each box, `(*batch, N)`.
        iou_threshold: the largest IoU that two kept boxes may have, in [0, 1].
        max_outputs: the length K of the result, at least 1; N if left out.
        score_threshold: only boxes of a greater score take part (as in TensorFlow); all if left out.
        mask: True for the boxes that take part, `(*batch, N)`; padding is False.

    Returns:
        `Kept`: int32 indices `(*batch, K)` by falling score, −1 behind the last, and where they are valid. They have no gradient.

    Raises:
        TypeError: boxes or scores are not floating point, the mask is not boolean, or a setting is not a static number.
        ValueError: shapes that do not fit, a threshold outside of [0, 1], or max_outputs below 1.

    References:
        Girshick, Donahue, Darrell & Malik, Rich feature hierarchies (2014), section 2.2; for the fixed point within a block Zheng et al., Enhancing geometric
        factors in model learning and inference for object detection (2020), section III-C.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.detection import nms
        >>> boxes = jnp.array([[0.0, 0.0, 4.0, 2.0], [1.0, 0.0, 5.0, 2.0], [2.0, 0.0, 6.0, 2.0]])
        >>> nms(boxes, jnp.array([0.9, 0.8, 0.7]), iou_threshold=0.5).indices.tolist()
        [0, 2, -1]
    """
    boxes, scores = _candidates("nms", boxes, scores, mask, score_threshold)
    return _kept("nms", boxes, scores, None, iou_threshold, max_outputs)


def batched_nms(
    boxes: Float[Array, "*batch N 4"],
    scores: Float[Array, "*batch N"],
    classes: Integer[Array, "*batch N"],
    *,
    iou_threshold: float,
    max_outputs: int | None = None,
    score_threshold: float | None = None,
    mask: Bool[Array, "*batch N"] | None = None,
) -> Kept:
    """Non-maximum suppression within each class: k_j = ¬∃ i before j: k_i ∧ c_i = c_j ∧ IoU(i, j) > t.

    All classes in one pass, whose result is by falling score over all of them. Classes are compared; others shift the boxes of each class apart, which loses
    precision with many classes and is wrong for negative coordinates.

    Args:
        boxes: (x1, y1, x2, y2), `(*batch, N, 4)`.
        scores: one for each box, `(*batch, N)`.
        classes: an integer for each box, `(*batch, N)`: its class, level or image. Any integers, negative ones too.
        iou_threshold: the largest IoU that two kept boxes of a class may have, in [0, 1].
        max_outputs: the length K of the result over all classes, at least 1; N if left out.
        score_threshold: only boxes of a greater score take part; all if left out.
        mask: True for the boxes that take part, `(*batch, N)`; padding is False.

    Returns:
        `Kept`: int32 indices `(*batch, K)` by falling score, −1 behind the last, and where they are valid. Ties and extremes as in `nms`.

    Raises:
        TypeError: boxes or scores are not floating point, classes no integers, the mask is not boolean, or a setting is not a static number.
        ValueError: shapes that do not fit, a threshold outside of [0, 1], or max_outputs below 1.

    References:
        Girshick, Donahue, Darrell & Malik, Rich feature hierarchies (2014), section 2.2.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.detection import batched_nms
        >>> boxes = jnp.array([[0.0, 0.0, 4.0, 2.0], [0.0, 0.0, 4.0, 2.0], [0.0, 0.0, 4.0, 2.0]])
        >>> batched_nms(boxes, jnp.array([0.7, 0.8, 0.9]), jnp.array([0, 1, 0]), iou_threshold=0.5).indices.tolist()
        [2, 1, -1]
    """
    boxes, scores = _candidates("batched_nms", boxes, scores, mask, score_threshold)
    classes = _checks.integers("batched_nms", "classes", classes)
    _checks.shape("batched_nms", "classes", classes, scores.shape, "one for each box")
    return _kept("batched_nms", boxes, scores, classes, iou_threshold, max_outputs)


def soft_nms(
    boxes: Float[Array, "*batch N 4"],
    scores: Float[Array, "*batch N"],
    *,
    method: str = "gaussian",
    sigma: float = 0.5,
    iou_threshold: float = 0.3,
    score_threshold: float = 0.001,
    max_outputs: int | None = None,
    mask: Bool[Array, "*batch N"] | None = None,
) -> SoftKept:
    """Takes the best box and lowers the scores of the others by their overlap with it, again and again: s_j ← s_j · exp(−IoU²/σ), or s_j · (1 − IoU).

    The order is that of the lowered scores. As in the paper the Gaussian is exp(−IoU²/σ) and lowers every score (TensorFlow has exp(−IoU²/2σ)); the linear
    weight acts on an IoU above the threshold. A box is dropped as soon as its score is not greater than `score_threshold`; scores are meant to be positive. Of
    equal scores the smaller index is taken first. A score of NaN and a coordinate of NaN are as in `nms`.

    Each round needs the one before it, so there are K of them, of N steps each.

    Args:
        boxes: (x1, y1, x2, y2), `(*batch, N, 4)`; each image of the batch for itself.
        scores: one for each box, `(*batch, N)`.
        method: "gaussian" or "linear".
        sigma: σ of the Gaussian, > 0.
        iou_threshold: the IoU above which the linear weight acts, in [0, 1].
        score_threshold: only scores greater than this are taken.
        max_outputs: the length K of the result, at least 1; N if left out.
        mask: True for the boxes that take part, `(*batch, N)`; padding is False.

    Returns:
        `SoftKept`: int32 indices `(*batch, K)`, −1 behind the last; the lowered scores, 0 there, in the promoted dtype of the arrays; and where they are valid.
        The scores have a gradient by scores and boxes, for the order as it is.

    Raises:
        TypeError: boxes or scores are not floating point, the mask is not boolean, or a setting is not a static number.
        ValueError: shapes that do not fit, an unknown method, sigma ≤ 0, a threshold outside of [0, 1], or max_outputs below 1.

    References:
        Bodla, Singh, Chellappa & Davis, Soft-NMS: improving object detection with one line of code (2017), equations 2 and 3.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.detection import soft_nms
        >>> boxes = jnp.array([[0.0, 0.0, 4.0, 2.0], [0.0, 0.0, 4.0, 1.0], [9.0, 0.0, 10.0, 2.0]])
        >>> kept = soft_nms(boxes, jnp.array([1.0, 0.75, 0.5]), method="linear")
        >>> kept.indices.tolist(), kept.scores.tolist()
        ([0, 2, 1], [1.0, 0.5, 0.375])
    """
    where = "soft_nms"
    promoted = _checks.result_dtype(*(_checks.real(where, name, a) for name, a in (("boxes", boxes), ("scores", scores))))
    least = _checks.number(where, "score_threshold", score_threshold)
    boxes, scores = _candidates(where, boxes, scores, mask, least)
    _checks.choice(where, "method", method, ("gaussian", "linear"))
    width, threshold = _checks.number(where, "sigma", sigma, above=0.0), _checks.number(where, "iou_threshold", iou_threshold, low=0.0, high=1.0)
    dtype = jnp.promote_types(boxes.dtype, scores.dtype)
    boxes, scores = boxes.astype(dtype), scores.astype(dtype)
    n = scores.shape[-1]
    length = n if max_outputs is None else _windows.integer(where, "max_outputs", max_outputs, minimum=1)

    def one(boxes: jax.Array, scores: jax.Array) -> SoftKept:
        places, corners, rounds = lax.iota(jnp.int32, n), boxes.T, min(length, n)
        area = _area(corners)

        def take(state: tuple[jax.Array, jax.Array], _: None) -> tuple[tuple[jax.Array, jax.Array], tuple[jax.Array, jax.Array, jax.Array]]:
            now, there = state
            best = jnp.argmax(jnp.where(there, now, -jnp.inf)).astype(jnp.int32)
            found, score = there[best], now[best]
            iou = _iou(corners[:, best][:, None], area[best], corners, area)
            lowered = jnp.exp(-jnp.square(iou) / width) if method == "gaussian" else jnp.where(iou > threshold, 1 - iou, jnp.ones((), dtype))
            now = jnp.where(there, now * lowered, now)
            there = there & (places != best) & (now > jnp.asarray(least, dtype))
            return (now, there), (jnp.where(found, best, -1), jnp.where(found, score, jnp.zeros((), dtype)), found)

        there = scores > -jnp.inf
        # Those that take no part have a finite score: its product with the gradient of a weight, 0, must be 0.
        start = jnp.where(there, scores, jnp.zeros((), dtype)), there
        _, (indices, taken, valid) = lax.scan(take, start, None, length=rounds)
        behind = (0, length - rounds)
        return SoftKept(jnp.pad(indices, behind, constant_values=-1), jnp.pad(taken.astype(promoted), behind), jnp.pad(valid, behind))

    if not n:
        shape = (*scores.shape[:-1], length)
        return SoftKept(jnp.full(shape, -1, jnp.int32), jnp.zeros(shape, promoted), jnp.zeros(shape, bool))
    for _ in scores.shape[:-1]:
        one = jax.vmap(one)
    return one(boxes, scores)


def _candidates(where: str, boxes: object, scores: object, mask: object, score_threshold: object) -> tuple[jax.Array, jax.Array]:
    """Boxes and scores, checked, not in a half type; a score of −inf for what takes no part."""
    corners, given = _operands.checked(where, "boxes", boxes, 2), _checks.real(where, "scores", scores)
    _checks.shape(where, "scores", given, corners.shape[:-1], "one for each box")
    corners, given = (a.astype(_checks.accumulator(a.dtype)) for a in (corners, given))
    takes_part = given > -jnp.inf  # a NaN does not
    if score_threshold is not None:
        takes_part = takes_part & (given > jnp.asarray(_checks.number(where, "score_threshold", score_threshold), given.dtype))
    if mask is not None:
        real = _checks.booleans(where, "mask", mask)
        _checks.shape(where, "mask", real, given.shape, "one for each box")
        takes_part = takes_part & real
    return corners, jnp.where(takes_part, given, -jnp.inf)


def _kept(where: str, boxes: jax.Array, scores: jax.Array, classes: jax.Array | None, iou_threshold: float, max_outputs: int | None) -> Kept:
    threshold, n = _checks.number(where, "iou_threshold", iou_threshold, low=0.0, high=1.0), scores.shape[-1]
    length = n if max_outputs is None else _windows.integer(where, "max_outputs", max_outputs, minimum=1)
    # 0 and −0 are equal scores, though their bits are not.
    boxes, scores = lax.stop_gradient((boxes, jnp.where(scores == 0, jnp.zeros_like(scores), scores)))
    indices = _greedy.greedy(boxes, scores, classes, threshold=threshold, outputs=min(length, n))
    indices = jnp.pad(indices, [(0, 0)] * (indices.ndim - 1) + [(0, length - indices.shape[-1])], constant_values=-1)
    return Kept(indices, indices >= 0)


def _area(box: jax.Array) -> jax.Array:
    return jnp.maximum(box[2] - box[0], 0) * jnp.maximum(box[3] - box[1], 0)


def _iou(a: jax.Array, area_a: jax.Array, b: jax.Array, area_b: jax.Array) -> jax.Array:
    """Overlap over union, 0 where that is 0/0 or a coordinate is NaN; coordinates on the first axis."""
    both = _area(jnp.concatenate([jnp.maximum(a[:2], b[:2]), jnp.minimum(a[2:], b[2:])]))
    union = area_a + area_b - both
    there = union > 0
    return jnp.where(there, both, 0) / jnp.where(there, union, 1)
