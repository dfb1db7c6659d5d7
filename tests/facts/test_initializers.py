"""Initializers: fans and moments of the random ones on our kernel layouts, and the kernel that interpolates."""

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
    assert initializers.constant(0.5)(None, (2,), jnp.float16).tolist() == [0.5, 0.5]


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
