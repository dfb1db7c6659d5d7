"""Rows of initializers."""

CASES = []

BAD = []

NO_LOOP: dict[str, str] = {}
