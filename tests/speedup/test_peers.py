"""The peer table on planted numbers: ratios, means, bars met and missed, the file and the README; the suite and the definition that all are held against."""

import dataclasses
import itertools
import json
import math

import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import loops

import bars
import definition
import libraries
import quiet
import readme
import record
import shapes
import tables
from agree import agree
from record import Measured, Row


def planted(ours=10.0, lax=10.0, torch=10.0, kind="dense", turn="forward", **change):
    """A row with medians in milliseconds, at which every bar is met but those that ask for more than a draw."""
    costs = dict(repeats=1, compile_seconds=0.1, memory_bytes=1000)
    error = change.pop("error", 1e-7)
    mine = costs | dict(compile_seconds_twice=0.1) | change.pop("costs", {})
    measured = (
        Measured("ours", (ours / 1e3,), {"y": error}, **mine),
        Measured("lax", (lax / 1e3,), {"y": 1e-7}, **costs),
        Measured("torch", (torch / 1e3,), {"y": 1e-7}),
    )
    return Row(**dict(network="net", kind=kind, layer="net: layer", turn=turn, algorithms={"y": ("native",)}, measured=measured) | change)


def bar(name, *rows, family="conv"):
    return next(one for one in bars.FAMILIES[family].bars(rows) if one.name == name)


def run(*rows, complete=True, **settings):
    machine, settings = dict(cpu="a CPU", cores=2), dict(dtype="float32", threads=2) | settings
    versions = dict(jax="1.2.3", torch="4.5.6", flax=None)
    return record.Record("2026-01-02T03:04:05+00:00", machine, dict(platform="cpu", kind="cpu"), versions, "0123456789abcdef", settings, complete, {}, rows)


def test_ratios():
    row = planted(ours=4.0, lax=10.0, torch=2.0, error=3e-7, costs=dict(compile_seconds=0.25, compile_seconds_twice=0.3, memory_bytes=1500))
    assert row.faster("ours", "lax") == pytest.approx(2.5)
    assert row.faster("ours", "torch") == pytest.approx(0.5)
    assert row.faster("torch", "lax") == pytest.approx(5.0)
    assert row.faster("ours", "flax") is None
    assert (row.compiling, row.compiling_twice, row.memory) == pytest.approx((2.5, 1.2, 1.5))
    assert row.errors == pytest.approx({"y": 3.0})


def test_the_median_decides():
    one = dataclasses.replace(planted().measured[0], samples=(5.0, 1.0, 9.0, 2.0, 100.0))
    assert one.median == 5.0


def test_an_error_where_lax_has_none_is_too_much():
    exact = Measured("lax", (1.0,), {"y": 0.0, "x": 0.0})
    row = dataclasses.replace(planted(), measured=(Measured("ours", (1.0,), {"y": 1e-9, "x": 0.0}), exact))
    assert row.errors == {"y": math.inf, "x": 0.0}


def test_the_geometric_mean():
    assert bars.mean([1.0, 2.0, 4.0]) == pytest.approx(2.0)
    assert bars.mean([0.5, 2.0]) == pytest.approx(1.0)
    assert bars.mean([]) is None


def beside(ours=10.0, jax=10.0, torch=100.0, kind="loss"):
    """A row of a suite whose peer is not lax."""
    measured = tuple(Measured(library, (seconds,), {"y": 1e-7}) for library, seconds in dict(ours=ours, jax=jax, torch=torch).items())
    return dataclasses.replace(planted(kind=kind), measured=measured)


# For each bar a row just within it and one just beyond.
WITHIN = {
    "1": (planted(ours=10.4), planted(ours=10.6)),
    "2a": (planted(lax=81, kind="grouped", turn="gradient"), planted(lax=79, kind="grouped", turn="gradient")),
    "2b": (planted(lax=16, torch=5, kind="depthwise"), planted(lax=14, torch=5, kind="depthwise")),
    "3a": (planted(torch=10.1), planted(torch=9.9)),
    "3b": (planted(torch=10.1, kind="transposed"), planted(torch=9.9, kind="transposed")),
    "3c": (planted(torch=5.1, kind="depthwise"), planted(torch=4.9, kind="depthwise")),
    "3d": (planted(torch=7.1, kind="dense 3×3"), planted(torch=6.9, kind="dense 3×3")),
    "4a": (planted(costs=dict(memory_bytes=2490)), planted(costs=dict(memory_bytes=2510))),
    "4b": (planted(costs=dict(compile_seconds=0.199)), planted(costs=dict(compile_seconds=0.201))),
    "4c": (planted(costs=dict(compile_seconds_twice=0.149)), planted(costs=dict(compile_seconds_twice=0.151))),
    "5a": (planted(error=1.9e-7), planted(error=2.1e-7)),
    "5b": (planted(error=3.9e-7, algorithms={"y": ("blocks", "winograd")}), planted(error=4.1e-7, algorithms={"y": ("blocks", "winograd")})),
}


