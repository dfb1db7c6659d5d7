"""The suite of normalizations, activations, losses, dropout and distances: distinct rows of every kind, and a wrong one caught before it is timed."""

import dataclasses
import sys
from unittest import mock

import pytest

import bars
import libraries
import others
import peers
from agree import agree


def layer(network):
    return next(one for one in others.LAYERS if one.network == network)


def test_the_suite_has_many_distinct_rows_of_every_kind():
    assert len(others.LAYERS) >= 20
    assert len({one.network for one in others.LAYERS}) == len(others.LAYERS)
    assert {one.kind for one in others.LAYERS} == set(bars.FAMILIES["other"].kinds)
    assert sum(one.peer is not None for one in others.LAYERS) >= 15


@pytest.mark.parametrize("network", ["box smooth L1", "ViT dropout", "k-NN distances"])
def test_both_passes_do_the_work(network):
    row = layer(network)
    given = others.arrays(row)
    with mock.patch.dict(sys.modules, torch=None):
        want = others.outputs(row, *given)
    assert list(want) == ["y", *map(str, range(len(row.moving)))]
    for library in ("ours", "jax"):
        with mock.patch.object(libraries, "COMPILATIONS", 1):
            made = others.program(library, row, "gradient", given)
        if row.peer or library == "ours":
            agree(made.read(made.clocked.run()), want, "float32")
        else:
            assert made is None


def test_a_random_row_is_compared_by_the_values_that_occur():
    given = others.arrays(layer("ViT dropout"))
    with mock.patch.object(libraries, "COMPILATIONS", 1):
        made = others.program("ours", layer("ViT dropout"), "forward", given)
    assert made.read(made.clocked.run())["y"].tolist() == [0.0, 1.0]


def test_a_wrong_library_is_caught_before_it_is_timed():
    row = layer("box smooth L1")
    wrong = dataclasses.replace(row, peer=lambda: lambda a, b: 1.001 * row.ours(a, b))
    suite = dataclasses.replace(peers.SUITES["other"], layers=(wrong,))
    with mock.patch.dict(sys.modules, torch=None), mock.patch.object(libraries, "COMPILATIONS", 1), pytest.raises(AssertionError, match="jax differs"):
        peers.measure(suite, wrong, 0.01, ["ours", "jax"])
