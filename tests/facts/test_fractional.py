"""Facts of fractional max pooling."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import fractional_max_pool, max_pool

from agree import agree

KEY = jax.random.key(7)


@pytest.mark.parametrize(("n", "k", "m"), [(20, 2, 13), (9, 3, 4), (50, 2, 35), (7, 7, 1), (8, 1, 8)])
def test_windows_step_by_the_ratio_rounded_down_or_up_and_end_at_the_last_cell(n, k, m):
    # On a falling line the maximum of a window is at its first cell.
    x = jnp.broadcast_to(-jnp.arange(float(n))[:, None], (40, n, 1))
    starts = np.asarray(fractional_max_pool(KEY, x, (k,), output_size=(m,), return_indices=True)[1])[..., 0]
    ratio = (n - k) / max(m - 1, 1)
    assert (starts[:, -1] == n - k).all()
    if m > 1:
        assert (starts[:, 0] == 0).all()
        assert set(np.unique(np.diff(starts[:, :-1]))) <= {int(np.floor(ratio)), int(np.ceil(ratio))}
    if ratio != int(ratio):
        assert len({tuple(row) for row in starts}) > 1  # drawn for every example


def test_a_whole_ratio_leaves_nothing_to_chance():
    x = jnp.asarray(np.random.default_rng(0).standard_normal((2, 9, 7, 3)), jnp.float32)
    for got, want in zip(
        fractional_max_pool(KEY, x, (3, 1), output_size=(4, 4), return_indices=True), max_pool(x, (3, 1), stride=2, return_indices=True), strict=True
    ):
        agree(got, want)


def test_one_key_gives_the_same_windows_in_every_dtype():
    x = jnp.asarray(np.random.default_rng(0).permutation(60).reshape(1, 20, 3))
    want = fractional_max_pool(KEY, x, (2,), output_size=(13,), return_indices=True)[1]
    for dtype in (jnp.float32, jnp.bfloat16, jnp.int8):
        agree(fractional_max_pool(KEY, x.astype(dtype), (2,), output_size=(13,), return_indices=True)[1], want)


def test_the_first_of_equal_maxima_takes_the_whole_gradient():
    x = jnp.zeros((3, 3, 1))
    agree(jax.grad(lambda x: fractional_max_pool(KEY, x, (3, 3), output_size=(1, 1)).sum())(x).ravel(), np.eye(1, 9)[0])


def test_nan_wins():
    x = jnp.zeros((4, 1)).at[1].set(jnp.nan).at[0].set(jnp.inf)
    y, indices = fractional_max_pool(KEY, x, (4,), output_size=(1,), return_indices=True)
    assert jnp.isnan(y).all()
    assert indices.item() == 1


def test_empty_batches():
    assert fractional_max_pool(KEY, jnp.zeros((0, 6, 5, 3)), (2, 2), output_size=(4, 3)).shape == (0, 4, 3, 3)
