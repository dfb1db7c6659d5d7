"""Normalized kernels against PyTorch's parametrizations: values, gradients and the state."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import spectral_norm, weight_norm

from agree import agree

torch = pytest.importorskip("torch")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("shape", "axis"),
    [
        ((3, 4), -1),
        ((3, 4), 0),
        ((4, 3), 1),
        ((5, 2), 0),
        ((2, 3, 4), -1),
        ((2, 3, 4), 1),
        ((2, 3, 4), -3),
        ((3, 3, 2, 5), -1),
        ((3, 3, 2, 5), 2),
        ((2, 6), -1),
        ((6, 1), -1),
    ],
)
def test_weight_norm(shape, axis, dtype):
    rng = np.random.default_rng([*shape, axis + 9])
    v, g, cotangent = (rng.standard_normal(s).astype(dtype) for s in (shape, (shape[axis],), shape))
    with jax.enable_x64(dtype == "float64"):
        w, pull = jax.vjp(jax.jit(lambda v, g: weight_norm(v, g, axis=axis)), jnp.asarray(v), jnp.asarray(g))
        gradients = pull(jnp.asarray(cotangent))
    # its module keeps g as original0, with 1 for every axis but dim, and v as original1
    module = torch.nn.Module()
    module.weight = torch.nn.Parameter(torch.tensor(v))
    torch.nn.utils.parametrizations.weight_norm(module, "weight", dim=axis % len(shape))
    kept = module.parametrizations.weight
    kept.original0.data = torch.tensor(g).reshape(kept.original0.shape)
    out = module.weight
    out.backward(torch.tensor(cotangent))
    agree(w, out.detach().numpy(), dtype)
    agree(gradients, (kept.original1.grad.numpy(), kept.original0.grad.numpy().reshape(g.shape)), dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("shape", "steps"),
    [
        ((3, 4), 1),
        ((3, 4), 2),
        ((3, 4), 50),
        ((4, 3), 1),
        ((1, 5), 1),
        ((5, 1), 3),
        ((2, 3, 4), 1),
        ((2, 3, 4), 5),
        ((3, 3, 2, 5), 1),
        ((3, 3, 2, 5), 4),
        ((30, 20), 2),
    ],
)
def test_spectral_norm(shape, steps, dtype):
    rng = np.random.default_rng([*shape, steps])
    kernel, u, cotangent = (rng.standard_normal(s).astype(dtype) for s in (shape, shape[-1:], shape))
    with jax.enable_x64(dtype == "float64"):
        divided, pull, new = jax.vjp(jax.jit(lambda kernel: spectral_norm(kernel, jnp.asarray(u), steps=steps)), jnp.asarray(kernel), has_aux=True)
        gradient = pull(jnp.asarray(cotangent))[0]
    # its matrix is (out, everything else): outputs first
    module = torch.nn.Module()
    module.weight = torch.nn.Parameter(torch.tensor(np.moveaxis(kernel, -1, 0).copy()))
    torch.nn.utils.parametrizations.spectral_norm(module, "weight", n_power_iterations=steps, dim=0)
    state = module.parametrizations.weight[0]
    state._v.copy_(torch.nn.functional.normalize(torch.tensor(kernel.reshape(-1, shape[-1]) @ u), dim=0))
    out = module.weight
    out.backward(torch.tensor(np.moveaxis(cotangent, -1, 0).copy()))
    agree(divided, np.moveaxis(out.detach().numpy(), 0, -1), dtype)
    agree(new, state._u.numpy(), dtype)
    agree(gradient, np.moveaxis(module.parametrizations.weight.original.grad.numpy(), 0, -1), dtype)


@pytest.mark.parametrize("shape", [(3, 4), (4, 3), (2, 3, 4), (3, 3, 2, 5), (30, 20)])
def test_the_largest_singular_value_becomes_1(shape):
    rng = np.random.default_rng([*shape])
    kernel, u = rng.standard_normal(shape), rng.standard_normal(shape[-1:])
    with jax.enable_x64(True):
        divided, _ = spectral_norm(jnp.asarray(kernel), jnp.asarray(u), steps=2000)
    agree(np.linalg.svd(divided.reshape(-1, shape[-1]), compute_uv=False)[0], np.array(1.0))
