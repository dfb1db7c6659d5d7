"""Numerical derivatives that come with their own error: steps, extrapolation and the function's noise.

The central difference D(h) = (f(x + h) − f(x − h)) / 2h is off by a truncation of order h² and by rounding of order ε_f / h, least where
h ≈ ε_f^(1/3) times the input's scale (Nocedal & Wright 2006, section 8.1). Richardson's extrapolation (1911) from two steps,
(4 D(h/2) − D(h)) / 3, leaves order h⁴, and its distance from D(h/2) bounds the truncation: its own error estimate, as in Ridders (1982).
Steps are tried from 2⁻⁹ of the scale of the input, smaller where truncation prevails and larger where noise does, until the estimate is as
accurate as the verdict needs. One that was taken at several steps must be confirmed by another: its error is at least their distance.
The noise ε_f is what the values move by when the inputs move by a unit in the last place; where a gradient seems to be wrong it is
measured once more from a table of differences (Moré & Wild 2011, ECnoise).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

__all__ = ["FIRST_STEP", "OFFSETS", "Estimate", "estimate", "noise_level", "settle"]

FIRST_STEP, LARGEST, SMALLEST = 2.0**-9, 2.0**-1, 2.0**-36
SMALLER, LARGER = 2.0**-5, 2.0**4
ROUNDS = 6
OFFSETS = np.array([1.0, -1.0, 0.5, -0.5])
# A slope counts as confirmed when two estimates agree within this many times the sum of their errors.
CONFIRMED = 2.0
# Of an error bar: how far a right derivative may lie outside of an honest estimate.
SAFETY = 2.0


@dataclass
class Estimate:
    """Slopes of K directions for M functionals each, their errors, and the change of slope at the point (0 where smooth)."""

    slope: np.ndarray
    error: np.ndarray
    bend: np.ndarray
    step: np.ndarray


def estimate(values: np.ndarray, centre: np.ndarray, h: np.ndarray, noise: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Slope, truncation, rounding and bend from the values (K, 4, M) at ``OFFSETS`` times h.

    The bend is what is left of (f(x + h) − 2 f(x) + f(x − h)) / h as h goes to 0: nothing for a smooth function, right slope minus left slope at a kink.
    """
    h = h[:, None]
    with np.errstate(all="ignore"):
        wide, near = (values[:, 0] - values[:, 1]) / (2 * h), (values[:, 2] - values[:, 3]) / h
        slope = (4 * near - wide) / 3
        gap, small = (values[:, 0] - 2 * centre + values[:, 1]) / h, (values[:, 2] - 2 * centre + values[:, 3]) / (h / 2)
        bend, rounding = 2 * small - gap, 2 * noise / h
        straight = (np.abs(small) < 0.75 * np.abs(gap)) | (np.abs(bend) < 16 * rounding)
        return slope, np.abs(near - wide) / 3, rounding + np.zeros_like(slope), np.where(straight, 0.0, bend)


def settle(
    measure: Callable[[np.ndarray, np.ndarray], np.ndarray],
    centre: np.ndarray,
    noise: np.ndarray,
    unsettled: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]],
) -> Estimate:
    """Slopes of all directions: one estimate for each, and more at other steps for those that are not yet settled.

    ``measure(numbers, h)`` gives values (len(numbers), 4, M); ``unsettled(slope, error)`` says where an estimate is too rough and where it disagrees.
    """
    count, width = len(centre), centre.shape[-1]
    slopes, errors, bends, steps = (np.full((ROUNDS, count, width), np.nan) for _ in range(4))
    h, above, below = np.full(count, FIRST_STEP), np.full(count, np.inf), np.zeros(count)
    active = np.arange(count)
    for number in range(ROUNDS if count else 0):
        values = measure(active, h[active])
        slope, truncation, rounding, bend = estimate(values, centre[active], h[active], noise[active])
        error = truncation + rounding
        error = np.where(np.isfinite(error) & np.isfinite(slope), error, np.inf)
        slopes[number, active], errors[number, active], bends[number, active], steps[number, active] = slope, error, bend, h[active][:, None]
        best = _best(slopes[: number + 1], errors[: number + 1], bends[: number + 1], steps[: number + 1])
        rough, off = unsettled(best.slope, best.error)
        if number:  # two estimates that confirm each other against the gradient settle it as well
            apart = np.sort(np.abs(slopes[: number + 1] - best.slope), axis=0)[1]
            off &= ~(apart <= CONFIRMED * best.error) | (number < 2)
        with np.errstate(all="ignore"):
            truncated = ~(np.linalg.norm(truncation, axis=1) < np.linalg.norm(rounding, axis=1))
        above[active] = np.where(truncated, np.minimum(above[active], h[active]), above[active])
        below[active] = np.where(truncated, below[active], np.maximum(below[active], h[active]))
        with np.errstate(all="ignore"):
            between = np.sqrt(above * below)
        h = np.where(below == 0, above * SMALLER, np.where(np.isinf(above), below * LARGER, between))
        open_ = (rough | off).any(axis=1) & (h >= SMALLEST) & (h <= LARGEST) & (above > 4 * below)
        active = np.flatnonzero(open_)
        if not len(active):
            break
    return _best(slopes, errors, bends, steps) if count else Estimate(*(np.zeros((0, width)) for _ in range(4)))


def _best(slopes: np.ndarray, errors: np.ndarray, bends: np.ndarray, steps: np.ndarray) -> Estimate:
    """The estimate of least error, with an error of at least its distance from the nearest other one."""
    place = np.argmin(np.where(np.isnan(errors), np.inf, errors), axis=0)[None]
    slope, error, bend, step = (np.take_along_axis(a, place, 0)[0] for a in (slopes, errors, bends, steps))
    if len(slopes) > 1:
        with np.errstate(all="ignore"):
            apart = np.abs(slopes - slope)
        np.put_along_axis(apart, place, np.inf, 0)
        nearest = np.where(np.isnan(apart), np.inf, apart).min(axis=0)
        error = np.where(np.isfinite(nearest), np.maximum(error, nearest), error)
    return Estimate(slope, error, bend, step)


def noise_level(values: np.ndarray) -> float:
    """The noise of a function from its values at evenly spaced points so close that it is nearly straight between them.

    The k-th differences of a smooth function vanish as the spacing does; those of noise of variance σ² have variance σ² (2k)! / (k!)². The first three
    orders in a row that agree within a factor of 4 and change sign tell σ; where none do, the smallest of all orders bounds it.
    """
    table, levels, signs = values - values.mean(), [], []
    factor = 1.0
    for k in range(1, len(values) - 1):
        table = np.diff(table)
        factor *= k / (2 * (2 * k - 1))
        levels.append(float(np.sqrt(factor * np.mean(table**2))))
        signs.append(bool(table.min() < 0 < table.max()))
    for k in range(len(levels) - 2):
        part = levels[k : k + 3]
        if max(part) <= 4 * min(part) and signs[k]:
            return part[0]
    return min(levels)
