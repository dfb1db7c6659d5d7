"""The same work in five forms, at one size, on one set of arrays, with outputs that are held against each other before anything is timed.

====================  ==============================================================================================
``loop``              the for-loop twin on NumPy arrays
``one by one``        a Python loop over a jitted call on one example, the results collected in a list
``lax.map``           the same loop, compiled
``vmap``              the function of one example, mapped and jitted
``vectorized``        the function itself on the whole batch, jitted
====================  ==============================================================================================

Every form is measured forward; every form but the loop also with its gradient (pass ``gradient``): its value and the pull-back of one fixed cotangent to
all of the row's differentiable arguments. A shared argument's gradient is the sum over the examples.
"""

import concurrent.futures
import functools
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxreview.cases import Case, Primitive
from jaxreview.cases._rows import TOLERANCE, mismatch, to_jax, to_numpy
from jaxreview.speedup import data
from jaxreview.speedup.timing import Clocked

__all__ = ["FORMS", "PASSES", "Compiled", "Form", "FormsDifferError", "Work", "forms_of", "names_of", "prove_equal", "work_of"]

FORMS = ("loop", "one by one", "lax.map", "vmap", "vectorized")
PASSES = ("forward", "gradient")


class FormsDifferError(AssertionError):
    """Two forms of the same work gave different outputs, so neither is timed."""


@dataclass(frozen=True)
class Work:
    """One row at its measured size.

    Attributes:
        values: the arguments of ``case.bound()`` in float32, on the device.
        sources: argument position → where its data comes from, in words.
        split: argument position → the axis along which its examples lie; empty where the function has no examples.
        count: how many examples.
        join: the axis along which the examples' results are put together.
        stacked: the function takes one example only: its arguments are stacked draws, and its batch is made by ``vmap``.
    """

    primitive: Primitive
    case: Case
    values: tuple[Any, ...]
    sources: dict[int, str]
    split: dict[int, int]
    count: int
    join: int
    stacked: bool

    @property
    def function(self) -> Callable[..., Any]:
        """The row's function of its arrays alone."""
        return self.case.bound()

    def example(self, *values: Any) -> Any:
        """The function on one example, whose split arguments have length 1 along their axis; so has its result along ``join``."""
        if not self.stacked:
            return self.function(*values)
        one = [jax.tree.map(lambda leaf: leaf[0], value) if p in self.split else value for p, value in enumerate(values)]
        return jax.tree.map(lambda leaf: jnp.expand_dims(leaf, 0), self.function(*one))


def work_of(primitive: Primitive, smoke: bool = False) -> Work:
    """The arguments of a primitive's benchmarked row: drawn, with real data put in; the row's own small sizes for a smoke run.

    Raises:
        ValueError: no row has a bench, or a source does not fill its argument.
    """
    case = primitive.benchmarked
    if case is None or case.bench is None:
        raise ValueError(f"{primitive.name}: no row has a bench; it needs one to be measured")
    bench = case.bench
    dims = {} if smoke else bench.dims
    split = dict.fromkeys(case.batched, 0) if bench.split is None else dict(bench.split)
    if bench.examples:
        split = split or dict.fromkeys(range(len(case.inputs)), 0)
        draws = [_drawn(case, dims, seed) for seed in range(2 if smoke else bench.examples)]
        values = [_stack([draw[p] for draw in draws]) if p in split else draws[0][p] for p in range(len(draws[0]))]
    else:
        values = _drawn(case, dims, 0)
    recipes = [*case.inputs, *case.arrays.values()]
    sources = {p: recipe.label for p, recipe in enumerate(recipes)}
    if not smoke:
        for p, source in bench.real.items():
            drawn, real = np.asarray(values[p]), data.load(source, np.shape(values[p]))
            if drawn.dtype.kind != real.dtype.kind:
                raise ValueError(f"{case}: argument {p} has dtype {drawn.dtype}, and the source {source!r} gives {real.dtype}")
            values[p], sources[p] = real, source
    lengths = {leaf.shape[split[p]] for p in split for leaf in jax.tree.leaves(values[p])}
    if len(lengths) > 1:
        raise ValueError(f"{case}: its split arguments have {sorted(lengths)} examples; they need one number")
    on_device = tuple(to_jax(value, np.float32) for value in values)
    return Work(primitive, case, on_device, sources, split, lengths.pop() if lengths else 0, 0 if bench.examples else bench.join, bool(bench.examples))


