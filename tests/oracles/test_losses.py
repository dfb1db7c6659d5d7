"""Losses against PyTorch: values and gradients."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from jaxreview.losses import binary_cross_entropy, cross_entropy, label_weights, logistic_loss, smooth_l1_loss, squared_error

from agree import agree

torch = pytest.importorskip("torch")
F = pytest.importorskip("torch.nn.functional")


def both(ours, theirs, arrays, dtype="float64", *, moving=None, fixed=()):
    """Hold values and gradients by the first ``moving`` arrays against PyTorch's, for one cotangent; ``fixed`` arrays follow the moving ones."""
    count = len(arrays) if moving is None else moving
    arrays = [a.astype(dtype) for a in arrays]
    with jax.enable_x64(dtype == "float64"):
        given = [jnp.asarray(a) for a in (*arrays[count:], *fixed)]
        out, pull = jax.vjp(lambda *a: ours(*a, *given), *map(jnp.asarray, arrays[:count]))
        cotangent = np.random.default_rng(7).standard_normal(out.shape).astype(dtype)
        gradients = pull(jnp.asarray(cotangent))
    tensors = [torch.tensor(a, requires_grad=True) for a in arrays[:count]]
    want = theirs(*tensors, *(torch.tensor(a) for a in (*arrays[count:], *fixed)))
    want.backward(torch.tensor(cotangent))
    agree(out, want.detach().numpy(), dtype)
    agree(gradients, [t.grad.numpy() for t in tensors], dtype)


def normals(*shapes, seed=1):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape) for shape in shapes]


