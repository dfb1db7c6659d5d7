"""Pooling against PyTorch: values, indices and gradients."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import avg_pool, lp_pool, max_pool, max_unpool, zero_unpool

from agree import agree

torch = pytest.importorskip("torch")
F = torch.nn.functional
MAX_POOL = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}
UNPOOL = {1: F.max_unpool1d, 2: F.max_unpool2d, 3: F.max_unpool3d}
AVG_POOL = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}

# spatial shape, window, settings
MAX = [
    ((9,), (2,), {}),
    ((9,), (3,), dict(stride=1, padding=1)),
    ((10,), (3,), dict(stride=2, dilation=3)),
    ((10,), (3,), dict(stride=2, padding=1, ceil_mode=True)),
    ((10,), (4,), dict(stride=3, padding=2, dilation=2, ceil_mode=True)),
    ((45,), (40,), dict(stride=1)),
    ((45,), (35,), dict(stride=3, padding=17, ceil_mode=True)),
    ((90,), (35,), dict(stride=2, padding=3, dilation=2)),
    ((5,), (1,), dict(stride=3, ceil_mode=True)),
    ((6, 7), (2, 3), {}),
    ((6, 7), (2, 3), dict(stride=1)),
    ((6, 7), (3, 3), dict(stride=2, padding=1)),
    ((7, 8), (3, 2), dict(stride=(1, 3), padding=(1, 0), ceil_mode=True)),
    ((7, 8), (3, 3), dict(stride=2, ceil_mode=True)),
    ((7, 8), (2, 3), dict(stride=(2, 1), dilation=(3, 2))),
    ((7, 8), (3, 3), dict(stride=1, padding=(1, 0), dilation=2)),
    ((5, 6), (5, 6), {}),
    ((5, 6), (4, 5), dict(stride=1, padding=(2, 2))),
    ((5, 6), (2, 2), dict(stride=3, padding=1, ceil_mode=True)),
    ((18, 19), (16, 17), dict(stride=1, padding=8)),
    ((4, 5, 6), (2, 2, 2), {}),
    ((4, 5, 6), (3, 2, 3), dict(stride=(2, 1, 2), padding=(1, 0, 1))),
    ((4, 5, 6), (2, 3, 2), dict(stride=2, ceil_mode=True)),
    ((5, 5, 6), (2, 2, 2), dict(stride=1, dilation=(1, 2, 3), padding=(0, 1, 1))),
    ((4, 5, 6), (3, 3, 3), dict(stride=3, padding=1, ceil_mode=True)),
]
AVERAGE = [
    ((9,), (2,), {}),
    ((9,), (3,), dict(stride=1, padding=1)),
    ((9,), (3,), dict(stride=2, padding=1, count_include_pad=False)),
    ((10,), (3,), dict(stride=2, padding=1, ceil_mode=True)),
    ((10,), (4,), dict(stride=3, padding=2, ceil_mode=True, count_include_pad=False)),
    ((5,), (1,), dict(stride=3, ceil_mode=True)),
    ((70,), (40,), dict(stride=7, padding=20, ceil_mode=True)),
    ((6, 7), (2, 3), {}),
    ((6, 7), (3, 3), dict(stride=2, padding=1)),
    ((6, 7), (3, 3), dict(stride=2, padding=1, count_include_pad=False)),
    ((6, 7), (3, 3), dict(stride=2, padding=1, ceil_mode=True)),
    ((6, 8), (3, 2), dict(stride=2, padding=1, ceil_mode=True)),
    ((6, 8), (3, 2), dict(stride=2, padding=1, ceil_mode=True, count_include_pad=False)),
    ((6, 8), (3, 2), dict(stride=(1, 3), padding=(0, 1), ceil_mode=True)),
    ((6, 8), (3, 2), dict(divisor=5)),
    ((6, 8), (3, 3), dict(stride=2, padding=1, divisor=-2, ceil_mode=True)),
    ((6, 8), (3, 3), dict(stride=2, padding=1, divisor=7, count_include_pad=False)),
    ((5, 6), (5, 6), {}),
    ((5, 6), (2, 2), dict(stride=3, padding=1, ceil_mode=True)),
    ((4, 5, 6), (2, 2, 2), {}),
    ((4, 5, 6), (3, 2, 3), dict(stride=(2, 1, 2), padding=(1, 0, 1), count_include_pad=False)),
    ((4, 5, 6), (2, 3, 2), dict(stride=3, ceil_mode=True)),
    ((4, 5, 6), (3, 3, 3), dict(stride=2, padding=1, ceil_mode=True, count_include_pad=False)),
    ((4, 5, 6), (2, 3, 2), dict(stride=1, divisor=3)),
]


def name(setting):
    return " ".join(map(str, setting[:2])) + " " + " ".join(f"{k}={v}" for k, v in setting[2].items())


def draw(spatial, seed=0):
    """Values with ties in them, which go to the first; (N, *spatial, C)."""
    return np.random.default_rng(seed).integers(-20, 20, (2, *spatial, 3)) / 8


def first(x):
    return torch.tensor(np.moveaxis(x, -1, 1).copy())


def last(t):
    return np.moveaxis(t.detach().numpy(), 1, -1)


def check(ours, theirs, x, dtype):
    """Values and the gradient of a random weighting of them."""
    with jax.enable_x64(dtype == "float64"):
        y, pull = jax.vjp(jax.jit(ours), jnp.asarray(x, dtype))
        weights = np.random.default_rng(1).standard_normal(y.shape).astype(dtype)
        tx = first(x.astype(dtype)).requires_grad_()
        ty = theirs(tx)
        ty.backward(first(weights))
        agree(y, last(ty), dtype)
        agree(pull(jnp.asarray(weights))[0], last(tx.grad), dtype)


@pytest.mark.parametrize("setting", MAX, ids=name)
def test_max_pool(setting):
    spatial, window, options = setting
    x = draw(spatial)
    theirs = MAX_POOL[len(window)]
    check(lambda a: max_pool(a, window, **options), lambda t: theirs(t, window, **options), x, "float64")
    check(lambda a: max_pool(a, window, return_indices=True, **options)[0], lambda t: theirs(t, window, **options), x, "float32")
    want = theirs(first(x), window, return_indices=True, **options)[1]
    got = max_pool(jnp.asarray(x, jnp.float32), window, return_indices=True, **options)[1]
    assert got.dtype == jnp.int32
    agree(got, last(want))


@pytest.mark.parametrize("setting", MAX, ids=name)
def test_max_pool_of_infinities_and_nan(setting):
    spatial, window, options = setting
    rng = np.random.default_rng(2)
    x = rng.choice([-np.inf, -np.inf, 1.0, np.inf, np.nan], (2, *spatial, 3), p=[0.5, 0.3, 0.1, 0.05, 0.05]).astype(np.float32)
    got = max_pool(jnp.asarray(x), window, return_indices=True, **options)
    want, where = MAX_POOL[len(window)](first(x), window, return_indices=True, **options)
    agree(got[0], last(want), "float32")
    # PyTorch keeps the last of several NaN and we the first, and its all −inf windows name a corner that may be padding: compare the rest.
    sure = np.isfinite(last(want)) | (last(want) == np.inf)
    agree(np.where(sure, np.asarray(got[1]), 0), np.where(sure, last(where), 0))
    agree(np.take_along_axis(x.reshape(2, -1, 3), np.asarray(got[1]).reshape(2, -1, 3), 1).reshape(got[0].shape), got[0], "float32")


@pytest.mark.parametrize("setting", [s for s in MAX if "dilation" not in s[2] and not s[2].get("ceil_mode")], ids=name)
def test_max_unpool_of_max_pool(setting):
    spatial, window, options = setting
    x = draw(spatial, seed=3)
    pooled, where = MAX_POOL[len(window)](first(x), window, return_indices=True, **options)
    strides = options.get("stride", window)
    # PyTorch refuses sizes that are not near the pooled size times the stride; where it would, it is asked through a 1-D plane of the same cells.
    flat_pooled, flat_where = pooled.reshape(2, 3, -1), where.reshape(2, 3, -1)
    want = torch.zeros(2, 3, int(np.prod(spatial)), dtype=pooled.dtype).scatter(2, flat_where, flat_pooled).reshape(2, 3, *spatial)
    with jax.enable_x64(True):
        got = max_unpool(jnp.asarray(last(pooled)), jnp.asarray(last(where), jnp.int32), output_size=spatial)
        agree(got, last(want))
    if strides == window:
        agree(got, last(UNPOOL[len(window)](pooled, where, window, output_size=spatial)))


@pytest.mark.parametrize(
    ("spatial", "window"), [((8,), (2,)), ((9,), (2,)), ((6, 7), (2, 3)), ((5, 8), (2, 2)), ((4, 5, 6), (2, 2, 3)), ((9,), (3,)), ((6, 6), (3, 2))]
)
def test_max_unpool_gradient(spatial, window):
    x = draw(spatial, seed=4)
    where = MAX_POOL[len(window)](first(x), window, return_indices=True)[1]
    values = np.random.default_rng(5).standard_normal((2, *where.shape[2:], 3))
    indices = jnp.asarray(last(where), jnp.int32)
    theirs = UNPOOL[len(window)]
    for dtype in ("float64", "float32"):
        check(lambda a: max_unpool(a, indices, output_size=spatial), lambda t: theirs(t, where, window, output_size=spatial), values, dtype)


@pytest.mark.parametrize("seed", range(14))
def test_max_unpool_keeps_the_last_duplicate(seed):
    rng = np.random.default_rng(seed)
    ndim = 1 + seed % 3
    spatial, size = tuple(rng.integers(2, 5, ndim)), tuple(int(n) for n in rng.integers(2, 4, ndim))
    x, indices = rng.standard_normal((2, *spatial, 3)), rng.integers(0, np.prod(size), (2, *spatial, 3))
    flat = torch.zeros(2, 3, int(np.prod(size)), dtype=torch.float64)
    for n, c in np.ndindex(2, 3):
        for value, index in zip(x[n, ..., c].ravel(), indices[n, ..., c].ravel(), strict=True):
            flat[n, c, index] = value
    with jax.enable_x64(True):
        agree(max_unpool(jnp.asarray(x), jnp.asarray(indices), output_size=size), last(flat.reshape(2, 3, *size)))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("setting", AVERAGE, ids=name)
def test_avg_pool(setting, dtype):
    spatial, window, options = setting
    settings = {k: v for k, v in options.items() if k != "divisor"}
    if len(window) > 1:
        settings["divisor_override"] = options.get("divisor")
    check(lambda a: avg_pool(a, window, **options), lambda t: AVG_POOL[len(window)](t, window, **settings), draw(spatial), dtype)


# PyTorch's norm has no padding, takes signed powers (so p is even, or x not negative), and scales up the windows that ceil_mode adds (so it is off).
NORMS = [
    (spatial, window, dict(options, p=p))
    for p in (1, 2, 3, 4, 2.5)
    for spatial, window, options in [
        ((9,), (2,), {}),
        ((9,), (3,), dict(stride=2)),
        ((6, 7), (2, 3), {}),
        ((6, 7), (3, 2), dict(stride=(1, 2))),
        ((4, 5, 6), (2, 3, 2), {}),
    ]
]
LP_POOL = {1: F.lp_pool1d, 2: F.lp_pool2d, 3: F.lp_pool3d}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("setting", NORMS, ids=name)
def test_lp_pool(setting, dtype):
    spatial, window, options = setting
    x = np.abs(draw(spatial)) + 0.125
    kernel, stride = window if len(window) > 1 else window[0], options.get("stride")
    check(lambda a: lp_pool(a, window, **options), lambda t: LP_POOL[len(window)](t, options["p"], kernel, stride), x, dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("ndim", [1, 2, 3])
@pytest.mark.parametrize("window", [(1, 1, 1), (2, 2, 2), (3, 2, 1), (1, 4, 3)])
def test_zero_unpool(window, ndim, dtype):
    # A transposed convolution of one tap, with the window as its stride, and zeros up to the last window's end.
    window, spatial = window[:ndim], (3, 4, 2)[:ndim]

    def theirs(t):
        spread = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}[ndim]
        one = torch.eye(3, dtype=t.dtype).reshape(3, 3, *(1,) * ndim)
        return spread(t, one, stride=window, output_padding=tuple(k - 1 for k in window))

    check(lambda a: zero_unpool(a, window), theirs, draw(spatial), dtype)
