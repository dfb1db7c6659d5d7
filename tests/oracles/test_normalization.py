"""Batch normalization against PyTorch, standardization against scikit-learn and PyTorch: values and gradients."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import BatchStats, Standardizer, batch_norm, batch_norm_train, fit_standardizer, standardize, unstandardize

from agree import agree

torch = pytest.importorskip("torch")

SHAPES = [(7, 3), (2, 5, 4), (2, 3, 4, 5), (2, 2, 3, 2, 4)]


def drawn(shape, affine, offset=0.0):
    """x, mean, variance and, if asked for, scale and bias."""
    rng = np.random.default_rng([*shape, affine])
    channels = shape[-1]
    arrays = [offset + rng.standard_normal(shape), rng.standard_normal(channels), rng.uniform(0.5, 2.0, channels)]
    return arrays + [rng.standard_normal(channels) for _ in range(affine)]


def tensors_of(arrays):
    return [torch.tensor(a, requires_grad=True) for a in arrays]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("shape", "affine", "eps"),
    [
        *((shape, affine, eps) for shape in SHAPES for affine, eps in ((0, 1e-5), (1, 0.1), (2, 1e-3))),
        ((3,), 2, 1e-5),
        ((3,), 0, 0.0),
        ((7, 3), 2, 0.0),
        ((0, 3), 2, 1e-5),
    ],
)
def test_batch_norm(shape, affine, eps, dtype):
    arrays = [a.astype(dtype) for a in drawn(shape, affine)]
    cotangent = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    with jax.enable_x64(dtype == "float64"):
        y, pull = jax.vjp(lambda x, mean, var, *rest: batch_norm(x, BatchStats(mean, var), *rest, eps=eps), *map(jnp.asarray, arrays))
        gradients = pull(jnp.asarray(cotangent))
    # PyTorch's batch_norm takes no gradient of the statistics, and eps = 0 is an error to it: the equation, differentiated by it.
    x, mean, var, *rest = tensors = tensors_of(arrays)
    out = (x - mean) / (var + eps).sqrt() * (rest[0] if affine else 1) + (rest[1] if affine > 1 else 0)
    out.backward(torch.tensor(cotangent))
    agree(y, out.detach().numpy(), dtype)
    agree(gradients, tuple(t.grad.numpy() for t in tensors), dtype)
    if eps and len(shape) > 1 and 0 not in shape:
        same = torch.nn.functional.batch_norm(
            x.movedim(-1, 1), mean.detach(), var.detach(), rest[0] if affine else None, rest[1] if affine > 1 else None, training=False, eps=eps
        )
        agree(y, same.movedim(1, -1).detach().numpy(), dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("shape", "affine", "eps", "momentum"),
    [
        *((shape, affine, eps, momentum) for shape in SHAPES for affine, eps, momentum in ((0, 1e-3, 0.99), (1, 0.1, 0.0), (2, 1e-5, 0.9))),
        ((7, 3), 0, 1e-5, 1.0),
        ((2, 5, 4), 2, 1e-12, 0.5),
        ((5, 1), 2, 1e-5, 0.25),
    ],
)
def test_batch_norm_train(shape, affine, eps, momentum, dtype):
    arrays = [a.astype(dtype) for a in drawn(shape, affine, offset=2.0)]
    cotangent = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    with jax.enable_x64(dtype == "float64"):

        def ours(x, mean, var, *rest):
            return batch_norm_train(x, BatchStats(mean, var), *rest, eps=eps, momentum=momentum)

        y, pull, new = jax.vjp(ours, *map(jnp.asarray, arrays), has_aux=True)
        gradients = pull(jnp.asarray(cotangent))
    x, mean, var, *rest = tensors_of(arrays)
    running_mean, running_var = mean.detach().clone(), var.detach().clone()
    scale, bias = (rest[0] if affine else None), (rest[1] if affine > 1 else None)
    # PyTorch's momentum is the share of the new.
    out = torch.nn.functional.batch_norm(x.movedim(-1, 1), running_mean, running_var, scale, bias, training=True, momentum=1 - momentum, eps=eps)
    out.movedim(1, -1).backward(torch.tensor(cotangent))
    agree(y, out.movedim(1, -1).detach().numpy(), dtype)
    agree([gradients[0], *gradients[3:]], [t.grad.numpy() for t in (x, *rest)], dtype)
    # PyTorch gathers the unbiased variance n/(n − 1) · σ²: what it added, times (n − 1)/n, is what we add.
    n = x.numel() // x.shape[-1]
    added = running_var.numpy() - momentum * var.detach().numpy()
    agree(new, BatchStats(running_mean.numpy(), momentum * var.detach().numpy() + added * (n - 1) / n), dtype)


@pytest.mark.parametrize("shape", SHAPES)
def test_gradients_of_the_new_statistics(shape):
    x, mean, var = drawn(shape, 0)
    rng = np.random.default_rng(1)
    pulls = [rng.standard_normal(shape[-1]) for _ in range(2)]
    with jax.enable_x64(True):

        def ours(x, mean, var):
            return batch_norm_train(x, BatchStats(mean, var), momentum=0.7)[1]

        _, pull = jax.vjp(ours, *map(jnp.asarray, (x, mean, var)))
        gradients = pull(BatchStats(*map(jnp.asarray, pulls)))
    x, mean, var = tensors = tensors_of((x, mean, var))
    rows = x.reshape(-1, shape[-1])
    new = (0.7 * mean + 0.3 * rows.mean(0), 0.7 * var + 0.3 * rows.var(0, correction=0))
    torch.autograd.backward(new, [torch.tensor(p) for p in pulls])
    agree(gradients, tuple(t.grad.numpy() for t in tensors))


@pytest.mark.parametrize("how", ["hessian", "forward over forward"])
def test_second_derivatives(how):
    x, mean, var, scale = drawn((4, 2), 1)
    weights = np.random.default_rng(2).standard_normal(x.shape)
    with jax.enable_x64(True):

        def loss(x, scale):
            return (jnp.asarray(weights) * batch_norm_train(x, BatchStats(jnp.asarray(mean), jnp.asarray(var)), scale)[0] ** 2).sum()

        twice = jax.hessian if how == "hessian" else lambda f: jax.jacfwd(jax.jacfwd(f))
        ours = jax.jit(twice(functools.partial(loss, scale=jnp.asarray(scale))))(jnp.asarray(x))

    def their_loss(x):
        y = (x - x.mean(0)) / (x.var(0, correction=0) + 1e-5).sqrt() * torch.tensor(scale)
        return (torch.tensor(weights) * y**2).sum()

    agree(ours, torch.autograd.functional.hessian(their_loss, torch.tensor(x)).numpy())


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("data", ["normal", "scales", "offsets", "constants", "one sample", "wine", "breast_cancer", "digits", "iris", "diabetes"])
def test_standard_scaler(data, dtype):
    sklearn_datasets = pytest.importorskip("sklearn.datasets")
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    rng = np.random.default_rng(3)
    x = {
        "normal": lambda: rng.standard_normal((50, 4)),
        "scales": lambda: rng.standard_normal((50, 4)) * np.array([[1e-6, 1e-2, 1.0, 1e6]]),
        "offsets": lambda: rng.standard_normal((50, 3)) + np.array([[0.0, 1e2, -1e3]]),
        "constants": lambda: np.tile(np.array([[0.1, 0.0, -1e8, 3.0, 1e-8]]), (40, 1)),
        "one sample": lambda: rng.standard_normal((1, 4)),
    }.get(data, lambda: getattr(sklearn_datasets, f"load_{data}")().data)()
    x = np.asarray(x, dtype)
    new = x[::-1] + x.dtype.type(0.5)
    scaler = preprocessing.StandardScaler().fit(x.astype(np.float64))
    with jax.enable_x64(dtype == "float64"):
        fitted = fit_standardizer(jnp.asarray(x))
        old, other = (standardize(jnp.asarray(a), fitted) for a in (x, new))
    # Feature by feature, so that a small one is held to its own size. scikit-learn's own sums leave rounding where we have an exact 0.
    for i in range(x.shape[1]):
        constant = bool((x[:, i] == x[0, i]).all())
        agree(fitted.std[i], np.float64(0.0) if constant else np.sqrt(scaler.var_[i]), dtype)
        if constant:
            agree(fitted.mean[i], np.float64(x[0, i]), dtype)
            assert scaler.scale_[i] == 1.0
            assert (np.asarray(old[:, i]) == 0).all()
        agree(other[:, i], scaler.transform(new.astype(np.float64))[:, i] if not constant else new[:, i] - x[:, i], dtype)
        if not constant:
            agree(old[:, i], scaler.transform(x.astype(np.float64))[:, i], dtype)


@pytest.mark.parametrize("shape", [*SHAPES, (10, 1), (2, 1, 6)])
def test_gradients_of_standardization(shape):
    rng = np.random.default_rng(4)
    x, new = rng.standard_normal(shape), rng.standard_normal((5, shape[-1]))
    cotangent = rng.standard_normal(new.shape)
    with jax.enable_x64(True):
        _, pull = jax.vjp(jax.jit(lambda x, new: standardize(new, fit_standardizer(x))), jnp.asarray(x), jnp.asarray(new))
        gradients = pull(jnp.asarray(cotangent))
    tensors = tensors_of((x, new))
    rows = tensors[0].reshape(-1, shape[-1])
    ((tensors[1] - rows.mean(0)) / rows.std(0, correction=0)).backward(torch.tensor(cotangent))
    agree(gradients, tuple(t.grad.numpy() for t in tensors))


def test_standardize_takes_scikit_learns_numbers():
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    x = np.random.default_rng(5).standard_normal((20, 3))
    scaler = preprocessing.StandardScaler().fit(x)
    with jax.enable_x64(True):
        z = standardize(jnp.asarray(x), Standardizer(jnp.asarray(scaler.mean_), jnp.asarray(scaler.scale_)))
    agree(z, scaler.transform(x))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("shape", [(3,), (1, 4), (7, 3), (2, 5, 4), (0, 3), (2, 2, 3, 2, 4)])
@pytest.mark.parametrize("constant", [False, True])
def test_unstandardize(shape, constant, dtype):
    rng = np.random.default_rng([*shape, constant])
    z, mean, std = (np.asarray(a, dtype) for a in (rng.standard_normal(shape), rng.standard_normal(shape[-1]), rng.uniform(0.5, 2.0, shape[-1])))
    std[0] = 0.0 if constant else std[0]
    with jax.enable_x64(dtype == "float64"):
        x, pull = jax.vjp(lambda z, m, s: unstandardize(z, Standardizer(m, s)), *map(jnp.asarray, (z, mean, std)))
        pushed = rng.standard_normal(shape).astype(dtype)
        gradients = pull(jnp.asarray(pushed))
    given = tensors_of([z, mean, std])
    # As scikit-learn's inverse_transform, a scale of 0 counts as 1 and has no gradient.
    want = given[0] * torch.where(given[2] == 0, torch.ones_like(given[2]), given[2]) + given[1]
    want.backward(torch.tensor(pushed))
    agree(x, want.detach().numpy(), dtype)
    agree(gradients, [t.grad.numpy() for t in given], dtype)
