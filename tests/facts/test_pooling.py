"""Numbers worked out by hand, conventions at ties, at NaN, in padding, and identities of the pools."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import avg_pool, lp_pool, max_pool, max_unpool, zero_unpool
from jaxreview.loops import pooling as loops

from agree import agree


def line(*values, dtype=jnp.float32):
    """A 1-D plane of one channel, without batch axes."""
    return jnp.array(values, dtype).reshape(-1, 1)


def square(*rows):
    return jnp.array(rows, jnp.float32)[..., None]


PLANE = square([1, 5, 2, 0], [3, 4, 8, 7], [9, 6, 0, 1])


def test_max_pool_by_hand():
    # windows of 2×2, one step apart: rows (0, 1) give 5 8 8, rows (1, 2) give 9 8 8
    y, indices = max_pool(PLANE, (2, 2), stride=1, return_indices=True)
    agree(y[..., 0], np.array([[5.0, 8, 8], [9, 8, 8]]))
    agree(indices[..., 0], np.array([[1, 6, 6], [8, 6, 6]]))


def test_indices_count_the_unpadded_plane():
    # With one cell of padding the first window sees only cell (0, 0), whose number is 0 and not 5·1 + 1 as in the padded plane.
    y, indices = max_pool(PLANE, (2, 2), padding=1, return_indices=True)
    agree(y[..., 0], np.array([[1.0, 5, 0], [9, 8, 7]]))
    agree(indices[..., 0], np.array([[0, 1, 3], [8, 6, 7]]))


def test_indices_of_each_example_and_channel_start_at_zero():
    x = jnp.stack([PLANE[..., 0], -PLANE[..., 0]], -1)[None].repeat(3, 0)
    indices = max_pool(x, (3, 4), return_indices=True)[1]
    assert indices.shape == (3, 1, 1, 2)
    agree(indices[:, 0, 0], np.array([[8, 3]] * 3))  # 9 is cell 8; the greatest of −x is −0 at cell 3, before the one at cell 10


@pytest.mark.parametrize("indexed", [False, True])
@pytest.mark.parametrize("stride", [1, 2])
def test_the_first_of_equal_maxima_takes_the_whole_gradient(indexed, stride):
    def total(x):
        y = max_pool(x, (2, 2), stride=stride, return_indices=indexed)
        return (y[0] if indexed else y).sum()

    agree(jax.grad(total)(square([7, 7], [7, 7])).ravel(), np.array([1.0, 0, 0, 0]))


def test_ties_over_rows_and_columns():
    # The maximum 7 stands at (0, 2) and (1, 0): row-major order puts (0, 2) first, though (1, 0) is in an earlier column.
    x = square([1, 2, 7], [7, 3, 4])
    for window, options in (((2, 3), {}), ((2, 3), dict(stride=1))):
        assert max_pool(x, window, return_indices=True, **options)[1].item() == 2


@pytest.mark.parametrize("size", [3, 6, 7, 8, 13, 40])
def test_ties_in_windows_of_every_length(size):
    # all equal: the winner of the window at o is cell o itself, whose gradient counts the windows
    x = jnp.zeros((size + 4, 1))
    agree(max_pool(x, (size,), stride=1, return_indices=True)[1].ravel(), np.arange(5))
    agree(jax.grad(lambda x: max_pool(x, (size,), stride=1).sum())(x).ravel(), np.where(np.arange(size + 4) < 5, 1.0, 0.0))


@pytest.mark.parametrize("length", [3, 9])
def test_nan_wins_and_the_first_of_them(length):
    x = jnp.zeros((length + 2, 1)).at[1].set(jnp.nan).at[2].set(jnp.nan).at[0].set(jnp.inf)
    y, indices = max_pool(x, (length,), stride=1, return_indices=True)
    assert jnp.isnan(y).ravel().tolist() == [True, True, True]
    agree(indices.ravel(), np.array([1, 1, 2]))


def test_a_window_of_minus_infinity_names_a_cell_of_the_input():
    x = jnp.full((4, 4, 1), -jnp.inf)
    y, indices = max_pool(x, (3, 3), stride=1, padding=1, return_indices=True)
    assert jnp.isneginf(y).all()
    agree(indices[..., 0], np.array([[0, 0, 1, 2], [0, 0, 1, 2], [4, 4, 5, 6], [8, 8, 9, 10]]))  # the first cell inside
    # Without padding one of them has the gradient; the windows at the edges lose theirs to the padding, which is −inf as well.
    agree(jax.grad(lambda x: max_pool(x, (2, 2)).sum())(x)[..., 0].sum(), np.float32(4))
    assert jnp.isfinite(jax.grad(lambda x: max_pool(x, (3, 3), stride=1, padding=1).sum())(x)).all()


@pytest.mark.parametrize("dtype", [jnp.float32, jnp.int32])
@pytest.mark.parametrize(
    ("spatial", "window", "options"),
    [
        ((9,), (3,), dict(stride=1, padding=2, dilation=2)),
        ((9,), (4,), dict(stride=2, padding="SAME_LOWER", dilation=3)),
        ((20,), (9,), dict(stride=1, padding=4)),
        ((6, 7), (3, 3), dict(stride=2, padding=1, dilation=(2, 1), ceil_mode=True)),
        ((4, 5, 6), (3, 2, 3), dict(stride=2, padding=1, dilation=(1, 2, 1))),
    ],
)
def test_where_all_are_equal_and_least_the_first_cell_under_the_window_wins(spatial, window, options, dtype):
    x = jnp.full((*spatial, 1), -jnp.inf if dtype == jnp.float32 else jnp.iinfo(dtype).min, dtype)
    agree(max_pool(x, window, return_indices=True, **options)[1], loops.max_pool(np.asarray(x), window, return_indices=True, **options)[1])


def test_integers_keep_their_dtype_and_their_least_value():
    x = jnp.array([-128, -128, 5, -7], jnp.int8).reshape(4, 1)
    y, indices = max_pool(x, (2,), stride=1, padding=1, return_indices=True)
    assert y.dtype == jnp.int8
    agree(y.ravel(), np.array([-128, -128, 5, 5, -7]))
    agree(indices.ravel(), np.array([0, 0, 2, 2, 3]))


def test_padding_never_wins():
    agree(max_pool(line(-3, -2, -5), (3,), stride=1, padding=1).ravel(), np.array([-2.0, -2, -2]))


def test_dilation_skips_cells():
    # taps 0 and 2: max(1, 2), max(9, 0), max(2, 4)
    agree(max_pool(line(1, 9, 2, 0, 4), (2,), stride=1, dilation=2).ravel(), np.array([2.0, 9, 4]))


def test_max_pool_without_stride_takes_the_window():
    assert max_pool(jnp.zeros((2, 9, 8, 3)), (2, 3)).shape == (2, 4, 2, 3)


@pytest.mark.parametrize("pool", [max_pool, avg_pool])
def test_ceil_mode_adds_only_windows_that_start_inside(pool):
    assert pool(jnp.zeros((5, 1)), (2,)).shape == (2, 1)
    assert pool(jnp.zeros((5, 1)), (2,), ceil_mode=True).shape == (3, 1)
    # 3 cells and one of padding on each side: ⌈(5 − 2) / 2⌉ + 1 = 3 windows, and the third would start at cell 3, which is padding
    assert pool(jnp.zeros((3, 1)), (2,), padding=1, ceil_mode=True).shape == (2, 1)


@pytest.mark.parametrize("pool", [max_pool, avg_pool])
def test_padding_over_half_the_window_is_refused(pool):
    assert pool(jnp.zeros((6, 6, 1)), (3, 4), padding=(1, 2)).shape == (2, 2, 1)
    with pytest.raises(ValueError, match="at most half"):
        pool(jnp.zeros((6, 6, 1)), (3, 4), padding=(2, 2))


def test_a_window_that_dilation_puts_wholly_into_padding_is_refused():
    with pytest.raises(ValueError, match="only padding"):
        max_pool(jnp.zeros((2, 1)), (2,), stride=1, padding=2, dilation=4)


def test_count_include_pad_at_the_corner():
    # Under the 3×3 window at the corner lie 4 of 9 cells.
    ones = jnp.ones((3, 3, 1))
    for padding in (1, "SAME"):
        counted = avg_pool(ones, (3, 3), stride=1, padding=padding)[..., 0]
        agree(counted[0], np.array([4 / 9, 6 / 9, 4 / 9]), "float32")
        agree(avg_pool(ones, (3, 3), stride=1, padding=padding, count_include_pad=False), ones, "float32")


def test_ceil_mode_divisors():
    # 1 2 3 4 5 6 with window 4, stride 3, padding (2, 0): windows (·, ·, 1, 2), (2, 3, 4, 5), and rounded up (5, 6, –, –), whose two last cells
    # are neither input nor padding. Counted: 3/4, 14/4, 11/2; not counted: 3/2, 14/4, 11/2; divisor 8: 3/8, 14/8, 11/8.
    options = dict(stride=3, padding=((2, 0),), ceil_mode=True)
    x = line(1, 2, 3, 4, 5, 6)
    agree(avg_pool(x, (4,), **options).ravel(), np.array([0.75, 3.5, 5.5]))
    agree(avg_pool(x, (4,), count_include_pad=False, **options).ravel(), np.array([1.5, 3.5, 5.5]))
    for counted in (True, False):
        agree(avg_pool(x, (4,), count_include_pad=counted, divisor=8, **options).ravel(), np.array([0.375, 1.75, 1.375]))


def test_avg_pool_of_a_constant_is_the_constant():
    # Where only cells of the input count, the weights of every window sum to one.
    x = jnp.full((7, 8, 2), 1.5)
    y = avg_pool(x, (3, 4), stride=2, padding=(1, 2), ceil_mode=True, count_include_pad=False)
    agree(y, jnp.full_like(y, 1.5), "float32")


@pytest.mark.parametrize(
    "options", [{}, dict(stride=1, padding=1), dict(stride=(2, 3), padding="SAME", ceil_mode=True), dict(count_include_pad=False, padding=1)]
)
def test_the_gradient_of_avg_pool_is_its_adjoint(options):
    # avg_pool is linear: ⟨avg_pool(u), v⟩ = ⟨u, avg_poolᵀ(v)⟩ for all u and v.
    with jax.enable_x64(True):
        rng = np.random.default_rng(0)
        u = jnp.asarray(rng.standard_normal((2, 6, 7, 3)))
        y, pull = jax.vjp(lambda x: avg_pool(x, (3, 2), **options), jnp.zeros_like(u))
        v = jnp.asarray(rng.standard_normal(y.shape))
        agree(jnp.vdot(avg_pool(u, (3, 2), **options), v), jnp.vdot(u, pull(v)[0]))


@pytest.mark.parametrize("dtype", [jnp.float16, jnp.bfloat16])
def test_halves_are_summed_in_float32(dtype):
    # 4096 cells of 1.0 sum to 4096, where bfloat16 stops at 256 and float16 at 2048; and 60000 four times is beyond float16.
    assert avg_pool(jnp.ones((4096, 1), dtype), (4096,)).item() == 1.0
    assert jnp.isfinite(avg_pool(jnp.full((4, 1), 60000, dtype), (4,))).all()
    # Each of 4096 windows sends a gradient of 1 to the one maximum.
    assert jax.jit(jax.grad(lambda x: max_pool(x, (4096,), stride=1).sum()))(jnp.zeros((8191, 1), dtype).at[4095].set(1))[4095].item() == 4096


def test_unpool_puts_back_what_pool_took():
    pooled, indices = max_pool(PLANE, (2, 2), return_indices=True)
    back = max_unpool(pooled, indices, output_size=(3, 4))
    agree(back[..., 0], np.array([[0.0, 5, 0, 0], [0, 0, 8, 0], [0, 0, 0, 0]]))
    # On maxima that are not negative, pooling again gives them back.
    agree(max_pool(back, (2, 2)), pooled)


def test_a_negative_maximum_is_lost_when_pooled_again():
    # −1 returns to its cell, and the 0 beside it beats it.
    pooled, indices = max_pool(line(-1, -2), (2,), return_indices=True)
    back = max_unpool(pooled, indices, output_size=(2,))
    agree(back.ravel(), np.array([-1.0, 0]))
    agree(max_pool(back, (2,)).ravel(), np.array([0.0]))


def test_the_last_duplicate_stays_and_alone_gets_a_gradient():
    x, indices = line(1, 2, 3, 4), jnp.array([2, 0, 2, 0]).reshape(4, 1)
    y, pull = jax.vjp(lambda x: max_unpool(x, indices, output_size=(4,)), x)
    agree(y.ravel(), np.array([4.0, 0, 3, 0]))
    agree(pull(line(10, 20, 30, 40))[0].ravel(), np.array([0.0, 0, 30, 10]))


def test_a_loser_that_is_not_finite_leaves_no_trace():
    y = max_unpool(line(np.nan, np.inf, 3), jnp.zeros((3, 1), jnp.int32), output_size=(2,))
    agree(y.ravel(), np.array([3.0, 0]))


@pytest.mark.parametrize("dtype", [jnp.int8, jnp.uint8, jnp.int16, jnp.uint32, jnp.int32])
def test_every_integer_dtype_indexes(dtype):
    indices = jnp.array([120, 3], dtype).reshape(2, 1)
    y = max_unpool(line(1, 2), indices, output_size=(300,))
    assert y.shape == (300, 1)
    assert (y[120, 0].item(), y[3, 0].item(), y.sum().item()) == (1, 2, 3)


def test_indices_beyond_int32_are_not_wrapped_into_range():
    with jax.enable_x64(True):
        indices = jnp.array([2**32 + 1, 0]).reshape(2, 1)
        with pytest.raises(ValueError, match="0 to 3"):
            max_unpool(line(1, 2), indices, output_size=(4,))
        agree(jax.jit(lambda x, i: max_unpool(x, i, output_size=(4,)))(line(1, 2), indices).ravel(), np.array([2.0, 0, 0, 0]))


def test_indices_out_of_range_are_refused_where_they_are_known_and_dropped_where_they_are_traced():
    def unpool(x, indices):
        return max_unpool(x, indices, output_size=(4,))

    x, indices = line(1, 2, 3), jnp.array([-1, 4, 2]).reshape(3, 1)
    with pytest.raises(ValueError, match="-1 to 4"):
        unpool(x, indices)
    agree(jax.jit(unpool)(x, indices).ravel(), np.array([0.0, 0, 3, 0]))
    agree(jax.vmap(unpool)(x[None], indices[None]).ravel(), np.array([0.0, 0, 3, 0]))
    with pytest.raises(ValueError, match="-1 to 4"):  # known to the trace of x
        jax.jit(lambda x: unpool(x, indices))(x)


@pytest.mark.parametrize("batch", [(0,), (2, 0)])
def test_empty_batches(batch):
    x = jnp.zeros((*batch, 6, 5, 3))
    y, indices = max_pool(x, (2, 2), return_indices=True)
    assert y.shape == indices.shape == avg_pool(x, (2, 2)).shape == (*batch, 3, 2, 3)
    assert max_unpool(y, indices, output_size=(6, 5)).shape == x.shape
    for pool in (max_pool, avg_pool):
        assert jax.grad(lambda x, pool=pool: pool(x, (2, 2), stride=1, padding=1).sum())(x).shape == x.shape


def test_a_window_of_one_cell_is_the_identity():
    x = jnp.asarray(np.random.default_rng(0).standard_normal((2, 3, 4, 5)), jnp.float32)
    y, indices = max_pool(x, (1, 1), return_indices=True)
    agree(y, x)
    agree(avg_pool(x, (1, 1)), x)
    agree(indices, np.broadcast_to(np.arange(12).reshape(1, 3, 4, 1), x.shape))


def test_lp_pool_by_hand():
    x = line(3, -4, 1, 2, -2)
    agree(lp_pool(x, (2,)).ravel(), np.array([5.0, np.sqrt(5)]), "float32")
    agree(lp_pool(x, (2,), p=1).ravel(), np.array([7.0, 3]))
    agree(lp_pool(x, (3,), p=3).ravel(), np.array([92 ** (1 / 3)]), "float32")  # 27 + 64 + 1
    agree(lp_pool(x, (2,), ceil_mode=True).ravel(), np.array([5.0, np.sqrt(5), 2]), "float32")


@pytest.mark.parametrize("p", [1, 1.5, 2, 3, 7])
def test_lp_pool_loses_neither_large_nor_tiny_values(p):
    # ‖(v, v)‖ = 2^(1/p)·v, also where v^p is beyond float32 on either side
    for v in (1e30, 1e-30):
        agree(lp_pool(line(v, -v), (2,), p=p).item() / v, np.float64(2 ** (1 / p)), "float32")
        slope = jax.grad(lambda x: lp_pool(x, (2,), p=p).sum())(line(v, -v)).ravel()
        agree(slope, 2 ** (1 / p - 1) * np.array([1.0, -1]), "float32")


@pytest.mark.parametrize("p", [1, 1.5, 2, 3])
def test_the_gradient_of_lp_pool_at_zeros_is_zero(p):
    agree(jax.grad(lambda x: lp_pool(x, (2, 2), p=p).sum())(jnp.zeros((4, 4, 1))), jnp.zeros((4, 4, 1)))


def test_lp_pool_with_many_powers_nears_the_maximum():
    agree(lp_pool(PLANE, (3, 4), p=64).ravel(), np.array([(9.0**64 + 8.0**64 + 7.0**64) ** (1 / 64)]), "float32")


def test_a_nan_reaches_only_its_own_windows():
    x = jnp.ones((4, 1)).at[0].set(jnp.nan)
    for pool in (avg_pool, lp_pool, max_pool):
        assert jnp.isnan(pool(x, (2,))).ravel().tolist() == [True, False]


def test_zero_unpool_by_hand():
    agree(zero_unpool(square([1, 2], [3, 4]), (2, 3))[..., 0], np.array([[1.0, 0, 0, 2, 0, 0], [0] * 6, [3, 0, 0, 4, 0, 0], [0] * 6]))


def test_zero_unpool_is_max_unpool_at_the_first_corners():
    x = jnp.asarray(np.random.default_rng(0).standard_normal((2, 2, 3, 5)), jnp.float32)
    corners = jnp.broadcast_to(jnp.array([[0, 2, 4], [12, 14, 16]])[None, :, :, None], x.shape)
    agree(zero_unpool(x, (2, 2)), max_unpool(x, corners, output_size=(4, 6)))
    agree(max_pool(jnp.maximum(zero_unpool(x, (2, 2)), 0), (2, 2)), jnp.maximum(x, 0))


def test_max_pool_and_max_unpool_are_adjoint_where_the_switches_stay():
    # With the maxima of u at the switches, ⟨pool'(u)·v, w⟩ = ⟨v, unpool(w)⟩ for all v and w.
    with jax.enable_x64(True):
        rng = np.random.default_rng(0)
        u, v = (jnp.asarray(rng.standard_normal((2, 6, 8, 3))) for _ in range(2))
        switches = max_pool(u, (2, 2), return_indices=True)[1]
        w = jnp.asarray(rng.standard_normal(switches.shape))
        slope = jax.jvp(lambda x: max_pool(x, (2, 2)), (u,), (v,))[1]
        agree(jnp.vdot(slope, w), jnp.vdot(v, max_unpool(w, switches, output_size=(6, 8))))


@pytest.mark.parametrize(
    ("window", "options"),
    [((3,), dict(stride=2, padding=1)), ((5,), dict(stride=1, padding=2)), ((2,), dict(stride=3)), ((3,), dict(stride=2, dilation=3, padding=2)), ((9,), {})],
)
def test_the_gradient_of_max_pool_goes_where_the_indices_say(window, options):
    # Whatever order of passes the value and the gradient take: each output's gradient lands on its index.
    x = jnp.asarray(np.random.default_rng(0).permutation(2 * 23 * 3).reshape(2, 23, 3), jnp.float32)
    y, pull, indices = jax.vjp(lambda x: max_pool(x, window, return_indices=True, **options), x, has_aux=True)
    want = np.zeros(x.shape)
    for n, o, c in np.ndindex(*y.shape):
        want[n, indices[n, o, c], c] += o + 1
    agree(pull(jnp.broadcast_to(jnp.arange(1.0, y.shape[1] + 1)[:, None], y.shape))[0], want, "float32")
    agree(indices, max_pool(x, window, return_indices=True, **options)[1])
