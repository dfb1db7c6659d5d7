"""Position-sensitive regions of interest, worked by hand."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview.detection import ps_roi_align, ps_roi_pool, roi_align

from agree import agree

pytestmark = pytest.mark.thorough  # they compile much

FUNCTIONS = [lambda x, r: ps_roi_align(x, r, output_size=2, sampling_ratio=2), lambda x, r: ps_roi_pool(x, r, output_size=2)]


def draw(seed, *shape):
    return jnp.asarray(np.random.default_rng(seed).standard_normal(shape), jnp.float32)


def one(*corners, number=0.0):
    return jnp.array([[number, *corners]], jnp.float32)


@pytest.mark.parametrize("function", [ps_roi_align, ps_roi_pool])
def test_the_order_of_the_channels(function):
    # Channel (c, p, q) holds 100·c + 10·p + q everywhere.
    c, p, q = np.meshgrid(np.arange(2), np.arange(3), np.arange(4), indexing="ij")
    numbers = 100.0 * c + 10 * p + q
    x = jnp.broadcast_to(jnp.asarray(numbers.ravel(), jnp.float32), (20, 20, 24))
    agree(function(x, one(1, 2, 17, 14), output_size=(3, 4))[0], np.moveaxis(numbers, 0, -1), "float32")


def test_each_bin_is_that_of_roi_align_in_its_own_channels():
    x, rois = draw(0, 2, 9, 8, 12), jnp.array([[0, 1, 0, 7, 5], [1, -3, 2, 4, 12], [1, 2, 2, 3, 3.5], [0, 5, 5, 5.5, 9]], jnp.float32)
    for options in (dict(sampling_ratio=2), dict(max_samples=9)):
        want = roi_align(x, rois, output_size=(2, 3), aligned=True, **options).reshape(4, 2, 3, 2, 2, 3)
        got = ps_roi_align(x, rois, output_size=(2, 3), **options)
        for p in range(2):
            for q in range(3):
                agree(got[:, p, q], want[:, p, q, :, p, q], "float32")


def test_a_region_without_samples_is_zero():
    x = jnp.ones((5, 5, 4))
    for corners in ((2, 2, 2, 4), (3, 3, 1, 1)):
        assert not ps_roi_align(x, one(*corners), output_size=2).any()
        assert not jax.grad(lambda x, corners=corners: ps_roi_align(x, one(*corners), output_size=2).sum())(x).any()


def test_pooled_cells_by_hand():
    # Columns 0 … 3 (x2 = 4 is the one behind the last) in two bins of two: the means 1.5 and 12; rows 0 and 1.
    x = jnp.stack([jnp.array([1.0, 2.0, 4.0, 8.0, 16.0]), jnp.array([1.0, 2.0, 8.0, 16.0, 32.0])], -1)[None] * jnp.ones((4, 1, 1))
    assert ps_roi_pool(x, one(0, 0, 4, 2), output_size=(1, 2)).ravel().tolist() == [1.5, 12.0]
    # Halves are rounded away from zero: 0.5 … 2.5 is the columns 1 and 2.
    assert ps_roi_pool(x, one(0.5, 0, 2.5, 1), output_size=(1, 2)).ravel().tolist() == [2.0, 8.0]
    # A region is at least one cell.
    assert ps_roi_pool(x, one(2, 1, 1, 1), output_size=(1, 2)).ravel().tolist() == [4.0, 8.0]


def test_no_bin_sees_the_last_row_and_column():
    x = jnp.ones((4, 5, 1)).at[3].set(100.0).at[:, 4].set(100.0)
    y, pull = jax.vjp(lambda x: ps_roi_pool(x, one(0, 0, 9, 9), output_size=1), x)
    agree(y.ravel(), jnp.ones(1), "float32")
    agree(pull(jnp.ones_like(y))[0][..., 0], jnp.zeros((4, 5)).at[:3, :4].set(1 / 12), "float32")
    # A bin there is empty.
    assert ps_roi_pool(x, one(4, 3, 5, 4), output_size=1).item() == 0.0


def test_the_gradient_of_a_mean_is_its_transpose():
    x, rois = draw(0, 3, 9, 8, 12), jnp.array([[0, 1, 0, 7, 5], [2, -3, 2, 4, 12], [2, 2, 2, 3, 3], [0, 0, 0, 8, 9], [0, 5, 5, 5, 9]], jnp.float32)

    def function(x):
        return ps_roi_pool(x, rois, output_size=(2, 3))

    move, cotangent = draw(1, *x.shape), draw(2, 5, 2, 3, 2)
    y, pushed = jax.jvp(function, (x,), (move,))
    agree(pushed, function(move), "float32")
    agree(jnp.vdot(cotangent, pushed), jnp.vdot(jax.vjp(function, x)[1](cotangent)[0], move), "float32")
    agree(jax.jit(jax.hessian(lambda s: (function(s * x) ** 2).sum()))(1.0), 2 * (y**2).sum(), "float32")


def test_what_a_bin_does_not_see_may_be_infinite():
    x = draw(0, 9, 9, 8)
    rough = x.at[0].set(jnp.nan).at[:, 8].set(jnp.inf).at[8, 0].set(-jnp.inf)
    for function in FUNCTIONS:
        agree(function(rough, one(1.5, 1.75, 6.25, 6.25)), function(x, one(1.5, 1.75, 6.25, 6.25)), "float32")


def test_means_of_the_largest_numbers():
    x = jnp.full((9, 9, 4), 3e38)
    for function in FUNCTIONS:
        agree(function(x, one(1, 1, 7, 7)), jnp.full((1, 2, 2, 1), 3e38), "float32")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_map_that_is_not_there(function):
    x, rois = draw(0, 2, 5, 4, 8), jnp.concatenate([one(0, 0, 3, 3), one(0, 0, 3, 3, number=2)])
    with pytest.raises(ValueError, match="a whole number from 0 to 1"):
        function(x, rois)
    assert jnp.isnan(jax.jit(function)(x, rois)).all(axis=(1, 2, 3)).tolist() == [False, True]


def test_too_many_samples_are_refused_or_nan():
    x, rois = draw(0, 5, 4, 8), jnp.concatenate([one(0, 0, 3, 3), one(0, 0, 40, 3)])
    with pytest.raises(ValueError, match=r"at least \(2, 20\) for the region in row 1"):
        ps_roi_align(x, rois, output_size=2)
    assert jnp.isnan(jax.jit(lambda x, r: ps_roi_align(x, r, output_size=2))(x, rois)).all(axis=(1, 2, 3)).tolist() == [False, True]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_regions_have_no_gradient(function):
    assert not jax.grad(lambda r: function(draw(0, 5, 4, 8), r).sum())(one(0.3, 0.4, 3.1, 2.2)).any()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_nothing_to_do(function):
    for maps, regions, channels in ((0, 0, 8), (2, 0, 8), (2, 3, 0)):
        x, rois = jnp.zeros((maps, 5, 4, channels)), jnp.zeros((regions, 5))
        y, pull = jax.vjp(lambda x, rois=rois: function(x, rois), x)
        assert y.shape == (regions, 2, 2, channels // 4)
        assert pull(y)[0].shape == x.shape
