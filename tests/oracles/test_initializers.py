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
