"""The p-norm with a finite gradient everywhere, and division by it."""

from functools import partial

import jax
import jax.numpy as jnp
from jaxtyping import Array

__all__ = ["norm", "over"]


@jax.custom_jvp
def over(x: Array, size: Array) -> Array:
    """The ratio x / size, for a size from the least to the largest float."""
    # the compiler multiplies by 1 / size, which is 0 for a size of 1e38
    half = jnp.finfo(x.dtype).maxexp // 2
    down = jnp.where(size > 2.0**half, jnp.full_like(size, 2.0**-half), jnp.ones_like(size))
    return (x * down) / (size * down)


@over.defjvp
def _over_jvp(primals: tuple[Array, Array], tangents: tuple[Array, Array]) -> tuple[Array, Array]:
    (x, size), (dx, dsize) = primals, tangents
    out = over(x, size)
    return out, (dx - out * dsize) / size  # −x / size², as it is usually written, is infinite for a size of 1e−30


@partial(jax.custom_jvp, nondiff_argnums=(1, 2))
def norm(x: Array, axes: tuple[int, ...], p: float) -> Array:
    """(Σ|x|^p)^(1/p) over ``axes``, kept as 1, for p from 0 (how many are not 0) to inf (the largest)."""
    if p == 0:
        return jnp.sum(jnp.where(jnp.isnan(x), x, (x != 0).astype(x.dtype)), axes, keepdims=True)
    size = jnp.abs(x)
    largest = jnp.max(size, axes, keepdims=True, initial=0.0)
    if p == jnp.inf:
        return largest
    # in units of the largest, powers neither overflow nor vanish
    unit = jnp.where((largest > 0) & (largest < jnp.inf), largest, jnp.ones_like(largest))
    part = over(size, unit)
    total = jnp.sum(jnp.square(part) if p == 2 else part if p == 1 else part ** jnp.asarray(p, x.dtype), axes, keepdims=True)
    return unit * (jnp.sqrt(total) if p == 2 else total if p == 1 else total ** jnp.asarray(1 / p, x.dtype))


@norm.defjvp
def _norm_jvp(axes: tuple[int, ...], p: float, primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    (x,), (dx,) = primals, tangents
    out = norm(x, axes, p)
    if p == 0:
        return out, jnp.zeros_like(out)
    length, sign = jnp.where(out == 0, jnp.ones_like(out), out), jnp.sign(x)
    if p == jnp.inf:
        first = (jnp.abs(x) == out).astype(x.dtype)
        slope = sign * first / jnp.sum(first, axes, keepdims=True)
    elif p == 2:
        slope = over(x, length)
    else:
        # a power of 0 has no finite slope for p < 2, nor has an infinite norm: there it is that of 1
        part = jnp.where((x == 0) | jnp.isinf(out), jnp.ones_like(x), over(x * sign, length))
        slope = sign * (jnp.ones_like(x) if p == 1 else part ** jnp.asarray(p - 1, x.dtype))
    return out, jnp.sum(slope * dx, axes, keepdims=True)
