"""Negative log likelihoods against PyTorch: values and gradients, also of clamped variances and counts of 0."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview.losses import gaussian_nll_loss, label_weights, nll_loss, poisson_nll_loss

from agree import agree

torch = pytest.importorskip("torch")
F = pytest.importorskip("torch.nn.functional")

DTYPES = ["float32", "float64"]
SHAPES = [(), (2, 3, 5), (0, 3)]


def both(ours, theirs, moving, fixed, dtype):
    """Hold values and gradients by the ``moving`` arrays against PyTorch's, for one cotangent; ``fixed`` arrays follow them."""
    moving = [np.asarray(a).astype(dtype) for a in moving]
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


@pytest.mark.parametrize(("shape", "axis"), [((5,), 0), ((2, 5, 3, 4), -3), ((2, 3, 4, 5), -1)])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("ignored", [None, 2, -7])
@pytest.mark.parametrize("dtype", DTYPES)
def test_nll(shape, axis, weighted, ignored, dtype):
    rng = np.random.default_rng(4)
    at = axis % len(shape)
    batch = shape[:at] + shape[at + 1 :]
    labels = np.asarray(rng.integers(0, 5, batch))
    if ignored is not None:
        labels = np.where(rng.uniform(size=batch) < 0.4, ignored, labels)
    w = rng.uniform(0.2, 3.0, 5).astype(dtype)
    theirs = {} if ignored is None else {"ignore_index": ignored}

    def torchs(z, y, c):
        z = z if z.ndim == 1 else torch.movedim(z, axis, 1).contiguous()  # PyTorch wants the classes on axis 1, or on axis 0 of one example
        return F.nll_loss(z, y, weight=c if weighted else None, reduction="none", **theirs)

    def ours(z, y, c):
        return nll_loss(z, y, axis=axis, class_weights=c if weighted else None, ignore_index=ignored)

    both(ours, torchs, [-rng.exponential(size=shape)], [labels, w], dtype)


@pytest.mark.parametrize("ignored", [None, 1, -100])
def test_the_weighted_mean(ignored):
    rng = np.random.default_rng(6)
    log_p, w, labels = -rng.exponential(size=(20, 4)), rng.uniform(0.2, 3.0, 4), rng.integers(0, 4, 20)
    with jax.enable_x64(True):
        settings = dict(class_weights=jnp.asarray(w), ignore_index=ignored)
        mean = nll_loss(jnp.asarray(log_p), jnp.asarray(labels), **settings).sum() / label_weights(jnp.asarray(labels), 4, **settings).sum()
    want = F.nll_loss(torch.tensor(log_p), torch.tensor(labels), weight=torch.tensor(w), ignore_index=-100 if ignored is None else ignored)
    agree(mean, want.numpy())


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
def test_poisson_of_log_rates(shape, full, dtype):
    rng = np.random.default_rng(1)
    x, t = rng.standard_normal(shape), rng.uniform(0.1, 20.0, shape)
    theirs = lambda a, b: F.poisson_nll_loss(a, b, full=full, reduction="none")  # noqa: E731
    both(lambda a, b: poisson_nll_loss(a, b, full=full), theirs, [x, t], [], dtype)
    # Counts with some 0, without their gradient (PyTorch's is NaN there); of integers PyTorch takes the logarithm in float32.
    counts = np.asarray(rng.poisson(2.0, shape)).astype("int32" if dtype == "float32" or not full else dtype)
    both(lambda a, b: poisson_nll_loss(a, b, full=full), theirs, [x], [counts], dtype)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("eps", [1e-8, 0.1])
@pytest.mark.parametrize("dtype", DTYPES)
def test_poisson_of_rates(shape, full, eps, dtype):
    rng = np.random.default_rng(2)
    both(
        lambda a, b: poisson_nll_loss(a, b, log_input=False, full=full, eps=eps),
        lambda a, b: F.poisson_nll_loss(a, b, log_input=False, full=full, eps=eps, reduction="none"),
        [rng.uniform(0.0, 5.0, shape), rng.uniform(0.1, 20.0, shape)],
        [],
        dtype,
    )


@pytest.mark.parametrize("dtype", DTYPES)
def test_poisson_of_a_rate_of_zero(dtype):
    both(
        lambda a, b: poisson_nll_loss(a, b, log_input=False),
        lambda a, b: F.poisson_nll_loss(a, b, log_input=False, reduction="none"),
        [np.array([0.0, 0.0, 1e-9])],
        [np.array([0, 3, 3], "int32")],
        dtype,
    )


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("eps", [1e-6, 0.5])
@pytest.mark.parametrize("dtype", DTYPES)
def test_gaussian(shape, full, eps, dtype):
    # With ε = ½ about a quarter of the variances are clamped, some of them 0.
    rng = np.random.default_rng(3)
    v = np.maximum(rng.uniform(-0.2, 2.0, shape), 0.0)
    both(
        lambda x, t, u: gaussian_nll_loss(x, t, u, full=full, eps=eps),
        lambda x, t, u: F.gaussian_nll_loss(x, t, u, full=full, eps=eps, reduction="none"),
        [rng.standard_normal(shape), rng.standard_normal(shape), v if eps == 0.5 else v + 0.01],
        [],
        dtype,
    )


@pytest.mark.parametrize("dtype", DTYPES)
def test_gaussian_of_variances_at_and_under_eps(dtype):
    both(
        gaussian_nll_loss,
        lambda x, t, u: F.gaussian_nll_loss(x, t, u, reduction="none"),
        [np.array([0.0, 1e-3, 0.5, 0.0]), np.zeros(4), np.array([0.0, 1e-9, 1e-6, 1e-30])],
        [],
        dtype,
    )
