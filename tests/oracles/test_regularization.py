"""Dropout and its kin against PyTorch: the same values and gradients, given the mask; SciPy's exact binomial for the rate; the penalties."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import alpha_dropout, drop_block, drop_path, dropout, l1_penalty, l2_penalty

from agree import agree

torch = pytest.importorskip("torch")


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16"])
@pytest.mark.parametrize("rate", [0.0, 0.1, 0.25, 0.5, 0.9, 1.0])
def test_kept_values_and_gradients(rate, dtype):
    # PyTorch's draws are its own: compared are the values where both kept, and what both do to the gradient there.
    x = np.random.default_rng(0).standard_normal((40, 50))
    kind = getattr(torch, dtype)
    theirs = torch.tensor(x, dtype=kind, requires_grad=True)
    torch.manual_seed(0)
    out = torch.nn.functional.dropout(theirs, rate)
    out.backward(torch.ones_like(out))
    with jax.enable_x64(dtype == "float64"):
        y, pull = jax.vjp(lambda x: dropout(jax.random.key(0), x, rate), jnp.asarray(x, dtype))
        (gradient,) = pull(jnp.ones_like(y))
    y, gradient, out, their_gradient = (np.asarray(a, np.float64) for a in (y, gradient, out.detach().double().numpy(), theirs.grad.double().numpy()))
    ours_kept, theirs_kept = gradient != 0, their_gradient != 0
    kept = ours_kept & theirs_kept
    assert kept.any() == (rate < 1)
    agree(y[kept], out[kept], dtype)
    agree(gradient[kept], their_gradient[kept], dtype)
    assert (y[~ours_kept] == 0).all()


@pytest.mark.parametrize("rate", [0.001, 0.1, 0.3, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("shape", [(10000,), (10, 1000)])
def test_the_rate_by_the_exact_binomial(rate, shape):
    stats = pytest.importorskip("scipy.stats")
    kept = np.asarray(jax.vmap(lambda key: (dropout(key, jnp.ones(shape), rate) != 0).sum())(jax.random.split(jax.random.key(1), 20)))
    for count, n in [*((count, 10000) for count in kept), (kept.sum(), 200000)]:
        assert stats.binomtest(int(count), n, 1 - rate).pvalue > 1e-6
    # The counts scatter as binomial counts do: their dispersion about the known mean is χ² with 20 degrees of freedom.
    dispersion = ((kept - 10000 * (1 - rate)) ** 2).sum() / (10000 * rate * (1 - rate))
    assert 1e-6 < stats.chi2(20).cdf(dispersion) < 1 - 1e-6


@pytest.mark.parametrize(("axes", "channel_dropout"), [((1, 2), torch.nn.functional.dropout2d), ((1,), torch.nn.functional.dropout1d)])
def test_whole_channels_as_pytorchs(axes, channel_dropout):
    # PyTorch drops whole channels of (N, C, *spatial): with the spatial axes shared, ours does too, and scales alike.
    x = np.ones((6, *(4,) * len(axes), 8))
    torch.manual_seed(0)
    theirs = channel_dropout(torch.tensor(x).movedim(-1, 1), 0.5).movedim(1, -1).numpy()
    ours = np.asarray(dropout(jax.random.key(0), jnp.asarray(x, jnp.float32), 0.5, broadcast_axes=axes))
    for y in (theirs, ours):
        first = y[(slice(None), *(slice(1),) * len(axes))]
        assert (y == first).all()
        assert set(np.unique(y)) == {0.0, 2.0}


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16"])
@pytest.mark.parametrize("rate", [0.05, 0.3, 0.5, 0.8, 1.0])
def test_alpha_dropout(rate, dtype):
    # Where both kept, and where both dropped, the values are the same.
    x = np.random.default_rng(1).standard_normal((40, 50))
    theirs = torch.tensor(x, dtype=getattr(torch, dtype), requires_grad=True)
    torch.manual_seed(0)
    out = torch.nn.functional.alpha_dropout(theirs, rate, training=True)
    out.backward(torch.ones_like(out))
    with jax.enable_x64(dtype == "float64"):
        y, pull = jax.vjp(lambda x: alpha_dropout(jax.random.key(0), x, rate), jnp.asarray(x, dtype))
        (gradient,) = pull(jnp.ones_like(y))
    y, gradient, out, their_gradient = (np.asarray(a, np.float64) for a in (y, gradient, out.detach().double().numpy(), theirs.grad.double().numpy()))
    kept, dropped = (gradient != 0) & (their_gradient != 0), (gradient == 0) & (their_gradient == 0)
    assert kept.any() == (rate < 1)
    assert dropped.any()
    for both in (kept, dropped):
        # PyTorch rounds its halves after every step: they agree to the dtype's tolerance of the array's largest value, not value by value.
        agree(np.where(both, y, 0), np.where(both, out, 0), dtype)
        agree(gradient[both], their_gradient[both], dtype)


def test_whole_channels_of_alpha_dropout():
    torch.manual_seed(0)
    theirs = torch.nn.functional.feature_alpha_dropout(torch.ones(6, 8, 4, 4), 0.5, training=True).movedim(1, -1).numpy()
    ours = np.asarray(alpha_dropout(jax.random.key(0), jnp.ones((6, 4, 4, 8)), 0.5, broadcast_axes=(1, 2)))
    for y in (theirs, ours):
        assert (y == y[:, :1, :1]).all()
    agree(np.unique(ours), np.unique(theirs), "float32")


@pytest.mark.parametrize("function", [drop_path, pytest.param(lambda key, x, rate: drop_block(key, x, rate, block=1), id="drop_block of one cell")])
@pytest.mark.parametrize("rate", [0.001, 0.1, 0.5, 0.9, 0.999])
def test_the_rate_of_the_others_by_the_exact_binomial(function, rate):
    stats = pytest.importorskip("scipy.stats")
    x = jnp.ones((2000, 1, 1, 1))
    kept = np.asarray(jax.vmap(lambda key: (function(key, x, rate) != 0).sum())(jax.random.split(jax.random.key(2), 50)))
    assert stats.binomtest(int(kept.sum()), 100000, 1 - rate).pvalue > 1e-6
    for count in kept:
        assert stats.binomtest(int(count), 2000, 1 - rate).pvalue > 1e-6
    dispersion = ((kept - 2000 * (1 - rate)) ** 2).sum() / (2000 * rate * (1 - rate))
    # χ² with 50 degrees of freedom has variance 100; the binomial's kurtosis adds at most 50 / (2000 · rate · (1 − rate)).
    assert abs(dispersion - 50) < 6 * (100 + 50 / (2000 * rate * (1 - rate))) ** 0.5


@pytest.mark.parametrize("block", [1, 2, 3, 5])
@pytest.mark.parametrize("rate", [0.1, 0.4, 0.7])
def test_drop_block_by_pytorchs_pooling(rate, block):
    # The published form: corners as a map of ones, laid out and spread by a max pool, the rest scaled by cells / kept cells.
    key, x = jax.random.key(0), np.random.default_rng(2).standard_normal((3, 7, 6, 4))
    places = (3, 8 - block, 7 - block, 4)
    gamma = rate / block**2 * 7 * 6 / ((8 - block) * (7 - block))
    corners = np.asarray(jax.random.bits(key, places, "uint32")) < round(gamma * 2**32)
    padded = torch.nn.functional.pad(torch.tensor(np.moveaxis(corners, -1, 1)).double(), [block - 1] * 4)
    keep = 1 - torch.nn.functional.max_pool2d(padded, block, stride=1)
    theirs = torch.tensor(np.moveaxis(x, -1, 1), requires_grad=True)
    out = theirs * keep * keep[0].numel() / keep.sum((1, 2, 3), keepdim=True).clamp(min=1)
    out.backward(torch.ones_like(out))
    with jax.enable_x64(True):
        y, pull = jax.vjp(lambda x: drop_block(key, x, rate, block=block), jnp.asarray(x))
        gradient = pull(jnp.ones_like(y))[0]
    agree(y, out.detach().movedim(1, -1).numpy())
    agree(gradient, theirs.grad.movedim(1, -1).numpy())


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("shapes", [[()], [(1,)], [(4, 3)], [(2, 3, 4), (4,)], [(0, 3), (2,)]])
def test_penalties(shapes, dtype):
    rng = np.random.default_rng(3)
    values = [np.asarray(rng.standard_normal(shape)) for shape in shapes]
    values[-1].reshape(-1)[:1] = 0.0  # where |w| has its kink
    theirs = [torch.tensor(v, dtype=getattr(torch, dtype), requires_grad=True) for v in values]
    norms = {l1_penalty: sum(w.abs().sum() for w in theirs), l2_penalty: sum(0.5 * (w**2).sum() for w in theirs)}
    with jax.enable_x64(dtype == "float64"):
        for penalty, norm in norms.items():
            value, gradients = jax.value_and_grad(penalty)([jnp.asarray(v, dtype) for v in values])
            agree(value, norm.detach().numpy(), dtype)
            agree(gradients, [g.numpy() for g in torch.autograd.grad(norm, theirs)], dtype)
