"""One check from beginning to end: what is compiled, measured and compared."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxreview.gradcheck.differences import FIRST_STEP, OFFSETS, Estimate, noise_level, settle
from jaxreview.gradcheck.evaluation import Directions, Program
from jaxreview.gradcheck.probes import Plan, points, sizes
from jaxreview.gradcheck.problem import Part, Problem
from jaxreview.gradcheck.promotion import traits
from jaxreview.gradcheck.verdict import allowed

__all__ = ["EPSILON", "Session", "Unavailable"]

EPSILON = 2.0**-52
# What a result of an iteration that ends by a tolerance may be off by: it solves its equation no better.
ITERATION = 3e-5
# What special functions of the compiler may be off by, relative to a derivative along one coordinate or along many.
FLOOR, FLOOR_OF_MANY = 1e-7, 1e-8
JUMP = 1e-4
# Directions of each leaf for second derivatives that are judged leaf by leaf.
EACH = 3
# What JAX says where a mode does not exist for a function, rather than being wrong.
NO_MODE = ("forward-mode", "Reverse-mode", "jvp", "not implemented", "not defined", "not supported")


class Unavailable(Exception):  # noqa: N818
    """A mode of differentiation that JAX does not have for this function."""


class Session:
    """The problem with its points, directions, programs and everything that is measured once."""

    def __init__(self, problem: Problem, rng: np.random.Generator, directions: int, elsewhere: bool, limit: float):
        self.problem, self.rng, self.directions, self.limit = problem, rng, directions, limit
        self.notes: list[str] = []
        self.units = sizes(problem.point, problem.parts)
        self.bases = points(rng, problem.point, self.units)
        # One number of rows for all stacks, so that each program is compiled once.
        self.rows = max(Plan.rows(problem.parts, directions, limit), directions + EACH * len(problem.parts) + 2)
        self.mixed = Directions(np.stack([self.units * rng.standard_normal(problem.n) for _ in range(max(directions, 1))]), self.units, self.rows)
        self.ones = np.zeros(problem.m)
        self.crashes: dict[str, str] = {}
        out = ((problem.out, 1.0),)
        self.value = self.program(problem.value, out, capacity=256)
        self.traits = traits(problem.value)
        self.epsilon = max(EPSILON, self.traits.own if not self.value.own else self.traits.epsilon)
        self.share = ITERATION if self.traits.iterative else 0.0
        if self.traits.opaque and not self.value.own:
            self.notes.append(f"computed in the caller's own types, with their noise: {', '.join(sorted(self.traits.opaque))}")
        if self.traits.iterative:
            self.bases[[2, 5]] = self.bases[[0, 3]]
        self.look()
        self.reverse = self.mode("reverse", problem.reverse, ((problem.own, -1.0), (problem.out, 1.0)))
        # A jvp rule's value is the value in reverse mode too: it is computed once.
        both = ((problem.out, 1.0),) if self.reverse is not None else ((problem.out, 1.0), (problem.out, 1.0))
        self.forward = self.mode("forward", problem.forward, both)
        if self.reverse is None and self.forward is None and not self.crashes:
            raise Unavailable("; ".join(self.notes))
        # An iteration may never end with its inputs' signs flipped.
        self.elsewhere = [where for where in ((1,) if self.traits.iterative else (1, 2)) if elsewhere and np.isfinite(self.values[where]).all()]

    def program(self, traced: Any, layout: Any, capacity: int, own: bool = False) -> Program:
        """The traced program in float64, or in the caller's types where that is impossible."""
        p = self.problem
        made = Program(p, traced, layout, own, capacity)
        if not own:
            try:
                jax.eval_shape(made.at, *(jax.ShapeDtypeStruct((size,), jnp.float64) for size in (p.n, p.n, p.m)))
            except Exception as error:
                self.notes.append(f"not possible in float64 ({_first_line(error)}): done in the caller's own types, with their noise")
                return Program(p, traced, layout, True, capacity)
        return made

    def mode(self, name: str, program: Callable[..., Any], layout: Any, capacity: int = 16) -> Program | None:
        """The program of a mode; None, with a note, where JAX has none for this function or its rule fails."""
        try:
            traced = self.problem.trace(program)
        except Exception as error:
            said = _first_line(error)
            if any(word in said for word in NO_MODE) or isinstance(error, NotImplementedError):
                self.notes.append(f"{name}: JAX has none here ({said})")
            else:
                self.crashes[name] = said
            return None
        if not traits(traced).forward:
            self.notes.append(f"{name}: JAX has none here (a custom_vjp has no forward mode)")
            return None
        return self.program(traced, layout, capacity)

    def look(self) -> None:
        """Values at all points, noise, whether values repeat, and cotangents that bring all outputs to one size."""
        p, count = self.problem, len(self.bases)
        probe = min(2, len(self.mixed.dense))
        base = np.concatenate([np.arange(count), np.zeros(2 * probe + 1, int)])
        ids = np.concatenate([np.zeros(count, int), np.repeat(np.arange(probe), 2), [0]])
        steps = np.concatenate([np.zeros(count), np.tile([FIRST_STEP, -FIRST_STEP], probe), [0.0]])
        found = self.value(self.bases, self.mixed, self.ones, base, ids, steps)
        self.values = found[:count]
        self.repeats = bool(np.array_equal(found[0], found[-1], equal_nan=True))
        with np.errstate(all="ignore"):
            slopes = (found[count:-1:2] - found[count + 1 : -1 : 2]) / (2 * FIRST_STEP)
            # The noise of each output at the three points: rounding of the value, and what a change in the last place of the inputs does.
            moved = self.values[[3, 4, 5, 6]] - self.values[[0, 1, 2, 0]]
            # A change in the last place that changes the value this much has crossed a jump, which is no noise.
            jump = np.abs(moved) > JUMP * (np.abs(self.values[[0, 1, 2, 0]]) + _leafwise(self.values[[0, 1, 2, 0]], p.out_parts))
            self.moved = np.where(jump, 0.0, moved)
            own = np.abs(self.moved)
            self.noise = np.maximum(self.epsilon * np.abs(self.values[:3]), np.stack([np.maximum(own[0], own[3]), own[1], own[2]]))
        weights = np.ones(p.m)
        if len(p.out_parts) > 1:
            scale = [float(np.sqrt(np.mean(slopes[:, part.rows] ** 2))) if part.size else 0.0 for part in p.out_parts]
            top = max((s for s in scale if np.isfinite(s)), default=0.0)
            for part, s in zip(p.out_parts, scale, strict=True):
                if s > 0 and np.isfinite(s):
                    reach = np.sqrt(float(jnp.finfo(part.dtype).max))
                    weights[part.rows] = 2.0 ** np.round(np.log2(np.clip(top / s, 1.0, reach)))
        self.cotangent = _rounded(self.rng.standard_normal(p.m) * weights, p.out_parts)

    def slopes(self, ids: np.ndarray, along: Directions, where: np.ndarray, unsettled: Any, contract: bool) -> Estimate:
        """Numerical derivatives of the outputs, or of their contraction with the cotangent, along these directions at these points."""
        run = self.value.contracted if contract else self.value.__call__

        def measure(numbers: np.ndarray, h: np.ndarray) -> np.ndarray:
            base, which = np.repeat(where[numbers], 4), np.repeat(ids[numbers], 4)
            found = run(self.bases, along, self.cotangent, base, which, (h[:, None] * OFFSETS).ravel())
            return found.reshape(len(numbers), 4, -1)

        if contract:
            terms = self.values[:3] * self.cotangent
            with np.errstate(all="ignore"):
                moved = np.abs(self.moved @ self.cotangent)
                moved = np.array([max(moved[0], moved[3]), moved[1], moved[2]])
                noise = np.maximum(2 * self.epsilon * np.linalg.norm(terms, axis=1), moved)[:, None]
            centre = terms.sum(1)[:, None]
        else:
            noise, centre = self.noise, self.values[:3]
        return settle(measure, centre[where], noise[where], unsettled)

    def widened(self, found: Estimate, rows: np.ndarray, ids: np.ndarray, along: Directions, where: np.ndarray) -> None:
        """Measure the noise of the contraction along some doubtful directions and let it into their errors."""
        count = 9
        for row in rows[:8]:
            spacing, values = 2.0**-40, np.zeros(count)
            for _ in range(5):
                steps = spacing * (np.arange(count) - count // 2)
                values = self.value.contracted(self.bases, along, self.cotangent, np.full(count, where[row]), np.full(count, ids[row]), steps)[:, 0]
                if len(np.unique(values)) > count // 2 or not np.isfinite(values).all():
                    break
                spacing *= 64
            level = noise_level(values)
            if np.isfinite(level) and np.isfinite(found.step[row, 0]):
                found.error[row] = np.maximum(found.error[row], 2 * level / found.step[row])

    def gradients(self) -> None:
        """JAX's gradients at all points, and how much of them is rounding."""
        p = self.problem
        if self.reverse is None:
            return
        keep = [0, 3, 6, *self.elsewhere]
        found = self.reverse(self.bases, self.mixed, self.cotangent, keep, np.zeros(len(keep), int), np.zeros(len(keep)))
        self.gradient = dict(zip(keep, found[:, : p.n], strict=True))
        self.pulled_value = dict(zip(keep, found[:, p.n :], strict=True))
        with np.errstate(all="ignore"):
            self.shaken = np.maximum(np.abs(self.gradient[3] - self.gradient[0]), np.abs(self.gradient[6] - self.gradient[0]))
        # The share of rounding in each leaf's gradient.
        self.rounding = np.full(len(p.parts), 8 * max(EPSILON, self.epsilon if self.reverse.own else 0.0))
        for i, part in enumerate(p.parts):
            g = np.abs(self.gradient[0] * self.units)[part.rows]
            if part.size and np.isfinite(g).all() and g.max() > 0:
                self.rounding[i] = max(self.rounding[i], 4 * float((self.shaken * self.units)[part.rows].max() / g.max()))

    def plan(self) -> Plan:
        """The directions of reverse mode."""
        p = self.problem
        gradient = self.gradient[0] if self.reverse is not None else None
        return Plan.of(self.rng, p.parts, self.units, gradient, self.directions, self.elsewhere, self.limit, self.rows)

    def reverse_rows(self, plan: Plan) -> tuple[np.ndarray, np.ndarray, Estimate, np.ndarray]:
        """JAX's derivative of each row of the plan, its rounding, the numerical one, and how far they may lie apart."""
        ad, rounding = np.empty((len(plan.ids), 1)), np.empty((len(plan.ids), 1))
        for where in (0, *self.elsewhere):
            rows = plan.point == where
            with np.errstate(all="ignore"):
                ad[rows, 0] = plan.along.along(plan.ids[rows], self.gradient[where])
                length = plan.along.length(plan.ids[rows], self.gradient[where])
                if where == 0:
                    own = 8 * max(EPSILON, self.epsilon if self.reverse is not None and self.reverse.own else 0.0)
                    shaken = np.maximum(*(np.abs(plan.along.along(plan.ids[rows], self.gradient[i] - self.gradient[0])) for i in (3, 6)))
                    rounding[rows, 0] = 4 * shaken + own * length
                else:
                    rounding[rows, 0] = self.rounding[plan.part[rows]] * length
                rounding[rows, 0] += 1e-2 * self.share * length

        def unsettled(slope: np.ndarray, error: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            with np.errstate(all="ignore"):
                limit = 2 * error + rounding + share * np.abs(slope)
                return (error > np.maximum(plan.demand[:, None], 1e-7 * np.abs(slope))) & np.isfinite(ad), ~(np.abs(ad - slope) <= limit) & np.isfinite(ad)

        share = np.maximum(np.where(plan.single, FLOOR, FLOOR_OF_MANY)[:, None], self.share)
        rounding += FLOOR * plan.typical[:, None]
        found = self.slopes(plan.ids, plan.along, plan.point, unsettled, contract=True)
        limit = allowed(found, rounding, share)
        with np.errstate(all="ignore"):
            doubtful = np.flatnonzero(~(np.abs(ad - found.slope) <= limit)[:, 0] & np.isfinite(ad[:, 0]))
        if len(doubtful):
            self.widened(found, doubtful, plan.ids, plan.along, plan.point)
            limit = allowed(found, rounding, share)
        return ad, rounding, found, limit

    def forward_rows(self, plan: Plan) -> tuple[np.ndarray, np.ndarray, Estimate, np.ndarray, np.ndarray]:
        """JAX's derivatives along the mixed directions, (K, m), with the numerical ones, the limits and the values that came along."""
        if self.forward is None:
            raise ValueError("forward_rows: the function has no forward mode; it needs one")
        few = min(2, plan.mixed)
        where = np.concatenate([np.zeros(plan.mixed, int), *(np.full(few, w) for w in self.elsewhere)]).astype(int)
        ids = np.concatenate([np.arange(plan.mixed), *(np.arange(few) for _ in self.elsewhere)]).astype(int)
        pushed = self.forward(self.bases, plan.along, self.cotangent, where, ids, np.zeros(len(ids)))
        ad, values = pushed[:, : self.problem.m], pushed[:, self.problem.m :]
        own = 64 * max(EPSILON, self.epsilon if self.forward.own else 0.0)
        share = max(own, float(self.rounding.max(initial=0.0)) if self.reverse is not None else own)
        with np.errstate(all="ignore"):
            typical = _leafwise(ad, self.problem.out_parts)
            rounding = (share + FLOOR) * (np.abs(ad) + typical) + self.share * np.abs(ad)

        def unsettled(slope: np.ndarray, error: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            with np.errstate(all="ignore"):
                rough = (error > 4e-6 * (typical + np.abs(slope))) & (typical > 0)
                return rough & np.isfinite(ad), ~(np.abs(ad - slope) <= 2 * error + rounding) & np.isfinite(ad)

        found = self.slopes(ids, plan.along, where, unsettled, contract=False)
        return ad, where, found, allowed(found, rounding, self.share), values


def _leafwise(rows: np.ndarray, parts: Sequence[Part]) -> np.ndarray:
    """The root mean square of each row over each part, in every place of it."""
    found = np.zeros_like(rows)
    for part in parts:
        if part.size:
            piece = np.where(np.isfinite(rows[:, part.rows]), rows[:, part.rows], 0.0)
            top = np.abs(piece).max(axis=1, keepdims=True)
            found[:, part.rows] = top * np.sqrt(np.mean((piece / np.where(top > 0, top, 1.0)) ** 2, axis=1, keepdims=True))
    return found


def _rounded(vector: np.ndarray, parts: Sequence[Part]) -> np.ndarray:
    """The vector at the precision of each part's own type, so that every program gets the same."""
    found = np.empty_like(vector)
    for part in parts:
        real = np.dtype(part.dtype.type(0).real.dtype) if jnp.issubdtype(part.dtype, jnp.complexfloating) else part.dtype
        found[part.rows] = vector[part.rows].astype(real).astype(np.float64)
    return found


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0] if lines else ''}"[:200]
