"""Rows of activations."""

CASES = []

BAD = []

NO_LOOP: dict[str, str] = {}
