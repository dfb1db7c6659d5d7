"""The shuffles against PyTorch: values and gradients."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import channel_shuffle, pixel_shuffle, pixel_unshuffle

from agree import agree

torch = pytest.importorskip("torch")
F = torch.nn.functional


def check(ours, theirs, x):
    tx = torch.tensor(np.moveaxis(x, -1, 1).copy(), requires_grad=True)
    ty = theirs(tx)
    y, pull = jax.vjp(jax.jit(ours), jnp.asarray(x))
    agree(y, np.moveaxis(ty.detach().numpy(), 1, -1))
    weights = np.random.default_rng(1).standard_normal(y.shape).astype(x.dtype)
    ty.backward(torch.tensor(np.moveaxis(weights, -1, 1).copy()))
    agree(pull(jnp.asarray(weights))[0], np.moveaxis(tx.grad.numpy(), 1, -1))


def draw(*shape):
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("spatial", [(1, 1), (2, 3), (5, 4)])
@pytest.mark.parametrize("factor", [1, 2, 3, 4])
def test_pixel_shuffle(factor, spatial, channels):
    check(lambda x: pixel_shuffle(x, factor), lambda t: F.pixel_shuffle(t, factor), draw(2, *spatial, channels * factor**2))


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("spatial", [(1, 1), (2, 3), (5, 4)])
@pytest.mark.parametrize("factor", [1, 2, 3, 4])
def test_pixel_unshuffle(factor, spatial, channels):
    check(lambda x: pixel_unshuffle(x, factor), lambda t: F.pixel_unshuffle(t, factor), draw(2, spatial[0] * factor, spatial[1] * factor, channels))


@pytest.mark.parametrize("spatial", [(1, 1), (2, 3), (5, 4)])
@pytest.mark.parametrize("groups", [1, 2, 3, 4, 6, 8, 12, 24])
def test_channel_shuffle(groups, spatial):
    check(lambda x: channel_shuffle(x, groups), lambda t: F.channel_shuffle(t, groups), draw(2, *spatial, 24))
