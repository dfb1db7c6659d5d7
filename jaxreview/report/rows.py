"""The gradient check of one row of the table of cases."""

import time
from dataclasses import dataclass

import jax

from jaxreview.cases import Case, Primitive
from jaxreview.gradcheck import Check, check_gradients

__all__ = ["RowCheck", "check_row"]


@dataclass(frozen=True)
class RowCheck:
    """What came of it. ``ok`` is also true of a known limit, which the verdict then names; a check that raised has no numbers."""

    name: str
    case: str
    error: float | None
    allowed: float | None
    seconds: float
    verdict: str
    ok: bool


def check_row(primitive: Primitive, case: Case) -> RowCheck:
    """Hold a row's derivatives against differences in float64; a check that raises is a wrong one."""
    start = time.perf_counter()
    try:
        with jax.enable_x64(True):
            values = case.values()
        report = check_gradients(case.bound(), *values, argnums=case.differentiable, order=1, consistency=False)
        worst: Check = max(report.checks, key=lambda one: (not one.ok, one.error / one.allowed if one.allowed else one.error))
        limit = case.limits.get("derivatives")
        wrong = f"WRONG at {worst.leaf}{list(worst.coordinate)} ({worst.mode}): JAX {worst.ad:.6g}, differences {worst.numerical:.6g}"
        verdict = "ok" if report.ok else f"known limit: {limit}" if limit else wrong
        numbers, ok = (worst.error, worst.allowed), report.ok or bool(limit)
    except Exception as error:
        numbers, ok, verdict = (None, None), False, f"WRONG: {type(error).__name__}: {error}".splitlines()[0]
    return RowCheck(primitive.name, case.name, *numbers, time.perf_counter() - start, verdict, ok)
