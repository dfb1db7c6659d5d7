"""Numbers worked out by hand and identities of interpolation."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import avg_pool, upsample

from agree import agree

METHODS = ["nearest", "nearest-exact", "linear", "cubic", "area"]


def line(*values, dtype=jnp.float32):
    return jnp.array(values, dtype).reshape(-1, 1)


def up(x, *scale, **options):
    return upsample(x, scale, **options).ravel()


def test_nearest_takes_the_cell_at_the_left_edge():
    # five cells by 0.6: outputs 0, 1, 2 look at ⌊0⌋, ⌊1.67⌋, ⌊3.33⌋, where the centres (o + ½)/0.6 lie in the cells 0, 2, 4
    x = line(0, 1, 2, 3, 4)
    agree(up(x, 0.6), np.array([0.0, 1, 3]))
    agree(up(x, 0.6, method="nearest-exact"), np.array([0.0, 2, 4]))


def test_nearest_by_one_and_a_half():
    # o/1.5 = 0, .67, 1.33, 2, 2.67, 3.33; (o + ½)/1.5 = .33, 1, 1.67, 2.33, 3, 3.67
    x = line(0, 1, 2, 3)
    agree(up(x, 1.5), np.array([0.0, 0, 1, 2, 2, 3]))
    agree(up(x, 1.5, method="nearest-exact"), np.array([0.0, 1, 1, 2, 3, 3]))


@pytest.mark.parametrize("factor", [*range(2, 12), 16, 25, 32, 40, 49])
def test_whole_factors_repeat(factor):
    for method in ("nearest", "nearest-exact", "area"):
        agree(up(line(0, 1, 2), factor, method=method), np.repeat(np.arange(3.0), factor), "float32")


def test_nearest_rounds_to_float32_as_pytorch_does():
    # In float64 49·(1/49) falls below 1, in float32 it is 1; with 41 it is the other way round, in PyTorch too.
    assert 49 * (1 / 49) < 1 == np.float32(49) * np.float32(1 / 49)
    assert 41 * (1 / 41) == 1 > np.float32(41) * np.float32(1 / 41)
    agree(up(line(0, 1), 49)[48:50], np.array([0.0, 1]))
    agree(up(line(0, 1), 41)[41:43], np.array([0.0, 1]))


@pytest.mark.parametrize(("cells", "factor", "want"), [(5, 1.1, [0, 0, 1, 2, 3]), (4, 2.2, [0, 0, 0, 1, 1, 2, 2, 3])])
def test_nearest_follows_the_factor_where_the_size_happens_to_stay_or_double(cells, factor, want):
    # ⌊o/1.1⌋ and ⌊o/2.2⌋. PyTorch agrees in 1-D and 3-D, while its 2-D values (and all its gradients) copy or double here.
    agree(up(jnp.arange(float(cells)).reshape(cells, 1), factor), np.array(want, np.float32))


def test_linear_by_hand():
    # positions (o + ½)/2 − ½ = −¼, ¼, ¾, 1¼ over the cells 0 4: the first and the last are held at the edge
    agree(up(line(0, 4), 2, method="linear"), np.array([0.0, 1, 3, 4]))
    # corners aligned: positions 0, ⅓, ⅔, 1
    agree(up(line(0, 3), 2, method="linear", align_corners=True), np.array([0.0, 1, 2, 3]), "float32")
    # downwards by ½ the positions are ½ and 2½: the mean of two neighbours, and no more of the cells (there is no antialiasing)
    agree(up(line(0, 2, 10, 20), 0.5, method="linear"), np.array([1.0, 15]))


def test_the_factor_itself_stands_in_the_coordinates():
    # Four cells by 1.3: five outputs, at (o + ½)/1.3 − ½ and not at (o + ½)·4/5 − ½; the second is at 0.6538…
    agree(up(line(0, 1, 2, 3), 1.3, method="linear"), np.clip((np.arange(5) + 0.5) / 1.3 - 0.5, 0, 3), "float32")
    # Corners aligned, the factor only gives the size: five outputs ¾ apart.
    agree(up(line(0, 1, 2, 3), 1.3, method="linear", align_corners=True), 0.75 * np.arange(5), "float32")


def test_linear_copies_where_the_size_stays():
    agree(up(line(0, 5, 1), 1.2, method="linear"), np.array([0.0, 5, 1]))


def test_cubic_by_hand():
    # Half way between two cells the kernel with a = −¾ is: at ½, 1.25/8 − 2.25/4 + 1 = 0.59375; at 1½, −.75·(3.375 − 11.25 + 12 − 4) = −0.09375.
    # Downwards by ½, outputs lie half way: −0.09375·(x₀ + x₃) + 0.59375·(x₁ + x₂), with the edge cell repeated.
    x = np.array([1.0, 2, 4, 8])
    near, far = 0.59375, -0.09375
    want = [near * (x[0] + x[1]) + far * (x[0] + x[2]), near * (x[2] + x[3]) + far * (x[1] + x[3])]
    agree(up(line(*x), 0.5, method="cubic"), np.array(want), "float32")


def test_area_is_the_mean_of_the_cells_it_touches():
    # Five cells to two: cells 0–2 and 2–4. Three to five: cells 0, 0–1, 1, 1–2, 2.
    agree(up(line(1, 2, 3, 4, 5), 0.4, method="area"), np.array([2.0, 4]), "float32")
    agree(up(line(0, 2, 4), 1.7, method="area"), np.array([0.0, 1, 2, 3, 4]), "float32")


@pytest.mark.parametrize("factor", [2, 4, 16])
def test_area_down_by_a_whole_factor_is_avg_pool(factor):
    x = jnp.asarray(np.random.default_rng(0).standard_normal((2, 32, 48, 3)), jnp.float32)
    agree(upsample(x, (1 / factor, 1 / factor), method="area"), avg_pool(x, (factor, factor)), "float32")


def test_area_spreads_no_infinity_beyond_its_cells():
    x = line(jnp.inf, 1, 2, 3, 4)
    agree(up(x, 0.4, method="area"), np.array([np.inf, 3.0]), "float32")


@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize("method", ["linear", "cubic"])
def test_an_axis_of_one_cell_is_repeated(method, align):
    agree(up(line(3), 4, method=method, align_corners=align), np.full(4, 3.0), "float32")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scale", [(2, 1.5), (0.5, 0.3), (1.1, 3)])
def test_a_constant_stays_constant(method, scale):
    y = upsample(jnp.full((5, 6, 2), 1.25), scale, method=method)
    agree(y, jnp.full_like(y, 1.25), "float32")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("align", [False, True])
def test_factor_one_is_the_identity(method, align):
    x = jnp.asarray(np.random.default_rng(0).standard_normal((2, 3, 4, 5)), jnp.float32)
    if not align or method in ("linear", "cubic"):
        agree(upsample(x, (1, 1.0), method=method, align_corners=align), x, "float32")


def test_aligned_corners_stay():
    x = line(1, 5, 2, 7)
    for method in ("linear", "cubic"):
        y = up(x, 2.5, method=method, align_corners=True)
        agree(jnp.stack([y[0], y[-1]]), np.array([1.0, 7]), "float32")


def test_aligned_linear_reproduces_a_ramp():
    # linear interpolation is exact on linear functions, and with aligned corners nothing is held at the edge
    agree(up(jnp.arange(5.0).reshape(5, 1), 3, method="linear", align_corners=True), np.linspace(0, 4, 15), "float32")


def test_axes_are_independent():
    # the rows by one factor, then the columns by another
    x = jnp.asarray(np.random.default_rng(1).standard_normal((4, 5, 2)), jnp.float32)
    for method in METHODS:
        both = upsample(x, (2, 0.6), method=method)
        agree(both, upsample(upsample(x, (2, 1), method=method), (1, 0.6), method=method), "float32")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scale", [(2, 3), (1.5, 0.6)])
def test_the_gradient_is_the_adjoint(method, scale):
    # Interpolation is linear: ⟨A u, v⟩ = ⟨u, Aᵀ v⟩.
    with jax.enable_x64(True):
        rng = np.random.default_rng(0)
        u = jnp.asarray(rng.standard_normal((2, 4, 5, 3)))
        y, pull = jax.vjp(lambda x: upsample(x, scale, method=method), jnp.zeros_like(u))
        v = jnp.asarray(rng.standard_normal(y.shape))
        agree(jnp.vdot(upsample(u, scale, method=method), v), jnp.vdot(u, pull(v)[0]))


@pytest.mark.parametrize("dtype", [jnp.float16, jnp.bfloat16])
def test_halves_are_summed_in_float32(dtype):
    # The gradient of one cell repeated 4096 times is a sum of 4096 ones, where bfloat16 stops at 256 and float16 at 2048.
    for method in ("nearest", "linear", "area"):
        assert jax.grad(lambda x, m=method: upsample(x, (4096,), method=m).astype(jnp.float32).sum())(jnp.ones((1, 1), dtype)).item() == 4096
    assert upsample(jnp.ones((4096, 1), dtype), (1 / 4096,), method="area").item() == 1
    assert upsample(jnp.ones((2, 1), dtype), (2,), method="linear").dtype == dtype


def test_nearest_keeps_integers():
    for method in ("nearest", "nearest-exact"):
        y = upsample(jnp.array([[1], [200]], jnp.uint8), (1.5,), method=method)
        assert y.dtype == jnp.uint8
        assert y.ravel().tolist() == ([1, 1, 200] if method == "nearest" else [1, 200, 200])


@pytest.mark.parametrize("method", METHODS)
def test_empty_batches(method):
    assert upsample(jnp.zeros((2, 0, 4, 5, 3)), (2, 0.5), method=method).shape == (2, 0, 8, 2, 3)
