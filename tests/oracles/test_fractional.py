"""Fractional max pooling against PyTorch, given the same draws: values, indices and gradients."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import fractional_max_pool

from agree import agree

torch = pytest.importorskip("torch")
F = torch.nn.functional

SETTINGS = [
    ((9, 11), (2, 3), (5, 7)),
    ((9, 11), (3, 3), (4, 5)),
    ((9, 11), (1, 1), (9, 11)),
    ((9, 11), (9, 11), (1, 1)),
    ((32, 33), (2, 2), (22, 23)),
    ((32, 33), (3, 2), (16, 16)),
    ((5, 8), (2, 2), (2, 2)),
    ((5, 8), (4, 2), (2, 6)),
    ((7, 4), (2, 3), (6, 2)),
    ((20, 20), (2, 2), (14, 14)),
    ((4, 5, 6), (2, 2, 2), (2, 3, 4)),
    ((9, 9), (2, 2), (5, 6)),
    ((9, 9), (3, 1), (3, 5)),
    ((6, 30), (2, 5), (5, 20)),
    ((40, 3), (3, 3), (28, 1)),
    ((9, 5, 6), (2, 2, 2), (6, 3, 4)),
    ((9, 8, 8), (3, 1, 2), (4, 7, 5)),
    ((4, 5, 6), (1, 2, 3), (3, 3, 2)),
    ((4, 5, 6), (2, 4, 5), (2, 1, 1)),
    ((8, 7, 9), (2, 2, 2), (5, 5, 6)),
]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_fractional_max_pool(setting, dtype):
    spatial, window, size = setting
    key, d = jax.random.key(3), len(setting[0])
    x = (np.random.default_rng(0).integers(-20, 20, (2, *spatial, 3)) / 8).astype(dtype)
    draws = np.asarray(jax.random.bits(key, (2, 3, d), "uint32") >> 8).astype(dtype) * 2.0**-24
    # PyTorch's first draw of two is for the width.
    samples = torch.tensor(draws[..., ::-1].copy() if d == 2 else draws, dtype=getattr(torch, dtype))
    pool = {2: F.fractional_max_pool2d, 3: F.fractional_max_pool3d}[d]
    tx = torch.tensor(np.moveaxis(x, -1, 1).copy(), requires_grad=True)
    ty, where = pool(tx, window, output_size=size, return_indices=True, _random_samples=samples)
    with jax.enable_x64(dtype == "float64"):
        ours = jax.jit(lambda x: fractional_max_pool(key, x, window, output_size=size, return_indices=True))
        y, pull, indices = jax.vjp(ours, jnp.asarray(x), has_aux=True)
        agree(y, np.moveaxis(ty.detach().numpy(), 1, -1), dtype)
        agree(indices, np.moveaxis(where.numpy(), 1, -1))
        weights = np.random.default_rng(1).standard_normal(y.shape).astype(dtype)
        ty.backward(torch.tensor(np.moveaxis(weights, -1, 1).copy()))
        agree(pull(jnp.asarray(weights))[0], np.moveaxis(tx.grad.numpy(), 1, -1), dtype)
