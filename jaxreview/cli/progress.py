"""Lines that stay and, on a terminal only, a bar below them."""

from types import TracebackType
from typing import Any

from rich import progress as bars
from rich.console import Console

__all__ = ["Progress"]


class Progress:
    """``with Progress(console, 12) as progress``: ``at(text)`` begins the next of 12 steps, ``say(line)`` prints a line above the bar.

    Where the console is no terminal there is no bar and no control code, and each line is flushed as it is said.
    """

    def __init__(self, console: Console, steps: int):
        self.console, self.begun = console, 0
        columns = (bars.SpinnerColumn(), bars.BarColumn(24), bars.MofNCompleteColumn(), bars.TimeElapsedColumn(), bars.TextColumn("{task.description}"))
        self.bar = bars.Progress(*columns, console=console, transient=True) if console.is_terminal else None
        self.task = self.bar.add_task("", total=steps) if self.bar else None

    def __enter__(self) -> "Progress":
        if self.bar:
            self.bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.bar:
            self.bar.stop()

    def at(self, text: str) -> None:
        """The next step begins."""
        if self.bar is not None and self.task is not None:
            self.bar.update(self.task, completed=self.begun, description=text)
        self.begun += 1

    def now(self, text: str) -> None:
        """The step that was begun is at something else."""
        if self.bar is not None and self.task is not None:
            self.bar.update(self.task, description=text)

    def say(self, line: str, **style: Any) -> None:
        """A line that stays."""
        if self.bar:
            self.console.print(line, markup=False, highlight=False, soft_wrap=True, **style)
        else:
            print(line, file=self.console.file, flush=True)
