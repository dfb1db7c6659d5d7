"""Rows of the normalizations."""

from jaxreview.cases.normalization import batch, features, layers, response, weights

_PARTS = (batch, features, layers, response, weights)

CASES = [case for part in _PARTS for case in part.CASES]
BAD = [bad for part in _PARTS for bad in part.BAD]
NO_LOOP: dict[str, str] = {}
