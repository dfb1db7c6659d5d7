"""Initializers: fans and moments of the random ones on our kernel layouts, the kernels that interpolate or repeat, gains, and unit variance by data."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxreview
from jaxreview import initializers

from agree import agree

KERNEL = (3, 3, 64, 128)  # (*window, in, out): 9 · 64 = 576 inputs to a unit, 9 · 128 = 1152 outputs of one
VARIANCE = {
    "lecun_normal": 1 / 576,
    "lecun_uniform": 1 / 576,
    "xavier_normal": 2 / (576 + 1152),
    "xavier_uniform": 2 / (576 + 1152),
    "he_normal": 2 / 576,
    "he_uniform": 2 / 576,
}


def within_five_errors(sample, want, error):
    """A statistic of the sample lies within five of its standard errors, which a true one misses once in two million draws."""
    assert abs(sample - want) < 5 * error, (sample, want, error)


def spread(weights, variance):
    """Mean 0 and this variance: the mean of n values errs by √(v/n), their variance by at most v√(2/n) (that of normals; the bounded have less)."""
    w, n = np.asarray(weights, np.float64), weights.size
    within_five_errors(w.mean(), 0.0, math.sqrt(variance / n))
    within_five_errors(w.var(), variance, variance * math.sqrt(2 / n))


@pytest.mark.parametrize("name", VARIANCE)
def test_variance_of_a_convolution_kernel(name):
    spread(getattr(initializers, name)()(jax.random.key(1), KERNEL), VARIANCE[name])


@pytest.mark.parametrize("name", VARIANCE)
def test_variance_of_a_transposed_kernel(name):
    # (*window, out, in): the same map turned round has the same fans only when the axes are told.
    spread(getattr(initializers, name)(in_axis=-1, out_axis=-2)(jax.random.key(2), (3, 3, 128, 64)), VARIANCE[name])


def test_depthwise_fan():
    # (3, 3, 1, 512): 9 inputs to a unit.
    spread(initializers.he_normal()(jax.random.key(3), (3, 3, 1, 8192)), 2 / 9)


@pytest.mark.parametrize("name", [n for n in VARIANCE if n.endswith("uniform")])
def test_bounds_of_the_uniform(name):
    # A uniform of variance v reaches to √(3v); the largest of 73728 comes as near as 1 − 1e-4 with probability 1 − e^−7.
    w, bound = np.abs(np.asarray(getattr(initializers, name)()(jax.random.key(4), KERNEL))), math.sqrt(3 * VARIANCE[name])
    assert (1 - 1e-4) * bound < w.max() <= bound * (1 + jnp.finfo(jnp.float32).eps)


@pytest.mark.parametrize("name", [n for n in VARIANCE if n.endswith("normal")])
def test_the_normals_are_cut_at_two(name):
    # Cut at two of the uncut deviations, which are 1/0.87962566 of the deviation after the cut.
    w, bound = np.abs(np.asarray(getattr(initializers, name)()(jax.random.key(5), KERNEL))), 2 * math.sqrt(VARIANCE[name]) / 0.87962566103423978
    assert 0.99 * bound < w.max() <= bound * (1 + 2 * jnp.finfo(jnp.float32).eps)


def test_normal_is_not_cut():
    w = initializers.normal(0.5)(jax.random.key(6), KERNEL)
    spread(w, 0.25)
    assert float(jnp.abs(w).max()) > 3.5 * 0.5


@pytest.mark.parametrize(("shape", "axis"), [((5, 3), -1), ((3, 5), -1), ((3, 3, 4, 7), -1), ((2, 2, 3, 20), -1), ((6, 2, 2), 0)])
def test_orthogonal(shape, axis):
    # Columns along the axis, all else flattened into rows: the shorter side is orthonormal.
    w = initializers.orthogonal(2.0, column_axis=axis)(jax.random.key(7), shape)
    m = np.moveaxis(np.asarray(w, np.float64), axis, -1).reshape(-1, shape[axis])
    gram = m.T @ m if m.shape[0] >= m.shape[1] else m @ m.T
    agree(gram, 4.0 * np.eye(len(gram)), "float32")


def test_the_fixed_ones():
    assert initializers.zeros(None, (2, 3)).tolist() == [[0.0] * 3] * 2
    assert initializers.ones(None, (2, 3), jnp.bfloat16).tolist() == [[1.0] * 3] * 2
    assert initializers.constant(0.5)(None, (2,), jnp.float16).tolist() == [0.5, 0.5]


def test_aliases():
    pairs = [("glorot_normal", "xavier_normal"), ("glorot_uniform", "xavier_uniform"), ("kaiming_normal", "he_normal"), ("kaiming_uniform", "he_uniform")]
    for one, other in pairs:
        assert getattr(initializers, one) is getattr(initializers, other)


def test_every_name_of_jax():
    import jax.nn.initializers as jaxs

    names = {name for name in dir(jaxs) if callable(getattr(jaxs, name)) and name.islower()}
    assert names - set(initializers.__all__) == set()
    assert all(getattr(initializers, name) is getattr(jaxs, name) for name in names)


@pytest.mark.parametrize("axes", [dict(in_axis=1, out_axis=0), dict(in_axis=(1,), out_axis=(0,))])
def test_fans_of_pytorchs_layout(axes):
    # (out, in, *window): with the axes told, the deviation is √(2/576) = 0.0589; untold the fans are read as 128 · 64 · 3 and it is √(2/24576) = 0.0090.
    key, shape = jax.random.key(8), (128, 64, 3, 3)
    spread(initializers.he_normal(**axes)(key, shape), 2 / 576)
    spread(initializers.he_normal()(key, shape), 2 / 24576)


def test_fans_of_a_stack():
    # Four dense layers in one array: axis 0 is no part of the fan.
    spread(initializers.lecun_normal(batch_axis=0)(jax.random.key(9), (4, 100, 200)), 1 / 100)
    spread(initializers.lecun_normal()(jax.random.key(9), (4, 100, 200)), 1 / 400)


@pytest.mark.parametrize("distribution", ["normal", "truncated_normal", "uniform"])
@pytest.mark.parametrize(("mode", "fan"), [("fan_in", 576), ("fan_out", 1152), ("fan_avg", 864), ("fan_geo_avg", math.sqrt(576 * 1152))])
def test_variance_scaling(mode, fan, distribution):
    w = initializers.variance_scaling(3.0, mode, distribution)(jax.random.key(10), KERNEL)
    spread(w, 3 / fan)
    # A uniform of variance v ends at √(3v), a normal cut at 2 is rescaled by 1/0.8796 and ends at 2.2737 √v, an uncut one reaches 4 √v in so many draws.
    reach = float(jnp.abs(w).max()) / math.sqrt(3 / fan)
    assert {"uniform": 1.73 < reach < 1.7321, "truncated_normal": 2.25 < reach < 2.2738, "normal": 4 < reach < 6}[distribution]


def test_the_layer_default_of_pytorch():
    # kaiming_uniform with a = √5 has gain √(2/6) and bound √3 · √(1/3) / √fan = 1/√fan: it is variance_scaling(1/3, ...), not He's.
    w = initializers.variance_scaling(1 / 3, "fan_in", "uniform")(jax.random.key(11), KERNEL)
    spread(w, 1 / (3 * 576))
    assert (1 - 1e-4) / 24 < float(jnp.abs(w).max()) <= 1 / 24 * (1 + jnp.finfo(jnp.float32).eps)
    agree(initializers.calculate_gain("leaky_relu", math.sqrt(5)) ** 2, 1 / 3)


def test_truncated_normal_is_not_rescaled():
    # stddev is that of the uncut normal: after the cut at ±2 it is 0.8796 of it.
    w = initializers.truncated_normal(0.5)(jax.random.key(12), KERNEL)
    spread(w, (0.5 * 0.87962566103423978) ** 2)
    assert 0.99 < float(jnp.abs(w).max()) <= 1.0
    # The bounds are in units of stddev.
    w = initializers.truncated_normal(10.0, lower=-1.0, upper=0.5)(jax.random.key(12), KERNEL)
    assert -10.0 <= float(w.min()) < -9.99
    assert 4.99 < float(w.max()) <= 5.0


def test_uniform_begins_at_zero():
    w = np.asarray(initializers.uniform(2.0)(jax.random.key(13), KERNEL), np.float64)
    assert w.min() >= 0
    assert w.max() < 2
    within_five_errors(w.mean(), 1.0, math.sqrt(4 / 12 / w.size))
    # The variance of a variance of a uniform: (μ₄ − σ⁴)/n with μ₄ = 2⁴/80.
    within_five_errors(w.var(), 4 / 12, math.sqrt((16 / 80 - (4 / 12) ** 2) / w.size))


@pytest.mark.parametrize("shape", [(3, 4, 6), (3, 3, 4, 6), (3, 1, 5, 2, 2)])
def test_delta_orthogonal(shape):
    w = np.asarray(initializers.delta_orthogonal(2.0)(jax.random.key(14), shape), np.float64)
    center = w[tuple(k // 2 for k in shape[:-2])]
    agree(center @ center.T, 4.0 * np.eye(shape[-2]), "float32")
    assert np.count_nonzero(w) == np.count_nonzero(center)
    # So a convolution keeps the norm of every pixel (times 2).
    x = jax.random.normal(jax.random.key(15), (*(5,) * (len(shape) - 2), shape[-2]))
    y = jaxreview.conv(x, jnp.asarray(w, "float32"), padding="SAME")
    agree(jnp.sqrt((y**2).sum(-1)), 2 * jnp.sqrt((x**2).sum(-1)), "float32")


@pytest.mark.parametrize(("inputs", "outputs"), [(3, 3), (2, 5), (5, 2), (1, 4)])
def test_identity_repeats(inputs, outputs):
    x = np.arange(1.0, inputs + 1)[None]
    y = jaxreview.dense(jnp.asarray(x, "float32"), initializers.identity()(None, (inputs, outputs)))
    want = np.zeros((1, outputs))
    want[0, : min(inputs, outputs)] = x[0, : min(inputs, outputs)]
    agree(y, want, "float32")


@pytest.mark.parametrize("window", [(3,), (5, 3), (3, 1, 3)])
@pytest.mark.parametrize("groups", [1, 2])
def test_dirac_repeats(window, groups):
    x = jax.random.normal(jax.random.key(0), (2, *(6,) * len(window), 4))
    kernel = initializers.dirac(groups)(None, (*window, 4 // groups, 8))
    y = jaxreview.conv(x, kernel, padding="SAME", groups=groups)
    # Each group's inputs are its first outputs, its others are 0.
    want = np.zeros(y.shape)
    for group in range(groups):
        want[..., group * 8 // groups : group * 8 // groups + 4 // groups] = x[..., group * 4 // groups : (group + 1) * 4 // groups]
    agree(y, want, "float32")
    assert jnp.array_equal(kernel, initializers.dirac(groups=groups)(None, (*window, 4 // groups, 8)))


@pytest.mark.parametrize(("sparsity", "zeros"), [(0.0, 0), (0.1, 1), (0.5, 4), (0.51, 5), (0.9, 8), (1.0, 8)])
def test_sparse_counts(sparsity, zeros):
    w = np.asarray(initializers.sparse(sparsity, 0.3)(jax.random.key(1), (500, 8)), np.float64)
    assert ((w == 0).sum(1) == zeros).all()
    # No output is favoured: each is zero in a share of the 500 rows that errs by at most √(¼/500), and the others have the deviation asked for.
    share = (w == 0).mean(0)
    assert (np.abs(share - zeros / 8) < 5 * math.sqrt(0.25 / 500)).all()
    if zeros < 8:
        spread(w[w != 0], 0.09)


def test_sparse_halves():
    # Normals of 7 random bits would often be 0 themselves.
    for dtype in (jnp.bfloat16, jnp.float16):
        w = initializers.sparse(0.25, 1.0)(jax.random.key(2), (2000, 8), dtype)
        assert w.dtype == dtype
        assert ((np.asarray(w, np.float64) == 0).sum(1) == 2).all()


@pytest.mark.parametrize("make", [initializers.dirac, initializers.identity, lambda: initializers.sparse(0.5, 0.1)])
@pytest.mark.parametrize("dtype", [None, float, jnp.float32, jnp.bfloat16, "float16"])
@pytest.mark.parametrize("x64", [False, True])
def test_dtypes(make, dtype, x64):
    with jax.enable_x64(x64):
        shape = (3, 2, 4) if make is initializers.dirac else (2, 4)
        got = jax.jit(lambda key: make()(key, shape, dtype))(jax.random.key(0))
        assert got.dtype == jnp.zeros((), float if dtype is None else dtype).dtype
        assert not got.weak_type


def test_gains():
    want = {"linear": 1.0, "identity": 1.0, "sigmoid": 1.0, "conv2d": 1.0, "conv_transpose3d": 1.0, "tanh": 5 / 3, "relu": 2**0.5, "selu": 0.75}
    for name, gain in want.items():
        assert initializers.calculate_gain(name) == gain
    # Slope 0 is ReLU, slope ±1 is linear, and the default is 0.01.
    agree([initializers.calculate_gain("leaky_relu", slope) for slope in (0, 1, -1.0)], [2**0.5, 1.0, 1.0])
    agree(initializers.calculate_gain("leaky_relu"), (2 / 1.0001) ** 0.5)
    # A gain is right when a layer of normals keeps its second moment: E[leaky(z)²] · gain² = 1.
    z = np.random.default_rng(0).standard_normal(10**6)
    moment = np.where(z > 0, z, 0.3 * z) ** 2
    within_five_errors(moment.mean() * initializers.calculate_gain("leaky_relu", 0.3) ** 2, 1.0, 2 * moment.std() / 1e3)


def dense(kernel, x):
    return jaxreview.dense(x, kernel)


def curved(kernel, x):
    return jnp.tanh(2 * jaxreview.dense(x, kernel)) * 3


def test_lsuv_gives_unit_variances():
    x = 100 + 7 * jax.random.normal(jax.random.key(0), (64, 6, 6, 3))
    layers = [
        ((3, 3, 3, 8), lambda kernel, x: jaxreview.conv(x, kernel, padding=1)),
        ((288, 20), lambda kernel, x: dense(kernel, jax.nn.relu(x).reshape(64, -1))),
        ((20, 10), dense),
    ]
    kernels = initializers.lsuv(jax.random.key(1), layers, x)
    assert [kernel.shape for kernel in kernels] == [shape for shape, _ in layers]
    for kernel, (_, apply) in zip(kernels, layers, strict=True):
        x = apply(kernel, x)
        agree(np.asarray(x, np.float64).var(), 1.0, "float32")
    # Each is an orthogonal kernel times one number.
    m = np.asarray(kernels[2], np.float64)
    gram = m.T @ m
    agree(gram, gram[0, 0] * np.eye(10), "float32")


@pytest.mark.parametrize("tolerance", [0.1, 0.001])
def test_lsuv_of_a_curved_layer(tolerance):
    x = jax.random.normal(jax.random.key(2), (200, 5))
    apart = []
    for most in (1, 40):
        (kernel,) = initializers.lsuv(jax.random.key(3), [((5, 4), curved)], x, tolerance=tolerance, max_iterations=most)
        apart.append(abs(float(curved(kernel, x).var()) - 1))
    assert apart[1] < tolerance < apart[0]


def test_lsuv_stops_when_near():
    # Within the tolerance at the start: the orthogonal kernel is left as it is.
    x = jnp.asarray(np.random.default_rng(0).standard_normal((50, 4)), "float32")
    (start,) = initializers.lsuv(jax.random.key(3), [((4, 4), dense)], x, tolerance=1e6)
    agree(start.T @ start, np.eye(4), "float32")
    (scaled,) = initializers.lsuv(jax.random.key(3), [((4, 4), dense)], x)
    agree(scaled * float(dense(start, x).std()), start, "float32")


def test_lsuv_compiled_and_without_layers():
    x = jax.random.normal(jax.random.key(2), (20, 5))
    layers = [((5, 4), dense), ((4, 3), curved)]
    key = jax.random.key(4)
    agree(jax.jit(lambda key, x: initializers.lsuv(key, layers, x))(key, x), initializers.lsuv(key, layers, x), "float32")
    assert initializers.lsuv(key, [], x) == []
    # Compiled there is nobody to refuse a constant output: its kernel says so itself.
    (kernel,) = jax.jit(lambda x: initializers.lsuv(key, layers[:1], x))(jnp.zeros((20, 5)))
    assert not jnp.isfinite(kernel).any()
    # Every layer has its own draw.
    first, second = initializers.lsuv(key, [((5, 5), dense)] * 2, x)
    assert not jnp.allclose(first / jnp.abs(first).max(), second / jnp.abs(second).max())


@pytest.mark.parametrize("size", [1e-30, 1e30])
def test_lsuv_of_a_batch_whose_squares_leave_float32(size):
    x = jnp.asarray(size * np.random.default_rng(0).standard_normal((50, 4)), "float32")
    (kernel,) = initializers.lsuv(jax.random.key(3), [((4, 4), dense)], x)
    agree(np.asarray(dense(kernel, x), np.float64).var(), 1.0, "float32")


def test_lsuv_halves():
    x = jnp.asarray(30 * np.random.default_rng(0).standard_normal((500, 6)), "bfloat16")
    (kernel,) = initializers.lsuv(jax.random.key(0), [((6, 6), dense)], x)
    assert kernel.dtype == jnp.bfloat16
    agree(np.asarray(dense(kernel, x), np.float64).var(), 1.0, "bfloat16")


def test_lsuv_has_derivatives():
    # The kernel of a linear layer is K / std(x K): twice the inputs, half the kernel.
    x = jnp.asarray(np.random.default_rng(0).standard_normal((9, 3)), "float32")

    def norm(scale):
        return jnp.abs(initializers.lsuv(jax.random.key(0), [((3, 2), dense)], scale * x, tolerance=1e-6, max_iterations=1)[0]).sum()

    agree(jax.grad(norm)(2.0), -norm(2.0) / 2, "float32")
    agree(jax.jvp(norm, (2.0,), (1.0,))[1], -norm(2.0) / 2, "float32")


@pytest.mark.parametrize(("k", "want"), [(1, [1]), (2, [0.5, 0.5]), (3, [0.5, 1, 0.5]), (4, [0.25, 0.75, 0.75, 0.25]), (5, [1 / 3, 2 / 3, 1, 2 / 3, 1 / 3])])
def test_bilinear_windows(k, want):
    # f = ⌈k/2⌉ = 1, 1, 2, 2, 3; center f − 1 or f − ½; 1 − |i − c| / f.
    agree(initializers.bilinear()(None, (k, 1, 1))[:, 0, 0], np.array(want, float), "float32")


def test_bilinear_is_separable_and_diagonal():
    kernel = initializers.bilinear()(None, (4, 3, 2, 2))
    agree(kernel[:, :, 0, 0], np.outer([0.25, 0.75, 0.75, 0.25], [0.5, 1, 0.5]), "float32")
    assert jnp.array_equal(kernel[..., 0, 0], kernel[..., 1, 1])
    assert not kernel[..., 0, 1].any()
    assert not kernel[..., 1, 0].any()


@pytest.mark.parametrize(
    ("outputs", "inputs", "pairs"),
    [
        (3, 3, {(0, 0), (1, 1), (2, 2)}),
        (1, 3, {(0, 0), (0, 1), (0, 2)}),  # depthwise
        (2, 4, {(0, 0), (1, 1), (0, 2), (1, 3)}),  # two groups of two
        (3, 2, {(0, 0), (1, 1)}),
        (2, 3, {(0, 0), (1, 1)}),
    ],
)
def test_bilinear_channel_pairs(outputs, inputs, pairs):
    kernel = np.asarray(initializers.bilinear()(None, (1, outputs, inputs)))
    assert {tuple(map(int, at)) for at in np.argwhere(kernel[0])} == pairs


@pytest.mark.parametrize("dtype", [None, float, jnp.float32, jnp.float16, jnp.bfloat16, "bfloat16"])
@pytest.mark.parametrize("x64", [False, True])
def test_bilinear_dtype(dtype, x64):
    with jax.enable_x64(x64):
        got = initializers.bilinear()(jax.random.key(0), (4, 4, 2, 2), dtype)
        assert got.dtype == jnp.zeros((), float if dtype is None else dtype).dtype
        assert not got.weak_type


def test_bilinear_under_jit():
    assert jnp.array_equal(jax.jit(lambda key: initializers.bilinear()(key, (4, 1, 1)))(jax.random.key(0)), initializers.bilinear()(None, (4, 1, 1)))


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_bilinear_doubles_as_linear_interpolation_does(groups):
    # Stride 2, window 4, padding 1: output o lies at (o + ½)/2 − ½ among the inputs, and is interpolated between its two neighbours on each axis.
    rng = np.random.default_rng(0)
    x = rng.standard_normal((1, 5, 6, 4))
    kernel = initializers.bilinear()(None, (4, 4, 4 // groups, 4))
    y = jaxreview.conv_transpose(jnp.asarray(x, jnp.float32), kernel, stride=2, padding=1, groups=groups)
    assert y.shape == (1, 10, 12, 4)
    rows, columns = ((np.arange(2 * n) + 0.5) / 2 - 0.5 for n in (5, 6))
    tall = np.apply_along_axis(lambda line: np.interp(rows, np.arange(5), line), 1, x)
    want = np.apply_along_axis(lambda line: np.interp(columns, np.arange(6), line), 2, tall)
    agree(y[:, 1:-1, 1:-1], want[:, 1:-1, 1:-1], "float32")


@pytest.mark.parametrize(("factor", "window"), [(2, 4), (3, 5), (4, 8), (8, 16)])
def test_bilinear_keeps_a_constant_inside(factor, window):
    kernel = initializers.bilinear()(None, (window, 1, 1))
    y = jaxreview.conv_transpose(jnp.ones((1, 6, 1)), kernel, stride=factor, padding=-(-(factor - 1) // 2))
    assert y.shape == (1, 6 * factor, 1)
    agree(y[:, factor:-factor], np.ones((1, 4 * factor, 1)), "float32")
