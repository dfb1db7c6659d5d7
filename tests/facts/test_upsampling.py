"""Numbers worked out by hand and identities of interpolation."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import avg_pool, resize, upsample

from agree import agree

METHODS = ["nearest", "nearest-exact", "linear", "cubic", "area"]


def line(*values, dtype=jnp.float32):
    return jnp.array(values, dtype).reshape(-1, 1)


def up(x, *scale, **options):
    return upsample(x, scale, **options).ravel()


def to(x, *size, **options):
    return resize(x, size, **options).ravel()


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


def test_resize_nearest_by_hand():
    # five cells to three: ⌊o·5/3⌋ = 0, 1, 3, where the centres (o + ½)·5/3 = 0.83, 2.5, 4.17 lie in the cells 0, 2, 4
    x = line(0, 1, 2, 3, 4)
    agree(to(x, 3), np.array([0.0, 1, 3]))
    agree(to(x, 3, method="nearest-exact"), np.array([0.0, 2, 4]))


def test_resize_takes_the_ratio_of_the_sizes():
    # Four cells to five: positions (o + ½)·4/5 − ½ = −0.1, 0.7, 1.5, 2.3, 3.1, whatever factor led to five.
    agree(to(line(0, 1, 2, 3), 5, method="linear"), np.array([0, 0.7, 1.5, 2.3, 3]), "float32")
    agree(to(line(0, 1, 2, 3), 5, method="linear", align_corners=True), 0.75 * np.arange(5), "float32")


@pytest.mark.parametrize("size", [1, 3, 5, 9, 40])
def test_resize_of_a_ramp(size):
    # Linear interpolation is exact on linear functions: the positions themselves, held at the edges where the corners are not aligned.
    x = jnp.arange(5.0).reshape(5, 1)
    agree(to(x, size, method="linear"), np.clip((np.arange(size) + 0.5) * 5 / size - 0.5, 0, 4), "float32")
    agree(to(x, size, method="linear", align_corners=True), np.linspace(0, 4, size), "float32")


def test_antialiased_linear_by_hand():
    # Four cells to two: centres at ½ and 2½, the triangle reaches 2 cells: distances ½ ½ 1½ weigh ¾ ¾ ¼, of 7/4 in all (the outer ¼ is outside of x).
    x = np.array([1.0, 2, 4, 8])
    agree(to(line(*x), 2, method="linear", antialias=True), np.array([(3 * 1 + 3 * 2 + 4) / 7, (2 + 3 * 4 + 3 * 8) / 7]), "float32")


def test_antialiased_cubic_by_hand():
    # Keys' kernel with a = −½ at ¼ ¾ 1¼ 1¾ is 111/128, 29/128, −9/128, −3/128. Two cells to one: the only centre lies half way, ¼ steps from both.
    # Eight cells to four: the second output, at 2½, sees the cells 0 … 6 at the distances 2½ 1½ ½ ½ 1½ 2½ 3½, in steps of two cells.
    agree(to(line(2, 6), 1, method="cubic", antialias=True), np.array([4.0]), "float32")
    x = np.array([1.0, 0, 5, 2, 7, 3, 8, 4])
    weights = np.array([-9, 29, 111, 111, 29, -9, -3])
    agree(to(line(*x), 4, method="cubic", antialias=True)[1], np.sum(weights * x[:7]) / weights.sum(), "float32")


def test_antialias_leaves_growing_linear_axes_alone():
    x = jnp.asarray(np.random.default_rng(0).standard_normal((2, 4, 5, 3)), jnp.float32)
    agree(resize(x, (8, 7), method="linear", antialias=True), resize(x, (8, 7), method="linear"), "float32")


@pytest.mark.parametrize("antialias", [False, True])
@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("size", [(10, 9), (2, 1), (6, 3), (5, 40)])
def test_resize_keeps_a_constant_and_is_adjoint_to_its_gradient(method, size, align, antialias):
    if (align or antialias) and method not in ("linear", "cubic"):
        return
    with jax.enable_x64(True):
        rng = np.random.default_rng(0)
        u, v = jnp.asarray(rng.standard_normal((2, 5, 6, 3))), jnp.asarray(rng.standard_normal((2, *size, 3)))

        def apply(x):
            return resize(x, size, method=method, align_corners=align, antialias=antialias)

        agree(apply(jnp.full_like(u, 1.25)), jnp.full_like(v, 1.25))
        # Interpolation is linear: ⟨A u, v⟩ = ⟨u, Aᵀ v⟩, its tangent is itself, and its second derivative vanishes.
        y, pull = jax.vjp(apply, u)
        agree(jnp.vdot(y, v), jnp.vdot(u, pull(v)[0]))
        agree(jax.jvp(apply, (v[:, :1, :1] * jnp.ones_like(u),), (u,))[1], y)
        agree(jax.grad(lambda u: jnp.vdot(jax.grad(lambda u: jnp.vdot(apply(u), apply(u)))(u), u))(u), 4 * pull(y)[0])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("cells", "size"), [(12, 24), (12, 18), (12, 8), (12, 4), (12, 12), (12, 34)])
def test_an_infinity_stays_with_the_outputs_that_look_at_its_cell(method, cells, size):
    # At most two cells beyond the output's position: a weight of 0 would make NaN of it elsewhere.
    for align in [False, True] if method in ("linear", "cubic") else [False]:
        y = to(jnp.zeros((cells, 1)).at[6].set(jnp.inf), size, method=method, align_corners=align)
        at = np.arange(size) * (cells - 1) / (size - 1) if align else (np.arange(size) + 0.5) * cells / size - 0.5
        touched = np.abs(at - 6) < max(2, cells / size)
        assert np.isfinite(y[~touched]).all()
        assert not np.isfinite(y[touched]).all() or size < cells


@pytest.mark.parametrize("method", ["linear", "cubic"])
def test_where_an_output_lies_on_a_cell_the_others_do_not_count(method):
    x = line(1, jnp.inf, 2, 3, jnp.nan, 4)
    assert to(x, 11, method=method, align_corners=True)[jnp.array([0, 4, 6, 10])].tolist() == [1, 2, 3, 4]
    assert to(x, 2, method=method)[0] == jnp.inf  # at the positions 1 and 4


def test_antialiasing_spreads_no_further_than_its_kernel():
    y = to(jnp.zeros((64, 1)).at[0].set(jnp.inf), 16, method="cubic", antialias=True)  # 2 · 4 cells on either side of 4o + 1½
    assert jnp.isfinite(y).tolist() == [False, False] + [True] * 14


def test_resize_to_the_own_size_is_the_identity():
    x = jnp.asarray(np.random.default_rng(0).standard_normal((2, 3, 4, 5)), jnp.float32)
    for method in METHODS:
        assert (resize(x, (3, 4), method=method) == x).all()
    for method in ("linear", "cubic"):
        assert (resize(x, (3, 4), method=method, align_corners=True, antialias=True) == x).all()


@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize("method", ["linear", "cubic"])
def test_resize_from_and_to_one_cell(method, align):
    agree(to(line(3), 4, method=method, align_corners=align), np.full(4, 3.0), "float32")
    # The only output lies on the first cell where corners are aligned, else in the middle.
    agree(to(line(1, 2, 6), 1, method=method, align_corners=align), np.array([1.0 if align else 2.0]), "float32")


@pytest.mark.parametrize("dtype", [jnp.float16, jnp.bfloat16])
def test_resize_sums_halves_in_float32(dtype):
    for method in ("nearest", "linear", "area"):
        assert jax.grad(lambda x, m=method: resize(x, (4096,), method=m).astype(jnp.float32).sum())(jnp.ones((1, 1), dtype)).item() == 4096
    assert resize(jnp.ones((4096, 1), dtype), (1,), method="area").item() == 1
    assert resize(jnp.ones((4096, 1), dtype), (1,), method="linear", antialias=True).dtype == dtype


def test_resize_keeps_integers():
    x = jnp.array([[1], [200]], jnp.uint8)
    assert to(x, 3).tolist() == [1, 1, 200]
    assert to(x, 3, method="nearest-exact").dtype == jnp.uint8


@pytest.mark.parametrize("method", METHODS)
def test_resize_of_empty_batches(method):
    y, pull = jax.vjp(lambda x: resize(x, (8, 2), method=method), jnp.zeros((2, 0, 4, 5, 3)))
    assert y.shape == (2, 0, 8, 2, 3)
    assert pull(y)[0].shape == (2, 0, 4, 5, 3)
