"""Second derivatives, by each of JAX's three ways, against differences of the gradient."""

import numpy as np

from jaxreview.gradcheck.comparisons import _entries
from jaxreview.gradcheck.differences import OFFSETS, Estimate, settle
from jaxreview.gradcheck.evaluation import Directions
from jaxreview.gradcheck.report import Check
from jaxreview.gradcheck.session import EACH, EPSILON, Session, _leafwise
from jaxreview.gradcheck.verdict import allowed

__all__ = ["second_order"]


def second_order(session: Session) -> list[Check]:
    """Forward over reverse, entry by entry; reverse over reverse and reverse over forward, leaf by leaf."""
    p, rng, run = session.problem, session.rng, session.reverse
    if run is None:
        session.notes.append("second order: needs reverse mode")
        return []
    units, mixed = session.units, max(1, min(session.directions, 8))
    layout = ((p.own, -1.0),)
    modes = {
        "forward over reverse": session.mode("forward over reverse", p.forward_over_reverse, layout),
        "reverse over reverse": session.mode("reverse over reverse", p.reverse_over_reverse, layout),
        "reverse over forward": session.mode("reverse over forward", p.reverse_over_forward, layout),
    }
    dense, leaf = [units * rng.standard_normal(p.n) for _ in range(mixed)], []
    for index, part in enumerate(p.parts):
        for _ in range(EACH if part.size else 0):
            row = np.zeros(p.n)
            row[part.rows] = units[part.rows] * rng.standard_normal(part.size)
            dense.append(row)
            leaf.append(index)
    again, tangent = units * rng.standard_normal(p.n), units * rng.standard_normal(p.n)
    along = Directions(np.stack([*dense, again, tangent]), units, session.rows)
    count = len(dense)
    ids = np.arange(count)
    cotangent = session.cotangent
    found_at = {}
    for name, program in modes.items():
        if program is not None:
            wanted = ids[:mixed] if name == "forward over reverse" else np.array([count if name == "reverse over reverse" else count + 1])
            found_at[name] = program(session.bases, along, cotangent, 0, wanted, np.zeros(len(wanted)))
    gradient = session.gradient[0]
    share = 64 * max(EPSILON, session.epsilon if run.own else 0.0) + float(session.rounding.max()) + session.share

    ahead = found_at.get("forward over reverse")

    def measure(numbers: np.ndarray, h: np.ndarray) -> np.ndarray:
        found = run(session.bases, along, cotangent, 0, np.repeat(ids[numbers], 4), (h[:, None] * OFFSETS).ravel())[:, : p.n]
        return found.reshape(len(numbers), 4, -1)

    def unsettled(slope: np.ndarray, error: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        with np.errstate(all="ignore"):
            rough = error > 1e-4 * (np.abs(slope) + _leafwise(np.nan_to_num(slope, posinf=0.0, neginf=0.0), p.parts))
            off = np.zeros_like(rough)
            if ahead is not None:
                off[:mixed] = ~(np.abs(ahead - slope[:mixed]) <= 2 * error[:mixed] + share * (np.abs(ahead) + _leafwise(ahead, p.parts)))
        return rough, off

    with np.errstate(all="ignore"):
        noise = np.maximum(4 * max(EPSILON, session.epsilon if run.own else 0.0) * np.abs(gradient), session.shaken)
    found = settle(measure, np.broadcast_to(gradient, (count, p.n)), np.broadcast_to(noise, (count, p.n)), unsettled)
    checks = []
    where = np.zeros(count, int)
    kinked = bool((found.bend != 0).any())
    if ahead is not None:
        part = Estimate(*(a[:mixed] for a in (found.slope, found.error, found.bend, found.step)))
        with np.errstate(all="ignore"):
            rounding = share * (np.abs(ahead) + _leafwise(ahead, p.parts))
        checks += _entries(session, "forward over reverse", p.parts, ahead, part, allowed(part, rounding, session.share), where[:mixed], kinked)
    for name, weight in (("reverse over reverse", again), ("reverse over forward", tangent)):
        if name in found_at:
            checks += _contracted(session, name, found_at[name][0], weight, found, along, np.asarray(leaf, int), mixed, share, kinked)
    return checks


def _contracted(
    session: Session,
    name: str,
    second: np.ndarray,
    weight: np.ndarray,
    found: Estimate,
    along: Directions,
    leaf: np.ndarray,
    mixed: int,
    share: float,
    kinked: bool,
) -> list[Check]:
    """Weight · H d for the directions of each leaf, as JAX's gradient and as differences have it."""
    checks = []
    for index, part in enumerate(session.problem.parts):
        ids = mixed + np.flatnonzero(leaf == index)
        if not len(ids):
            continue
        with np.errstate(all="ignore"):
            ad = along.along(ids, second)[:, None]
            slope, error = (found.slope[ids] @ weight)[:, None], (found.error[ids] @ np.abs(weight))[:, None]
            # What is left of a kink in one entry spreads over the product.
            bend = (found.bend[ids] @ weight)[:, None]
            length = along.length(ids, second) + np.abs(found.slope[ids]) @ np.abs(weight)
        one = Estimate(slope, error, bend, found.step[ids][:, :1])
        column = type(part)(part.path, (), part.dtype, 0, 1)
        checks += _entries(session, name, [column], ad, one, allowed(one, share * length[:, None], session.share), np.zeros(len(ids), int), kinked)
    return checks
