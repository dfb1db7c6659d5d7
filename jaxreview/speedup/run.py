"""The main job: one primitive after another, each in all its forms, inside a budget of seconds."""

import datetime
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from jaxreview.cases import Primitive
from jaxreview.speedup import forms, machine, timing
from jaxreview.speedup.result import Result, Row, Timing

__all__ = ["Failure", "describe", "measure", "measure_all", "row_of"]

# Full float32 everywhere: an accelerator's shorter products would not equal the loop. JAX's own default on the CPU is the same.
PRECISION = "highest"


@dataclass(frozen=True)
class Failure:
    """A primitive that could not be measured: its forms differ, or one of them raised."""

    name: str
    reason: str


def measure(primitive: Primitive, seconds: float, device: jax.Device | None = None, smoke: bool = False) -> Row:
    """All forms of one primitive: made, proved equal, then sampled in turn for about what is left of ``seconds``.

    Raises:
        FormsDifferError: two forms gave different outputs; nothing was timed.
    """
    start = time.perf_counter()
    with jax.default_device(device or jax.devices()[0]), jax.default_matmul_precision(PRECISION):
        work = forms.work_of(primitive, smoke)
        ready = forms.forms_of(work, smoke=smoke)
        forms.prove_equal(work, ready)
        if not smoke:
            timing.sample([form.clocked for form in ready], seconds - (time.perf_counter() - start))
    return row_of(work, ready)


def row_of(work: forms.Work, ready: Sequence[forms.Form]) -> Row:
    """The row of a measured (or, in a smoke run, only proved) primitive."""
    case = work.case
    arrays = tuple(
        {"argument": place, "shapes": [list(np.shape(leaf)) for leaf in jax.tree.leaves(value)], "data": work.sources[place]}
        for place, value in enumerate(work.values)
    )
    timings = [Timing(f.name, f.turn, tuple(f.clocked.samples), f.clocked.repeats, f.compiled and f.compiled.seconds) for f in ready if f.clocked.samples]
    dims = {**case.dims, **(case.bench.dims if case.bench else {})}
    return Row(work.primitive.name, work.primitive.family, case.name, dims, arrays, work.count, work.primitive.no_loop, tuple(timings))


def measure_all(
    chosen: Sequence[Primitive],
    budget: float,
    device: jax.Device | None = None,
    began: float | None = None,
    starting: Callable[[Primitive], Any] = lambda _: None,
) -> Iterator[Row | Failure]:
    """Rows as they finish. Each gets an equal share of the seconds that are left of ``budget``, counted from ``began`` on ``time.perf_counter``."""
    end = (time.perf_counter() if began is None else began) + budget
    for number, primitive in enumerate(chosen):
        starting(primitive)
        share = (end - time.perf_counter()) / (len(chosen) - number)
        try:
            yield measure(primitive, share, device)
        except Exception as error:
            yield Failure(primitive.name, f"{type(error).__name__}: {error}".splitlines()[0])


def describe(device: jax.Device, budget: float) -> Result:
    """A result without rows: date, machine, device, versions, commit and settings."""
    return Result(
        date=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        machine=machine.machine(),
        device=machine.device(device),
        versions=machine.versions(),
        commit=machine.commit(),
        settings={"dtype": "float32", "matmul_precision": PRECISION, "budget_seconds": budget, "confidence": timing.CONFIDENCE},
    )
