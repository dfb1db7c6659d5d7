"""Losses by the names of optax, against PyTorch: values and gradients."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import losses

from agree import agree

torch = pytest.importorskip("torch")
F = pytest.importorskip("torch.nn.functional")

DTYPES = ["float32", "float64"]
SHAPES = [(), (7,), (3, 5), (2, 3, 4), (0, 3)]


def both(ours, theirs, arrays, dtype="float64", *, moving=None, fixed=()):
    """Hold values and gradients by the first ``moving`` arrays against PyTorch's, for one cotangent; ``fixed`` arrays follow them all."""
    count = len(arrays) if moving is None else moving
    arrays = [np.asarray(a).astype(dtype) for a in arrays]
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


def drawn(*shapes, seed=1):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape) for shape in shapes]


def shares(shape, axis=-1, seed=2):
    p = np.random.default_rng(seed).exponential(size=shape) + 0.05
    return p / p.sum(axis, keepdims=True)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_absolute_error(shape, dtype):
    both(losses.absolute_error, lambda a, b: F.l1_loss(a, b, reduction="none"), drawn(shape, shape), dtype)
    same = drawn(shape)[0]
    both(losses.absolute_error, lambda a, b: F.l1_loss(a, b, reduction="none"), [same, same], dtype)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("delta", [0.25, 1.0, 3.0])
def test_huber(shape, dtype, delta):
    arrays = [2 * a for a in drawn(shape, shape)]
    both(lambda a, b: losses.huber_loss(a, b, delta=delta), lambda a, b: F.huber_loss(a, b, delta=delta, reduction="none"), arrays, dtype)


def test_huber_at_its_kinks():
    d = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    both(lambda a: losses.huber_loss(a, delta=2.0), lambda a: F.huber_loss(a, torch.zeros_like(a), delta=2.0, reduction="none"), [d])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("scale", [1e-3, 0.1, 1.0, 10.0, 300.0])
def test_log_cosh(dtype, scale):
    arrays = [scale * a for a in drawn((4, 5), (4, 5))]
    # PyTorch has none; this is log cosh d = ½·log1p(sinh² d), or |d| + log1p(e^−2|d|) − log 2.
    small = lambda a, b: 0.5 * torch.log1p(torch.sinh(a - b) ** 2)  # noqa: E731
    large = lambda a, b: (a - b).abs() + torch.log1p(torch.exp(-2 * (a - b).abs())) - np.log(2)  # noqa: E731
    both(losses.log_cosh, small if scale < 1 else large, arrays, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("zeros", [False, True])
@pytest.mark.parametrize("shape", [(5,), (4, 5), (2, 3, 4)])
def test_kl_divergence(shape, dtype, zeros):
    t = shares(shape)
    if zeros:
        t[..., 0] = 0.0
    # By a target of 0 PyTorch's gradient is not that of 0 · log 0.
    moving = 1 if zeros else 2
    both(losses.kl_divergence, lambda a, b: F.kl_div(a, b, reduction="none").sum(-1), [drawn(shape)[0] - 1, t], dtype, moving=moving)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(5,), (4, 5), (2, 3, 4)])
def test_kl_divergence_with_log_targets(shape, dtype):
    arrays = [a - 1 for a in drawn(shape, shape)]
    both(losses.kl_divergence_with_log_targets, lambda a, b: F.kl_div(a, b, reduction="none", log_target=True).sum(-1), arrays, dtype)


@pytest.mark.parametrize("name", ["generalized_kl_divergence", "convex_kl_divergence"])
@pytest.mark.parametrize("shape", [(5,), (4, 5), (2, 3, 4), (1, 1), (6, 2)])
@pytest.mark.parametrize("axis", [-1, 0])
def test_generalized_kl_divergence(name, shape, axis):
    ours = lambda a, b: getattr(losses, name)(a, b, axis=axis)  # noqa: E731
    both(ours, lambda a, b: (F.kl_div(a, b, reduction="none") + a.exp() - b).sum(axis), [drawn(shape)[0] - 1, shares(shape)])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("epsilon", [0.0, 0.01, 4.0])
