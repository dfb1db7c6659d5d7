"""Pools and resizes of real networks, and each of them in each library: the rows of ``python benchmarks/peers.py pool``, channels last as everywhere here.

A library that has no such function has no column in that row: lax pools by ``reduce_window`` and resizes by ``jax.image.resize``, where that means the same.
"""

import functools
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

import jaxreview

import libraries

__all__ = ["LAYERS", "LIBRARIES", "Layer", "arrays", "outputs", "program"]

KINDS = {
    "pool and unpool": "round trip",
    "max_unpool": "unpool",
    "avg_pool": "average",
    "global_avg_pool": "average",
    "adaptive_avg_pool": "adaptive",
    "adaptive_max_pool": "adaptive",
    "resize": "resize",
    "pixel_shuffle": "shuffle",
    "grid_sample": "sample",
}


@dataclass(frozen=True)
class Layer:
    """``function`` of x `(N, *spatial, channels)`; ``to`` is its window, its output size or its factor, whichever that function takes.

    ``"pool and unpool"`` is `max_pool` with its indices, and `max_unpool` by them back to the size of x.
    """

    network: str
    function: str
    x: tuple[int, ...]
    to: Any = None
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ndim(self) -> int:
        """How many spatial axes."""
        return len(self.x) - 2

    @property
    def stride(self) -> tuple[int, ...]:
        """The step of a window, an entry an axis."""
        stride = self.options.get("stride", self.to)
        return (stride,) * self.ndim if isinstance(stride, int) else stride

    @property
    def kind(self) -> str:
        """``"max"`` where the windows of a maximum lie apart, ``"overlapping"`` where they do not; the others by their function."""
        if self.function == "max_pool":
            return "max" if all(s >= k for s, k in zip(self.stride, self.to, strict=True)) else "overlapping"
        return KINDS[self.function]

    def __str__(self) -> str:
        to = "" if self.to is None else " by " + ("×".join(map(str, self.to)) if isinstance(self.to, tuple) else str(self.to))
        settings = "".join(f" {name} {value}" for name, value in self.options.items())
        return f"{self.network}: {self.function} {'×'.join(map(str, self.x))}{to}{settings}"


def _row(network: str, function: str, x: tuple[int, ...], to: Any = None, **options: Any) -> Layer:
    return Layer(network, function, x, to, options)


LAYERS = (
    _row("VGG pool 1", "max_pool", (8, 112, 112, 64), (2, 2)),
    _row("Wav pool", "max_pool", (16, 2048, 64), (4,)),
    _row("3-D U-Net pool", "max_pool", (1, 32, 32, 32, 32), (2, 2, 2)),
    _row("ResNet-50 stem pool", "max_pool", (8, 112, 112, 64), (3, 3), stride=2, padding=1),
    _row("AlexNet pool 1", "max_pool", (8, 55, 55, 64), (3, 3), stride=2),
    _row("Inception pool branch", "max_pool", (8, 28, 28, 192), (3, 3), stride=1, padding=1),
    _row("YOLO SPP 5", "max_pool", (4, 13, 13, 512), (5, 5), stride=1, padding=2),
    _row("YOLO SPP 13", "max_pool", (4, 20, 20, 256), (13, 13), stride=1, padding=6),
    _row("3-D ResNet stem pool", "max_pool", (1, 16, 56, 56, 64), (3, 3, 3), stride=2, padding=1),
    _row("SegNet 1", "pool and unpool", (8, 112, 112, 64), (2, 2)),
    _row("SegNet 2", "pool and unpool", (4, 56, 56, 128), (2, 2)),
    _row("SegNet unpool 1", "max_unpool", (8, 56, 56, 64), (112, 112)),
    _row("DenseNet transition", "avg_pool", (8, 56, 56, 64), (2, 2)),
    _row("Inception average", "avg_pool", (8, 28, 28, 192), (3, 3), stride=1, padding=1, count_include_pad=False),
    _row("ResNet-50 head", "global_avg_pool", (8, 7, 7, 2048)),
    _row("AlexNet head", "adaptive_avg_pool", (8, 13, 13, 256), (6, 6)),
    _row("AlexNet head, maximum", "adaptive_max_pool", (8, 13, 13, 256), (6, 6)),
    _row("FPN top-down", "resize", (8, 28, 28, 128), (56, 56), method="nearest"),
    _row("3-D U-Net nearest", "resize", (1, 16, 16, 16, 32), (32, 32, 32), method="nearest"),
    _row("DeepLab head", "resize", (4, 64, 64, 21), (512, 512), method="linear"),
    _row("U-Net linear up", "resize", (8, 56, 56, 64), (112, 112), method="linear"),
    _row("3-D U-Net linear", "resize", (1, 16, 16, 16, 32), (32, 32, 32), method="linear"),
    _row("photograph, halved", "resize", (2, 448, 448, 3), (224, 224), method="linear"),
    _row("super-resolution cubic", "resize", (2, 112, 112, 16), (224, 224), method="cubic"),
    _row("ESPCN", "pixel_shuffle", (4, 64, 64, 64), 4),
    _row("STN", "grid_sample", (8, 56, 56, 64)),
)


