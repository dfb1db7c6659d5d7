"""Regions of interest, worked by hand."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview.detection import roi_align, roi_pool
from jaxreview.loops import detection as loops

from agree import agree

pytestmark = pytest.mark.thorough  # they compile much


def draw(seed, *shape):
    return jnp.asarray(np.random.default_rng(seed).standard_normal(shape), jnp.float32)


def ramp(rows, columns):
    """10·row + column: linear, so that samples between the cells are exact."""
    return (10 * jnp.arange(rows, dtype=jnp.float32)[:, None] + jnp.arange(columns, dtype=jnp.float32)[None])[..., None]


def one(*corners, number=0.0):
    return jnp.array([[number, *corners]], jnp.float32)


def test_samples_between_the_cells_by_hand():
    # Rows 1 to 3, columns 0.5 to 4.5: two bins around row 2, columns 1.5 and 3.5. Of a linear map the mean is the same for any number of samples.
    for ratio in (1, 2, 3):
        agree(roi_align(ramp(6, 6), one(0.5, 1, 4.5, 3), output_size=(1, 2), sampling_ratio=ratio).ravel(), jnp.array([21.5, 23.5]), "float32")
    agree(roi_align(ramp(6, 6), one(0.5, 1, 4.5, 3), output_size=(1, 2)).ravel(), jnp.array([21.5, 23.5]), "float32")
    # With cell centres at halves all lies half a cell before.
    agree(roi_align(ramp(6, 6), one(0.5, 1, 4.5, 3), output_size=(1, 2), aligned=True).ravel(), jnp.array([16.0, 18.0]), "float32")
    agree(roi_align(ramp(6, 6), one(2, 4, 18, 12), output_size=(1, 2), spatial_scale=0.25).ravel(), jnp.array([21.5, 23.5]), "float32")


@pytest.mark.parametrize(("column", "want"), [(-1.5, 0.0), (-1.25, 0.0), (-1.0, 4.0), (-0.5, 4.0), (2.0, 7.0), (2.5, 7.0), (3.0, 7.0), (3.25, 0.0)])
def test_samples_outside(column, want):
    # One sample in a row of 4, 5, 7: the border counts up to a cell outside, and nothing farther.
    x = jnp.array([[[4.0], [5.0], [7.0]]] * 3)
    y = roi_align(x, one(column - 1, 0, column + 1, 2), output_size=1, sampling_ratio=1)
    assert y.item() == want


def test_a_sample_outside_counts_in_the_mean():
    # Two samples, at −1.5 and 0.5.
    x = jnp.full((3, 3, 1), 8.0)
    assert roi_align(x, one(-2.5, 0.5, 1.5, 1.5), output_size=1, sampling_ratio=2).item() == 4.0


def test_a_region_is_one_cell_at_least_unless_aligned():
    x = ramp(6, 6)
    # A point at (2, 2), or corners the wrong way around, is the cell of (2.5, 2.5); aligned it is the value in its own place, half a cell before.
    assert roi_align(x, one(2, 2, 2, 2), output_size=1, sampling_ratio=2).item() == 27.5
    assert roi_align(x, one(2, 2, 1, 0), output_size=1, sampling_ratio=2).item() == 27.5
    assert roi_align(x, one(2, 2, 2, 2), output_size=1, sampling_ratio=2, aligned=True).item() == 16.5
    # As many samples as cells are none.
    assert roi_align(x, one(2, 2, 2, 2), output_size=1, aligned=True).item() == 0.0
    assert roi_align(x, one(2, 2, 1, 0), output_size=1, aligned=True).item() == 0.0


def test_as_many_samples_as_cells():
    # 3 rows in one bin: ⌈3⌉ samples at rows 1.5, 2.5, 3.5, of columns ⌈1⌉ at 1.5: each the mean of two cells of a peak.
    x = jnp.zeros((6, 6, 1)).at[2].set(12.0)
    assert roi_align(x, one(1, 1, 2, 4), output_size=1).item() == 4.0
    assert roi_align(x, one(1, 1, 2, 4), output_size=1, sampling_ratio=1).item() == 6.0


def test_whole_numbers_of_cells_in_a_bin_are_not_one_more():
    # 21/7 is 3, also where a compiler would take 21·(1/7).
    x = jnp.zeros((30, 3, 1)).at[1].set(9.0)
    got = jax.jit(lambda x, r: roi_align(x, r, output_size=(7, 1)))(x, one(0, 0, 1, 21))
    # Rows 0.5, 1.5, 2.5 of the first bin: (½ + ½ + 0)·9/3.
    agree(got.ravel(), jnp.zeros(7).at[0].set(3.0), "float32")


def test_too_many_samples_are_refused_or_nan_never_wrong():
    x = draw(0, 8, 6, 2)
    rois = jnp.array([[0, 0, 0, 5, 5], [0, 0, 0, 5, 40], [0, 1, 2, 3, 4]], jnp.float32)
    with pytest.raises(ValueError, match=r"max_samples is \(5, 4\); it needs to be at least \(20, 3\) for the region in row 1 of rois"):
        roi_align(x, rois, output_size=2)
    got = jax.jit(lambda x, rois: roi_align(x, rois, output_size=2))(x, rois)
    assert jnp.isnan(got).any(axis=(1, 2, 3)).tolist() == jnp.isnan(got).all(axis=(1, 2, 3)).tolist() == [False, True, False]
    agree(roi_align(x, rois, output_size=2, max_samples=20)[::2], got[::2], "float32")


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (7, 7)])
def test_the_bound_is_enough_for_regions_somewhat_larger_than_the_map(size):
    x = draw(0, 9, 5, 2)
    rois = one(0, 0, 5 + size[1], 9 + size[0])
    agree(roi_align(x, rois, output_size=size), loops.roi_align(x, rois, output_size=size, max_samples=99), "float32")


@pytest.mark.parametrize("number", [2.0, -1.0, 0.5, jnp.nan, jnp.inf])
@pytest.mark.parametrize("function", [lambda x, r: roi_align(x, r, output_size=2, sampling_ratio=1), lambda x, r: roi_pool(x, r, output_size=2)])
def test_a_map_that_is_not_there(function, number):
    x, rois = draw(0, 2, 5, 4, 3), jnp.concatenate([one(0, 0, 3, 3), one(0, 0, 3, 3, number=number)])
    with pytest.raises(ValueError, match="a whole number from 0 to 1"):
        function(x, rois)
    got = jax.jit(function)(x, rois)
    assert jnp.isnan(got[1]).all()
    assert jnp.isfinite(got[0]).all()
    assert jnp.isfinite(jax.jit(jax.grad(lambda x: function(x, rois)[0].sum()))(x)).all()


@pytest.mark.parametrize("corners", [(jnp.nan, 0, 1, 1), (0, 0, jnp.inf, 1), (-3e38, 0, 3e38, 1)])
@pytest.mark.parametrize("function", [lambda x, r: roi_align(x, r, output_size=2, sampling_ratio=1), lambda x, r: roi_pool(x, r, output_size=2)])
def test_corners_that_are_no_numbers_give_nan(function, corners):
    x = draw(0, 5, 4, 3)
    assert jnp.isnan(function(x, one(*corners))).all()
    assert not jax.grad(lambda x: function(x, one(*corners)).sum())(x).any()


def test_batch_axes_are_counted_in_row_major_order():
    x = draw(0, 2, 3, 5, 4, 2)
    for function in (lambda x, r: roi_align(x, r, output_size=2, sampling_ratio=2), lambda x, r: roi_pool(x, r, output_size=2)):
        agree(function(x, one(0, 1, 3, 4, number=4)), function(x[1, 1], one(0, 1, 3, 4)), "float32")


def test_what_a_region_does_not_see_may_be_infinite():
    x = draw(0, 9, 9, 2)
    rough = x.at[0].set(jnp.nan).at[:, 8].set(jnp.inf).at[8, 0].set(-jnp.inf)
    rois = one(1.5, 1.5, 6.25, 6.25)
    for options in (dict(sampling_ratio=2), dict(sampling_ratio=4), {}, dict(aligned=True)):
        agree(roi_align(rough, rois, output_size=3, **options), roi_align(x, rois, output_size=3, **options), "float32")
    agree(roi_pool(rough, rois, output_size=3), roi_pool(x, rois, output_size=3), "float32")


def test_regions_have_no_gradient():
    x, rois = draw(0, 5, 4, 3), one(0.3, 0.4, 3.1, 2.2)
    for function in (lambda r: roi_align(x, r, output_size=2, sampling_ratio=2).sum(), lambda r: roi_pool(x, r, output_size=2).sum()):
        assert not jax.grad(function)(rois).any()


def test_forward_and_reverse_derivatives_are_each_others_transpose():
    x, rois = draw(0, 2, 9, 8, 3), jnp.array([[0, 1, 0, 7, 5], [1, -3, 2, 4, 12], [1, 2, 2, 3, 3], [0, 0, 0, 8, 9], [0, 5, 5, 5, 9]], jnp.float32)
    for options in (dict(sampling_ratio=2), dict(sampling_ratio=4), {}):

        def function(x, options=options):
            return roi_align(x, rois, output_size=(2, 3), **options)

        move, cotangent = draw(1, *x.shape), draw(2, 5, 2, 3, 3)
        y, pushed = jax.jvp(function, (x,), (move,))
        agree(pushed, function(move), "float32")
        agree(jnp.vdot(cotangent, pushed), jnp.vdot(jax.vjp(function, x)[1](cotangent)[0], move), "float32")
        agree(jax.jit(jax.hessian(lambda s: (function(s * x) ** 2).sum()))(1.0), 2 * (y**2).sum(), "float32")


def test_pooling_rounds_halves_away_from_zero():
    # Columns 0.5 to 2.5 are 1 to 3 (to even it would be 0 to 2); −0.5 is −1.
    x = jnp.array([[[1.0], [2.0], [4.0], [8.0], [16.0]]])
    assert roi_pool(x, one(0.5, 0, 2.5, 0), output_size=1).item() == 8.0
    assert roi_pool(x, one(-2.5, 0, -0.5, 0), output_size=1).item() == 0.0
    assert roi_pool(x, one(-2.5, 0, -0.49, 0), output_size=1).item() == 1.0
    # Just below a half is nearer to 0, though adding a half rounds to 1.
    assert roi_pool(x, one(0, 0, 0.49999997, 0), output_size=1).item() == 1.0


def test_pooling_counts_the_last_cell_and_lets_bins_overlap():
    x = jnp.array([[[5.0], [3.0], [4.0], [1.0], [9.0]]])
    # Columns 0 … 2 in two bins: {0, 1} and {1, 2}.
    assert roi_pool(x, one(0, 0, 2, 0), output_size=(1, 2)).ravel().tolist() == [5.0, 4.0]
    # Corners the wrong way around are one cell.
    assert roi_pool(x, one(3, 0, 1, 0), output_size=(1, 2)).ravel().tolist() == [1.0, 1.0]


def test_empty_bins_are_zero_without_a_gradient():
    x = -jnp.ones((4, 4, 2))
    rois = jnp.array([[0, -9, 0, 3, 3], [0, 20, 20, 30, 30]], jnp.float32)
    y, pull = jax.vjp(lambda x: roi_pool(x, rois, output_size=(1, 3)), x)
    assert y[..., 0].reshape(2, 3).tolist() == [[0.0, 0.0, -1.0], [0.0, 0.0, 0.0]]
    assert pull(jnp.ones_like(y))[0].sum() == 2.0


def test_the_first_of_equal_maxima_gets_the_gradient():
    x = jnp.array([[1.0, 7.0, 2.0], [7.0, 7.0, 0.0]])[..., None]
    assert jax.grad(lambda x: roi_pool(x, one(0, 0, 2, 1), output_size=1).sum())(x)[..., 0].tolist() == [[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]


def test_nan_and_infinities_in_a_bin():
    x = jnp.array([[1.0, jnp.nan, 2.0, -jnp.inf, -jnp.inf]])[..., None]
    assert jnp.isnan(roi_pool(x, one(0, 0, 2, 0), output_size=1)).all()
    assert roi_pool(x, one(3, 0, 4, 0), output_size=1).item() == -jnp.inf
    assert jax.grad(lambda x: roi_pool(x, one(3, 0, 4, 0), output_size=1).sum())(x).ravel().tolist() == [0.0, 0.0, 0.0, 1.0, 0.0]


@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float16])
def test_halves_sample_in_float32(dtype):
    # 4096 samples of 1: a bfloat16 sum would stop at 256.
    assert roi_align(jnp.ones((3, 3, 1), dtype), one(0, 0, 2, 2).astype(dtype), output_size=1, sampling_ratio=64).item() == 1.0


@pytest.mark.parametrize("function", [lambda x, r: roi_align(x, r, output_size=2), lambda x, r: roi_pool(x, r, output_size=(2, 3))])
def test_nothing_to_do(function):
    for maps, regions, channels in ((0, 0, 3), (2, 0, 3), (2, 4, 0)):
        x, rois = jnp.zeros((maps, 5, 4, channels)), jnp.zeros((regions, 5))
        y, pull = jax.jit(lambda x, rois: jax.vjp(lambda x: function(x, rois), x)[0:2])(x, rois)
        assert y.shape[0] == regions
        assert y.shape[-1] == channels
        assert pull(y)[0].shape == x.shape
    assert jnp.isnan(jax.jit(function)(jnp.zeros((0, 5, 4, 3)), jnp.zeros((2, 5)))).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 4), (4, 1)])
def test_maps_of_a_single_row_or_column(size):
    x, rois = draw(0, *size, 2), jnp.array([[0, 0, 0, 3, 3], [0, -0.5, 0.25, 0.5, 0.75]], jnp.float32)
    for options in (dict(sampling_ratio=2), dict(max_samples=3)):
        agree(roi_align(x, rois, output_size=2, **options), loops.roi_align(x, rois, output_size=2, **options), "float32")
    agree(roi_pool(x, rois, output_size=2), loops.roi_pool(x, rois, output_size=2), "float32")


def test_inside_a_scan_and_mapped():
    x, rois = draw(0, 3, 7, 6, 2), jnp.stack([one(0, 0, 5, 4), one(1, 2, 3, 6), one(-2, 3, 9, 5)])
    for function in (lambda x, r: roi_align(x, r, output_size=2, sampling_ratio=2), lambda x, r: roi_pool(x, r, output_size=2)):
        want = jnp.stack([function(*pair) for pair in zip(x, rois, strict=True)])
        agree(jax.jit(jax.vmap(function))(x, rois), want, "float32")
        agree(jax.lax.scan(lambda state, pair: (state, function(*pair)), 0, (x, rois))[1], want, "float32")
