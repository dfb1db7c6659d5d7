"""Rows of upsampling."""

from jaxreview.cases.upsampling import interpolation

_PARTS = (interpolation,)

CASES = [case for part in _PARTS for case in part.CASES]
BAD = [bad for part in _PARTS for bad in part.BAD]
NO_LOOP: dict[str, str] = {}
