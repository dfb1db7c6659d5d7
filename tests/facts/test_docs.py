"""README and docs: every Python block runs as it stands, what is generated is complete, and the site builds and reads well on a telephone."""

import importlib
import os
import re
import subprocess
import sys

import jax
import pytest
from typer.testing import CliRunner

import jaxreview
from jaxreview import cases, linear
from jaxreview.cli import commands
from jaxreview.gradcheck.report import VERDICTS

import pages
from browser import answers

GRADIENT = "check-your-gradient.md"
TORCH = pages.generator("torch_table")
REFERENCE = pages.generator("reference")
DIFFERENTIABILITY = pages.generator("differentiability")
MEASURED = pages.generator("measured")
ROWS = [row for group in TORCH.TITLES for row in TORCH.data()[group]]
HERE = [row for row in ROWS if "ours" in row]


# The blocks


@pytest.mark.parametrize(("page", "number"), pages.numbered(optional=False))
def test_a_block_runs(page, number, capsys):
    pages.run(page, number)
    assert capsys.readouterr().out


@pytest.mark.parametrize("page", pages.PAGES)
def test_no_block_is_overlooked(page):
    assert len(pages.blocks(page)) == pages.PAGES[page].read_text(encoding="utf-8").count("```python")


def test_a_block_with_an_optional_package_is_told_apart():
    assert pages.needs("import jax\nfrom flax import nnx\nimport equinox as eqx") == {"flax", "equinox"}
    assert pages.needs("import jax\nimport jaxreview.losses") == set()
    assert pages.numbered(optional=True)


def test_the_first_block_is_short_enough_to_paste():
    assert len(pages.blocks("README.md")[0].splitlines()) <= 12
    assert len([line for line in pages.blocks(GRADIENT)[0].splitlines() if line]) <= 5


def test_the_slip_is_named_as_the_page_says(capsys):
    pages.run(GRADIENT, 1)
    assert "twice the derivative: a factor 2 too many" in capsys.readouterr().out


def test_every_verdict_is_explained():
    for verdict in VERDICTS:
        assert f"`{verdict}`" in pages.PAGES[GRADIENT].read_text(encoding="utf-8").lower().replace("`ok`", "`right`")


@pytest.mark.parametrize("page", pages.PAGES)
def test_the_commands_and_their_options_are_there(page):
    text = pages.PAGES[page].read_text(encoding="utf-8")
    for command, rest in re.findall(r"\bjaxreview (speedup|check|chapter|report|list|env)\b([^`\n]*)", text):
        known = CliRunner().invoke(commands.app, [command, "--help"], env={"COLUMNS": "200"}).stdout
        assert [option for option in re.findall(r"--[a-z]+", rest) if option not in known] == []
    if page == "reproduce-the-speedup-table.md":
        known = CliRunner().invoke(commands.app, ["speedup", "--help"], env={"COLUMNS": "200"}).stdout
        assert set(re.findall(r"^\| `(--[a-z]+)", text, re.M)) == set(re.findall(r"--[a-z]+", known)) - {"--help"}


# The README in Chinese


def headings(page):
    """Levels and places of the headings, outside of code."""
    return [len(marks) for marks in re.findall(r"^(#+) ", re.sub(r"^```.*?^```", "", pages.PAGES[page].read_text(encoding="utf-8"), flags=re.S | re.M), re.M)]


def test_the_chinese_readme_has_the_headings_and_blocks_of_the_english_one():
    assert headings("README.zh.md") == headings("README.md")
    fences = re.compile(r"^```(?:python|bash)\n.*?^```", re.S | re.M)

    def code(page):
        return [re.sub(r" *#.*", "", fence) for fence in fences.findall(pages.PAGES[page].read_text(encoding="utf-8"))]

    assert code("README.zh.md") == code("README.md")


def test_the_chinese_readme_links_to_what_is_there():
    for target in re.findall(r"\]\(([^)#:]+)[^)]*\)", pages.PAGES["README.zh.md"].read_text(encoding="utf-8")):
        assert (pages.ROOT / target).exists()


# Coming from PyTorch


@pytest.mark.parametrize("row", HERE, ids=lambda row: row["torch"][0])
def test_every_argument_of_pytorch_is_accounted_for(row):
    assert TORCH.complaints(row) == []


def test_a_name_stands_once():
    for group in TORCH.TITLES:
        names = [name for row in TORCH.data()[group] for name in row["torch"]]
        assert sorted(set(names)) == sorted(names)


def test_a_row_has_a_counterpart_or_a_reason():
    for row in ROWS:
        assert ("ours" in row) != bool(row.get("absent"))
        assert set(row) <= ({"torch", "ours", "arguments", "names", "without", "note"} if "ours" in row else {"torch", "absent"})


def test_differences_of_names_and_defaults_are_found():
    row = {"torch": ["pool"], "ours": ["max_pool"], "arguments": "input, kernel_size, stride=2, ceil_mode=False, dim=1"}
    assert TORCH.changes(row) == [("stride=2", "`stride=None`")]
    assert TORCH.complaints(row) == ["dim: is it called otherwise, or why is it not here?"]
    assert TORCH.complaints(row | {"without": {"dim": "none", "size": "none"}}) == ["size: there is none in PyTorch"]
    assert TORCH.complaints(row | {"names": {"dim": "axes"}}) == ["dim: is it called otherwise, or why is it not here?", "axes: there is none here"]
    drop = {"torch": ["drop"], "ours": ["dropout"], "arguments": "input, p=0.5, training=True", "names": {"p": "rate"}}
    assert TORCH.changes(drop) == [("p=0.5", "`rate`, required")]
    assert TORCH.changes(drop | {"arguments": "input, training=False"}) == [("training=False", "`deterministic=False`")]
    assert TORCH.added(drop) == ["key"]
    with pytest.raises(AttributeError):
        TORCH.function("losses.nothing")