@pytest.mark.parametrize("axis", [-1, 0])
def test_cosine(dtype, epsilon, axis):
    # PyTorch's cosine_similarity differentiates its norm under the bound too; its normalize takes it as constant there, as we do.
    def theirs(a, b):
        return (F.normalize(a, dim=axis, eps=epsilon**0.5) * F.normalize(b, dim=axis, eps=epsilon**0.5)).sum(axis)

    arrays = drawn((4, 5), (4, 5))
    both(lambda a, b: losses.cosine_similarity(a, b, epsilon=epsilon, axis=axis), theirs, arrays, dtype)
    both(lambda a, b: losses.cosine_distance(a, b, epsilon=epsilon, axis=axis), lambda a, b: 1 - theirs(a, b), arrays, dtype)
    with jax.enable_x64(dtype == "float64"):
        got = losses.cosine_similarity(*(jnp.asarray(v, dtype) for v in arrays), epsilon=epsilon, axis=axis)
    agree(got, F.cosine_similarity(*(torch.tensor(v) for v in arrays), axis, epsilon**0.5).numpy(), dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["softmax_cross_entropy", "safe_softmax_cross_entropy"])
@pytest.mark.parametrize("shape", [(5,), (4, 5), (1, 2)])
@pytest.mark.parametrize("scale", [1.0, 50.0])
def test_distributions(name, shape, scale, dtype):
    both(getattr(losses, name), lambda z, y: F.cross_entropy(z, y, reduction="none"), [scale * drawn(shape)[0], shares(shape)], dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("shape", "axis"), [((5,), 0), ((4, 5), -1), ((4, 5, 3), 1), ((4, 5, 2, 3), 1), ((1, 1), 1)])
@pytest.mark.parametrize("scale", [1.0, 50.0])
def test_integer_labels(shape, axis, scale, dtype):
    labels = np.random.default_rng(4).integers(0, shape[axis], tuple(n for a, n in enumerate(shape) if a != axis % len(shape)))
    ours = lambda z, y: losses.softmax_cross_entropy_with_integer_labels(z, y, axis=axis)  # noqa: E731
    both(ours, lambda z, y: F.cross_entropy(z, y, reduction="none"), [scale * drawn(shape)[0]], dtype, fixed=[labels])


@pytest.mark.parametrize("epsilon", [-1.0, 0.0, 2.0])
@pytest.mark.parametrize("shape", [(5,), (4, 5), (2, 3, 4), (1, 2)])
def test_poly_loss(epsilon, shape):
    def theirs(z, y):
        p = torch.softmax(z, -1)
        return (y * (epsilon * (1 - p) - torch.log_softmax(z, -1))).sum(-1)

    both(lambda z, y: losses.poly_loss_cross_entropy(z, y, epsilon=epsilon), theirs, [drawn(shape)[0], shares(shape)])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("scale", [1.0, 30.0])
def test_binary_cross_entropy(shape, scale, dtype):
    y = np.random.default_rng(2).uniform(size=shape)
    theirs = lambda a, b: F.binary_cross_entropy_with_logits(a, b, reduction="none")  # noqa: E731
    both(losses.sigmoid_binary_cross_entropy, theirs, [scale * drawn(shape)[0], y], dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("alpha", [None, 0.25, 0.8])
@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0, 4.0])
@pytest.mark.parametrize("hard", [False, True])
def test_focal(alpha, gamma, hard, dtype):
    def theirs(z, y):  # torchvision.ops.sigmoid_focal_loss, written out
        p = torch.sigmoid(z)
        cost = F.binary_cross_entropy_with_logits(z, y, reduction="none")
        loss = cost * (1 - (p * y + (1 - p) * (1 - y))) ** gamma
        return loss if alpha is None else (alpha * y + (1 - alpha) * (1 - y)) * loss

    y = np.random.default_rng(2).uniform(0.05, 0.95, (4, 6))
    y = (y > 0.5).astype("float64") if hard else y
    ours = lambda a, b: losses.sigmoid_focal_loss(a, b, alpha=alpha, gamma=gamma)  # noqa: E731
    both(ours, theirs, [drawn((4, 6))[0], y], dtype, moving=1 if hard else 2)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_binary_margins(shape, dtype):
    y = np.random.default_rng(2).choice([-1.0, 1.0], shape)
    both(losses.hinge_loss, lambda s, t: F.relu(1 - s * t), [2 * drawn(shape)[0], y], dtype, moving=1)
    both(losses.perceptron_loss, lambda s, t: F.relu(-s * t), [2 * drawn(shape)[0], y], dtype, moving=1)


