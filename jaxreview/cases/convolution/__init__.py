"""Rows of convolution and its relatives."""

from jaxreview.cases.convolution import correlation, deformable, depthwise, field, patches, transposed

_PARTS = (correlation, deformable, depthwise, field, patches, transposed)

CASES = [case for part in _PARTS for case in part.CASES]
BAD = [bad for part in _PARTS for bad in part.BAD]
NO_LOOP: dict[str, str] = {}
