"""The one way for a test to compare results: by the library's one table of tolerances."""

from typing import Any

from jaxreview.cases._rows import TOLERANCE, mismatch


def agree(got: Any, want: Any, dtype: str = "float64") -> None:
    """Fail unless two pytrees of arrays agree as results computed in ``dtype`` must."""
    difference = mismatch(got, want, TOLERANCE[dtype])
    assert not difference, difference
