"""Numbers worked out by hand and identities of the shuffles."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import channel_shuffle, conv_transpose, pixel_shuffle, pixel_unshuffle

from agree import agree


def test_channels_are_ordered_by_channel_row_and_column():
    # Two channels of 2×2 blocks from eight: channel 0 has 0 1 / 2 3 and channel 1 has 4 5 / 6 7.
    y = pixel_shuffle(jnp.arange(8).reshape(1, 1, 8), 2)
    agree(y[..., 0], np.array([[0, 1], [2, 3]]))
    agree(y[..., 1], np.array([[4, 5], [6, 7]]))


def test_blocks_stay_where_they_were():
    x = jnp.arange(2 * 3 * 4).reshape(2, 3, 4)
    agree(pixel_shuffle(x, 2)[2:, 4:, 0], x[1, 2].reshape(2, 2))


@pytest.mark.parametrize("factor", [1, 2, 3])
@pytest.mark.parametrize("dtype", [jnp.float32, jnp.int8, jnp.bool_])
def test_shuffle_and_unshuffle_undo_each_other(factor, dtype):
    x = jnp.asarray(np.random.default_rng(0).integers(0, 2, (2, 6, 12, 18)), dtype)
    agree(pixel_shuffle(pixel_unshuffle(x, factor), factor), x)
    x = jnp.asarray(np.random.default_rng(0).integers(0, 2, (2, 3, 2, 2 * factor**2)), dtype)
    agree(pixel_unshuffle(pixel_shuffle(x, factor), factor), x)


def test_the_gradient_of_a_shuffle_is_the_unshuffle():
    x = jnp.asarray(np.random.default_rng(0).standard_normal((2, 3, 4, 8)), jnp.float32)
    y, pull = jax.vjp(lambda x: pixel_shuffle(x, 2), x)
    agree(pull(y)[0], pixel_unshuffle(y, 2))


def test_pixel_shuffle_is_a_transposed_convolution():
    # with a kernel that takes channel c·r² + i·r + j to cell (i, j) of channel c
    kernel = np.zeros((2, 2, 3, 12), np.float32)
    for c, i, j in np.ndindex(3, 2, 2):
        kernel[i, j, c, c * 4 + i * 2 + j] = 1
    x = jnp.asarray(np.random.default_rng(0).standard_normal((2, 3, 4, 12)), jnp.float32)
    agree(pixel_shuffle(x, 2), conv_transpose(x, jnp.asarray(kernel), stride=2), "float32")


def test_channel_shuffle_by_hand():
    agree(channel_shuffle(jnp.arange(12), 3), np.array([0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]))


@pytest.mark.parametrize("groups", [1, 2, 3, 4, 6, 12])
def test_channel_shuffle_is_undone_by_that_with_the_size_of_a_group(groups):
    x = jnp.arange(24).reshape(2, 12)
    agree(channel_shuffle(channel_shuffle(x, groups), 12 // groups), x)


def test_empty_batches():
    x = jnp.zeros((2, 0, 4, 6, 8))
    assert pixel_shuffle(x, 2).shape == (2, 0, 8, 12, 2)
    assert pixel_unshuffle(x, 2).shape == (2, 0, 2, 3, 32)
    assert channel_shuffle(x, 4).shape == x.shape
