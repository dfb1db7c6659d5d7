"""Linear maps, worked by hand."""

import jax
import jax.numpy as jnp

from jaxreview import affine_columns, dense

from agree import agree


def test_dense_by_hand():
    # [1 2] · [[1 2 3], [4 5 6]] + [10 20 30] = [1+8+10, 2+10+20, 3+12+30].
    y = dense(jnp.array([1.0, 2.0]), jnp.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), jnp.array([10.0, 20.0, 30.0]))
    agree(y, jnp.array([19.0, 32.0, 45.0]), "float32")


def test_columns_are_rows_transposed():
    key = jax.random.key(0)
    w, x, b = (jax.random.normal(k, shape) for k, shape in zip(jax.random.split(key, 3), ((4, 3), (3, 5), (4, 1)), strict=True))
    agree(affine_columns(w, x, b), dense(x.T, w.T, b[:, 0]).T, "float32")


def test_the_courses_shapes():
    # The notes: x 3 × 1 with W 4 × 3 gives z 4 × 1; X 3 × m gives Z 4 × m.
    assert affine_columns(jnp.ones((4, 3)), jnp.ones((3, 1)), jnp.ones((4, 1))).shape == (4, 1)
    assert affine_columns(jnp.ones((4, 3)), jnp.ones((3, 7)), jnp.ones((4, 1))).shape == (4, 7)


def test_halves_accumulate_in_float32():
    # 4096 ones: a bfloat16 accumulator would stop at 256, where adding one no longer changes it.
    assert dense(jnp.ones(4096, jnp.bfloat16), jnp.ones((4096, 1), jnp.bfloat16)).item() == 4096.0
    # The bias joins before the rounding: 256 + 0.75 + 0.25 is 257, rounded once to 256 or 258.
    assert dense(jnp.full(1, 256.0, jnp.bfloat16), jnp.ones((1, 1), jnp.bfloat16), jnp.full(1, 2.0, jnp.bfloat16)).item() == 258.0


def test_empty_batches():
    assert dense(jnp.zeros((0, 3)), jnp.ones((3, 2)), jnp.ones(2)).shape == (0, 2)
    assert affine_columns(jnp.ones((4, 3)), jnp.zeros((3, 0)), jnp.ones((4, 1))).shape == (4, 0)
    agree(jax.grad(lambda k: dense(jnp.zeros((0, 3)), k).sum())(jnp.ones((3, 2))), jnp.zeros((3, 2)), "float32")
