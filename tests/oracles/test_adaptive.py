"""Adaptive pooling against PyTorch: values, indices and gradients."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import adaptive_avg_pool, adaptive_max_pool, global_avg_pool, global_max_pool

from agree import agree

torch = pytest.importorskip("torch")
F = torch.nn.functional
AVERAGE = {1: F.adaptive_avg_pool1d, 2: F.adaptive_avg_pool2d, 3: F.adaptive_avg_pool3d}
MAXIMUM = {1: F.adaptive_max_pool1d, 2: F.adaptive_max_pool2d, 3: F.adaptive_max_pool3d}

SETTINGS = [
    ((9,), (1,)),
    ((9,), (3,)),
    ((10,), (4,)),
    ((3,), (5,)),
    ((5,), (5,)),
    ((1,), (3,)),
    ((50,), (37,)),
    ((37,), (50,)),
    ((64,), (48,)),
    ((6, 7), (1, 1)),
    ((6, 7), (2, 3)),
    ((13, 13), (6, 6)),
    ((5, 8), (None, 3)),
    ((5, 8), (7, None)),
    ((4, 6), (8, 9)),
    ((7, 3), (5, 40)),
    ((12, 18), (8, 12)),
    ((2, 40), (1, 36)),
    ((4, 5, 6), (2, 2, 2)),
    ((4, 5, 6), (3, 5, 4)),
    ((3, 4, 2), (5, None, 1)),
    ((2, 3, 5), (4, 7, 3)),
]


def last(t):
    return np.moveaxis(t.detach().numpy(), 1, -1)


def check(ours, theirs, x, dtype):
    with jax.enable_x64(dtype == "float64"):
        y, pull = jax.vjp(jax.jit(ours), jnp.asarray(x, dtype))
        weights = np.random.default_rng(1).standard_normal(y.shape).astype(dtype)
        tx = torch.tensor(np.moveaxis(x.astype(dtype), -1, 1).copy(), requires_grad=True)
        ty = theirs(tx)
        ty.backward(torch.tensor(np.moveaxis(weights, -1, 1).copy()).reshape(ty.shape))
        agree(y, last(ty).reshape(y.shape), dtype)
        agree(pull(jnp.asarray(weights))[0], last(tx.grad), dtype)


def draw(spatial):
    """Values with ties in them, which go to the first; (N, *spatial, C)."""
    return np.random.default_rng(0).integers(-20, 20, (2, *spatial, 3)) / 8


def theirs(functions, spatial, size):
    """PyTorch's function; a 1-D size is an int there, and None is not known in 1-D."""
    full = tuple(n if m is None else m for m, n in zip(size, spatial, strict=True))
    return lambda t, **options: functions[len(size)](t, full if len(full) > 1 else full[0], **options)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_adaptive_avg_pool(setting, dtype):
    spatial, size = setting
    check(lambda x: adaptive_avg_pool(x, size), theirs(AVERAGE, spatial, size), draw(spatial), dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_adaptive_max_pool(setting, dtype):
    spatial, size = setting
    check(lambda x: adaptive_max_pool(x, size), theirs(MAXIMUM, spatial, size), draw(spatial), dtype)
    want = theirs(MAXIMUM, spatial, size)(torch.tensor(np.moveaxis(draw(spatial), -1, 1).copy()), return_indices=True)[1]
    got = adaptive_max_pool(jnp.asarray(draw(spatial), jnp.float32), size, return_indices=True)[1]
    assert got.dtype == jnp.int32
    agree(got, last(want))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("spatial", [(1,), (9,), (40,), (1, 1), (6, 7), (7, 1), (13, 13), (2, 3, 4), (5, 1, 3), (4, 4, 4)], ids=str)
def test_global_pools(spatial, dtype):
    d = len(spatial)
    check(lambda x: global_avg_pool(x, ndim=d, keepdims=True), lambda t: AVERAGE[d](t, 1), draw(spatial), dtype)
    check(lambda x: global_max_pool(x, ndim=d), lambda t: MAXIMUM[d](t, 1), draw(spatial), dtype)