APART, OVERLAPPING = (dict(kind=kind, turn="gradient", torch=100) for kind in ("max", "overlapping"))
POOL_WITHIN = {
    "1a": (planted(lax=51, **APART), planted(lax=49, **APART)),
    "1b": (planted(lax=21, **OVERLAPPING), planted(lax=19, **OVERLAPPING)),
    "2": (planted(ours=10.4, kind="average"), planted(ours=10.6, kind="average")),
    "3a": (planted(torch=15.1, kind="sample"), planted(torch=14.9, kind="sample")),
    "3b": (planted(torch=8.1, kind="unpool"), planted(torch=7.9, kind="unpool")),
    "3c": (planted(torch=15.1, kind="round trip"), planted(torch=14.9, kind="round trip")),
    "4a": (planted(lax=10.1, kind="resize"), planted(lax=9.9, kind="resize")),
    "4b": (planted(torch=10.1, kind="resize"), planted(torch=9.9, kind="resize")),
    "5": (planted(costs=dict(memory_bytes=1990)), planted(costs=dict(memory_bytes=2010))),
}
OTHER_WITHIN = {
    "1": (beside(ours=10.4), beside(ours=10.6)),
    "2": (beside(torch=12.1), beside(torch=11.9)),
    "3a": (beside(jax=15.1, kind="dropout"), beside(jax=14.9, kind="dropout")),
    "3b": (beside(torch=10.1, kind="dropout"), beside(torch=9.9, kind="dropout")),
}
FAMILIES = {"conv": WITHIN, "pool": POOL_WITHIN, "other": OTHER_WITHIN}
BARS = [(family, name) for family, within in FAMILIES.items() for name in within]


def test_every_bar_is_planted():
    assert {family: [one.name for one in found.bars(())] for family, found in bars.FAMILIES.items()} == {
        family: list(found) for family, found in FAMILIES.items()
    }


@pytest.mark.parametrize(("family", "name"), BARS)
def test_a_bar_catches_what_misses_it(family, name):
    good, bad = FAMILIES[family][name]
    assert bar(name, good, family=family).verdict == "pass"
    assert bar(name, bad, family=family).verdict == "miss"
    assert any(word in str(bar(name, bad, family=family)) for word in ("short", "too much"))
    assert bar(name, family=family).verdict == "not measured"


@pytest.mark.parametrize(("family", "name"), [pair for pair in BARS if pair not in (("conv", "2a"), ("conv", "3a"), ("pool", "3a"), ("other", "2"))])
def test_one_row_that_misses_is_enough_and_is_named(family, name):
    good, bad = FAMILIES[family][name]
    found = bar(name, good, dataclasses.replace(bad, network="the bad one"), good, family=family)
    assert found.verdict == "miss"
    assert len(found.misses) == 1
    assert "the bad one" in found.misses[0]
    assert "1 of 3 rows" in found.stands


def test_a_miss_says_by_how_much():
    assert bar("3b", planted(torch=8.0, kind="transposed")).misses == ("0.80 net, forward: 20 % short",)
    assert bar("4a", planted(costs=dict(memory_bytes=5000))).misses == ("5.00 net, forward: 100 % too much",)
    assert bar("2a", planted(lax=40, kind="grouped", turn="gradient")).stands == "4.00 over 1 rows, 50 % short"


def test_bars_look_at_their_own_rows_alone():
    assert bar("2a", planted(kind="grouped", turn="forward"), planted(kind="dense", turn="gradient")).passed is None
    assert bar("2b", planted(lax=10, torch=5.1, kind="depthwise")).passed is None
    assert bar("3c", planted(torch=1, kind="dense")).passed is None
    assert bar("5a", planted(error=3e-7, algorithms={"y": ("winograd",)})).passed is None
    # A slow dense layer and a quick one are even in the mean, and not each for itself.
    assert bar("3a", planted(torch=5.0), planted(torch=20.0)).stands == "1.00 over 2 rows"