def _drawn(case: Case, dims: Any, seed: int) -> list[Any]:
    args, arrays = case.draw(seed, dims)
    return [*args, *arrays.values()]


def _stack(values: list[Any]) -> Any:
    return jax.tree.map(lambda *leaves: (jnp if isinstance(leaves[0], jax.Array) else np).stack(leaves), *values)


class Compiled:
    """A function traced and lowered for its arguments; ``compile`` then makes ``call``. ``seconds`` is the time that all of it took."""

    call: Callable[..., Any]

    def __init__(self, function: Callable[..., Any], args: tuple[Any, ...]):
        start = time.perf_counter()
        self.lowered = jax.jit(function).lower(*args)
        self.seconds = time.perf_counter() - start

    def compile(self, options: dict[str, Any] | None = None) -> None:
        """Compile, and keep the compiled function as ``call``."""
        start = time.perf_counter()
        self.call = self.lowered.compile(compiler_options=options)
        self.seconds += time.perf_counter() - start


@dataclass
class Form:
    """One form of one pass: how it is run, how its output is read, and what is compiled for it (None for the loop)."""

    name: str
    turn: str
    clocked: Clocked
    read: Callable[[Any], Any]
    compiled: Compiled | None


def forms_of(work: Work, passes: tuple[str, ...] = PASSES, smoke: bool = False) -> list[Form]:
    """Every form that the row has, compiled and ready: the loop where there is one to write, forms over examples where there are examples.

    The last forward form, which is the batched one, is compiled alone, so that its compile time is its own; the others two at a time. A smoke run leaves
    out the compiler's optimizations.
    """
    forms = []
    whole, examples = _whole_forms(work), _Examples(work) if work.split else None
    for turn in passes:
        if turn == "forward":
            if work.primitive.loop is not None:
                forms.append(_loop(work))
            if examples:
                forms.append(examples.forward())
            forms += [_whole(name, turn, function, work.values) for name, function in whole.items()]
        elif work.case.differentiable:
            if examples:
                forms.append(examples.gradient())
            forms += [_whole(name, turn, pulled(function, work), (work.values, _cotangent(work))) for name, function in whole.items()]
    *others, alone = sorted((form.compiled for form in forms if form.compiled), key=lambda one: one is _batched(forms))
    alone.compile(_UNOPTIMIZED if smoke else None)
    with concurrent.futures.ThreadPoolExecutor(2) as two:
        list(two.map(lambda one: one.compile(_UNOPTIMIZED if smoke else None), others))
    return forms


def names_of(primitive: Primitive) -> list[tuple[str, str]]:
    """The (pass, form) pairs that ``forms_of`` makes for a primitive's benchmarked row, without making them."""
    case = primitive.benchmarked
    if case is None or case.bench is None:
        return []
    examples = bool(case.bench.examples or (case.batched if case.bench.split is None else case.bench.split))
    have = {"loop": primitive.loop is not None, "vectorized": not case.bench.examples}
    forward = [("forward", form) for form in FORMS if have.get(form, examples)]
    return forward + [("gradient", form) for _, form in forward if form != "loop" and case.differentiable]


_UNOPTIMIZED = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}


def _batched(forms: list[Form]) -> Compiled | None:
    return [form.compiled for form in forms if form.turn == forms[0].turn][-1]


