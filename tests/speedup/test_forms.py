"""Every form of every row does the same work, and a form that does not is caught before a time is printed."""

import dataclasses

import jax
import numpy as np
import pytest

from jaxreview import initializers, linear
from jaxreview.cases import primitives
from jaxreview.cases._inputs import key, normal
from jaxreview.cases._rows import Bench, Case, InitializerCase
from jaxreview.loops import linear as loops
from jaxreview.speedup import forms, run

from agree import agree

PRIMITIVES = {primitive.name: primitive for primitive in primitives() if primitive.benchmarked}


# The others run in `pytest benchmarks --smoke`, form by form.
@pytest.mark.parametrize("name", [name for name, primitive in PRIMITIVES.items() if primitive.core])
def test_smoke_every_form_runs_and_agrees(name):
    with jax.default_matmul_precision(run.PRECISION):
        work = forms.work_of(PRIMITIVES[name], smoke=True)
        made = forms.forms_of(work, smoke=True)
        forms.prove_equal(work, made)
    assert [(form.turn, form.name) for form in made] == forms.names_of(PRIMITIVES[name])
    assert len(made) >= 2


@pytest.mark.parametrize("name", PRIMITIVES)
def test_the_real_data_fills_the_row(name):
    work = forms.work_of(PRIMITIVES[name])
    assert all(work.sources[place] == source for place, source in work.case.bench.real.items())
    assert work.count == 0 or work.count > 1


def made_of(primitive, passes=forms.PASSES):
    work = forms.work_of(primitive, smoke=True)
    return work, forms.forms_of(work, passes, smoke=True)


def test_a_loop_off_by_a_percent_is_caught():
    wrong = dataclasses.replace(PRIMITIVES["dense"], loop=lambda *args: 1.01 * loops.dense(*args))
    with pytest.raises(forms.FormsDifferError, match=r"dense: the form 'loop' \(forward\) differs from 'vectorized'"):
        forms.prove_equal(*made_of(wrong, ("forward",)))


@pytest.mark.parametrize("turn", forms.PASSES)
@pytest.mark.parametrize("name", ["one by one", "lax.map", "vmap"])
def test_a_wrong_form_is_caught(name, turn):
    work, made = made_of(PRIMITIVES["dense"])
    form = next(form for form in made if (form.name, form.turn) == (name, turn))
    right = form.clocked.run
    form.clocked.run = lambda: jax.tree.map(lambda leaf: leaf * 1.01, right())
    with pytest.raises(forms.FormsDifferError, match=rf"dense: the form '{name}' \({turn}\) differs"):
        forms.prove_equal(work, made)


def test_a_wrong_row_has_no_time():
    wrong = dataclasses.replace(PRIMITIVES["dense"], loop=lambda *args: 1.01 * loops.dense(*args))
    (only,) = run.measure_all([wrong], 0.0)
    assert isinstance(only, run.Failure)
    assert "FormsDifferError: dense: the form 'loop'" in only.reason


def test_gradients_are_those_of_the_weighted_sum():
    """One by one sums a shared argument's gradient over the examples: for y = x · k with cotangent c it is xᵀ · c."""
    work, made = made_of(PRIMITIVES["dense"], ("gradient",))
    x, c = np.asarray(work.values[0], np.float64), np.asarray(forms._cotangent(work)[0], np.float64)
    for form in made:
        _, (_, kernel, bias) = form.read(form.clocked.run())
        agree(kernel, x.T @ c, "float32")
        agree(bias, c.sum(0), "float32")


def test_examples_along_another_axis():
    work, made = made_of(PRIMITIVES["affine_columns"], ("forward",))
    assert (work.split, work.join, work.count) == ({1: 1}, 1, 5)
    want = work.function(*work.values)
    for form in made:
        agree(form.read(form.clocked.run()), want, "float32")


def test_a_function_of_one_example_has_no_vectorized_form_of_its_own():
    case = InitializerCase(initializers.normal, "three keys", (4, 2), key(), bench=Bench({}, examples=3))
    primitive = dataclasses.replace(PRIMITIVES["normal"], cases=(case,), loop=None)
    work = forms.work_of(primitive)
    made = forms.forms_of(work, smoke=True)
    forms.prove_equal(work, made)
    assert [form.name for form in made] == ["one by one", "lax.map", "vmap"]
    each = [initializers.normal()(one, (4, 2)) for one in work.values[0]]
    assert len({float(one[0, 0]) for one in each}) == 3
    agree(made[-1].clocked.run(), np.stack(each), "float32")


def test_a_row_without_examples_has_the_loop_and_the_batch():
    case = Case(linear.dense, "no batch", normal("I"), normal("I O"), dims=dict(I=3, O=2), bench=Bench({}))
    _, made = made_of(dataclasses.replace(PRIMITIVES["dense"], cases=(case,)))
    assert [form.name for form in made] == ["loop", "vectorized"]


def test_examples_of_two_lengths_are_refused():
    case = Case(linear.dense, "odd", normal("N I"), normal("I O"), dims=dict(N=4, I=3, O=2), bench=Bench({}, split={0: 0, 1: 0}))
    with pytest.raises(ValueError, match="they need one number"):
        forms.work_of(dataclasses.replace(PRIMITIVES["dense"], cases=(case,)))


def test_a_source_of_another_kind_is_refused():
    case = Case(linear.dense, "labels", normal("N"), normal("N O"), dims=dict(N=4, O=2), bench=Bench({}, real={0: "wine_labels"}))
    with pytest.raises(ValueError, match="has dtype float64, and the source 'wine_labels' gives int32"):
        forms.work_of(dataclasses.replace(PRIMITIVES["dense"], cases=(case,)))


def test_a_primitive_without_a_bench_is_refused():
    with pytest.raises(ValueError, match="no row has a bench"):
        forms.work_of(dataclasses.replace(PRIMITIVES["dense"], cases=()))
