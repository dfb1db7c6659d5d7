"""Rows: Boxes as offsets from anchors."""

from jaxreview.cases._rows import Bad, Case

CASES: list[Case] = []
BAD: list[Bad] = []