@pytest.mark.parametrize("temperature", [0.07, 0.5, 2.0])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("seed", [0, 1])
def test_ntxent(temperature, dtype, seed):
    labels = np.random.default_rng(seed).permutation(np.array([0, 0, 1, 1, 2, 2, 2, 7]))

    def theirs(x, y):
        s = F.normalize(x, dim=1) @ F.normalize(x, dim=1).T / temperature
        same = y[:, None] == y[None, :]
        others = torch.logsumexp(s.masked_fill(same, -torch.inf), 1, keepdim=True)
        return F.softplus(others - s, threshold=1000)[same & ~torch.eye(8, dtype=torch.bool)].mean()

    ours = lambda x, y: losses.ntxent(x, y, temperature=temperature)  # noqa: E731
    both(ours, theirs, drawn((8, 5), seed=seed), dtype, fixed=[labels])


LENGTHS = [((12, 12, 12), (4, 3, 1)), ((12, 9, 7), (4, 4, 2)), ((10, 8, 5), (0, 3, 1)), ((9, 12, 12), (4, 0, 4))]


def torchs(frames, labels, blank):
    def theirs(z, targets):
        log_p = torch.log_softmax(z, -1).transpose(0, 1)
        return F.ctc_loss(log_p, targets, torch.tensor(frames), torch.tensor(labels), blank=blank, reduction="none")

    return theirs


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("lengths", "blank"), list(itertools.product(LENGTHS, [0, 2, 5])))
@pytest.mark.parametrize("repeated", [False, True])
def test_ctc(lengths, blank, repeated, dtype):
    frames, count = lengths
    rng = np.random.default_rng(8)
    classes = [c for c in range(6) if c != blank]
    labels = rng.choice(classes[:1] if repeated else classes, (3, 4))
    pad = (np.arange(12) >= np.array(frames)[:, None]).astype(dtype)
    gone = (np.arange(4) >= np.array(count)[:, None]).astype(dtype)

    def ours(z, targets):
        return losses.ctc_loss(z, jnp.asarray(pad), targets, jnp.asarray(gone), blank_id=blank)

    both(ours, torchs(frames, count, blank), [2 * rng.standard_normal((3, 12, 6))], dtype, fixed=[labels])


@pytest.mark.parametrize("scale", [0.0, 30.0, 300.0])
def test_ctc_of_sure_logits(scale):
    rng = np.random.default_rng(9)
    labels = rng.integers(1, 6, (3, 4))

    def ours(z, targets):
        return losses.ctc_loss(z, jnp.zeros((3, 12), int), targets, jnp.zeros((3, 4), int))

    both(ours, torchs((12, 12, 12), (4, 4, 4), 0), [scale * rng.standard_normal((3, 12, 6))], fixed=[labels])


@pytest.mark.parametrize(("frames", "labels"), [(1, [1, 2]), (2, [3, 3]), (3, [1, 1, 1])])
def test_ctc_without_a_path_is_infinite_there(frames, labels):
    z, y = drawn((1, frames, 4))[0], np.array([labels])
    want = torchs((frames,), (len(labels),), 0)(torch.tensor(z), torch.tensor(y))
    assert torch.isinf(want).all()
    with jax.enable_x64(True):
        got = losses.ctc_loss(jnp.asarray(z), jnp.zeros((1, frames)), jnp.asarray(y), jnp.zeros((1, len(labels))))
    assert got.tolist() == [1e5]
