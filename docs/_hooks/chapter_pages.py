"""A page for each chapter of the review, run while the site is built, in every language; figures become files."""

import base64
import logging
import re

from jaxreview import chapters
from jaxreview.chapters import _html

LOG = logging.getLogger("mkdocs.hooks.chapters")
INDEX = {
    "en": (
        "The review, executed",
        "Each topic of the notes as a program: it computes with the library's own functions, shows what it computed, and asserts what it claims. "
        "All of it was run when this site was built. The same in a terminal: `jaxreview chapter scaling`, and on one page: `jaxreview report`.",
    ),
    "zh": (
        "复习笔记，逐条运行",
        "笔记的每个主题都是一段程序：用本库自己的函数计算，展示算出的结果，并断言所说的每个结论。全部内容在生成本站时运行。"
        "在终端里运行一章：`jaxreview chapter scaling --language zh`；合成一页：`jaxreview report --language zh`。",
    ),
}
PLACES = {"en": "chapters", "zh": "chapters/zh"}
# The name of the language, in the language, for the link to the other one.
OTHER = {"en": ("zh", "中文"), "zh": ("en", "English")}


def chosen(wanted):
    """The chapters that ``all``, ``none`` or some names mean."""
    if wanted == "none":
        return []
    return chapters.available() if wanted == "all" else [chapters.find(name) for name in re.split(r"[,\s]+", wanted.strip())]


def spoken(chapter, language):
    """Whether there is a translation of a chapter; the tests see to it that a finished one has it."""
    return language == "en" or (chapters.HERE / language / f"{chapter.module}.py").exists()


def nav(wanted, language):
    """The entries of the navigation."""
    place = PLACES[language]
    return [f"{place}/index.md", *({_title(chapter, language): f"{place}/{chapter.name}.md"} for chapter in chosen(wanted) if spoken(chapter, language))]


def pages(wanted):
    """Every page and figure by its place; runs the chapters."""
    made = {f"{PLACES[language]}/index.md": _index(wanted, language) for language in chapters.LANGUAGES}
    for chapter in chosen(wanted):
        page = chapters.run(chapter.name)
        LOG.info(f"chapter {chapter.name}: {page.seconds:.1f} s")
        languages = [language for language in chapters.LANGUAGES if spoken(chapter, language)]
        for language in languages:
            html, figures = _files(chapter, _html.fragment(page, language))
            to_figures, (other, name) = ("" if language == "en" else "../"), OTHER[language]
            back = f"{'zh/' if other == 'zh' else '../'}{chapter.name}.md"
            lines = [f"# {_title(chapter, language)}", ""]
            lines += [f"[{name}]({back}){{ .language }}", ""] if other in languages else []
            # A raw block of HTML ends at the first empty line.
            body = re.sub(r"\n\s*\n", lambda gap: "\n" + "&#10;" * (gap[0].count("\n") - 1), html).replace('src="', f'src="{to_figures}')
            made[f"{PLACES[language]}/{chapter.name}.md"] = "\n".join([*lines, f'<div class="chapter">\n{body}\n</div>', ""])
            made |= figures
    return made


def _title(chapter, language):
    return f"{chapter.number} · {chapter.subject(language)}"


def _index(wanted, language):
    title, text = INDEX[language]
    lines = [f"- [{_title(chapter, language)}]({chapter.name}.md)" for chapter in chosen(wanted) if spoken(chapter, language)]
    return "\n".join([f"# {title}", "", text, "", *lines, ""])


def _files(chapter, html):
    """The HTML with its pictures in files of their own, and these."""
    found = {}

    def moved(source):
        name = f"{chapter.name}-{len(found) + 1}.png"
        found[f"chapters/{name}"] = base64.b64decode(source[1])
        return f'src="{name}"'

    return re.sub(r'src="data:image/png;base64,([^"]*)"', moved, html), found
