"""The one table of cases: what every public function is tried on, measured at, and must refuse.

``CASES`` and ``BAD`` hold the rows of all families. Tests, the speedup table, the gradient checks and the benchmarks read them; nothing else is
listed anywhere. ``primitives()`` is the list of public functions with their loops.
"""

import collections
import dataclasses
import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jaxreview.cases._rows import Bad, Bench, Case

__all__ = ["BAD", "CASES", "FAMILIES", "Bad", "Bench", "Case", "Primitive", "primitives", "primitive_of"]

FAMILIES = (
    "linear",
    "convolution",
    "pooling",
    "upsampling",
    "activations",
    "normalization",
    "regularization",
    "losses",
    "initializers",
    "distances",
    "descent",
    "detection",
)


@dataclass(frozen=True)
class Primitive:
    """A public function with its family, its for-loop twin, and the reason where there is no loop to write.

    ``public`` is its name in the family's module and ``aliases`` are its other ones there. ``name`` is the same where no other family uses it too, else
    ``family.public``.
    """

    name: str
    public: str
    aliases: tuple[str, ...]
    family: str
    function: Callable[..., Any]
    loop: Callable[..., Any] | None
    no_loop: str
    cases: tuple[Case, ...]
    bad: tuple[Bad, ...]

    @property
    def core(self) -> bool:
        """Whether the default run of the speedup table measures it."""
        return any(case.bench.core for case in self.cases if case.bench)

    @property
    def benchmarked(self) -> Case | None:
        """The row that the speedup table measures: the first with a bench."""
        return next((case for case in self.cases if case.bench), None)


def _family(name: str) -> list[Primitive]:
    module, loops, rows = (importlib.import_module(f"jaxreview.{room}{name}") for room in ("", "loops.", "cases."))
    names: dict[Callable[..., Any], list[str]] = {}
    for public in module.__all__:
        if not inspect.isclass(getattr(module, public)):
            names.setdefault(getattr(module, public), []).append(public)
    found = []
    for function, others in names.items():
        # Of several names for one function its own goes first.
        public, *aliases = sorted(others, key=lambda one: one != getattr(function, "__name__", ""))
        cases = tuple(case for case in rows.CASES if case.function is function)
        bad = tuple(row for row in rows.BAD if row.function is function)
        loop = getattr(loops, public, None)
        found.append(Primitive(public, public, tuple(aliases), name, function, loop, rows.NO_LOOP.get(public, ""), cases, bad))
    return found


def _distinguished(found: list[Primitive]) -> tuple[Primitive, ...]:
    """With the family's name before a public name that several families use."""
    counts = collections.Counter(primitive.public for primitive in found)
    return tuple(dataclasses.replace(p, name=f"{p.family}.{p.public}") if counts[p.public] > 1 else p for p in found)


_PRIMITIVES = _distinguished([primitive for family in FAMILIES for primitive in _family(family)])
CASES = tuple(case for primitive in _PRIMITIVES for case in primitive.cases)
BAD = tuple(bad for primitive in _PRIMITIVES for bad in primitive.bad)


def primitives() -> tuple[Primitive, ...]:
    """Every public function of the families, in the order of the families and of their ``__all__``."""
    return _PRIMITIVES


def primitive_of(case: Case) -> Primitive:
    """The primitive that a row belongs to."""
    return next(primitive for primitive in _PRIMITIVES if case in primitive.cases)
