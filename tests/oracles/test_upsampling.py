"""Interpolation against PyTorch: values and gradients."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import resize, upsample

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


# spatial shape, size
SIZES = [
    ((5,), (10,)),
    ((10,), (5,)),
    ((9,), (3,)),
    ((10,), (3,)),
    ((7,), (11,)),
    ((1,), (4,)),
    ((6,), (1,)),
    ((3,), (147,)),
    ((41,), (2,)),
    ((5,), (5,)),
    ((4, 5), (8, 10)),
    ((4, 5), (6, 12)),
    ((6, 5), (3, 15)),
    ((6, 7), (4, 2)),
    ((16, 9), (2, 3)),
    ((7, 8), (8, 7)),
    ((1, 6), (3, 3)),
    ((5, 6), (5, 1)),
    ((7, 20), (6, 1)),
    ((2, 3), (33, 16)),
    ((3, 4, 5), (6, 6, 2)),
    ((3, 4, 5), (1, 10, 9)),
    ((2, 3, 1), (3, 3, 5)),
    ((4, 6, 2), (3, 5, 7)),
]
METHODS = ["nearest", "nearest-exact", "linear", "cubic", "area"]


def by_torch(x, weights, method, align, **options):
    """PyTorch's values, and the gradient of their sum times the weights.

    It has cubic, and antialiasing, in 2-D only: beside a single axis a second one of one cell, doubled, changes nothing.
    """
    single = x.ndim == 3 and (method == "cubic" or options.get("antialias"))
    tx, tw = (torch.tensor(np.moveaxis(a, -1, 1).copy()) for a in (x, weights))
    if single:
        tx, options = tx.unsqueeze(2), {name: (2, *value) if name in ("size", "scale_factor") else value for name, value in options.items()}
    tx.requires_grad_()
    mode = NAMES.get(method, {}).get(tx.ndim - 2, method)
    ty = torch.nn.functional.interpolate(tx, mode=mode, align_corners=align if method in NAMES else None, **options)
    ty = ty[:, :, 0] if single else ty
    ty.backward(tw)
    return [np.moveaxis((a[:, :, 0] if single and a is not ty else a).detach().numpy(), 1, -1) for a in (ty, tx.grad)]


def check(ours, spatial, outputs, dtype, method, align, **options):
    x = np.random.default_rng(0).standard_normal((2, *spatial, 3)).astype(dtype)
    weights = np.random.default_rng(1).standard_normal((2, *outputs, 3)).astype(dtype)
    want, want_gradient = by_torch(x, weights, method, align, **options)
    with jax.enable_x64(dtype == "float64"):
        y, pull = jax.vjp(jax.jit(ours), jnp.asarray(x))
        agree(y, want, dtype)
        agree(pull(jnp.asarray(weights))[0], want_gradient, dtype)


def skip_unless_possible(method, align, ndim):
    if align and method not in NAMES:
        pytest.skip("this method has no corners to align")
    if method == "cubic" and ndim == 3:
        pytest.skip("PyTorch has no tricubic")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("align", [False, True], ids=["half", "corners"])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("setting", SIZES, ids=str)
def test_resize(setting, method, align, dtype):
    spatial, size = setting
    skip_unless_possible(method, align, len(spatial))
    check(lambda a: resize(a, size, method=method, align_corners=align), spatial, size, dtype, method, align, size=size)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("align", [False, True], ids=["half", "corners"])
@pytest.mark.parametrize("method", NAMES)
# PyTorch's antialiased rows all become the first one where the result has a single column: those settings are left out.
@pytest.mark.parametrize("setting", [s for s in SIZES if len(s[0]) < 3 and s[1][-1] > 1], ids=str)
def test_antialiased_resize(setting, method, align, dtype):
    spatial, size = setting
    check(lambda a: resize(a, size, method=method, align_corners=align, antialias=True), spatial, size, dtype, method, align, size=size, antialias=True)


@pytest.mark.parametrize("method", ["nearest", "nearest-exact"])
@pytest.mark.parametrize("n", [1, 2, 3, 5, 7, 28, 49, 100, 224])
def test_nearest_takes_the_same_cells_to_every_size(method, n):
    x = np.arange(n, dtype=np.float32)
    # In 1-D PyTorch itself takes another cell from 2 to 41, 47 and 55.
    for m in (1, 2, 3, 4, 7, 10, 25, 33, 41, 49, 64, 100, 147, 256, 300, 512):
        want = torch.nn.functional.interpolate(torch.tensor(x).reshape(1, 1, 1, n), size=(1, m), mode=method)
        agree(resize(jnp.asarray(x).reshape(n, 1), (m,), method=method).ravel(), want.numpy().ravel(), "float32")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("align", [False, True], ids=["half", "corners"])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("setting", SCALES, ids=str)
def test_upsample(setting, method, align, dtype):
    spatial, scale = setting
    skip_unless_possible(method, align, len(spatial))
    size = tuple(int(n * f) for n, f in zip(spatial, scale, strict=True))
    if method == "nearest" and any(m in (n, 2 * n) and m != n * f for n, m, f in zip(spatial, size, scale, strict=True)):
        pytest.skip("PyTorch copies or doubles here in 2-D and in every gradient, but follows the factor in 1-D and 3-D values, as we do")
    check(lambda a: upsample(a, scale, method=method, align_corners=align), spatial, size, dtype, method, align, scale_factor=tuple(map(float, scale)))


@pytest.mark.parametrize("method", ["nearest", "nearest-exact"])
@pytest.mark.parametrize("factor", [1.25, 1.3, 1.5, 1.75, 2.5, 3.3, 7.0, 11.0, 25.0, 41.0, 49.0, 0.1, 0.2, 0.25, 0.3, 1 / 3, 0.5, 2 / 3, 0.75, 0.9])
def test_nearest_takes_the_same_cells_at_every_size(method, factor):
    for n in (1, 2, 3, 4, 5, 7, 10, 16, 49, 100, 224):
        if n * factor < 1:
            continue
        x = np.arange(n, dtype=np.float32)
        want = torch.nn.functional.interpolate(torch.tensor(x).reshape(1, 1, n), scale_factor=factor, mode=method)
        agree(upsample(jnp.asarray(x).reshape(n, 1), (factor,), method=method).ravel(), want.numpy().ravel(), "float32")
