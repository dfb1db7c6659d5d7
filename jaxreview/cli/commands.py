"""The commands. Each prints rows as they come: a live line on a terminal, plain text anywhere else."""

import time
from typing import Annotated

import typer
from rich.console import Console

from jaxreview.cli.chapter import chapter
from jaxreview.cli.choose import Several, chosen, refuse
from jaxreview.cli.own import check_own
from jaxreview.cli.progress import Progress
from jaxreview.cli.report import report
from jaxreview.cli.speedup import speedup
from jaxreview.report.rows import check_row
from jaxreview.speedup import machine

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Neural-network functions for JAX: their speed and their proof.",
    rich_markup_mode=None,
)
app.command(cls=Several)(speedup)
app.command()(chapter)
app.command(cls=Several)(report)

Only = Annotated[list[str] | None, typer.Option("--only", metavar="NAME…", help="Primitives or families; repeat, or separate by commas or spaces.")]


@app.command("list", cls=Several)
def list_(only: Only = None) -> None:
    """Every primitive: its family, its for-loop twin or why there is none, and its number of rows."""
    found = chosen(only)
    size = max((len(p.name) for p in found), default=0)
    family = max((len(p.family) for p in found), default=0)
    typer.echo(f"{'primitive':<{size}}  {'family':<{family}}  rows  bad  loop")
    for p in found:
        loop = f"jaxreview.loops.{p.family}.{p.public}" if p.loop else f"none: {p.no_loop or 'no reason is stated'}"
        typer.echo(f"{p.name:<{size}}  {p.family:<{family}}  {len(p.cases):>4}  {len(p.bad):>3}  {loop}")
    typer.echo(f"{len(found)} primitives, {sum(p.loop is not None for p in found)} with a loop, {sum(len(p.cases) for p in found)} rows")


@app.command()
def env() -> None:
    """Machine, devices and versions: what to put into a bug report."""
    for name, value in machine.described().items():
        typer.echo(f"{name:<14} {value}")


@app.command(cls=Several)
def check(
    target: Annotated[str | None, typer.Argument(metavar="[MODULE:FUNCTION]", help="A function of your own; every row of the library if left out.")] = None,
    factory: Annotated[
        str | None, typer.Option("--args", metavar="MODULE:FACTORY", help="A function without arguments that gives the target's: a tuple.")
    ] = None,
    order: Annotated[int, typer.Option(metavar="1|2", min=1, max=2, help="2 for second derivatives of the target as well.")] = 1,
    only: Only = None,
) -> None:
    """Check gradients against finite differences, of every row or of a function of your own; exit code 1 when one is wrong.

    For example: jaxreview check mymodule:loss --args mymodule:example
    """
    if target is not None:
        if only:
            raise refuse("check takes a function or --only, not both")
        if not check_own(target, factory, order):
            raise typer.Exit(1)
        return
    if factory is not None or order != 1:
        raise refuse("--args and --order need a function: jaxreview check MODULE:FUNCTION --args MODULE:FACTORY")
    rows = [(p, case) for p in chosen(only) for case in p.cases if case.differentiable]
    if not rows:
        raise refuse("none of these has a row with differentiable arguments; there is nothing to check")
    names = max(len(p.name) for p, _ in rows)
    cases = min(40, max(len(case.name) for _, case in rows))
    wrong, done, start = 0, 0, time.perf_counter()
    with Progress(Console(), len(rows)) as progress:
        progress.say(f"{'primitive':<{names}}  {'row':<{cases}}  {'worst error':>11}  {'allowed':>8}  {'time':>7}  verdict")
        try:
            for primitive, case in rows:
                progress.at(f"{primitive.name}: {case.name}")
                found = check_row(primitive, case)
                numbers = f"{'—':>11}  {'—':>8}" if found.error is None else f"{found.error:>11.2g}  {found.allowed:>8.2g}"
                took = f"{found.seconds:.2f} s"
                progress.say(f"{found.name:<{names}}  {found.case[:cases]:<{cases}}  {numbers}  {took:>7}  {found.verdict}")
                wrong, done = wrong + (not found.ok), done + 1
        except KeyboardInterrupt:
            progress.say("interrupted")
    typer.echo(f"{done} of {len(rows)} rows checked in {time.perf_counter() - start:.0f} s, {wrong} wrong")
    if done < len(rows):
        raise typer.Exit(130)
    if wrong:
        raise typer.Exit(1)
