"""The page that a chapter fills from top to bottom: text, claims that hold, corrections, tables, figures, and the code that it speaks of.

What is said is kept as a template and its values, so that it can be said in another language, and numbers stay numbers. How a page looks is the business of
whoever shows it.
"""

import ast
import inspect
import math
import re
import string
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import dedent
from typing import Any

import numpy as np
from matplotlib.figure import Figure as Drawing

__all__ = ["Claim", "ClaimError", "Code", "Correction", "Figure", "Page", "Table", "Text", "Translation", "Words", "fields", "needs_translation", "shown"]

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
# The words that are no chapter's own.
FIXED = {"zh": {"The notes say": "笔记说", "In fact": "其实", "It holds": "成立", "yes": "是", "no": "否"}}


class ClaimError(AssertionError):
    """A claim of a chapter that does not hold."""


def shown(value: Any, spec: str = "") -> str:
    """A value as it is read: powers of ten as 1.9×10⁷, thousands apart, three digits of a real number unless the format says otherwise.

    Examples:
        >>> shown(19_000_000.0), shown(20646), shown(0.97191), shown(0.663, ".1%"), shown(None)
        ('1.9×10⁷', '20,646', '0.972', '66.3%', '—')
    """
    if isinstance(value, bool | str):
        return ("yes" if value else "no") if isinstance(value, bool) else format(value, spec)
    if value is None:
        return "—"
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "−∞"
    if isinstance(value, float) and not spec:
        spec = ",.0f" if 1000 <= abs(value) < 1e5 else ".3g"
    text = format(value, spec or ("," if isinstance(value, int) else ""))
    power = re.fullmatch(r"(-?[\d.]+)e([+-]\d+)", text)
    if power is None:
        return text
    mantissa, exponent = power[1], f"10{str(int(power[2])).translate(SUPERSCRIPTS)}"
    if float(mantissa) == 0:
        return "0"
    return exponent if mantissa == "1" else f"{mantissa}×{exponent}"


