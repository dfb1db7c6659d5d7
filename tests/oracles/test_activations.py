"""Activations against PyTorch: values and gradients."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import leaky_relu, maxout, prelu, relu, sigmoid, softmax, tanh

from agree import agree

torch = pytest.importorskip("torch")

SHAPES = [(), (5,), (4, 3), (2, 3, 4), (0, 3)]
DTYPES = ["float64", "float32"]


def both(ours, theirs, arrays, dtype):
    """Value and gradients of one function in both libraries, for one random cotangent."""
    rng = np.random.default_rng(0)
    arrays = [a.astype(dtype) for a in arrays]
    with jax.enable_x64(dtype == "float64"):
        y, pull = jax.vjp(ours, *map(jnp.asarray, arrays))
        cotangent = rng.standard_normal(y.shape).astype(dtype)
        gradients = pull(jnp.asarray(cotangent))
    tensors = [torch.tensor(a, requires_grad=True) for a in arrays]
    out = theirs(*tensors)
    out.backward(torch.tensor(cotangent))
    agree(y, out.detach().numpy(), dtype)
    agree(gradients, tuple(t.grad.numpy() for t in tensors), dtype)


@pytest.mark.parametrize("dtype", DTYPES)
# not further out: there 1 − tanh² is but the rounding of tanh (the saturated values are facts)
@pytest.mark.parametrize("scale", [0.3, 2.0])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(sigmoid, torch.sigmoid), (tanh, torch.tanh), (relu, torch.relu)],
    ids=["sigmoid", "tanh", "relu"],
)
def test_elementwise(ours, theirs, shape, scale, dtype):
    both(ours, theirs, [scale * np.asarray(np.random.default_rng(1).standard_normal(shape))], dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("slope", [0.01, 0.2, 0.0, 1.0, -0.5])
@pytest.mark.parametrize("shape", SHAPES)
def test_leaky_relu(shape, slope, dtype):
    x = np.asarray(np.random.default_rng(2).standard_normal(shape))
    both(lambda x: leaky_relu(x, negative_slope=slope), lambda x: torch.nn.functional.leaky_relu(x, slope), [x], dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("shape", "axis"), [((5,), -1), ((4, 3), -1), ((4, 3), 0), ((2, 3, 4), 1), ((2, 3, 4), -3), ((2, 3, 4), 2), ((0, 3), -1)])
@pytest.mark.parametrize("scale", [1.0, 4.0])
def test_softmax(shape, axis, scale, dtype):
    x = scale * np.random.default_rng(3).standard_normal(shape)
    both(lambda x: softmax(x, axis=axis), lambda x: torch.softmax(x, axis), [x], dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_softmax_where(dtype):
    rng = np.random.default_rng(4)
    keep = rng.random((4, 6)) < 0.6
    keep[:, 0] = True
    left_out = torch.tensor(~keep)
    both(lambda x: softmax(x, where=jnp.asarray(keep)), lambda x: torch.softmax(x.masked_fill(left_out, -torch.inf), -1), [rng.standard_normal((4, 6))], dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("shape", "slopes"),
    [
        ((), 1),
        ((5,), 1),
        ((4, 3), 1),
        ((4, 3), 3),
        ((4, 1), 1),
        ((2, 3, 4), 1),
        ((2, 3, 4), 4),
        ((2, 3, 2, 4), 4),
        ((2, 3, 2, 3, 5), 5),
        ((0, 3), 3),
        ((2, 0, 3), 3),
    ],
)
def test_prelu(shape, slopes, dtype):
    # PyTorch's channels are axis 1. At 0 the derivative is the slope in both.
    rng = np.random.default_rng(5)
    x = np.asarray(rng.standard_normal(shape))
    if x.size > 3:
        x.flat[:3] = 0.0

    def theirs(x, slope):
        return torch.nn.functional.prelu(x.movedim(-1, 1), slope).movedim(1, -1) if x.ndim > 1 else torch.nn.functional.prelu(x, slope)

    both(prelu, theirs, [x, rng.uniform(-0.5, 0.5, slopes)], dtype)
    if slopes == 1:
        both(lambda x, slope: prelu(x, slope.reshape(())), theirs, [x, rng.uniform(-0.5, 0.5, 1)], dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("shape", "pieces"),
    [((6,), 1), ((6,), 2), ((6,), 3), ((6,), 6), ((4, 6), 2), ((4, 6), 3), ((2, 3, 8), 4), ((2, 3, 8), 8), ((5, 2, 3, 10), 5), ((0, 6), 2), ((3, 64), 32)],
)
def test_maxout(shape, pieces, dtype):
    # torch.max over an axis gives the whole gradient to one piece; of equal ones it is free to choose, so there are none here.
    x = np.random.default_rng(6).permutation(float(np.prod(shape)) - np.arange(np.prod(shape))).reshape(shape) / 7
    both(lambda x: maxout(x, pieces), lambda x: x.unflatten(-1, (-1, pieces)).max(-1).values if x.numel() else x[..., : shape[-1] // pieces] * 1, [x], dtype)
