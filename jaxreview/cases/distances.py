"""Rows of distances."""

CASES = []

BAD = []

NO_LOOP: dict[str, str] = {}
