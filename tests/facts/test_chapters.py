"""Every chapter runs, claims and shows something, and says all of it in Chinese; the page keeps what it is given, and catches what is false."""

import base64
import re
import subprocess
import sys
from html.parser import HTMLParser

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from typer.testing import CliRunner

from jaxreview import chapters, linear
from jaxreview.chapters import _html, _markdown, _page, _style
from jaxreview.chapters._page import Claim, ClaimError, Page, Translation, fields, shown
from jaxreview.cli import commands
from jaxreview.loops import linear as loops

AVAILABLE = chapters.available()
SECONDS = 60.0


def text_complaints(page):
    """What is not said in Chinese, said with other numbers, or said of nothing."""
    texts, said = dict(page.texts("zh")), set(page.templates())
    found = [f"no translation of {one!r}" for one in said - set(texts)]
    found += [f"nobody says {one!r}" for one in set(texts) - said - set(_page.FIXED["zh"])]
    return found + [f"other placeholders in {one!r}" for one in said & set(texts) if fields(one) != fields(texts[one])]


def page_complaints(page):
    """What a chapter lacks, or has too much of."""
    found = [] if any(isinstance(part, Claim) for part in page.parts) else ["no claim"]
    found += [] if page.tables or page.figures else ["no table and no figure"]
    found += [f"figure {one.name} is {one.drawing.get_figwidth()} in wide" for one in page.figures.values() if one.drawing.get_figwidth() != _style.WIDTH]
    return found


def source_complaints(source):
    found = [] if len(source.splitlines()) <= 150 else [f"{len(source.splitlines())} lines"]
    found += ["pyplot"] if "pyplot" in source else []
    return found + (["a global flag"] if re.search(r"config\.update|rcParams\[", source) else [])


@pytest.mark.thorough
@pytest.mark.parametrize("chapter", AVAILABLE, ids=lambda chapter: chapter.name)
def test_a_chapter(chapter, record_property):
    flags, at = dict(jax.config.values), []
    page = chapters.run(chapter.name, say=at.append)
    record_property("seconds", page.seconds)
    assert page.seconds < SECONDS
    assert dict(jax.config.values) == flags
    assert page_complaints(page) == []
    assert source_complaints(chapter.path.read_text(encoding="utf-8")) == []
    assert text_complaints(page) == []
    assert at
    assert page.title() == chapter.subject()
    assert page.title("zh") == chapter.subject("zh")
    for language in chapters.LANGUAGES:
        Inside().feed(_html.fragment(page, language))


def test_numbers_and_names_are_of_one_chapter_each():
    assert len({one.number for one in chapters.ALL}) == len({one.name for one in chapters.ALL}) == len(chapters.ALL) == 18


def test_a_chapter_is_found_by_number_name_and_module():
    assert chapters.find("3").name == chapters.find("Scaling").name == "scaling"
    with pytest.raises(LookupError, match=r"no chapter 'scalign'; did you mean scaling\?"):
        chapters.find("scalign")
    with pytest.raises(LookupError, match=r"no chapter '!!'; there are .*scaling"):
        chapters.find("!!")


