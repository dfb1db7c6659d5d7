"""The three maps of a convolution by their definition, a matmul a tap, in float64 NumPy: what every library and algorithm is held against.

With y `(N, *walk.out, D)`, x `(N, *walk.spatial, C)` and a kernel `(*window, C // groups, D)`: ``correlate`` gives y of x and the kernel, ``spread`` x of y
and the kernel (its adjoint in x), ``weigh`` the kernel of x and y (its adjoint in the kernel). A layer's value and gradients are these.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from jaxreview._windows import Geometry

from shapes import Layer

__all__ = ["MAPS", "arrays", "correlate", "maps", "outputs", "spread", "weigh"]


def correlate(x: Any, kernel: Any, walk: Geometry, groups: int) -> np.ndarray:
    """y[o] = Σ over taps of x[o · stride − padding + tap · dilation] · kernel[tap]."""
    padded, kernel = _padded(_split(x, groups), walk), np.asarray(kernel, np.float64)
    y = np.zeros((groups, padded.shape[1], *walk.out, kernel.shape[-1] // groups))
    for tap, cells in _taps(walk):
        y += padded[cells] @ _group(kernel[tap], groups, walk)
    return _joined(y)


def spread(y: Any, kernel: Any, walk: Geometry, groups: int) -> np.ndarray:
    """x[o · stride − padding + tap · dilation] += y[o] · kernel[tap]ᵀ, for all o and taps."""
    y, kernel = _split(y, groups), np.asarray(kernel, np.float64)
    x = np.zeros((groups, y.shape[1], *_extent(walk), kernel.shape[-2]))
    for tap, cells in _taps(walk):
        x[cells] += y @ np.swapaxes(_group(kernel[tap], groups, walk), -1, -2)
    return _joined(x[(slice(None),) * 2 + tuple(slice(b, b + n) for n, (b, _) in zip(walk.spatial, walk.padding, strict=True))])


def weigh(x: Any, y: Any, walk: Geometry, groups: int) -> np.ndarray:
    """kernel[tap] = Σ over batch and o of x[o · stride − padding + tap · dilation]ᵀ · y[o]."""
    padded, y = _padded(_split(x, groups), walk), _split(y, groups)
    fan_in, out = padded.shape[-1], y.shape[-1]
    y = y.reshape(groups, math.prod(y.shape[1:-1]), out)
    kernel = np.empty((*walk.window, fan_in, groups, out))
    for tap, cells in _taps(walk):
        kernel[tap] = np.moveaxis(np.swapaxes(padded[cells].reshape(groups, math.prod(y.shape[1:-1]), fan_in), 1, 2) @ y, 0, 1)
    return kernel.reshape(*walk.window, fan_in, groups * out)


MAPS = {"correlate": correlate, "spread": spread, "weigh": weigh}


def maps(layer: Layer, x: Any, kernel: Any, cotangent: Any) -> dict[str, tuple[str, Any, Any]]:
    """Which map of which arrays gives the layer's y and its gradients of x and kernel; of a transposed layer x and y change roles."""
    if layer.function == "conv_transpose":
        return {"y": ("spread", x, kernel), "x": ("correlate", cotangent, kernel), "kernel": ("weigh", cotangent, x)}
    return {"y": ("correlate", x, kernel), "x": ("spread", cotangent, kernel), "kernel": ("weigh", x, cotangent)}


def outputs(layer: Layer, x: Any, kernel: Any, cotangent: Any) -> dict[str, np.ndarray]:
    """The layer's y and the gradients of x and kernel, by name."""
    return {name: MAPS[which](first, second, layer.geometry, layer.groups) for name, (which, first, second) in maps(layer, x, kernel, cotangent).items()}


def arrays(layer: Layer) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Seeded x, kernel and cotangent of a layer in float32, the kernel scaled for outputs of size 1."""
    rng = np.random.default_rng(0)
    walk = layer.geometry
    # A convolution sums all taps into an output; its transpose one tap in a stride.
    taps = math.prod(walk.window) / (1 if layer.function == "conv" else math.prod(walk.stride))
    fan = taps * layer.x[-1] / layer.groups
    out = (*walk.out, layer.kernel[-1]) if layer.function == "conv" else (*walk.spatial, layer.kernel[-2] * layer.groups)
    x, kernel, cotangent = (rng.standard_normal(shape, np.float32) for shape in (layer.x, layer.kernel, (layer.x[0], *out)))
    return x, kernel / np.float32(math.sqrt(fan)), cotangent


def _split(a: Any, groups: int) -> np.ndarray:
    """Channels last as groups first: `(groups, N, *spatial, channels // groups)`."""
    a = np.asarray(a, np.float64)
    return np.ascontiguousarray(np.moveaxis(a.reshape(*a.shape[:-1], groups, a.shape[-1] // groups), -2, 0))


def _joined(a: np.ndarray) -> np.ndarray:
    a = np.moveaxis(a, 0, -2)
    return a.reshape(*a.shape[:-2], a.shape[-2] * a.shape[-1])


def _group(weights: np.ndarray, groups: int, walk: Geometry) -> np.ndarray:
    """One tap's `(in, groups · out)` as `(groups, 1, …, in, out)`, to multiply `(groups, N, *out, in)`."""
    fan_in = weights.shape[0]
    return np.moveaxis(weights.reshape(fan_in, groups, -1), 1, 0).reshape(groups, *(1,) * len(walk.out), fan_in, -1)


def _extent(walk: Geometry) -> tuple[int, ...]:
    return tuple(n + before + after for n, (before, after) in zip(walk.spatial, walk.padding, strict=True))


def _padded(x: np.ndarray, walk: Geometry) -> np.ndarray:
    return np.pad(x, ((0, 0), (0, 0), *walk.padding, (0, 0)))


def _taps(walk: Geometry) -> Iterator[tuple[tuple[int, ...], tuple[slice, ...]]]:
    """Every tap and the cells of the padded x, one for each output, that it sees."""
    for tap in np.ndindex(*walk.window):
        first = [t * d for t, d in zip(tap, walk.dilation, strict=True)]
        yield tap, (slice(None), slice(None), *(slice(f, f + (o - 1) * s + 1, s) for f, o, s in zip(first, walk.out, walk.stride, strict=True)))
