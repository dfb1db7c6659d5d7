"""The comparisons of a session, each leaf's worst entry as a ``Check``."""

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from jaxreview.gradcheck.diagnosis import cause_of, cause_of_ratios
from jaxreview.gradcheck.differences import Estimate
from jaxreview.gradcheck.evaluation import QUICK, Directions, Program
from jaxreview.gradcheck.probes import POINTS, Plan
from jaxreview.gradcheck.problem import Part, is_inexact, split
from jaxreview.gradcheck.promotion import traits
from jaxreview.gradcheck.report import Check
from jaxreview.gradcheck.session import EPSILON, Session, _first_line, _leafwise
from jaxreview.gradcheck.verdict import KINK, NAMES, NOT_FINITE, RIGHT, WRONG, judge, relative

__all__ = ["adjoint", "by_the_caller", "eager", "forward", "repeated", "reverse", "values"]

# Two results of the same program in the same type, compiled in different ways, may differ by this many roundings of their leaf.
ROUNDINGS = 32
NOT_REPEATED = "the function gives different values for the same inputs: a random draw without a fixed key, or a counter outside"
# A leaf whose every slope is known to no better than this share is too noisy; one of no slope at all, if its limit is more than that share of the others.
NOISY, NOTHING = 0.3, 1e-3


def _dims(session: Session, part: Part | None = None) -> dict[int, str]:
    """Numbers that a factor may be."""
    p, found = session.problem, {}
    shapes = [
        *((leaf.shape, path.path) for leaf, path in zip(p.own, p.parts, strict=False)),
        *((leaf.shape, path.path) for leaf, path in zip(p.out, p.out_parts, strict=False)),
    ]
    for shape, path in shapes:
        for axis, size in enumerate(shape):
            if size > 2:
                found.setdefault(size, f"the length of axis {axis} of {path}")
        total = int(np.prod(shape, dtype=int))
        if total > 2:
            found.setdefault(total, f"the size of {path}")
    return found


def _worst(code: np.ndarray, off: np.ndarray, limit: np.ndarray) -> int:
    """The gravest entry; among equals the one that exceeds its limit the most, relative to it."""
    with np.errstate(all="ignore"):
        share = np.nan_to_num(off / limit, nan=0.0, posinf=1e300)
    return int(np.lexsort((share, code))[-1])


def _place(part: Part, index: int) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(index, part.shape)) if part.shape else ()


def reverse(session: Session, plan: Plan) -> list[Check]:
    """JAX's gradient against differences, leaf by leaf."""
    p = session.problem
    ad, _, found, limit = session.reverse_rows(plan)
    code = judge(ad, found, limit)[:, 0]
    single = plan.single
    # At a point with a kink in any coordinate a direction that moves several has no derivative to compare with.
    for where in range(3):
        at = plan.point == where
        if (found.bend[at] != 0).any() and (code[at] == KINK).any():
            code[at & ~single & (code == WRONG)] = KINK
    if len(session.elsewhere) > 0:
        ended = ~np.isfinite(found.error[:, 0]) & (plan.point != 0)
        code[ended] = RIGHT
    else:
        ended = np.zeros(len(code), bool)
    ad, slope, limit = ad[:, 0], found.slope[:, 0], limit[:, 0]
    with np.errstate(all="ignore"):
        off = np.abs(ad - slope)
    checks = []
    for index, part in enumerate(p.parts):
        rows = np.flatnonzero((plan.part == index) & ~ended)
        if not len(rows):
            continue
        worst = rows[_worst(code[rows], off[rows], limit[rows])]
        # A single coordinate tells more than a direction that is no worse.
        same = rows[(code[rows] == code[worst]) & single[rows]]
        if len(same):
            worst = same[_worst(code[same], off[same], limit[same])]
        here = rows[plan.point[rows] == 0]
        name, cause = NAMES[code[worst]], ""
        with np.errstate(all="ignore"):
            zero = not np.any(ad[rows]) and bool((np.abs(slope[rows]) <= limit[rows]).all())
            size = np.maximum(np.abs(slope[here]), np.abs(ad[here]))
            rest = max(np.abs(ad).max(initial=0.0), 0.0 if np.any(ad) else np.abs(session.values[0] * session.cotangent).sum())
            clear = bool((limit[here] <= NOISY * size).any()) or bool(zero and (limit[here] <= NOTHING * rest).all())
        if name == "right" and not clear and len(here):
            name, cause = "too noisy", "the function's own noise hides its slope: what was seen neither proves nor refutes the gradient"
        elif name == "right" and zero:
            name = "vacuous"
        coordinate, own, num, err, lim, where = (), ad[worst], slope[worst], off[worst], limit[worst], POINTS[plan.point[worst]]
        unit, alone = 1.0, False
        if single[worst]:
            local = int(plan.ids[worst] - len(plan.along.dense) - part.start)
            coordinate, unit = _place(part, local), plan.along.units[part.start + local]
        elif name == "wrong" and plan.point[worst] == 0:
            single_one = _isolate(session, part, int(plan.ids[worst]), plan.along)
            if single_one is not None:
                alone = True
                local, own, num, lim = single_one
                coordinate, err = _place(part, local), abs(own - num)
        if name == "wrong":
            cause = _cause(session, plan, part, index, ad, slope, code)
            if alone and not cause:
                cause = "found by halving the direction that showed it; others may be wrong too"
        elif name == "kink":
            cause = "the function has a kink (or ends) at this very point; JAX took one of its slopes" + (
                ", and is right beside it" if session.elsewhere else ""
            )
        elif name == "not finite":
            cause = "JAX's gradient is not finite where the function is: often a square root, a division or a norm at 0, or behind a where"
        checks.append(
            Check(
                "reverse",
                part.path,
                coordinate,
                float(own / unit),
                float(num / unit),
                float(err / unit),
                float(lim / unit),
                name,
                relative(ad[here], slope[here]),
                where,
                len(rows),
                cause,
            )
        )
    return checks


