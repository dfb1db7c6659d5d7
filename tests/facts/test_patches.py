"""Unfold and fold, worked by hand."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from jaxreview import conv, fold, unfold

from agree import agree


def draw(seed, *shape):
    return jnp.asarray(np.random.default_rng(seed).standard_normal(shape))


def test_windows_by_hand():
    x = jnp.array([1.0, 2.0, 4.0, 8.0])[:, None]
    agree(unfold(x, (2,))[..., 0], jnp.array([[1.0, 2.0], [2.0, 4.0], [4.0, 8.0]]), "float32")
    agree(unfold(x, (2,), dilation=2, padding=((1, 0),))[..., 0], jnp.array([[0.0, 2.0], [1.0, 4.0], [2.0, 8.0]]), "float32")
    # Stride 3 skips; SAME over n = 4 with window 3 and stride 3 makes 2 outputs out of 6 cells: one zero before, one after.
    agree(unfold(x, (2,), stride=3, padding=((0, 1),))[..., 0], jnp.array([[1.0, 2.0], [8.0, 0.0]]), "float32")
    agree(unfold(x, (3,), stride=3, padding="SAME")[..., 0], jnp.array([[0.0, 1.0, 2.0], [4.0, 8.0, 0.0]]), "float32")


def test_the_layout_of_a_patch():
    # (*out, *window, C): patch (1, 0) of a 2 × 2 window begins at cell (1, 0), its rows before its columns before its channels.
    x = jnp.arange(24.0).reshape(3, 4, 2)
    patches = unfold(x, (2, 2))
    assert patches.shape == (2, 3, 2, 2, 2)
    agree(patches[1, 0], x[1:3, 0:2], "float32")


def test_overlaps_add_up():
    # Windows (1, 2), (3, 4), (5, 6) a cell apart: 1, 2 + 3, 4 + 5, 6; two cells apart no two meet; three apart a cell stays empty.
    patches = jnp.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])[..., None]
    agree(fold(patches, (4,)).ravel(), jnp.array([1.0, 5.0, 9.0, 6.0]), "float32")
    agree(fold(patches, (6,), stride=2).ravel(), jnp.arange(1.0, 7.0), "float32")
    agree(fold(patches, (9,), stride=3).ravel(), jnp.array([1.0, 2.0, 0.0, 3.0, 4.0, 0.0, 5.0, 6.0, 0.0]), "float32")
    # Padding is cut off; of sizes 4 and 5 with stride 2 the longer one has a cell behind that no window reaches.
    agree(fold(patches, (4,), stride=2, padding=1).ravel(), jnp.array([2.0, 3.0, 4.0, 5.0]), "float32")
    agree(fold(patches, (5,), stride=2, padding=((1, 0),)).ravel(), jnp.array([2.0, 3.0, 4.0, 5.0, 6.0]), "float32")
    agree(fold(patches[:2], (5,), stride=2).ravel(), jnp.array([1.0, 2.0, 3.0, 4.0, 0.0]), "float32")


def test_fold_is_no_inverse_but_by_its_divisor():
    # A 3 × 3 window over 5 × 4 lies on a corner once, and on the middle up to 3 · 2 times.
    with jax.enable_x64(True):
        x = draw(0, 2, 5, 4, 3)
        times = fold(unfold(jnp.ones_like(x), (3, 3)), (5, 4))
        assert times[0, :, :, 0].tolist() == [[a * b for b in (1, 2, 2, 1)] for a in (1, 2, 3, 2, 1)]
        agree(fold(unfold(x, (3, 3)), (5, 4)) / times, x)


@st.composite
def walks(draw):
    ndim = draw(st.sampled_from([1, 2, 2, 3]))

    def each(low, high):
        return draw(st.one_of(st.integers(low, high), st.tuples(*[st.integers(low, high)] * ndim)))

    window, size = (tuple(draw(st.integers(1, most)) for _ in range(ndim)) for most in (4, 7))
    names, pair = st.sampled_from(["VALID", "SAME", "SAME_LOWER"]), st.tuples(st.integers(0, 4), st.integers(0, 4))
    padding = draw(st.one_of(names, st.integers(0, 3), st.tuples(*[pair] * ndim)))
    return size, window, dict(stride=each(1, 5), padding=padding, dilation=each(1, 4)), draw(st.sampled_from([(), (2,), (1, 2)]))


@settings(max_examples=15, deadline=None, database=None, derandomize=True)
@given(walks())
def test_fold_is_the_adjoint_and_unfold_the_convolution(walk):
    size, window, options, batch = walk
    with jax.enable_x64(True):
        u, kernel = draw(0, *batch, *size, 2), draw(1, *window, 2, 3)
        try:
            there = jax.eval_shape(lambda u: unfold(u, window, **options), u)
        except ValueError:
            assume(False)
        p = draw(2, *there.shape)

        @jax.jit
        def both(u, p):
            y, pull = jax.vjp(lambda u: unfold(u, window, **options), u)
            back, pull_back = jax.vjp(lambda p: fold(p, size, **options), p)
            return y, pull(p)[0], back, pull_back(u)[0], conv(u, kernel, **options)

        y, pulled, back, pulled_back, convolved = both(u, p)
        agree(np.vdot(y, p), np.vdot(u, back))
        agree((pulled, pulled_back), (back, y))
        agree(np.tensordot(y, kernel, len(window) + 1), convolved)


def test_a_large_window_is_written_out_axis_by_axis():
    with jax.enable_x64(True):
        x = draw(0, 12, 13, 2)
        y = unfold(x, (9, 10), padding=1, stride=(1, 2))
        for place in np.ndindex(6, 3):
            agree(y[place], jnp.pad(x, ((1, 1), (1, 1), (0, 0)))[place[0] : place[0] + 9, 2 * place[1] : 2 * place[1] + 10])
        p = draw(1, *y.shape)
        agree(np.vdot(y, p), np.vdot(x, fold(p, (12, 13), padding=1, stride=(1, 2))))


def test_integers_stay_integers():
    x = jnp.arange(1, 5, dtype=jnp.int32)[:, None]
    y = unfold(x, (2,), padding=1)
    assert y.dtype == jnp.int32
    assert fold(y, (4,), padding=1).ravel().tolist() == [2, 4, 6, 8]
    assert fold(y.astype(jnp.uint8), (4,), padding=1).dtype == jnp.uint8


@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float16])
def test_halves_add_up_in_float32(dtype):
    # 2048 + 1 + 1 and 256 + 1 + 1: rounded after each sum they would stay where they began.
    large = 256.0 if dtype == jnp.bfloat16 else 2048.0
    patches = jnp.zeros((3, 3, 1), dtype).at[0, 2].set(large).at[1, 1].set(1).at[2, 0].set(1)
    y = fold(patches, (5,))
    assert y.dtype == dtype
    assert y.ravel().tolist() == [0, 0, large + 2, 0, 0]
    pulled = jax.vjp(lambda x: unfold(x, (3,)), jnp.zeros((5, 1), dtype))[1](patches)[0]
    assert pulled.ravel().tolist() == [0, 0, large + 2, 0, 0]


@pytest.mark.parametrize("batch", [(0,), (2, 0)])
def test_empty_batches(batch):
    x = jnp.zeros((*batch, 5, 4, 3))
    y, pull = jax.vjp(lambda x: unfold(x, (3, 2), stride=2, padding=1), x)
    assert y.shape == (*batch, 3, 3, 3, 2, 3)
    assert pull(y)[0].shape == x.shape
    assert fold(y, (5, 4), stride=2, padding=1).shape == x.shape