def test_every_row_is_in_the_table():
    text = TORCH.markdown()
    assert [name for row in ROWS for name in row["torch"] if f"`{name}`" not in text] == []


# The reference


def test_every_function_stands_in_the_reference_once():
    made = REFERENCE.pages()
    for primitive in cases.primitives():
        page = made[f"reference/{primitive.family}.md"]
        assert len(re.findall(rf"^(?:::: |## .*#){re.escape(REFERENCE.anchor(primitive))}(?= |$)", page, re.M)) == 1
        assert f"({primitive.family}.md#{REFERENCE.anchor(primitive)})" in made["reference/index.md"]
        part = REFERENCE.function_part(primitive)
        assert ("The loop that defines it" in part) == (primitive.loop is not None)
        assert primitive.no_loop in part


def test_what_is_not_ours_says_whose_it_is():
    relu = next(primitive for primitive in cases.primitives() if primitive.name == "relu")
    assert "[`jax.nn.relu`](https://docs.jax.dev/en/latest/_autosummary/jax.nn.relu.html), unchanged." in REFERENCE.function_part(relu)
    assert REFERENCE.home(jax.nn.initializers.he_normal, "he_normal")[0] == "jax.nn.initializers.he_normal"
    with pytest.raises(LookupError, match=r"dense is neither ours nor of jax\.nn"):
        REFERENCE.home(linear.dense, "dense")


def test_a_loop_is_shown_with_the_loops_that_it_calls():
    loops = importlib.import_module("jaxreview.loops.pooling")
    found = REFERENCE.sources(loops.max_pool)
    assert [re.match(r"def (\w+)", source)[1] for source in found] == ["_flat", "max_pool"]


def test_the_tuples_are_in_the_reference():
    page = REFERENCE.pages()["reference/normalization.md"]
    assert "::: jaxreview.normalization.BatchStats" in page
    assert re.search(r"BatchStats:\n    mean: .*\n    var: ", page)


def test_the_page_of_differentiability_has_every_function_and_what_its_rows_say():
    text = DIFFERENTIABILITY.markdown()
    for primitive in cases.primitives():
        assert f"[`{primitive.public}`](reference/{primitive.family}.md#{REFERENCE.anchor(primitive)})" in text
    of = {primitive.name: primitive for primitive in cases.primitives()}
    assert DIFFERENTIABILITY.differentiable(of["conv"]) == ["x", "kernel", "bias"]
    assert DIFFERENTIABILITY.differentiable(of["one_hot"]) == []
    assert DIFFERENTIABILITY.sentence(of["dense"]) == "checked against differences in `x`, `kernel`, `bias`, twice."
    assert DIFFERENTIABILITY.sentence(of["ciou_loss"]).startswith("in `predictions`, `targets`. Known limit (derivatives): ")
    assert "once: " in DIFFERENTIABILITY.sentence(of["layer_norm"])
    assert "Known limit (promotion): " in DIFFERENTIABILITY.sentence(of["gradient_descent"])
    assert DIFFERENTIABILITY.dtypes(of["embedding"]) == "all 4"
    assert DIFFERENTIABILITY.dtypes(of["one_hot"]) == ""


def test_the_measured_rows_of_the_landing_page_are_in_the_committed_run():
    assert MEASURED.speedup_excerpt().count("×") == len(MEASURED.EXCERPT)
    measured = {row.name for row in MEASURED.committed().rows}
    assert {primitive.name for primitive in cases.primitives() if MEASURED.sentence(primitive)} == measured


# The site


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site with one chapter, built as strictly as in CI."""
    for package in ("mkdocs", "material", "mkdocstrings", "mkdocstrings_handlers.python"):
        pytest.importorskip(package)
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(command, check=False, cwd=pages.ROOT, env={**os.environ, "DOCS_CHAPTERS": "scaling"}, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


@pytest.mark.thorough
def test_every_function_and_chapter_has_its_place_in_the_site(site):
    for primitive in cases.primitives():
        page = (site / "reference" / f"{primitive.family}.html").read_text(encoding="utf-8")
        assert f'id="{REFERENCE.anchor(primitive)}"' in page
    for place in ("chapters/scaling.html", "chapters/zh/scaling.html"):
        figures = re.findall(r'src="([^"]+\.png)"', (site / place).read_text(encoding="utf-8"))
        assert figures
        assert all((site / place).parent.joinpath(figure).exists() for figure in figures)
    assert not list(site.rglob("*.py"))
    assert "generated:" not in "".join(page.read_text(encoding="utf-8") for page in site.rglob("*.html"))
    assert jaxreview.__name__ in (site / "index.html").read_text(encoding="utf-8")


@pytest.mark.thorough
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("page", ["index", "coming-from-pytorch", "differentiability", "reproduce-the-speedup-table", "reference/losses", "chapters/scaling"])
def test_a_page_in_a_browser(site, page, width, dark, tmp_path):
    path = site / f"{page}.html"
    found, errors = answers(path, path.parent, width=width, dark=dark)
    assert errors == []
    assert found["scrolls"] == 0
    assert found["blank"] == found["nameless"] == 0
    assert all(name.startswith("file:") for name in found["outside"])
