"""Rows of normalization."""

CASES = []

BAD = []

NO_LOOP: dict[str, str] = {}
