"""Rows of convolution."""

CASES = []

BAD = []

NO_LOOP: dict[str, str] = {}
