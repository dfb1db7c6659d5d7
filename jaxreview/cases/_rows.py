"""The row types: a Case says what a function is tried on, a Bad what it must refuse, and the tolerance table how closely results agree."""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np

from jaxreview.cases._inputs import Input

# A result of this dtype agrees with its float64 definition within this share of the largest value of the array: a few units in the
# last place for a sum of some hundred terms. It never depends on the array's size. This is the library's one table of tolerances.
TOLERANCE = {"float64": 1e-11, "float32": 2e-5, "float16": 4e-3, "bfloat16": 3e-2}
# What a loop can reach that takes its gradients by differences (GRADCHECK: central, extrapolated, float64).
DIFFERENCED = 1e-6


@dataclass(frozen=True)
class Bench:
    """How a row is measured: its sizes, the real data in it, and what counts as one example of it.

    ``dims`` replaces the row's small sizes. ``real`` names, for an argument, a source of real data in ``jaxreview.speedup.data``; the
    rest is drawn as the row says. ``split`` maps an argument's position to the axis of which one slice is one example, kept with length 1
    (every leaf of a pytree argument); left out, the examples are the leading axis of the row's ``batched`` arguments. ``join`` is the axis of the
    result along which the examples' results are put together.

    ``examples`` is for a function of one example only (one key, one starting point): its split arguments (left out: all positional ones) are drawn that
    many times and stacked on a new leading axis, and ``vmap`` makes the batch; a source in ``real`` then fills the stacked shape.

    ``core`` rows make up the default run of ``jaxreview speedup``, which a reader waits for; ``--all`` measures the others too.
    """

    dims: Mapping[str, int]
    real: Mapping[int, str] = field(default_factory=dict)
    split: Mapping[int, int] | None = None
    join: int = 0
    examples: int = 0
    core: bool = False


class Case:
    """One row: ``function(*inputs, **arrays, **options)`` at the sizes ``dims``.

    A subclass that overrides ``call`` says so with ``own_call``.

    Args:
        function: a public function.
        name: what is special about the row.
        inputs: one recipe for each positional argument.
        dims: the small sizes used by the laws.
        options: static settings.
        arrays: recipes for keyword-only array arguments.
        differentiable: positions of the arguments whose gradients are checked.
        batched: positions of the arguments that take any leading batch axes, together.
        couples: what the function means to mix over the batch, in words: sums over it are then no fault when sharded.
        order: how many times it is differentiable at these inputs (1 or 2).
        extremes: whether large, tiny and zero inputs must give finite values and gradients.
        largest: the largest size of free reals at which what float64 gives must be finite in float32 too; 1e18 where they are multiplied with each other.
        differenced: whether the loop takes gradients by finite differences.
        bench: sizes and data for the speedup table.
        limits: law name → reason, for a known limit: a strict xfail.
    """

    own_call = False

    def __init__(
        self,
        function: Callable[..., Any],
        name: str,
        *inputs: Input,
        dims: Mapping[str, int] | None = None,
        options: Mapping[str, Any] | None = None,
        arrays: Mapping[str, Input] | None = None,
        differentiable: tuple[int, ...] = (),
        batched: tuple[int, ...] = (),
        couples: str = "",
        order: int = 2,
        extremes: bool = True,
        largest: float = 1e38,
        differenced: bool = False,
        bench: Bench | None = None,
        limits: Mapping[str, str] | None = None,
    ):
        self.function, self.name, self.inputs = function, name, inputs
        self.dims, self.options, self.arrays = dict(dims or {}), dict(options or {}), dict(arrays or {})
        self.differentiable, self.batched, self.couples, self.order = differentiable, batched, couples, order
        self.extremes, self.largest, self.differenced, self.bench, self.limits = extremes, largest, differenced, bench, dict(limits or {})

    def __str__(self) -> str:
        return f"{getattr(self.function, '__name__', self.function)}: {self.name}"

    def call(self, function: Callable[..., Any], args: tuple[Any, ...], arrays: Mapping[str, Any]) -> Any:
        """``function`` as the row calls it, for the function itself and for its loop."""
        return function(*args, **arrays, **self.options)

    def draw(self, seed: int = 0, dims: Mapping[str, int] | None = None) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The row's positional and keyword arrays in NumPy: the same for the same seed, on every machine."""
        rng = np.random.default_rng([zlib.crc32(str(self).encode()), seed])
        sizes = {**self.dims, **(dims or {})}
        return tuple(i.draw(rng, sizes) for i in self.inputs), {name: i.draw(rng, sizes) for name, i in self.arrays.items()}

    def bound(self, function: Callable[..., Any] | None = None) -> Callable[..., Any]:
        """A function of the positional and then the keyword arrays alone, options closed over: what is jitted, mapped and differentiated."""
        target, count, names = function or self.function, len(self.inputs), tuple(self.arrays)

        def apply(*values: Any) -> Any:
            return self.call(target, values[:count], dict(zip(names, values[count:], strict=True)))

        return apply

    def values(self, dtype: Any = np.float64, seed: int = 0, dims: Mapping[str, int] | None = None) -> list[Any]:
        """The arguments of ``bound()`` as JAX arrays, reals in ``dtype``."""
        args, arrays = self.draw(seed, dims)
        return [to_jax(a, dtype) for a in (*args, *arrays.values())]


