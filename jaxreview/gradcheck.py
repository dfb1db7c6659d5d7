"""Gradient checking: derivatives as JAX computes them against central differences taken in float64.

The differences are taken in float64 whatever the caller's x64 setting is (under JAX's thread-local context, so nothing changes for the process) and
extrapolated from two steps: with D(h) = (f(x + h) − f(x − h)) / 2h, (4 D(h/2) − D(h)) / 3 has an error of order h⁴ (Richardson 1911). The
step is ε^(1/5) times the input's scale, where truncation h⁴ and rounding ε/h balance. What is allowed is a share of the largest derivative of the leaf
plus the rounding noise of the function at that step: it never grows with the size of an array.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxreview import _checks

__all__ = ["Check", "GradientError", "GradientReport", "check_gradients", "numerical_gradient"]

# A derivative is right when it agrees within this share of its leaf's largest derivative: 10⁴ times what the extrapolated difference
# of a smooth, well scaled function in float64 is off by.
AGREEMENT = 1e-6
# Leaves up to this size are checked coordinate by coordinate; larger ones along random directions.
EVERY_COORDINATE = 512


class GradientError(AssertionError):
    """A gradient that is not the derivative of its function."""


@dataclass(frozen=True)
class Check:
    """One comparison: the worst entry of one leaf under one mode.

    Attributes:
        mode: what was compared, for example ``"reverse"`` or ``"forward over reverse"``.
        leaf: path of the input leaf (reverse) or output leaf (forward).
        coordinate: index of the worst entry; for a random direction its number.
        ad: JAX's value there. numerical: the difference quotient. error: their distance. allowed: the most it may be.
    """

    mode: str
    leaf: str
    coordinate: tuple[int, ...]
    ad: float
    numerical: float
    error: float
    allowed: float

    @property
    def ok(self) -> bool:
        """Whether the error is within what is allowed; a NaN never is."""
        return bool(self.error <= self.allowed)


@dataclass(frozen=True)
class GradientReport:
    """All comparisons of one ``check_gradients`` call; prints as a table."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether every comparison agrees."""
        return all(check.ok for check in self.checks)

    def raise_if_wrong(self) -> "GradientReport":
        """Raise a GradientError with the table if a comparison disagrees; else give the report back.

        Raises:
            GradientError: a derivative is wrong.
        """
        if not self.ok:
            raise GradientError(f"the gradient is wrong:\n{self}")
        return self

    def __str__(self) -> str:
        head = ("mode", "leaf", "worst at", "jax", "numerical", "error", "allowed", "")
        rows = [
            (c.mode, c.leaf, str(list(c.coordinate)), f"{c.ad:.9g}", f"{c.numerical:.9g}", f"{c.error:.2g}", f"{c.allowed:.2g}", "ok" if c.ok else "WRONG")
            for c in self.checks
        ]
        widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
        return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in (head, *rows))


