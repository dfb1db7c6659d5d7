"""The largest of each image's scores, on the device that has the image."""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.experimental.custom_partitioning import custom_partitioning
from jax.sharding import NamedSharding, PartitionSpec

__all__ = ["largest"]


def largest(scores: jax.Array, count: int) -> jax.Array:
    """Indices of the ``count`` largest over the last axis by falling score, of equal ones the first, int32; without a gradient.

    `lax.top_k` alone gathers a batch that is spread over several devices on each of them.
    """
    return _choose(count)(lax.stop_gradient(scores))


@functools.cache
def _choose(count: int) -> Callable[[jax.Array], jax.Array]:
    def on_device(scores: jax.Array) -> jax.Array:
        return lax.top_k(scores, count)[1]

    def shardings(mesh: Any, operands: Any) -> tuple[NamedSharding, tuple[NamedSharding]]:
        spec = tuple(operands[0].sharding.spec)[: len(operands[0].shape) - 1]
        sharding = NamedSharding(mesh, PartitionSpec(*spec))
        return sharding, (sharding,)

    spread = custom_partitioning(on_device)
    spread.def_partition(
        partition=lambda mesh, operands, result: (mesh, on_device, *shardings(mesh, operands)),
        infer_sharding_from_operands=lambda mesh, operands, result: shardings(mesh, operands)[0],
        sharding_rule="... scores -> ... best",
        need_replication_factors=("scores", "best"),
    )

    def images(scores: jax.Array) -> jax.Array:
        # No image, no work: what is empty cannot be partitioned.
        return spread(scores) if scores.size else jnp.zeros((*scores.shape[:-1], count), jnp.int32)

    mapped = jax.custom_batching.custom_vmap(images)
    mapped.def_vmap(lambda size, is_mapped, scores: (mapped(scores), True))
    return mapped
