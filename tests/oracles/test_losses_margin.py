"""Margin losses against PyTorch: values and gradients, also where they bend."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview.losses import (
    hinge_embedding_loss,
    margin_ranking_loss,
    multi_margin_loss,
    multilabel_margin_loss,
    multilabel_soft_margin_loss,
    soft_margin_loss,
    squared_hinge_loss,
)

from agree import agree

torch = pytest.importorskip("torch")
F = pytest.importorskip("torch.nn.functional")

DTYPES = ["float32", "float64"]
SHAPES = [(), (2, 3, 5), (0, 3)]


def both(ours, theirs, moving, fixed, dtype):
    """Hold values and gradients by the ``moving`` arrays against PyTorch's, for one cotangent; ``fixed`` arrays follow them."""
    moving = [np.asarray(a).astype(dtype) for a in moving]
    fixed = [np.asarray(a) if np.asarray(a).dtype.kind != "f" else np.asarray(a).astype(dtype) for a in fixed]
    with jax.enable_x64(dtype == "float64"):
        given = [jnp.asarray(a) for a in fixed]
        out, pull = jax.vjp(lambda *a: ours(*a, *given), *map(jnp.asarray, moving))
        cotangent = np.asarray(np.random.default_rng(7).standard_normal(out.shape)).astype(dtype)
        gradients = pull(jnp.asarray(cotangent))
    tensors = [torch.tensor(a, requires_grad=True) for a in moving]
    want = theirs(*tensors, *map(torch.tensor, fixed))
    want.backward(torch.tensor(cotangent))
    agree(out, want.detach().numpy(), dtype)
    agree(gradients, [t.grad.numpy() for t in tensors], dtype)


def scores(shape, seed=1):
    """Normals and signs, with a few scores exactly at 0, ½ and 1."""
    rng = np.random.default_rng(seed)
    x = np.asarray(2 * rng.standard_normal(shape))
    for kink in (0.0, 0.5, 1.0):
        x = np.where(rng.uniform(size=shape) < 0.15, kink, x)
    return x, rng.choice([-1.0, 1.0], shape)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_soft_margin(shape, dtype):
    x, t = scores(shape)
    both(soft_margin_loss, lambda a, b: F.soft_margin_loss(a, b, reduction="none"), [x], [t], dtype)
    both(soft_margin_loss, lambda a, b: F.soft_margin_loss(a, b, reduction="none"), [20 * x], [t], dtype)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_squared_hinge(shape, dtype):
    # PyTorch has none; its clamp and square are the formula.
    x, t = scores(shape)
    both(squared_hinge_loss, lambda a, b: (1 - a * b).clamp_min(0) ** 2, [x], [t], dtype)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("margin", [0.0, 0.5, 1.0, -0.5])
@pytest.mark.parametrize("dtype", DTYPES)
def test_hinge_embedding(shape, margin, dtype):
    x, t = scores(shape)
    for target in (t, np.asarray(t).astype("int64")):
        if dtype == "float64" or target is t:
            both(
                lambda a, b: hinge_embedding_loss(a, b, margin=margin),
                lambda a, b: F.hinge_embedding_loss(a, b, margin=margin, reduction="none"),
                [x],
                [target],
                dtype,
            )


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("margin", [0.0, 0.5, -0.5])
@pytest.mark.parametrize("dtype", DTYPES)
def test_margin_ranking(shape, margin, dtype):
    (a, t), (b, _) = scores(shape), scores(shape, 2)
    both(
        lambda u, v, w: margin_ranking_loss(u, v, w, margin=margin),
        lambda u, v, w: F.margin_ranking_loss(u, v, w, margin=margin, reduction="none"),
        [a, b],
        [t],
        dtype,
    )
    # All ties.
    both(margin_ranking_loss, lambda u, v, w: F.margin_ranking_loss(u, v, w, reduction="none"), [a, a], [t], dtype)


@pytest.mark.parametrize("shape", [(4,), (6, 4)])
@pytest.mark.parametrize("p", [1, 2])
@pytest.mark.parametrize("margin", [1.0, 0.5])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
def test_multi_margin(shape, p, margin, weighted, dtype):
    rng = np.random.default_rng(3)
    z, labels = np.round(2 * rng.standard_normal(shape)) / 2, rng.integers(0, 4, shape[:-1])  # halves, so that many gaps are exactly the margin
    w = rng.uniform(0.2, 3.0, 4).astype(dtype)
    both(
        lambda a, b, c: multi_margin_loss(a, b, p=p, margin=margin, class_weights=c if weighted else None),
        lambda a, b, c: F.multi_margin_loss(a, b, p=p, margin=margin, weight=c if weighted else None, reduction="none"),
        [z],
        [labels, w],
        dtype,
    )


@pytest.mark.parametrize("shape", [(1,), (5,), (8, 5), (3, 9), (20, 4)])
@pytest.mark.parametrize("halves", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
def test_multilabel_margin(shape, halves, dtype):
    rng = np.random.default_rng(4)
    z = 2 * rng.standard_normal(shape)
    targets = rng.integers(-1, shape[-1], shape)  # repeats, −1 anywhere, also first or never
    both(
        multilabel_margin_loss,
        lambda a, b: F.multilabel_margin_loss(a, b, reduction="none"),
        [np.round(z) / 2 if halves else z],
        [targets],
        dtype,
    )


@pytest.mark.parametrize("shape", [(4,), (2, 3, 4), (0, 4)])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("scale", [1.0, 50.0])
@pytest.mark.parametrize("dtype", DTYPES)
def test_multilabel_soft_margin(shape, weighted, scale, dtype):
    rng = np.random.default_rng(5)
    w = rng.uniform(0.2, 3.0, 4).astype(dtype)
    both(
        lambda a, b, c: multilabel_soft_margin_loss(a, b, class_weights=c if weighted else None),
        lambda a, b, c: F.multilabel_soft_margin_loss(a, b, weight=c if weighted else None, reduction="none"),
        [scale * rng.standard_normal(shape), rng.uniform(size=shape)],
        [w],
        dtype,
    )
