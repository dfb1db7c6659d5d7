"""What a row's arrays are drawn from: small recipes that give seeded NumPy arrays of a named shape."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import jax
import numpy as np

Dims: TypeAlias = Mapping[str, int]


@dataclass(frozen=True)
class Input:
    """A recipe for one argument: ``draw(rng, dims)`` gives NumPy arrays (or a pytree of them, or a jax key)."""

    label: str
    draw: Callable[[np.random.Generator, Dims], Any]


def sizes(spec: str, dims: Dims) -> tuple[int, ...]:
    """``"N H 3"`` with ``dims`` as a shape: a name is looked up, a number stands for itself, ``""`` is a scalar."""
    return tuple(int(token) if token.isdigit() else dims[token] for token in spec.split())


def _of(name: str, spec: str, make: Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]) -> Input:
    return Input(f"{name}({spec})", lambda rng, dims: np.asarray(make(rng, sizes(spec, dims))))


def normal(spec: str, scale: float = 1.0, mean: float = 0.0) -> Input:
    """Independent normals."""
    return _of("normal", spec, lambda rng, shape: mean + scale * rng.standard_normal(shape))


def uniform(spec: str, low: float = 0.0, high: float = 1.0) -> Input:
    """Uniform reals in [low, high)."""
    return _of("uniform", spec, lambda rng, shape: rng.uniform(low, high, shape))


def distinct(spec: str) -> Input:
    """Well separated values in random order, from −1.5 to 2: under a max no two are near a tie."""
    return _of("distinct", spec, lambda rng, shape: rng.permutation(np.linspace(-1.5, 2.0, int(np.prod(shape)))).reshape(shape))


def away(spec: str, *kinks: float, gap: float = 0.1, scale: float = 1.0) -> Input:
    """Normals kept at least ``gap`` away from every kink."""

    def make(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        x = scale * rng.standard_normal(shape)
        for kink in kinks:
            x = np.where(np.abs(x - kink) < gap, kink + np.where(x >= kink, gap, -gap) * (1 + np.abs(rng.standard_normal(shape))), x)
        return x

    return _of("away", spec, make)


def between(spec: str, low: int, high: int) -> Input:
    """Reals in [low, high), kept a fifth away from every integer."""
    return _of("away from integers", spec, lambda rng, shape: rng.integers(low, high, shape) + rng.uniform(0.2, 0.8, shape))


def probabilities(spec: str) -> Input:
    """Non-negative, summing to one over the last axis."""

    def make(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        p = rng.exponential(size=shape)
        return p / p.sum(-1, keepdims=True)

    return _of("probabilities", spec, make)


def integers(spec: str, low: int, high: int | str) -> Input:
    """Integers in [low, high); ``high`` may name a dim."""
    return Input(f"integers({spec})", lambda rng, dims: rng.integers(low, dims[high] if isinstance(high, str) else high, sizes(spec, dims)).astype(np.int32))


def signs(spec: str) -> Input:
    """±1."""
    return _of("signs", spec, lambda rng, shape: rng.choice([-1.0, 1.0], shape))


def permuted(spec: str, size: int | str) -> Input:
    """Distinct int32 from range(size), in random order over all of the spatial axes: one set for each leading example and last-axis channel."""

    def draw(rng: np.random.Generator, dims: Dims) -> np.ndarray:
        batch, *spatial, channels = sizes(spec, dims)
        total = dims[size] if isinstance(size, str) else size
        lanes = [rng.permutation(total)[: int(np.prod(spatial))].reshape(spatial) for _ in range(batch * channels)]
        return np.moveaxis(np.stack(lanes).reshape(batch, channels, *spatial), 1, -1).astype(np.int32)

    return Input(f"permuted({spec})", draw)


def switches(spec: str, window: tuple[int, ...], size: tuple[int, ...]) -> Input:
    """A cell of its own window for every value of a pooled plane, int32 and row-major over the plane of ``size``, as a pool with windows side by side gives."""

    def draw(rng: np.random.Generator, dims: Dims) -> np.ndarray:
        shape = sizes(spec, dims)
        pooled, flat = shape[-1 - len(size) : -1], np.zeros(shape, np.int64)
        for axis, (n, k, m) in enumerate(zip(pooled, window, size, strict=True)):
            first = (np.arange(n) * k).reshape([n if a == axis else 1 for a in range(len(size))] + [1])
            flat = flat * m + np.minimum(first + rng.integers(k, size=shape), m - 1)
        return flat.astype(np.int32)

    return Input(f"switches({spec})", draw)


def constant(value: np.ndarray | list | float) -> Input:
    """These very values (floats as float64)."""
    return Input("constant", lambda rng, dims: np.array(value))


def key() -> Input:
    """A typed random key."""
    return Input("key", lambda rng, dims: jax.random.key(int(rng.integers(2**31))))


def struct(kind: Callable[..., Any], *parts: Input) -> Input:
    """A NamedTuple of inputs, for example ``struct(BatchStats, normal("C"), uniform("C", 0.5, 2))``."""
    return Input(getattr(kind, "__name__", "struct"), lambda rng, dims: kind(*(part.draw(rng, dims) for part in parts)))
