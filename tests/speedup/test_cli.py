"""The command line as a user meets it: its files, its refusals, ctrl-C, plain text where there is no terminal."""

import dataclasses
import importlib.util
import io
import json
import re
import runpy
import sys
from pathlib import Path

import jax
import pytest
from rich.console import Console
from typer.testing import CliRunner

from jaxreview import cli, linear
from jaxreview.cases import primitives
from jaxreview.cases._inputs import normal
from jaxreview.cases._rows import Case
from jaxreview.cli import commands
from jaxreview.cli.progress import Progress
from jaxreview.loops import linear as loops
from jaxreview.speedup import machine, plot, run
from jaxreview.speedup.result import Row, Timing, read

ROOT = Path(__file__).parents[2]
DENSE = next(primitive for primitive in primitives() if primitive.name == "dense")


def call(*args):
    return CliRunner().invoke(commands.app, [str(arg) for arg in args], catch_exceptions=False)


@pytest.fixture
def measured(monkeypatch):
    """Rows without the work: what is made up here is not what these tests look at."""
    names = []

    def measure(primitive, seconds, device=None, smoke=False):
        names.append(primitive.name)
        forms = ("loop", "one by one", "lax.map", "vmap", "vectorized")
        timings = tuple(Timing(form, "forward", (0.5**place,) * 6, 1, 0.1) for place, form in enumerate(forms))
        return Row(primitive.name, primitive.family, "a row", {"N": 5}, (), 5, "", timings)

    monkeypatch.setattr(run, "measure", measure)
    return names


def test_a_real_row_and_its_files(tmp_path):
    said = call("speedup", "--only", "affine_columns", "--budget", 2, "--out", tmp_path / "deep" / "out")
    assert said.exit_code == 0
    assert re.search(r"^affine_columns .*ms.*µs", said.stdout, re.MULTILINE)
    assert "1 row in" in said.stdout
    assert "\x1b" not in said.output
    assert "\r" not in said.output
    assert sorted(path.name for path in (tmp_path / "deep" / "out").iterdir()) == [f"speedup.{kind}" for kind in ("csv", "json", "md", "png")]
    result = read(tmp_path / "deep" / "out" / "speedup.json")
    (row,) = result.rows
    assert result.complete
    assert (row.name, row.examples, row.arrays[1]["data"]) == ("affine_columns", 512, "breast_cancer_columns")
    assert [(t.turn, t.form) for t in row.timings if t.turn == "gradient"] == [("gradient", form) for form in ("one by one", "lax.map", "vmap", "vectorized")]
    assert row.speedup("loop")[0] > 10
    assert set(result.machine) == {"cpu", "cores", "os", "python"}
    assert str(ROOT) not in result.to_json()


