"""Rows: Regions of interest."""

from jaxreview.cases._rows import Bad, Case

CASES: list[Case] = []
BAD: list[Bad] = []
