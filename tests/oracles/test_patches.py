"""Unfold and fold against PyTorch's: values and gradients."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import fold, unfold

from agree import agree

torch = pytest.importorskip("torch")
F = torch.nn.functional

# PyTorch has them with two spatial axes alone, and pads both sides alike. Size, window, settings.
ROWS = [
    ((7, 6), (3, 3), {}),
    ((7, 6), (1, 1), {}),
    ((7, 6), (2, 3), dict(stride=(2, 3))),
    ((7, 6), (3, 2), dict(padding=1)),
    ((7, 6), (3, 2), dict(padding=(0, 4))),
    ((7, 6), (2, 2), dict(stride=3, padding=(2, 1))),
    ((7, 6), (1, 2), dict(stride=5)),
    ((7, 6), (3, 3), dict(dilation=2, padding=1)),
    ((7, 6), (3, 2), dict(dilation=(1, 4), stride=(2, 1))),
    ((7, 6), (3, 4), dict(dilation=(2, 3), stride=(4, 2), padding=(3, 5))),
    ((7, 6), (2, 3), dict(dilation=(3, 2), stride=(2, 4), padding=(1, 2))),
    ((7, 6), (7, 6), {}),
    ((5, 4), (4, 3), dict(stride=(3, 2), padding=6)),
    # More pieces than are cut at once.
    ((12, 13), (9, 10), dict(padding=2)),
    ((20, 17), (5, 3), dict(stride=(3, 1), dilation=(4, 7), padding=(1, 0))),
]
NAMES = [f"{'x'.join(map(str, size))}-k{'x'.join(map(str, window))}-{options}" for size, window, options in ROWS]


def torch_unfold(x, window, **options):
    columns = F.unfold(x.movedim(-1, 1), window, **options)
    return columns.reshape(*x.shape[::3], *window, -1).permute(0, 4, 2, 3, 1)


def torch_fold(patches, output_size, **options):
    """From (N, windows, *window, C)."""
    columns = patches.permute(0, 4, 2, 3, 1).flatten(1, 3)
    return F.fold(columns, output_size, patches.shape[2:4], **options).movedim(1, -1)


@pytest.mark.parametrize(("size", "window", "options"), ROWS, ids=NAMES)
def test_unfold_and_fold(size, window, options):
    rng = np.random.default_rng(0)
    x = torch.tensor(rng.standard_normal((2, *size, 3)), requires_grad=True)
    seen = torch_unfold(x, window, **options)
    patches = torch.tensor(rng.standard_normal(seen.shape), requires_grad=True)
    seen.backward(patches.detach())
    laid = torch_fold(patches, size, **options)
    laid.backward(x.detach())

    def both(x, patches):
        got, pull = jax.vjp(lambda x: unfold(x, window, **options), x)
        grid = patches.reshape(got.shape)
        back, pull_back = jax.vjp(lambda grid: fold(grid, size, **options), grid)
        return got, pull(grid)[0], back, pull_back(x)[0]

    with jax.enable_x64(True):
        got, got_gradient, back, back_gradient = jax.jit(both)(jnp.asarray(x.detach().numpy()), jnp.asarray(patches.detach().numpy()))
    agree(got.reshape(seen.shape), seen.detach().numpy())
    agree(got_gradient, x.grad.numpy())
    agree(back, laid.detach().numpy())
    agree(back_gradient.reshape(seen.shape), patches.grad.numpy())


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_tensor_unfold(stride):
    # Tensor.unfold walks along any axis: with it PyTorch has windows in one and three axes.
    x = np.random.default_rng(1).standard_normal((2, 9, 3))
    want = torch.tensor(x).unfold(1, 4, stride).movedim(-1, -2).numpy()
    with jax.enable_x64(True):
        agree(unfold(jnp.asarray(x), (4,), stride=stride), want)
    x = np.random.default_rng(2).standard_normal((2, 5, 4, 6, 3))
    want = torch.tensor(x).unfold(1, 2, stride).unfold(2, 3, stride).unfold(3, 4, stride).movedim(4, -1).numpy()
    with jax.enable_x64(True):
        agree(unfold(jnp.asarray(x), (2, 3, 4), stride=stride), want)