def test_pool_bars_look_at_their_own_rows_alone():
    assert bar("1a", planted(kind="max"), planted(kind="overlapping", turn="gradient"), family="pool").passed is None
    assert bar("1b", planted(kind="overlapping"), planted(kind="max", turn="gradient"), family="pool").passed is None
    assert bar("2", planted(ours=20.0, turn="gradient"), family="pool").passed is None
    assert bar("3c", planted(torch=1, kind="unpool"), family="pool").passed is None
    assert bar("4a", planted(lax=1, kind="average"), family="pool").passed is None
    assert bar("3a", planted(torch=10.0), planted(torch=40.0), family="pool").stands == "2.00 over 2 rows"


def test_without_a_peer_its_bars_are_not_judged():
    for family, kind in (("conv", "transposed"), ("pool", "round trip")):
        row = planted(kind=kind, turn="gradient")
        alone = dataclasses.replace(row, measured=row.measured[:1])
        assert {one.verdict for one in bars.FAMILIES[family].bars([alone]) if one.name != "4c"} == {"not measured"}


def test_the_file_holds_all_of_it(tmp_path):
    made = run(planted(others=0.25), planted(turn="gradient", ours=3.0))
    file = tmp_path / "peers.json"
    file.write_text(made.to_json(), encoding="utf-8")
    assert record.read(file) == made
    content = json.loads(file.read_text(encoding="utf-8"))
    assert content["rows"][0]["libraries"][0]["median"] == 0.01
    del content["rows"][0]["libraries"][0]["errors"]
    file.write_text(json.dumps(content))
    with pytest.raises(record.ResultError, match="'errors' is missing"):
        record.read(file)
    file.write_text("[]")
    with pytest.raises(record.ResultError, match="no result of peers"):
        record.read(file)


def test_the_terminal_table():
    cells = tables.line(planted(ours=4.0, lax=10.0, torch=2.0)).split()
    assert cells == ["net", "dense", "forward", "4.00", "2.50", "0.50", "—", "—", "1.00", "1.00", "1.00", "1.00"]
    text = tables.summary([planted(lax=20), planted(lax=80), planted(turn="gradient")])
    assert text.splitlines()[1].split()[:6] == ["dense", "2", "rows", "forward", "10.00", "4.00"]
    assert all(str(one) in text for one in bars.bars([planted(lax=20), planted(lax=80), planted(turn="gradient")]))
    assert tables.header("pool").split() == ["layer", "kind", "pass", "ours", "ms", "lax/", "torch/", "memory", "compile", "2N", "error"]
    assert tables.line(planted(), "pool").split() == ["net", "dense", "forward", "10.00", *["1.00"] * 6]


def test_the_readme_gets_its_table(tmp_path):
    file, text = tmp_path / "peers.json", tmp_path / "README.md"
    file.write_text(run(planted(lax=20), planted(lax=80, network="the quick one")).to_json(), encoding="utf-8")
    text.write_text("before\n<!-- peer table begin -->\n<!-- peer table end -->\nafter\n", encoding="utf-8")
    call = [str(file), str(text)]
    with pytest.raises(SystemExit, match="is not that of"):
        readme.main([*call, "--check"])
    readme.main(call)
    readme.main([*call, "--check"])
    filled = text.read_text(encoding="utf-8")
    assert filled.startswith(
        "before\n<!-- peer table begin -->\na CPU, 2 cores, 2 threads each, jax 1.2.3, torch 4.5.6, float32, 2026-01-02, commit 0123456789:\n"
    )
    assert filled.endswith("\n<!-- peer table end -->\nafter\n")
    assert "| dense (2) | forward | 4.00× | 2.00× net | 1.00× | 1.00× net | — | — | 1.00× | 1.00× | 1.00× |" in filled
    assert "A part of the suite" not in filled
    assert "Other processes" not in filled


def test_a_pool_result_fills_its_own_table(tmp_path):
    file, text = tmp_path / "peers.json", tmp_path / "README.md"
    file.write_text(run(planted(lax=20, kind="resize"), family="pool").to_json(), encoding="utf-8")
    marks = "<!-- peer table begin -->\n<!-- peer table end -->\n<!-- pool table begin -->\n"
    text.write_text(marks + "<!-- pool table end -->\n", encoding="utf-8")
    readme.main([str(file), str(text)])
    filled = text.read_text(encoding="utf-8")
    assert filled.startswith(marks)
    assert "| resize (1) | forward | 2.00× | 2.00× net | 1.00× | 1.00× net | 1.00× | 1.00× | 1.00× |" in filled
    assert "resize: PyTorch / ours ≥ 1.0 each" in filled
    assert "Flax" not in filled


