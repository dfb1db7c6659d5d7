"""Rows: Proposals of a region proposal network."""

from jaxreview.cases._rows import Bad, Case

CASES: list[Case] = []
BAD: list[Bad] = []
