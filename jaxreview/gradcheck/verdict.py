"""Right, wrong, or not to be told: each comparison against the errors of both of its sides."""

from typing import Any

import numpy as np

from jaxreview.gradcheck.differences import SAFETY, Estimate

__all__ = ["KINK", "NOT_FINITE", "RIGHT", "WRONG", "judge", "relative"]

RIGHT, KINK, NOT_FINITE, WRONG = range(4)
NAMES = ("right", "kink", "not finite", "wrong")


def allowed(found: Estimate, ad_error: np.ndarray, share: Any) -> np.ndarray:
    """How far a right derivative may lie from the estimate: both errors, and a share of itself where the function is an iteration's result."""
    return SAFETY * found.error + ad_error + share * np.abs(found.slope)


def judge(ad: np.ndarray, found: Estimate, limit: np.ndarray) -> np.ndarray:
    """The verdict of each entry, as a code.

    A derivative outside of its limit is a kink's where the slope changes at the very point and JAX's value lies between the slopes of both sides, or
    where the function ends there (no estimate is finite); else it is wrong. One that is not finite is reported as that.
    """
    with np.errstate(all="ignore"):
        off = np.abs(ad - found.slope)
        outside = ~(off <= limit)
        jump = (found.bend != 0) & (found.error > 0.3 * (np.abs(found.slope) + np.abs(ad)))
        between = (found.bend != 0) & (off <= 0.5 * np.abs(found.bend) * (1 + 1e-3) + limit)
    ended = ~np.isfinite(found.error)
    code = np.where(outside, np.where(between | ended, KINK, WRONG), np.where(jump, KINK, RIGHT))
    return np.where(np.isfinite(ad), code, NOT_FINITE)


def relative(ad: np.ndarray, numerical: np.ndarray) -> float:
    """‖g − ĝ‖ / (‖g‖ + ‖ĝ‖), 0 for two zeros."""
    top = max(np.abs(ad).max(initial=0.0), np.abs(numerical).max(initial=0.0))
    if top == 0 or not np.isfinite(top):
        return 0.0 if top == 0 else float("nan")
    ad, numerical = ad / top, numerical / top
    return float(np.linalg.norm(ad - numerical) / (np.linalg.norm(ad) + np.linalg.norm(numerical)))