def _ours(layer: Layer) -> Callable[..., Any]:
    if layer.function == "pool and unpool":

        def there_and_back(x: jax.Array) -> jax.Array:
            y, indices = jaxreview.max_pool(x, layer.to, return_indices=True, **layer.options)
            return jaxreview.max_unpool(y, indices, output_size=x.shape[1:-1])

        return there_and_back
    function: Callable[..., Any] = getattr(jaxreview, layer.function)
    if layer.function == "max_unpool":
        return functools.partial(function, output_size=layer.to, **layer.options)
    return (lambda *given: function(*given, **layer.options)) if layer.to is None else lambda x: function(x, layer.to, **layer.options)


def _lax(layer: Layer) -> Callable[..., Any] | None:
    method = layer.options.get("method")
    if layer.function == "resize" and (method == "linear" or (method == "nearest" and all(m % n == 0 for n, m in zip(layer.x[1:-1], layer.to, strict=True)))):
        return lambda x: jax.image.resize(x, (x.shape[0], *layer.to, x.shape[-1]), method, antialias=False)
    if layer.function == "global_avg_pool":
        return lambda x: x.mean((1, 2))
    if layer.function not in ("max_pool", "avg_pool"):
        return None
    around = layer.options.get("padding", 0)
    walk: Any = ((1, *layer.to, 1), (1, *layer.stride, 1), ((0, 0), *((around, around),) * layer.ndim, (0, 0)))
    if layer.function == "max_pool":
        return lambda x: lax.reduce_window(x, -jnp.inf, lax.max, *walk)
    counted = np.ones((1, *layer.x[1:-1], 1), np.float32)
    counts: Any = np.prod(layer.to, dtype=np.float32)
    if not layer.options.get("count_include_pad", True):
        counts = np.asarray(lax.reduce_window(counted, np.float32(0), lax.add, *walk))
    return lambda x: lax.reduce_window(x, np.zeros((), x.dtype), lax.add, *walk) / counts


