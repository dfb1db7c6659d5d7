"""Rows of regularization."""

CASES = []

BAD = []

NO_LOOP: dict[str, str] = {}
