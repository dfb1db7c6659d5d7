"""``jaxreview speedup``: the main job, its table while it runs and its files at the end."""

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from jaxreview.cli.choose import chosen, refuse, words
from jaxreview.cli.progress import Progress
from jaxreview.speedup import data, machine, plot, result, run, table

__all__ = ["speedup"]

# The core rows, the last of which take long to compile, with imports, data and files, then end within 90 seconds on two cores.
BUDGET = 65.0
# What further rows are given, where more are asked for.
SHARE = 1.5
FORMATS: dict[str, Callable[[result.Result], str | bytes]] = {
    "md": table.markdown,
    "json": result.Result.to_json,
    "csv": table.csv_text,
    "png": plot.png,
}


def speedup(
    only: Annotated[list[str] | None, typer.Option("--only", metavar="NAME…", help="Primitives or families; repeat, or separate by commas or spaces.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every primitive, which takes minutes; without it, and without --only, some of each family.")] = False,
    device: Annotated[str | None, typer.Option(metavar="cpu|gpu|tpu", help="Where to run; JAX's default device if left out.")] = None,
    budget: Annotated[
        float | None, typer.Option(metavar="SECONDS", min=0.0, help="For the whole run; every form is run and compared even when it is spent.")
    ] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the files.")] = Path("speedup-out"),
    format: Annotated[list[str] | None, typer.Option("--format", metavar="md|json|csv|png…", help="Files to write; all four if left out.")] = None,
    compare: Annotated[Path | None, typer.Option(metavar="OLD.json", help="An earlier result to set this one against.")] = None,
) -> None:
    """Measure what vectorization buys: each primitive as a Python loop, one call per example, lax.map, vmap and vectorized, on real data."""
    began = time.perf_counter()
    kinds = words(format) or list(FORMATS)
    for kind in kinds:
        if kind not in FORMATS:
            raise refuse(f"--format {kind}: it needs some of {', '.join(FORMATS)}")
    if every and only:
        raise refuse("--all: it needs to stand without --only")
    primitives = [p for p in chosen(only) if p.benchmarked and (p.core or only or every)]
    if not primitives:
        raise refuse("none of these has a row to measure")
    budget = max(BUDGET, SHARE * len(primitives)) if budget is None else budget
    try:
        old = result.read(compare) if compare else None
        where = machine.find_device(device)
        out.mkdir(parents=True, exist_ok=True)
        data.ready()
        if "png" in kinds:
            plot.ready()
    except (LookupError, result.ResultError, ModuleNotFoundError) as error:
        raise refuse(str(error.args[0])) from None
    except OSError as error:
        raise refuse(f"--out {out}: {error.strerror}") from None

    console = Console()
    width = console.width if console.is_terminal else 200
    done = run.describe(where, budget)
    rows: list[result.Row] = []
    failed: dict[str, str] = {}
    complete = False
    with Progress(console, len(primitives)) as progress:
        progress.say(table.described(done), style="dim") if console.is_terminal else progress.say(table.described(done))
        progress.say(table.header(width), **({"style": "bold"} if console.is_terminal else {}))
        try:
            for one in run.measure_all(primitives, budget, where, began, lambda primitive: progress.at(primitive.name)):
                if isinstance(one, run.Failure):
                    failed[one.name] = one.reason
                    progress.say(f"{one.name}: not measured: {one.reason}")
                else:
                    rows.append(one)
                    progress.say(table.line(one, width))
            complete = True
        except KeyboardInterrupt:
            progress.say(f"interrupted after {len(rows)} of {len(primitives)} rows; they are kept")
    done = dataclasses.replace(done, rows=tuple(rows), failed=failed, complete=complete)
    if rows:
        _save(done, kinds, out)
    if old is not None:
        changes = list(result.compare(old, done))
        typer.echo(f"\nagainst {compare}: {table.described(old)}")
        typer.echo(table.changes_text(changes) if changes else "it has no row in common with this run at the same sizes")
    not_measured = f", {len(failed)} not measured: {', '.join(failed)}" if failed else ""
    typer.echo(f"{len(rows)} row{'s' * (len(rows) != 1)} in {time.perf_counter() - began:.0f} s{not_measured}")
    if not complete:
        raise typer.Exit(130)
    if failed:
        raise typer.Exit(1)


def _save(done: result.Result, kinds: list[str], out: Path) -> None:
    for kind in dict.fromkeys(kinds):
        path = out / f"speedup.{kind}"
        try:
            result.write(path, FORMATS[kind](done))
        except OSError as error:
            raise refuse(f"{path}: {error.strerror}") from None
        except plot.NothingToDrawError as error:
            typer.echo(f"no {path}: {error}")
            continue
        typer.echo(f"wrote {path}")
