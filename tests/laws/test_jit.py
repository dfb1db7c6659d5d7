"""A compiled call gives what the eager call gives."""

import copy

import jax
import jax.numpy as jnp

from jaxreview import linear
from jaxreview.cases import CASES
from jaxreview.cases._rows import TOLERANCE, mismatch

from asking import of_every_row


def difference(case):
    values = case.values("float32")
    return mismatch(jax.jit(case.bound())(*values), case.bound()(*values), TOLERANCE["float32"])


@of_every_row("jit")
def test_jit_equals_eager(case):
    assert not difference(case)


def test_a_planted_fault_is_caught():
    case = copy.copy(next(c for c in CASES if c.function is linear.dense))

    def only_right_when_eager(*args):
        y = linear.dense(*args)
        return y + jnp.float32(isinstance(y, jax.core.Tracer))

    case.function = only_right_when_eager
    assert difference(case)
