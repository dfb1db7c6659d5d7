"""How a law is asked of every row."""

from collections.abc import Callable, Iterable

import pytest

from jaxreview.cases import CASES, Case


def of_every_row(law: str, applies: Callable[[Case], bool] = lambda case: True, cases: Iterable[Case] = CASES) -> pytest.MarkDecorator:
    """Parametrize a test over the rows that ``law`` speaks of; a row's known limit is a strict xfail with its reason."""
    rows = [case for case in cases if applies(case)]
    if not rows:
        raise ValueError(f"the law {law!r} would be asked of no row")
    marks = [[pytest.mark.xfail(strict=True, reason=case.limits[law])] if law in case.limits else [] for case in rows]
    return pytest.mark.parametrize("case", [pytest.param(case, id=str(case), marks=mark) for case, mark in zip(rows, marks, strict=True)])
