"""Rows of upsampling."""

from jaxreview.cases.upsampling import interpolation, sampling, shuffling

_PARTS = (interpolation, sampling, shuffling)

CASES = [case for part in _PARTS for case in part.CASES]
BAD = [bad for part in _PARTS for bad in part.BAD]
NO_LOOP: dict[str, str] = {}
