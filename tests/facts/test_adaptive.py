"""Numbers worked out by hand and identities of pooling to a given number of cells."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import adaptive_avg_pool, adaptive_max_pool, avg_pool, global_avg_pool, global_max_pool, max_pool

from agree import agree


def line(*values, dtype=jnp.float32):
    return jnp.array(values, dtype).reshape(-1, 1)


def test_ten_cells_to_four():
    # windows 0–2, 2–4, 5–7, 7–9: they overlap by one where 10/4 is no whole number
    x = line(*range(10))
    agree(adaptive_avg_pool(x, (4,)).ravel(), np.array([1.0, 3, 6, 8]))
    agree(adaptive_max_pool(x, (4,)).ravel(), np.array([2.0, 4, 7, 9]))


def test_three_cells_to_five():
    # windows 0, 0–1, 1, 1–2, 2
    x = line(0, 6, 2)
    agree(adaptive_avg_pool(x, (5,)).ravel(), np.array([0.0, 3, 6, 4, 2]))
    y, indices = adaptive_max_pool(x, (5,), return_indices=True)
    agree(y.ravel(), np.array([0.0, 6, 6, 6, 2]))
    agree(indices.ravel(), np.array([0, 1, 1, 1, 2]))


@pytest.mark.parametrize(("spatial", "window"), [((12,), (4,)), ((6, 8), (3, 2)), ((4, 6, 2), (2, 3, 1))])
def test_where_the_sizes_divide_it_is_a_pool_of_windows(spatial, window):
    x = jnp.asarray(np.random.default_rng(0).standard_normal((2, *spatial, 3)), jnp.float32)
    size = tuple(n // k for n, k in zip(spatial, window, strict=True))
    agree(adaptive_avg_pool(x, size), avg_pool(x, window), "float32")
    for got, want in zip(adaptive_max_pool(x, size, return_indices=True), max_pool(x, window, return_indices=True), strict=True):
        agree(got, want)


def test_an_axis_kept_is_an_axis_of_its_own_size():
    x = jnp.asarray(np.random.default_rng(0).standard_normal((2, 5, 7, 3)), jnp.float32)
    agree(adaptive_avg_pool(x, (None, 3)), adaptive_avg_pool(x, (5, 3)))
    agree(adaptive_max_pool(x, (None, None)), x)


def test_global_is_adaptive_to_one_cell():
    x = jnp.asarray(np.random.default_rng(0).standard_normal((2, 5, 7, 3)), jnp.float32)
    agree(global_avg_pool(x), adaptive_avg_pool(x, (1, 1))[:, 0, 0], "float32")
    agree(global_max_pool(x, keepdims=True), adaptive_max_pool(x, (1, 1)))
    assert global_avg_pool(x, ndim=1, keepdims=True).shape == (2, 5, 1, 3)
    assert global_max_pool(x, ndim=3).shape == (3,)


@pytest.mark.parametrize("pool", [lambda x: adaptive_max_pool(x, (1, 1)), global_max_pool])
def test_the_first_of_equal_maxima_takes_the_whole_gradient(pool):
    # 7 stands at (0, 2) and (1, 0): row-major order puts (0, 2) first
    x = jnp.array([[1.0, 2, 7], [7, 3, 4]])[..., None]
    agree(jax.grad(lambda x: pool(x).sum())(x)[..., 0], np.array([[0.0, 0, 1], [0, 0, 0]]))


def test_nan_wins_and_the_first_of_them():
    x = line(np.inf, np.nan, np.nan, 0, 1, 2)
    y, indices = adaptive_max_pool(x, (2,), return_indices=True)
    assert jnp.isnan(y[0, 0])
    agree(indices.ravel(), np.array([1, 5]))
    assert jnp.isnan(global_max_pool(x, ndim=1)).all()


def test_what_is_not_finite_stays_in_its_windows():
    for n, m in ((10, 4), (41, 35)):
        x = jnp.zeros((n, 1)).at[0].set(jnp.inf)
        assert jnp.isinf(adaptive_avg_pool(x, (m,))).sum() == 1
        assert jnp.isfinite(adaptive_avg_pool(x, (m,))[1:]).all()


@pytest.mark.parametrize(("spatial", "size"), [((10,), (4,)), ((5, 7), (3, 9)), ((41,), (35,)), ((4, 5, 6), (3, 5, 1))])
def test_the_gradient_of_adaptive_avg_pool_is_its_adjoint(spatial, size):
    with jax.enable_x64(True):
        rng = np.random.default_rng(0)
        u = jnp.asarray(rng.standard_normal((2, *spatial, 3)))
        y, pull = jax.vjp(lambda x: adaptive_avg_pool(x, size), jnp.zeros_like(u))
        v = jnp.asarray(rng.standard_normal(y.shape))
        agree(jnp.vdot(adaptive_avg_pool(u, size), v), jnp.vdot(u, pull(v)[0]))


@pytest.mark.parametrize("dtype", [jnp.float16, jnp.bfloat16])
def test_halves_are_summed_in_float32(dtype):
    ones = jnp.ones((4096, 1), dtype)
    assert global_avg_pool(ones, ndim=1).item() == adaptive_avg_pool(ones, (1,)).item() == 1
    assert adaptive_avg_pool(ones, (4095,)).dtype == dtype
    assert jax.grad(lambda x: adaptive_max_pool(x, (4096,)).sum().astype(jnp.float32))(jnp.ones((1, 1), dtype)).item() == 4096


def test_empty_batches():
    x = jnp.zeros((2, 0, 6, 5, 3))
    assert adaptive_avg_pool(x, (3, 2)).shape == adaptive_max_pool(x, (3, 2)).shape == (2, 0, 3, 2, 3)
    assert global_avg_pool(x).shape == global_max_pool(x).shape == (2, 0, 3)
