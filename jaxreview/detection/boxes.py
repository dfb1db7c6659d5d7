"""Boxes: areas, forms, overlaps."""

from collections.abc import Sequence

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from jaxreview import _checks
from jaxreview.detection import _operands
from jaxreview.losses import _boxes

__all__ = ["box_area", "box_convert", "box_iou", "clip_boxes", "complete_box_iou", "distance_box_iou", "generalized_box_iou"]

_FORMS = ("xyxy", "xywh", "cxcywh")


def box_area(boxes: Float[Array, "*batch 4"], *, legacy_plus_one: bool = False) -> Float[Array, "*batch"]:
    """Area of every box: (x2 − x1)·(y2 − y1).

    A negative width or height counts as 0 (torchvision: the product of the two as they are, positive if both are negative); at 0 the slope is 1.

    Args:
        boxes: boxes (x1, y1, x2, y2), `(*batch, 4)`.
        legacy_plus_one: the published widths x2 − x1 + 1, for boxes whose x2 and y2 name their last pixel.

    Returns:
        `(*batch,)`, in the dtype of boxes; float16 and bfloat16 are computed in float32, and an area over 65504 is no float16.

    Raises:
        TypeError: boxes is not floating point, or legacy_plus_one is not a static bool.
        ValueError: the last axis is not 4 long.

    References:
        Girshick, Fast R-CNN (2015), published code, for the legacy widths.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.detection import box_area
        >>> box_area(jnp.array([[0.0, 0.0, 3.0, 2.0], [1.0, 1.0, 0.0, 0.0]])).tolist()
        [6.0, 0.0]
        >>> box_area(jnp.array([0.0, 0.0, 15.0, 15.0]), legacy_plus_one=True).tolist()
        256.0
    """
    legacy = _checks.flag("box_area", "legacy_plus_one", legacy_plus_one)
    given = _operands.checked("box_area", "boxes", boxes)
    side = _boxes.sides(_boxes.corners(widened(given, given.dtype, legacy)))
    return (side.x * side.y).astype(given.dtype)


def box_convert(boxes: Float[Array, "*batch 4"], source: str, target: str) -> Float[Array, "*batch 4"]:
    """Boxes in another form, with width = x2 − x1 and centre = (x1 + x2)/2, and the same along y.

    The forms are "xyxy" (x1, y1, x2, y2), "xywh" (x1, y1, width, height) and "cxcywh" (centre, width, height), as in torchvision. Nothing is cut off: a
    negative width stays one. Between the two forms that have it, width and height are not touched (torchvision rounds them by way of the corners).

    Args:
        boxes: boxes in the form `source`, `(*batch, 4)`.
        source: "xyxy", "xywh" or "cxcywh".
        target: one of the same.

    Returns:
        `(*batch, 4)`, in the dtype of boxes; float16 and bfloat16 are computed in float32.

    Raises:
        TypeError: boxes is not floating point.
        ValueError: the last axis is not 4 long, or there is no such form.

    References:
        torchvision, ``torchvision.ops.box_convert``, for the names.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.detection import box_convert
        >>> box_convert(jnp.array([1.0, 2.0, 5.0, 8.0]), "xyxy", "cxcywh").tolist()
        [3.0, 5.0, 4.0, 6.0]
        >>> box_convert(jnp.array([3.0, 5.0, 4.0, 6.0]), "cxcywh", "xywh").tolist()
        [1.0, 2.0, 4.0, 6.0]
    """
    where = "box_convert"
    _checks.choice(where, "source", source, _FORMS)
    _checks.choice(where, "target", target, _FORMS)
    given = _operands.checked(where, "boxes", boxes)
    if source == target:
        return given
    values = given.astype(_checks.accumulator(given.dtype))
    first, second = values[..., :2], values[..., 2:]
    if source == "xyxy":
        # Halved before they are added: the sum of two coordinates might overflow.
        low, centre, high, size = first, 0.5 * first + 0.5 * second, second, second - first
    elif source == "xywh":
        low, centre, high, size = first, first + 0.5 * second, first + second, second
    else:
        low, centre, high, size = first - 0.5 * second, first, first + 0.5 * second, second
    parts = (low, high) if target == "xyxy" else (low, size) if target == "xywh" else (centre, size)
    return jnp.concatenate(parts, -1).astype(given.dtype)


