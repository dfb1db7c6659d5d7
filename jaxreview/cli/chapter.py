"""``jaxreview chapter``: the review, executed; a chapter's text, claims and tables in the terminal, its figures in a folder."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console, RenderableType
from rich.table import Table as Grid
from rich.text import Text as Line

from jaxreview import chapters
from jaxreview.cli.choose import refuse, words
from jaxreview.cli.progress import Progress
from jaxreview.speedup import data, plot, result

__all__ = ["chapter"]

STYLES = {"plain": "", "bold": "bold", "code": "cyan"}
MARKS = {"paragraph": "", "bullets": "• "}


def chapter(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]…", help="Names or numbers of chapters, or all; without one they are listed.")] = None,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the figures go.")] = Path("chapters"),
    language: Annotated[str, typer.Option(metavar="en|zh", help="English or Chinese; the figures' own labels stay English.")] = "en",
) -> None:
    """Run chapters of the review: what they say, what they claim and prove, their tables, and their figures as files.

    For example: jaxreview chapter scaling
    """
    if language not in chapters.LANGUAGES:
        raise refuse(f"--language {language}: it needs one of {', '.join(chapters.LANGUAGES)}")
    known = chapters.available()
    if not names:
        for one in known:
            typer.echo(f"{one.number:>2}  {one.name:<{max(len(other.name) for other in known)}}  {one.subject(language)}")
        return
    try:
        wanted = [one for name in words(names) for one in (known if name == "all" else [chapters.find(name)])]
        data.ready()
        plot.ready()
        out.mkdir(parents=True, exist_ok=True)
    except (LookupError, ModuleNotFoundError) as error:
        raise refuse(str(error.args[0])) from None
    except OSError as error:
        raise refuse(f"--out {out}: {error.strerror}") from None
    wanted = list(dict.fromkeys(wanted))
    console = Console(markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console = Console(markup=False, highlight=False, emoji=False, width=120)
    failed = []
    with Progress(console, len(wanted)) as progress:
        try:
            for one in wanted:
                progress.at(one.name)
                if not _told(one, console, progress, out, language):
                    failed.append(one.name)
        except KeyboardInterrupt:
            progress.say("interrupted")
            raise typer.Exit(130) from None
    if failed:
        raise typer.Exit(1)


def _told(one: chapters.Chapter, console: Console, progress: Progress, out: Path, language: str) -> bool:
    """Run one chapter and print it; whether all that it claims holds."""
    from jaxreview.chapters import _page, _style

    console.print(Line(f"\n{one.number} · {one.subject(language)}\n", style="bold underline"))
    try:
        page = chapters.run(one.name, say=lambda text: progress.now(f"{one.name}: {text}"))
    except _page.ClaimError as error:
        typer.echo(f"{one.name}: a claim does not hold: {error}", err=True)
        return False
    try:
        texts = page.texts(language)
        for part in page.parts:
            if isinstance(part, _page.Figure):
                path = out / f"{one.name}-{part.name}.png"
                result.write(path, _style.png(part.drawing))
                console.print(_line(part.caption.said(texts), f"{path}: "))
            else:
                for shown in _shown(part, texts):
                    console.print(shown)
            console.print()
    except LookupError as error:
        raise refuse(str(error.args[0])) from None
    except OSError as error:
        raise refuse(f"--out {out}: {error.strerror}") from None
    console.print(Line(f"{one.name}: {sum(isinstance(part, _page.Claim) for part in page.parts)} claims hold, {page.seconds:.1f} s", style="dim"))
    return True


def _shown(part: object, texts) -> list[RenderableType]:
    from jaxreview.chapters import _markdown, _page

    def fixed(name: str) -> str:
        return _page.Words(name).said(texts)

    match part:
        case _page.Text(said):
            found: list[RenderableType] = []
            for kind, items in _markdown.blocks(said.said(texts)):
                for number, item in enumerate(items, 1):
                    mark = MARKS.get(kind, f"{number}. ")
                    found.append(_spans(item, mark))
            return found
        case _page.Claim(said):
            return [_line(said.said(texts), "✓ ", "bold green")]
        case _page.Correction(notes, fact):
            return [
                _line(notes.said(texts), f"† {fixed('The notes say')}: ", "bold yellow"),
                _line(fact.said(texts), f"† {fixed('In fact')}: ", "bold green"),
            ]
        case _page.Table(_, _, rows, caption):
            header, *cells = part.cells(texts)
            grid = Grid(header_style="bold")
            for place, name in enumerate(header):
                grid.add_column(_line(name), justify="left" if any(isinstance(row[place], str) for row in rows) else "right")
            for row in cells:
                grid.add_row(*map(_line, row))
            return [_line(caption.said(texts)), grid]
        case _page.Code(name, source):
            return [Line(name, style="bold"), Line(source, style="cyan")]
    raise TypeError(f"chapter: a part is {part!r}; it needs one of a page's")


def _spans(spans, mark: str = "", style: str = "bold") -> Line:
    line = Line(mark, style="")
    if mark:
        line.stylize(style)
    for span in spans:
        line.append(span.text, STYLES[span.kind])
    return line


def _line(text: str, mark: str = "", style: str = "bold") -> Line:
    from jaxreview.chapters import _markdown

    return _spans(_markdown.spans(text), mark, style)
