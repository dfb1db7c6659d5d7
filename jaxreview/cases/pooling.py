"""Rows of pooling."""

CASES = []

BAD = []

NO_LOOP: dict[str, str] = {}
