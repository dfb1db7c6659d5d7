"""The pages that a reader copies from, the Python blocks in them, and the modules that generate the rest of the site."""

import ast
import importlib
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = {path.name: path for path in (ROOT / "README.md", ROOT / "README.zh.md", *sorted((ROOT / "docs").glob("*.md")))}
# Packages that the library's tests can do without; the oracles have them.
OPTIONAL = {"flax", "equinox", "torch"}
FENCE = re.compile(r"^```python[^\n]*\n(.*?)^```$", re.S | re.M)


def blocks(page):
    """The Python blocks of a page in order."""
    return FENCE.findall(PAGES[page].read_text(encoding="utf-8"))


def numbered(*, optional):
    """(page, number) of every block that needs none of the optional packages, or of every one that needs some."""
    return [(page, number) for page in PAGES for number, block in enumerate(blocks(page)) if bool(needs(block)) is optional]


def needs(block):
    """The optional packages that a block imports."""
    nodes = list(ast.walk(ast.parse(block)))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    return {name.partition(".")[0] for name in names} & OPTIONAL


def run(page, number):
    """Run a block as it stands."""
    exec(compile(blocks(page)[number], page, "exec"), {"__name__": "__main__"})


def generator(name):
    """A module of docs/_hooks."""
    folder = str(ROOT / "docs" / "_hooks")
    sys.path.insert(0, folder)
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(folder)
