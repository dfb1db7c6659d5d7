"""Rows of the activations."""

from jaxreview.cases.activations import piecewise, smooth, softmaxes

_PARTS = (piecewise, smooth, softmaxes)

CASES = [case for part in _PARTS for case in part.CASES]
BAD = [bad for part in _PARTS for bad in part.BAD]
NO_LOOP: dict[str, str] = {}