def _cause(session: Session, plan: Plan, part: Part, index: int, ad: np.ndarray, slope: np.ndarray, code: np.ndarray) -> str:
    sizes = _dims(session)
    here = (plan.part == index) & (plan.point == 0)
    coordinates = np.flatnonzero(here & plan.single)
    bad = code == WRONG
    if bad[here].any() and len(coordinates) == part.size:
        unit = session.units[part.rows]
        shape = part.shape
        return cause_of(
            (ad[coordinates] / unit).reshape(shape),
            (slope[coordinates] / unit).reshape(shape),
            bad[coordinates].reshape(shape),
            session.problem.point[part.rows].reshape(shape),
            sizes,
            part.path.startswith("imag("),
        )
    if bad[here].any():
        rows = np.flatnonzero(here & ~plan.single)
        return cause_of_ratios(ad[rows], slope[rows], sizes)
    rows = np.flatnonzero((plan.part == index) & bad)
    where = POINTS[plan.point[rows[0]]]
    common = cause_of_ratios(ad[rows], slope[rows], sizes)
    if where == "signs flipped":
        said = "right at the given point, wrong where the inputs have the other sign"
    else:
        said = "right at the given point, wrong beside it: a term that vanishes here is missing"
    return said + (f" ({common})" if common else "")


