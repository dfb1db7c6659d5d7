"""Programs compiled once, each evaluated over a stack of points.

A point of a stack is a base (the given point, one beside it, one with its signs flipped) plus a step along a direction. Directions are dense rows, or
single coordinates, which are never laid out: one compiled loop adds the step to the base and runs the program, for as many rows as are asked for.
"""

import functools
from collections.abc import Iterator, Sequence
from typing import Any

import jax
import jax.extend.core as jex
import jax.numpy as jnp
import numpy as np

from jaxreview.gradcheck.problem import Problem, join, split
from jaxreview.gradcheck.promotion import in_float64

__all__ = ["Directions", "Program"]

# Numbers of results held on the device at a time.
HELD = 1 << 22
# Points that a stack can start from.
BASES = 8
# A program of a check runs for milliseconds: most of its time would be the compiler's.
QUICK = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}


class Directions:
    """``dense`` rows, numbered from 0, and after them one direction for each coordinate, ``units[j]`` long."""

    def __init__(self, dense: np.ndarray, units: np.ndarray, rows: int = 0):
        self.dense, self.units, self.rows = dense, units, max(rows, len(dense))

    @functools.cached_property
    def on_device(self) -> jax.Array:
        """The dense rows, with rows of zeros after them up to ``rows``: one shape for one compilation."""
        return jnp.asarray(np.concatenate([self.dense, np.zeros((self.rows - len(self.dense), self.dense.shape[1]))]))

    def along(self, ids: np.ndarray, vector: np.ndarray) -> np.ndarray:
        """The vector's product with each of these directions."""
        first = len(self.dense)
        sparse = ids >= first
        product = np.empty(len(ids))
        at = ids[sparse] - first
        product[sparse] = vector[at] * self.units[at]
        if not sparse.all():
            product[~sparse] = self.dense[ids[~sparse]] @ vector
        return product

    def length(self, ids: np.ndarray, vector: np.ndarray) -> np.ndarray:
        """The sum of the magnitudes of the terms of ``along``."""
        return Directions(np.abs(self.dense), np.abs(self.units)).along(ids, np.abs(vector))


class Program:
    """A traced program of (moving leaves, aux leaves, cotangents) as one of vectors: (point, aux, cotangent) to a row of reals.

    ``layout`` tells what comes out: groups of leaves, each with the sign that goes with its imaginary parts. With ``own`` the program runs in the caller's
    types; without, all of its reals are float64.
    """

    def __init__(self, problem: Problem, traced: Any, layout: Sequence[tuple[Sequence[Any], float]], own: bool = False, capacity: int = 256):
        self.problem, self.traced, self.layout = problem, traced, layout
        self.evaluate = jex.jaxpr_as_fun(traced) if own else in_float64(traced)
        self.own = own
        sizes = [int(np.prod(leaf.shape, dtype=int)) * (2 if jnp.issubdtype(leaf.dtype, jnp.complexfloating) else 1) for leaves, _ in layout for leaf in leaves]
        self.width = sum(sizes)
        self.capacity = max(1, min(capacity, HELD // max(1, self.width)))
        self.stack = jax.jit(self._stack, compiler_options=QUICK)

    def at(self, point: Any, aux: Any, cotangent: Any) -> jax.Array:
        """The program at one point."""
        p = self.problem
        flat = [*split(point, p.own, 1.0, self.own), *split(aux, p.own, 1.0, self.own), *split(cotangent, p.out, -1.0, self.own)]
        found = self.evaluate(*flat[: len(self.traced.in_avals)])
        if self.traced is p.value:
            found = [found[i] for i in p.kept]
        rows, start = [], 0
        for leaves, sign in self.layout:
            rows.append(join(found[start : start + len(leaves)], sign))
            start += len(leaves)
        return jnp.concatenate(rows)

    def _stack(self, count: Any, bases: Any, dense: Any, cotangent: Any, base: Any, row: Any, step: Any, coordinate: Any, bump: Any) -> Any:
        def body(i: Any, found: Any) -> Any:
            direction = pick(dense, row[i], 0, keepdims=False)
            point = pick(bases, base[i], 0, keepdims=False) + step[i] * direction + jnp.where(places == coordinate[i], bump[i], 0.0)
            return jax.lax.dynamic_update_slice(found, self.at(point, direction, cotangent)[None], (i, jnp.zeros_like(i)))

        pick, places = jax.lax.dynamic_index_in_dim, jnp.arange(self.problem.n, dtype=jnp.int32)
        return jax.lax.fori_loop(0, count, body, jnp.zeros((self.capacity, self.width), jnp.float64))

    def chunks(self, bases: np.ndarray, along: Directions, cotangent: np.ndarray, base: Any, ids: Any, steps: Any) -> Iterator[np.ndarray]:
        """Rows of results, at most ``capacity`` at a time."""
        first, size = len(along.dense), len(ids)
        base = np.broadcast_to(np.asarray(base, np.int32), (size,))
        sparse = ids >= first
        row, coordinate = np.where(sparse, 0, ids).astype(np.int32), np.where(sparse, ids - first, 0).astype(np.int32)
        step, bump = np.where(sparse, 0.0, steps), np.where(sparse, steps * along.units[coordinate], 0.0)
        for start in range(0, size, self.capacity):
            cut = slice(start, min(start + self.capacity, size))
            bases = np.concatenate([bases, np.zeros((BASES - len(bases), bases.shape[1]))]) if len(bases) < BASES else bases
            filled = [np.pad(a[cut], (0, self.capacity - (cut.stop - start))) for a in (base, row, step, coordinate, bump)]
            yield np.asarray(self.stack(np.int32(cut.stop - start), bases, along.on_device, cotangent, *filled))[: cut.stop - start]

    def __call__(self, bases: np.ndarray, along: Directions, cotangent: np.ndarray, base: Any, ids: Any, steps: Any) -> np.ndarray:
        """All rows of results."""
        return np.concatenate([np.zeros((0, self.width)), *self.chunks(bases, along, cotangent, base, ids, steps)])

    def contracted(self, bases: np.ndarray, along: Directions, cotangent: np.ndarray, base: Any, ids: Any, steps: Any) -> np.ndarray:
        """The product of each row with the cotangent, one column; rows are not kept."""
        pieces = [chunk @ cotangent for chunk in self.chunks(bases, along, cotangent, base, ids, steps)]
        return np.concatenate([np.zeros(0), *pieces])[:, None]
