"""Depthwise and separable convolution against PyTorch: values and the gradients of every argument."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import depthwise_conv, separable_conv

from agree import agree

torch = pytest.importorskip("torch")
F = torch.nn.functional
CONV = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}

# size, window, channels, outputs of each channel, what differs from the defaults, and the cells that PyTorch pads, worked out by hand.
ROWS = [
    ((9,), (3,), 4, 1, {}, [(0, 0)]),
    ((9,), (4,), 1, 3, dict(stride=3, padding=2), [(2, 2)]),
    ((9,), (3,), 3, 2, dict(dilation=4, padding=((5, 0),)), [(5, 0)]),
    ((9,), (4,), 2, 2, dict(padding="SAME"), [(1, 2)]),
    ((9,), (4,), 2, 2, dict(padding="SAME_LOWER"), [(2, 1)]),
    ((12,), (3,), 5, 1, dict(stride=2, padding="SAME"), [(0, 1)]),
    ((12,), (1,), 5, 4, dict(stride=5), [(0, 0)]),
    ((260,), (140,), 3, 1, dict(padding=((139, 0),)), [(139, 0)]),
    ((7, 6), (3, 3), 4, 1, dict(padding=1), [(1, 1), (1, 1)]),
    ((7, 6), (3, 3), 4, 2, dict(padding=1, stride=2), [(1, 1), (1, 1)]),
    ((7, 6), (3, 2), 3, 3, dict(stride=(2, 3), padding=(2, 0)), [(2, 2), (0, 0)]),
    ((7, 6), (2, 5), 3, 1, dict(padding=((0, 3), (4, 1)), dilation=(3, 1)), [(0, 3), (4, 1)]),
    ((7, 6), (5, 4), 2, 2, dict(padding="SAME", stride=(2, 3), dilation=(1, 2)), [(2, 2), (2, 2)]),
    ((7, 6), (5, 4), 2, 2, dict(padding="SAME_LOWER", stride=(1, 2), dilation=(1, 1)), [(2, 2), (1, 1)]),
    ((7, 6), (7, 6), 6, 1, dict(padding="VALID"), [(0, 0), (0, 0)]),
    ((7, 6), (1, 2), 2, 3, dict(padding=4, stride=5), [(4, 4), (4, 4)]),
    ((7, 6), (3, 3), 1, 4, dict(padding=2, dilation=2), [(2, 2), (2, 2)]),
    ((4, 5, 3), (2, 3, 1), 3, 1, {}, [(0, 0), (0, 0), (0, 0)]),
    ((4, 5, 3), (2, 2, 2), 2, 2, dict(stride=(1, 2, 3), padding=((1, 0), (0, 2), (1, 1))), [(1, 0), (0, 2), (1, 1)]),
    ((4, 5, 3), (3, 3, 2), 2, 1, dict(padding="SAME", dilation=(1, 2, 1)), [(1, 1), (2, 2), (0, 1)]),
]
NAMES = [
    f"{'x'.join(map(str, size))}-k{'x'.join(map(str, window))}-c{channels}m{multiplier}-{options}" for size, window, channels, multiplier, options, _ in ROWS
]


def weight(kernel):
    """(*window, a, b) as PyTorch's (b, a, *window)."""
    return kernel.permute(kernel.ndim - 1, kernel.ndim - 2, *range(kernel.ndim - 2)).contiguous()


def by_channel(x, kernel, bias, options, pads):
    """Channels first in and out."""
    x = F.pad(x.movedim(-1, 1), [cells for pair in reversed(pads) for cells in pair])
    settings = {name: value for name, value in options.items() if name != "padding"}
    return CONV[len(pads)](x, weight(kernel), bias, groups=x.shape[1], **settings)


def torch_depthwise(x, kernel, bias, *, options, pads):
    return by_channel(x, kernel, bias, options, pads).movedim(1, -1)


def torch_separable(x, depthwise, pointwise, bias, *, options, pads):
    return CONV[len(pads)](by_channel(x, depthwise, None, options, pads), weight(pointwise), bias).movedim(1, -1)


def compare(ours, theirs, shapes, options, pads, dtype="float64"):
    rng = np.random.default_rng(4)
    arrays = [rng.standard_normal(shape).astype(dtype) for shape in shapes]
    tensors = [torch.tensor(a, requires_grad=True) for a in arrays]
    want = theirs(*tensors, options=options, pads=pads)
    cotangent = rng.standard_normal(want.shape).astype(dtype)
    want.backward(torch.tensor(cotangent))

    def value_and_pull(cotangent, *arrays):
        value, pull = jax.vjp(lambda *a: ours(*a, **options), *arrays)
        return value, pull(cotangent)

    with jax.enable_x64(dtype == "float64"):
        got, gradients = jax.jit(value_and_pull)(jnp.asarray(cotangent), *map(jnp.asarray, arrays))
    agree(got, want.detach().numpy(), dtype)
    agree(gradients, [t.grad.numpy() for t in tensors], dtype)


@pytest.mark.parametrize(("size", "window", "channels", "multiplier", "options", "pads"), ROWS, ids=NAMES)
def test_depthwise_conv(size, window, channels, multiplier, options, pads):
    between = channels * multiplier
    compare(depthwise_conv, torch_depthwise, [(2, *size, channels), (*window, 1, between), (between,)], options, pads)


@pytest.mark.parametrize(("size", "window", "channels", "multiplier", "options", "pads"), ROWS[::2], ids=NAMES[::2])
def test_separable_conv(size, window, channels, multiplier, options, pads):
    between, ones = channels * multiplier, (1,) * len(window)
    compare(separable_conv, torch_separable, [(2, *size, channels), (*window, 1, between), (*ones, between, 5), (5,)], options, pads)


@pytest.mark.parametrize("multiplier", [1, 2])
def test_in_float32(multiplier):
    options, pads, between = dict(stride=2, padding=1), [(1, 1), (1, 1)], 12 * multiplier
    shapes = [(2, 15, 14, 12), (3, 3, 1, between)]
    compare(depthwise_conv, torch_depthwise, [*shapes, (between,)], options, pads, "float32")
    compare(separable_conv, torch_separable, [*shapes, (1, 1, between, 20), (20,)], options, pads, "float32")
