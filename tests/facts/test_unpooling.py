"""max_unpool's two ways to one result: windows side by side, and indices of any origin."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from jaxreview import max_pool, max_unpool
from jaxreview.loops.pooling import max_unpool as loop

from agree import agree

SIZE = (5, 7)


def pooled(examples=2):
    """What pooling 2×2 windows of a 5×7 plane with ceil_mode gives: the last windows are cut off."""
    x = jnp.asarray(np.random.default_rng(0).standard_normal((examples, *SIZE, 3)), jnp.float32)
    return max_pool(x, (2, 2), ceil_mode=True, return_indices=True)


unpool = partial(max_unpool, output_size=SIZE)


def value_and_gradient(x, indices):
    y, pull = jax.vjp(lambda x: unpool(x, indices), x)
    return y, pull(jnp.arange(y.size, dtype=y.dtype).reshape(y.shape))[0]


def by_hand(x, indices):
    """The loop's value, and each value's share of the cotangent: that of its cell, if it is the last to name it."""
    x, indices = np.asarray(x), np.asarray(indices)
    gradient, cells = np.zeros(x.shape), np.arange(x.shape[0] * np.prod(SIZE) * x.shape[-1]).reshape(x.shape[0], -1, x.shape[-1])
    for n, c in np.ndindex(x.shape[0], x.shape[-1]):
        last = {int(cell): place for place, cell in np.ndenumerate(indices[n, ..., c])}
        for cell, place in last.items():
            gradient[(n, *place, c)] = cells[n, cell, c]
    return loop(x, indices, output_size=SIZE), gradient


def check(x, indices):
    agree(jax.jit(value_and_gradient)(x, indices), by_hand(x, indices), "float32")


def test_windows_side_by_side():
    check(*pooled())


# The window at row 1, column 3 of the pooled plane is cut off after column 6: index 21, the first cell of row 3, lies outside of it.
@pytest.mark.parametrize("place", [(1, 0, 0, 0), (0, 1, 3, 2), (1, 2, 3, 1)])
@pytest.mark.parametrize("cell", [0, 7, 14, 21, 28, 34])
def test_a_single_index_elsewhere(place, cell):
    x, indices = pooled()
    check(x, indices.at[place].set(cell))


def test_a_choice_stays_a_choice_under_vmap():
    x, indices = pooled()
    mapped = jax.vmap(unpool)
    agree(mapped(x, indices), unpool(x, indices), "float32")
    conditional = [e for e in jax.make_jaxpr(mapped)(x, indices).eqns if e.primitive.name == "cond"]
    assert [e.invars[0].aval.shape for e in conditional] == [()]
    agree(jax.vmap(unpool, in_axes=(0, None))(x, indices[0]), unpool(x, jnp.broadcast_to(indices[:1], indices.shape)), "float32")


@pytest.mark.parametrize("odd", [False, True])
def test_every_device_chooses_for_itself(odd):
    x, indices = pooled(8)
    indices = indices.at[3, 0, 0, 0].set(34) if odd else indices
    mesh = Mesh(np.array(jax.devices()[:8]), ("batch",))
    placed = [jax.device_put(a, NamedSharding(mesh, PartitionSpec("batch"))) for a in (x, indices)]
    compiled = jax.jit(value_and_gradient).lower(*placed).compile()
    assert not any(f"{name}(" in compiled.as_text() for name in ("all-reduce", "all-gather", "collective-permute", "all-to-all"))
    agree(compiled(*placed), by_hand(x, indices), "float32")
    within = jax.shard_map(value_and_gradient_of_a_shard, mesh=mesh, in_specs=PartitionSpec("batch"), out_specs=PartitionSpec("batch"))
    agree(jax.jit(within)(*placed), unpool(x, indices), "float32")


def value_and_gradient_of_a_shard(x, indices):
    y, pull = jax.vjp(lambda x: unpool(x, indices), x)
    return y + 0 * pull(y)[0].sum()


def test_a_window_too_large_to_unroll():
    x, indices = max_pool(jnp.asarray(np.random.default_rng(1).permutation(128).reshape(1, 8, 8, 2), jnp.float32), (8, 8), return_indices=True)
    back = jax.jit(partial(max_unpool, output_size=(8, 8)))(x, indices)
    agree(back, loop(np.asarray(x), np.asarray(indices), output_size=(8, 8)), "float32")
