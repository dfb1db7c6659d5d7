"""Rows of descent."""

CASES = []

BAD = []

NO_LOOP: dict[str, str] = {}
