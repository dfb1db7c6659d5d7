"""Where to look: the points, and the directions that no error of any size hides from.

A leaf of up to ``EVERY_COORDINATE`` numbers is judged coordinate by coordinate. A larger one is judged along directions, each at a cost that does not
depend on its size: along the gradient itself, where an error of relative size δ of the whole shows as δ; along Gaussian directions, where an error vector e
shows as a normal number of standard deviation ‖e‖, so that k of them miss an error of t times what one can see with a probability of (0.8 / t)^k at most;
and by group tests, random signs over the coordinates of largest gradient, of middling, of small and of zero gradient: a single wrong coordinate shows
in its group whatever the signs, beside others of its own size. Everything is measured in the inputs' own sizes.
"""

from dataclasses import dataclass

import numpy as np

from jaxreview.gradcheck.evaluation import Directions
from jaxreview.gradcheck.problem import Part

__all__ = ["EVERY_COORDINATE", "POINTS", "Plan", "points", "sizes"]

# Leaves up to this size are checked coordinate by coordinate; larger ones along random directions.
EVERY_COORDINATE = 512
POINTS = ("given", "beside", "signs flipped")
# Shares of a wide leaf's coordinates, by falling gradient, that make the groups.
GROUPS = (0.0, 0.01, 0.1, 0.5, 1.0)
# How far the point beside lies, and how far the inputs move for rounding errors to be drawn anew.
BESIDE, ULP = 0.05, 2.0**-52
# Random directions of a leaf at the points beside and with flipped signs.
ELSEWHERE = 3


def sizes(point: np.ndarray, parts: list[Part]) -> np.ndarray:
    """The length of a step in each coordinate: its own magnitude, or its leaf's where it is (next to) zero."""
    units = np.empty_like(point)
    for part in parts:
        own = np.abs(point[part.rows])
        with np.errstate(all="ignore"):
            finite = own[np.isfinite(own)]
            top = finite.max(initial=0.0)
            typical = top * np.sqrt(np.mean((finite / top) ** 2)) if top > 0 else 1.0
            units[part.rows] = np.where(np.isfinite(own), np.where(own > 1e-6 * typical, own, np.where(own > 0, 1e-6 * typical, typical)), typical)
    return units


def points(rng: np.random.Generator, point: np.ndarray, units: np.ndarray) -> np.ndarray:
    """The given point, one beside it, one with the signs flipped; then each with a change in the last place, and the given one with another."""

    def near(at: np.ndarray) -> np.ndarray:
        return at * (1 + ULP * rng.choice([-1.0, 1.0], at.shape))

    beside = point + BESIDE * units * rng.uniform(0.3, 1.0, point.shape) * rng.choice([-1.0, 1.0], point.shape)
    flipped = -point - BESIDE * units * rng.uniform(0.3, 1.0, point.shape) * rng.choice([-1.0, 1.0], point.shape)
    first = [point, beside, flipped]
    return np.stack([*first, *map(near, first), near(point)])


@dataclass
class Plan:
    """Which direction is tried at which point for which leaf.

    Attributes:
        along: the directions; the first ``mixed`` move all leaves. ids, point, part: of each row for reverse mode. single: which rows are coordinates.
        demand: the error that each row may be known to. typical: the root mean square of its leaf's gradient, in steps of the inputs' own sizes.
    """

    along: Directions
    mixed: int
    ids: np.ndarray
    point: np.ndarray
    part: np.ndarray
    demand: np.ndarray
    typical: np.ndarray

    @property
    def single(self) -> np.ndarray:
        """Which rows move one coordinate alone."""
        return self.ids >= len(self.along.dense)

    @staticmethod
    def rows(parts: list[Part], mixed: int, limit: float) -> int:
        """The most dense rows that a plan may have."""
        return mixed + sum(ELSEWHERE + (mixed + 1 + len(GROUPS) if part.size > limit else 0) for part in parts)

    @classmethod
    def of(
        cls,
        rng: np.random.Generator,
        parts: list[Part],
        units: np.ndarray,
        gradient: np.ndarray | None,
        mixed: int,
        elsewhere: list[int],
        limit: float,
        rows: int,
    ) -> "Plan":
        """Directions for all parts; without a gradient there is no reverse mode, and all that is planned are the mixed ones."""
        n = len(units)
        dense = [row * units for row in rng.standard_normal((mixed, n))]
        ids, point, of_part, demand = [], [], [], []

        def add(number: int, where: int, part: int, needed: float) -> None:
            ids.append(number)
            point.append(where)
            of_part.append(part)
            demand.append(needed)

        means = dict.fromkeys(range(len(parts)), 0.0)
        later: list[tuple[int, int, float]] = []
        for index, part in enumerate(parts if gradient is not None else []):
            if not part.size:
                continue
            scaled = np.nan_to_num((gradient * units)[part.rows]) if gradient is not None else np.zeros(part.size)
            own = np.abs(scaled)
            with np.errstate(all="ignore"):
                means[index] = float(np.nan_to_num(np.sqrt(np.mean(own**2)), posinf=0.0))
            needed = 2e-5 * means[index] if means[index] else np.inf

            def whole(row: np.ndarray, part: Part = part) -> int:
                full = np.zeros(n)
                full[part.rows] = row * units[part.rows]
                dense.append(full)
                return len(dense) - 1

            for _ in range(ELSEWHERE if elsewhere else 0):
                number = whole(rng.choice([-1.0, 1.0], part.size))
                for where in elsewhere:
                    add(number, where, index, np.inf)
            if part.size <= limit:
                later += [(index, j, 2e-5 * max(float(o), 1e-2 * float(own.max())) if own.any() else np.inf) for j, o in enumerate(own)]
                continue
            if own.any():
                add(whole(scaled / own.max()), 0, index, needed)
            for _ in range(mixed):
                add(whole(rng.standard_normal(part.size)), 0, index, needed)
            for group in groups(own):
                row = np.zeros(part.size)
                row[group] = rng.choice([-1.0, 1.0], len(group))
                add(whole(row), 0, index, max(2e-5 * float(own[group].mean()), 0.1 * needed))
        for index, j, needed in later:
            add(len(dense) + parts[index].start + j, 0, index, needed)
        along = Directions(np.stack(dense) if dense else np.zeros((1, n)), units, rows)
        return cls(
            along,
            mixed,
            np.asarray(ids, int),
            np.asarray(point, int),
            np.asarray(of_part, int),
            np.asarray(demand, float),
            np.asarray([means[i] for i in of_part], float),
        )


def groups(own: np.ndarray) -> list[np.ndarray]:
    """Coordinates by the magnitude of their gradient: the largest hundredth, the next ones, the smaller half, and those of gradient zero."""
    order = np.argsort(-own, kind="stable")
    alive = order[own[order] > 0]
    edges = [round(share * len(alive)) for share in GROUPS]
    found = [alive[a:b] for a, b in zip(edges[:-1], edges[1:], strict=True)] + [order[len(alive) :]]
    return [group for group in found if len(group)]
