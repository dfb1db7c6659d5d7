"""Rows of pooling and its inverses."""

from jaxreview.cases.pooling import adaptive, average, fractional, maximum, unpooling

_PARTS = (adaptive, average, fractional, maximum, unpooling)

CASES = [case for part in _PARTS for case in part.CASES]
BAD = [bad for part in _PARTS for bad in part.BAD]
NO_LOOP: dict[str, str] = {}
