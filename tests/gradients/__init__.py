"""A corpus of functions with right and wrong gradients, in a half the checker may be tuned to and a half it was not."""

from gradients import held_back, tuned
from gradients._entries import Entry

__all__ = ["HALVES", "Entry"]

HALVES: dict[str, list[Entry]] = {"tuned": tuned.half.entries, "held back": held_back.half.entries}
