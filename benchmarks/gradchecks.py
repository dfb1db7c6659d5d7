"""Gradient checkers on functions with known right and wrong gradients: ``python benchmarks/gradchecks.py [--half tuned] [--figure FILE.png]``."""

import argparse
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.test_util import check_grads

from jaxreview.gradcheck import METHODS, GradientReport, check_gradients, numerical_gradient

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from gradients import HALVES, Entry  # pyright: ignore[reportMissingImports]

__all__ = ["CHECKERS", "Outcome", "ask", "fixed_tolerance", "table"]

DIRECTIONS = 8
# PyTorch's defaults, for float64: torch.autograd.gradcheck(eps=1e-6, atol=1e-5, rtol=1e-3), every coordinate of every input for every output.
EPS, ATOL, RTOL = 1e-6, 1e-5, 1e-3


def ours(fn: Callable[..., Any], args: tuple[Any, ...], order: int) -> None:
    report: GradientReport = check_gradients(fn, *args, order=order, directions=DIRECTIONS)
    report.raise_if_wrong()


def _flat(fn: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Callable[..., Any], list[Any]]:
    """The function of its real and complex leaves alone, to such leaves: what the other checkers can take."""
    leaves, tree = jax.tree.flatten(args)
    moving = [i for i, leaf in enumerate(leaves) if jnp.issubdtype(jnp.asarray(leaf).dtype if not _key(leaf) else jnp.int32, jnp.inexact)]

    def call(*moved: Any) -> list[Any]:
        now = list(leaves)
        for i, leaf in zip(moving, moved, strict=True):
            now[i] = leaf
        return [out for out in jax.tree.leaves(fn(*jax.tree.unflatten(tree, now))) if jnp.issubdtype(out.dtype, jnp.inexact)]

    return call, [jnp.asarray(leaves[i]) for i in moving]


def _key(leaf: Any) -> bool:
    return hasattr(leaf, "dtype") and not isinstance(leaf.dtype, np.dtype)


def jax_check(modes: Sequence[str]) -> Callable[..., None]:
    """``jax.test_util.check_grads`` as many times as there are directions; it takes one at random in each."""

    def check(fn: Callable[..., Any], args: tuple[Any, ...], order: int) -> None:
        call, moving = _flat(fn, args)
        for _ in range(DIRECTIONS):
            check_grads(call, moving, order=order, modes=modes)

    return check


def fixed_tolerance(fn: Callable[..., Any], args: tuple[Any, ...], order: int) -> None:
    """Every coordinate by a central difference of a fixed step in float64, within fixed tolerances, as ``torch.autograd.gradcheck`` compares."""
    with jax.enable_x64(True):
        call, moving = _flat(
            fn, jax.tree.map(lambda a: a if _key(a) or not jnp.issubdtype(jnp.asarray(a).dtype, jnp.floating) else jnp.asarray(a, jnp.float64), args)
        )
        if any(jnp.issubdtype(leaf.dtype, jnp.complexfloating) for leaf in moving):
            raise NotImplementedError("complex inputs")
        sizes = [leaf.size for leaf in moving]
        if sum(sizes) > 10_000:
            raise NotImplementedError("too wide for a full Jacobian")

        def vector(point: Any) -> Any:
            parts = jnp.split(point, np.cumsum(sizes)[:-1].tolist())
            outs = call(*(part.reshape(leaf.shape) for part, leaf in zip(parts, moving, strict=True)))
            return jnp.concatenate([jnp.ravel(out).astype(jnp.float64) for out in outs])

        point = jnp.concatenate([leaf.ravel() for leaf in moving])
        value, pull = jax.vjp(vector, point)
        jacobian = jax.jit(lambda cs: jax.lax.map(lambda c: pull(c)[0], cs))(jnp.eye(value.size))
        rows = jax.jit(lambda p: jax.lax.map(lambda i: (vector(p.at[i].add(EPS)) - vector(p.at[i].add(-EPS))) / (2 * EPS), jnp.arange(p.size)))(point)
        if not np.allclose(np.asarray(jacobian).T, np.asarray(rows), rtol=RTOL, atol=ATOL):
            raise AssertionError("the Jacobians differ")


CHECKERS: dict[str, Callable[..., None]] = {
    "jaxreview check_gradients": ours,
    "check_grads, both modes": jax_check(("fwd", "rev")),
    "check_grads, reverse": jax_check(("rev",)),
    "fixed tolerance (PyTorch's)": fixed_tolerance,
}


