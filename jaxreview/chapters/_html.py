"""A page as a piece of HTML that needs nothing from elsewhere: text escaped, figures inside."""

import base64
from html import escape

from jaxreview.chapters import _markdown, _style
from jaxreview.chapters._page import Claim, Code, Correction, Figure, Page, Table, Text, Words

__all__ = ["fragment", "prose"]

TAGS = {"plain": "{}", "bold": "<strong>{}</strong>", "code": "<code>{}</code>"}
LISTS = {"bullets": "ul", "numbers": "ol"}


def fragment(page: Page, language: str = "en") -> str:
    """The parts of a page in order, without its title.

    Classes for a style sheet: ``claim``, ``correction`` with ``notes`` and ``fact``, ``scroll`` around each table, ``number`` on cells that are aligned to
    the right.

    Raises:
        LookupError: the page has not got the language, or not all of it.
    """
    texts = page.texts(language)
    fixed = {name: escape(Words(name).said(texts)) for name in ("The notes say", "In fact", "It holds")}
    colon = "：" if language == "zh" else ": "
    found = []
    for part in page.parts:
        match part:
            case Text(words):
                found.append(prose(words.said(texts)))
            case Claim(words):
                found.append(f'<div class="claim" title="{fixed["It holds"]}"><span aria-hidden="true">✓</span> {_inline(words.said(texts))}</div>')
            case Correction(notes, fact):
                both = ("notes", "The notes say", notes), ("fact", "In fact", fact)
                lines = "".join(f'<div class="{kind}"><strong>{fixed[name]}{colon}</strong>{_inline(words.said(texts))}</div>' for kind, name, words in both)
                found.append(f'<div class="correction">{lines}</div>')
            case Table():
                found.append(_table(part, texts))
            case Figure(_, drawing, caption, alt):
                data = base64.b64encode(_style.png(drawing)).decode()
                picture = f'<img src="data:image/png;base64,{data}" alt="{escape(alt.said(texts))}">'
                found.append(f"<figure>{picture}<figcaption>{_inline(caption.said(texts))}</figcaption></figure>")
            case Code(name, source):
                found.append(f"<details><summary><code>{escape(name)}</code></summary><pre><code>{escape(source)}</code></pre></details>")
    return "\n".join(found)


def prose(text: str) -> str:
    """Markdown as paragraphs and lists.

    Examples:
        >>> prose("x < y, **surely**")
        '<p>x &lt; y, <strong>surely</strong></p>'
    """
    found = []
    for kind, items in _markdown.blocks(text):
        parts = ["".join(TAGS[span.kind].format(escape(span.text)) for span in item) for item in items]
        if kind == "paragraph":
            found.append(f"<p>{parts[0]}</p>")
        else:
            found.append(f"<{LISTS[kind]}>{''.join(f'<li>{part}</li>' for part in parts)}</{LISTS[kind]}>")
    return "\n".join(found)


def _inline(text: str) -> str:
    return "".join(TAGS[span.kind].format(escape(span.text)) for span in _markdown.spans(text))


def _table(table: Table, texts) -> str:
    header, *rows = table.cells(texts)
    right = [all(not isinstance(row[place], str) for row in table.rows) for place in range(len(header))]
    kinds = [' class="number"' if one else "" for one in right]
    head = "".join(f'<th scope="col"{kind}>{_inline(cell)}</th>' for kind, cell in zip(kinds, header, strict=True))
    body = "".join("<tr>" + "".join(f"<td{kind}>{_inline(cell)}</td>" for kind, cell in zip(kinds, row, strict=True)) + "</tr>" for row in rows)
    caption = f"<caption>{_inline(table.caption.said(texts))}</caption>"
    return f'<div class="scroll"><table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
