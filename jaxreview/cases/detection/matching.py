"""Rows: Anchors matched with objects."""

from jaxreview.cases._rows import Bad, Case

CASES: list[Case] = []
BAD: list[Bad] = []
