"""Losses of a predicted box against its target, from their overlap, their hull, their centres and their shapes."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxreview import _checks
from jaxreview.losses import _boxes

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
    return (1.0 - pair.iou + pair.offset + _boxes.aspect_penalty(pair, eps)).astype(dtype)


def _pair(where: str, predictions: object, targets: object, eps: float) -> tuple[_boxes.Comparison, jnp.dtype]:
    """The checked boxes compared, and the result's dtype."""
    eps = _checks.number(where, "eps", eps, low=0.0)
    a, b = _checks.real(where, "predictions", predictions), _checks.real(where, "targets", targets)
    _checks.min_rank(where, "predictions", a, 1, "with the last axis x1, y1, x2, y2")
    _checks.shape(where, "predictions", a, (*a.shape[:-1], 4), "with the last axis x1, y1, x2, y2")
    _checks.same_shape(where, "predictions", a, "targets", b)
    dtype = _checks.result_dtype(a, b)
    a, b = (_boxes.corners(v.astype(_checks.accumulator(dtype))) for v in (a, b))
    return _boxes.compared(a, b, area_eps=eps, length_eps=eps), dtype
