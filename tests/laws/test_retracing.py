"""A compiled function is traced again for new shapes alone, and its settings are static, hashable values."""

import copy

import jax

from jaxreview import linear
from jaxreview.cases import CASES

from asking import of_every_row


def traces(case):
    """How often a row is traced over two draws of the same shapes, its options given afresh as static arguments each time."""
    count = 0

    def counted(*args, **keywords):
        nonlocal count
        count += 1
        return case.function(*args, **keywords)

    compiled = jax.jit(counted, static_argnames=tuple(case.options))
    for seed in range(2):
        values, positional = case.values("float32", seed), len(case.inputs)
        # Traced, not compiled: the count is of that alone.
        compiled.trace(*values[:positional], **dict(zip(case.arrays, values[positional:], strict=True)), **copy.deepcopy(case.options))
    return count


@of_every_row("retracing", lambda case: not case.own_call)
def test_traced_once_for_one_shape(case):
    assert traces(case) == 1


def test_a_planted_fault_is_caught():
    class Fresh:
        """A setting that is never equal to itself."""

    case = copy.copy(next(c for c in CASES if c.function is linear.dense))
    case.function = lambda *args, setting: linear.dense(*args)
    case.options = {"setting": Fresh()}
    assert traces(case) > 1
