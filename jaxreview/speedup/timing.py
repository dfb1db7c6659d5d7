"""Sampling in turn, and what a handful of samples says: the median and an interval for it."""

import gc
import math
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["CONFIDENCE", "Clocked", "interval", "median", "ratio_interval", "rounds", "sample"]

CONFIDENCE = 0.95
# A sample lasts at least this long, ten thousand times the clock's resolution: a quicker call is repeated inside it.
SHORTEST = 1e-3
# More samples than this narrow the interval of a median by little.
MOST = 40
# So many samples are taken even when the budget is spent, as far as they fit into ENOUGH seconds: 6 are the fewest whose range is a 95 % interval.
FEWEST, ENOUGH = 6, 0.05


@dataclass
class Clocked:
    """A call to be timed and its samples, in seconds a call. ``run`` returns when its result is there."""

    run: Callable[[], Any]
    samples: list[float] = field(default_factory=list)
    repeats: int = 1

    def once(self, clock: Callable[[], float] = time.perf_counter) -> float:
        """Seconds a call, over ``repeats`` calls."""
        run = self.run
        start = clock()
        for _ in range(self.repeats):
            run()
        return (clock() - start) / self.repeats


def median(samples: Sequence[float]) -> float:
    """The middle sample, or the mean of the two in the middle."""
    return statistics.median(samples)


def interval(samples: Sequence[float], confidence: float = CONFIDENCE) -> tuple[float, float, float]:
    """The narrowest pair of order statistics, symmetric in rank, that holds the median with at least ``confidence``; else the range.

    Returns:
        Low, high, and the true coverage for independent samples: 1 − 2 · P(Binomial(n, ½) < k) for the k-th smallest and the k-th largest. It is
        below ``confidence`` for fewer than 6 samples, and 0 for one.

    References:
        H. A. David & H. N. Nagaraja, Order Statistics (2003), section 7.1.

    Examples:
        >>> interval([3.0, 1.0, 2.0, 5.0, 4.0, 6.0])
        (1.0, 6.0, 0.96875)
    """
    if not samples:
        raise ValueError("interval: there are no samples; it needs at least one")
    ordered, n = sorted(samples), len(samples)
    rank, covered, below = 1, 1.0 - 2.0 / 2.0**n, 1.0 / 2.0**n
    for k in range(2, n // 2 + 1):
        below += math.comb(n, k - 1) / 2.0**n
        if 1.0 - 2.0 * below < confidence:
            break
        rank, covered = k, 1.0 - 2.0 * below
    return ordered[rank - 1], ordered[n - rank], covered


def ratio_interval(slow: Sequence[float], fast: Sequence[float]) -> tuple[float, float]:
    """Where the ratio of the two medians lies if each is inside its own interval: wider than it would need to be, never narrower."""
    a, b = interval(slow), interval(fast)
    return a[0] / b[1], a[1] / b[0]


def rounds(costs: Sequence[float], seconds: float, have: Sequence[int] = ()) -> list[int]:
    """How many more samples of each form fit into ``seconds`` when time is shared equally and what cheap forms leave goes to the dear ones.

    ``have`` samples are there already. Each form ends with at least one, with ``FEWEST`` as long as those cost ``ENOUGH`` seconds, and with at most ``MOST``.
    """
    had = have or [0] * len(costs)
    counts, left = [0] * len(costs), seconds
    order = sorted(range(len(costs)), key=lambda i: costs[i])
    for place, i in enumerate(order):
        share = left / (len(order) - place)
        floor = max(1, min(FEWEST, int(ENOUGH / costs[i])))
        counts[i] = max(floor - had[i], min(MOST - had[i], int(share / costs[i])), 0)
        left = max(0.0, left - counts[i] * costs[i])
    return counts


def sample(
    clocked: Sequence[Clocked],
    seconds: float,
    clock: Callable[[], float] = time.perf_counter,
    *,
    pause: float = 0.0,
    order: random.Random | None = None,
) -> None:
    """Add samples to each call, round by round: in every round each form that still has one due, so that slow drifts meet all alike.

    A first call of each, where it has no sample yet, sets how often it is repeated inside one; when that is once, the call was a sample itself. Each sample
    comes after a ``pause`` of seconds, in which the threads of another library's pool stop spinning. With an ``order`` each round is shuffled.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        costs, start = [], clock()
        for one in clocked:
            one.repeats = 1
            if not one.samples:
                time.sleep(pause)
                one.samples.append(one.once(clock))
            one.repeats = max(1, math.ceil(SHORTEST / max(one.samples[0], 1e-7)))
            costs.append(max(one.samples[0], 1e-7) * one.repeats)
            if one.repeats > 1:
                one.samples.clear()
        counts = rounds(costs, seconds - (clock() - start), [len(one.samples) for one in clocked])
        longest = max(counts, default=0)
        for turn in range(longest):
            due = [one for one, count in zip(clocked, counts, strict=True) if (turn + 1) * count // longest > turn * count // longest]
            if order:
                order.shuffle(due)
            for one in due:
                time.sleep(pause)
                one.samples.append(one.once(clock))
    finally:
        if collecting:
            gc.enable()
