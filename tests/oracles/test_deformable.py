"""Deformable convolution against one built from PyTorch's grid_sample, a tap at a time: values and the gradients of every argument."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import conv, deform_conv

from agree import agree

torch = pytest.importorskip("torch")
F = torch.nn.functional

# size, window, channels in and out, runs of channels with their own offsets, what differs from the defaults, and the padding (before) by hand.
ROWS = [
    ((5, 6), (3, 3), 2, 3, 1, {}, (0, 0)),
    ((5, 6), (3, 3), 2, 3, 1, dict(padding=1), (1, 1)),
    ((5, 6), (1, 1), 3, 2, 3, {}, (0, 0)),
    ((5, 6), (3, 2), 4, 6, 2, dict(padding=(1, 0), groups=2), (1, 0)),
    ((5, 6), (3, 2), 4, 6, 4, dict(padding=(1, 0), groups=2), (1, 0)),
    ((5, 6), (3, 2), 4, 8, 2, dict(groups=4), (0, 0)),
    ((5, 6), (2, 3), 6, 3, 2, dict(groups=3, padding=((0, 2), (3, 1))), (0, 3)),
    ((5, 6), (3, 3), 2, 3, 1, dict(stride=2, padding=1), (1, 1)),
    ((7, 8), (3, 2), 2, 3, 2, dict(stride=(3, 1), dilation=(2, 3), padding=(2, 1)), (2, 1)),
    ((7, 8), (3, 3), 2, 3, 1, dict(dilation=2, padding="SAME"), (2, 2)),
    ((7, 8), (2, 4), 2, 3, 1, dict(padding="SAME"), (0, 1)),
    ((7, 8), (2, 4), 2, 3, 1, dict(padding="SAME_LOWER"), (1, 2)),
    ((6, 8), (3, 3), 2, 3, 1, dict(padding="SAME", stride=2), (0, 0)),
    ((2, 3), (2, 2), 2, 3, 1, dict(padding="VALID"), (0, 0)),
    ((2, 3), (3, 5), 2, 3, 1, dict(padding=7, stride=4), (7, 7)),
]
NAMES = [f"{'x'.join(map(str, r[0]))}-k{'x'.join(map(str, r[1]))}-{r[2]}to{r[3]}-runs{r[4]}-{r[5]}" for r in ROWS]


def torch_deform(x, offset, kernel, bias, mask, *, before, stride=1, dilation=1, groups=1, padding=None):
    (height, width), (tall, wide, fan_in, out) = x.shape[1:3], kernel.shape
    stride, dilation = (np.broadcast_to(setting, 2).tolist() for setting in (stride, dilation))
    runs = offset.shape[-1] // (2 * tall * wide)
    cells = x.movedim(-1, 1)
    rows, columns = (torch.arange(n, dtype=x.dtype) * s - b for n, s, b in zip(offset.shape[1:3], stride, before, strict=True))
    y = torch.zeros(*offset.shape[:3], out, dtype=x.dtype)
    for k in range(tall):
        for m in range(wide):
            seen = []
            for run, part in enumerate(cells.chunk(runs, 1)):
                tap = (run * tall + k) * wide + m
                down = rows[:, None] + k * dilation[0] + offset[..., 2 * tap]
                right = columns + m * dilation[1] + offset[..., 2 * tap + 1]
                # align_corners: −1 and 1 are the places of the first and the last cell.
                grid = torch.stack([2 * right / (width - 1) - 1, 2 * down / (height - 1) - 1], -1)
                sampled = F.grid_sample(part, grid, mode="bilinear", padding_mode="zeros", align_corners=True).movedim(1, -1)
                seen.append(sampled if mask is None else sampled * mask[..., tap, None])
            groupwise = torch.cat(seen, -1).unflatten(-1, (groups, fan_in))
            y = y + torch.einsum("nhwgi,igo->nhwgo", groupwise, kernel[k, m].unflatten(-1, (groups, out // groups))).flatten(-2)
    return y + bias


@pytest.mark.parametrize("masked", [False, True], ids=["plain", "mask"])
@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_deform_conv(row, masked):
    size, window, channels, out, runs, options, before = row
    rng = np.random.default_rng(3)
    kernel = rng.standard_normal((*window, channels // options.get("groups", 1), out))
    x = rng.standard_normal((2, *size, channels))
    places = jax.eval_shape(functools.partial(conv, **options), jnp.asarray(x, "float32"), jnp.asarray(kernel, "float32")).shape[1:3]
    taps = window[0] * window[1] * runs
    # Up to three cells away, so that many lie outside, and never on a cell.
    offset = rng.integers(-3, 3, (2, *places, 2 * taps)) + rng.uniform(0.1, 0.9, (2, *places, 2 * taps))
    arrays = [x, offset, kernel, rng.standard_normal(out)] + ([rng.standard_normal((2, *places, taps))] if masked else [])
    tensors = [torch.tensor(a, requires_grad=True) for a in arrays]
    want = torch_deform(*tensors, *(() if masked else (None,)), before=before, **options)
    cotangent = rng.standard_normal(want.shape)
    want.backward(torch.tensor(cotangent))

    def value_and_pull(cotangent, *arrays):
        value, pull = jax.vjp(lambda x, o, k, b, m=None: deform_conv(x, o, k, b, mask=m, **options), *arrays)
        return value, pull(cotangent)

    with jax.enable_x64(True):
        got, gradients = jax.jit(value_and_pull)(jnp.asarray(cotangent), *map(jnp.asarray, arrays))
    agree(got, want.detach().numpy())
    agree(gradients, [t.grad.numpy() for t in tensors])