def prove_equal(work: Work, forms: list[Form]) -> None:
    """Run every form once and compare: forward outputs among each other, gradients among each other. The loop's run is kept as its first sample.

    Raises:
        FormsDifferError: naming the primitive, the form and what differs.
    """
    for turn in PASSES:
        same = [form for form in forms if form.turn == turn]
        if not same:
            continue
        outputs = []
        for form in same:
            start = time.perf_counter()
            output = form.clocked.run()
            if form.compiled is None:
                form.clocked.samples.append(time.perf_counter() - start)
            outputs.append(form.read(output))
        for form, output in zip(same[:-1], outputs[:-1], strict=True):
            difference = mismatch(output, outputs[-1], TOLERANCE["float32"])
            if difference:
                raise FormsDifferError(f"{work.primitive.name}: the form {form.name!r} ({turn}) differs from {same[-1].name!r}: {difference}")


def _loop(work: Work) -> Form:
    loop, values = work.case.bound(work.primitive.loop), [to_numpy(value) for value in work.values]
    if not work.stacked:
        return Form("loop", "forward", Clocked(lambda: loop(*values)), lambda out: out, None)
    each = [[jax.tree.map(lambda leaf: leaf[i], value) if p in work.split else value for p, value in enumerate(values)] for i in range(work.count)]  # noqa: B023
    return Form("loop", "forward", Clocked(lambda: [loop(*one) for one in each]), lambda out: jax.tree.map(lambda *leaves: np.stack(leaves), *out), None)


def _whole_forms(work: Work) -> dict[str, Callable[..., Any]]:
    """The forms that are one function of the whole arguments."""
    forms: dict[str, Callable[..., Any]] = {}
    positions = sorted(work.split)

    def with_slices(values: tuple[Any, ...], slices: list[Any]) -> Any:
        held = list(values)
        for p, piece in zip(positions, slices, strict=True):
            held[p] = jax.tree.map(functools.partial(jnp.expand_dims, axis=work.split[p]), piece)
        return work.example(*held)

    def mapped(*values: Any) -> Any:
        first = [jax.tree.map(functools.partial(jnp.moveaxis, source=work.split[p], destination=0), values[p]) for p in positions]
        return jax.tree.map(lambda leaf: _merge(leaf, work.join), jax.lax.map(lambda slices: with_slices(values, slices), first))

    def vmapped(*values: Any) -> Any:
        axes = ([work.split[p] for p in positions],)
        return jax.tree.map(lambda leaf: _merge(leaf, work.join), jax.vmap(lambda slices: with_slices(values, slices), axes)([values[p] for p in positions]))

    if work.split:
        forms |= {"lax.map": mapped, "vmap": vmapped}
    if not work.stacked:
        forms["vectorized"] = work.function
    return forms


def _merge(leaf: jax.Array, join: int) -> jax.Array:
    """Stacked results (N, …) put together along the axis ``join`` of one result."""
    join %= leaf.ndim - 1
    leaf = jnp.moveaxis(leaf, 0, join)
    return leaf.reshape(*leaf.shape[:join], leaf.shape[join] * leaf.shape[join + 1], *leaf.shape[join + 2 :])


def _whole(name: str, turn: str, function: Callable[..., Any], args: tuple[Any, ...]) -> Form:
    compiled = Compiled(function, args)
    return Form(name, turn, Clocked(lambda: jax.block_until_ready(compiled.call(*args))), lambda out: out, compiled)


def pulled(function: Callable[..., Any], work: Work) -> Callable[..., Any]:
    """``(values, cotangent) → (outputs, gradients)``: value and pull-back to the differentiable arguments."""
    moving = work.case.differentiable

    def value_and_gradient(values: tuple[Any, ...], cotangent: list[Any]) -> Any:
        def outputs(*moved: Any) -> Any:
            held = list(values)
            for p, value in zip(moving, moved, strict=True):
                held[p] = value
            leaves = jax.tree.leaves(function(*held))
            return [leaf for leaf in leaves if _is_real(leaf)], [leaf for leaf in leaves if not _is_real(leaf)]

        reals, pull, others = jax.vjp(outputs, *(values[p] for p in moving), has_aux=True)
        return (reals, others), list(pull(cotangent))

    return value_and_gradient