def check_gradients(
    fn: Callable[..., Any],
    *args: Any,
    argnums: int | Sequence[int] | None = None,
    order: int = 1,
    directions: int = 8,
    seed: int = 0,
) -> GradientReport:
    """Compare JAX's derivatives of a function with finite differences: J·v (forward) and c·J (reverse).

    Reverse mode is judged leaf by leaf: every coordinate of a leaf of up to 512 entries, `directions` random directions of a larger one. Forward
    mode is judged output leaf by output leaf along random directions that move all inputs. With `order=2` the gradient itself is
    differentiated: forward over reverse, reverse over reverse and reverse over forward.

    Args:
        fn: any function of pytrees of arrays to pytrees of arrays. Integers, booleans, keys and None are left alone.
        args: the point at which to check. Reals are raised to float64.
        argnums: positions of the arguments to differentiate; None for every argument with a real leaf.
        order: 1, or 2 for the second derivatives as well.
        directions: how many random directions, for forward mode and for large leaves.
        seed: of the directions.

    Returns:
        A GradientReport: `.ok`, `.checks`, `.raise_if_wrong()`, and a table as its `str`.

    Raises:
        TypeError: `fn` is not callable, or a checked argument has no real leaf.
        ValueError: there is nothing to differentiate, or a setting is out of range.

    References:
        L. F. Richardson, "The approximate arithmetical solution by finite differences", Phil. Trans. A 210 (1911);
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
    rng = np.random.default_rng(seed)
    with jax.enable_x64(True):
        problem = _Problem.of("check_gradients", fn, args, argnums)
        return GradientReport(tuple(problem.first_order(rng, directions) + (problem.second_order(rng, directions) if order == 2 else [])))


def numerical_gradient(fn: Callable[..., Any], *args: Any) -> Any:
    """Gradient of a scalar function by extrapolated central differences in float64: (f(x + h) − f(x − h)) / 2h for each coordinate.

    Args:
        fn: a function of pytrees of arrays to one real number.
        args: the point. Integers, booleans, keys and None are left alone.

    Returns:
        The gradient for every argument as float64 NumPy arrays (None in place of what is not real): a tuple, or, with one argument, its gradient alone.

    Raises:
        TypeError: `fn` is not callable, or its result is not one real number.
        ValueError: no argument has a real leaf.

    References:
        Nocedal & Wright, Numerical Optimization (2006), section 8.1.

    Examples:
        >>> import numpy as np
        >>> from jaxreview.gradcheck import numerical_gradient
        >>> np.round(numerical_gradient(lambda x: x**2, 3.0), 6).item()
        6.0
    """
    if not callable(fn):
        raise TypeError(f"numerical_gradient: fn is {fn!r}; it needs a function")
    with jax.enable_x64(True):
        problem = _Problem.of("numerical_gradient", fn, args, None)
        shapes = [s.shape for s in problem.out_shapes]
        if shapes != [()]:
            raise TypeError(f"numerical_gradient: fn gives real arrays of shapes {shapes}; it needs to give one real number")
        probes = problem.probes(np.random.default_rng(), directions=0, limit=np.inf)
        (slope,), _ = problem.differences(problem.outputs, probes.stacks)
        gradient = problem.rebuild([slope[rows].reshape(leaf.shape) for rows, leaf in zip(probes.rows, problem.point, strict=True)], fill=None)
    return gradient[0] if len(args) == 1 else gradient


def _is_real(leaf: Any) -> bool:
    return isinstance(leaf, (float, np.floating)) or (hasattr(leaf, "dtype") and jnp.issubdtype(leaf.dtype, jnp.floating))


def _dot(a: Sequence[Any], b: Sequence[Any]) -> jax.Array:
    return sum((jnp.vdot(x, y) for x, y in zip(a, b, strict=True)), jnp.zeros(()))


@dataclass(frozen=True)
class _Probes:
    """Stacked directions in input space: ``stacks[i]`` holds the part of every direction in leaf i; ``rows[i]`` tells which of them probe leaf i alone."""

    stacks: list[np.ndarray]
    rows: list[slice]
    every: list[bool]


class _Problem:
    """The function as one of flat lists of float64 arrays: real input leaves to real output leaves."""

    def __init__(self, fn: Callable[..., Any], treedef: Any, leaves: list[Any], moving: list[int], paths: list[str]):
        self.treedef, self.leaves, self.moving, self.paths = treedef, leaves, moving, paths
        self.point = [jnp.asarray(leaves[i], jnp.float64) for i in moving]
        # A leaf's own scale sets its step, so that small and large inputs are both moved by a small share of themselves.
        self.scales = [float(np.sqrt(np.mean(np.square(leaf)))) or 1.0 if leaf.size else 1.0 for leaf in map(np.asarray, self.point)]

        def outputs(point: Sequence[Any]) -> list[Any]:
            return [out for out in jax.tree.leaves(fn(*self.rebuild(point))) if _is_real(out)]

        self.outputs = outputs
        shapes = jax.eval_shape(lambda p: fn(*self.rebuild(p)), self.point)
        found = [(path, leaf) for path, leaf in jax.tree_util.tree_leaves_with_path(shapes) if _is_real(leaf)]
        self.out_paths = [f"output{jax.tree_util.keystr(path)}" for path, _ in found]
        self.out_shapes = [leaf for _, leaf in found]

    @classmethod
    def of(cls, where: str, fn: Callable[..., Any], args: tuple[Any, ...], argnums: int | Sequence[int] | None) -> "_Problem":
        chosen = range(len(args)) if argnums is None else (argnums,) if isinstance(argnums, int) else tuple(argnums)
        found, treedef = jax.tree_util.tree_flatten_with_path(args)
        has_real = dict.fromkeys(chosen, False)
        moving, paths = [], []
        for index, (path, leaf) in enumerate(found):
            position = path[0].idx  # type: ignore[attr-defined]
            if position in has_real and _is_real(leaf):
                has_real[position] = True
                moving.append(index)
                paths.append(f"arg{jax.tree_util.keystr(path)}")
        if argnums is not None and not all(has_real.values()):
            raise TypeError(f"{where}: argument {next(p for p, real in has_real.items() if not real)} has no real leaf; argnums needs arguments with some")
        if not moving:
            raise ValueError(f"{where}: no argument has a real leaf; there is nothing to differentiate")
        leaves = [jnp.asarray(leaf, jnp.float64) if _is_real(leaf) else leaf for _, leaf in found]
        problem = cls(fn, treedef, leaves, moving, paths)
        if not problem.out_paths:
            raise ValueError(f"{where}: fn gives no real output; there is nothing to differentiate")
        return problem

    def rebuild(self, point: Sequence[Any], **fill: Any) -> tuple[Any, ...]:
        """The arguments with the moving leaves replaced; with ``fill`` the others too."""
        leaves = [fill["fill"]] * len(self.leaves) if fill else list(self.leaves)
        for index, leaf in zip(self.moving, point, strict=True):
            leaves[index] = leaf
        return jax.tree_util.tree_unflatten(self.treedef, leaves)

    def mixed(self, rng: np.random.Generator, count: int) -> list[np.ndarray]:
        """``count`` random directions that move all leaves, each in its own scale."""
        return [scale * rng.standard_normal((count, *leaf.shape)) for scale, leaf in zip(self.scales, self.point, strict=True)]

    def probes(self, rng: np.random.Generator, directions: int, limit: float) -> _Probes:
        """Directions for judging leaf by leaf: unit ones for each coordinate of a leaf of up to ``limit`` entries, random ones for a larger leaf."""
        every = [leaf.size <= limit for leaf in self.point]
        counts = [leaf.size if all_of_it else directions for leaf, all_of_it in zip(self.point, every, strict=True)]
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(int)
        rows = [slice(a, b) for a, b in zip(starts[:-1], starts[1:], strict=True)]
        stacks = []
        for leaf, count, all_of_it, own in zip(self.point, counts, every, rows, strict=True):
            stack = np.zeros((starts[-1], leaf.size))
            stack[own] = np.eye(leaf.size) if all_of_it else rng.standard_normal((count, leaf.size))
            stacks.append(stack.reshape(starts[-1], *leaf.shape))
        return _Probes(stacks, rows, every)

    def differences(self, fn: Callable[[list[Any]], list[Any]], directions: list[np.ndarray]) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Directional derivatives of ``fn``'s outputs by extrapolated central differences, and the rounding noise in them.

        For n stacked directions every output of shape s gives arrays (n, *s).
        """
        relative = [np.abs(d).reshape(len(d), -1).max(1, initial=0.0) / scale for d, scale in zip(directions, self.scales, strict=True)]
        longest = np.max(relative, axis=0)
        steps = np.finfo(np.float64).eps ** 0.2 / np.where(longest == 0, 1.0, longest)

        offsets = np.array([1.0, -1.0, 0.5, -0.5])

        @jax.jit
        def evaluate(stacks: list[jax.Array], moves: jax.Array) -> list[jax.Array]:
            def at(probe: tuple[jax.Array, jax.Array]) -> list[jax.Array]:
                number, move = probe
                return fn([p + move * d[number] for p, d in zip(self.point, stacks, strict=True)])

            return jax.lax.map(at, (jnp.repeat(jnp.arange(len(steps)), len(offsets)), moves.ravel()))

        slopes, noises = [], []
        for values in evaluate([jnp.asarray(d) for d in directions], jnp.asarray(steps[:, None] * offsets)):
            epsilon = float(jnp.finfo(values.dtype).eps)  # a function that computes in less than float64 has coarser noise
            v = np.asarray(values, np.float64).reshape(len(steps), len(offsets), *values.shape[1:])
            h = steps.reshape(-1, *[1] * (v.ndim - 2))
            slopes.append((4.0 * (v[:, 2] - v[:, 3]) / h - (v[:, 0] - v[:, 1]) / (2.0 * h)) / 3.0)
            noises.append(8.0 * epsilon * np.abs(v[:, 0]) / h)
        return slopes, noises

    def contraction(self, rng: np.random.Generator) -> list[jax.Array]:
        """A random cotangent for every output."""
        return [jnp.asarray(rng.standard_normal(s.shape), s.dtype) for s in self.out_shapes]

    def first_order(self, rng: np.random.Generator, directions: int) -> list[Check]:
        """Reverse by input leaf, forward by output leaf; one stack of differences serves both."""
        cotangents, probes, mixed = self.contraction(rng), self.probes(rng, directions, EVERY_COORDINATE), self.mixed(rng, directions)
        slopes, noises = self.differences(self.outputs, [np.concatenate(pair) for pair in zip(probes.stacks, mixed, strict=True)])
        split = probes.rows[-1].stop
        ahead = [(slope[:split], noise[:split]) for slope, noise in zip(slopes, noises, strict=True)]
        reverse = self._reverse("reverse", self.outputs, cotangents, probes, *_contract(cotangents, ahead))
        return reverse + self._forward("forward", self.outputs, self.out_paths, mixed, [s[split:] for s in slopes], [n[split:] for n in noises])

    def second_order(self, rng: np.random.Generator, directions: int) -> list[Check]:
        """The gradient of a fixed contraction of the outputs, and a fixed directional derivative, differentiated once more."""
        cotangents, tangents = self.contraction(rng), [jnp.asarray(d[0]) for d in self.mixed(rng, 1)]
        again = [jnp.asarray(rng.standard_normal(leaf.shape)) for leaf in self.point]

        def gradient(point: list[Any]) -> list[Any]:
            return jax.vjp(self.outputs, point)[1](cotangents)[0]

        def slope(point: list[Any]) -> list[Any]:
            return [_dot(cotangents, jax.jvp(self.outputs, (point,), (tangents,))[1])]

        mixed, probes = self.mixed(rng, directions), self.probes(rng, directions, -1)
        slopes, noises = self.differences(gradient, [np.concatenate(pair) for pair in zip(mixed, probes.stacks, strict=True)])
        forward = self._forward("forward over reverse", gradient, self.paths, mixed, [s[:directions] for s in slopes], [n[:directions] for n in noises])
        ahead = [(slope[directions:], noise[directions:]) for slope, noise in zip(slopes, noises, strict=True)]
        reverse = self._reverse("reverse over reverse", gradient, again, probes, *_contract(again, ahead))
        (along,), (rough,) = self.differences(slope, probes.stacks)
        return forward + reverse + self._reverse("reverse over forward", slope, [jnp.ones(())], probes, along, rough)

    def _reverse(self, mode: str, fn: Any, cotangents: list[Any], probes: _Probes, slopes: np.ndarray, noises: np.ndarray) -> list[Check]:
        gradient = jax.jit(lambda p: jax.vjp(fn, p)[1](cotangents)[0])(self.point)
        checks = []
        for path, g, stack, rows, every in zip(self.paths, map(np.asarray, gradient), probes.stacks, probes.rows, probes.every, strict=True):
            if g.size:
                along = g.ravel() if every else stack[rows].reshape(-1, g.size) @ g.ravel()
                checks.append(_worst(mode, path, along, slopes[rows], noises[rows], g.shape if every else along.shape))
        return checks

    def _forward(self, mode: str, fn: Any, paths: list[str], mixed: list[np.ndarray], slopes: list[np.ndarray], noises: list[np.ndarray]) -> list[Check]:
        pushed = jax.jit(lambda d: jax.lax.map(lambda v: jax.jvp(fn, (self.point,), (v,))[1], d))([jnp.asarray(d) for d in mixed])
        rows = zip(paths, map(np.asarray, pushed), slopes, noises, strict=True)
        return [_worst(mode, path, ad, slope, noise, slope.shape) for path, ad, slope, noise in rows if slope.size]


