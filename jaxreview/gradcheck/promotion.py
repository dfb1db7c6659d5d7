"""The traced program evaluated in float64: every real in it is raised, whatever type the caller computes in.

The program is traced once at the caller's dtypes, so Python branches on a dtype take the caller's side; then its equations are evaluated one by one with
float64 in place of each smaller real type and complex128 in place of each smaller complex one, closed-over constants included. A cast to a smaller type
becomes a cast to float64: rounding is left out on purpose. What works on bits or leaves the program (a callback, a kernel) computes in the caller's
types as before and is counted, since its values carry the caller's rounding.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jax
import jax.extend.core as jex
import jax.numpy as jnp
import numpy as np

__all__ = ["Traits", "in_float64", "traits"]

# Evaluated in the caller's own types: they work on bits, or call what was built for these types.
OWN_TYPES = frozenset({"bitcast_convert_type", "nextafter", "pure_callback", "io_callback", "pallas_call", "ffi_call", "custom_call", "shard_map"})
# A call that is evaluated in place, by the name of the parameter that holds its program.
CALLS = {"jit": "jaxpr", "closed_call": "call_jaxpr", "core_call": "call_jaxpr", "remat2": "jaxpr", "checkpoint": "jaxpr", "remat": "jaxpr"}
CALLS |= {"custom_jvp_call": "call_jaxpr", "custom_vjp_call": "call_jaxpr", "custom_vmap_call": "call"}
# A loop that ends by a condition on reals may never end in float64 or at another point: after this many rounds its results are NaN.
LONGEST = 100_000


def wide(dtype: Any) -> Any:
    """float64 for a real type, complex128 for a complex one, any other type as it is."""
    if not isinstance(dtype, np.dtype):
        return dtype
    if jnp.issubdtype(dtype, jnp.complexfloating):
        return np.dtype(np.complex128)
    return np.dtype(np.float64) if jnp.issubdtype(dtype, jnp.floating) else dtype


def _cast(value: Any, dtype: Any) -> Any:
    if not isinstance(getattr(value, "dtype", None), np.dtype) or value.dtype == dtype or not isinstance(dtype, np.dtype):
        return value
    return value.astype(dtype) if isinstance(value, np.ndarray) else jax.lax.convert_element_type(value, dtype)


def _raised(value: Any) -> Any:
    return _cast(value, wide(getattr(value, "dtype", None)))


def _programs(value: Any) -> Iterator[Any]:
    """The programs within an equation's parameter."""
    if isinstance(value, (jex.ClosedJaxpr, jex.Jaxpr)):
        yield value
    elif isinstance(value, (tuple, list)):
        for one in value:
            yield from _programs(one)


class Traits:
    """What a program is made of.

    Attributes:
        epsilon: of the coarsest real type in it. own: of the coarsest type that stays when all others are raised (0.0 for none).
        forward: whether it can run; False where forward mode met a custom_vjp. iterative: whether a loop of it ends by a condition on reals.
        opaque: names of what stays in its own types. length: its number of equations, inner ones included.
    """

    def __init__(self) -> None:
        self.epsilon, self.own, self.iterative, self.forward, self.length, self.opaque = 0.0, 0.0, False, True, 0, set[str]()

    def see(self, jaxpr: Any) -> None:
        """Take in a program's equations and those of the programs within it."""
        for eqn in getattr(jaxpr, "jaxpr", jaxpr).eqns:
            name = eqn.primitive.name
            reals = [v.aval.dtype for v in (*eqn.invars, *eqn.outvars) if jnp.issubdtype(getattr(v.aval, "dtype", np.int8), jnp.inexact)]
            coarsest = max((float(jnp.finfo(dtype).eps) for dtype in reals), default=0.0)
            self.epsilon = max(self.epsilon, coarsest)
            self.iterative |= name == "while" and _by_reals(eqn)
            self.length += 1
            self.forward &= name != "custom_lin"
            from_bits = name == "bitcast_convert_type" and not jnp.issubdtype(eqn.invars[0].aval.dtype, jnp.inexact)
            if name in OWN_TYPES and coarsest and not from_bits:
                self.opaque.add(name)
                self.own = max(self.own, coarsest)
            for value in eqn.params.values():
                for inner in _programs(value):
                    self.see(inner)


def _by_reals(loop: Any) -> bool:
    """Whether a loop's condition looks at a real: it ends by a tolerance, not by a count."""
    condition = loop.params["cond_jaxpr"].jaxpr
    return any(jnp.issubdtype(getattr(v.aval, "dtype", np.int8), jnp.inexact) for eqn in condition.eqns for v in eqn.invars)


def traits(closed: Any) -> Traits:
    """What the program is made of, inner programs included."""
    found = Traits()
    found.epsilon = max([float(jnp.finfo(v.aval.dtype).eps) for v in closed.jaxpr.invars if jnp.issubdtype(v.aval.dtype, jnp.inexact)], default=0.0)
    found.see(closed)
    return found


