"""A layer in each library: a function of x and the kernel as that library keeps them, and the arrays brought there and back.

Every library does the same work. What it would convert once, when weights are loaded, is converted outside of the function.
"""

import functools
import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

import jaxreview
from jaxreview import weights
from jaxreview.speedup import forms
from jaxreview.speedup.timing import Clocked

from shapes import Layer

__all__ = ["LIBRARIES", "Program", "made", "prepare", "program"]

# A compile time is the least of so many compilations, the later ones as long as all of them take less than ENOUGH seconds.
COMPILATIONS, ENOUGH = 3, 1.0


@dataclass(frozen=True)
class Program:
    """One pass of a layer in one library: how it is run, how its outputs are read in our layout, and what compiling it gave."""

    clocked: Clocked
    read: Callable[[Any], dict[str, np.ndarray]]
    costs: Mapping[str, Any]


def _ours(layer: Layer) -> Callable[..., Any]:
    return functools.partial(getattr(jaxreview, layer.function), **layer.options)


def _lax(layer: Layer) -> Callable[..., Any]:
    walk, ndim = layer.geometry, len(layer.kernel) - 2
    window, cells = range(ndim), (0, ndim + 1, *range(1, ndim + 1))
    if layer.function == "conv":
        numbers = lax.ConvDimensionNumbers(cells, (ndim + 1, ndim, *window), cells)
        settings: Any = dict(rhs_dilation=walk.dilation, dimension_numbers=numbers, feature_group_count=layer.groups)
        return lambda x, kernel: lax.conv_general_dilated(x, kernel, walk.stride, walk.padding, **settings)
    numbers = lax.ConvDimensionNumbers(cells, (ndim, ndim + 1, *window), cells)
    settings = dict(lhs_dilation=walk.stride, rhs_dilation=walk.dilation, dimension_numbers=numbers)
    return lambda x, kernel: lax.conv_general_dilated(x, lax.rev(kernel, window), (1,) * ndim, _reach(layer), **settings)


def _flax(layer: Layer) -> Callable[..., Any]:
    linen, walk = importlib.import_module("flax.linen"), layer.geometry
    settings: Any = dict(kernel_size=walk.window, strides=walk.stride, kernel_dilation=walk.dilation, use_bias=False)
    if layer.function == "conv":
        module = linen.Conv(layer.kernel[-1], padding=walk.padding, feature_group_count=layer.groups, **settings)
    else:
        module = linen.ConvTranspose(layer.kernel[-2], padding=_reach(layer), **settings)
    return lambda x, kernel: module.apply({"params": {"kernel": kernel}}, x)


def _equinox(layer: Layer) -> Callable[..., Any]:
    equinox, walk, (a, b) = importlib.import_module("equinox"), layer.geometry, layer.kernel[-2:]
    settings: Any = dict(kernel_size=walk.window, stride=walk.stride, padding=walk.padding, dilation=walk.dilation, groups=layer.groups, use_bias=False)
    settings |= dict(num_spatial_dims=len(walk.window), key=jax.random.key(0))
    if layer.function == "conv":
        module = equinox.nn.Conv(in_channels=a * layer.groups, out_channels=b, **settings)
    else:
        module = equinox.nn.ConvTranspose(in_channels=b, out_channels=a * layer.groups, output_padding=_extra(layer), **settings)
    return lambda x, kernel: jax.vmap(equinox.tree_at(lambda held: held.weight, module, kernel))(x)


def _torch(layer: Layer) -> Callable[..., Any]:
    functional, walk = importlib.import_module("torch.nn.functional"), layer.geometry
    before, ndim = [pair[0] for pair in walk.padding], len(walk.window)
    settings: Any = dict(stride=walk.stride, dilation=walk.dilation, groups=layer.groups)
    if layer.function == "conv_transpose":
        return functools.partial(getattr(functional, f"conv_transpose{ndim}d"), padding=before, output_padding=_extra(layer), **settings)
    function = getattr(functional, f"conv{ndim}d")
    if all(a == b for a, b in walk.padding):
        return functools.partial(function, padding=before, **settings)
    cells = [n for pair in reversed(walk.padding) for n in pair]
    return lambda x, kernel: function(functional.pad(x, cells), kernel, **settings)


LIBRARIES: dict[str, Callable[[Layer], Callable[..., Any]]] = {"ours": _ours, "lax": _lax, "torch": _torch, "flax": _flax, "equinox": _equinox}
# The layout that a library keeps its kernels in, by its name in jaxreview.weights, and whether its channels come before the window axes.
_LAYOUT = {"ours": ("", False), "lax": ("", False), "torch": ("pytorch", True), "flax": ("flax", False), "equinox": ("equinox", True)}


def _reach(layer: Layer) -> tuple[tuple[int, int], ...]:
    """The zeros around x, with stride − 1 of them between its cells, over which a transposed layer is a plain correlation."""
    walk, pairs = layer.geometry, []
    for (before, after), k, d, extra in zip(walk.padding, walk.window, walk.dilation, _extra(layer), strict=True):
        pairs.append(((k - 1) * d - before, (k - 1) * d - after + extra))
    return tuple(pairs)


