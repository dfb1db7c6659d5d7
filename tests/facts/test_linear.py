"""Linear maps, worked by hand."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import affine_columns, bilinear, dense, embedding, logsumexp, one_hot
from jaxreview.loops import linear as loops

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


def test_reexports_are_jax_nns():
    assert logsumexp is jax.nn.logsumexp
    assert one_hot is jax.nn.one_hot


def test_bilinear_by_hand():
    # [1 2] · [[1 0 −1], [2 1 0]] = [5 2 −1], times [3 4 5] = 15 + 8 − 5 = 18; the second output has twice the weights, and its bias.
    weights = jnp.array([[1.0, 0.0, -1.0], [2.0, 1.0, 0.0]])
    y = bilinear(jnp.array([1.0, 2.0]), jnp.array([3.0, 4.0, 5.0]), jnp.stack([weights, 2 * weights], -1), jnp.array([0.0, 0.5]))
    agree(y, jnp.array([18.0, 36.5]), "float32")


def test_bilinear_of_unit_vectors_is_the_weight():
    kernel = jax.random.normal(jax.random.key(0), (3, 4, 5))
    i, j = jnp.eye(3), jnp.eye(4)
    for a in range(3):
        for b in range(4):
            agree(bilinear(i[a], j[b], kernel), kernel[a, b], "float32")
    # Over a constant second input it is a dense layer.
    x = jax.random.normal(jax.random.key(1), (6, 3))
    agree(bilinear(x, jnp.ones((6, 4)), kernel), dense(x, kernel.sum(1)), "float32")


def test_bilinear_halves_accumulate_in_float32():
    ones = jnp.ones((64,), jnp.bfloat16)
    # 4096 pairs of ones: a bfloat16 accumulator would stop at 256.
    assert bilinear(ones, ones, jnp.ones((64, 64, 1), jnp.bfloat16)).item() == 4096.0
    # 1.0078125² is 1.01568…, which bfloat16 rounds to 1.015625: times 64 the pairs would give 65.0, and unrounded they give 65.0039 → 65; with weights of
    # 1 and −1 for 1.0078125 · 1.0078125 and 1.015625 · 1 only the unrounded difference 2⁻¹⁴ is left.
    x1, x2 = jnp.array([1.0078125, 1.015625], jnp.bfloat16), jnp.array([1.0078125, 1.0], jnp.bfloat16)
    assert bilinear(x1, x2, jnp.array([[[1.0], [0.0]], [[0.0], [-1.0]]], jnp.bfloat16)).item() == 2.0**-14


@pytest.mark.parametrize("x64", [False, True])
def test_embedding_rows_and_their_limits(x64):
    with jax.enable_x64(x64):
        table = jnp.arange(10.0, dtype="float32").reshape(5, 2)
        # As jnp.take: −1 is the last row and −5 the first; 5 and −6 are no rows.
        ids = jnp.array([[0, 4, -1], [-5, 5, -6]])
        y = embedding(ids, table)
        nan = np.nan
        agree(y, np.array([[[0, 1], [8, 9], [8, 9]], [[0, 1], [nan, nan], [nan, nan]]]), "float32")
        agree(y, jnp.take(table, ids, axis=0), "float32")
        agree(y, loops.embedding(np.asarray(ids), np.asarray(table)), "float32")
        assert y.dtype == table.dtype


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16", "int32", "uint32"])
def test_embedding_by_ids_of_any_width(dtype):
    # 300 rows: an int8 could not hold −1 + 300.
    table = jnp.arange(300.0)[:, None]
    largest = np.iinfo(dtype).max
    ids = [0, 100, largest] + ([-1, np.iinfo(dtype).min] if dtype.startswith("i") else [])
    want = [[float(i % 300)] if -300 <= i < 300 else [np.nan] for i in map(int, ids)]
    agree(embedding(jnp.array(ids, dtype), table), np.array(want), "float32")


def test_embedding_gradient_counts_uses():
    table = jnp.ones((4, 2))
    gradient = jax.grad(lambda t: jnp.nansum(embedding(jnp.array([0, 2, 2, -1, 4, -5]), t)))(table)
    # Row 0 once, row 2 twice, the last row once by −1; the ids of no row have no part in it.
    agree(gradient, np.array([[1, 1], [0, 0], [2, 2], [1, 1]]), "float32")
    # 1000 uses of one row: a bfloat16 accumulator would stop at 256.
    ids = jnp.zeros(1000, jnp.int32)
    assert jax.grad(lambda t: embedding(ids, t).astype(jnp.float32).sum())(jnp.ones((2, 1), jnp.bfloat16))[0].item() == 1000.0


def test_embedding_is_one_hot_times_table():
    ids, table = jnp.array([[3, 0], [1, 3]]), jax.random.normal(jax.random.key(0), (4, 3))
    agree(embedding(ids, table), dense(one_hot(ids, 4), table), "float32")
    assert embedding(jnp.zeros((0,), jnp.int32), table).shape == (0, 3)
    assert embedding(jnp.array(2), table).shape == (3,)
    # Its other rows may be NaN: they are not looked at.
    agree(embedding(jnp.array([1]), jnp.array([[jnp.nan], [2.0]])), np.array([[2.0]]), "float32")


def test_one_hot():
    agree(one_hot(jnp.array([2, 0]), 3), np.array([[0, 0, 1], [1, 0, 0]]), "float32")
    agree(one_hot(jnp.array([2, 0]), 3, axis=0), np.array([[0, 1], [0, 0], [1, 0]]), "float32")
    # What is of no class has no 1: not clamped, not counted from the end.
    agree(one_hot(jnp.array([-1, 3]), 3), np.zeros((2, 3)), "float32")


def test_logsumexp():
    x = jnp.log(jnp.array([1.0, 2.0, 5.0]))
    agree(logsumexp(x), np.log(8.0), "float32")
    agree(logsumexp(x + 1000.0), 1000.0 + np.log(8.0), "float32")
    # 2 · 1 − 3 · 2 + 1 · 5 = 1, and 2 · 1 − 3 · 2 − 1 · 5 = −9.
    for b, sum_ in (([2.0, -3.0, 1.0], 1.0), ([2.0, -3.0, -1.0], -9.0)):
        value, sign = logsumexp(x, b=jnp.array(b), return_sign=True)
        assert sign == np.sign(sum_)
        agree(jnp.exp(value), abs(sum_), "float32")
    # The gradient is the softmax.
    agree(jax.grad(logsumexp)(x), np.array([1 / 8, 2 / 8, 5 / 8]), "float32")
    agree(logsumexp(jnp.array([[0.0, -jnp.inf], [-jnp.inf, -jnp.inf]]), axis=-1), np.array([0.0, -np.inf]), "float32")
    agree(jax.grad(logsumexp)(jnp.array([1e38, -1e38, -jnp.inf])), np.array([1.0, 0.0, 0.0]), "float32")
