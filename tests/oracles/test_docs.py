"""The pages against the libraries that they speak of: PyTorch's and torchvision's own names and signatures, and blocks that use Flax and Equinox."""

import ast
import functools
import inspect
import json
import os
import re
import subprocess
import sys

import pytest

import pages

torch = pytest.importorskip("torch")
for package in pages.OPTIONAL:
    pytest.importorskip(package)

TORCH = pages.generator("torch_table")
NAMESPACES = {"functional": torch.nn.functional, "init": torch.nn.init}
# Asked of the Python that has torchvision; see torchvision_peer.
QUESTION = """
import inspect, json, torchvision.ops as ops
found = {name: getattr(ops, name) for name in ops.__all__ if not inspect.isclass(getattr(ops, name))}
found = {name: inspect.signature(function).parameters.values() for name, function in found.items()}
print(json.dumps({name: [[p.name] if p.default is p.empty else [p.name, repr(p.default)] for p in found[name]] for name in found}))
"""


@pytest.mark.parametrize(("page", "number"), pages.numbered(optional=True))
def test_a_block_runs(page, number, capsys):
    pages.run(page, number)
    assert capsys.readouterr().out


def public(namespace):
    """The functions of a namespace of PyTorch that have no underscore before their names."""
    return {name for name, value in vars(namespace).items() if not name.startswith("_") and inspect.isroutine(value)}


def arguments(namespace, name):
    """Names and defaults; what is compiled says them in the first lines of its documentation, and what dispatches has them where it goes."""
    function = getattr(namespace, f"{name}_with_indices", getattr(namespace, name))
    try:
        signature = inspect.signature(function)
    except ValueError:
        said = re.search(rf"\b{name}\((.*?)\)\s*->", inspect.getdoc(function), re.S)
        return TORCH.their_arguments({"arguments": re.sub(r"\s+\*, ", " ", re.sub(r"\s+", " ", said[1]))})
    return {p.name: p.default for p in signature.parameters.values()}


@functools.cache
def torchvision():
    """Names and defaults of the functions of torchvision.ops, or None where there is none."""
    python = os.environ.get("TORCHVISION_PYTHON", sys.executable)
    done = subprocess.run([python, "-c", QUESTION], capture_output=True, text=True, check=False, cwd="/")
    if done.returncode:
        pytest.skip("there is no torchvision: TORCHVISION_PYTHON names no Python that has it")
    return {
        name: {argument: ast.literal_eval(default[0]) if default else TORCH.REQUIRED for argument, *default in found}
        for name, found in json.loads(done.stdout).items()
    }


@pytest.mark.parametrize("group", NAMESPACES)
def test_every_function_of_pytorch_is_here_or_has_a_reason(group):
    assert {name for row in TORCH.data()[group] for name in row["torch"]} == public(NAMESPACES[group])


@pytest.mark.parametrize(("group", "row"), [(group, row) for group in NAMESPACES for row in TORCH.data()[group] if "ours" in row], ids=lambda v: str(v)[:60])
def test_arguments_and_defaults_are_those_of_pytorch(group, row):
    for name in row["torch"]:
        assert TORCH.their_arguments(row) == arguments(NAMESPACES[group], name)


def test_every_function_of_torchvision_is_here_or_has_a_reason():
    assert {name for row in TORCH.data()["torchvision"] for name in row["torch"]} == set(torchvision())


@pytest.mark.parametrize("row", [row for row in TORCH.data()["torchvision"] if "ours" in row], ids=lambda row: row["torch"][0])
def test_arguments_and_defaults_are_those_of_torchvision(row):
    for name in row["torch"]:
        assert TORCH.their_arguments(row) == torchvision()[name]