SHAPES = [(), (1,), (7,), (3, 5), (2, 3, 4), (0, 3)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_squared_error(shape, dtype):
    both(squared_error, lambda a, b: F.mse_loss(a, b, reduction="none"), normals(shape, shape), dtype)


def test_squared_error_is_optaxs():
    a, b = (jnp.asarray(v, "float32") for v in normals((3, 5), (3, 5)))
    assert jnp.array_equal(squared_error(a, b), optax.losses.squared_error(a, b))
    assert jnp.array_equal(squared_error(a), optax.losses.squared_error(a))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("beta", [0.0, 1 / 9, 0.5, 1.0, 3.0])
def test_smooth_l1(shape, beta):
    both(lambda a, b: smooth_l1_loss(a, b, beta=beta), lambda a, b: F.smooth_l1_loss(a, b, beta=beta, reduction="none"), normals(shape, shape))


@pytest.mark.parametrize("beta", [0.0, 0.5, 1.0])
def test_smooth_l1_at_its_kinks(beta):
    d = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
    both(lambda a: smooth_l1_loss(a, jnp.zeros_like(a), beta=beta), lambda a: F.smooth_l1_loss(a, torch.zeros_like(a), beta=beta, reduction="none"), [d])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("scale", [1.0, 30.0, 1000.0])
def test_logistic(shape, scale):
    (z,), y = normals(shape), np.random.default_rng(2).uniform(size=shape)
    both(logistic_loss, lambda a, b: F.binary_cross_entropy_with_logits(a, b, reduction="none"), [z * scale, y])


@pytest.mark.parametrize("shape", [(3,), (4, 3), (2, 4, 3)])
@pytest.mark.parametrize("one", [False, True])
@pytest.mark.parametrize("scale", [1.0, 200.0])
def test_logistic_with_positive_weight(shape, one, scale):
    rng = np.random.default_rng(2)
    weight = rng.uniform(0.2, 5.0, () if one else shape[-1:])
    both(
        lambda z, y, p: logistic_loss(z, y, positive_weight=p),
        lambda z, y, p: F.binary_cross_entropy_with_logits(z, y, pos_weight=p, reduction="none"),
        [rng.standard_normal(shape) * scale, rng.uniform(size=shape), np.asarray(weight)],
        moving=2,
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_logistic_far_out(dtype):
    z = np.array([-1e4, -120.0, -50.0, 0.0, 50.0, 120.0, 1e4])
    for label in (0.0, 1.0):
        y = np.full(7, label)
        both(
            lambda a, b: logistic_loss(a, b, positive_weight=2.5),
            lambda a, b: F.binary_cross_entropy_with_logits(a, b, pos_weight=torch.tensor(2.5, dtype=a.dtype), reduction="none"),
            [z, y],
            dtype,
            moving=1,
        )


@pytest.mark.parametrize("shape", SHAPES)
def test_binary_cross_entropy(shape):
    rng = np.random.default_rng(3)
    p, y = rng.uniform(0.01, 0.99, shape), rng.uniform(size=shape)
    both(binary_cross_entropy, lambda a, b: F.binary_cross_entropy(a, b, reduction="none"), [np.asarray(p), np.asarray(y)], moving=1)


def test_binary_cross_entropy_of_certainty():
    # Values only: PyTorch's gradient divides by max(p(1 − p), 1e-12) although it clamped the logarithm.
    p, y = (np.array(v) for v in zip(*itertools.product([0.0, 1e-50, 1e-30, 1.0], [0.0, 0.5, 1.0]), strict=True))
    with jax.enable_x64(True):
        got = binary_cross_entropy(jnp.asarray(p), jnp.asarray(y))
    agree(got, F.binary_cross_entropy(torch.tensor(p), torch.tensor(y), reduction="none").numpy())


LAYOUTS = [((5,), 0), ((4, 5), -1), ((4, 5), 1), ((4, 5, 3), 1), ((2, 5, 3, 4), -3)]


def classes_second(t, axis):
    """PyTorch wants the classes on axis 1, or on axis 0 of one example."""
    return t if t.ndim == 1 else torch.movedim(t, axis, 1)


@pytest.mark.parametrize(("shape", "axis"), LAYOUTS)
@pytest.mark.parametrize("smoothing", [0.0, 0.25, 1.0])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("ignored", [None, 2, -7])
def test_cross_entropy_of_labels(shape, axis, smoothing, weighted, ignored):
    rng = np.random.default_rng(4)
    at = axis % len(shape)
    batch = shape[:at] + shape[at + 1 :]
    labels = rng.integers(0, 5, batch)
    if ignored is not None:
        labels = np.where(rng.uniform(size=batch) < 0.4, ignored, labels)
    arrays = [2 * rng.standard_normal(shape)] + [rng.uniform(0.2, 3.0, 5)] * weighted
    theirs = {} if ignored is None else {"ignore_index": ignored}

    def ours(z, *rest):
        weights, given = (rest[0], rest[1]) if weighted else (None, rest[0])
        return cross_entropy(z, given, axis=axis, label_smoothing=smoothing, class_weights=weights, ignore_index=ignored)

    def torchs(z, *rest):
        weights, given = (rest[0], rest[1]) if weighted else (None, rest[0])
        return F.cross_entropy(classes_second(z, axis), given, weight=weights, label_smoothing=smoothing, reduction="none", **theirs)

    both(ours, torchs, arrays, moving=1, fixed=[labels])


@pytest.mark.parametrize(("shape", "axis"), LAYOUTS)
@pytest.mark.parametrize("smoothing", [0.0, 0.25])
@pytest.mark.parametrize("weighted", [False, True])
def test_cross_entropy_of_distributions(shape, axis, smoothing, weighted):
    rng = np.random.default_rng(5)
    q = rng.exponential(size=shape)
    q /= q.sum(axis, keepdims=True)
    arrays = [2 * rng.standard_normal(shape), q] + [rng.uniform(0.2, 3.0, 5)] * weighted

    def torchs(z, target, weights=None):
        return F.cross_entropy(classes_second(z, axis), classes_second(target, axis), weight=weights, label_smoothing=smoothing, reduction="none")

    both(lambda z, t, w=None: cross_entropy(z, t, axis=axis, label_smoothing=smoothing, class_weights=w), torchs, arrays, moving=2)


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
@pytest.mark.parametrize("ignored", [None, 1, -100])
def test_the_weighted_mean(smoothing, ignored):
    rng = np.random.default_rng(6)
    z, w, labels = rng.standard_normal((20, 4)), rng.uniform(0.2, 3.0, 4), rng.integers(0, 4, 20)
    if ignored == -100:
        labels[::3] = -100
    with jax.enable_x64(True):
        settings = dict(class_weights=jnp.asarray(w), ignore_index=ignored)
        loss = cross_entropy(jnp.asarray(z), jnp.asarray(labels), label_smoothing=smoothing, **settings)
        mean = loss.sum() / label_weights(jnp.asarray(labels), 4, **settings).sum()
    want = F.cross_entropy(
        torch.tensor(z), torch.tensor(labels), weight=torch.tensor(w), label_smoothing=smoothing, ignore_index=-100 if ignored is None else ignored
    )
    agree(mean, want.numpy())


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_cross_entropy_of_halves(dtype):
    (z,) = normals((6, 50))
    labels = np.arange(6)
    half = jnp.asarray(8 * z, dtype)
    want = F.cross_entropy(torch.tensor(np.asarray(half, np.float64)), torch.tensor(labels), reduction="none")
    agree(cross_entropy(half, jnp.asarray(labels)), want.numpy(), dtype)
