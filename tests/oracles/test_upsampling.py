"""Interpolation against PyTorch: values and gradients."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import upsample

from agree import agree

torch = pytest.importorskip("torch")
NAMES = {"linear": {1: "linear", 2: "bilinear", 3: "trilinear"}, "cubic": {2: "bicubic"}}

# spatial shape, factors
SCALES = [
    ((5,), (2,)),
    ((5,), (3.0,)),
    ((9,), (1 / 3,)),
    ((10,), (0.3,)),
    ((7,), (1.7,)),
    ((5,), (1.1,)),
    ((4,), (2.2,)),
    ((1,), (4.0,)),
    ((3,), (49,)),
    ((41,), (0.05,)),
    ((4, 5), (2, 2)),
    ((4, 5), (1.5, 2.5)),
    ((6, 5), (0.5, 3)),
    ((6, 7), (0.7, 0.3)),
    ((8, 6), (0.25, 1 / 3)),
    ((5, 4), (1.1, 2.2)),
    ((1, 6), (3, 0.5)),
    ((5, 6), (1, 1.0)),
    ((7, 20), (0.99, 0.06)),
    ((3, 4, 5), (2, 1.5, 0.4)),
    ((3, 4, 5), (1 / 3, 2.5, 1.9)),
    ((2, 3, 1), (1.5, 1.0, 5)),
]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("align", [False, True], ids=["half", "corners"])
@pytest.mark.parametrize("method", ["nearest", "nearest-exact", "linear", "cubic", "area"])
@pytest.mark.parametrize("setting", SCALES, ids=str)
def test_upsample(setting, method, align, dtype):
    spatial, scale = setting
    ndim = len(spatial)
    if align and method not in ("linear", "cubic"):
        pytest.skip("this method has no corners to align")
    if method == "cubic" and ndim == 3:
        pytest.skip("PyTorch has no tricubic")
    given = spatial, scale
    if method == "nearest" and any(int(n * f) in (n, 2 * n) and int(n * f) != n * f for n, f in zip(spatial, scale, strict=True)):
        pytest.skip("PyTorch copies or doubles here in 2-D and in every gradient, but follows the factor in 1-D and 3-D values, as we do")
    if method == "cubic" and ndim == 1:  # PyTorch has cubic in 2-D only: a second axis of one cell, doubled, changes nothing
        given = (*spatial, 1), (*scale, 2)
    x = np.random.default_rng(0).standard_normal((2, *spatial, 3)).astype(dtype)
    tx = torch.tensor(np.moveaxis(x, -1, 1).copy().reshape(2, 3, *given[0]), requires_grad=True)
    ty = torch.nn.functional.interpolate(
        tx, scale_factor=tuple(map(float, given[1])), mode=NAMES.get(method, {}).get(len(given[0]), method),
        align_corners=align if method in NAMES else None,
    )  # fmt: skip
    if len(given[0]) > ndim:
        ty = ty[..., 0]
    weights = np.random.default_rng(1).standard_normal(ty.shape).astype(dtype)
    ty.backward(torch.tensor(weights))
    with jax.enable_x64(dtype == "float64"):
        y, pull = jax.vjp(jax.jit(lambda a: upsample(a, scale, method=method, align_corners=align)), jnp.asarray(x))
        agree(y, np.moveaxis(ty.detach().numpy(), 1, -1).reshape(y.shape), dtype)
        agree(pull(jnp.asarray(np.moveaxis(weights, 1, -1).reshape(y.shape)))[0], np.moveaxis(tx.grad.numpy(), 1, -1).reshape(x.shape), dtype)


@pytest.mark.parametrize("method", ["nearest", "nearest-exact"])
@pytest.mark.parametrize("factor", [1.25, 1.3, 1.5, 1.75, 2.5, 3.3, 7.0, 11.0, 25.0, 41.0, 49.0, 0.1, 0.2, 0.25, 0.3, 1 / 3, 0.5, 2 / 3, 0.75, 0.9])
def test_nearest_takes_the_same_cells_at_every_size(method, factor):
    for n in (1, 2, 3, 4, 5, 7, 10, 16, 49, 100, 224):
        if n * factor < 1:
            continue
        x = np.arange(n, dtype=np.float32)
        want = torch.nn.functional.interpolate(torch.tensor(x).reshape(1, 1, n), scale_factor=factor, mode=method)
        agree(upsample(jnp.asarray(x).reshape(n, 1), (factor,), method=method).ravel(), want.numpy().ravel(), "float32")
