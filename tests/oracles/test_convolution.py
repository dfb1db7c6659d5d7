"""Convolution and its transpose against PyTorch: values and the gradients of every argument."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import conv, conv_transpose

from agree import agree

torch = pytest.importorskip("torch")
F = torch.nn.functional

# size, window, channels in and out, and what differs from the defaults.
CONV = [
    ((9,), (3,), 2, 4, {}),
    ((9,), (1,), 3, 5, dict(stride=2)),
    ((8,), (4,), 2, 3, dict(stride=3, padding=2)),
    ((8,), (4,), 3, 2, dict(padding="SAME")),
    ((8,), (4,), 3, 2, dict(padding="SAME_LOWER")),
    ((10,), (3,), 4, 6, dict(dilation=3, padding=((2, 4),), groups=2)),
    ((6,), (3,), 2, 3, dict(stride=2, padding="SAME")),
    ((5,), (3,), 2, 3, dict(stride=2, padding="SAME")),
    ((6,), (3,), 2, 3, dict(padding=5, padding_mode="reflect")),
    ((6,), (4,), 2, 3, dict(padding=((2, 6),), padding_mode="circular")),
    ((6,), (4,), 2, 3, dict(padding=((9, 0),), padding_mode="replicate", stride=2)),
    ((7, 6), (3, 2), 3, 4, {}),
    ((7, 6), (3, 3), 3, 4, dict(padding=1)),
    ((7, 6), (3, 2), 3, 4, dict(stride=(2, 3), padding=(2, 0))),
    ((7, 6), (3, 2), 4, 6, dict(groups=2, padding=((0, 2), (3, 1)))),
    ((7, 6), (3, 2), 3, 3, dict(groups=3, stride=2, padding=1)),
    ((7, 6), (3, 2), 3, 6, dict(groups=3, dilation=(1, 2))),
    ((7, 6), (2, 2), 8, 8, dict(groups=8, padding=3)),
    ((7, 6), (1, 1), 6, 9, dict(groups=3, stride=(1, 2))),
    ((7, 6), (1, 3), 10, 15, dict(groups=5, dilation=2)),
    ((7, 6), (5, 4), 2, 3, dict(padding="SAME", stride=(2, 3), dilation=(1, 2))),
    ((7, 6), (5, 4), 2, 3, dict(padding="SAME_LOWER", stride=(2, 3), dilation=(2, 1))),
    ((7, 6), (1, 2), 2, 3, dict(padding=4, stride=5)),
    ((7, 6), (3, 4), 2, 3, dict(padding=(6, 5), padding_mode="reflect", stride=(2, 1))),
    ((7, 6), (3, 4), 2, 3, dict(padding=(8, 1), padding_mode="replicate", dilation=2)),
    ((7, 6), (3, 4), 2, 4, dict(padding="SAME", padding_mode="circular", groups=2)),
    ((7, 6), (3, 4), 2, 3, dict(padding="SAME", padding_mode="reflect", stride=2)),
    ((7, 6), (3, 4), 2, 3, dict(padding="SAME_LOWER", padding_mode="replicate")),
    ((4, 5, 3), (2, 3, 1), 2, 3, {}),
    ((4, 5, 3), (2, 3, 2), 2, 4, dict(groups=2, stride=(1, 2, 1), padding=(0, 1, 2))),
    ((4, 5, 3), (3, 1, 2), 2, 3, dict(padding="SAME", dilation=(2, 1, 1))),
    ((4, 5, 3), (2, 2, 2), 3, 3, dict(padding=((1, 0), (0, 2), (1, 1)), groups=3, stride=2)),
    ((4, 5, 3), (2, 2, 2), 2, 3, dict(padding=(2, 4, 2), padding_mode="reflect")),
    ((4, 5, 3), (2, 2, 2), 2, 3, dict(padding=(2, 4, 3), padding_mode="circular", stride=(1, 2, 3))),
]

TRANSPOSE = [
    ((5,), (3,), 2, 4, {}),
    ((5,), (3,), 3, 2, dict(stride=2)),
    ((5,), (3,), 3, 2, dict(stride=2, padding=1, output_padding=1)),
    ((5,), (1,), 3, 2, dict(stride=4, output_padding=3)),
    ((5,), (4,), 4, 6, dict(stride=3, padding=2, groups=2)),
    ((5,), (3,), 2, 3, dict(dilation=3, padding=2)),
    ((5,), (3,), 2, 3, dict(stride=2, dilation=3, padding=3, output_padding=2)),
    ((5,), (3,), 2, 3, dict(stride=3, dilation=2, padding=((1, 3),))),
    ((7,), (2,), 2, 3, dict(stride=2, padding=5)),
    ((5,), (3,), 2, 3, dict(stride=2, padding="SAME")),
    ((5,), (4,), 2, 3, dict(stride=1, padding="SAME_LOWER")),
    ((4, 3), (3, 2), 3, 4, {}),
    ((4, 3), (4, 4), 3, 4, dict(stride=2, padding=1)),
    ((4, 3), (3, 3), 3, 4, dict(stride=2, padding=1, output_padding=1)),
    ((4, 3), (3, 2), 3, 4, dict(stride=(1, 3), padding=(2, 0), output_padding=(0, 2))),
    ((4, 3), (2, 2), 3, 4, dict(stride=2)),
    ((4, 3), (2, 1), 3, 4, dict(stride=(5, 3), output_padding=(4, 1))),
    ((4, 3), (3, 2), 4, 6, dict(stride=2, groups=2)),
    ((4, 3), (3, 4), 3, 3, dict(stride=2, padding=1, groups=3)),
    ((4, 3), (3, 2), 3, 6, dict(stride=(2, 1), groups=3, output_padding=(1, 0))),
    ((4, 3), (1, 2), 10, 5, dict(stride=(3, 1), groups=5)),
    ((4, 3), (3, 2), 2, 3, dict(dilation=(2, 3), padding=(1, 2), output_padding=(1, 2))),
    ((4, 3), (3, 2), 2, 4, dict(stride=(2, 4), dilation=(3, 2), groups=2, padding=1, output_padding=(2, 3))),
    ((4, 3), (3, 5), 2, 3, dict(stride=(3, 2), padding="SAME")),
    ((4, 3), (2, 5), 2, 3, dict(stride=(3, 2), dilation=(2, 1), padding="SAME_LOWER")),
    ((4, 3), (8, 6), 2, 3, dict(stride=4, padding=((2, 1), (3, 0)), output_padding=1)),
    ((3, 2, 4), (2, 3, 1), 2, 3, {}),
    ((3, 2, 4), (3, 3, 3), 2, 1, dict(stride=2, padding=1, output_padding=1)),
    ((3, 2, 4), (2, 3, 2), 4, 2, dict(stride=(1, 2, 3), groups=2, padding=(0, 1, 1))),
    ((3, 2, 4), (2, 2, 3), 2, 3, dict(dilation=(2, 1, 2), output_padding=(1, 0, 1))),
    ((3, 2, 4), (2, 2, 3), 2, 3, dict(stride=(2, 2, 1), padding="SAME")),
]


def each(setting, ndim):
    return (setting,) * ndim if isinstance(setting, int) else tuple(setting)


def pairs_of(padding, size, window, stride, dilation):
    """The (before, after) pairs, by TensorFlow's rule for SAME: ⌈n / s⌉ outputs, the odd cell after."""
    if padding == "VALID":
        return [(0, 0)] * len(size)
    if isinstance(padding, str):
        total = [max((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0) for n, k, s, d in zip(size, window, stride, dilation, strict=True)]
        return [(t - t // 2, t // 2) if padding == "SAME_LOWER" else (t // 2, t - t // 2) for t in total]
    return [(p, p) if isinstance(p, int) else p for p in each(padding, len(size))]


def flat(pairs):
    """F.pad takes the last axis first."""
    return list(itertools.chain.from_iterable(reversed(pairs)))


def first(t):
    return t.movedim(-1, 1)


def weight(t):
    """(*window, a, b) as PyTorch's (b, a, *window)."""
    return t.permute(t.ndim - 1, t.ndim - 2, *range(t.ndim - 2)).contiguous()


def torch_conv(x, kernel, bias, *, stride=1, padding=0, dilation=1, groups=1, padding_mode="zeros"):
    ndim, size, window = kernel.ndim - 2, x.shape[1:-1], kernel.shape[:-2]
    stride, dilation = each(stride, ndim), each(dilation, ndim)
    pairs = pairs_of(padding, size, window, stride, dilation)
    x = first(x)
    x = F.pad(x, flat(pairs), mode="constant" if padding_mode == "zeros" else padding_mode)
    function = (F.conv1d, F.conv2d, F.conv3d)[ndim - 1]
    return function(x.contiguous(), weight(kernel), bias, stride=stride, dilation=dilation, groups=groups).movedim(1, -1)


def torch_conv_transpose(x, kernel, bias, *, stride=1, padding=0, output_padding=0, dilation=1, groups=1):
    ndim, size, window = kernel.ndim - 2, x.shape[1:-1], kernel.shape[:-2]
    stride, dilation = each(stride, ndim), each(dilation, ndim)
    function = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[ndim - 1]
    x, kernel = first(x).contiguous(), weight(kernel)
    if isinstance(padding, int):
        return function(x, kernel, bias, stride=stride, padding=padding, output_padding=output_padding, dilation=dilation, groups=groups).movedim(1, -1)
    # Other paddings are cut off the full result.
    full = function(x, kernel, None, stride=stride, dilation=dilation, groups=groups)
    out = [n * s for n, s in zip(size, stride, strict=True)]
    pairs = pairs_of(padding, out, window, stride, dilation)
    # A stride beyond the window leaves cells behind that nothing reaches; SAME counts them in.
    same = [n + sum(p) - f for n, p, f in zip(out, pairs, full.shape[2:], strict=True)]
    extra = same if padding in ("SAME", "SAME_LOWER") else each(output_padding, ndim)
    y = F.pad(full, flat([(-before, e - after) for (before, after), e in zip(pairs, extra, strict=True)]))
    return (y if bias is None else y + bias.reshape(-1, *(1,) * ndim)).movedim(1, -1)


def compare(ours, theirs, arrays, options, dtype):
    arrays = [a.astype(dtype) for a in arrays]
    tensors = [torch.tensor(a, requires_grad=True) for a in arrays]
    want = theirs(*tensors, *(None,) * (3 - len(tensors)), **options)
    cotangent = np.random.default_rng(5).standard_normal(want.shape).astype(dtype)
    want.backward(torch.tensor(cotangent))

    def value_and_pull(cotangent, *arrays):
        value, pull = jax.vjp(lambda *a: ours(*a, **options), *arrays)
        return value, pull(cotangent)

    with jax.enable_x64(dtype == "float64"):
        got, gradients = jax.jit(value_and_pull)(jnp.asarray(cotangent), *map(jnp.asarray, arrays))
    agree(got, want.detach().numpy(), dtype)
    agree(gradients, [t.grad.numpy() for t in tensors], dtype)


def drawn(*shapes):
    rng = np.random.default_rng(4)
    return [rng.standard_normal(shape) for shape in shapes]


def named(rows):
    return [f"{'x'.join(map(str, size))}-k{'x'.join(map(str, window))}-{a}to{b}-{options}" for size, window, a, b, options in rows]


@pytest.mark.parametrize(("size", "window", "channels", "out", "options"), CONV, ids=named(CONV))
def test_conv(size, window, channels, out, options):
    arrays = drawn((2, *size, channels), (*window, channels // options.get("groups", 1), out), (out,))
    compare(conv, torch_conv, arrays, options, "float64")


@pytest.mark.parametrize(("size", "window", "channels", "out", "options"), TRANSPOSE, ids=named(TRANSPOSE))
def test_conv_transpose(size, window, channels, out, options):
    arrays = drawn((2, *size, channels), (*window, out // options.get("groups", 1), channels), (out,))
    compare(conv_transpose, torch_conv_transpose, arrays, options, "float64")


@pytest.mark.parametrize("groups", [1, 2, 6])
def test_in_float32(groups):
    options = dict(stride=2, padding=1, groups=groups)
    compare(conv, torch_conv, drawn((2, 8, 7, 6), (3, 3, 6 // groups, 12), (12,)), options, "float32")
    compare(conv_transpose, torch_conv_transpose, drawn((2, 4, 3, 6), (4, 3, 12 // groups, 6), (12,)), options, "float32")


def test_the_layers_own_padding_modes():
    # PyTorch's Conv2d pads by itself with the same words.
    x, kernel, bias = drawn((2, 6, 5, 3), (3, 4, 3, 2), (2,))
    for mode in ("zeros", "reflect", "replicate", "circular"):
        layer = torch.nn.Conv2d(3, 2, (3, 4), stride=(1, 2), padding=(2, 3), padding_mode=mode, dtype=torch.float64)
        with torch.no_grad():
            layer.weight.copy_(weight(torch.tensor(kernel)))
            layer.bias.copy_(torch.tensor(bias))
            want = layer(first(torch.tensor(x))).movedim(1, -1).numpy()
        with jax.enable_x64(True):
            agree(conv(*map(jnp.asarray, (x, kernel, bias)), stride=(1, 2), padding=(2, 3), padding_mode=mode), want)


# It warns of the copy that it makes of x.
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@pytest.mark.parametrize("window", [2, 3, 4, 5])
@pytest.mark.parametrize("dilation", [1, 2])
def test_pytorchs_own_same(window, dilation):
    # Its padding="same" knows stride 1 only, and puts the odd cell after.
    x, kernel = drawn((2, 9, 3), (window, 3, 2))
    want = F.conv1d(first(torch.tensor(x)), weight(torch.tensor(kernel)), padding="same", dilation=dilation).movedim(1, -1).numpy()
    with jax.enable_x64(True):
        agree(conv(jnp.asarray(x), jnp.asarray(kernel), padding="SAME", dilation=dilation), want)
