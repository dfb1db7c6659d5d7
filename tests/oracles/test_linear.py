"""Linear maps against PyTorch: values and gradients."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import affine_columns, dense

from agree import agree

torch = pytest.importorskip("torch")


@pytest.mark.parametrize("batch", [(), (1,), (4,), (2, 3), (0,), (2, 0, 3)])
@pytest.mark.parametrize("biased", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dense(batch, biased, dtype):
    rng = np.random.default_rng(1)
    arrays = [rng.standard_normal(shape).astype(dtype) for shape in ((*batch, 5), (5, 3), (3,))][: 3 if biased else 2]
    cotangent = rng.standard_normal((*batch, 3)).astype(dtype)
    with jax.enable_x64(dtype == "float64"):
        y, pull = jax.vjp(dense, *map(jnp.asarray, arrays))
        gradients = pull(jnp.asarray(cotangent))
    theirs = [torch.tensor(a, requires_grad=True) for a in arrays]
    out = torch.nn.functional.linear(theirs[0], theirs[1].T, *theirs[2:])
    out.backward(torch.tensor(cotangent))
    agree(y, out.detach().numpy(), dtype)
    agree(gradients, [t.grad.numpy() for t in theirs], dtype)


@pytest.mark.parametrize(("units", "features", "samples"), [(4, 3, 1), (4, 3, 7), (1, 1, 1), (2, 5, 0)])
def test_affine_columns(units, features, samples):
    rng = np.random.default_rng(2)
    arrays = [rng.standard_normal(shape) for shape in ((units, features), (features, samples), (units, 1))]
    cotangent = rng.standard_normal((units, samples))
    with jax.enable_x64(True):
        z, pull = jax.vjp(affine_columns, *map(jnp.asarray, arrays))
        gradients = pull(jnp.asarray(cotangent))
    w, x, b = (torch.tensor(a, requires_grad=True) for a in arrays)
    out = w @ x + b
    out.backward(torch.tensor(cotangent))
    agree(z, out.detach().numpy())
    agree(gradients, [t.grad.numpy() for t in (w, x, b)])
