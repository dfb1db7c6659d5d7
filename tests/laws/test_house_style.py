"""Signatures and docstrings of our own public functions follow the rules of the house."""

import inspect
import re
import types

import jax
import optax
import pytest
from jaxtyping import Key

import jaxreview.gradcheck
import jaxreview.weights
from jaxreview.cases import primitives

SECTIONS = ("Args:", "Returns:", "Raises:", "References:", "Examples:")
# A setting may be given by position where it is required (a window, a scale), not where it has a default.
POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
# Settings with a default that API.md writes before the star: by position or by name.
EITHER = {("bound", 0.5), ("groups", 1), ("lower", 1 / 8), ("size", 16), ("upper", 1 / 3)}
OWN = [p.function for p in primitives() if inspect.unwrap(p.function).__module__.startswith("jaxreview")]
OWN += [jaxreview.gradcheck.check_gradients, jaxreview.gradcheck.numerical_gradient]
OWN += [jaxreview.weights.export_kernel, jaxreview.weights.import_kernel]


def elsewhere(function):
    """The settings of the function's namesake in jax.nn or optax.losses, which ours takes in the same places."""
    namesakes = [getattr(module, function.__name__, None) for module in (jax.nn, optax.losses)]
    return {(p.name, p.default) for one in namesakes if one for p in inspect.signature(one).parameters.values() if p.default.__hash__} | EITHER


def signature_complaints(function):
    parameters = list(inspect.signature(function).parameters.values())
    found = []
    # An array that attention looks up is called key too.
    if any(p.name == "key" and "Key" in str(p.annotation) for p in parameters[1:]):
        found.append("key does not come first")
    for p in parameters:
        if p.kind in POSITIONAL and p.default is not p.empty and p.default is not None and (p.name, p.default) not in elsewhere(function):
            found.append(f"setting {p.name} has a default and is not keyword-only")
        if p.kind is not p.VAR_POSITIONAL and p.annotation is p.empty:
            found.append(f"{p.name} is not annotated")
    if inspect.signature(function).return_annotation is inspect.Signature.empty:
        found.append("the result is not annotated")
    return found


def docstring_complaints(function, doc=None):
    doc = inspect.getdoc(function) if doc is None else doc
    if not doc:
        return ["no docstring"]
    found = [f"no section {section}" for section in SECTIONS if section not in doc.splitlines()]
    positions = [doc.find(f"\n{section}\n") for section in SECTIONS]
    if positions != sorted(positions):
        found.append("sections out of order")
    if not doc.splitlines()[0].endswith("."):
        found.append("the first line is no sentence")
    args = re.search(r"\nArgs:\n(.*?)\n\n", doc, re.S)
    for name in inspect.signature(function).parameters:
        if not args or not re.search(rf"(^|[\s,]){name}(,[\w ,]+)?:", args.group(1)):
            found.append(f"{name} is not described")
    if ">>>" not in doc:
        found.append("no example")
    return found


@pytest.mark.parametrize("function", OWN, ids=lambda f: f.__name__)
def test_signature(function):
    assert signature_complaints(function) == []


@pytest.mark.parametrize("function", OWN, ids=lambda f: f.__name__)
def test_docstring(function):
    assert docstring_complaints(function) == []


@pytest.mark.parametrize("function", OWN, ids=lambda f: f.__name__)
def test_removing_a_section_is_noticed(function):
    doc = inspect.getdoc(function)
    for section in SECTIONS:
        assert f"no section {section}" in docstring_complaints(function, doc.replace(f"\n{section}\n", "\n"))


def test_planted_signatures_are_noticed():
    def late_key(x: int, key: Key) -> int: ...

    def positional_setting(x: int, eps: float = 1e-5) -> int: ...

    def bare(x): ...

    assert signature_complaints(late_key) == ["key does not come first"]
    assert signature_complaints(positional_setting) == ["setting eps has a default and is not keyword-only"]
    assert signature_complaints(bare) == ["x is not annotated", "the result is not annotated"]


@pytest.mark.parametrize("function", OWN, ids=lambda f: f.__name__)
def test_plain_function(function):
    assert isinstance(inspect.unwrap(function), types.FunctionType)
