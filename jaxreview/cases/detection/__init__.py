"""Rows of detection."""

from jaxreview.cases.detection import anchors, boxes, coding, matching, position_sensitive, proposing, regions, suppression, targets

_PARTS = (boxes, coding, anchors, matching, targets, suppression, proposing, regions, position_sensitive)

CASES = [case for part in _PARTS for case in part.CASES]
BAD = [bad for part in _PARTS for bad in part.BAD]
NO_LOOP: dict[str, str] = {}
