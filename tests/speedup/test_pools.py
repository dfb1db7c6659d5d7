"""The suite of pools and resizes: distinct rows of every kind, each library doing the same, and a wrong one caught before it is timed."""

import sys
from unittest import mock

import numpy as np
import pytest

import bars
import libraries
import peers
import pools
import shapes
from agree import agree

SMALL = [
    pools.Layer("small", "max_pool", (2, 7, 8, 3), (3, 2), dict(stride=2, padding=1)),
    pools.Layer("small", "max_pool", (2, 4, 6, 4, 3), (2, 3, 2)),
    pools.Layer("small", "pool and unpool", (2, 4, 6, 3), (2, 2)),
    pools.Layer("small", "max_unpool", (2, 3, 2, 3), (6, 6)),
    pools.Layer("small", "avg_pool", (2, 5, 6, 3), (3, 3), dict(stride=1, padding=1, count_include_pad=False)),
    pools.Layer("small", "avg_pool", (2, 9, 3), (2,)),
    pools.Layer("small", "global_avg_pool", (2, 5, 6, 3)),
    pools.Layer("small", "adaptive_avg_pool", (2, 5, 7, 3), (3, 2)),
    pools.Layer("small", "adaptive_max_pool", (2, 5, 7, 3), (3, 2)),
    pools.Layer("small", "resize", (2, 4, 5, 3), (8, 10), dict(method="nearest")),
    pools.Layer("small", "resize", (2, 4, 5, 3), (9, 7), dict(method="linear")),
    pools.Layer("small", "resize", (2, 4, 5, 3), (2, 3), dict(method="cubic")),
    pools.Layer("small", "resize", (1, 2, 3, 4, 2), (4, 3, 5), dict(method="linear")),
    pools.Layer("small", "pixel_shuffle", (2, 3, 4, 8), 2),
    pools.Layer("small", "grid_sample", (2, 5, 6, 3)),
]


def test_the_suite_has_many_distinct_layers_of_every_kind():
    assert len(pools.LAYERS) >= 24
    assert len({layer.network for layer in pools.LAYERS}) == len(pools.LAYERS)
    assert len({str(layer).partition(": ")[2] for layer in pools.LAYERS}) == len(pools.LAYERS)
    assert {layer.kind for layer in pools.LAYERS} == set(bars.FAMILIES["pool"].kinds)
    assert {layer.function for layer in pools.LAYERS} == {layer.function for layer in SMALL}


def test_layers_by_expression():
    assert {layer.kind for layer in shapes.matching("overlapping|SegNet", pools.LAYERS)} == {"overlapping", "round trip", "unpool"}


def test_windows_lie_apart_or_overlap():
    kinds = [pools.Layer("small", "max_pool", (1, 9, 9, 1), (3, 2), dict(stride=stride) if stride else {}).kind for stride in (None, 3, 2, (3, 1))]
    assert kinds == ["max", "max", "overlapping", "overlapping"]


@pytest.mark.parametrize("layer", SMALL, ids=str)
def test_every_library_does_the_layer(layer):
    """Against PyTorch in float64 where it is installed, and that against ours in float64."""
    arrays = pools.arrays(layer)
    want = pools.outputs(layer, *arrays)
    with mock.patch.dict(sys.modules, torch=None):
        agree(want, pools.outputs(layer, *arrays))
    for library in ("ours", "lax"):
        with mock.patch.object(libraries, "COMPILATIONS", 1):
            program = pools.program(library, layer, "gradient", arrays)
        if program:
            agree(program.read(program.clocked.run()), {name: a.astype(np.float32) for name, a in want.items()}, "float32")


def test_lax_is_compared_where_it_means_the_same():
    has = {str(layer) for layer in SMALL if pools.LIBRARIES["lax"](layer)}
    for layer in SMALL:
        same = layer.function in ("max_pool", "avg_pool", "global_avg_pool") or layer.options.get("method") in ("linear", "nearest")
        assert (str(layer) in has) == same
    assert not pools.LIBRARIES["lax"](pools.Layer("small", "resize", (1, 4, 4, 1), (6, 6), dict(method="nearest")))


def test_a_layer_is_measured_and_a_wrong_library_is_caught():
    layer, suite = SMALL[0], peers.SUITES["pool"]
    rows = peers.measure(suite, layer, 0.01, ["ours", "lax"])
    assert [row.turn for row in rows] == ["forward", "gradient"]
    assert [set(row.errors) for row in rows] == [{"y"}, {"y", "x"}]
    assert all(row.faster("ours", "lax") and row.memory and row.compiling and row.compiling_twice for row in rows)
    right = pools.LIBRARIES["lax"]
    with (
        mock.patch.dict(pools.LIBRARIES, lax=lambda layer: lambda x: right(layer)(x) * 1.001),
        pytest.raises(AssertionError, match="lax differs from the definition in y"),
    ):
        peers.measure(suite, layer, 0.01, ["ours", "lax"])


def test_a_library_without_the_function_has_no_column():
    (row, _) = peers.measure(peers.SUITES["pool"], SMALL[3], 0.01, ["ours", "lax"])
    assert [one.library for one in row.measured] == ["ours"]
