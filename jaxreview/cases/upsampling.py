"""Rows of upsampling."""

CASES = []

BAD = []

NO_LOOP: dict[str, str] = {}
