"""Regions of all kinds, and one of our operations on them against torchvision's."""

import jax
import jax.numpy as jnp
import numpy as np

from agree import agree
from torchvision_peer import ask

SIZE = (9, 11)


def drawn(dtype, *, channels, seed=0, count=60):
    """Features, and regions that are tiny, huge, inside, across a border and far outside, some with their corners the wrong way around."""
    rng = np.random.default_rng(seed)
    side = np.exp(rng.uniform(np.log(0.05), np.log(20), (count, 2))) * np.where(rng.uniform(size=(count, 2)) < 0.1, -1, 1)
    centre = rng.uniform(-0.5, 1.5, (count, 2)) * np.array(SIZE[::-1])
    rois = np.concatenate([rng.integers(0, 2, (count, 1)), centre - side / 2, centre + side / 2], 1)
    return rng.standard_normal((2, *SIZE, channels)).astype(dtype), rois.astype(dtype)


def compare(name, ours, theirs, dtype, x, rois):
    """Values, and the gradient of the sum of the result times 1, 2, 3, … over its size, in torchvision's order of axes."""
    want, pulled = ask(f"torchvision.ops.{name}", np.ascontiguousarray(np.moveaxis(x, -1, 1)), rois, gradient=0, **theirs)
    weights = np.arange(1, want.size + 1, dtype=dtype).reshape(want.shape) / want.size

    def value_and_pull(x, rois):
        value, pull = jax.vjp(lambda x: ours(x, rois), x)
        return value, pull(jnp.asarray(np.moveaxis(weights, 1, -1)))[0]

    with jax.enable_x64(dtype == "float64"):
        got = jax.jit(value_and_pull)(jnp.asarray(x), jnp.asarray(rois))
    agree(got, (np.moveaxis(want, 1, -1), np.moveaxis(pulled, 1, -1)), dtype)