class _Formatter(string.Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        return shown(value, format_spec)


def fields(template: str) -> set[str]:
    """The names of a template's placeholders."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def needs_translation(cell: str) -> bool:
    """Whether a header or a cell of a table has a word in it: it begins with three letters from A to Z, and stands outside of `code` and placeholders.

    Examples:
        >>> [needs_translation(cell) for cell in ("steps", "λmax/λmin", "`optax.sgd`", "(5, 1)")]
        [True, False, False, False]
    """
    return re.search(r"(?<![^\W\d_])[A-Za-z]{3}", re.sub(r"`[^`]*`|\{[^}]*\}", "", cell)) is not None


@dataclass(frozen=True)
class Translation:
    """A chapter in another language: its title and, for each template, the same with the same placeholders."""

    title: str
    texts: Mapping[str, str]


@dataclass(frozen=True)
class Words:
    """A template in English and the values of its placeholders; ``said()`` puts them in."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def said(self, texts: Mapping[str, str] | None = None) -> str:
        """The sentence, in English or by another language's texts."""
        template = self.template
        if texts is not None and template:
            if template not in texts:
                raise LookupError(f"chapters: there is no translation of {template!r}")
            template = texts[template]
        return _Formatter().vformat(template, (), self.values)


@dataclass(frozen=True)
class Text:
    """One paragraph or list."""

    words: Words


@dataclass(frozen=True)
class Claim:
    """A sentence that was checked and holds."""

    words: Words


@dataclass(frozen=True)
class Correction:
    """What the notes say and what is so."""

    notes: Words
    fact: Words


@dataclass(frozen=True)
class Table:
    """Rows of plain values; ``formats`` has Python's format for the columns that want another than `shown` chooses."""

    name: str
    headers: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    caption: Words
    formats: Mapping[str, str]

    def column(self, header: str) -> list[Any]:
        """The values under a header."""
        return [row[self.headers.index(header)] for row in self.rows]

    def cells(self, texts: Mapping[str, str] | None = None) -> list[list[str]]:
        """The header and the rows as they are read."""
        found = [[_cell(header, "", texts) for header in self.headers]]
        return found + [[_cell(value, self.formats.get(header, ""), texts) for header, value in zip(self.headers, row, strict=True)] for row in self.rows]


@dataclass(frozen=True)
class Figure:
    """A drawing, what it shows in a sentence, and what somebody who cannot see it is told."""

    name: str
    drawing: Drawing
    caption: Words
    alt: Words


@dataclass(frozen=True)
class Code:
    """The source of a function, its docstring cut to the first line."""

    name: str
    source: str


Part = Text | Claim | Correction | Table | Figure | Code


class Page:
    """What a chapter fills and gives back: ``parts`` in order, and ``tables`` and ``figures`` by name.

    Every template takes its values by name and formats them as `shown` does: ``page.say("a bound of {bound:.3g}", bound=2 / steepest)``.
    """

    def __init__(self, title: str = "", translations: Mapping[str, Translation] | None = None, say: Callable[[str], object] | None = None):
        self.parts: list[Part] = []
        self.tables: dict[str, Table] = {}
        self.figures: dict[str, Figure] = {}
        self.seconds = 0.0
        self._titles, self._translations, self._say = title, dict(translations or {}), say

    def say(self, template: str, **values: Any) -> None:
        """One paragraph or list, with **bold** and `code`."""
        self.parts.append(Text(_words(template, values)))

    def claim(self, template: str, holds: Any, /, **values: Any) -> None:
        """A sentence and whether it holds.

        Raises:
            ClaimError: it does not; the message is the sentence.
            TypeError: holds is not one truth value.
        """
        words = _words(template, values)
        if not isinstance(_plain(holds), bool):
            raise TypeError(f"claim: holds is {holds!r}; it needs one bool (take .all() of many)")
        if not _plain(holds):
            raise ClaimError(words.said())
        self.parts.append(Claim(words))

    def correct(self, notes: str, fact: str, /, **values: Any) -> None:
        """A statement of the notes that is not quite right, and what is."""
        self.parts.append(Correction(_words(notes, values), _words(fact, values)))

    def table(
        self, name: str, headers: Sequence[str], rows: Iterable[Sequence[Any]], /, *, caption: str, formats: Mapping[str, str] | None = None, **values: Any
    ) -> None:
        """Rows of numbers, bools, None and short words; a word in `code` stays as it is in every language."""
        plain = tuple(tuple(_plain(value) for value in row) for row in rows)
        for row in plain:
            if len(row) != len(headers):
                raise ValueError(f"table {name}: a row has {len(row)} cells, {row}; it needs {len(headers)}")
        if set(formats or {}) - set(headers):
            raise ValueError(f"table {name}: formats are for {sorted(formats or {})}; it needs some of {list(headers)}")
        self.tables[name] = Table(name, tuple(headers), plain, _words(caption, values), dict(formats or {}))
        self.parts.append(self.tables[name])

    def figure(self, name: str, drawing: Drawing, /, *, caption: str, alt: str, **values: Any) -> None:
        """A figure made by `_style.figure`."""
        self.figures[name] = Figure(name, drawing, _words(caption, values), _words(alt, values))
        self.parts.append(self.figures[name])

    def code(self, function: Callable[..., Any], /) -> None:
        """The source of a function, its docstring cut to the first line."""
        function = inspect.unwrap(function)
        self.parts.append(Code(f"{function.__module__}.{function.__qualname__}", _source(function)))

    def at(self, text: str) -> None:
        """Say what is being worked on, to somebody who waits."""
        if self._say is not None:
            self._say(text)

    def title(self, language: str = "en") -> str:
        """The subject of the chapter."""
        return self._titles if language == "en" else self._translation(language).title

    def texts(self, language: str = "en") -> Mapping[str, str] | None:
        """The templates in another language, for `Words.said` and `Table.cells`; None for English."""
        return None if language == "en" else FIXED[language] | dict(self._translation(language).texts)

    def templates(self) -> Iterator[str]:
        """Every template, header and cell that another language has to say."""
        for part in self.parts:
            match part:
                case Text(words) | Claim(words):
                    yield words.template
                case Correction(notes, fact):
                    yield from (notes.template, fact.template)
                case Figure(_, _, caption, alt):
                    yield from (caption.template, alt.template)
                case Table(_, headers, rows, caption):
                    yield caption.template
                    yield from (cell for row in (headers, *rows) for cell in row if isinstance(cell, str) and needs_translation(cell))
                case Code():
                    pass

    def _translation(self, language: str) -> Translation:
        if language not in self._translations:
            raise LookupError(f"chapters: {self._titles!r} has no language {language!r}; it has {', '.join(['en', *self._translations])}")
        return self._translations[language]


def _words(template: str, values: Mapping[str, Any]) -> Words:
    """The template with plain values; it is said once, so that what is missing is missed where it is written."""
    words = Words(template, {name: _plain(value) for name, value in values.items()})
    words.said()
    return words


def _plain(value: Any) -> Any:
    """An array's or NumPy's single value as Python's own."""
    if isinstance(value, np.generic) or (hasattr(value, "shape") and hasattr(value, "item")):
        return value.item() if not value.shape else tuple(np.asarray(value).tolist())
    return value


def _cell(value: Any, spec: str, texts: Mapping[str, str] | None) -> str:
    text = shown(value, spec)
    translated = texts is not None and isinstance(value, str | bool) and needs_translation(text)
    return Words(text).said(texts) if translated or (texts is not None and isinstance(value, bool)) else text


def _source(function: Callable[..., Any]) -> str:
    source = dedent(inspect.getsource(function))
    (definition,) = ast.parse(source).body
    first = definition.body[0] if isinstance(definition, ast.FunctionDef) else None
    if first is None or not (isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)):
        return source.rstrip()
    lines = source.splitlines()
    said = '"""' + inspect.cleandoc(first.value.value).splitlines()[0] + '"""'
    return "\n".join([*lines[: first.lineno - 1], " " * first.col_offset + said, *lines[first.end_lineno :]])
