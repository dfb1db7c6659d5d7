"""Losses of vectors against PyTorch: values and gradients, also at zero, at ties and where they bend."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview.losses import cosine_embedding_loss, triplet_margin_loss

from agree import agree

torch = pytest.importorskip("torch")
F = pytest.importorskip("torch.nn.functional")

DTYPES = ["float32", "float64"]


def both(ours, theirs, moving, fixed, dtype):
    """Hold values and gradients by the ``moving`` arrays against PyTorch's, for one cotangent; ``fixed`` arrays follow them."""
    moving, fixed = ([np.asarray(a).astype(dtype) for a in arrays] for arrays in (moving, fixed))
    with jax.enable_x64(dtype == "float64"):
        given = [jnp.asarray(a) for a in fixed]
        out, pull = jax.vjp(lambda *a: ours(*a, *given), *map(jnp.asarray, moving))
        cotangent = np.asarray(np.random.default_rng(7).standard_normal(out.shape)).astype(dtype)
        gradients = pull(jnp.asarray(cotangent))
    tensors = [torch.tensor(a, requires_grad=True) for a in moving]
    want = theirs(*tensors, *map(torch.tensor, fixed))
    want.backward(torch.tensor(cotangent))
    agree(out, want.detach().numpy(), dtype)
    for got, tensor in zip(gradients, tensors, strict=True):
        agree(got, tensor.grad.numpy(), dtype)


def normals(count, shape, seed=1):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape) for _ in range(count)]


@pytest.mark.parametrize("shape", [(3,), (20, 8)])
@pytest.mark.parametrize("margin", [0.0, 0.3, -0.5, 1.0])
@pytest.mark.parametrize("scale", [1.0, 1e-3])
@pytest.mark.parametrize("dtype", DTYPES)
def test_cosine_embedding(shape, margin, scale, dtype):
    a, b = normals(2, shape)
    t = np.random.default_rng(2).choice([-1.0, 1.0], shape[:-1])
    both(
        lambda u, v, w: cosine_embedding_loss(u, v, w, margin=margin),
        lambda u, v, w: F.cosine_embedding_loss(u, v, w, margin=margin, reduction="none"),
        [scale * a, b],
        [t],
        dtype,
    )


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("dtype", DTYPES)
def test_cosine_embedding_at_zero_and_where_it_bends(sign, dtype):
    zero = np.zeros(3)
    a, b = np.array([1.0, 2.0, 2.0]), np.array([2.0, 1.0, -2.0])  # at a right angle: the cosine is the margin 0
    theirs = lambda u, v, w: F.cosine_embedding_loss(u, v, w, reduction="none")  # noqa: E731
    for first, second in ((zero, b), (a, zero), (zero, zero), (a, b), (1e-7 * a, b), (1e-7 * a, 1e-7 * a)):
        both(cosine_embedding_loss, theirs, [first, second], [sign], dtype)


@pytest.mark.parametrize("shape", [(2, 3, 4), (0, 4)])
@pytest.mark.parametrize("p", [1, 2, 3, 1.5, math.inf])
@pytest.mark.parametrize(("swap", "margin"), [(False, 1.0), (True, 0.1)])
@pytest.mark.parametrize("dtype", DTYPES)
def test_triplet_margin(shape, p, swap, margin, dtype):
    both(
        lambda *a: triplet_margin_loss(*a, p=p, swap=swap, margin=margin),
        lambda *a: F.triplet_margin_loss(*a, p=p, swap=swap, margin=margin, reduction="none"),
        normals(3, shape),
        [],
        dtype,
    )


@pytest.mark.parametrize(("eps", "swap"), [(1e-2, False), (0.5, True)])
@pytest.mark.parametrize("p", [1, 2, 3, 0.5])
@pytest.mark.parametrize("dtype", DTYPES)
def test_triplet_margin_eps(eps, p, swap, dtype):
    both(
        lambda *a: triplet_margin_loss(*a, p=p, eps=eps, swap=swap),
        lambda *a: F.triplet_margin_loss(*a, p=p, eps=eps, swap=swap, reduction="none"),
        [np.abs(v) + shift for v, shift in zip(normals(3, (5, 3)), (4.0, 2.0, 0.0), strict=True)],  # differences away from 0
        [],
        dtype,
    )


@pytest.mark.parametrize("eps", [0.0, 1e-6])
@pytest.mark.parametrize("p", [1, 2, math.inf])
@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
def test_triplet_margin_of_equal_vectors_and_ties(eps, p, swap, dtype):
    a, b, c = np.array([1.0, 2.0, 2.0]), np.array([3.0, 0.0, 2.0]), np.array([1.0, 2.0, 5.0])
    for given in ((a, a, a), (a, a, b), (a, b, a), (a, b, b), (a, b, c), (a, b, 2 * a - b)):
        both(
            lambda *v: triplet_margin_loss(*v, p=p, eps=eps, swap=swap),
            lambda *v: F.triplet_margin_loss(*v, p=p, eps=eps, swap=swap, reduction="none"),
            given,
            [],
            dtype,
        )