def _extra(layer: Layer) -> tuple[int, ...]:
    """A transposed layer's output_padding on every axis."""
    walk = layer.geometry
    # Where the last window ends short of the padded result, by so much the result is longer.
    return tuple(after - walk.overhang(axis)[1] for axis, (_, after) in enumerate(walk.padding))


def prepare(library: str, threads: int) -> str:
    """Import a library and give it its threads; the reason why it is left out, or ``""``."""
    try:
        if library == "torch":
            importlib.import_module("torch").set_num_threads(threads)
        elif library in ("jax", "flax", "equinox"):
            importlib.import_module({"jax": "flax"}.get(library, library))  # some of the functions that "jax" stands for are Flax's
    except ImportError as missing:
        return f"{missing.name or library} is not installed"
    return ""


def program(library: str, layer: Layer, turn: str, arrays: tuple[np.ndarray, np.ndarray, np.ndarray]) -> Program:
    """One pass (``forward`` or ``gradient``) of a layer, ready to run on its arrays: x, kernel and, for the gradient, the cotangent."""
    function, (style, first) = LIBRARIES[library](layer), _LAYOUT[library]
    settings: Any = dict(kind=layer.function, groups=layer.groups)
    x, kernel, cotangent = arrays
    if first:
        x, cotangent = (np.ascontiguousarray(np.moveaxis(a, -1, 1)) for a in (x, cotangent))
    if style:
        kernel = weights.export_kernel(kernel, style, **settings)

    def read(results: Any) -> dict[str, np.ndarray]:
        y, *gradients = (np.asarray(a.detach() if library == "torch" else a) for a in results)
        found = {"y": np.moveaxis(y, 1, -1) if first else y}
        if gradients:
            found["x"] = np.moveaxis(gradients[0], 1, -1) if first else gradients[0]
            found["kernel"] = weights.import_kernel(gradients[1], style, **settings) if style else gradients[1]
        return found

    return made(library, function, (x, kernel), (), cotangent if turn == "gradient" else None, read, shared=(1,))


def made(
    library: str,
    function: Callable[..., Any],
    moving: Sequence[np.ndarray],
    held: Sequence[np.ndarray],
    cotangent: np.ndarray | None,
    read: Callable[[Any], dict[str, np.ndarray]],
    shared: tuple[int, ...] = (),
) -> Program:
    """``function(*moving, *held)`` ready to run, and with a cotangent the gradients of ``moving`` too; at positions ``shared`` there is no batch in front."""
    if library == "torch":
        return Program(_in_torch(function, moving, held, cotangent), read, {})
    count = len(moving)

    def forward(*given: jax.Array) -> tuple[jax.Array]:
        return (function(*given),)

    def gradient(cotangent: jax.Array, *given: jax.Array) -> tuple[jax.Array, ...]:
        y, pull = jax.vjp(lambda *moving: function(*moving, *given[count:]), *given[:count])
        return (y, *pull(cotangent))

    turned = forward if cotangent is None else gradient
    given = [*moving, *held] if cotangent is None else [cotangent, *moving, *held]
    on_device = tuple(jnp.asarray(a) for a in given)
    compiled = _compiled(turned, on_device)
    use: Any = compiled.call.memory_analysis()  # type: ignore[attr-defined]
    costs = dict(compile_seconds=compiled.seconds)
    if use:
        costs["memory_bytes"] = use.argument_size_in_bytes + use.output_size_in_bytes + use.temp_size_in_bytes
    if library == "ours":
        whole = [moving[position] for position in shared]
        twice = [_twice(a) if a.shape and not any(a is one for one in whole) else jax.typeof(a) for a in (*moving, *held)]
        if cotangent is not None:
            twice.insert(0, jax.eval_shape(forward, *twice)[0])
        costs["compile_seconds_twice"] = _compiled(turned, tuple(twice)).seconds
    return Program(Clocked(lambda: jax.block_until_ready(compiled.call(*on_device))), read, costs)


def _twice(a: Any) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct((2 * a.shape[0], *a.shape[1:]), a.dtype)


def _compiled(function: Callable[..., Any], args: tuple[Any, ...]) -> forms.Compiled:
    """The quickest of a few compilations, each without what an earlier one left in JAX's caches."""
    found: list[forms.Compiled] = []
    while len(found) < COMPILATIONS and sum(one.seconds for one in found) < ENOUGH:
        jax.clear_caches()
        found.append(forms.Compiled(lambda *values: function(*values), args))
        found[-1].compile()
    return min(found, key=lambda one: one.seconds)


def _in_torch(function: Callable[..., Any], moving: Sequence[np.ndarray], held: Sequence[np.ndarray], cotangent: np.ndarray | None) -> Clocked:
    torch = importlib.import_module("torch")
    leaves, others = [torch.from_numpy(a) for a in moving], [torch.from_numpy(a) for a in held]
    if cotangent is None:

        def forward() -> Any:
            with torch.no_grad():
                return (function(*leaves, *others),)

        return Clocked(forward)
    for leaf in leaves:
        leaf.requires_grad_()
    pushed = torch.from_numpy(cotangent)

    def gradient() -> Any:
        y = function(*leaves, *others)
        return (y, *torch.autograd.grad(y, leaves, pushed))

    return Clocked(gradient)