def _is_real(leaf: Any) -> bool:
    return jnp.issubdtype(leaf.dtype, jnp.floating)


def _cotangent(work: Work) -> list[jax.Array]:
    """Fixed weights for the real outputs, all positive so that sums over them do not cancel."""
    rng = np.random.default_rng(0)
    function = _whole_forms(work)["vmap" if work.stacked else "vectorized"]
    shapes = [leaf for leaf in jax.tree.leaves(jax.eval_shape(function, *work.values)) if _is_real(leaf)]
    return [jnp.asarray(rng.uniform(0.5, 1.5, leaf.shape), leaf.dtype) for leaf in shapes]


class _Examples:
    """The form ``one by one``: a list of examples made beforehand, a compiled call on each, a list of results."""

    def __init__(self, work: Work):
        self.work = work
        pieces = {p: _pieces(work.values[p], axis) for p, axis in work.split.items()}
        self.examples = [[pieces[p][i] if p in pieces else value for p, value in enumerate(work.values)] for i in range(work.count)]

    def forward(self) -> Form:
        compiled = Compiled(self.work.example, tuple(self.examples[0]))

        def run() -> Any:
            call = compiled.call
            return jax.block_until_ready([call(*one) for one in self.examples])

        return Form("one by one", "forward", Clocked(run), lambda out: self.joined(out, self.work.join), compiled)

    def gradient(self) -> Form:
        moving = self.work.case.differentiable
        step = pulled(self.work.example, self.work)
        cotangents = _pieces(_cotangent(self.work), self.work.join, self.work.count)
        shared = [place for place, p in enumerate(moving) if p not in self.work.split]

        def one_step(sums: list[Any], values: list[Any], cotangent: list[Any]) -> Any:
            outputs, gradients = step(tuple(values), cotangent)
            own = [gradient for place, gradient in enumerate(gradients) if place not in shared]
            return outputs, own, jax.tree.map(jnp.add, sums, [gradients[place] for place in shared])

        zeros = [jax.tree.map(jnp.zeros_like, self.work.values[moving[place]]) for place in shared]
        compiled = Compiled(one_step, (zeros, self.examples[0], cotangents[0]))

        def run() -> Any:
            call = compiled.call
            outputs, own, sums = [], [], zeros
            for values, cotangent in zip(self.examples, cotangents, strict=True):
                out, gradients, sums = call(sums, values, cotangent)
                outputs.append(out)
                own.append(gradients)
            return jax.block_until_ready((outputs, own, sums))

        def read(result: Any) -> Any:
            outputs, own, sums = result
            axes = [self.work.split[p] for p in moving if p in self.work.split]
            joined = iter([self.joined([gradients[i] for gradients in own], axis) for i, axis in enumerate(axes)])
            total = iter(sums)
            return self.joined(outputs, self.work.join), [next(joined) if p in self.work.split else next(total) for p in moving]

        return Form("one by one", "gradient", Clocked(run), read, compiled)

    @staticmethod
    def joined(results: list[Any], axis: int) -> Any:
        """The examples' results put together, in NumPy."""
        return jax.tree.map(lambda *leaves: np.concatenate([np.asarray(leaf) for leaf in leaves], axis), *results)


def _pieces(value: Any, axis: int, count: int | None = None) -> list[Any]:
    """A pytree cut along an axis of every leaf, into single slices kept with length 1 or into ``count`` equal parts."""
    leaves, treedef = jax.tree.flatten(value)
    if not leaves:
        return [value] * (count or 0)

    def cut(leaf: jax.Array) -> list[Any]:
        if jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key):
            return [leaf[i : i + 1] for i in range(leaf.shape[0])]
        parts = np.split(np.asarray(leaf), count or leaf.shape[axis], axis)
        return jax.device_put([np.ascontiguousarray(part) for part in parts], leaf.device)

    return [jax.tree.unflatten(treedef, parts) for parts in zip(*(cut(leaf) for leaf in leaves), strict=True)]
