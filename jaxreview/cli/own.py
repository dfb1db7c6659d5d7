"""``jaxreview check MODULE:FUNCTION``: the gradient of somebody's own function."""

import difflib
import importlib
import os
import sys
from collections.abc import Callable
from typing import Any

import typer

from jaxreview.cli.choose import refuse
from jaxreview.gradcheck import check_gradients

__all__ = ["check_own", "found"]


def found(name: str, what: str) -> Callable[..., Any]:
    """The function that ``module:function`` names, the current folder included.

    Raises:
        typer.Exit: there is none; why has been printed.
    """
    module_name, colon, path = name.partition(":")
    if not (module_name and colon and path):
        raise refuse(f"{what} {name}: it needs MODULE:FUNCTION, such as mymodule:loss")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        value: Any = importlib.import_module(module_name)
    except ModuleNotFoundError as missing:
        if missing.name and (module_name == missing.name or module_name.startswith(f"{missing.name}.")):
            raise refuse(f"{what} {name}: there is no module {missing.name}; it is looked for in the current folder and among the installed packages") from None
        raise refuse(f"{what} {name}: {module_name} imports {missing.name}, which is not installed") from None
    except Exception as error:
        raise refuse(f"{what} {name}: importing {module_name} fails: {type(error).__name__}: {error}") from None
    for part in path.split("."):
        if not hasattr(value, part):
            near = difflib.get_close_matches(part, [n for n in dir(value) if not n.startswith("_")], n=3, cutoff=0.5)
            raise refuse(f"{what} {name}: {module_name} has no {part!r}" + (f"; did you mean {', '.join(near)}?" if near else ""))
        value = getattr(value, part)
    if not callable(value):
        raise refuse(f"{what} {name}: it is {value!r}; it needs a function")
    return value


def check_own(target: str, factory: str | None, order: int) -> bool:
    """Check one function, print its report, and tell whether nothing is wrong.

    Raises:
        typer.Exit: the function or its arguments cannot be had; why has been printed.
    """
    fn = found(target, "check")
    if factory is None:
        raise refuse(f"check {target}: it needs arguments; write a function that gives them as a tuple, and name it: --args {target.partition(':')[0]}:example")
    make = found(factory, "--args")
    try:
        args = make()
    except Exception as error:
        raise refuse(f"--args {factory}: it fails: {type(error).__name__}: {error}") from None
    args = args if isinstance(args, tuple) else (args,)
    try:
        report = check_gradients(fn, *args, order=order)
    except Exception as error:
        raise refuse(f"check {target}: {type(error).__name__}: {error}") from None
    typer.echo(str(report))
    typer.echo(f"{target}: {report.verdict}")
    return report.ok
