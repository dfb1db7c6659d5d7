"""The checker on the tuned half of the corpus: every wrong gradient caught, no right one rejected. `benchmarks/gradchecks.py` asks both halves."""

import jax
import pytest

from jaxreview.gradcheck import check_gradients

from gradients import HALVES

# A share of the corpus that costs seconds; the whole of it is the benchmark's.
SOME = [entry for half in HALVES.values() for entry in half[::6]]


@pytest.mark.thorough
@pytest.mark.parametrize("entry", SOME, ids=str)
def test_right_and_wrong_are_told_apart(entry):
    with jax.enable_x64(entry.x64), jax.numpy_rank_promotion("allow"), jax.numpy_dtype_promotion("standard"):
        fn, args = entry.make()
        report = check_gradients(fn, *args, order=entry.order)
    assert report.ok != entry.wrong, f"{entry.kind}:\n{report}"


def test_the_corpus_is_as_large_as_it_says():
    entries = [entry for half in HALVES.values() for entry in half]
    assert len({entry.name for entry in entries}) == len(entries) >= 80
    assert min(sum(entry.wrong for entry in entries), sum(not entry.wrong for entry in entries)) >= 40
