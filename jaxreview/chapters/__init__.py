"""The review, executed: one chapter a topic, each a module with ``run(page)`` that computes with the library, shows, and asserts what it claims.

``chapters.run("scaling")`` gives the filled `Page`. The docstring of a chapter's module is its subject; `zh` has what it says in Chinese.
"""

import ast
import difflib
import importlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jaxreview.chapters._page import Page

__all__ = ["ALL", "LANGUAGES", "Chapter", "available", "find", "run"]

LANGUAGES = ("en", "zh")
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Chapter:
    """One topic: its number in the notes and its short name."""

    number: str
    name: str

    @property
    def module(self) -> str:
        """The name of its module in this package."""
        return self.name.replace("-", "_")

    @property
    def path(self) -> Path:
        """Its source."""
        return HERE / f"{self.module}.py"

    def subject(self, language: str = "en") -> str:
        """What it is about, in a line; nothing is imported but the translation."""
        if language != "en":
            return importlib.import_module(f"jaxreview.chapters.{language}.{self.module}").TITLE
        doc = ast.get_docstring(ast.parse(self.path.read_text(encoding="utf-8")))
        return (doc or "").partition("\n")[0].rstrip(".")


ALL = tuple(
    Chapter(number, name)
    for number, name in (
        ("0", "proposals"),
        ("1", "columns"),
        ("2", "convexity"),
        ("3", "scaling"),
        ("4", "neighbours"),
        ("5", "descent"),
        ("6", "logistic"),
        ("7", "broadcasting"),
        ("8", "rank-one"),
        ("9", "activations"),
        ("10", "dropout"),
        ("11", "statistics"),
        ("12", "initialization"),
        ("13", "symmetry"),
        ("14", "gradients"),
        ("D", "deconvolution"),
        ("U", "unpooling"),
        ("A", "dilation"),
    )
)


def available() -> list[Chapter]:
    """The chapters in the order of the notes."""
    return [chapter for chapter in ALL if chapter.path.exists()]


def find(name: str) -> Chapter:
    """The chapter of this number or name.

    Raises:
        LookupError: there is none; the message has the nearest names.

    Examples:
        >>> find("3").name, find("scaling").number
        ('scaling', '3')
    """
    known = {word.casefold(): chapter for chapter in available() for word in (chapter.number, chapter.name, chapter.module)}
    if name.casefold() in known:
        return known[name.casefold()]
    near = difflib.get_close_matches(name.casefold(), known, n=3, cutoff=0.5)
    names = near or [chapter.name for chapter in available()]
    raise LookupError(f"there is no chapter {name!r}; " + (f"did you mean {', '.join(names)}?" if near else f"there are {', '.join(names)}"))


def run(name: str, *, say: Callable[[str], Any] | None = None) -> "Page":
    """Run a chapter and give its page; ``say`` is told what it is working on.

    Raises:
        LookupError: there is no such chapter.
        ClaimError: a claim of it does not hold.
        ModuleNotFoundError: matplotlib or scikit-learn is not installed.
    """
    from jaxreview.chapters._page import Page, Translation

    chapter, translations = find(name), {}
    for language in LANGUAGES[1:]:
        if (HERE / language / f"{chapter.module}.py").exists():
            other = importlib.import_module(f"jaxreview.chapters.{language}.{chapter.module}")
            translations[language] = Translation(other.TITLE, other.TEXTS)
    page = Page(chapter.subject(), translations, say)
    start = time.perf_counter()
    importlib.import_module(f"jaxreview.chapters.{chapter.module}").run(page)
    page.seconds = time.perf_counter() - start
    return page