def _torch(layer: Layer) -> Callable[..., Any]:
    functional, ndim, options = importlib.import_module("torch.nn.functional"), layer.ndim, dict(layer.options)
    if layer.function == "pool and unpool":
        pool, unpool = getattr(functional, f"max_pool{ndim}d"), getattr(functional, f"max_unpool{ndim}d")

        def there_and_back(x: Any) -> Any:
            y, indices = pool(x, layer.to, return_indices=True, **options)
            return unpool(y, indices, layer.to, output_size=x.shape[2:], **options)

        return there_and_back
    if layer.function == "max_unpool":
        window = tuple(m // n for n, m in zip(layer.x[1:-1], layer.to, strict=True))
        return lambda x, indices: getattr(functional, f"max_unpool{ndim}d")(x, indices, window, output_size=layer.to)
    if layer.function == "global_avg_pool":
        return lambda x: getattr(functional, f"adaptive_avg_pool{ndim}d")(x, 1).flatten(1)
    if layer.function == "resize":
        method = options.pop("method")
        mode = {"linear": {1: "linear", 2: "bilinear", 3: "trilinear"}[ndim], "cubic": "bicubic"}.get(method, method)
        return lambda x: functional.interpolate(x, size=layer.to, mode=mode, **options)
    if layer.function == "grid_sample":
        return lambda x, grid: functional.grid_sample(x, grid, align_corners=False)
    function = getattr(functional, "pixel_shuffle" if layer.function == "pixel_shuffle" else f"{layer.function}{ndim}d")
    return lambda x: function(x, layer.to, **options)


LIBRARIES: dict[str, Callable[[Layer], Callable[..., Any] | None]] = {"ours": _ours, "lax": _lax, "torch": _torch}


def arrays(layer: Layer) -> tuple[np.ndarray, ...]:
    """Seeded x, what the function takes beside it (indices or a grid), and the cotangent, in float32."""
    rng = np.random.default_rng(0)
    given: list[Any] = [rng.standard_normal(layer.x, np.float32)]
    if layer.function == "max_unpool":
        indices = np.zeros(layer.x, np.int32)
        for axis, (n, m) in enumerate(zip(layer.x[1:-1], layer.to, strict=True), 1):
            start = np.expand_dims(np.arange(n, dtype=np.int32) * (m // n), tuple(a for a in range(len(layer.x)) if a != axis))
            indices = indices * m + start + rng.integers(m // n, size=layer.x, dtype=np.int32)
        given.append(indices)
    if layer.function == "grid_sample":
        height, width = layer.x[1:3]
        y, x = np.meshgrid(*((2 * np.arange(n) + 1) / n - 1 for n in (height, width)), indexing="ij")
        turn, zoom = rng.uniform(-0.5, 0.5, (layer.x[0], 1, 1)), rng.uniform(0.7, 1.2, (layer.x[0], 1, 1))
        given.append(np.stack([zoom * (np.cos(turn) * x - np.sin(turn) * y), zoom * (np.sin(turn) * x + np.cos(turn) * y)], -1).astype(np.float32))
    out = jax.eval_shape(_ours(layer), *given)
    return (*given, rng.standard_normal(out.shape, np.float32))


def outputs(layer: Layer, *given: np.ndarray) -> dict[str, np.ndarray]:
    """The layer's y and the gradient of x in float64: PyTorch's where it is installed, else our own."""
    wide = tuple(a.astype(np.float64) if a.dtype == np.float32 else a for a in given)
    if not libraries.prepare("torch", 1):
        found = program("torch", layer, "gradient", wide)
        assert found is not None
        return found.read(found.clocked.run())
    with jax.enable_x64(True):

        def both(x: jax.Array, *others: jax.Array) -> dict[str, jax.Array]:
            y, pull = jax.vjp(lambda x: _ours(layer)(x, *others[:-1]), x)
            return {"y": y, "x": pull(others[-1])[0]}

        return {name: np.asarray(a) for name, a in jax.jit(both)(*map(jnp.asarray, wide)).items()}


def program(library: str, layer: Layer, turn: str, given: tuple[np.ndarray, ...]) -> libraries.Program | None:
    """One pass (``forward`` or ``gradient``) of a layer, ready to run on its arrays; None where the library has no such function."""
    function, first = LIBRARIES[library](layer), library == "torch"
    if function is None:
        return None
    x, *held, cotangent = given
    if first:
        x, cotangent = _channels_first(x), _channels_first(cotangent)
        held = [_channels_first(a).astype(np.int64) if np.issubdtype(a.dtype, np.integer) else a for a in held]

    def read(results: Any) -> dict[str, np.ndarray]:
        found = (np.asarray(a.detach() if first else a) for a in results)
        return {name: np.moveaxis(a, 1, -1) if first else a for name, a in zip(("y", "x"), found, strict=False)}

    return libraries.made(library, function, (x,), held, cotangent if turn == "gradient" else None, read)


def _channels_first(a: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(np.moveaxis(a, -1, 1))
