"""Numerical gradients by themselves, by four methods."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from jaxreview import _checks
from jaxreview.gradcheck.checking import float64_device
from jaxreview.gradcheck.differences import OFFSETS, settle
from jaxreview.gradcheck.evaluation import Directions, Program
from jaxreview.gradcheck.probes import ULP, sizes
from jaxreview.gradcheck.problem import Problem

__all__ = ["METHODS", "numerical_gradient"]

# Where the points lie, in steps, and what their values count for; the step of least error for each, as a power of the rounding ε.
METHODS: dict[str, tuple[tuple[float, ...], tuple[float, ...], float]] = {
    "forward": ((1.0, 0.0), (1.0, -1.0), 1 / 2),
    "central": ((1.0, -1.0), (0.5, -0.5), 1 / 3),
    "five_point": ((2.0, 1.0, -1.0, -2.0), (-1 / 12, 8 / 12, -8 / 12, 1 / 12), 1 / 5),
}


def numerical_gradient(fn: Callable[..., Any], *args: Any, method: str = "extrapolated") -> Any:
    """Gradient of a scalar function by differences in float64, for example (f(x + h) − f(x − h)) / 2h for each coordinate.

    The step h is the coordinate's own size (its leaf's where it is zero) times ε^(1/2), ε^(1/3) or ε^(1/5) for `"forward"`, `"central"` and
    `"five_point"`: where truncation, of order h, h² and h⁴, and rounding, ε / h, balance. `"extrapolated"` chooses the step by its own error estimate.

    Args:
        fn: a function of pytrees of arrays to one real number.
        args: the point. Integers, booleans, keys and None are left alone.
        method: `"forward"`, `"central"`, `"five_point"` or `"extrapolated"`.

    Returns:
        The gradient for every argument as float64 NumPy arrays (None in place of what is not real; complex ones as ∂f/∂x − i ∂f/∂y): a tuple, or, with
        one argument, its gradient alone.

    Raises:
        TypeError: `fn` is not callable, or its result is not one real number.
        ValueError: no argument has a real leaf, or the method is unknown.

    References:
        L. F. Richardson, "The approximate arithmetical solution by finite differences", Phil. Trans. A 210 (1911);
        C. J. F. Ridders, "Accurate computation of F′(x) and F′(x)F″(x)", Advances in Engineering Software 4 (1982);
        Nocedal & Wright, Numerical Optimization (2006), section 8.1.

    Examples:
        >>> import numpy as np
        >>> from jaxreview.gradcheck import numerical_gradient
        >>> np.round(numerical_gradient(lambda x: x**2, 3.0), 6).item()
        6.0
    """
    if not callable(fn):
        raise TypeError(f"numerical_gradient: fn is {fn!r}; it needs a function")
    _checks.choice("numerical_gradient", "method", method, (*METHODS, "extrapolated"))
    problem = Problem("numerical_gradient", fn, args, None)
    shapes = [leaf.shape for leaf in problem.out]
    if shapes != [()] or problem.m != 1:
        raise TypeError(f"numerical_gradient: fn gives real arrays of shapes {shapes}; it needs to give one real number")
    with jax.enable_x64(True), float64_device([]):
        units = sizes(problem.point, problem.parts)
        along, ids = Directions(np.zeros((1, problem.n)), units), 1 + np.arange(problem.n)
        bases = np.stack([problem.point, problem.point * (1 + ULP)])
        one = np.ones(1)
        program = Program(problem, problem.value, ((problem.out, 1.0),))
        values = program(bases, along, one, np.arange(2), np.zeros(2, int), np.zeros(2))
        epsilon = ULP

        def at(numbers: np.ndarray, h: np.ndarray, offsets: np.ndarray) -> np.ndarray:
            which, steps = np.repeat(ids[numbers], len(offsets)), (h[:, None] * offsets).ravel()
            return program(bases, along, one, 0, which, steps).reshape(len(numbers), len(offsets), 1)

        if method == "extrapolated":
            noise = np.full((problem.n, 1), max(epsilon * float(np.abs(values[0, 0])), float(np.abs(values[1, 0] - values[0, 0]))))
            centre = np.full((problem.n, 1), values[0, 0])
            found = settle(lambda n, h: at(n, h, OFFSETS), centre, noise, lambda s, e: (e > 1e-9 * np.abs(s), np.zeros_like(s, bool)))
            slope = found.slope[:, 0]
        else:
            offsets, weights, power = METHODS[method]
            h = np.full(problem.n, epsilon**power)
            slope = (at(np.arange(problem.n), h, np.asarray(offsets))[:, :, 0] @ np.asarray(weights)) / h
    gradient = problem.grown(slope / units)
    return gradient[0] if len(args) == 1 else gradient
