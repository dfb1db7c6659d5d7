"""Linear maps against PyTorch: values and gradients."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import affine_columns, bilinear, dense, dot_product_attention, embedding, logsumexp, one_hot

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


def both(ours, theirs, arrays, dtype):
    """Value and gradients of one function in both libraries, for one random cotangent."""
    arrays = [a.astype(dtype) for a in arrays]
    with jax.enable_x64(dtype == "float64"):
        y, pull = jax.vjp(ours, *map(jnp.asarray, arrays))
        cotangent = np.random.default_rng(0).standard_normal(y.shape).astype(dtype)
        gradients = pull(jnp.asarray(cotangent))
    tensors = [torch.tensor(a, requires_grad=True) for a in arrays]
    out = theirs(*tensors)
    out.backward(torch.tensor(cotangent))
    agree(y, out.detach().numpy(), dtype)
    agree(gradients, tuple(t.grad.numpy() for t in tensors), dtype)


@pytest.mark.parametrize("batch", [(), (4,), (2, 3), (0,)])
@pytest.mark.parametrize(("in1", "in2", "out", "biased"), [(5, 3, 4, True), (1, 6, 2, False), (4, 4, 1, True)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_bilinear(batch, in1, in2, out, biased, dtype):
    rng = np.random.default_rng(3)
    arrays = [rng.standard_normal(shape) for shape in ((*batch, in1), (*batch, in2), (in1, in2, out), (out,))][: 4 if biased else 3]
    both(bilinear, lambda x1, x2, kernel, *bias: torch.nn.functional.bilinear(x1, x2, kernel.movedim(-1, 0), *bias), arrays, dtype)


@pytest.mark.parametrize(("batch", "vocabulary", "features"), [((), 1, 1), ((), 5, 3), ((7,), 5, 3), ((50,), 4, 2), ((2, 3), 9, 4), ((0,), 5, 3)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_embedding(batch, vocabulary, features, dtype):
    rng = np.random.default_rng(4)
    ids = np.asarray(rng.integers(0, vocabulary, batch))
    table = rng.standard_normal((vocabulary, features))
    both(lambda t: embedding(jnp.asarray(ids, "int32"), t), lambda t: torch.nn.functional.embedding(torch.tensor(ids), t), [table], dtype)


@pytest.mark.parametrize("batch", [(), (4,), (2, 3), (0,)])
@pytest.mark.parametrize("axis", [-1, 0])
def test_one_hot(batch, axis):
    ids = np.asarray(np.random.default_rng(5).integers(0, 6, batch))
    agree(
        one_hot(jnp.asarray(ids, "int32"), 6, axis=axis),
        torch.nn.functional.one_hot(torch.tensor(ids), 6).movedim(-1, axis).numpy().astype("float32"),
        "float32",
    )


@pytest.mark.parametrize(
    ("shape", "axis", "keepdims"), [((5,), 0, False), ((4, 3), -1, True), ((4, 3), 0, False), ((2, 3, 4), (0, 2), True), ((2, 3, 4), 1, False)]
)
@pytest.mark.parametrize("scale", [1.0, 30.0])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_logsumexp(shape, axis, keepdims, scale, dtype):
    x = scale * np.random.default_rng(6).standard_normal(shape)
    both(lambda x: logsumexp(x, axis=axis, keepdims=keepdims), lambda x: torch.logsumexp(x, axis, keepdims), [x], dtype)


@pytest.mark.parametrize("batch", [(2,), (), (1,)])
@pytest.mark.parametrize(("heads", "shared"), [(1, 1), (4, 4), (4, 2), (6, 1)])
@pytest.mark.parametrize("kind", ["plain", "causal", "scaled", "biased", "masked"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dot_product_attention(batch, heads, shared, kind, dtype):
    # PyTorch's heads come before time. Every query sees something here: of one that does not, PyTorch makes 0 and jax.nn the plain mean (a fact).
    rng = np.random.default_rng(7)
    query, key, value = (rng.standard_normal((*batch, *shape)) for shape in ((5, heads, 3), (5, shared, 3), (5, shared, 3)))
    bias, mask = rng.standard_normal((1, heads, 5, 5)).astype(dtype), (rng.random((1, 1, 5, 5)) < 0.5) | np.eye(5, dtype=bool)
    ours = {
        "plain": {},
        "causal": dict(is_causal=True),
        "scaled": dict(scale=1.7),
        "biased": dict(bias=bias),
        "masked": dict(mask=jnp.asarray(mask)),
    }[kind]
    theirs = {
        "plain": {},
        "causal": dict(is_causal=True),
        "scaled": dict(scale=1.7),
        "biased": dict(attn_mask=torch.tensor(bias[0] if not batch else bias)),
        "masked": dict(attn_mask=torch.tensor(mask[0] if not batch else mask)),
    }[kind]

    def attention(query, key, value):
        heads_first = (x.movedim(-2, -3) for x in (query, key, value))
        return torch.nn.functional.scaled_dot_product_attention(*heads_first, enable_gqa=True, **theirs).movedim(-3, -2)

    def attend(query, key, value):
        return dot_product_attention(query, key, value, **({**ours, "bias": jnp.asarray(bias)} if kind == "biased" else ours))

    both(attend, attention, [query, key, value], dtype)


@pytest.mark.parametrize(
    "settings", [dict(local_window_size=(1, 2)), dict(local_window_size=1, is_causal=True), dict(lengths=True), dict(return_residual=True)]
)
def test_dot_product_attention_as_jax_nns(settings):
    # What PyTorch has not. Every query within its length sees something.
    rng = np.random.default_rng(8)
    arrays = [jnp.asarray(rng.standard_normal(shape), "float32") for shape in ((2, 5, 4, 3), (2, 5, 2, 3), (2, 5, 2, 3))]
    if "lengths" in settings:
        settings = dict(query_seq_lengths=jnp.array([5, 3]), key_value_seq_lengths=jnp.array([2, 5]))
    out, pull = jax.vjp(lambda *a: dot_product_attention(*a, **settings), *arrays)
    want, pull_theirs = jax.vjp(lambda *a: jax.nn.dot_product_attention(*a, **settings), *arrays)
    agree(out, want, "float32")
    first = jnp.asarray(rng.standard_normal((2, 5, 4, 3)), "float32")
    # jax.nn passes no gradient through the residual.
    cotangent = (first, jnp.zeros((2, 5, 4))) if settings.get("return_residual") else first
    agree(pull(cotangent), pull_theirs(cotangent), "float32")
