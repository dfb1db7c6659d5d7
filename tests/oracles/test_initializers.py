"""Initializers against PyTorch: its gains and fans, on the transposed layout, and its interpolation."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxreview
from jaxreview import initializers

from agree import agree

torch = pytest.importorskip("torch")

FANS = [("fan_in", 576), ("fan_out", 1152)]


@pytest.mark.parametrize(
    ("ours", "nonlinearity", "mode"),
    [("he_normal", "relu", "fan_in"), ("he_uniform", "relu", "fan_in"), ("lecun_normal", "linear", "fan_in"), ("lecun_uniform", "linear", "fan_in")],
)
def test_deviation_is_gain_over_root_fan(ours, nonlinearity, mode):
    # PyTorch's kernel (out, in, *window); its fan is read off that very layout.
    theirs = torch.zeros(128, 64, 3, 3)
    fan = torch.nn.init._calculate_correct_fan(theirs, mode)
    want = torch.nn.init.calculate_gain(nonlinearity) / fan**0.5
    w = np.asarray(getattr(initializers, ours)()(jax.random.key(0), (3, 3, 64, 128)), np.float64)
    # The deviation of n values errs by at most σ/√(2n), five of which are allowed.
    assert abs(w.std() - want) < 5 * want / (2 * w.size) ** 0.5


@pytest.mark.parametrize("ours", ["xavier_normal", "xavier_uniform"])
def test_deviation_of_xavier(ours):
    fans = torch.nn.init._calculate_fan_in_and_fan_out(torch.zeros(128, 64, 3, 3))
    want = (2 / sum(fans)) ** 0.5
    w = np.asarray(getattr(initializers, ours)()(jax.random.key(0), (3, 3, 64, 128)), np.float64)
    assert abs(w.std() - want) < 5 * want / (2 * w.size) ** 0.5


@pytest.mark.parametrize(("factor", "window"), [(2, 4), (4, 8), (6, 12)])
@pytest.mark.parametrize("spatial", [(7,), (5, 6)])
def test_bilinear_interpolates(factor, window, spatial):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, *spatial, 3))
    with jax.enable_x64(True):
        kernel = initializers.bilinear()(None, (window,) * len(spatial) + (1, 3))
        y = jaxreview.conv_transpose(jnp.asarray(x), kernel, stride=factor, padding=factor // 2, groups=3)
    mode = "linear" if len(spatial) == 1 else "bilinear"
    want = torch.nn.functional.interpolate(torch.tensor(np.moveaxis(x, -1, 1)), scale_factor=factor, mode=mode, align_corners=False).numpy()
    inside = (slice(None), *(slice(factor, -factor),) * len(spatial))
    agree(y[inside], np.moveaxis(want, 1, -1)[inside])


NAMES = ["linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "sigmoid", "tanh", "relu", "leaky_relu", "selu"]


@pytest.mark.parametrize("name", NAMES)
def test_gains(name):
    agree(initializers.calculate_gain(name), np.array(float(torch.nn.init.calculate_gain(name))))


@pytest.mark.parametrize("slope", [0, 0.01, 0.2, 0.5, 1, 5**0.5, 3.0, -0.3, 100.0, 1e-8])
def test_gains_of_slopes(slope):
    agree(initializers.calculate_gain("leaky_relu", slope), np.array(torch.nn.init.calculate_gain("leaky_relu", slope)))


@pytest.mark.parametrize("groups", [1, 2, 3])
@pytest.mark.parametrize("window", [(3,), (4,), (1,), (3, 5), (2, 3), (3, 2, 1)])
@pytest.mark.parametrize(("outputs", "inputs"), [(6, 2), (6, 8)])
def test_dirac(window, outputs, inputs, groups):
    theirs = torch.nn.init.dirac_(torch.empty(outputs, inputs, *window), groups)
    ours = initializers.dirac(groups)(None, (*window, inputs, outputs))
    assert np.array_equal(np.moveaxis(np.asarray(ours), (-1, -2), (0, 1)), theirs.numpy())


@pytest.mark.parametrize(("inputs", "outputs"), [(1, 1), (3, 3), (2, 5), (5, 2)])
def test_identity(inputs, outputs):
    assert np.array_equal(np.asarray(initializers.identity()(None, (inputs, outputs))).T, torch.nn.init.eye_(torch.empty(outputs, inputs)).numpy())


@pytest.mark.parametrize("sparsity", [0.0, 0.1, 0.2, 0.3, 0.45, 0.5, 0.7, 0.9, 0.99, 1.0])
@pytest.mark.parametrize(("inputs", "outputs"), [(40, 30), (20, 7)])
def test_sparse(sparsity, inputs, outputs):
    torch.manual_seed(0)
    theirs = torch.nn.init.sparse_(torch.empty(outputs, inputs), sparsity, std=2.0).numpy()
    ours = np.asarray(initializers.sparse(sparsity, 2.0)(jax.random.key(0), (inputs, outputs)))
    # The zeros of one input, a column of theirs and a row of ours, are as many.
    assert set((theirs == 0).sum(0)) == set((ours == 0).sum(1))


def test_truncated_normal_by_absolute_bounds():
    # PyTorch's a and b are where it cuts, ours are in units of stddev: (mean 0, std 2, a = −3, b = 5) is lower −1.5, upper 2.5.
    stats = pytest.importorskip("scipy.stats")
    torch.manual_seed(0)
    theirs = torch.nn.init.trunc_normal_(torch.empty(40000), std=2.0, a=-3.0, b=5.0).numpy()
    ours = np.asarray(initializers.truncated_normal(2.0, lower=-1.5, upper=2.5)(jax.random.key(0), (40000,)))
    law = stats.truncnorm(-1.5, 2.5, scale=2.0)
    for draws in (theirs, ours):
        assert stats.kstest(draws, law.cdf).pvalue > 1e-6
    # Of the default bounds ±2 deviations in both only for a deviation of 1.
    theirs = torch.nn.init.trunc_normal_(torch.empty(40000), std=0.5).numpy()
    ours = np.asarray(initializers.truncated_normal(0.5)(jax.random.key(0), (40000,)))
    assert np.abs(theirs).max() > 1.0 >= np.abs(ours).max()


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (lambda: initializers.kaiming_uniform(), lambda w: torch.nn.init.kaiming_uniform_(w, nonlinearity="relu")),
        (lambda: initializers.variance_scaling(2.0, "fan_out", "uniform"), lambda w: torch.nn.init.kaiming_uniform_(w, mode="fan_out", nonlinearity="relu")),
        (lambda: initializers.variance_scaling(1 / 3, "fan_in", "uniform"), lambda w: torch.nn.init.kaiming_uniform_(w, a=5**0.5)),
        (lambda: initializers.glorot_uniform(), torch.nn.init.xavier_uniform_),
        (lambda: initializers.variance_scaling(25 / 9, "fan_avg", "uniform"), lambda w: torch.nn.init.xavier_uniform_(w, gain=5 / 3)),
        (lambda: initializers.variance_scaling(2.0, "fan_in", "normal"), lambda w: torch.nn.init.kaiming_normal_(w, nonlinearity="relu")),
        (lambda: initializers.variance_scaling(1.0, "fan_avg", "normal"), torch.nn.init.xavier_normal_),
    ],
)
def test_the_same_distribution(ours, theirs):
    # 30000 draws of each, by the two-sample Kolmogorov-Smirnov test.
    stats = pytest.importorskip("scipy.stats")
    torch.manual_seed(0)
    w = theirs(torch.empty(50, 100, 2, 3)).numpy().ravel()
    assert stats.kstest(np.asarray(ours()(jax.random.key(0), (2, 3, 100, 50))).ravel(), w).pvalue > 1e-6


@pytest.mark.parametrize("shape", [(8, 8), (12, 5), (5, 12), (3, 3, 2, 10)])
def test_orthogonal(shape):
    # Both are orthonormal along the shorter side of (rows, columns); PyTorch flattens (out, in, *window) to out rows, ours to out columns.
    ours = np.asarray(initializers.orthogonal()(jax.random.key(0), shape), np.float64).reshape(-1, shape[-1])
    theirs = torch.nn.init.orthogonal_(torch.empty(shape[-1], shape[-2], *shape[:-2], dtype=torch.float64)).numpy().reshape(shape[-1], -1).T
    for m in (ours, theirs):
        gram = m.T @ m if m.shape[0] >= m.shape[1] else m @ m.T
        agree(gram, np.eye(len(gram)), "float32")
