"""Every public function has its four faces, and the harness that says so would notice if one were gone."""

import dataclasses
import importlib
import inspect
import pkgutil

import pytest

import jaxreview
from jaxreview.cases import FAMILIES, primitives

NOT_FAMILIES = {"gradcheck", "weights", "cli", "report", "cases", "loops", "speedup", "chapters", "examples", "__main__"}
WINDOWED_OR_LOSS = {"convolution", "pooling", "upsampling", "losses"}


def settings(function):
    """The settings of a function that have a default: static, and to be tried at another value. Arrays default to None."""
    parameters = inspect.signature(function).parameters.values()
    return {p.name: p.default for p in parameters if p.default is not p.empty and (p.default is not None or p.kind is p.KEYWORD_ONLY)}


def complaints(primitive):
    found = []
    if (primitive.loop is None) == (primitive.no_loop == ""):
        found.append("needs either a loop or the reason why there is none")
    loops = importlib.import_module(f"jaxreview.loops.{primitive.family}")
    found += [f"has no loop by its other name {alias}" for alias in primitive.aliases if primitive.loop and not hasattr(loops, alias)]
    if not primitive.cases:
        found.append("has no row")
    # Static numbers alone leave nothing to batch: such a function runs once, while tracing.
    if primitive.benchmarked is None and any(case.inputs or case.arrays for case in primitive.cases):
        found.append("has no row with bench sizes")
    needed = 4 if primitive.family in WINDOWED_OR_LOSS else 2
    if len(primitive.bad) < needed and primitive.function.__module__.startswith("jaxreview"):
        found.append(f"has {len(primitive.bad)} bad rows, needs {needed}")
    for name, default in settings(primitive.function).items():
        tried = [case.options.get(name, default) for case in primitive.cases] + [name] * any(name in case.arrays for case in primitive.cases)
        if not any(type(value) is not type(default) or value != default for value in tried):
            found.append(f"no row sets {name} to anything but its default {default!r}")
    return found


@pytest.mark.parametrize("primitive", primitives(), ids=lambda p: p.name)
def test_every_face_is_there(primitive):
    assert complaints(primitive) == []


@pytest.mark.parametrize("primitive", primitives(), ids=lambda p: p.name)
def test_removing_any_face_is_noticed(primitive):
    assert complaints(dataclasses.replace(primitive, loop=None, no_loop="")) != []
    assert complaints(dataclasses.replace(primitive, cases=())) != []
    if primitive.benchmarked:
        assert complaints(dataclasses.replace(primitive, cases=tuple(case for case in primitive.cases if not case.bench))) != []
    if primitive.function.__module__.startswith("jaxreview"):
        assert complaints(dataclasses.replace(primitive, bad=primitive.bad[:1])) != []
    for name in settings(primitive.function):
        without = tuple(case for case in primitive.cases if name not in case.options and name not in case.arrays)
        assert any(f"sets {name} " in complaint for complaint in complaints(dataclasses.replace(primitive, cases=without)))


def test_every_module_is_a_family_or_stated_not_to_be():
    modules = {info.name for info in pkgutil.iter_modules(jaxreview.__path__) if not info.name.startswith("_")} | {"__main__"}
    assert modules - NOT_FAMILIES == set(FAMILIES)


def unlisted(module):
    """Public functions and classes that a module defines but does not list."""
    own = {name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__ and callable(value)}
    return {name for name in own if not name.startswith("_")} - set(module.__all__)


@pytest.mark.parametrize("family", FAMILIES)
def test_all_is_true_and_sorted(family):
    module = importlib.import_module(f"jaxreview.{family}")
    assert not unlisted(module)
    assert all(hasattr(module, name) for name in module.__all__)
    assert len(set(module.__all__)) == len(module.__all__)
    assert list(module.__all__) == sorted(module.__all__, key=lambda name: (name[0].islower(), name))


def test_the_top_level_is_the_families():
    dotted = {"losses", "initializers", "distances", "descent", "detection"}
    names = [name for family in FAMILIES if family not in dotted for name in importlib.import_module(f"jaxreview.{family}").__all__]
    assert sorted(jaxreview.__all__) == sorted([*names, *dotted, "gradcheck", "weights"])
    assert all(hasattr(jaxreview, name) for name in jaxreview.__all__)


def test_an_unlisted_function_is_noticed():
    module = importlib.import_module("jaxreview.linear")
    bare = type(module)("jaxreview.linear")
    bare.__dict__.update(vars(module), __all__=[name for name in module.__all__ if name != "affine_columns"])
    assert unlisted(bare) == {"affine_columns"}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_loop_has_the_name_and_signature_of_its_function(family):
    for primitive in primitives():
        if primitive.family == family and primitive.loop is not None:
            assert list(inspect.signature(primitive.loop).parameters) == [
                name for name in inspect.signature(primitive.function).parameters if name in inspect.signature(primitive.loop).parameters
            ]
            assert set(inspect.signature(primitive.loop).parameters) >= {
                name for case in primitive.cases for name in (*case.options, *case.arrays) if not case.own_call or name in case.options
            }


def test_no_row_is_lost():
    from jaxreview.cases import BAD, CASES

    for family in FAMILIES:
        rows = importlib.import_module(f"jaxreview.cases.{family}")
        assert {id(case) for case in rows.CASES} <= {id(case) for case in CASES}
        assert {id(bad) for bad in rows.BAD} <= {id(bad) for bad in BAD}
        assert set(rows.NO_LOOP) <= set(importlib.import_module(f"jaxreview.{family}").__all__)
    assert len({str(case) for case in CASES}) == len(CASES)
    assert len({str(bad) for bad in BAD}) == len(BAD)