def test_a_part_and_a_disturbed_run_say_so():
    assert "A part of the suite: 1 rows." in tables.markdown(run(planted(), complete=False))
    assert "took more than 0.05 cores during 1 of 2 measurements, 0.50 at most" in tables.markdown(run(planted(others=0.5), planted(others=0.01)))


def test_own_work_is_not_that_of_others():
    with quiet.Watch() as watch:
        sum(range(10**6))
    assert watch.others is None or watch.others >= 0.0
    assert quiet.warning([None, 0.0, quiet.LOUD]) == []


# --- the suite


def test_the_suite_has_many_distinct_layers_of_every_kind():
    assert len(shapes.LAYERS) >= 30
    assert len({layer.network for layer in shapes.LAYERS}) == len(shapes.LAYERS)
    assert len({(layer.function, layer.x, layer.kernel, str(layer.options)) for layer in shapes.LAYERS}) == len(shapes.LAYERS)
    assert {layer.kind for layer in shapes.LAYERS} == set(bars.KINDS)


def test_layers_by_expression():
    assert shapes.matching("") == list(shapes.LAYERS)
    assert {layer.kind for layer in shapes.matching("depthwise|grouped$")} == {"depthwise", "grouped"}
    assert shapes.matching("no such layer") == []


def small(function, x, kernel, **options):
    return shapes.Layer("small", function, x, kernel, options)


SMALL = [
    small("conv", (2, 7, 6, 4), (3, 2, 2, 6), stride=(2, 1), padding=((1, 0), (2, 1)), dilation=(1, 2), groups=2),
    small("conv", (1, 9, 3), (4, 1, 6), stride=3, padding=1, groups=3),
    small("conv_transpose", (2, 4, 3, 3), (3, 2, 5, 3), stride=(3, 2), padding=1, output_padding=(2, 1)),
    small("conv_transpose", (1, 5, 4), (2, 3, 4), stride=2, dilation=2, groups=2),
]


@pytest.mark.parametrize("layer", SMALL, ids=str)
def test_operations_are_counted(layer):
    """One multiplication and one addition each time that a value of x, or a zero around it, meets a weight."""
    walk, inner, outer = layer.geometry, layer.kernel[-2], layer.kernel[-1]
    # Of a conv each of `outer` outputs sees `inner` channels of its group; of its transpose each of `outer` inputs reaches `inner`.
    met = sum(1 for _ in itertools.product(range(layer.x[0]), np.ndindex(*walk.out), np.ndindex(*walk.window), range(inner), range(outer)))
    assert layer.operations == 2 * met


def test_operations_of_layers_in_the_suite():
    count = {layer.network: layer.operations for layer in shapes.LAYERS}
    assert count["ResNet-50 stem"] == 2 * (4 * 112 * 112) * (7 * 7 * 3) * 64
    assert count["ResNeXt-50 stage 1"] == 2 * (8 * 56 * 56) * (3 * 3 * 4) * 128
    assert count["MobileNet down"] == 2 * (8 * 56 * 56) * (3 * 3) * 64
    assert count["DCGAN 4"] == 2 * (32 * 16 * 16) * (4 * 4 * 128) * 64


# --- the definition


@pytest.mark.parametrize("layer", SMALL, ids=str)
def test_the_definition_is_the_loops(layer):
    x, kernel, cotangent = definition.arrays(layer)
    found = definition.outputs(layer, x, kernel, cotangent)
    agree(found["y"], getattr(loops.convolution, layer.function)(x, kernel, **layer.options))
    # Gradients by their meaning: the layer is linear in x and in kernel, and ⟨cotangent, y⟩ is what each of them meets.
    meets = np.sum(np.asarray(cotangent, np.float64) * found["y"])
    agree(np.sum(x * found["x"]), meets)
    agree(np.sum(kernel * found["kernel"]), meets)
    rng = np.random.default_rng(1)
    for name, turned in (("x", (rng.standard_normal(x.shape), kernel)), ("kernel", (x, rng.standard_normal(kernel.shape)))):
        y = definition.outputs(layer, *turned, cotangent)["y"]
        agree(np.sum(turned[name == "kernel"] * found[name]), np.sum(cotangent * y))


@pytest.mark.parametrize("layer", SMALL[:3], ids=str)
def test_lax_does_the_layer(layer):
    """Its transposed convolutions are plain ones here, over a padding worked out from ours; groups of them it has none."""
    x, kernel, cotangent = definition.arrays(layer)
    got = libraries.LIBRARIES["lax"](layer)(jnp.asarray(x), jnp.asarray(kernel))
    agree(got, definition.outputs(layer, x, kernel, cotangent)["y"], "float32")
