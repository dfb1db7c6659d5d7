"""Activations against PyTorch: values and gradients."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxreview
from jaxreview import gumbel_softmax, leaky_relu, log_softmax, logmeanexp, maxout, prelu, relu, rrelu, sigmoid, softmax, softmin, tanh
from jaxreview.loops import activations as loops

from agree import agree

torch = pytest.importorskip("torch")
F = torch.nn.functional

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


# Function, its settings in PyTorch's order of them, PyTorch's function: what both have by the same formula.
SAME = [
    ("relu6", {}, F.relu6),
    # by the formula: the gradient of F.hardsigmoid has 1/6, and that of F.celu has 1/alpha, in float32 alone
    ("hard_sigmoid", {}, lambda x: F.relu6(x + 3) / 6),
    ("hard_silu", {}, F.hardswish),
    ("hard_swish", {}, F.hardswish),
    ("silu", {}, F.silu),
    ("swish", {}, F.silu),
    ("mish", {}, F.mish),
    ("log_sigmoid", {}, F.logsigmoid),
    ("soft_sign", {}, F.softsign),
    ("selu", {}, F.selu),
    *(("elu", dict(alpha=a), lambda x, a=a: F.elu(x, a)) for a in (1.0, 0.3, 2.0)),
    *(("celu", dict(alpha=a), lambda x, a=a: F.celu(x, a)) for a in (1.0, 0.25, 2.0)),
    ("gelu", {}, lambda x: F.gelu(x, approximate="tanh")),
    ("gelu", dict(approximate=False), F.gelu),
    *(("softplus", dict(beta=b), lambda x, b=b: F.softplus(x, b, threshold=1000)) for b in (1.0, 0.1, 0.5, 2.0, 10.0)),
    *(("squareplus", dict(b=b), lambda x, b=b: (x + torch.sqrt(x * x + b)) / 2) for b in (4, 0.5, 1.0)),
    ("sparse_sigmoid", {}, lambda x: torch.clamp((x + 1) / 2, 0, 1)),
    ("sparse_plus", {}, lambda x: torch.where(x.abs() < 1, (x + 1) ** 2 / 4, F.relu(x))),
    ("log1mexp", {}, lambda x: torch.log(-torch.expm1(-x))),
    ("identity", {}, torch.nn.Identity()),
]
# The same at the kinks too: those that are ours, and that we widened.
KINKED = [
    *(
        ("hard_tanh", dict(lower=low, upper=high), lambda x, a=low, b=high: F.hardtanh(x, a, b))
        for low, high in ((-1.0, 1.0), (0.0, 6.0), (-0.5, 2.0), (0.5, 0.5))
    ),
    *(("threshold", dict(threshold=t, value=v), lambda x, t=t, v=v: F.threshold(x, t, v)) for t, v in ((0.5, 0.0), (0.5, 7.0), (-1.0, -3.0), (2.0, 2.0))),
    *(("hard_shrink", dict(bound=b), lambda x, b=b: F.hardshrink(x, b)) for b in (0.5, 0.0, 1.0, 2.0)),
    *(("soft_shrink", dict(bound=b), lambda x, b=b: F.softshrink(x, b)) for b in (0.5, 0.0, 1.0, 2.0)),
]


def ids(value):
    return " ".join(map(str, value.values())) if isinstance(value, dict) else value if isinstance(value, str) else ""


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("scale", [0.3, 3.0])
@pytest.mark.parametrize(("name", "settings", "theirs"), [*SAME, *KINKED], ids=ids)
def test_value_by_value(name, settings, theirs, scale, dtype):
    for number, shape in enumerate(SHAPES):
        x = scale * np.asarray(np.random.default_rng([7, number]).standard_normal(shape))
        both(lambda x: getattr(jaxreview, name)(x, **settings), theirs, [np.abs(x) + 0.01 if name == "log1mexp" else x], dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_tanh_shrink(shape, dtype):
    # Not near 0, where x − tanh x is but the rounding of both.
    rng = np.random.default_rng(11)
    both(jaxreview.tanh_shrink, F.tanhshrink, [np.asarray(rng.uniform(0.8, 3.0, shape) * rng.choice([-1.0, 1.0], shape))], dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("name", "settings", "theirs"), KINKED, ids=ids)
def test_at_the_kinks(name, settings, theirs, dtype):
    both(lambda x: getattr(jaxreview, name)(x, **settings), theirs, [np.array([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 6.0])], dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("shape", "axis"), [((6,), -1), ((4, 6), -1), ((4, 3), 0), ((2, 6, 4), 1), ((2, 3, 4), -3), ((0, 4), -1)])
def test_along_an_axis(shape, axis, dtype):
    x = 2 * np.random.default_rng(8).standard_normal(shape)
    both(lambda x: log_softmax(x, axis=axis), lambda x: F.log_softmax(x, axis), [x], dtype)
    both(lambda x: softmin(x, axis=axis), lambda x: F.softmin(x, axis), [x], dtype)
    both(lambda x: logmeanexp(x, axis=axis), lambda x: torch.logsumexp(x, axis) - np.log(x.shape[axis]), [x], dtype)
    both(lambda x: jaxreview.glu(x, axis=axis), lambda x: F.glu(x, axis), [x], dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("lower", "upper"), [(1 / 8, 1 / 3), (0.1, 0.1), (-0.2, 0.4)])
def test_rrelu(lower, upper, dtype):
    x = np.random.default_rng(9).standard_normal((4, 6))
    x[0, :3] = 0.0
    both(lambda x: rrelu(None, x, lower, upper, deterministic=True), lambda x: F.rrelu(x, lower, upper, training=False), [x], dtype)
    # With the slopes that the loop draws.
    key = jax.random.key(0)
    slope = torch.tensor(-loops.rrelu(np.asarray(jax.random.key_data(key)), -np.ones(x.shape), lower, upper).astype(dtype))
    both(lambda x: rrelu(key, x, lower, upper), lambda x: torch.where(x > 0, x, slope * x), [x], dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("hard", [False, True])
@pytest.mark.parametrize(("shape", "axis", "temperature"), [((5,), -1, 1.0), ((4, 3), 0, 0.5), ((4, 3), -1, 2.0), ((2, 3, 4), 1, 0.8), ((2, 3, 4), -1, 1.5)])
def test_gumbel_softmax(shape, axis, temperature, hard, dtype, monkeypatch):
    # PyTorch's own, made to draw what we draw: e^(−noise), where the logarithm of our softmax of equal logits is the noise up to a constant.
    key = jax.random.key(1)
    with jax.enable_x64(dtype == "float64"):
        noise = np.log(np.asarray(gumbel_softmax(key, jnp.zeros(shape, dtype), axis=axis)))
    monkeypatch.setattr(torch.Tensor, "exponential_", lambda tensor: torch.tensor(np.exp(-noise)))
    x = np.random.default_rng(10).standard_normal(shape)
    both(
        lambda x: gumbel_softmax(key, x, temperature=temperature, hard=hard, axis=axis),
        lambda x: F.gumbel_softmax(x, tau=temperature, hard=hard, dim=axis),
        [x],
        dtype,
    )
