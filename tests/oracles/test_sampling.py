"""Sampling between cells against PyTorch: values and the gradients of both arguments."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import affine_grid, grid_sample

from agree import agree

torch = pytest.importorskip("torch")
F = torch.nn.functional
MODES = {"nearest": "nearest", "linear": "bilinear", "cubic": "bicubic"}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("align", [False, True], ids=["edges", "corners"])
@pytest.mark.parametrize("mode", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("method", MODES)
@pytest.mark.parametrize("spatial", [(4, 5), (1, 3), (7, 2), (3, 4, 5), (2, 1, 3)], ids=str)
def test_grid_sample(spatial, method, mode, align, dtype):
    d = len(spatial)
    if d == 3 and method == "cubic":
        pytest.skip("PyTorch has no tricubic")
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, *spatial, 3)).astype(dtype)
    grid = rng.uniform(-2.5, 2.5, (2, *(4, 3, 2)[:d], d)).astype(dtype)
    tx, tg = torch.tensor(np.moveaxis(x, -1, 1).copy(), requires_grad=True), torch.tensor(grid, requires_grad=True)
    ty = F.grid_sample(tx, tg, mode=MODES[method], padding_mode=mode, align_corners=align)
    weights = rng.standard_normal(ty.shape).astype(dtype)
    ty.backward(torch.tensor(weights))
    with jax.enable_x64(dtype == "float64"):
        ours = jax.jit(lambda x, g: grid_sample(x, g, method=method, padding_mode=mode, align_corners=align))
        y, pull = jax.vjp(ours, jnp.asarray(x), jnp.asarray(grid))
        agree(y, np.moveaxis(ty.detach().numpy(), 1, -1), dtype)
        gx, gg = pull(jnp.asarray(np.moveaxis(weights, 1, -1)))
        agree(gx, np.moveaxis(tx.grad.numpy(), 1, -1), dtype)
        agree(gg, tg.grad.numpy(), dtype)


# PyTorch warns of a single cell with corners aligned, which it puts at 0, as we do.
@pytest.mark.filterwarnings("ignore:Since version 1.3.0")
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("align", [False, True], ids=["edges", "corners"])
@pytest.mark.parametrize("size", [(4, 5), (1, 1), (1, 7), (8, 3), (28, 28), (2, 3, 4), (1, 5, 1), (6, 2, 2), (3, 3, 3), (1, 1, 1)], ids=str)
def test_affine_grid(size, align, dtype):
    d, rng = len(size), np.random.default_rng(0)
    theta = rng.standard_normal((2, d, d + 1)).astype(dtype)
    t = torch.tensor(theta, requires_grad=True)
    want = F.affine_grid(t, [2, 3, *size], align_corners=align)
    weights = rng.standard_normal(want.shape).astype(dtype)
    want.backward(torch.tensor(weights))
    with jax.enable_x64(dtype == "float64"):
        got, pull = jax.vjp(jax.jit(lambda a: affine_grid(a, size, align_corners=align)), jnp.asarray(theta))
        agree(got, want.detach().numpy(), dtype)
        agree(pull(jnp.asarray(weights))[0], t.grad.numpy(), dtype)
