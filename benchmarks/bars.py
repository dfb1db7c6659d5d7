"""What each suite of layers is to clear on a CPU, and how the rows of a run stand against it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from record import PASSES, Row

__all__ = ["FAMILIES", "KINDS", "Bar", "Family", "bars", "mean", "other_bars", "pool_bars"]

KINDS = ("dense 3×3", "dense", "depthwise", "grouped", "transposed")
OTHER_KINDS = ("normalization", "softmax", "loss", "activation", "dropout", "distance")
POOL_KINDS = ("max", "overlapping", "round trip", "unpool", "average", "adaptive", "resize", "shuffle", "sample")
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


def _lax(row: Row) -> float | None:
    return row.faster("ours", "lax")


def _jax(row: Row) -> float | None:
    return row.faster("ours", "jax")


def _torch(row: Row) -> float | None:
    return row.faster("ours", "torch")


def bars(rows: Sequence[Row]) -> list[Bar]:
    """Every bar on these rows of convolutions."""
    slow = [row for row in rows if row.kind in SLOW]
    behind = [row for row in slow if (row.faster("torch", "lax") or 0.0) > 2.0]

    def of(kind: str) -> list[Row]:
        return [row for row in rows if row.kind == kind]

    gradients = [row for row in slow if row.turn == "gradient"]
    return [
        _each("1", "never more than 5 % slower than lax: lax / ours ≥ 0.952 (1 / 1.05)", rows, _lax, least=1 / 1.05),
        _mean("2a", "depthwise, grouped and transposed, value and gradient: geometric mean of lax / ours ≥ 8", gradients, _lax, least=8.0),
        _each("2b", "of these kinds, lax / ours ≥ 1.5 where lax is more than 2 times slower than PyTorch", behind, _lax, least=1.5),
        _mean("3a", "geometric mean of PyTorch / ours ≥ 1.0", rows, _torch, least=1.0),
        _each("3b", "transposed: PyTorch / ours ≥ 1.0 each", of("transposed"), _torch, least=1.0),
        _each("3c", "depthwise: PyTorch / ours ≥ 0.5 each", of("depthwise"), _torch, least=0.5),
        _each("3d", "dense 3×3: PyTorch / ours ≥ 0.7 each", of("dense 3×3"), _torch, least=0.7),
        _each("4a", "peak memory ≤ 2.5 times lax's", rows, lambda row: row.memory, most=2.5),
        _each("4b", "compile time ≤ 2 times lax's", rows, lambda row: row.compiling, most=2.0),
        # Compile times of a few 10 ms scatter by a third; one that grew with the batch would double.
        _each("4c", "compile time independent of the batch: ≤ 1.5 times as long at twice the batch", rows, lambda row: row.compiling_twice, most=1.5),
        _each("5a", "error against float64 ≤ 2 times lax's, without Winograd", rows, _worst_error(False), most=2.0),
        _each("5b", "error against float64 ≤ 4 times lax's, with Winograd", rows, _worst_error(True), most=4.0),
    ]


def pool_bars(rows: Sequence[Row]) -> list[Bar]:
    """Every bar on these rows of pools and resizes."""

    def of(kind: str, turns: Sequence[str] = PASSES) -> list[Row]:
        return [row for row in rows if row.kind == kind and row.turn in turns]

    forward = [row for row in rows if row.turn == "forward"]
    return [
        _each("1a", "maximum over windows apart, value and gradient: lax / ours ≥ 5 each", of("max", ["gradient"]), _lax, least=5.0),
        _each("1b", "maximum over overlapping windows, value and gradient: lax / ours ≥ 2 each", of("overlapping", ["gradient"]), _lax, least=2.0),
        _each("2", "forward never more than 5 % slower than lax: lax / ours ≥ 0.952 (1 / 1.05)", forward, _lax, least=1 / 1.05),
        _mean("3a", "geometric mean of PyTorch / ours ≥ 1.5", rows, _torch, least=1.5),
        _each("3b", "PyTorch / ours ≥ 0.8 each", rows, _torch, least=0.8),
        _each("3c", "pool and unpool: PyTorch / ours ≥ 1.5 each", of("round trip"), _torch, least=1.5),
        _each("4a", "resize: lax / ours ≥ 1.0 each", of("resize"), _lax, least=1.0),
        _each("4b", "resize: PyTorch / ours ≥ 1.0 each", of("resize"), _torch, least=1.0),
        _each("5", "peak memory ≤ 2 times lax's", rows, lambda row: row.memory, most=2.0),
    ]


def other_bars(rows: Sequence[Row]) -> list[Bar]:
    """Every bar on these rows of normalizations, activations, losses, dropout and distances."""
    drops = [row for row in rows if row.kind == "dropout"]
    return [
        _each("1", "never more than 5 % slower than jax.nn, optax or Flax: JAX / ours ≥ 0.952 (1 / 1.05)", rows, _jax, least=1 / 1.05),
        _mean("2", "geometric mean of PyTorch / ours ≥ 1.2", rows, _torch, least=1.2),
        _each("3a", "dropout: bernoulli and where / ours ≥ 1.5 each", drops, _jax, least=1.5),
        _each("3b", "dropout: PyTorch / ours ≥ 1.0 each", drops, _torch, least=1.0),
    ]


@dataclass(frozen=True)
class Family:
    """What belongs to the rows of one suite: their kinds in the order of the table, the peers beside ours, and the bars."""

    kinds: tuple[str, ...]
    peers: tuple[str, ...]
    bars: Callable[[Sequence[Row]], list[Bar]]


FAMILIES = {
    "conv": Family(KINDS, ("lax", "torch", "flax", "equinox"), bars),
    "pool": Family(POOL_KINDS, ("lax", "torch"), pool_bars),
    "other": Family(OTHER_KINDS, ("jax", "torch"), other_bars),
}