def test_only_takes_names_families_commas_and_spaces(measured, tmp_path):
    for words in (["--only", "dense,conv"], ["--only", "conv", "--only", "dense"], ["--only", "conv", "dense"], ["--only", "conv", "dense", "--only", "dense"]):
        measured.clear()
        assert call("speedup", *words, "--format", "json", "--out", tmp_path).exit_code == 0
        assert measured == ["dense", "conv"]
    measured.clear()
    assert call("speedup", "--only", "linear", "--format", "md,csv", "json", "--out", tmp_path).exit_code == 0
    assert measured == [primitive.name for primitive in primitives() if primitive.family == "linear"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["speedup.csv", "speedup.json", "speedup.md"]


def test_the_core_by_default_and_every_primitive_when_asked(measured, tmp_path):
    assert call("speedup", "--out", tmp_path, "--format", "json").exit_code == 0
    assert measured == [primitive.name for primitive in primitives() if primitive.core]
    assert {primitive.family for primitive in primitives() if primitive.core} == {primitive.family for primitive in primitives()}
    measured.clear()
    assert call("speedup", "--all", "--out", tmp_path, "--format", "json").exit_code == 0
    assert measured == [primitive.name for primitive in primitives() if primitive.benchmarked]
    assert "--all: it needs to stand without --only" in call("speedup", "--all", "--only", "dense").stderr


@pytest.mark.parametrize("command", ["speedup", "list", "check"])
def test_an_unknown_name_gets_the_nearest(command):
    said = call(command, "--only", "convv")
    assert said.exit_code == 2
    assert "there is no primitive or family 'convv'; did you mean conv" in said.stderr
    said = call(command, "--only", "qqqq")
    assert "`jaxreview list` names all of them" in said.stderr


def test_bad_options_are_refused(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    (tmp_path / "old.json").write_text('{"schema": "jaxreview.speedup/1", "rows": [{}]}')
    tries = [
        (["--format", "pdf"], "--format pdf: it needs some of md, json, csv, png"),
        (["--device", "abacus"], "it needs one of cpu, gpu, tpu"),
        (["--compare", tmp_path / "old.json"], "it is damaged: 'forms' is missing"),
        (["--compare", tmp_path / "none.json"], "cannot be read"),
        (["--out", tmp_path / "file" / "x"], "--out"),
    ]
    if jax.default_backend() != "tpu":
        tries.append((["--device", "tpu"], "JAX finds no tpu here"))
    for options, words in tries:
        said = call("speedup", "--only", "dense", "--out", tmp_path, *options)
        assert said.exit_code == 2
        assert words in said.stderr
        assert "Traceback" not in said.output


def test_compare_with_itself(measured, tmp_path):
    call("speedup", "--only", "dense", "--out", tmp_path, "--format", "json")
    said = call("speedup", "--only", "dense", "--out", tmp_path, "--format", "json", "--compare", tmp_path / "speedup.json")
    assert said.exit_code == 0
    assert "0 faster, 5 same, 0 slower" in said.stdout


def test_control_c_keeps_the_finished_rows(measured, tmp_path, monkeypatch):
    once = run.measure

    def interrupted(primitive, *rest):
        if measured:
            raise KeyboardInterrupt
        return once(primitive, *rest)

    monkeypatch.setattr(run, "measure", interrupted)
    said = call("speedup", "--only", "affine_columns,dense", "--out", tmp_path)
    assert said.exit_code == 130
    assert "interrupted after 1 of 2 rows" in said.stdout
    result = read(tmp_path / "speedup.json")
    assert not result.complete
    assert [row.name for row in result.rows] == ["affine_columns"]
    assert "interrupted" in (tmp_path / "speedup.md").read_text()


def test_a_form_that_differs_is_said_and_the_others_are_measured(monkeypatch, tmp_path):
    wrong = dataclasses.replace(DENSE, loop=lambda *args: 1.01 * loops.dense(*args))
    right = next(primitive for primitive in primitives() if primitive.name == "affine_columns")
    monkeypatch.setattr("jaxreview.cli.choose.primitives", lambda: (wrong, right))
    said = call("speedup", "--out", tmp_path, "--format", "json", "--budget", 1)
    assert said.exit_code == 1
    assert "dense: not measured: FormsDifferError: dense: the form 'loop' (forward) differs from 'vectorized'" in said.stdout
    assert [row.name for row in read(tmp_path / "speedup.json").rows] == ["affine_columns"]
    assert set(json.loads((tmp_path / "speedup.json").read_text())["failed"]) == {"dense"}


def test_list_names_every_primitive():
    said = call("list")
    assert said.exit_code == 0
    for primitive in primitives():
        loop = f"jaxreview.loops.{primitive.family}.{primitive.public}" if primitive.loop else f"none: {primitive.no_loop}"
        assert re.search(
            rf"^{re.escape(primitive.name)} +{primitive.family} +{len(primitive.cases)} +{len(primitive.bad)} +{re.escape(loop)}$", said.stdout, re.MULTILINE
        )
    assert "\x1b" not in said.output


def test_env_says_what_a_bug_report_needs():
    said = call("env")
    assert said.exit_code == 0
    for word in ("cpu ", "cores", "python", f"jax            {jax.__version__}", "device 0"):
        assert word in said.stdout


def test_check_passes_what_is_right():
    said = call("check", "--only", "affine_columns")
    assert said.exit_code == 0
    assert re.search(r"^affine_columns .* ok$", said.stdout, re.MULTILINE)
    assert "1 of 1 rows checked" in said.stdout


def test_check_fails_on_what_is_wrong(monkeypatch):
    @jax.custom_jvp
    def off(x):
        return x * x

    off.defjvp(lambda primals, tangents: (off(*primals), 2.02 * primals[0] * tangents[0]))
    wrong = dataclasses.replace(DENSE, cases=(Case(off, "off by 1 %", normal("N"), dims=dict(N=3), differentiable=(0,)),))
    raising = dataclasses.replace(DENSE, cases=(Case(linear.dense, "no kernel", normal("N"), dims=dict(N=3), differentiable=(0,)),))
    monkeypatch.setattr("jaxreview.cli.choose.primitives", lambda: (wrong, raising))
    said = call("check")
    assert said.exit_code == 1
    assert re.search(r"off by 1 % .*WRONG at ", said.stdout)
    assert re.search(r"no kernel .*WRONG: TypeError", said.stdout)
    assert "2 of 2 rows checked" in said.stdout
    assert "2 wrong" in said.stdout


def test_check_of_nothing_is_refused():
    assert call("check", "--only", "zeros").exit_code == 2


def test_a_terminal_has_a_bar_and_anything_else_plain_lines():
    for terminal in (True, False):
        screen = io.StringIO()
        with Progress(Console(file=screen, force_terminal=terminal, width=80), 2) as progress:
            progress.at("dense")
            progress.say("a [row] of it")
        assert "a [row] of it" in screen.getvalue()
        assert ("\x1b" in screen.getvalue()) is terminal


@pytest.mark.parametrize("missing", ["typer", "rich"])
def test_a_missing_extra_is_named(monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(SystemExit, match=rf'needs {missing}, which is not installed; pip install "jaxreview\[cli\]"'):
        cli.main()


def test_missing_matplotlib_is_said_before_anything_runs(monkeypatch, measured, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    said = call("speedup", "--only", "dense", "--out", tmp_path)
    assert said.exit_code == 2
    assert 'the picture needs matplotlib, which is not installed; pip install "jaxreview[cli]"' in said.stderr
    assert measured == []
    with pytest.raises(ModuleNotFoundError):
        plot.ready()


def test_python_dash_m_is_the_command_line(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["jaxreview", "list", "--only", "dense"])
    with pytest.raises(SystemExit) as left:
        runpy.run_module("jaxreview", run_name="__main__")
    assert left.value.code == 0
    assert "jaxreview.loops.linear.dense" in capsys.readouterr().out


def test_no_commit_outside_of_a_checkout(monkeypatch, tmp_path):
    monkeypatch.setattr(machine, "__file__", str(tmp_path / "jaxreview" / "speedup" / "machine.py"))
    assert machine.commit() is None


@pytest.fixture
def readme():
    spec = importlib.util.spec_from_file_location("readme", ROOT / "benchmarks" / "readme.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return lambda *args: module.main([str(arg) for arg in args])


def test_the_readme_gets_its_table(measured, readme, tmp_path):
    call("speedup", "--only", "dense", "--out", tmp_path, "--format", "json")
    text, result = tmp_path / "README.md", tmp_path / "speedup.json"
    text.write_text("before\n<!-- speedup table begin -->\nold\n<!-- speedup table end -->\nafter\n")
    with pytest.raises(SystemExit, match="is not that of"):
        readme(result, text, "--check")
    readme(result, text)
    filled = text.read_text()
    assert filled.startswith("before\n<!-- speedup table begin -->\n")
    assert filled.endswith("|\n<!-- speedup table end -->\nafter\n")
    assert "| `dense` | 5 | 1.00 s | 500 ms |" in filled
    assert "old" not in filled
    readme(result, text, "--check")
    text.write_text("no marks")
    with pytest.raises(SystemExit, match="needs the marks"):
        readme(result, text)
