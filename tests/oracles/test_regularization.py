"""Dropout against PyTorch: the same scale and the same gradient, given the mask; and SciPy's exact binomial for the rate."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import dropout

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
