"""Normalized kernels, worked by hand: lengths, singular values, and what counts as constant."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import spectral_norm, weight_norm

from agree import agree


def test_weight_norm_by_hand():
    # Columns (3, 4) and (0, 2): lengths 5 and 2.
    v, g = jnp.array([[3.0, 0.0], [4.0, 2.0]]), jnp.array([10.0, -1.0])
    agree(weight_norm(v, g), np.array([[6.0, 0.0], [8.0, -1.0]]), "float32")
    # Rows (3, 0) and (4, 2).
    agree(weight_norm(v, g, axis=0), np.array([[10.0, 0.0], [-4 / 20**0.5, -2 / 20**0.5]]), "float32")


def test_slices_have_the_lengths_given():
    v, g = jax.random.normal(jax.random.key(0), (3, 2, 4, 5)), jnp.array([1.0, 2.0, 3.0, 4.0])
    agree(jnp.sqrt((weight_norm(v, g, axis=2) ** 2).sum((0, 1, 3))), g, "float32")
    # of a vector every entry is a slice
    assert weight_norm(jnp.array([3.0, -2.0, 0.0]), jnp.array([5.0, 6.0, 7.0])).tolist() == [5.0, -6.0, 0.0]


def test_a_zero_direction_gives_zero():
    v, g = jnp.array([[0.0, 3.0], [0.0, 4.0]]), jnp.array([5.0, 5.0])
    w, pull = jax.vjp(weight_norm, v, g)
    assert w.tolist() == [[0.0, 3.0], [0.0, 4.0]]
    dv, dg = pull(jnp.ones_like(v))
    assert dv[:, 0].tolist() == [0.0, 0.0]
    # along the second column: g/‖v‖ · (1 − u Σu) with u = (0.6, 0.8), and Σu.
    agree(dv[:, 1], 1 - np.array([0.6, 0.8]) * 1.4, "float32")
    agree(dg, np.array([0.0, 1.4]), "float32")


@pytest.mark.parametrize("size", [1e-30, 1e18, 1e37])
def test_directions_of_any_size(size):
    v = np.random.default_rng(0).standard_normal((6, 4))
    agree(weight_norm(jnp.asarray(size * v, jnp.float32), jnp.ones(4)), v / np.sqrt((v**2).sum(0)), "float32")
    u = np.random.default_rng(1).standard_normal(4)
    kernel, new = spectral_norm(jnp.asarray(size * v, jnp.float32), jnp.asarray(u, jnp.float32), steps=100)
    _, values, right = np.linalg.svd(v)
    agree(kernel, v / values[0], "float32")
    agree(new * jnp.sign(new[0]), right[0] * np.sign(right[0, 0]), "float32")


def test_spectral_norm_by_hand():
    # K = diag(3, 1), u = (1, 1)/√2: v = (3, 1)/√10, u = (9, 1)/√82, v = (27, 1)/√730, σ = vᵀ K u = √730 / √82.
    kernel = jnp.array([[3.0, 0.0], [0.0, 1.0]])
    divided, u = spectral_norm(kernel, jnp.array([7.0, 7.0]))
    agree(u, np.array([9.0, 1.0]) / np.sqrt(82), "float32")
    agree(divided, np.diag([3.0, 1.0]) * np.sqrt(82 / 730), "float32")
    # Without a step u stays what it is, and σ = ‖K u‖ / ‖u‖ = √10 / √2.
    divided, u = spectral_norm(kernel, jnp.array([7.0, 7.0]), steps=0)
    assert u.tolist() == [7.0, 7.0]
    agree(divided, np.diag([3.0, 1.0]) / np.sqrt(5), "float32")


def test_steps_go_on_where_the_last_call_stopped():
    kernel, u = jax.random.normal(jax.random.key(0), (2, 3, 5)), jax.random.normal(jax.random.key(1), (5,))
    once = u
    for _ in range(3):
        divided, once = spectral_norm(kernel, once)
    agree((divided, once), spectral_norm(kernel, u, steps=3), "float32")


def test_the_gradient_takes_u_and_v_as_constants():
    with jax.enable_x64(True):
        kernel, u = jax.random.normal(jax.random.key(0), (3, 4)), jax.random.normal(jax.random.key(1), (4,))
        weights = jax.random.normal(jax.random.key(2), (3, 4))
        new = spectral_norm(kernel, u)[1]
        v = kernel @ new
        v = v / jnp.linalg.norm(v)
        # d/dK of Σ w K / (vᵀ K u) is w / σ − Σ(w K) / σ² · v uᵀ.
        sigma = v @ kernel @ new
        want = weights / sigma - (weights * kernel).sum() / sigma**2 * jnp.outer(v, new)
        dkernel, du = jax.grad(lambda k, u: (weights * spectral_norm(k, u)[0]).sum(), argnums=(0, 1))(kernel, u)
        agree(dkernel, want)
        assert (du == 0).all()
        through_u = jax.grad(lambda k: spectral_norm(k, u)[1].sum())(kernel)
        assert (through_u == 0).all()


def test_a_zero_kernel_stays_zero():
    for u in (jnp.zeros(3), jnp.ones(3)):
        (kernel, new), pull = jax.vjp(lambda k, u=u: spectral_norm(k, u), jnp.zeros((2, 3)))
        assert (kernel == 0).all()
        assert jnp.isfinite(new).all()
        assert jnp.isfinite(pull((jnp.ones((2, 3)), jnp.ones(3)))[0]).all()


def test_halves_keep_their_dtype():
    with jax.numpy_dtype_promotion("standard"):
        kernel, u = spectral_norm(jnp.ones((300, 2), jnp.bfloat16), jnp.ones(2, jnp.float32))
        assert (kernel.dtype, u.dtype) == (jnp.float32, jnp.float32)
        kernel, u = spectral_norm(jnp.ones((300, 2), jnp.float32), jnp.ones(2, jnp.bfloat16))
        assert (kernel.dtype, u.dtype) == (jnp.float32, jnp.bfloat16)
    # 60000 squares of 1: their float16 sum would be beyond 2048, where it stops
    w = weight_norm(jnp.ones((60000, 1), jnp.float16), jnp.full(1, 245.0, jnp.float16))
    agree(w[0, 0], np.array(245 / np.sqrt(60000)), "float16")
