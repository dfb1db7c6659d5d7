"""The one table of cases: what every public function is tried on, measured at, and must refuse.

``CASES`` and ``BAD`` hold the rows of all families. Tests, the speedup table, the gradient checks and the benchmarks read them; nothing else is
listed anywhere. ``primitives()`` is the list of public functions with their loops.
"""

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
)


@dataclass(frozen=True)
class Primitive:
    """A public function with its family, its for-loop twin, and the reason where there is no loop to write."""

    name: str
    family: str
    function: Callable[..., Any]
    loop: Callable[..., Any] | None
    no_loop: str
    cases: tuple[Case, ...]
    bad: tuple[Bad, ...]

    @property
    def benchmarked(self) -> Case | None:
        """The row that the speedup table measures: the first with a bench."""
        return next((case for case in self.cases if case.bench), None)


def _family(name: str) -> list[Primitive]:
    module, loops, rows = (importlib.import_module(f"jaxreview.{room}{name}") for room in ("", "loops.", "cases."))
    found = []
    for public in module.__all__:
        function = getattr(module, public)
        if inspect.isclass(function):
            continue
        cases = tuple(case for case in rows.CASES if case.function is function)
        bad = tuple(row for row in rows.BAD if row.function is function)
        found.append(Primitive(public, name, function, getattr(loops, public, None), rows.NO_LOOP.get(public, ""), cases, bad))
    return found


_PRIMITIVES = tuple(primitive for family in FAMILIES for primitive in _family(family))
CASES = tuple(case for primitive in _PRIMITIVES for case in primitive.cases)
BAD = tuple(bad for primitive in _PRIMITIVES for bad in primitive.bad)


def primitives() -> tuple[Primitive, ...]:
    """Every public function of the families, in the order of the families and of their ``__all__``."""
    return _PRIMITIVES


def primitive_of(case: Case) -> Primitive:
    """The primitive that a row belongs to."""
    return next(primitive for primitive in _PRIMITIVES if case in primitive.cases)
