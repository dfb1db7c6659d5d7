"""Sizes in units of the largest of them, so that their powers stay in range, and a quotient whose derivative does too."""

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array


def unit_of(size: Array, above: float) -> Array:
    """Constants to divide by: the sizes themselves where they are finite and over ``above``, else 1."""
    size = lax.stop_gradient(size)
    most = 1 / float(jnp.finfo(size.dtype).tiny)  # XLA divides by a broadcast as it multiplies by 1/size, which beyond this is flushed to 0
    return jnp.where((size > above) & (size < jnp.inf), jnp.minimum(size, most), 1.0)


@jax.custom_jvp
def quotient(a: Array, b: Array) -> Array:
    """a/b, and 0 where b is 0; its derivative as (da − a/b·db)/b, because the b² of the usual form underflows."""
    zero = b == 0
    return jnp.where(zero, 0.0, a / jnp.where(zero, 1.0, b))


@quotient.defjvp
def quotient_jvp(primals: tuple[Array, Array], tangents: tuple[Array, Array]) -> tuple[Array, Array]:
    q = quotient(*primals)
    return q, quotient(tangents[0] - q * tangents[1], primals[1])
