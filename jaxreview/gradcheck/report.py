"""What was compared and what came of it: one ``Check`` for each leaf and mode, a ``GradientReport`` of all."""

from dataclasses import dataclass, fields
from typing import Any

__all__ = ["Check", "GradientError", "GradientReport"]

# From harmless to grave; the last ones make a report wrong.
VERDICTS = ("right", "vacuous", "kink", "too noisy", "wrong", "not finite", "not deterministic")
BAD = ("not deterministic", "not finite", "wrong")


class GradientError(AssertionError):
    """A gradient that is not the derivative of its function."""


@dataclass(frozen=True)
class Check:
    """One comparison: the worst entry of one leaf under one mode.

    Attributes:
        mode: what was compared, for example ``"reverse"`` or ``"forward over reverse"``.
        leaf: path of the input leaf (reverse) or output leaf (forward).
        coordinate: index of the worst entry; empty for a scalar leaf and where a direction was compared.
        ad: JAX's value there. numerical: what it was compared with. error: their distance. allowed: the most it may be, the sum of the errors of both.
        verdict: one of ``VERDICTS``. relative: ‖g − ĝ‖ / (‖g‖ + ‖ĝ‖) over all that was compared of this leaf at the given point.
        point: where: ``"given"``, ``"beside"`` or ``"signs flipped"``. probes: how many numbers were compared. cause: a likely one, or what it means.
    """

    mode: str
    leaf: str
    coordinate: tuple[int, ...]
    ad: float
    numerical: float
    error: float
    allowed: float
    verdict: str = "right"
    relative: float = 0.0
    point: str = "given"
    probes: int = 1
    cause: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong here; a NaN always is, a kink is not."""
        return self.verdict not in BAD


@dataclass(frozen=True)
class GradientReport:
    """All comparisons of one ``check_gradients`` call; prints as a table.

    Attributes:
        checks: the comparisons. notes: what could not be compared, what was found besides, and what may have been missed.
    """

    checks: tuple[Check, ...]
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return all(check.ok for check in self.checks)

    @property
    def verdict(self) -> str:
        """The gravest verdict of all; ``"vacuous"`` where every gradient is zero, so that little is proven."""
        found = [check.verdict for check in self.checks]
        main = [check.verdict for check in self.checks if check.mode in ("reverse", "forward")]
        grave = max(found, key=VERDICTS.index, default="vacuous")
        if grave in ("right", "vacuous"):
            return "vacuous" if all(verdict == "vacuous" for verdict in main) else "right"
        return grave

    def raise_if_wrong(self) -> "GradientReport":
        """Raise a GradientError with the table if something is wrong; else give the report back.

        Raises:
            GradientError: a derivative is wrong.
        """
        if not self.ok:
            wrong = [check.verdict for check in self.checks if not check.ok]
            raise GradientError(f"the gradient is {max(wrong, key=VERDICTS.index)}:\n{self}")
        return self

    def to_dict(self) -> dict[str, Any]:
        """The report as plain numbers, strings, lists and dicts, ready for JSON."""
        checks: list[dict[str, Any]] = [{field.name: getattr(check, field.name) for field in fields(check)} | {"ok": check.ok} for check in self.checks]
        for check in checks:
            check["coordinate"] = list(check["coordinate"])
        return {"ok": self.ok, "verdict": self.verdict, "checks": checks, "notes": list(self.notes)}

    def __str__(self) -> str:
        head = ("mode", "leaf", "worst at", "jax", "numerical", "error", "allowed", "relative", "")
        rows = [
            (c.mode, c.leaf, _where(c), f"{c.ad:.9g}", f"{c.numerical:.9g}", f"{c.error:.2g}", f"{c.allowed:.2g}", f"{c.relative:.1g}", _said(c))
            for c in self.checks
        ]
        widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
        table = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in (head, *rows)]
        causes = [f"{c.mode} {c.leaf}: {c.cause}" for c in self.checks if c.cause]
        return "\n".join([*table, *causes, *(f"note: {note}" for note in self.notes)])


def _where(check: Check) -> str:
    place = str(list(check.coordinate))
    return place if check.point == "given" else f"{place} {check.point}"


def _said(check: Check) -> str:
    return "ok" if check.verdict == "right" else check.verdict if check.ok else check.verdict.upper()
