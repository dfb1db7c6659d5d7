"""``jaxreview report``: everything the library can say of itself, measured now, as one HTML page."""

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from jaxreview import chapters
from jaxreview.cli.choose import chosen, refuse, words
from jaxreview.cli.progress import Progress
from jaxreview.report import page
from jaxreview.report.rows import RowCheck, check_row
from jaxreview.speedup import data, machine, plot, result, run

__all__ = ["report"]

BUDGET = 65.0
SECTIONS = ("speedup", "peers", "gradients", "chapters")


def report(
    out: Annotated[Path, typer.Option(metavar="FILE", help="The page.")] = Path("report.html"),
    language: Annotated[str, typer.Option(metavar="en|zh", help="English or Chinese; the figures' own labels stay English.")] = "en",
    section: Annotated[list[str] | None, typer.Option("--section", metavar="NAME…", help="Some of speedup, peers, gradients, chapters.")] = None,
    only: Annotated[list[str] | None, typer.Option("--only", metavar="NAME…", help="Primitives or families to measure and to check.")] = None,
    chapter: Annotated[list[str] | None, typer.Option("--chapter", metavar="NAME…", help="Chapters to run; all if left out.")] = None,
    speedup: Annotated[Path | None, typer.Option(metavar="FILE.json", help="A result of jaxreview speedup to show instead of measuring.")] = None,
) -> None:
    """Make one page of environment, speedups, peers, gradient checks and all chapters; it takes some minutes and opens without a network."""
    began = time.perf_counter()
    wanted = words(section) or list(SECTIONS)
    for name in wanted:
        if name not in SECTIONS:
            raise refuse(f"--section {name}: it needs some of {', '.join(SECTIONS)}")
    if language not in chapters.LANGUAGES:
        raise refuse(f"--language {language}: it needs one of {', '.join(chapters.LANGUAGES)}")
    primitives = chosen(only)
    try:
        kept = result.read(speedup) if speedup else None
        told = [chapters.find(name) for name in words(chapter)] or chapters.available()
        data.ready()
        plot.ready()
    except (LookupError, result.ResultError, ModuleNotFoundError) as error:
        raise refuse(str(error.args[0])) from None
    if not out.parent.is_dir():
        raise refuse(f"--out {out}: there is no folder {out.parent}")
    measured = [p for p in primitives if p.benchmarked and (p.core or only)] if "speedup" in wanted and kept is None else []
    checked = [(p, case) for p in primitives for case in p.cases if case.differentiable] if "gradients" in wanted else []
    told = told if "chapters" in wanted else []
    console = Console()
    with Progress(console, len(measured) + len(checked) + len(told)) as progress:
        try:
            done = _measured(measured, progress) if measured else kept if "speedup" in wanted else None
            checks = _checked(checked, progress)
            pages = _told(told, progress)
        except KeyboardInterrupt:
            progress.say("interrupted; no page was written")
            raise typer.Exit(130) from None
        except AssertionError as error:
            progress.say(f"a claim does not hold: {error}; no page was written")
            raise typer.Exit(1) from None
    try:
        peers = page.records() if "peers" in wanted else []
        parts = page.parts(about=machine.described(), speedup=done, peers=peers, checks=checks, pages=pages, language=language)
        result.write(out, page.html(parts, language))
    except LookupError as error:
        raise refuse(str(error.args[0])) from None
    except OSError as error:
        raise refuse(f"--out {out}: {error.strerror}") from None
    wrong = sum(not check.ok for check in checks)
    typer.echo(f"wrote {out}, {out.stat().st_size / 1e6:.1f} MB, in {time.perf_counter() - began:.0f} s" + (f"; {wrong} gradients are wrong" if wrong else ""))
    if wrong:
        raise typer.Exit(1)


def _measured(primitives: list[Any], progress: Progress) -> result.Result:
    progress.say(f"measuring {len(primitives)} primitives")
    where = machine.find_device(None)
    rows, failed = [], {}
    budget = max(BUDGET, 1.5 * len(primitives)) if len(primitives) > 5 else 1.5 * len(primitives)
    for one in run.measure_all(primitives, budget, where, time.perf_counter(), lambda primitive: progress.at(primitive.name)):
        if isinstance(one, run.Failure):
            failed[one.name] = one.reason
            progress.say(f"{one.name}: not measured: {one.reason}")
        else:
            rows.append(one)
    return dataclasses.replace(run.describe(where, budget), rows=tuple(rows), failed=failed, complete=True)


def _checked(rows: list[Any], progress: Progress) -> list[RowCheck]:
    if rows:
        progress.say(f"checking the gradients of {len(rows)} rows")
    found = []
    for primitive, case in rows:
        progress.at(f"{primitive.name}: {case.name}")
        found.append(check_row(primitive, case))
    return found


def _told(wanted: list[chapters.Chapter], progress: Progress) -> list[tuple[chapters.Chapter, Any]]:
    if wanted:
        progress.say(f"running {len(wanted)} chapters")
    say: Callable[[str], None] = progress.now
    pages = []
    for one in wanted:
        progress.at(one.name)
        pages.append((one, chapters.run(one.name, say=lambda text, name=one.name: say(f"{name}: {text}"))))
    return pages
