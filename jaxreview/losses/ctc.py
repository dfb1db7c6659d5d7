"""Connectionist temporal classification: the cost of a label sequence under frames that are not aligned with it."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Integer, Real

from jaxreview import _checks, _windows
from jaxreview.losses._shared import checked_labels, looked_at

__all__ = ["ctc_loss", "ctc_loss_with_forward_probs"]


def ctc_loss(
    logits: Float[Array, "*batch T K"],
    logit_paddings: Real[Array, "*batch T"] | Bool[Array, "*batch T"],
    labels: Integer[Array, "*batch N"],
    label_paddings: Real[Array, "*batch N"] | Bool[Array, "*batch N"],
    *,
    blank_id: int = 0,
    log_epsilon: float = -1e5,
) -> Float[Array, "*batch"]:
    """Connectionist temporal classification: −log Σ_π Π_t softmax(z_t)[π_t], over the paths π that give the labels.

    A path has one symbol for each frame; repeated symbols are merged and then blanks are dropped, so between two equal labels there is a blank. The sum is
    taken by the forward recursion in the logarithm. It equals PyTorch's ctc_loss of log_softmax(logits) with reduction "none", in value and gradient; but
    labels that fit into no path cost −log_epsilon with zero gradient, where PyTorch gives ∞ (and optax a number near to this one).

    Args:
        logits: z, `(*batch, T, K)`, the blank among the K.
        logit_paddings: 1 for a frame that is not there, else 0, `(*batch, T)`.
        labels: integers in [0, K) other than the blank, `(*batch, N)`; a padded one may be anything.
        label_paddings: 1 for a label that is not there, else 0, `(*batch, N)`: zeros, then ones.
        blank_id: the class of the blank, in [0, K).
        log_epsilon: the log probability that stands for that of labels without a path, at most 0, or the least finite number if float16 has no such.

    Returns:
        The batch axes, in the promoted dtype of the floating point arguments; float16 and bfloat16 are computed in float32. Under ``jit`` and the like a
        label outside [0, K) or equal to the blank gives NaN.

    Raises:
        TypeError: logits is not floating point, labels are not integers, or a setting is of another kind.
        ValueError: the shapes do not fit, a setting is out of range, or concrete labels or paddings are none.

    References:
        Graves et al., Connectionist Temporal Classification (2006), section 4.1.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import ctc_loss
        >>> round(ctc_loss(jnp.zeros((1, 2, 2)), jnp.zeros((1, 2)), jnp.array([[1]]), jnp.zeros((1, 1))).item(), 4)
        0.2877
    """
    return _forward("ctc_loss", logits, logit_paddings, labels, label_paddings, blank_id, log_epsilon)[0]


def ctc_loss_with_forward_probs(
    logits: Float[Array, "*batch T K"],
    logit_paddings: Real[Array, "*batch T"] | Bool[Array, "*batch T"],
    labels: Integer[Array, "*batch N"],
    label_paddings: Real[Array, "*batch N"] | Bool[Array, "*batch N"],
    *,
    blank_id: int = 0,
    log_epsilon: float = -1e5,
) -> tuple[Float[Array, "*batch"], Float[Array, "T *batch M"], Float[Array, "T *batch N"]]:
    """Loss of ``ctc_loss``, −log Σ_π Π_t softmax(z_t)[π_t], and the logarithms of its forward probabilities.

    The forward probability of (t, n) is that of all beginnings of paths up to frame t that give the first n labels, apart for those that end in a blank
    and those that end in label n. In a padded frame they stay as they were. As in optax, the last frame of the blank's holds those that end in either.

    Args:
        logits: z, `(*batch, T, K)`, the blank among the K, T ≥ 1.
        logit_paddings: 1 for a frame that is not there, else 0, `(*batch, T)`.
        labels: integers in [0, K) other than the blank, `(*batch, N)`; a padded one may be anything.
        label_paddings: 1 for a label that is not there, else 0, `(*batch, N)`: zeros, then ones.
        blank_id: the class of the blank, in [0, K).
        log_epsilon: the log probability that stands for log 0, at most 0, or the least finite number if float16 has no such.

    Returns:
        The loss `(*batch)`, the blank's logarithms `(T, *batch, N + 1)` and the labels' `(T, *batch, N)`; dtype and labels out of range as in ``ctc_loss``.

    Raises:
        TypeError: logits is not floating point, labels are not integers, or a setting is of another kind.
        ValueError: the shapes do not fit, a setting is out of range, or concrete labels or paddings are none.

    References:
        Graves et al., Connectionist Temporal Classification (2006), section 4.1.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import ctc_loss_with_forward_probs
        >>> loss, blank, label = ctc_loss_with_forward_probs(jnp.zeros((1, 2, 2)), jnp.zeros((1, 2)), jnp.array([[1]]), jnp.zeros((1, 1)))
        >>> jnp.exp(blank).round(4).tolist(), jnp.exp(label).round(4).tolist()
        ([[[0.5, 0.0]], [[0.25, 0.75]]], [[[0.5]], [[0.5]]])
    """
    return _forward("ctc_loss_with_forward_probs", logits, logit_paddings, labels, label_paddings, blank_id, log_epsilon)


def _forward(
    name: str, logits: object, logit_paddings: object, labels: object, label_paddings: object, blank_id: object, log_epsilon: object
) -> tuple[Array, Array, Array]:
    z = _checks.real(name, "logits", logits)
    _checks.min_rank(name, "logits", z, 2, "(*batch, frames, classes)")
    *batch, frames, classes = z.shape
    y = checked_labels(name, _checks.array(name, "labels", labels), "integer labels")
    _checks.rank(name, "labels", y, z.ndim - 1, "(*batch, labels)")
    _checks.shape(name, "labels", y, (*batch, y.shape[-1]), f"the batch axes of logits {z.shape} and an axis of labels")
    if not frames:
        raise ValueError(f"{name}: logits has shape {z.shape}; it needs at least one frame")
    blank = _windows.integer(name, "blank_id", blank_id, minimum=0)
    if blank >= classes:
        raise ValueError(f"{name}: blank_id is {blank}; it needs one of the {classes} classes of logits {z.shape}")
    never = _checks.number(name, "log_epsilon", log_epsilon, high=0.0)
    no_frame, kind_of_frames = _padding(name, "logit_paddings", logit_paddings, z.shape[:-1], "the shape of logits without its classes")
    no_label, kind_of_labels = _padding(name, "label_paddings", label_paddings, y.shape, "the shape of labels")
    _right(name, no_label)
    _in_range(name, y, no_label, classes, blank)
    dtype = _checks.result_dtype(z, kind_of_frames, kind_of_labels)
    never = max(never, float(jnp.finfo(dtype).min))  # float16 ends at −65504
    valid = no_label | ((y >= 0) & (y < classes) & (y != blank))
    y = jnp.where(no_label | ~valid, blank, y)

    z = jnp.where(no_frame[..., None], 0.0, z.astype(_checks.accumulator(dtype)))  # the logits of a frame that is not there may be anything
    log_p = jax.nn.log_softmax(z, -1)
    at_label = jnp.take_along_axis(log_p, jnp.broadcast_to(y[..., None, :], (*batch, frames, y.shape[-1])), -1, mode="promise_in_bounds")
    at_blank = log_p[..., blank, None]
    repeats = jnp.concatenate([jnp.zeros((*batch, 1), bool), y[..., 1:] == y[..., :-1]], -1)[..., : y.shape[-1]]

    def step(before: tuple[Array, Array], frame: tuple[Array, Array, Array]) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
        blanks, ends = before
        label_here, blank_here, skip = frame
        shifted = jnp.concatenate([jnp.full_like(blanks[..., :1], -jnp.inf), ends], -1)  # label n − 1 at n
        after_blank = _log_add(blanks, shifted) + blank_here
        onward = jnp.where(repeats, -jnp.inf, shifted[..., : ends.shape[-1]])
        after_label = _log_add(_log_add(ends, blanks[..., :-1]), onward) + label_here
        now = (jnp.where(skip, blanks, after_blank), jnp.where(skip, ends, after_label))
        return now, now

    start = jnp.where(jnp.arange(y.shape[-1] + 1) == 0, 0.0, -jnp.inf).astype(log_p.dtype)
    start = jnp.broadcast_to(start, (*batch, y.shape[-1] + 1))
    in_time = (jnp.moveaxis(at_label, -2, 0), jnp.moveaxis(at_blank, -2, 0), jnp.moveaxis(no_frame, -1, 0)[..., None])
    (blanks, ends), (all_blanks, all_ends) = jax.lax.scan(step, (start, jnp.full_like(start[..., 1:], -jnp.inf)), in_time)

    either = _log_add(blanks, jnp.concatenate([jnp.full_like(blanks[..., :1], -jnp.inf), ends], -1))
    count = jnp.sum(~no_label, -1, keepdims=True)
    total = jnp.take_along_axis(either, count, -1, mode="promise_in_bounds")[..., 0]
    loss = -_or_never(total, never) * jnp.where(valid.all(-1), 1.0, jnp.nan)
    all_blanks = all_blanks.at[-1].set(either)
    return loss.astype(dtype), _or_never(all_blanks, never).astype(dtype), _or_never(all_ends, never).astype(dtype)


def _log_add(a: Array, b: Array) -> Array:
    """log(exp a + exp b), where −∞ with −∞ gives −∞ with zero gradient (that of jnp.logaddexp is NaN)."""
    largest = jax.lax.stop_gradient(jnp.maximum(a, b))
    none = largest == -jnp.inf
    largest = jnp.where(none, 0.0, largest)
    total = jnp.exp(a - largest) + jnp.exp(b - largest)
    return jnp.where(none, -jnp.inf, largest + jnp.log(jnp.where(none, 1.0, total)))


def _or_never(log_p: Array, never: float) -> Array:
    return jnp.where(log_p == -jnp.inf, never, log_p)


def _padding(name: str, argument: str, given: object, needed: tuple[int, ...], meaning: str) -> tuple[Array, Array | None]:
    """What is not there, and the array itself where it is floating point and so takes part in the promotion."""
    values = _checks.array(name, argument, given)
    _checks.shape(name, argument, values, needed, meaning)
    if jnp.issubdtype(values.dtype, jnp.bool_):
        return values, None
    values = _checks.numeric(name, argument, values)
    seen = looked_at(values)
    if seen is not None and bool(np.any((seen != 0) & (seen != 1))):
        raise ValueError(f"{name}: {argument} contains {float(seen[(seen != 0) & (seen != 1)].flat[0]):g}; it needs 0 or 1")
    return values != 0, values if jnp.issubdtype(values.dtype, jnp.floating) else None


def _right(name: str, no_label: Array) -> None:
    """Concrete labels that are not there come last."""
    seen = looked_at(no_label)
    if seen is not None and bool(np.any(seen[..., :-1] & ~seen[..., 1:])):
        raise ValueError(f"{name}: label_paddings has a 0 after a 1; it needs labels first and paddings last")


def _in_range(name: str, labels: Array, no_label: Array, classes: int, blank: int) -> None:
    """Concrete labels that are there are classes other than the blank."""
    seen, gone = looked_at(labels), looked_at(no_label)
    if seen is None or gone is None:
        return
    wrong = ~gone & ((seen < 0) | (seen >= classes) | (seen == blank))
    if wrong.any():
        raise ValueError(f"{name}: labels contains {seen[wrong].flat[0]}; it needs classes in [0, {classes}) other than the blank, {blank}")
