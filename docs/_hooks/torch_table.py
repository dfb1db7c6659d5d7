"""What a function of PyTorch is here: tables from docs/_data/torch.toml, in which arguments and defaults are compared with our own signatures."""

import ast
import functools
import inspect
import tomllib
from pathlib import Path

import jaxreview
from jaxreview.cases import primitives

DATA = Path(__file__).parents[1] / "_data" / "torch.toml"
TITLES = {"functional": "torch.nn.functional", "torchvision": "torchvision.ops", "init": "torch.nn.init"}
# PyTorch says whether to draw, we whether not to.
OPPOSITE = {"training": "deterministic"}
REQUIRED = inspect.Parameter.empty


@functools.cache
def data():
    """The file."""
    return tomllib.loads(DATA.read_text(encoding="utf-8"))


def markdown():
    """A table for each namespace, and what has no counterpart with the reason."""
    lines = []
    for group, title in TITLES.items():
        rows = [row for row in data()[group] if "ours" in row]
        lines += [f"## {title}", "", '<div class="prose" markdown>', "", "| PyTorch | here | arguments | what else differs |", "|---|---|---|---|"]
        for row in rows:
            theirs = ", ".join(f"`{name}`" for name in row["torch"])
            changed = "; ".join([*(f"`{there}` → {here}" for there, here in changes(row)), *(f"new: `{name}`" for name in added(row))])
            rest = "; ".join([*([row["note"]] if "note" in row else []), *(f"`{name}`: {why}" for name, why in row.get("without", {}).items())])
            lines.append(f"| {theirs} | {', '.join(_link(name) for name in row['ours'])} | {changed or '—'} | {_cell(rest) or '—'} |")
        lines += ["", "</div>", "", f"Not here, of {title}:", ""]
        lines += [f"- {', '.join(f'`{name}`' for name in row['torch'])}: {row['absent']}." for row in data()[group] if "absent" in row]
        lines.append("")
    return "\n".join(lines)


def function(name):
    """Our function by its dotted name.

    Raises:
        AttributeError: there is none.
    """
    return functools.reduce(getattr, name.split("."), jaxreview)


def their_arguments(row):
    """PyTorch's arguments and their defaults, as the row has them."""
    arguments = ast.parse(f"def f({row['arguments']}): pass").body[0].args
    defaults = [REQUIRED] * (len(arguments.args) - len(arguments.defaults)) + [ast.literal_eval(default) for default in arguments.defaults]
    return {argument.arg: default for argument, default in zip(arguments.args, defaults, strict=True)}


def our_arguments(row):
    """The arguments of all our functions of a row, and their defaults."""
    found = {}
    for name in reversed(row["ours"]):
        found |= {p.name: p.default for p in inspect.signature(function(name)).parameters.values()}
    return found


def called(row, argument):
    """What PyTorch's argument is called here, or None."""
    ours = our_arguments(row)
    names = (row.get("names", {}).get(argument), argument, data()["everywhere"]["names"].get(argument), OPPOSITE.get(argument))
    return next((name for name in names if name in ours and argument not in row.get("without", {})), None)


def complaints(row):
    """The arguments of a row of which it says nothing, and what it says of none."""
    theirs, ours = their_arguments(row), our_arguments(row)
    explained = {**data()["everywhere"]["without"], **row.get("without", {})}
    found = [
        f"{argument}: is it called otherwise, or why is it not here?" for argument in theirs if called(row, argument) is None and argument not in explained
    ]
    found += [f"{argument}: there is none in PyTorch" for argument in (*row.get("names", {}), *row.get("without", {})) if argument not in theirs]
    return found + [f"{name}: there is none here" for name in row.get("names", {}).values() if name not in ours]


def changes(row):
    """Pairs of PyTorch's and our argument, where name or default differ; names that differ everywhere are left out."""
    found, ours = [], our_arguments(row)
    for there, default in their_arguments(row).items():
        here = called(row, there)
        if here is None:
            continue
        same = _same(default, not ours[here]) if OPPOSITE.get(there) == here else _same(default, ours[here])
        if not same or here not in (there, data()["everywhere"]["names"].get(there), OPPOSITE.get(there)):
            needed = ", required" if default is not REQUIRED and ours[here] is REQUIRED else ""
            found.append((_shown(there, default, same), f"`{_shown(here, ours[here], same)}`{needed}"))
    return found


def added(row):
    """Our arguments that must be given and that PyTorch has not."""
    used = {called(row, there) for there in their_arguments(row)}
    return [name for name, default in our_arguments({"ours": row["ours"][:1]}).items() if default is REQUIRED and name not in used]


def _same(theirs, ours):
    """Equal defaults of one type; (1, 1) is 1 for each axis."""
    if isinstance(theirs, tuple) and not isinstance(ours, tuple):
        return all(_same(one, ours) for one in theirs)
    return theirs is ours or (theirs is not REQUIRED and ours is not REQUIRED and theirs == ours and isinstance(theirs, bool) == isinstance(ours, bool))


def _shown(name, default, same):
    return name if same or default is REQUIRED else f"{name}={default!r}"


def _link(name):
    # Another name of a function stands with its own.
    primitive = next(one for one in primitives() if one.function is function(name) and (one.family == name.split(".")[0] or "." not in name))
    return f"[`{name}`](reference/{primitive.family}.md#jaxreview.{primitive.family}.{primitive.public})"


def _cell(text):
    return text.replace("|", "\\|")
