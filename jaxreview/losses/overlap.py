"""Losses of the overlap of a predicted and a true region."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Real

from jaxreview import _checks
from jaxreview.losses._axes import axes, only
from jaxreview.losses._shared import along, checked_weights, looked_at, within_unit

__all__ = ["binary_dice_loss", "dice_loss", "multiclass_generalized_dice_loss"]


def dice_loss(
    predictions: Float[Array, "..."],
    targets: Real[Array, "..."] | Bool[Array, "..."],
    *,
    class_weights: Float[Array, " K"] | None = None,
    smooth: float = 1.0,
    alpha: float = 0.5,
    beta: float = 0.5,
    apply_softmax: bool = True,
    reduction: str = "mean",
    ignore_background: bool = False,
    axis: int | tuple[int, ...] | None = None,
) -> Float[Array, "..."]:
    """Dice (Tversky) loss of each class: 1 − (I + s)/(I + α(P − I) + β(T − I) + s), with I = Σ p·t, P = Σ p and T = Σ t over the cells.

    The predictions p are softmax(logits) over the classes, or σ(logit) of a single class. With s = 0 and nothing predicted or there the loss is 0 with zero
    gradient (optax gives NaN). The weights of the classes multiply their losses; the mean divides by the number of classes.

    Args:
        predictions: logits, `(*batch, *cells, K)`; probabilities where apply_softmax is False.
        targets: t in [0, 1], the shape of predictions; integers and booleans are converted. A last axis of one class may be missing from one of the two.
        class_weights: `(K,)`; None stands for ones.
        smooth: s ≥ 0.
        alpha: α ≥ 0, the weight of what is predicted and not there.
        beta: β ≥ 0, the weight of what is there and not predicted.
        apply_softmax: whether predictions are logits.
        reduction: over the classes: "mean", "sum" or "none".
        ignore_background: whether class 0 is left out, where there are several.
        axis: the axes of the cells; None for all but the first and the last. Negative axes allow any batch.

    Returns:
        The shape of predictions without the cells and, unless reduction is "none", without the classes; in the promoted dtype of the floating point
        arguments. float16 and bfloat16 are summed in float32.

    Raises:
        TypeError: predictions or class_weights is not floating point, targets are no numbers, or a setting is of another kind.
        ValueError: the shapes do not fit, a setting is out of range, a concrete target lies outside [0, 1], or concrete probabilities do not sum to 1.

    References:
        Milletari, Navab & Ahmadi, V-Net (2016), section 3; Salehi, Erdogmus & Gholipour, Tversky Loss Function (2017), equation 2.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import dice_loss
        >>> logits = jnp.array([[[1e4, 0.0], [1e4, 0.0], [1e4, 0.0]]])
        >>> dice_loss(logits, jnp.array([[[1, 0], [0, 1], [0, 1]]]), smooth=0.0, reduction="none").tolist()
        [[0.5, 1.0]]
    """
    name = "dice_loss"
    p, t, dtype = _regions(name, predictions, targets, _checks.flag(name, "apply_softmax", apply_softmax), class_weights)
    if axis is None:
        over = tuple(range(1, p.ndim - 1))
    else:
        over = axes(name, axis, p.ndim)
        if p.ndim - 1 in over:
            raise ValueError(f"{name}: axis is {axis}; it needs axes before the class axis, the last of predictions {p.shape}")
    settings = [_checks.number(name, key, value, low=0.0) for key, value in (("smooth", smooth), ("alpha", alpha), ("beta", beta))]
    _checks.choice(name, "reduction", reduction, ("mean", "sum", "none"))
    loss = _dice(p, t, over, *settings)
    weights = checked_weights(name, class_weights, p.shape[-1])
    if weights is not None:
        loss = loss * along(weights.astype(loss.dtype), loss.ndim - 1, loss.ndim)
    if _checks.flag(name, "ignore_background", ignore_background) and p.shape[-1] > 1:
        loss = loss[..., 1:]
    if reduction != "none":
        loss = loss.mean(-1) if reduction == "mean" else loss.sum(-1)
    return loss.astype(dtype)


def binary_dice_loss(
    predictions: Float[Array, "..."], targets: Real[Array, "..."] | Bool[Array, "..."], *, smooth: float = 1.0, apply_sigmoid: bool = True
) -> Float[Array, "..."]:
    """Dice loss of one region in each example: 1 − (I + s)/((P + T)/2 + s), with I = Σ p·t, P = Σ p and T = Σ t over the cells, p = σ(logit).

    It is ``dice_loss`` of a single class. Any probabilities are taken where apply_sigmoid is False (optax refuses those that are not 1).

    Args:
        predictions: logits, `(N, *cells)` or `(N, *cells, 1)`; probabilities where apply_sigmoid is False.
        targets: t in [0, 1], the shape of predictions; integers and booleans are converted.
        smooth: s ≥ 0.
        apply_sigmoid: whether predictions are logits.

    Returns:
        `(N,)`, in the promoted dtype of the floating point arguments; float16 and bfloat16 are summed in float32.

    Raises:
        TypeError: predictions is not floating point, targets are no numbers, or a setting is of another kind.
        ValueError: the shapes do not fit, smooth is negative, or a concrete target or probability lies outside [0, 1].

    References:
        Milletari, Navab & Ahmadi, V-Net (2016), section 3.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import binary_dice_loss
        >>> binary_dice_loss(jnp.array([[1e4, 1e4, 1e4, -1e4]]), jnp.array([[1, 0, 0, 0]]), smooth=0.0).tolist()
        [0.5]
    """
    name = "binary_dice_loss"
    predictions, targets = _checks.real(name, "predictions", predictions), _checks.array(name, "targets", targets)
    _checks.min_rank(name, "predictions", predictions, 1, "with an example axis")
    if predictions.ndim == targets.ndim and predictions.shape[-1] != 1:
        predictions, targets = predictions[..., None], targets[..., None]
    p, t, dtype = _regions(name, predictions, targets, _checks.flag(name, "apply_sigmoid", apply_sigmoid), None)
    if p.shape[-1] != 1:
        raise ValueError(f"{name}: predictions has shape {p.shape}; it needs one class, and targets of the same shape")
    return _dice(p, t, tuple(range(1, p.ndim - 1)), _checks.number(name, "smooth", smooth, low=0.0), 0.5, 0.5)[..., 0].astype(dtype)


def multiclass_generalized_dice_loss(
    predictions: Float[Array, "*shape"],
    targets: Real[Array, "*shape"] | Bool[Array, "*shape"],
    *,
    smooth: float = 1.0,
    apply_softmax: bool = True,
    ignore_background: bool = False,
) -> Float[Array, ""]:
    """Mean over examples and classes of the Dice losses, each class weighted by the inverse square of its size: w_c = K·v_c/Σ v, v_c = 1/(T_c² + 1e-7).

    T_c = Σ t_c over all cells of all examples, so the batch is mixed. A class that is nowhere gets nearly all of the weight, as in optax.

    Args:
        predictions: logits, `(N, *cells, K)`; probabilities where apply_softmax is False.
        targets: t in [0, 1], the shape of predictions; integers and booleans are converted.
        smooth: s ≥ 0, as in ``dice_loss``.
        apply_softmax: whether predictions are logits.
        ignore_background: whether class 0 is left out of the mean (the weights are taken with it).

    Returns:
        A scalar, in the promoted dtype of the floating point arguments; float16 and bfloat16 are summed in float32.

    Raises:
        TypeError: predictions is not floating point, targets are no numbers, or a setting is of another kind.
        ValueError: the shapes differ, smooth is negative, a concrete target lies outside [0, 1], or concrete probabilities do not sum to 1.

    References:
        Sudre et al., Generalised Dice Overlap as a Deep Learning Loss Function for Highly Unbalanced Segmentations (2017), section 2.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import multiclass_generalized_dice_loss
        >>> logits = jnp.array([[[1e4, 0.0], [1e4, 0.0]]])
        >>> round(multiclass_generalized_dice_loss(logits, jnp.array([[[1, 0], [0, 1]]]), smooth=0.0).item(), 4)
        0.6667
    """
    name = "multiclass_generalized_dice_loss"
    predictions, targets = _checks.real(name, "predictions", predictions), _checks.array(name, "targets", targets)
    _checks.same_shape(name, "predictions", predictions, "targets", targets)
    p, t, dtype = _regions(name, predictions, targets, _checks.flag(name, "apply_softmax", apply_softmax), None)
    smooth = _checks.number(name, "smooth", smooth, low=0.0)
    sizes = jnp.sum(t, tuple(range(t.ndim - 1)))
    inverse = 1.0 / (sizes * sizes + 1e-7)
    loss = _dice(p, t, tuple(range(1, p.ndim - 1)), smooth, 0.5, 0.5)
    loss = loss * along(inverse / jnp.sum(inverse) * p.shape[-1], loss.ndim - 1, loss.ndim)
    return (loss[..., 1:] if _checks.flag(name, "ignore_background", ignore_background) and p.shape[-1] > 1 else loss).mean().astype(dtype)


def _regions(name: str, predictions: object, targets: object, logits: bool, weights: object) -> tuple[Array, Array, jnp.dtype]:
    """Probabilities and targets of one shape with a class axis, in the accumulator, and the result's dtype."""
    p, t = _checks.real(name, "predictions", predictions), _checks.array(name, "targets", targets)
    if jnp.issubdtype(t.dtype, jnp.integer) or jnp.issubdtype(t.dtype, jnp.bool_):
        t = t.astype(p.dtype)
    t = _checks.real(name, "targets", t)
    if p.ndim + 1 == t.ndim:
        p = p[..., None]
    if t.ndim + 1 == p.ndim:
        t = t[..., None]
    _checks.min_rank(name, "predictions", p, 1, "with a class axis")
    _checks.same_shape(name, "predictions", p, "targets", t)
    if not p.shape[-1]:
        raise ValueError(f"{name}: predictions has shape {p.shape}; it needs at least one class along its last axis")
    within_unit(name, "targets", t)
    dtype = _checks.result_dtype(p, t, None if weights is None else _checks.real(name, "class_weights", weights))
    p, t = (a.astype(_checks.accumulator(dtype)) for a in (p, t))
    if logits:
        return (jax.nn.sigmoid(p) if p.shape[-1] == 1 else jax.nn.softmax(p, -1)), t, dtype
    within_unit(name, "predictions", p)
    seen = looked_at(p)
    if seen is not None and p.shape[-1] > 1:
        sums = seen.astype(np.float64).sum(-1)
        allowed = 4 * float(jnp.finfo(jnp.asarray(predictions).dtype).eps) * p.shape[-1] + 1e-5
        if bool(np.any(np.abs(sums - 1) > allowed)):
            raise ValueError(f"{name}: predictions sum to values from {sums.min():g} to {sums.max():g}; it needs probabilities that sum to 1, or logits")
    return p, t, dtype


def _dice(p: Array, t: Array, over: tuple[int, ...], smooth: float, alpha: float, beta: float) -> Array:
    both = jnp.sum(p * t, over)
    union = both + alpha * (jnp.sum(p, over) - both) + beta * (jnp.sum(t, over) - both) + smooth
    nothing = union == 0
    return only(1.0 - (both + smooth) / jnp.where(nothing, 1.0, union), ~nothing)
