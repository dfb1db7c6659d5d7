"""What a library for convolutions on a CPU is to clear, and how the rows of a run stand against it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from record import Row

__all__ = ["KINDS", "Bar", "bars", "mean"]

KINDS = ("dense 3×3", "dense", "depthwise", "grouped", "transposed")
# The kinds for which the backend has nothing but a naive loop.
SLOW = ("depthwise", "grouped", "transposed")

Get = Callable[[Row], float | None]


@dataclass(frozen=True)
class Bar:
    """What is asked for, how it stands (``passed`` is None without a row to judge by), and each row that misses it and by how much."""

    name: str
    text: str
    passed: bool | None
    stands: str
    misses: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """In a word or two."""
        return {None: "not measured", True: "pass", False: "miss"}[self.passed]

    def __str__(self) -> str:
        return "\n".join([f"{self.name:<3}{self.verdict:<13}{self.text}: {self.stands}", *(f"       {miss}" for miss in self.misses)])


def mean(ratios: Sequence[float]) -> float | None:
    """The geometric mean, or None of nothing."""
    return math.exp(math.fsum(map(math.log, ratios)) / len(ratios)) if ratios else None


def _known(rows: Sequence[Row], get: Get) -> list[tuple[Row, float]]:
    return [(row, value) for row in rows if (value := get(row)) is not None]


def _each(name: str, text: str, rows: Sequence[Row], get: Get, *, least: float = 0.0, most: float = math.inf) -> Bar:
    """Every row's ratio is at least ``least``, or at most ``most``."""
    found = sorted(_known(rows, get), key=lambda pair: pair[1], reverse=most < math.inf)
    if not found:
        return Bar(name, text, None, "no row")

    def missed(value: float) -> str:
        return f"{100 * (1 - value / least):.0f} % short" if value < least else f"{100 * (value / most - 1):.0f} % too much"

    misses = tuple(f"{value:.2f} {row.network}, {row.turn}: {missed(value)}" for row, value in found if not least <= value <= most)
    worst, value = found[0]
    return Bar(name, text, not misses, f"{len(misses)} of {len(found)} rows miss it, the worst is {value:.2f} ({worst.network}, {worst.turn})", misses)


def _mean(name: str, text: str, rows: Sequence[Row], get: Get, *, least: float) -> Bar:
    """The rows' geometric mean is at least ``least``."""
    found = [value for _, value in _known(rows, get)]
    value = mean(found)
    if value is None:
        return Bar(name, text, None, "no row")
    short = "" if value >= least else f", {100 * (1 - value / least):.0f} % short"
    return Bar(name, text, value >= least, f"{value:.2f} over {len(found)} rows{short}")


def _worst_error(winograd: bool) -> Get:
    """The largest share of lax's error among the outputs that Winograd's algorithm gives, or among the others."""
    return lambda row: max((ratio for name, ratio in row.errors.items() if ("winograd" in row.algorithms[name]) == winograd), default=None)


def bars(rows: Sequence[Row]) -> list[Bar]:
    """Every bar on these rows."""

    def lax(row: Row) -> float | None:
        return row.faster("ours", "lax")

    def torch(row: Row) -> float | None:
        return row.faster("ours", "torch")

    slow = [row for row in rows if row.kind in SLOW]
    behind = [row for row in slow if (row.faster("torch", "lax") or 0.0) > 2.0]

    def of(kind: str) -> list[Row]:
        return [row for row in rows if row.kind == kind]

    gradients = [row for row in slow if row.turn == "gradient"]
    return [
        _each("1", "never more than 5 % slower than lax: lax / ours ≥ 0.952 (1 / 1.05)", rows, lax, least=1 / 1.05),
        _mean("2a", "depthwise, grouped and transposed, value and gradient: geometric mean of lax / ours ≥ 8", gradients, lax, least=8.0),
        _each("2b", "of these kinds, lax / ours ≥ 1.5 where lax is more than 2 times slower than PyTorch", behind, lax, least=1.5),
        _mean("3a", "geometric mean of PyTorch / ours ≥ 1.0", rows, torch, least=1.0),
        _each("3b", "transposed: PyTorch / ours ≥ 1.0 each", of("transposed"), torch, least=1.0),
        _each("3c", "depthwise: PyTorch / ours ≥ 0.5 each", of("depthwise"), torch, least=0.5),
        _each("3d", "dense 3×3: PyTorch / ours ≥ 0.7 each", of("dense 3×3"), torch, least=0.7),
        _each("4a", "peak memory ≤ 2.5 times lax's", rows, lambda row: row.memory, most=2.5),
        _each("4b", "compile time ≤ 2 times lax's", rows, lambda row: row.compiling, most=2.0),
        # Compile times of a few 10 ms scatter by a third; one that grew with the batch would double.
        _each("4c", "compile time independent of the batch: ≤ 1.5 times as long at twice the batch", rows, lambda row: row.compiling_twice, most=1.5),
        _each("5a", "error against float64 ≤ 2 times lax's, without Winograd", rows, _worst_error(False), most=2.0),
        _each("5b", "error against float64 ≤ 4 times lax's, with Winograd", rows, _worst_error(True), most=4.0),
    ]
