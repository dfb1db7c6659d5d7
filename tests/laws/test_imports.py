"""`import jaxreview` is light, arrows between the rooms point one way, and a loop knows nothing but NumPy and the window arithmetic."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import jaxreview

PACKAGE = Path(jaxreview.__file__).parent
HEAVY = ("jaxreview.loops", "jaxreview.cases", "jaxreview.speedup", "jaxreview.cli", "matplotlib", "sklearn", "torch", "rich", "typer", "pytest", "beartype")
NOT_FAMILIES = {"__init__.py", "__main__.py", "report", "cli", "cases", "loops", "speedup", "chapters", "examples"}
FAMILY_FILES = sorted(path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).parts[0] not in NOT_FAMILIES)
ABOVE = ("jaxreview.loops", "jaxreview.cases", "jaxreview.speedup", "jaxreview.cli", "jaxreview.chapters", "jaxreview.report", "jaxreview.examples")


def imported(source):
    """Every module that a source file imports, anywhere in it."""
    names = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


def beyond_a_loop(source):
    return [name for name in imported(source) if name.split(".")[0] not in ("numpy", "math") and not name.startswith(("jaxreview._windows", "jaxreview.loops"))]


def points_up(source):
    return [name for name in imported(source) if name.startswith(ABOVE)]


def loaded_by(statement):
    code = f"import sys; {statement}; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    return ast.literal_eval(done.stdout)


def test_import_is_light():
    assert loaded_by("import jaxreview") == []


def test_a_heavy_import_is_seen():
    assert loaded_by("import jaxreview, jaxreview.loops") == ["jaxreview.loops"]


@pytest.mark.parametrize("path", sorted((PACKAGE / "loops").rglob("*.py")), ids=lambda path: path.stem)
def test_loops_import_numpy_math_and_windows_only(path):
    assert beyond_a_loop(path.read_text()) == []


@pytest.mark.parametrize("path", FAMILY_FILES, ids=lambda path: path.stem)
def test_families_import_nothing_above_them(path):
    assert points_up(path.read_text()) == []


def test_planted_imports_are_seen():
    assert beyond_a_loop("import numpy as np\nfrom jaxreview import _checks") == ["jaxreview._checks"]
    assert beyond_a_loop("def f():\n    import jax") == ["jax"]
    assert points_up("from jaxreview import cases") == ["jaxreview.cases"]