def clip_boxes(
    boxes: Float[Array, "*batch 4"], size: Sequence[float] | Float[Array, "2"] | Int[Array, "2"], *, legacy_plus_one: bool = False
) -> Float[Array, "*batch 4"]:
    """Boxes cut to the image: x to [0, width], y to [0, height].

    A box outside of the image becomes one without area on its border. A coordinate on the border keeps its slope of 1, as with PyTorch's clamp.

    Args:
        boxes: boxes (x1, y1, x2, y2), `(*batch, 4)`.
        size: (height, width) of the image, two static numbers or an array `(2,)`: map over it where images differ.
        legacy_plus_one: cut to [0, width − 1] and [0, height − 1], for boxes whose x2 and y2 name their last pixel.

    Returns:
        `(*batch, 4)`, in the dtype of boxes, or the one promoted with that of a real size.

    Raises:
        TypeError: boxes is not floating point, size is neither two static numbers nor an array of numbers, or legacy_plus_one is not a static bool.
        ValueError: the last axis is not 4 long, size does not have two numbers, or one is negative.

    References:
        Ren, He, Girshick & Sun, Faster R-CNN (2015), section 3.1.2.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.detection import clip_boxes
        >>> clip_boxes(jnp.array([-5.0, 10.0, 30.0, 70.0]), (60, 100)).tolist()
        [0.0, 10.0, 30.0, 60.0]
        >>> clip_boxes(jnp.array([-5.0, 10.0, 30.0, 70.0]), (60, 100), legacy_plus_one=True).tolist()
        [0.0, 10.0, 30.0, 59.0]
    """
    legacy = _checks.flag("clip_boxes", "legacy_plus_one", legacy_plus_one)
    given = _operands.checked("clip_boxes", "boxes", boxes)
    (height, width), dtype = extent("clip_boxes", size, given)
    most = jnp.stack([width, height, width, height]) - (1.0 if legacy else 0.0)
    values = given.astype(most.dtype)
    most = jnp.broadcast_to(most, values.shape)
    return jnp.where(values < 0, 0.0, jnp.where(values > most, most, values)).astype(dtype)


def box_iou(a: Float[Array, "*batch N 4"], b: Float[Array, "*batch M 4"], *, legacy_plus_one: bool = False) -> Float[Array, "*batch N M"]:
    """Intersection over union of every box of a with every box of b: overlap/(area_a + area_b − overlap).

    0/0 is 0: two boxes without an area have nothing in common (torchvision: NaN). A negative width or height counts as 0. Boxes that only touch do not
    overlap, and of two equal coordinates each gets half of the slope, as in PyTorch. Areas are taken in units of the boxes, so that neither large nor small
    coordinates matter.

    Args:
        a: boxes (x1, y1, x2, y2), `(*batch, N, 4)`.
        b: the boxes of the columns, `(*batch, M, 4)`.
        legacy_plus_one: the published widths x2 − x1 + 1, for boxes whose x2 and y2 name their last pixel.

    Returns:
        `(*batch, N, M)`, from 0 to 1, in the promoted dtype; float16 and bfloat16 are computed in float32.

    Raises:
        TypeError: a or b is not floating point, or legacy_plus_one is not a static bool.
        ValueError: the last axis is not 4 long, or the batch axes differ.

    References:
        Everingham et al., The PASCAL Visual Object Classes Challenge (2010), equation 3.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.detection import box_iou
        >>> box_iou(jnp.array([[0.0, 0.0, 2.0, 2.0]]), jnp.array([[0.0, 0.0, 2.0, 1.0], [1.0, 1.0, 2.0, 2.0]])).tolist()
        [[0.5, 0.25]]
    """
    legacy = _checks.flag("box_iou", "legacy_plus_one", legacy_plus_one)
    rows, columns, dtype = _all_pairs("box_iou", a, b, legacy)
    return _boxes.intersection_over_union(rows, columns).astype(dtype)


def generalized_box_iou(a: Float[Array, "*batch N 4"], b: Float[Array, "*batch M 4"]) -> Float[Array, "*batch N M"]:
    """Generalized IoU of every box of a with every box of b: IoU − (hull − union)/hull, from 1 for equal boxes to −1 for boxes far apart.

    As ``box_iou`` at the edges: 0/0 is 0, twice, so that two equal points give 0 (torchvision: NaN). ``giou_loss`` is 1 less it, pair by pair.

    Args:
        a: boxes (x1, y1, x2, y2), `(*batch, N, 4)`.
        b: the boxes of the columns, `(*batch, M, 4)`.

    Returns:
        `(*batch, N, M)`, in the promoted dtype; float16 and bfloat16 are computed in float32.

    Raises:
        TypeError: a or b is not floating point.
        ValueError: the last axis is not 4 long, or the batch axes differ.

    References:
        Rezatofighi et al., Generalized Intersection over Union (2019), algorithm 1.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.detection import generalized_box_iou
        >>> generalized_box_iou(jnp.array([[0.0, 0.0, 1.0, 1.0]]), jnp.array([[3.0, 0.0, 4.0, 1.0], [0.0, 0.0, 2.0, 1.0]])).tolist()
        [[-0.5, 0.5]]
    """
    rows, columns, dtype = _all_pairs("generalized_box_iou", a, b)
    pair = _boxes.compared(rows, columns, area_eps=0.0, length_eps=0.0)
    return (pair.iou - pair.waste).astype(dtype)


