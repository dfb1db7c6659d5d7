"""Rows of losses."""

CASES = []

BAD = []

NO_LOOP: dict[str, str] = {}
