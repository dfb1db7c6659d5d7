"""The few validators, the one message format ``function: argument what came; it needs what``, and the dtype rule.

All of them look only at shapes, dtypes and static values, so they run at trace time and cost nothing in compiled code;
``concrete`` is how a function asks whether it may also look at values.
"""

import math
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

_ARRAYS = (jax.Array, np.ndarray, np.generic)


def array(where: str, name: str, value: object) -> jax.Array:
    """``value`` as a JAX array; Python numbers pass, lists and strings do not."""
    if not isinstance(value, (*_ARRAYS, bool, int, float, complex)):
        raise TypeError(f"{where}: {name} is a {type(value).__name__}; it needs a JAX or NumPy array")
    return jnp.asarray(value)


def real(where: str, name: str, value: object) -> jax.Array:
    """``value`` as an array of real floating point numbers."""
    result = array(where, name, value)
    if not jnp.issubdtype(result.dtype, jnp.floating):
        raise TypeError(f"{where}: {name} has dtype {result.dtype}; it needs a floating point dtype")
    return result


def integers(where: str, name: str, value: object) -> jax.Array:
    """``value`` as an array of integers (booleans refused)."""
    result = array(where, name, value)
    if not jnp.issubdtype(result.dtype, jnp.integer):
        raise TypeError(f"{where}: {name} has dtype {result.dtype}; it needs an integer dtype")
    return result


def booleans(where: str, name: str, value: object) -> jax.Array:
    """``value`` as an array of booleans."""
    result = array(where, name, value)
    if result.dtype != jnp.bool_:
        raise TypeError(f"{where}: {name} has dtype {result.dtype}; it needs booleans")
    return result


def numeric(where: str, name: str, value: object) -> jax.Array:
    """``value`` as an array of real numbers or integers (booleans refused)."""
    result = array(where, name, value)
    if not jnp.issubdtype(result.dtype, jnp.floating) and not jnp.issubdtype(result.dtype, jnp.integer):
        raise TypeError(f"{where}: {name} has dtype {result.dtype}; it needs a floating point or integer dtype")
    return result


def rank(where: str, name: str, value: jax.Array, needed: int, meaning: str) -> None:
    """``value`` has exactly ``needed`` axes."""
    if value.ndim != needed:
        raise ValueError(f"{where}: {name} has shape {value.shape} (rank {value.ndim}); it needs rank {needed}, {meaning}")


def min_rank(where: str, name: str, value: jax.Array, needed: int, meaning: str) -> None:
    """``value`` has at least ``needed`` axes."""
    if value.ndim < needed:
        raise ValueError(f"{where}: {name} has shape {value.shape} (rank {value.ndim}); it needs at least rank {needed}, {meaning}")


def shape(where: str, name: str, value: jax.Array, needed: Sequence[int], meaning: str) -> None:
    """``value`` has exactly the shape ``needed``."""
    if value.shape != tuple(needed):
        raise ValueError(f"{where}: {name} has shape {value.shape}; it needs {tuple(needed)}, {meaning}")


def same_shape(where: str, first: str, a: jax.Array, second: str, b: jax.Array) -> None:
    """Two arrays have one shape: nothing is broadcast."""
    if a.shape != b.shape:
        raise ValueError(f"{where}: {second} has shape {b.shape}; it needs the shape of {first}, {a.shape} (nothing is broadcast)")


def choice(where: str, name: str, value: object, choices: Sequence[object]) -> None:
    """``value`` is one of ``choices``."""
    if not any(type(value) is type(c) and value == c for c in choices):
        raise ValueError(f"{where}: {name} is {value!r}; it needs one of {', '.join(map(repr, choices))}")


def flag(where: str, name: str, value: object) -> bool:
    """``value`` is a static bool."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{where}: {name} is {value!r}; it needs a static True or False")
    return bool(value)


def number(where: str, name: str, value: object, *, low: float = -math.inf, high: float = math.inf, above: float | None = None) -> float:
    """``value`` as a static float in [low, high], or greater than ``above``."""
    if isinstance(value, jax.Array):
        raise TypeError(f"{where}: {name} is a JAX array; it needs a static Python number")
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise TypeError(f"{where}: {name} is {value!r} ({type(value).__name__}); it needs a static Python number")
    result = float(value)
    inside = low <= result <= high and (above is None or result > above)
    if not inside:
        interval = f"in [{low:g}, {high:g}]" if above is None else f"greater than {above:g}"
        raise ValueError(f"{where}: {name} is {result:g}; it needs a number {interval}")
    return result


def axis(where: str, value: object, ndim: int, name: str = "axis") -> int:
    """``value`` as a non-negative axis of an array of rank ``ndim``."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{where}: {name} is {value!r}; it needs an int")
    if not -ndim <= value < ndim:
        raise ValueError(f"{where}: {name} is {value}; it needs an axis of an array of rank {ndim}")
    return int(value) % ndim


def key(where: str, value: object) -> jax.Array:
    """``value`` as one typed key, as ``jax.random.key`` makes it."""
    if not isinstance(value, jax.Array) or not jnp.issubdtype(value.dtype, jax.dtypes.prng_key):
        raise TypeError(f"{where}: key is a {getattr(value, 'dtype', type(value).__name__)}; it needs a key from jax.random.key")
    if value.ndim:
        raise ValueError(f"{where}: key has shape {value.shape}; it needs a single key, ()")
    return value


def concrete(value: jax.Array) -> bool:
    """Whether the values can be looked at now: outside of ``jit``, ``vmap`` and the like."""
    return not isinstance(value, Tracer)


def result_dtype(*arrays: jax.Array | None) -> jnp.dtype:
    """The promoted dtype of the array arguments that are present."""
    return jnp.result_type(*(a for a in arrays if a is not None))


def accumulator(dtype: jnp.dtype) -> jnp.dtype:
    """The dtype in which sums, means and variances are taken: float32 for the half types, else the dtype itself."""
    return jnp.dtype(jnp.float32) if jnp.dtype(dtype).itemsize < 4 else jnp.dtype(dtype)
