"""A likely cause, where the pattern of a wrong gradient shows one."""

import numpy as np

__all__ = ["cause_of", "cause_of_ratios"]

# Two patterns are the same when they agree to this share: coarser than any error that is looked for, finer than any pattern.
SAME = 1e-3
REVERSED = "the sign is reversed"


def _alike(a: np.ndarray, b: np.ndarray) -> bool:
    return bool(np.linalg.norm(a - b) <= SAME * (np.linalg.norm(b) + 1e-300)) and bool(np.any(b))


def cause_of_ratios(ad: np.ndarray, numerical: np.ndarray, sizes: dict[int, str]) -> str:
    """What one common ratio of JAX's value to the numerical one means; nothing if there is none. ``sizes`` are dims that may be the factor."""
    with np.errstate(all="ignore"):
        scale = np.abs(numerical).max(initial=0.0)
        if not scale:
            return "the numerical derivative is zero, JAX's is not"
        if not np.any(ad):
            return "JAX's derivative is zero: a stop_gradient, a cast to integers, or a rule that drops this argument"
        ratio = float(np.vdot(numerical, ad) / np.vdot(numerical, numerical))
    if not np.isfinite(ratio) or not ratio or not _alike(ad, ratio * numerical):
        return ""
    # One share everywhere has to explain most of the difference.
    if np.linalg.norm(ad - ratio * numerical) > 0.1 * np.linalg.norm(ad - numerical):
        return ""

    def near(value: float) -> bool:
        return abs(ratio - value) <= SAME * abs(value)

    for value, said in ((-1.0, REVERSED), (2.0, "twice the derivative: a factor 2 too many"), (0.5, "half of the derivative: a factor 2 is missing")):
        if near(value):
            return said
    for size, where in sizes.items():
        if near(size) or near(-size):
            return f"{ratio:.4g} times the derivative, and {where} is {size}: a sum in place of a mean, or a mean left out"
        if near(1 / size) or near(-1 / size):
            return f"1/{size} of the derivative, and {where} is {size}: a mean in place of a sum"
    return (
        f"{ratio:.6g} times the derivative everywhere: a constant factor is off"
        if abs(ratio - 1) > SAME
        else f"off by the same share everywhere: {ratio - 1:.3g}"
    )


def cause_of(ad: np.ndarray, numerical: np.ndarray, wrong: np.ndarray, values: np.ndarray, sizes: dict[int, str], imaginary: bool = False) -> str:
    """The cause that the gradient of one leaf, known at every coordinate, shows. ``wrong`` marks coordinates, ``values`` is the leaf itself."""
    if not np.isfinite(ad).all() or not np.isfinite(numerical).all() or not wrong.any():
        return ""
    bad, shape = np.flatnonzero(wrong), ad.shape
    common = cause_of_ratios(ad[wrong], numerical[wrong], sizes)
    if imaginary and common == REVERSED:
        return "the imaginary part has the other sign: a conjugate too many or too few (JAX's gradient of a real function is ∂f/∂x − i ∂f/∂y)"
    if wrong.size > 1 and len(bad) == 1:
        return "this coordinate alone is wrong" + (f" ({common})" if common else "")
    if common and wrong.all():
        return common
    if len(shape) >= 2 and shape[-1] == shape[-2] and _alike(np.swapaxes(ad, -1, -2), numerical):
        return "the last two axes are transposed"
    for axis in range(len(shape)):
        if shape[axis] > 1 and _alike(np.flip(ad, axis), numerical):
            return f"axis {axis} is reversed"
    if len(set(np.sign(values[wrong].ravel()))) == 1 and wrong.size > 2:
        sign = np.sign(values[wrong].ravel()[0])
        if sign and np.all(np.sign(values[~wrong]) != sign) and (~wrong).any():
            return f"wrong only where the input is {'positive' if sign > 0 else 'negative'}" + (f": {common}" if common else "")
    for axis in range(len(shape)):
        level, flat = (np.broadcast_to(a.mean(axis, keepdims=True), shape) for a in (ad, numerical))
        if shape[axis] > 1 and _alike(ad, level) and not _alike(numerical, flat):
            return f"the same along axis {axis} where the derivative is not: a mean or a broadcast in the rule"
    away = ad - numerical
    if wrong.size > 2 and _alike(away, np.broadcast_to(away.mean(), shape)):
        return "off by the same number everywhere: a term that does not depend on the coordinate is missing, such as the derivative of a mean or a sum"
    for axis in range(len(shape)):
        if shape[axis] > 2 and len(shape) > 1 and _alike(away, np.broadcast_to(away.mean(axis, keepdims=True), shape)):
            return f"off by the same number all along axis {axis}: the derivative of a mean or a sum over it is missing"
    return f"some coordinates only: {common}" if common else ""
