"""The checker's public functions."""

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np

from jaxreview import _checks
from jaxreview.gradcheck import comparisons
from jaxreview.gradcheck.probes import EVERY_COORDINATE
from jaxreview.gradcheck.problem import Problem
from jaxreview.gradcheck.report import Check, GradientError, GradientReport
from jaxreview.gradcheck.second_order import second_order
from jaxreview.gradcheck.session import Session, Unavailable

__all__ = ["assert_gradients", "check_gradients", "float64_device"]

# Backends that compute in float64.
# Equations of a program that is called without compilation too, each of which costs a compilation of its own.
SHORT = 12
HAVE_FLOAT64 = ("cpu", "gpu", "cuda", "rocm")


def float64_device(notes: list[str]) -> Any:
    """The default device where it has float64; else the CPU, with a note."""
    backend = jax.default_backend()
    if backend in HAVE_FLOAT64:
        return contextlib.nullcontext()
    notes.append(f"the backend {backend} has no float64: evaluated on the CPU")
    return jax.default_device(jax.devices("cpu")[0])


def check_gradients(
    fn: Callable[..., Any],
    *args: Any,
    argnums: int | Sequence[int] | None = None,
    order: int = 1,
    directions: int = 8,
    seed: int = 0,
    elsewhere: bool = True,
    consistency: bool | None = None,
) -> GradientReport:
    """Compare JAX's derivatives of a function with finite differences: J·v (forward) and c·J (reverse).

    The verdict is statistical. The function is traced at the caller's dtypes and evaluated in float64, whatever the x64 setting; each numerical derivative
    comes with its own error (Ridders' extrapolation, the function's noise), JAX's with its rounding, and a derivative is wrong when it lies outside of both.
    Compared are, leaf by leaf, reverse and forward mode with differences; both with each other (the adjoint identity); the values that come with
    derivatives; the gradient as the caller's own types compute it; `vmap` of the gradient with the gradients one by one; the function called as it is with its
    compiled value; with `order=2` forward over reverse, reverse over reverse and reverse over forward. A leaf of up to 512 numbers is judged at every
    coordinate, a larger one along directions. At a kink JAX's value must be one of the slopes around it, and right beside it. Complex numbers follow JAX's
    convention: the gradient of a real function of z = x + iy is ∂f/∂x − i ∂f/∂y.

    Args:
        fn: any function of pytrees to pytrees. Integers, booleans, keys and None are left alone.
        args: the point at which to check.
        argnums: positions of the arguments to differentiate; None for every argument with a real or complex leaf.
        order: 1, or 2 for the second derivatives as well.
        directions: how many random directions, for forward mode and for large leaves.
        seed: of the directions.
        elsewhere: whether to check beside the point and with flipped signs as well, where the function is finite there.
        consistency: whether to compare with the caller's own types, `vmap` and the call without compilation. None leaves out the last, which compiles
            each operation by itself, for all but short programs.

    Returns:
        A GradientReport: `.ok`, `.verdict`, `.checks`, `.notes`, `.raise_if_wrong()`, `.to_dict()`, and a table as its `str`.

    Raises:
        TypeError: `fn` is not callable, a checked argument has no real leaf, or JAX can differentiate the function in no mode.
        ValueError: there is nothing to differentiate, or a setting is out of range.

    References:
        L. F. Richardson, "The approximate arithmetical solution by finite differences", Phil. Trans. A 210 (1911);
        C. J. F. Ridders, "Accurate computation of F′(x) and F′(x)F″(x)", Advances in Engineering Software 4 (1982);
        J. J. Moré & S. M. Wild, "Estimating computational noise", SIAM J. Sci. Comput. 33 (2011);
        Nocedal & Wright, Numerical Optimization (2006), section 8.1.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.gradcheck import check_gradients
        >>> check_gradients(jnp.sin, jnp.array([0.3, 2.0])).ok
        True
    """
    if not callable(fn):
        raise TypeError(f"check_gradients: fn is {fn!r}; it needs a function")
    _checks.choice("check_gradients", "order", order, (1, 2))
    if directions < 1:
        raise ValueError(f"check_gradients: directions is {directions}; it needs at least 1")
    notes: list[str] = []
    problem = Problem("check_gradients", fn, args, argnums)
    with jax.enable_x64(True), float64_device(notes):
        try:
            session = Session(problem, np.random.default_rng(seed), directions, elsewhere, EVERY_COORDINATE)
        except Unavailable as reasons:
            raise TypeError(f"check_gradients: JAX differentiates this function in no mode ({reasons}); there is nothing to check") from None
        checks = _all(session, order, consistency)
    if session.reverse is not None:
        notes += _resolution(session)
    return GradientReport(tuple(checks), (*session.notes, *notes))