def _contract(cotangents: list[jax.Array], pushed: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Per direction: the cotangents times the slopes, and the noise that comes along."""
    flat = [np.asarray(c, np.float64).ravel() for c in cotangents]
    slopes = [slope.reshape(len(slope), -1) @ c for c, (slope, _) in zip(flat, pushed, strict=True)]
    noises = [noise.reshape(len(noise), -1) @ np.abs(c) for c, (_, noise) in zip(flat, pushed, strict=True)]
    return np.sum(slopes, axis=0), np.sum(noises, axis=0)


def _worst(mode: str, leaf: str, ad: np.ndarray, numerical: np.ndarray, noise: np.ndarray, shape: tuple[int, ...]) -> Check:
    """The entry that exceeds its allowance the most."""
    ad, numerical, noise = ad.astype(np.float64).ravel(), numerical.ravel(), noise.ravel()
    error = np.abs(ad - numerical)
    allowed = AGREEMENT * np.abs(numerical).max() + noise
    excess = np.where(np.isfinite(error) & np.isfinite(allowed), error - allowed, np.inf)
    worst = int(np.argmax(excess))
    coordinate = tuple(int(i) for i in np.unravel_index(worst, shape)) if shape else ()
    return Check(mode, leaf, coordinate, float(ad[worst]), float(numerical[worst]), float(error[worst]), float(allowed[worst]))
