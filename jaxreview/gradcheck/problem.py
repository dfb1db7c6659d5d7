"""The function as one of real vectors: what moves, what comes out, and its traced programs.

Real and complex leaves of the arguments become one vector of n reals, those of the result one of m; a complex leaf is two of them, its real and its imaginary
part. Integers, booleans, keys, strings and None stay where they are.

Complex numbers follow JAX's own convention: cotangents pair with tangents without conjugation, Re Σ c·J(v) = Re Σ Jᵀ(c)·v, so that the gradient of a real
function of z = x + iy is ∂f/∂x − i ∂f/∂y. A complex gradient g therefore counts as the pair (Re g, −Im g), a tangent v as (Re v, Im v).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

__all__ = ["Part", "Problem"]


@dataclass(frozen=True)
class Part:
    """A stretch of the vector: one real leaf, or the real or imaginary half of a complex one."""

    path: str
    shape: tuple[int, ...]
    dtype: np.dtype
    start: int
    stop: int

    @property
    def size(self) -> int:
        """How many reals it has."""
        return self.stop - self.start

    @property
    def rows(self) -> slice:
        """Its place in the vector."""
        return slice(self.start, self.stop)


def is_inexact(leaf: Any) -> bool:
    """A real or complex number or array; not a boolean, an integer or a key."""
    if isinstance(leaf, (float, complex)):
        return True
    return hasattr(leaf, "dtype") and isinstance(leaf.dtype, np.dtype) and jnp.issubdtype(leaf.dtype, jnp.inexact)


def _parts(found: Sequence[tuple[str, Any]]) -> list[Part]:
    parts, start = [], 0
    for path, leaf in found:
        size, complex_ = int(np.prod(leaf.shape, dtype=int)), jnp.issubdtype(leaf.dtype, jnp.complexfloating)
        for name in (f"real({path})", f"imag({path})") if complex_ else (path,):
            parts.append(Part(name, tuple(leaf.shape), np.dtype(leaf.dtype), start, start + size))
            start += size
    return parts


def split(flat: Any, leaves: Sequence[Any], sign: float, own: bool) -> list[Any]:
    """The vector as leaves of these shapes and types; ``sign`` goes with imaginary parts; ``own`` casts to the leaf's type, else float64 stays."""
    values, start = [], 0
    for leaf in leaves:
        size = int(np.prod(leaf.shape, dtype=int))
        value = flat[start : start + size].reshape(leaf.shape)
        start += size
        if jnp.issubdtype(leaf.dtype, jnp.complexfloating):
            value = jax.lax.complex(value, sign * flat[start : start + size].reshape(leaf.shape))
            start += size
        values.append(jax.lax.convert_element_type(value, leaf.dtype) if own else value)
    return values


def join(leaves: Sequence[Any], sign: float) -> jax.Array:
    """Leaves as one float64 vector; ``sign`` goes with imaginary parts."""
    pieces = []
    for leaf in leaves:
        if jnp.issubdtype(leaf.dtype, jnp.complexfloating):
            pieces += [jnp.real(leaf).ravel().astype(jnp.float64), sign * jnp.imag(leaf).ravel().astype(jnp.float64)]
        else:
            pieces.append(jnp.ravel(leaf).astype(jnp.float64))
    return jnp.concatenate(pieces) if pieces else jnp.zeros(0, jnp.float64)


