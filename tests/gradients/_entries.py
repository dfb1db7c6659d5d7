"""What an entry of the corpus is, and short ways to write one with a rule of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

__all__ = ["Entry", "Half", "jvp_rule", "spread", "vjp_rule"]


@dataclass(frozen=True)
class Entry:
    """A function whose gradient is known to be right or wrong.

    ``make()`` gives the function and its arguments; with ``x64`` it and the check run under x64. ``kind`` says what makes it awkward or what is wrong.
    """

    name: str
    kind: str
    wrong: bool
    make: Callable[[], tuple[Callable[..., Any], tuple[Any, ...]]]
    x64: bool = False
    order: int = 1

    def __str__(self) -> str:
        return self.name


class Half:
    """One half of the corpus, filled by decorators: ``@half.right("kind")`` and ``@half.wrong("kind")`` over a factory."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def _add(self, kind: str, wrong: bool, x64: bool, order: int) -> Callable[[Any], Any]:
        def add(make: Any) -> Any:
            self.entries.append(Entry(make.__name__, kind, wrong, make, x64, order))
            return make

        return add

    def right(self, kind: str, *, x64: bool = False, order: int = 1) -> Callable[[Any], Any]:
        return self._add(kind, False, x64, order)

    def wrong(self, kind: str, *, x64: bool = False, order: int = 1) -> Callable[[Any], Any]:
        return self._add(kind, True, x64, order)


def vjp_rule(value: Callable[..., Any], back: Callable[..., Any], fwd: Callable[..., Any] | None = None) -> Any:
    """``value`` with the reverse rule ``back(args, cotangent)``, which gives a tuple."""
    f = jax.custom_vjp(value)
    f.defvjp(fwd or (lambda *args: (value(*args), args)), back)
    return f


def jvp_rule(value: Callable[..., Any], push: Callable[..., Any]) -> Any:
    """``value`` with the forward rule ``push(args, tangents)``."""
    f = jax.custom_jvp(value)
    f.defjvp(lambda primals, tangents: (value(*primals), push(primals, tangents)))
    return f


def spread(*shape: int, seed: int = 0, dtype: Any = jnp.float32, low: float = -1.5, high: float = 1.5) -> jax.Array:
    """Values without a pattern in [low, high]."""
    return jnp.asarray(np.random.default_rng(seed).uniform(low, high, shape), dtype)
