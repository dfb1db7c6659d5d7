"""A batch spread over eight devices gives the same results, and the compiled program moves nothing but the sums of shared gradients."""

import copy
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from jaxreview import linear
from jaxreview.cases import CASES
from jaxreview.cases._rows import TOLERANCE, mismatch

from asking import of_every_row

DEVICES = 8
COLLECTIVES = re.compile(r"\b(all-gather|all-reduce|all-to-all|collective-permute|reduce-scatter|collective-broadcast)(?:-start)?\(")


def complaints(case):
    lanes = [case.values("float32", seed) for seed in range(DEVICES)]
    values = [jax.tree.map(lambda *a: jnp.stack(a), *(lane[i] for lane in lanes)) if i in case.batched else lanes[0][i] for i in range(len(lanes[0]))]
    mesh = Mesh(np.array(jax.devices()[:DEVICES]), ("batch",))
    spread, whole = NamedSharding(mesh, PartitionSpec("batch")), NamedSharding(mesh, PartitionSpec())
    placed = [jax.device_put(value, spread if i in case.batched else whole) for i, value in enumerate(values)]

    def value_and_gradients(*args):
        def reals(*moving):
            given = list(args)
            for position, value in zip(case.differentiable, moving, strict=True):
                given[position] = value
            out = case.bound()(*given)
            return [leaf for leaf in jax.tree.leaves(out) if jnp.issubdtype(leaf.dtype, jnp.floating)], out

        _, pull, out = jax.vjp(reals, *(args[position] for position in case.differentiable), has_aux=True)
        return out, pull([jnp.ones_like(leaf) for leaf in jax.tree.leaves(out) if jnp.issubdtype(leaf.dtype, jnp.floating)])

    both = jax.jit(value_and_gradients).lower(*placed).compile()
    shared = any(position not in case.batched for position in case.differentiable)
    found = [f"gradient: {name}" for name in set(COLLECTIVES.findall(both.as_text())) if not (shared and name == "all-reduce")]
    if shared:
        # The sums of shared gradients would hide those of the values.
        forward = jax.jit(case.bound()).lower(*placed).compile()
        found += [f"forward: {name}" for name in set(COLLECTIVES.findall(forward.as_text()))]
    difference = mismatch(both(*placed), jax.jit(value_and_gradients)(*values), TOLERANCE["float32"])
    return found + ([difference] if difference else [])


@pytest.mark.thorough
@of_every_row("sharding", lambda case: bool(case.batched))
def test_a_sharded_batch_is_the_same_and_moves_nothing(case):
    assert not complaints(case)


def test_planted_faults_are_caught():
    case = copy.copy(next(c for c in CASES if c.function is linear.dense))
    case.function = lambda *args: linear.dense(*args) - linear.dense(*args).mean()
    assert any("forward" in complaint for complaint in complaints(case))
    case.function = lambda *args: jnp.flip(linear.dense(*args), 0)
    assert complaints(case)
