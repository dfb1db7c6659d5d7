"""Rows of the losses."""

from jaxreview.cases.losses import binary, classification, regression

_PARTS = (regression, binary, classification)

CASES = [case for part in _PARTS for case in part.CASES]
BAD = [bad for part in _PARTS for bad in part.BAD]
NO_LOOP: dict[str, str] = {}
