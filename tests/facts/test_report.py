"""The report: one page that needs nothing from elsewhere, in a browser, on a telephone too."""

import subprocess
import sys

import pytest

from jaxreview.report import page

from browser import answers

pytestmark = pytest.mark.thorough  # it measures, checks and runs a chapter


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A report of some primitives and one chapter."""
    file = tmp_path_factory.mktemp("report") / "report.html"
    command = [sys.executable, "-m", "jaxreview", "report", "--out", str(file), "--only", "relu", "max_pool", "--chapter", "scaling"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=500)
    assert f"wrote {file}" in done.stdout
    return file


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 900)])
@pytest.mark.parametrize("dark", [False, True])
def test_in_a_browser(made, tmp_path, width, height, dark):
    found, errors = answers(made, tmp_path, width=width, height=height, dark=dark)
    assert errors == []
    assert found["width"] == width
    assert (found["scrolls"], found["sticking"]) == (0, [])
    assert found["pictures"] >= 2
    assert (found["blank"], found["nameless"]) == (0, 0)
    assert (found["dead"], found["unlinked"], found["outside"]) == ([], [], [])
    assert found["sections"] >= 8
    assert found["paper"] == ("rgb(20, 23, 27)" if dark else "rgb(255, 255, 255)")


@pytest.mark.parametrize(
    ("fault", "noticed"),
    [
        ('<img src="data:image/png;base64,AAAA" alt="x">', "blank"),
        ('<img src="data:image/png;base64,AAAA">', "nameless"),
        ('<a href="#nowhere">x</a>', "dead"),
        ('<section id="lost"></section>', "unlinked"),
        ('<div style="width: 900px">x</div>', "sticking"),
        ('<div style="width: 900px">x</div>', "scrolls"),
        ('<img src="https://example.com/x.png" alt="x">', "outside"),
    ],
)
def test_a_fault_is_noticed(tmp_path, fault, noticed):
    file = tmp_path / "page.html"
    file.write_text(page.html([page.Part("one", "One", fault)]), encoding="utf-8")
    found, _ = answers(file, tmp_path)
    assert found[noticed]


def test_an_error_of_the_console_is_noticed(tmp_path):
    file = tmp_path / "page.html"
    file.write_text(page.html([page.Part("one", "One", "<script>undefined_name()</script>")]), encoding="utf-8")
    assert any("undefined_name" in line for line in answers(file, tmp_path)[1])


def test_small_and_whole(made):
    text = made.read_text(encoding="utf-8")
    assert len(text) < 10_000_000
    for heading in ("Environment", "What vectorization buys", "Beside other libraries", "Gradient checks", "The chapters"):
        assert f"{heading}</h2>" in text
    assert "0 of " in text
    assert "max_pool" in text


def test_chinese():
    parts = page.parts(about={"a": 1}, speedup=None, peers=page.records(), checks=[], pages=[], language="zh")
    text = page.html(parts, "zh")
    assert '<html lang="zh-CN">' in text
    assert "与其他库的对比" in text
    assert "Beside other libraries" not in text


def test_every_fixed_text_has_its_chinese():
    """Whatever `said` is asked for is in the catalogue: a report in Chinese is made with one that refuses what it has not got."""

    class Strict(dict):
        def get(self, text, default=None):
            return self[text]

    said, page.CHINESE = page.CHINESE, Strict(page.CHINESE)
    try:
        test_chinese()
    finally:
        page.CHINESE = said


def test_what_is_measured_is_escaped():
    text = page.html(page.parts(about={"<b>": "a & b"}, speedup=None, peers=[], checks=[], pages=[]))
    assert "&lt;b&gt;" in text
    assert "a &amp; b" in text


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (["--section", "speed"], "it needs some of"),
        (["--language", "fr"], "one of en, zh"),
        (["--chapter", "scalign"], "scaling"),
        (["--out", "no/where.html"], "there is no folder"),
    ],
)
def test_what_is_refused(arguments, needed):
    done = subprocess.run([sys.executable, "-m", "jaxreview", "report", *arguments], check=False, capture_output=True, text=True, timeout=100)
    assert done.returncode == 2
    assert needed in done.stderr