@dataclass(frozen=True)
class Outcome:
    """What one checker said of one function: accepted, rejected by a comparison, or ended by another exception; and how long it took."""

    entry: Entry
    accepted: bool
    crashed: bool
    seconds: float


def ask(entry: Entry, checker: Callable[..., None]) -> Outcome:
    """One checker on one function, made anew, from nothing compiled."""
    jax.clear_caches()
    with jax.enable_x64(entry.x64), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fn, args = entry.make()
        start = time.process_time()
        try:
            checker(fn, args, entry.order)
            accepted, crashed = True, False
        except AssertionError:
            accepted, crashed = False, False
        except Exception:
            accepted, crashed = False, True
        return Outcome(entry, accepted, crashed, time.process_time() - start)


def table(found: dict[str, list[Outcome]]) -> str:
    """Detection, false alarms and time of each checker."""
    lines = [f"{'checker':<30}  {'wrong caught':>14}  {'by comparison':>14}  {'right rejected':>15}  {'CPU time':>9}  directions"]
    for name, outcomes in found.items():
        wrong, right = [o for o in outcomes if o.entry.wrong], [o for o in outcomes if not o.entry.wrong]
        caught, compared, alarms = sum(not o.accepted for o in wrong), sum(not o.accepted and not o.crashed for o in wrong), sum(not o.accepted for o in right)
        shares = [f"{n}/{len(of)} {n / max(1, len(of)):>5.0%}" for n, of in ((caught, wrong), (compared, wrong), (alarms, right))]
        count = "every coordinate" if "fixed" in name else str(DIRECTIONS)
        lines.append(f"{name:<30}  {shares[0]:>14}  {shares[1]:>14}  {shares[2]:>15}  {sum(o.seconds for o in outcomes):>7.0f} s  {count}")
    return "\n".join(lines)


def draw(file: Path) -> None:
    """The error of each method against the step: truncation falls with it on the right, rounding rises on the left."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    x, exact = 0.7, float(np.cos(0.7))
    steps = np.logspace(-14, 0, 400)
    figure = Figure(figsize=(8, 5), dpi=120)
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for (name, (offsets, weights, power)), colour in zip(METHODS.items(), ("#1b6ca8", "#c8553d", "#588157"), strict=True):
        slopes = sum(w * np.sin(x + o * steps) for o, w in zip(offsets, weights, strict=True)) / steps
        axes.loglog(steps, np.abs(slopes - exact) + 1e-18, color=colour, lw=1, label=name.replace("_", "-"))
        axes.axvline(2.0 ** (-52 * power), color=colour, ls=":", lw=1)
    with jax.enable_x64(True):
        error = abs(float(numerical_gradient(jnp.sin, np.float64(x)).item()) - exact)
    axes.axhline(error + 1e-18, color="#333333", lw=1, ls="--", label="extrapolated, step chosen by its own error")
    axes.set(xlabel="step h", ylabel="error of the derivative of sin at 0.7", ylim=(1e-17, 10), title="Too long a step truncates, too short a one rounds")
    axes.plot([], [], color="#333333", ls=":", lw=1, label="the step where the theory puts the least error")
    axes.legend(framealpha=1, edgecolor="none")
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(file)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", choices=[*HALVES, "both"], default="both", help="which half of the corpus")
    parser.add_argument("--checkers", nargs="*", default=list(CHECKERS), help="some of: " + ", ".join(CHECKERS))
    parser.add_argument("--figure", type=Path, help="draw the error-against-step curve into this file, and check nothing")
    parser.add_argument("--verbose", action="store_true", help="a line for each wrong answer")
    asked = parser.parse_args()
    if asked.figure:
        draw(asked.figure)
        return
    for half in HALVES if asked.half == "both" else (asked.half,):
        wrong = sum(entry.wrong for entry in HALVES[half])
        print(f"\n{half}: {len(HALVES[half]) - wrong} right functions, {wrong} wrong ones; JAX {jax.__version__} on {jax.default_backend()}", flush=True)
        found = {}
        for name in asked.checkers:
            found[name] = [ask(entry, CHECKERS[name]) for entry in HALVES[half]]
            lines = table({name: found[name]}).splitlines()
            print("\n".join(lines if len(found) == 1 else lines[1:]), flush=True)
        if asked.verbose:
            for name, outcomes in found.items():
                for one in outcomes:
                    if one.accepted == one.entry.wrong:
                        print(f"{name}: {one.entry} ({one.entry.kind}) {'accepted' if one.accepted else 'rejected'}")


if __name__ == "__main__":
    main()
