"""Division by neighbours and by the whole vector against PyTorch: values and gradients."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import local_response_norm, lp_normalize

from agree import agree

torch = pytest.importorskip("torch")
F = torch.nn.functional


def check(ours, theirs, x, dtype):
    """Values and the gradient, compiled, against PyTorch on the same numbers."""
    x, cotangent = x.astype(dtype), np.random.default_rng(1).standard_normal(x.shape).astype(dtype)
    with jax.enable_x64(dtype == "float64"):
        y, pull = jax.vjp(jax.jit(ours), jnp.asarray(x))
        gradient = pull(jnp.asarray(cotangent))[0]
    tensor = torch.tensor(x, requires_grad=True)
    out = theirs(tensor)
    out.backward(torch.tensor(cotangent))
    agree(y, out.detach().numpy(), dtype)
    agree(gradient, tensor.grad.numpy(), dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("shape", "size", "settings"),
    [
        ((2, 5, 7), 5, {}),
        ((2, 5, 7), 1, {}),
        ((2, 5, 7), 2, dict(alpha=0.5)),
        ((2, 5, 7), 3, dict(alpha=1.0, beta=0.5)),
        ((2, 5, 7), 4, dict(alpha=2.0, beta=1.0)),
        ((2, 5, 7), 6, dict(alpha=0.1, beta=0.75, k=2.0)),
        ((2, 5, 7), 13, dict(alpha=3.0, beta=0.3, k=0.5)),
        ((3, 4, 5, 6), 3, dict(alpha=1.0)),
        ((3, 4, 5, 24), 17, dict(alpha=1.0)),
        ((1, 3, 1), 5, dict(alpha=1.0)),
        ((2, 2, 3, 2, 4), 2, dict(alpha=1.0, beta=2.0)),
        ((2, 5, 40), 20, dict(alpha=1.0, beta=1.5)),
    ],
)
def test_local_response_norm(shape, size, settings, dtype):
    x = 2 * np.random.default_rng([*shape, size]).standard_normal(shape)

    def theirs(t):
        return F.local_response_norm(t.movedim(-1, 1), size, **settings).movedim(1, -1)

    check(lambda a: local_response_norm(a, size, **settings), theirs, x, dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("p", [0, 0.5, 1, 1.5, 2, 2.5, 3, 4, 10, math.inf])
@pytest.mark.parametrize(("shape", "axis", "eps"), [((3, 5), -1, 1e-12), ((2, 3, 4), 1, 2.0), ((7,), 0, 1e-3)])
def test_lp_normalize(shape, axis, eps, p, dtype):
    x = np.random.default_rng([*shape]).standard_normal(shape)
    check(lambda a: lp_normalize(a, p=p, axis=axis, eps=eps), lambda t: F.normalize(t, p=p, dim=axis, eps=eps), x, dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("p", [1, 2, 3, math.inf])
def test_zeros_and_ties(p, dtype):
    x = np.array([[0.0, 0.0, 0.0], [2.0, 0.0, -2.0], [1.0, 1.0, 1.0]])
    # at a vector of zeros PyTorch's gradient is 1 / eps too
    check(lambda a: lp_normalize(a, p=p, eps=0.5), lambda t: F.normalize(t, p=p, eps=0.5), x, dtype)
