"""The command line: ``jaxreview speedup``, ``check``, ``chapter``, ``report``, ``list`` and ``env``."""

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line; say which extra is missing where one is."""
    try:
        import rich  # noqa: F401
        import typer  # noqa: F401
    except ModuleNotFoundError as missing:
        sys.exit(f'jaxreview: the command line needs {missing.name}, which is not installed; pip install "jaxreview[cli]"')
    from jaxreview.cli.commands import app

    app(prog_name="jaxreview")
