"""The little Markdown that a chapter's text is written in: paragraphs, lists of one level, **bold** and `code`."""

import re
from typing import Literal, NamedTuple

__all__ = ["Block", "Span", "blocks", "spans"]


class Span(NamedTuple):
    """A run of characters of one kind."""

    kind: Literal["plain", "bold", "code"]
    text: str


class Block(NamedTuple):
    """A paragraph with its one item, or a list with its items."""

    kind: Literal["paragraph", "bullets", "numbers"]
    items: tuple[tuple[Span, ...], ...]


def spans(text: str) -> tuple[Span, ...]:
    """What is bold, code and neither, in order; a mark without its partner is a character like others.

    Examples:
        >>> [tuple(span) for span in spans("two **bold** `a*b`")]
        [('plain', 'two '), ('bold', 'bold'), ('plain', ' '), ('code', 'a*b')]
    """
    found: list[Span] = []
    for code, bold, plain in re.findall(r"`([^`]+)`|\*\*(?=\S)(.+?)(?<=\S)\*\*|([^`*]+|[`*])", text, re.S):
        if plain and found and found[-1].kind == "plain":
            found[-1] = Span("plain", found[-1].text + plain)
        else:
            found.append(Span("code", code) if code else Span("bold", bold) if bold else Span("plain", plain))
    return tuple(found)


def blocks(text: str) -> list[Block]:
    """The paragraphs and lists of a text; a list begins with a line ``- item`` or ``1. item`` and ends with the last such line and what continues it.

    Examples:
        >>> [block.kind for block in blocks("First:" + chr(10) + "- a" + chr(10) + "- b")]
        ['paragraph', 'bullets']
    """
    found: list[tuple[Literal["paragraph", "bullets", "numbers"], list[str]]] = []
    fresh = True
    for line in text.splitlines():
        item = re.match(r"(-|\d+\.) +(.*)", line)
        if not line.strip():
            fresh = True
        elif item:
            kind = "bullets" if item[1] == "-" else "numbers"
            if found and found[-1][0] == kind:
                found[-1][1].append(item[2])
            else:
                found.append((kind, [item[2]]))
            fresh = False
        elif fresh:
            found.append(("paragraph", [line.strip()]))
            fresh = False
        else:
            found[-1][1][-1] += f" {line.strip()}"
    return [Block(kind, tuple(spans(item) for item in items)) for kind, items in found]