def _all(session: Session, order: int, consistency: bool | None) -> list[Check]:
    nan = float("nan")
    checks = [Check(mode, "all", (), nan, nan, nan, 0.0, "wrong", nan, "given", 0, f"the rule fails: {said}") for mode, said in session.crashes.items()]
    if not np.isfinite(session.values[0]).all():
        worst = int(np.argmax(~np.isfinite(session.values[0])))
        part = next(part for part in session.problem.out_parts if worst < part.stop)
        value = float(session.values[0][worst])
        return [
            *checks,
            Check("value", part.path, (), value, value, nan, 0.0, "not finite", nan, "given", session.problem.m, "the function itself is not finite here"),
        ]
    if not session.repeats:
        return [*checks, *comparisons.eager(session, np.zeros((1, session.problem.m)))]
    if order == 2:
        session.directions = min(session.directions, 8)
    session.gradients()
    plan = session.plan()
    if session.reverse is not None:
        checks += comparisons.reverse(session, plan)
    if session.forward is not None:
        kinked = any(check.verdict == "kink" for check in checks)
        found, pushed, value = comparisons.forward(session, plan, kinked)
        checks += found
        if session.reverse is not None:
            checks += comparisons.adjoint(session, plan, pushed)
        if session.reverse is None:
            checks += comparisons.values(session, "value of forward", value)
    if session.reverse is not None:
        checks += comparisons.values(session, "value of reverse", session.pulled_value[0][None])
    if order == 2:
        checks += second_order(session)
    if consistency is not False:
        found, noise = comparisons.by_the_caller(session)
        checks += found
        if consistency or session.traits.length <= SHORT:
            checks += comparisons.eager(session, noise)
        else:
            checks += comparisons.repeated(session)
    return checks


def _resolution(session: Session) -> list[str]:
    wide = [part.path for part in session.problem.parts if part.size > session.limit]
    if not wide:
        return []
    k = session.directions
    return [
        f"{', '.join(wide)}: more than {session.limit} numbers, judged along {k} random directions, the gradient's own and groups by size; "
        f"an error whose norm is 10 times what one direction can tell is missed with a probability below {0.08**k:.0e}"
    ]


def assert_gradients(
    fn: Callable[..., Any],
    *args: Any,
    argnums: int | Sequence[int] | None = None,
    order: int = 1,
    directions: int = 8,
    seed: int = 0,
    elsewhere: bool = True,
    consistency: bool | None = None,
) -> None:
    """Fail unless JAX's derivatives of a function are right and the check proves it: for tests.

    Beyond what is wrong, not finite or not deterministic it also refuses a check that proves nothing: gradients that are zero throughout, or drowned in noise.

    Args:
        fn: any function of pytrees to pytrees.
        args: the point at which to check.
        argnums, order, directions, seed, elsewhere, consistency: as of `check_gradients`.

    Returns:
        Nothing.

    Raises:
        GradientError: a derivative is wrong, or nothing is proven. It is an AssertionError and its message is the table.
        TypeError, ValueError: as of `check_gradients`.

    References:
        As of `check_gradients`.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.gradcheck import assert_gradients
        >>> assert_gradients(jnp.tanh, jnp.array([0.3, 2.0]))
    """
    report = check_gradients(
        fn, *args, argnums=argnums, order=order, directions=directions, seed=seed, elsewhere=elsewhere, consistency=consistency
    ).raise_if_wrong()
    if report.verdict in ("vacuous", "too noisy"):
        raise GradientError(f"the check is {report.verdict} and proves nothing:\n{report}")
