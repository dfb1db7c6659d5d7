"""The rows and forms of ``jaxreview speedup`` under pytest-benchmark: one benchmark a form and pass, grouped by primitive, after their outputs agree."""

import functools

import jax
import numpy as np
import pytest

from jaxreview.cases import primitives
from jaxreview.speedup import forms, machine, run

PRIMITIVES = {primitive.name: primitive for primitive in primitives() if primitive.benchmarked}


@functools.lru_cache(maxsize=1)
def ready(name, smoke):
    """The proved forms of a primitive; those of one primitive are kept while its benchmarks run."""
    with jax.default_matmul_precision(run.PRECISION):
        work = forms.work_of(PRIMITIVES[name], smoke)
        made = forms.forms_of(work, smoke=smoke)
        forms.prove_equal(work, made)
    return work, {(form.name, form.turn): form for form in made}


@pytest.mark.parametrize(("name", "turn", "form"), [(name, turn, form) for name in PRIMITIVES for turn, form in forms.names_of(PRIMITIVES[name])])
def test_form(benchmark, request, name, turn, form):
    work, made = ready(name, request.config.getoption("smoke"))
    one = made[form, turn]
    benchmark.group = f"{name} ({turn})"
    benchmark.extra_info.update(
        shapes=[[list(np.shape(leaf)) for leaf in jax.tree.leaves(value)] for value in work.values],
        data=list(work.sources.values()),
        examples=work.count,
        device=machine.device(jax.devices()[0]),
        compile_seconds=one.compiled and one.compiled.seconds,
    )
    benchmark.pedantic(one.clocked.run, rounds=2 if one.compiled is None else 10, warmup_rounds=0 if one.compiled is None else 1)
