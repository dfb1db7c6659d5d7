"""Names given on the command line: several after one option, and the nearest ones for a name that is unknown."""

import difflib
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperCommand

from jaxreview.cases import Primitive, primitives

__all__ = ["Several", "chosen", "refuse", "words"]


class Several(TyperCommand):
    """A command whose repeatable options also take several values at once: ``--only conv dense`` is ``--only conv --only dense``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Repeat the option before each further value, then parse as usual."""
        repeatable = {name for option in self.params if getattr(option, "multiple", False) for name in option.opts}
        spread: list[str] = []
        current = ""
        for word in args:
            if word.startswith("-") and len(word) > 1:
                current = word if word in repeatable else ""
                spread.append(word)
            elif current and spread[-1] != current:
                spread += [current, word]
            else:
                spread.append(word)
        return super().parse_args(ctx, spread)


def words(values: Sequence[str] | None) -> list[str]:
    """``["a,b", "c"]`` as ``["a", "b", "c"]``."""
    return [word.strip() for value in values or () for word in value.split(",") if word.strip()]


def refuse(message: str) -> typer.Exit:
    """An exit with code 2 after one plain line on stderr."""
    typer.echo(f"jaxreview: {message}", err=True)
    return typer.Exit(2)


def chosen(only: Sequence[str] | None) -> list[Primitive]:
    """The primitives of these names (or other names of theirs) and families, in the library's order; all of them for none.

    Raises:
        typer.Exit: a name is unknown; the nearest ones have been printed.
    """
    wanted = words(only)
    every = primitives()
    called = {p.name: {p.name, p.public, p.family, *p.aliases} for p in every}
    known = list(dict.fromkeys([p.name for p in every] + [name for names in called.values() for name in sorted(names)]))
    for name in wanted:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
            raise refuse(f"there is no primitive or family {name!r}; " + (f"did you mean {', '.join(near)}?" if near else "`jaxreview list` names all of them"))
    return [p for p in every if not wanted or not called[p.name].isdisjoint(wanted)]