def test_a_list_of_chapters_needs_no_matplotlib():
    code = (
        "import sys; from jaxreview import chapters; [one.subject(l) for one in chapters.available() for l in ('en', 'zh')]; print('matplotlib' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


# The page


@pytest.fixture
def page():
    texts = {
        "Of {n} one is left.": "{n} 个剩一个。",
        "Yes: {x}.": "对：{x}。",
        "wrong": "错",
        "right": "对",
        "A table of {n}.": "{n} 的表。",
        "kind": "种类",
        "a < b": "甲 < 乙",
        "a line": "线",
        "odd": "奇",
    }
    page = Page("A page", {"zh": Translation("一页", texts)})
    page.say("Of {n} one is left.", n=np.int64(20646))
    page.claim("Yes: {x}.", jnp.array(2.0) > 1, x=jnp.float32(2.0))
    page.correct("wrong", "right")
    page.table("t", ["kind", "N", "x"], [("odd", 3, jnp.float32(0.25)), ("`even`", 4, None)], caption="A table of {n}.", n=2, formats={"x": ".0%"})
    drawing, axes = _style.figure(height=2)
    axes.plot([0, 1], label="x")
    page.figure("f", drawing, caption="a < b", alt="a line")
    page.code(loops.affine_columns)
    return page


def test_a_false_claim_is_caught_with_its_sentence():
    with pytest.raises(ClaimError, match=r"^3 is less than 2$"):
        Page().claim("{a} is less than {b}", 3 < 2, a=3, b=2)
    with pytest.raises(ClaimError):
        Page().claim("so it is", jnp.array(False))
    assert issubclass(ClaimError, AssertionError)


def test_what_is_no_single_truth_value_is_no_claim():
    for holds in ("yes", 1, None, np.array([True, True]), jnp.ones(1, bool)):
        with pytest.raises(TypeError, match=r"claim: holds is .*it needs one bool"):
            Page().claim("so it is", holds)


def test_a_value_without_its_placeholder_is_missed_where_it_is_said():
    with pytest.raises(KeyError, match="bound"):
        Page().say("a bound of {bound:.3g}")


def test_rows_have_a_cell_for_each_header():
    with pytest.raises(ValueError, match="table t: a row has 1 cells"):
        Page().table("t", ["a", "b"], [(1,)], caption="")
    with pytest.raises(ValueError, match="table t: formats are for"):
        Page().table("t", ["a", "b"], [(1, 2)], caption="", formats={"c": ".1f"})


def test_the_page_keeps_order_and_values(page):
    assert [type(part).__name__ for part in page.parts] == ["Text", "Claim", "Correction", "Table", "Figure", "Code"]
    assert page.tables["t"].rows == (("odd", 3, 0.25), ("`even`", 4, None))
    assert page.tables["t"].column("N") == [3, 4]
    assert page.tables["t"].cells(page.texts("zh")) == [["种类", "N", "x"], ["奇", "3", "25%"], ["`even`", "4", "—"]]
    assert page.parts[0].words.said() == "Of 20,646 one is left."
    assert page.parts[0].words.said(page.texts("zh")) == "20,646 个剩一个。"


def test_code_is_the_source_with_a_short_docstring():
    page = Page()
    page.code(linear.affine_columns)
    source = page.parts[0].source
    assert page.parts[0].name == "jaxreview.linear.affine_columns"
    assert source.startswith("def affine_columns(")
    assert "one sample a column" in source
    assert "Args:" not in source
    compile(source, "affine_columns", "exec")


def test_numbers_are_read_easily():
    assert [shown(value) for value in (0.0, 1, 1000, 1234.5, 0.9719, 1.9e7, -2e-6, float("nan"), float("-inf"), True, "x")] == [
        "0", "1", "1,000", "1,234", "0.972", "1.9×10⁷", "-2×10⁻⁶", "NaN", "−∞", "yes", "x",
    ]  # fmt: skip
    assert [shown(0.5, ".1%"), shown(1e-12, ".0e"), shown(1e-12, ".1e"), shown(2, ".3f"), shown(0.0, ".0e")] == ["50.0%", "10⁻¹²", "1.0×10⁻¹²", "2.000", "0"]


# Plants: what the tests above are for


def test_a_missing_orphaned_or_mistaken_translation_is_caught(page):
    assert text_complaints(page) == []
    page.say("And {more}.", more=1)
    assert text_complaints(page) == ["no translation of 'And {more}.'"]
    with pytest.raises(LookupError, match=r"there is no translation of 'And \{more\}.'"):
        _html.fragment(page, "zh")
    page.parts.pop()
    for texts, complaint in (({"never said": "没人说"}, "nobody says 'never said'"), ({"right": "{n} 对"}, "other placeholders in 'right'")):
        other = Page("", {"zh": Translation("", page.texts("zh") | texts)})
        other.parts = page.parts
        assert text_complaints(other) == [complaint]


def test_an_empty_chapter_is_caught():
    assert page_complaints(Page()) == ["no claim", "no table and no figure"]


def test_a_long_chapter_and_a_global_flag_are_caught():
    assert source_complaints("\n" * 150) == []
    assert source_complaints("\n" * 151) == ["151 lines"]
    assert source_complaints('jax.config.update("jax_enable_x64", True)') == ["a global flag"]
    assert source_complaints("from matplotlib import pyplot") == ["pyplot"]


# Markdown and HTML


def test_markdown_is_what_it_looks_like():
    text = "One **bold *star*** and\n`a * **b**`.\n\nThen 2 * 3 * 4:\n- first\n  goes on\n- second\n\nEnd.\n1. a\n2. b"
    kinds = [(block.kind, len(block.items)) for block in _markdown.blocks(text)]
    assert kinds == [("paragraph", 1), ("paragraph", 1), ("bullets", 2), ("paragraph", 1), ("numbers", 2)]
    assert _html.prose("2 * 3 * 4 and ** and `") == "<p>2 * 3 * 4 and ** and `</p>"
    assert _html.prose("- a\n  b\n- `<c>`") == "<ul><li>a b</li><li><code>&lt;c&gt;</code></li></ul>"


class Inside(HTMLParser):
    """Holds that every tag is closed by its own; keeps pictures and words."""

    def __init__(self):
        super().__init__()
        self.open, self.pictures, self.words = [], [], ""

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            self.pictures.append(dict(attrs))
        else:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words += data


def test_the_fragment_holds_everything_and_nothing_from_elsewhere(page):
    for language, words, alt in (("en", "Of 20,646 one is left.", "a line"), ("zh", "20,646 个剩一个。", "线")):
        inside = Inside()
        inside.feed(_html.fragment(page, language))
        assert inside.open == []
        assert words in inside.words
        (picture,) = inside.pictures
        assert picture["alt"] == alt
        kind, data = picture["src"].split(",")
        assert kind == "data:image/png;base64"
        assert base64.b64decode(data).startswith(b"\x89PNG")
    assert "a &lt; b" in _html.fragment(page)
    assert "<td>odd</td><td class=\"number\">3</td>" in _html.fragment(page)  # fmt: skip


# The command


def call(*args):
    return CliRunner().invoke(commands.app, ["chapter", *(str(arg) for arg in args)], catch_exceptions=False)


@pytest.fixture
def written(monkeypatch, page):
    """Chapters without the work."""
    ran = []

    def run(name, say=None):
        ran.append(name)
        say("working")
        if name == "columns":
            raise ClaimError("two is three")
        return page

    monkeypatch.setattr(chapters, "run", run)
    return ran


def test_without_a_name_chapters_are_listed():
    said = call()
    assert said.exit_code == 0
    assert re.search(r"^ 3  scaling +Why normalized", said.stdout, re.MULTILINE)
    assert len(said.stdout.splitlines()) == len(AVAILABLE)
    assert "归一化" in call("--language", "zh").stdout


def test_a_chapter_is_printed_and_its_figures_saved(written, tmp_path):
    said = call("3", "--out", tmp_path / "new")
    assert said.exit_code == 0
    assert written == ["scaling"]
    assert "✓ Yes: 2." in said.stdout
    assert "The notes say: wrong" in said.stdout
    assert re.search(r"odd +│ +3 │ +25%", said.stdout)
    assert str(tmp_path / "new" / "scaling-f.png") in said.stdout.replace("\n", "")
    assert (tmp_path / "new" / "scaling-f.png").read_bytes().startswith(b"\x89PNG")
    assert "\x1b" not in said.output
    assert "剩一个" in call("scaling", "--language", "zh", "--out", tmp_path).stdout


def test_several_chapters_and_all(written, tmp_path):
    assert call("scaling", "3,neighbours", "--out", tmp_path).exit_code == 0
    assert written == ["scaling", "neighbours"]
    written.clear()
    assert call("all", "--out", tmp_path).exit_code == 1
    assert written == [one.name for one in AVAILABLE]


def test_a_claim_that_fails_is_told_and_the_others_run(written, tmp_path):
    said = call("columns", "scaling", "--out", tmp_path)
    assert said.exit_code == 1
    assert "columns: a claim does not hold: two is three" in said.stderr
    assert written == ["columns", "scaling"]


def test_refusals(tmp_path):
    for args, message in (
        (("scalign",), "did you mean scaling?"),
        (("scaling", "--language", "fr"), "--language fr: it needs one of en, zh"),
        (("scaling", "--out", __file__), "--out"),
    ):
        said = call(*args)
        assert said.exit_code == 2
        assert message in said.stderr


def test_every_topic_of_the_notes_has_its_chapter():
    assert chapters.available() == list(chapters.ALL)
    assert len(chapters.ALL) == 18
