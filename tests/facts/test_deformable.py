"""Deformable convolution, worked by hand."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jaxreview import conv, deform_conv

from agree import agree


def draw(seed, *shape):
    return jnp.asarray(np.random.default_rng(seed).standard_normal(shape))


@jax.jit
def moved(x, down, right):
    """What a window of one cell sees of the matrix x from its first cell, moved by (down, right)."""
    taps = jnp.ones((*x.shape, 1, 1))
    offset = jnp.asarray([down, right], x.dtype).reshape(1, 1, 2)
    return deform_conv(x[:, :, None], offset, taps[:1, :1], stride=x.shape).reshape(())


def test_between_the_cells_by_hand():
    # A quarter down and a half to the right: (3/4)·(1 + 2)/2 + (1/4)·(8 + 4)/2 = 9/8 + 12/8.
    x = jnp.array([[1.0, 2.0], [8.0, 4.0]])
    agree(moved(x, 0.25, 0.5), jnp.float32(2.625), "float32")
    agree(moved(x, 1.0, 1.0), jnp.float32(4.0), "float32")
    # Beyond a border the neighbours are zero: 1 · 0.5 · 0.75, and 4 · 0.25 · 0.5.
    agree(moved(x, -0.5, -0.25), jnp.float32(0.375), "float32")
    agree(moved(x, 1.75, 1.5), jnp.float32(0.5), "float32")


@pytest.mark.parametrize("far", [1.0, 2.0, 17.5, 1e9, 1e18, 3e38, np.inf])
def test_a_cell_or_more_outside_is_zero(far):
    x = jnp.array([[1.0, 2.0], [8.0, 4.0]])
    for down, right in ((-far, 0.0), (0.0, -far), (1 + far, 1.0), (1.0, 1 + far), (-far, far)):
        assert moved(x, down, right) == 0
        slopes = jax.grad(moved, argnums=(0, 1, 2))(x, jnp.float32(down), jnp.float32(right))
        assert all(jnp.isfinite(slope).all() for slope in slopes)
        assert not slopes[0].any()
        assert far == 1.0 or not (slopes[1] or slopes[2])


def test_a_nan_offset_shows():
    x = jnp.ones((2, 2))
    assert jnp.isnan(moved(x, jnp.nan, 0.0))
    assert jnp.isnan(moved(x, 5.0, jnp.nan))


def test_on_a_cell_the_slope_is_that_towards_the_next():
    # Along (1, 2, 4): 2 − 1, 4 − 2 and 0 − 4; a cell before the first 1 − 0, a cell beyond the last 0.
    x = jnp.array([[1.0, 2.0, 4.0]])
    slopes = [jax.grad(moved, argnums=2)(x, jnp.float32(0), jnp.float32(right)).item() for right in (-1, 0, 1, 2, 3)]
    assert slopes == [1.0, 1.0, 2.0, -4.0, 0.0]
    assert [jax.grad(moved, argnums=1)(x.T, jnp.float32(down), jnp.float32(0)).item() for down in (-1, 0, 1, 2, 3)] == slopes


def test_the_order_of_the_offsets():
    # Two channels with their own offsets under a window of 1 × 2: group g, tap k has (down, right) at 2·(2·g + k). Only one of the four taps is
    # moved: in channel 1 the second, a cell down. Along the rows of x = (1, 2, 4), (8, 16, 32) in channel 0, and ten times that in channel 1:
    plain = jnp.array([[1.0, 2.0, 4.0], [8.0, 16.0, 32.0]])
    x = jnp.stack([plain, 10 * plain], -1)
    kernel = jnp.array([1.0, 100.0]).reshape(1, 2, 1, 1) * jnp.ones((1, 2, 2, 1))
    offset = jnp.zeros((2, 2, 8)).at[..., 2 * (2 * 1 + 1)].set(1.0)
    # First place: 1 + 2·100 + 10 + 160·100. Below, the moved tap is outside: 8 + 16·100 + 80.
    agree(deform_conv(x, offset, kernel)[:, 0, 0], jnp.array([16211.0, 1688.0]), "float32")
    # The same tap moved a cell to the left.
    offset = jnp.zeros((2, 2, 8)).at[..., 2 * (2 * 1 + 1) + 1].set(-1.0)
    agree(deform_conv(x, offset, kernel)[:, 0, 0], jnp.array([1211.0, 9688.0]), "float32")


def test_the_mask_weighs_each_tap():
    x, kernel = jnp.array([[[1.0], [2.0], [4.0]]]), jnp.array([1.0, 10.0]).reshape(1, 2, 1, 1)
    mask = jnp.array([[[1.0, 0.5], [0.0, -1.0]]])
    agree(deform_conv(x, jnp.zeros((1, 2, 4)), kernel, mask=mask).ravel(), jnp.array([11.0, -40.0]), "float32")


@st.composite
def walks(draw):
    def each(low, high):
        return draw(st.one_of(st.integers(low, high), st.tuples(st.integers(low, high), st.integers(low, high))))

    window = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    pair = st.tuples(st.integers(0, 3), st.integers(0, 3))
    padding = draw(st.one_of(st.sampled_from(["VALID", "SAME", "SAME_LOWER"]), st.integers(0, 3), st.tuples(pair, pair)))
    groups, runs = draw(st.sampled_from([1, 2, 3])), draw(st.sampled_from([1, 2, 3]))
    options = dict(stride=each(1, 3), padding=padding, dilation=each(1, 2), groups=groups)
    return window, options, runs, draw(st.tuples(st.integers(-3, 3), st.integers(-3, 3)))


def shifted(x, down, right):
    """X moved up and to the left, with zeros behind it: cell p holds what was at p + (down, right)."""
    height, width = x.shape[-3:-1]
    wide = jnp.pad(x, ((0, 0), (9, 9), (9, 9), (0, 0)))
    return wide[:, 9 + down : 9 + down + height, 9 + right : 9 + right + width]


@settings(max_examples=8, deadline=None, database=None, derandomize=True)
@given(walks())
def test_whole_offsets_shift_the_input(walk):
    # Zero offsets are the plain convolution; (a, b) that of x shifted by as many cells, of an x with wide zero borders.
    window, options, runs, (down, right) = walk
    with jax.enable_x64(True):
        x = jnp.pad(draw(0, 2, 5, 6, 6), ((0, 0), (4, 4), (4, 4), (0, 0)))
        kernel, bias = draw(1, *window, 6 // options["groups"], 6), draw(2, 6)

        @jax.jit
        def both(x):
            plain = conv(x, kernel, bias, **options)
            still = jnp.zeros((*plain.shape[:-1], 2 * runs * window[0] * window[1]))
            there = still.reshape((*plain.shape[:-1], -1, 2)) + jnp.array([down, right], still.dtype).reshape(1, 1, 1, 1, 2)
            ones = jnp.ones((*still.shape[:-1], still.shape[-1] // 2))
            moves = deform_conv(x, there.reshape(still.shape), kernel, bias, mask=ones, **options)
            return deform_conv(x, still, kernel, bias, **options), plain, moves, conv(shifted(x, down, right), kernel, bias, **options)

        got, plain, moves, want = both(x)
        agree(got, plain)
        agree(moves, want)


@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float16])
def test_halves_sample_and_accumulate_in_float32(dtype):
    # 3·3·512 = 4608 ones; a bfloat16 accumulator would stop at 256, a float16 one at 2048.
    y = jax.jit(deform_conv)(jnp.ones((3, 3, 512), dtype), jnp.zeros((1, 1, 18), dtype), jnp.ones((3, 3, 512, 1), dtype))
    assert y.dtype == dtype
    assert y.item() == 4608.0
    # Half a cell beyond cell 2100 lie halves of 2100 and 2101, a place that neither type can tell from a whole cell.
    x = jnp.zeros((1, 2200, 1), dtype).at[0, 2100].set(8)
    offset = jnp.zeros((1, 2200, 2), dtype).at[..., 1].set(0.5)
    assert jax.jit(deform_conv)(x, offset, jnp.ones((1, 1, 1, 1), dtype)).ravel()[2098:2102].tolist() == [0.0, 4.0, 4.0, 0.0]


def test_mixed_dtypes_promote():
    x, offset, kernel = jnp.ones((3, 3, 2), jnp.bfloat16), jnp.zeros((2, 2, 8), jnp.bfloat16), jnp.ones((2, 2, 2, 1), jnp.bfloat16)
    mask = jnp.ones((2, 2, 4), jnp.bfloat16)
    with jax.numpy_dtype_promotion("standard"):
        assert jax.eval_shape(deform_conv, x, offset.astype(jnp.float32), kernel).dtype == jnp.float32
        assert jax.eval_shape(lambda m: deform_conv(x, offset, kernel, mask=m), mask.astype(jnp.float32)).dtype == jnp.float32
    assert jax.eval_shape(lambda m: deform_conv(x, offset, kernel, mask=m), mask).dtype == jnp.bfloat16


@pytest.mark.parametrize("batch", [(0,), (2, 0)])
def test_empty_batches(batch):
    x, offset, kernel, bias = jnp.zeros((*batch, 5, 4, 4)), jnp.zeros((*batch, 3, 3, 24)), jnp.ones((3, 2, 2, 6)), jnp.ones(6)
    mask = jnp.zeros((*batch, 3, 3, 12))

    @jax.jit
    def value_and_pull(*arrays):
        y, pull = jax.vjp(lambda x, o, k, b, m: deform_conv(x, o, k, b, mask=m, groups=2), *arrays)
        return y, pull(y)

    y, gradients = value_and_pull(x, offset, kernel, bias, mask)
    assert y.shape == (*batch, 3, 3, 6)
    agree(gradients, (x, offset, jnp.zeros_like(kernel), jnp.zeros_like(bias), mask), "float32")


def test_any_batch_is_the_examples_one_by_one():
    with jax.enable_x64(True):
        x, offset, mask, kernel = draw(0, 2, 3, 5, 4, 2), 2 * draw(1, 2, 3, 3, 3, 24), draw(2, 2, 3, 3, 3, 12), draw(3, 3, 2, 2, 3)
        whole = jax.jit(lambda x, offset, mask: deform_conv(x, offset, kernel, mask=mask))
        agree(whole(x, offset, mask), jnp.stack([jnp.stack([whole(x[a, b], offset[a, b], mask[a, b]) for b in range(3)]) for a in range(2)]))