class InitializerCase(Case):
    """A row of an initializer factory: ``function(**options)(key, shape, dtype)``; its one input is the key."""

    own_call = True

    def __init__(self, function: Callable[..., Any], name: str, shape: tuple[int, ...], *inputs: Input, **settings: Any):
        super().__init__(function, name, *inputs, **settings)
        self.shape = shape

    def call(self, function: Callable[..., Any], args: tuple[Any, ...], arrays: Mapping[str, Any]) -> Any:
        return function(**self.options)(args[0], self.shape)


class Bad:
    """A call that must be refused: ``function(*inputs, **arrays, **options)`` raises ``error`` with a message that contains ``match``.

    Inputs are recipes, or any other value to be passed as it is (a list, a string, None). ``eager`` marks a fault that only the values show: it is
    refused outside of ``jit`` alone; every other fault must be refused while tracing.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        name: str,
        *inputs: Any,
        error: type[Exception],
        match: str,
        options: Mapping[str, Any] | None = None,
        arrays: Mapping[str, Any] | None = None,
        eager: bool = False,
    ):
        self.function, self.name, self.inputs, self.error, self.match, self.eager = function, name, inputs, error, match, eager
        self.options, self.arrays = dict(options or {}), dict(arrays or {})

    def __str__(self) -> str:
        return f"{getattr(self.function, '__name__', self.function)}: {self.name}"

    def values(self) -> tuple[list[Any], dict[str, Any]]:
        """The call's positional and keyword arguments, without the options."""
        rng = np.random.default_rng(zlib.crc32(str(self).encode()))

        def value(recipe: Any) -> Any:
            return to_jax(recipe.draw(rng, {}), np.float32) if isinstance(recipe, Input) else recipe

        return [value(i) for i in self.inputs], {name: value(i) for name, i in self.arrays.items()}

    def call(self, function: Callable[..., Any], args: tuple[Any, ...], arrays: Mapping[str, Any]) -> Any:
        """``function`` as the row calls it."""
        return function(*args, **arrays, **self.options)


class BadInitializer(Bad):
    """A call of an initializer factory that must be refused: ``function(**options)(*inputs)``."""

    def call(self, function: Callable[..., Any], args: tuple[Any, ...], arrays: Mapping[str, Any]) -> Any:
        return function(**self.options)(*args, **arrays)


def to_jax(value: Any, dtype: Any) -> Any:
    """A drawn argument on the device, its real leaves in ``dtype`` (integers, booleans and keys as they are)."""
    return jax.tree.map(lambda a: jax.numpy.asarray(a, dtype) if isinstance(a, np.ndarray) and a.dtype.kind == "f" else jax.numpy.asarray(a), value)


def to_numpy(value: Any) -> Any:
    """What the loops take: NumPy arrays with reals in float64, and a key as its raw words."""

    def leaf(a: Any) -> Any:
        if isinstance(a, jax.Array) and jax.numpy.issubdtype(a.dtype, jax.dtypes.prng_key):
            return np.asarray(jax.random.key_data(a))
        a = np.asarray(a)
        return a.astype(np.float64) if jax.numpy.issubdtype(a.dtype, np.floating) else a

    return jax.tree.map(leaf, value)


def mismatch(got: Any, want: Any, tolerance: float) -> str:
    """Why two pytrees of arrays differ by more than ``tolerance`` times the largest value of the array, or ``""``."""
    a, b = jax.tree.leaves(got), jax.tree.leaves(want)
    if len(a) != len(b):
        return f"{len(a)} arrays against {len(b)}"
    for number, (x, y) in enumerate(zip(to_numpy(a), to_numpy(b), strict=True)):
        if x.shape != y.shape:
            return f"output {number}: shape {x.shape} against {y.shape}"
        if x.dtype.kind in "biu":
            if not np.array_equal(x, y):
                return f"output {number}: {np.sum(x != y)} of {x.size} integers differ"
            continue
        if not np.array_equal(np.isfinite(x), np.isfinite(y)) or not np.array_equal(x[~np.isfinite(x)], y[~np.isfinite(y)], equal_nan=True):
            return f"output {number}: other infinities or NaN"
        x, y = x[np.isfinite(x)], y[np.isfinite(y)]
        error, scale = np.abs(x - y), np.abs(y).max(initial=0.0)
        if error.max(initial=0.0) > tolerance * scale:
            return f"output {number}: off by {error.max():.3g} where the largest value is {scale:.3g} (allowed {tolerance:g} of it)"
    return ""