def distance_box_iou(a: Float[Array, "*batch N 4"], b: Float[Array, "*batch M 4"], *, eps: float = 1e-7) -> Float[Array, "*batch N M"]:
    """Distance IoU of every box of a with every box of b: IoU − ρ²/(c² + ε), with ρ the distance of the centres and c the diagonal of the hull.

    As in torchvision ε is in the last divisor alone (in ``diou_loss`` in both). As ``box_iou`` at the edges: 0/0 is 0.

    Args:
        a: boxes (x1, y1, x2, y2), `(*batch, N, 4)`.
        b: the boxes of the columns, `(*batch, M, 4)`.
        eps: ε ≥ 0, in the unit of an area.

    Returns:
        `(*batch, N, M)`, in the promoted dtype; float16 and bfloat16 are computed in float32.

    Raises:
        TypeError: a or b is not floating point, or eps is not a static number.
        ValueError: the last axis is not 4 long, the batch axes differ, or eps is negative.

    References:
        Zheng et al., Distance-IoU Loss: Faster and Better Learning for Bounding Box Regression (2020), equation 7.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.detection import distance_box_iou
        >>> distance_box_iou(jnp.array([[0.0, 0.0, 2.0, 2.0]]), jnp.array([[2.0, 2.0, 4.0, 4.0], [0.0, 0.0, 2.0, 2.0]]), eps=0.0).tolist()
        [[-0.25, 1.0]]
    """
    eps = _checks.number("distance_box_iou", "eps", eps, low=0.0)
    rows, columns, dtype = _all_pairs("distance_box_iou", a, b)
    pair = _boxes.compared(rows, columns, area_eps=0.0, length_eps=eps)
    return (pair.iou - pair.offset).astype(dtype)


def complete_box_iou(a: Float[Array, "*batch N 4"], b: Float[Array, "*batch M 4"], *, eps: float = 1e-7) -> Float[Array, "*batch N M"]:
    """Complete IoU of every box of a with every box of b: the distance IoU − α·v, with v = 4/π²·(atan(w_b/h_b) − atan(w_a/h_a))² and α = v/(1 − IoU + v + ε).

    The rest is ``distance_box_iou``. As in torchvision α carries no gradient; a box without height has the angle π/2, and one without width and height the
    angle 0 with slope 0 (torchvision: NaN).

    Args:
        a: boxes (x1, y1, x2, y2), `(*batch, N, 4)`.
        b: the boxes of the columns, `(*batch, M, 4)`.
        eps: ε ≥ 0, in the unit of an area.

    Returns:
        `(*batch, N, M)`, in the promoted dtype; float16 and bfloat16 are computed in float32.

    Raises:
        TypeError: a or b is not floating point, or eps is not a static number.
        ValueError: the last axis is not 4 long, the batch axes differ, or eps is negative.

    References:
        Zheng et al., Distance-IoU Loss: Faster and Better Learning for Bounding Box Regression (2020), equations 8 to 11.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.detection import complete_box_iou
        >>> complete_box_iou(jnp.array([[0.0, 0.0, 2.0, 2.0]]), jnp.array([[2.0, 2.0, 4.0, 4.0], [0.0, 0.0, 2.0, 2.0]]), eps=0.0).tolist()
        [[-0.25, 1.0]]
    """
    eps = _checks.number("complete_box_iou", "eps", eps, low=0.0)
    rows, columns, dtype = _all_pairs("complete_box_iou", a, b)
    pair = _boxes.compared(rows, columns, area_eps=0.0, length_eps=eps)
    return (pair.iou - pair.offset - _boxes.aspect_penalty(pair, eps)).astype(dtype)


def _all_pairs(where: str, a: object, b: object, legacy: bool = False) -> tuple[_boxes.Corners, _boxes.Corners, jnp.dtype]:
    """The checked boxes as rows and columns, and the result's dtype."""
    rows, columns = _operands.checked(where, "a", a, 2), _operands.checked(where, "b", b, 2)
    if rows.shape[:-2] != columns.shape[:-2]:
        raise ValueError(f"{where}: b has shape {columns.shape}; it needs the batch axes of a, {rows.shape[:-2]} (nothing is broadcast)")
    dtype = _checks.result_dtype(rows, columns)
    return _boxes.corners(widened(rows, dtype, legacy), -1), _boxes.corners(widened(columns, dtype, legacy), -2), dtype


def widened(boxes: Array, dtype: jnp.dtype, legacy: bool) -> Array:
    """Boxes in the dtype that is computed in, with corners behind their last pixel where x2 and y2 name it: only there is a half type's 1 more never lost."""
    boxes = boxes.astype(_checks.accumulator(dtype))
    return _operands.outer_corners(boxes) if legacy else boxes


def extent(where: str, size: object, boxes: Array, name: str = "size") -> tuple[Array, jnp.dtype]:
    """(height, width) as an array `(2,)` in the dtype that is computed in, and the result's dtype."""
    if isinstance(size, (tuple, list)):
        if len(size) != 2:
            raise ValueError(f"{where}: {name} has {len(size)} numbers; it needs two, (height, width)")
        static = [_checks.number(where, f"{name}[{n}]", value, low=0.0) for n, value in enumerate(size)]
        return jnp.array(static, _checks.accumulator(boxes.dtype)), boxes.dtype
    bounds = _checks.numeric(where, name, size)
    _checks.shape(where, name, bounds, (2,), "(height, width)")
    dtype = _checks.result_dtype(boxes, bounds if jnp.issubdtype(bounds.dtype, jnp.floating) else None)
    return bounds.astype(_checks.accumulator(dtype)), dtype