def in_float64(closed: Any) -> Callable[..., list[Any]]:
    """The traced program as a function of its flat inputs, all of its reals in float64. Call it under x64."""
    consts = [_raised(np.asarray(c)) if isinstance(getattr(c, "dtype", None), np.dtype) else c for c in closed.consts]
    return lambda *inputs: _evaluate(closed.jaxpr, consts, [_raised(i) for i in inputs])


def _evaluate(jaxpr: Any, consts: Sequence[Any], inputs: Sequence[Any]) -> list[Any]:
    known: dict[Any, Any] = {}

    def read(atom: Any) -> Any:
        if not isinstance(atom, jex.Literal):
            return known[atom]
        dtype = getattr(atom.aval, "dtype", None)  # rounded to the caller's type first: the same constant as in the caller's program
        return _raised(np.asarray(atom.val, dtype)) if isinstance(dtype, np.dtype) else atom.val

    known.update(zip(jaxpr.constvars, consts, strict=True))
    known.update(zip(jaxpr.invars, inputs, strict=True))
    for eqn in jaxpr.eqns:
        with eqn.ctx.manager:
            known.update(zip(eqn.outvars, _apply(eqn, [read(v) for v in eqn.invars]), strict=True))
    return [read(v) for v in jaxpr.outvars]


def _apply(eqn: Any, values: list[Any]) -> list[Any]:
    name, params = eqn.primitive.name, eqn.params
    if name in CALLS:
        inner = params[CALLS[name]]
        if isinstance(inner, jex.ClosedJaxpr):
            return in_float64(inner)(*values)
        return _evaluate(inner, [], values)
    if name.startswith("debug_") and not eqn.outvars:
        return []
    if name == "reduce_precision":
        return values
    if name == "while" and _by_reals(eqn):
        return _loop(params, values)
    if name in OWN_TYPES:
        lowered = [_cast(v, atom.aval.dtype) if hasattr(atom.aval, "dtype") else v for v, atom in zip(values, eqn.invars, strict=True)]
        return [_raised(v) for v in _bind(eqn, lowered, params)]
    return _bind(eqn, values, {key: _raised_parameter(key, value) for key, value in params.items()})


def _loop(params: Any, values: list[Any]) -> list[Any]:
    """A while loop of at most ``LONGEST`` rounds."""
    first, second = params["cond_nconsts"], params["cond_nconsts"] + params["body_nconsts"]
    for_condition, for_body, start = values[:first], values[first:second], values[second:]
    condition, body = in_float64(params["cond_jaxpr"]), in_float64(params["body_jaxpr"])

    def goes_on(state: Any) -> Any:
        return condition(*for_condition, *state[1])[0] & (state[0] < LONGEST)

    def again(state: Any) -> Any:
        return state[0] + 1, [_like(new, old) for new, old in zip(body(*for_body, *state[1]), state[1], strict=True)]

    rounds, found = jax.lax.while_loop(goes_on, again, (jnp.int32(0), [jnp.asarray(v) for v in start]))
    ended = rounds < LONGEST
    return [jnp.where(ended, v, jnp.full_like(v, jnp.nan)) if jnp.issubdtype(v.dtype, jnp.inexact) else v for v in found]


def _like(new: Any, old: Any) -> Any:
    return _cast(new, old.dtype)


def _raised_parameter(key: str, value: Any) -> Any:
    if isinstance(value, np.dtype) or (isinstance(value, type) and issubclass(value, np.generic)):
        return wide(np.dtype(value))
    if isinstance(value, jex.ClosedJaxpr):
        return _raised_program(value)
    if isinstance(value, jex.Jaxpr):
        return _raised_program(jex.ClosedJaxpr(value, [])).jaxpr
    if key == "precision":
        return jax.lax.Precision.HIGHEST if value is not None and not isinstance(value, tuple) else value
    if isinstance(value, tuple) and any(True for _ in _programs(value)):
        inner = [_raised_parameter(key, one) for one in value]
        return type(value)(*inner) if hasattr(value, "_fields") else tuple(inner)
    return value


def _raised_program(closed: Any) -> Any:
    shapes = [
        jax.ShapeDtypeStruct(v.aval.shape, wide(v.aval.dtype), weak_type=v.aval.weak_type) if isinstance(v.aval.dtype, np.dtype) else v.aval
        for v in closed.jaxpr.invars
    ]
    return jax.make_jaxpr(in_float64(closed))(*shapes)


def _bind(eqn: Any, values: list[Any], params: dict[str, Any]) -> list[Any]:
    found = eqn.primitive.bind(*values, **eqn.primitive.get_bind_params(params))
    return list(found) if eqn.primitive.multiple_results else [found]