class Problem:
    """A function at a point, traced at the caller's own dtypes.

    Attributes:
        point: the n reals at which to check. parts, out_parts: which leaf each stretch belongs to.
    """

    def __init__(self, where: str, fn: Callable[..., Any], args: tuple[Any, ...], argnums: int | Sequence[int] | None):
        chosen = range(len(args)) if argnums is None else (argnums,) if isinstance(argnums, int) else tuple(argnums)
        for position in chosen:
            if not -len(args) <= position < len(args):
                raise ValueError(f"{where}: argnums holds {position}; it needs positions of the {len(args)} arguments")
        found, self.treedef = jax.tree_util.tree_flatten_with_path(args)
        has_real = dict.fromkeys([position % len(args) for position in chosen], False)
        self.fn, self.leaves, self.moving, paths = fn, [leaf for _, leaf in found], list[int](), list[str]()
        for index, (path, leaf) in enumerate(found):
            position = path[0].idx  # type: ignore[attr-defined]
            if position in has_real and is_inexact(leaf):
                has_real[position] = True
                self.moving.append(index)
                paths.append(f"arg{jax.tree_util.keystr(path)}")
        if argnums is not None and not all(has_real.values()):
            raise TypeError(f"{where}: argument {next(p for p, real in has_real.items() if not real)} has no real leaf; argnums needs arguments with some")
        if not self.moving:
            raise ValueError(f"{where}: no argument has a real leaf; there is nothing to differentiate")
        # An array of float64 was made under x64: so is its function meant, whatever the setting is now.
        self.x64 = jax.dtypes.canonicalize_dtype(np.float64) == np.float64 or any(
            isinstance(leaf, jax.Array) and isinstance(leaf.dtype, np.dtype) and leaf.dtype.name in ("float64", "complex128") for leaf in self.leaves
        )
        with self.own_setting():
            raw = [self.leaves[i] for i in self.moving]
            self.own = [jax.ShapeDtypeStruct(a.shape, a.dtype) for a in map(jax.typeof, map(jnp.asarray, raw))]
            self.value, shapes = jax.make_jaxpr(lambda moving: self.fn(*self.rebuild(moving)), return_shape=True)(raw)
            found_out, self.out_tree = jax.tree_util.tree_flatten_with_path(shapes)
            self.kept = [i for i, (_, leaf) in enumerate(found_out) if is_inexact(leaf)]
        self.out = [found_out[i][1] for i in self.kept]
        if not self.kept:
            raise ValueError(f"{where}: fn gives no real output; there is nothing to differentiate")
        self.parts = _parts(list(zip(paths, self.own, strict=True)))
        self.out_parts = _parts([(f"output{jax.tree_util.keystr(found_out[i][0])}", found_out[i][1]) for i in self.kept])
        self.n = self.parts[-1].stop
        self.m = self.out_parts[-1].stop
        self.point = np.concatenate([_flat(leaf, own.dtype) for leaf, own in zip(raw, self.own, strict=True)])

    def own_setting(self) -> Any:
        """The x64 setting under which the caller's function is meant to be traced."""
        return jax.enable_x64(self.x64)

    def rebuild(self, moving: Sequence[Any]) -> tuple[Any, ...]:
        """The arguments with the moving leaves replaced."""
        leaves = list(self.leaves)
        for index, leaf in zip(self.moving, moving, strict=True):
            leaves[index] = leaf
        return jax.tree_util.tree_unflatten(self.treedef, leaves)

    def outputs(self, moving: Sequence[Any]) -> list[Any]:
        """Real and complex leaves of the result."""
        leaves = jax.tree.leaves(self.fn(*self.rebuild(moving)))
        return [leaves[i] for i in self.kept]

    def grown(self, flat: np.ndarray) -> Any:
        """A vector of n reals as the arguments: NumPy leaves in JAX's convention for gradients, None in place of what does not move."""
        leaves, start = list[Any]([None] * len(self.leaves)), 0
        for index, own in zip(self.moving, self.own, strict=True):
            size = int(np.prod(own.shape, dtype=int))
            value = flat[start : start + size].reshape(own.shape)
            start += size
            if jnp.issubdtype(own.dtype, jnp.complexfloating):
                value = value - 1j * flat[start : start + size].reshape(own.shape)
                start += size
            leaves[index] = value
        return jax.tree_util.tree_unflatten(self.treedef, leaves)

    # The programs, each traced in the caller's dtypes. All take (moving leaves, an aux in their shapes, a cotangent in the shapes of the outputs).

    def reverse(self, moving: Any, aux: Any, cotangents: Any) -> Any:
        """Gradient of the cotangents' contraction, and the value that comes with it."""
        value, pull = jax.vjp(self.outputs, moving)
        return pull(cotangents)[0], value

    def forward(self, moving: Any, aux: Any, cotangents: Any) -> Any:
        """Directional derivative along aux, and the value that comes with it."""
        value, slope = jax.jvp(self.outputs, (moving,), (aux,))
        return slope, value

    def forward_over_reverse(self, moving: Any, aux: Any, cotangents: Any) -> Any:
        """The gradient's directional derivative along aux."""
        return jax.jvp(lambda at: self.reverse(at, aux, cotangents)[0], (moving,), (aux,))[1]

    def reverse_over_reverse(self, moving: Any, aux: Any, cotangents: Any) -> Any:
        """Gradient of aux times the gradient."""
        return jax.vjp(lambda at: self.reverse(at, aux, cotangents)[0], moving)[1](aux)[0]

    def reverse_over_forward(self, moving: Any, aux: Any, cotangents: Any) -> Any:
        """Gradient of the cotangents' contraction of the directional derivative along aux."""
        return jax.vjp(lambda at: self.forward(at, aux, cotangents)[0], moving)[1](cotangents)[0]

    def trace(self, program: Callable[..., Any]) -> Any:
        """A program of (moving, aux, cotangents), traced in the caller's dtypes and setting."""
        with self.own_setting():
            raw = [self.leaves[i] for i in self.moving]
            return jax.make_jaxpr(program)(raw, self.own, self.out)


def _flat(leaf: Any, dtype: Any) -> np.ndarray:
    """A leaf rounded to the caller's type, as float64 reals."""
    value: Any = np.asarray(np.asarray(leaf), dtype).ravel()
    if jnp.issubdtype(dtype, jnp.complexfloating):
        return np.concatenate([value.real, value.imag]).astype(np.float64)
    return value.astype(np.float64)