def _isolate(session: Session, part: Part, number: int, along: Directions) -> tuple[int, float, float, float] | None:
    """The wrong coordinate of a wide leaf, by halving the direction that showed it; its JAX value, its slope and the limit."""
    row = along.dense[number].copy()
    gradient = session.gradient[0]

    def off(rows: np.ndarray) -> np.ndarray:
        dense = np.zeros_like(along.dense)
        dense[: len(rows)] = rows
        tried = Directions(dense, along.units, along.rows)
        found = session.slopes(
            np.arange(len(rows)), tried, np.zeros(len(rows), int), lambda s, e: (e > 1e-6 * np.abs(s), np.zeros_like(s, bool)), contract=True
        )
        return np.abs(rows @ gradient - found.slope[:, 0]) - found.error[:, 0]

    candidates = np.flatnonzero(row)
    while len(candidates) > 1:
        halves = [candidates[: len(candidates) // 2], candidates[len(candidates) // 2 :]]
        rows = np.zeros((2, len(row)))
        for one, half in zip(rows, halves, strict=True):
            one[half] = row[half]
        distances = off(rows)
        if not np.isfinite(distances).all():
            return None
        candidates = halves[int(np.argmax(distances))]
    j = int(candidates[0])
    ids = np.array([len(along.dense) + j])
    found = session.slopes(ids, along, np.zeros(1, int), lambda s, e: (e > 1e-6 * np.abs(s), np.ones_like(s, bool)), contract=True)
    unit = along.units[j]
    own, num, lim = gradient[j], found.slope[0, 0] / unit, 2 * found.error[0, 0] / unit + 1e-12 * abs(gradient[j])
    return (j - part.start, float(own), float(num), float(lim)) if abs(own - num) > lim else None


def _entries(
    session: Session, mode: str, parts: Sequence[Part], ad: np.ndarray, found: Estimate, limit: np.ndarray, where: np.ndarray, kinked: bool
) -> list[Check]:
    """A check for each part of rows (K, width)."""
    code = judge(ad, found, limit)
    if kinked:
        code[(code == WRONG) & (where == 0)[:, None]] = KINK
    for at in (1, 2):
        rows = where == at
        code[rows[:, None] & ~np.isfinite(found.error)] = RIGHT
        if (code[rows] == KINK).any():
            code[rows[:, None] & (code == WRONG)] = KINK
    with np.errstate(all="ignore"):
        off = np.abs(ad - found.slope)
    checks = []
    for part in parts:
        if not part.size:
            continue
        cut = (slice(None), part.rows)
        worst = _worst(code[cut].ravel(), off[cut].ravel(), limit[cut].ravel())
        k, j = divmod(worst, part.size)
        name = NAMES[code[k, part.start + j]]
        here = ad[where == 0][:, part.rows], found.slope[where == 0][:, part.rows]
        cause = ""
        with np.errstate(all="ignore"):
            zero = not np.any(ad[cut]) and bool((np.abs(found.slope[cut]) <= limit[cut]).all())
        if name == "right" and zero:
            name = "vacuous"
        elif name == "wrong":
            bad = code[cut] == WRONG
            cause = cause_of_ratios(ad[cut][bad], found.slope[cut][bad], _dims(session))
            if where[k] and not bad[where == 0].any():
                cause = f"right at the given point, wrong {'beside it' if where[k] == 1 else 'with the signs flipped'}" + (f" ({cause})" if cause else "")
        at = k, part.start + j
        checks.append(
            Check(
                mode,
                part.path,
                _place(part, j),
                float(ad[at]),
                float(found.slope[at]),
                float(off[at]),
                float(limit[at]),
                name,
                relative(*here),
                POINTS[where[k]],
                ad[cut].size,
                cause,
            )
        )
    return checks


def forward(session: Session, plan: Plan, kinked: bool) -> tuple[list[Check], np.ndarray, np.ndarray]:
    """JAX's directional derivatives against differences, output leaf by output leaf; and the derivatives themselves with the values that came along."""
    ad, where, found, limit, pushed = session.forward_rows(plan)
    kinked |= bool((found.bend[where == 0] != 0).any())
    return _entries(session, "forward", session.problem.out_parts, ad, found, limit, where, kinked), ad[where == 0], pushed[:1]


def adjoint(session: Session, plan: Plan, pushed: np.ndarray) -> list[Check]:
    """Forward against reverse: c · J(v) = Jᵀ(c) · v."""
    ids = np.arange(plan.mixed)
    gradient = session.gradient[0]
    with np.errstate(all="ignore"):
        ahead, back = pushed @ session.cotangent, plan.along.along(ids, gradient)
        rounding = 16 * float(session.rounding.max()) * (plan.along.length(ids, gradient) + np.abs(pushed) @ np.abs(session.cotangent))
    if not (np.isfinite(ahead).all() and np.isfinite(back).all()):
        return []
    off = np.abs(ahead - back)
    worst = int(np.argmax(off - rounding))
    wrong = off[worst] > rounding[worst]
    cause = cause_of_ratios(back, ahead, _dims(session)) if wrong else ""
    verdict = "wrong" if wrong else "right"
    return [
        Check(
            "adjoint",
            "all",
            (worst,),
            float(back[worst]),
            float(ahead[worst]),
            float(off[worst]),
            float(rounding[worst]),
            verdict,
            relative(back, ahead),
            "given",
            len(ids),
            cause,
        )
    ]


def _same(mode: str, parts: Sequence[Part], got: np.ndarray, want: np.ndarray, limit: np.ndarray, cause: str) -> list[Check]:
    """One check over rows (K, width) that ought to be the same numbers."""
    with np.errstate(all="ignore"):
        off = np.abs(got - want)
    equal = (got == want) | (np.isnan(got) & np.isnan(want))
    off = np.where(equal, 0.0, off)
    code = np.where(equal | (off <= limit), RIGHT, np.where(np.isfinite(got) | ~np.isfinite(want), WRONG, NOT_FINITE))
    if not got.size:
        return []
    worst = _worst(code.ravel(), off.ravel(), limit.ravel())
    k, j = divmod(worst, got.shape[1])
    part = next(part for part in parts if part.start <= j < part.stop)
    name = NAMES[code[k, j]]
    return [
        Check(
            mode,
            part.path,
            _place(part, j - part.start),
            float(got[k, j]),
            float(want[k, j]),
            float(off[k, j]),
            float(limit[k, j]),
            name,
            relative(got, want),
            "given",
            got.size,
            cause if name != "right" else "",
        )
    ]


def values(session: Session, mode: str, pushed: np.ndarray) -> list[Check]:
    """The value that a derivative's rule gives against the function's own."""
    want = session.values[:1]
    share = ROUNDINGS * session.epsilon
    with np.errstate(all="ignore"):
        limit = share * (np.abs(want) + _leafwise(want, session.problem.out_parts)) + 8 * session.noise[:1]
    return _same(mode, session.problem.out_parts, pushed, want, limit, "the rule of the derivative gives another value than the function")


def by_the_caller(session: Session) -> tuple[list[Check], np.ndarray]:
    """The gradient as the caller's own program computes it: against the one in float64, and under vmap; and the noise of its values.

    Rounding is told from error by moving the inputs: what changes sign or size from one point to the next is rounding, what stays is not.
    """
    p, run = session.problem, session.reverse
    if run is None:
        return [], np.zeros((1, p.m))
    rng, checks = session.rng, []
    epsilon = max(traits(run.traced).epsilon, EPSILON)
    coarse = epsilon > EPSILON and not run.own
    count = 7 if coarse else 2
    reach = np.concatenate([[0.0], np.geomspace(1e-1, 1e-3, 6)])[:count]
    points = np.stack([p.point + r * session.units * rng.uniform(-1, 1, p.n) for r in reach])
    points = _in_own_type(points, p.parts)
    ids, steps = np.zeros(count, int), np.zeros(count)
    plain = Program(p, run.traced, run.layout, own=True, capacity=count) if coarse else run
    got = plain(points, session.mixed, session.cotangent, np.arange(count), ids, steps)
    noise = np.zeros(got.shape[1])
    n, both = p.n, [*p.parts, *(Part(q.path, q.shape, q.dtype, q.start + p.n, q.stop + p.n) for q in p.out_parts)]
    with np.errstate(all="ignore"):
        if coarse:
            want = run(points, session.mixed, session.cotangent, np.arange(count), ids, steps)
            away = got - want
            finite = np.isfinite(away)
            middle = np.where(finite, away, 0.0).sum(axis=0) / np.maximum(finite.sum(axis=0), 1)
            spread = np.where(finite, np.abs(away - middle), 0.0).max(axis=0)
            noise = np.where(finite, np.abs(away), 0.0).max(axis=0)
            tiny = float(np.finfo(np.float32).tiny)
            limit = 4 * spread + 16 * epsilon * (np.abs(want[0]) + _leafwise(want[:1], both)[0]) + tiny
            typical = np.where(np.isfinite(got[:1]), want[:1] + middle, got[:1])
            said = (
                f"right in float64, wrong as the program computes it (its coarsest type has ε = {epsilon:.2g}): "
                "overflow, underflow, cancellation or a lost cast in the rule"
            )
            checks += _same("own precision", p.parts, typical[:, :n], want[:1, :n], limit[None, :n], said)
        shaken = np.concatenate([session.shaken, np.zeros(p.m)]) if not coarse else np.zeros(n + p.m)
        limit = ROUNDINGS * epsilon * (np.abs(got[:2]) + _leafwise(got[:2], both)) + 8 * (noise + np.nan_to_num(shaken))
    try:
        alike = _vmapped(session, plain, points[:2])
    except Exception as error:
        session.notes.append(f"vmap: not possible here ({_first_line(error)})")
    else:
        checks += _same("vmap", both, alike, got[:2], limit, "the gradient under vmap differs from the gradients one by one")
    return checks, np.maximum(noise[n:], 0.0)[None]


def _vmapped(session: Session, plain: Program, points: np.ndarray) -> np.ndarray:
    own = Program(session.problem, plain.traced, plain.layout, own=True)
    zeros = np.zeros(session.problem.n)
    return np.asarray(jax.jit(jax.vmap(own.at, (0, None, None)), compiler_options=QUICK)(points, zeros, session.cotangent))


def _in_own_type(points: np.ndarray, parts: Sequence[Part]) -> np.ndarray:
    found = points.copy()
    for part in parts:
        real = np.dtype(part.dtype.type(0).real.dtype) if part.dtype.kind == "c" else part.dtype
        found[:, part.rows] = points[:, part.rows].astype(real).astype(np.float64)
    return found


def repeated(session: Session) -> list[Check]:
    """Whether the function traced once more is the same program."""
    p = session.problem
    with p.own_setting():
        again = jax.make_jaxpr(lambda moving: p.fn(*p.rebuild(moving)))([p.leaves[i] for i in p.moving])
    same = str(again.jaxpr) == str(p.value.jaxpr) and len(again.consts) == len(p.value.consts)
    for a, b in zip(again.consts, p.value.consts, strict=False):
        if is_inexact(a) and is_inexact(b):
            same &= np.array_equal(np.asarray(a), np.asarray(b), equal_nan=True)
    nan = float("nan")
    if same:
        return []
    return [Check("traced twice", "all", (), nan, nan, nan, 0.0, "not deterministic", nan, "given", p.m, NOT_REPEATED)]


def eager(session: Session, noise: np.ndarray) -> list[Check]:
    """The function called as it is, twice, against its compiled value."""
    p = session.problem

    def called(point: np.ndarray | None = None) -> np.ndarray:
        with p.own_setting():
            moving = [p.leaves[i] for i in p.moving] if point is None else split(point, p.own, 1.0, True)
            leaves = jax.tree.leaves(p.fn(*p.rebuild(moving)))
        flat = []
        for index in p.kept:
            leaf: Any = np.asarray(leaves[index]).ravel()
            flat += [leaf.real.astype(np.float64), leaf.imag.astype(np.float64)] if leaf.dtype.kind == "c" else [leaf.astype(np.float64)]
        return np.concatenate(flat)

    try:
        first, again = called(), called()
    except Exception as error:
        session.notes.append(f"eager: not possible here ({_first_line(error)})")
        return []
    if not session.repeats or not np.array_equal(first, again, equal_nan=True):
        worst = int(np.argmax(np.abs(first - again)))
        away = float(abs(first[worst] - again[worst]))
        return [Check("eager", "all", (worst,), float(first[worst]), float(again[worst]), away, 0.0, "not deterministic", 0.0, "given", p.m, NOT_REPEATED)]
    epsilon = max(session.traits.epsilon, EPSILON)
    want = session.values[:1]
    with np.errstate(all="ignore"):
        limit = ROUNDINGS * epsilon * (np.abs(want) + _leafwise(want, p.out_parts)) + 8 * (noise + session.noise[:1])
    said = "the function called as it is gives another value than compiled"
    checks = _same("eager", p.out_parts, first[None], want, limit, said)
    if checks and not checks[0].ok:  # rounding, which another point draws anew, or a difference that stays?
        points = np.stack([p.point, *(p.point + r * session.units * session.rng.uniform(-1, 1, p.n) for r in np.geomspace(1e-1, 1e-3, 6))])
        points = _in_own_type(points, p.parts)
        away = np.stack([called(point) for point in points]) - session.value(points, session.mixed, session.ones, np.arange(7), np.zeros(7, int), np.zeros(7))
        spread = np.abs(away - away.mean(0)).max(0)[None]
        checks = _same("eager", p.out_parts, want + away.mean(0), want, limit + np.nan_to_num(4 * spread), said)
    return checks
