"""Attention, worked by hand: what a query sees, and what it gives when it sees nothing."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import dot_product_attention

from agree import agree

# one head, one feature: the scores are the products of two numbers, scaled by 1
ZERO = jnp.zeros((1, 3, 1, 1))
VALUES = jnp.array([2.0, 4.0, 12.0]).reshape(1, 3, 1, 1)


def drawn(*shapes, seed=0):
    return [jnp.asarray(np.random.default_rng([seed, i]).standard_normal(shape), jnp.float32) for i, shape in enumerate(shapes)]


def test_by_hand():
    # Scores ln 1, ln 2, ln 5 for one query: weights 1/8, 2/8, 5/8 of 2, 4, 12.
    query, key = jnp.ones((1, 1, 1)), jnp.log(jnp.array([1.0, 2.0, 5.0])).reshape(3, 1, 1)
    agree(dot_product_attention(query, key, VALUES[0]).ravel(), np.array([(2 + 8 + 60) / 8]), "float32")
    # Scale 2 squares the exponentials: 1, 4, 25 of 30.
    y, residual = dot_product_attention(query, key, VALUES[0], scale=2.0, return_residual=True)
    agree(y.ravel(), np.array([(2 + 16 + 300) / 30]), "float32")
    agree(residual, np.log([[30.0]]), "float32")


def test_the_scale_is_of_the_features():
    query, key, value = drawn((2, 3, 1, 9), (2, 4, 1, 9), (2, 4, 1, 9))
    agree(dot_product_attention(query, key, value), dot_product_attention(query / 3, key, value, scale=1.0), "float32")


def test_equal_scores_give_the_mean_of_what_is_seen():
    def seen(**settings):
        return dot_product_attention(ZERO, ZERO, VALUES, **settings).ravel()

    agree(seen(), np.array([6.0, 6.0, 6.0]), "float32")
    agree(seen(is_causal=True), np.array([2.0, 3.0, 6.0]), "float32")
    agree(seen(local_window_size=(1, 0)), np.array([2.0, 3.0, 8.0]), "float32")
    agree(seen(local_window_size=(0, 1)), np.array([3.0, 8.0, 12.0]), "float32")
    agree(seen(local_window_size=1), np.array([3.0, 6.0, 8.0]), "float32")
    agree(seen(key_value_seq_lengths=jnp.array([2])), np.array([3.0, 3.0, 3.0]), "float32")
    # A query beyond its sequence gives 0.
    agree(seen(query_seq_lengths=jnp.array([2])), np.array([6.0, 6.0, 0.0]), "float32")
    # True keeps.
    agree(seen(mask=jnp.array([True, False, True])), np.array([7.0, 7.0, 7.0]), "float32")
    # They all hold together.
    agree(seen(is_causal=True, mask=jnp.array([[True, True, True], [True, False, True], [False, True, True]])), np.array([2.0, 2.0, 8.0]), "float32")


def test_a_query_that_sees_nothing_gives_the_plain_mean():
    # As in jax.nn; PyTorch gives 0.
    query, key, value = drawn((2, 3, 2, 4), (2, 5, 2, 4), (2, 5, 2, 4))
    mask = jnp.ones((1, 1, 3, 5), bool).at[0, 0, 1].set(False)
    for function in (dot_product_attention, jax.nn.dot_product_attention):
        agree(function(query, key, value, mask=mask)[:, 1], value.mean(1), "float32")
    residual = dot_product_attention(query, key, value, mask=mask, return_residual=True)[1]
    assert (residual[:, 1] == -jnp.inf).all()
    assert jnp.isfinite(residual[:, ::2]).all()

    # Nothing is NaN, and no gradient reaches the query.
    def total(query, key, value):
        return dot_product_attention(query, key, value, mask=mask).sum()

    gradients = jax.grad(total, (0, 1, 2))(query, key, value)
    assert all(jnp.isfinite(g).all() for g in gradients)
    assert (gradients[0][:, 1] == 0).all()


def test_the_residual_is_the_logarithm_of_the_sum():
    query, key, value, bias = drawn((4, 2, 3), (5, 2, 3), (5, 2, 3), (2, 4, 5))
    y, residual = dot_product_attention(query, key, value, bias, return_residual=True)
    scores = jnp.einsum("tnh,snh->nts", query, key) / np.sqrt(3) + bias
    agree(residual.T, jax.nn.logsumexp(scores, -1), "float32")
    agree(y, jnp.einsum("nts,snh->tnh", jnp.exp(scores - residual.T[..., None]), value), "float32")
    # Its gradient is the weights'.
    agree(
        jax.grad(lambda bias: dot_product_attention(query, key, value, bias, return_residual=True)[1].sum())(bias),
        jnp.exp(scores - residual.T[..., None]),
        "float32",
    )


def test_shared_keys_are_repeated_keys():
    query, key, value = drawn((2, 3, 6, 4), (2, 5, 2, 4), (2, 5, 2, 4))
    want = dot_product_attention(query, jnp.repeat(key, 3, 2), jnp.repeat(value, 3, 2))
    agree(dot_product_attention(query, key, value), want, "float32")


def test_one_example_is_a_batch_of_one():
    query, key, value, bias = drawn((3, 2, 4), (5, 2, 4), (5, 2, 4), (1, 2, 1, 5))
    lengths = jnp.array([4])
    one = dot_product_attention(query, key, value, bias, key_value_seq_lengths=lengths)
    agree(one, dot_product_attention(query[None], key[None], value[None], bias, key_value_seq_lengths=lengths)[0], "float32")


@pytest.mark.parametrize("fill", [0.0, 1e-30, 1e4, 1e18])
def test_finite(fill):
    # 1e18 · 1e18 is still a float32.
    x = jnp.asarray(np.resize([fill, -fill], (2, 3, 2, 4)), jnp.float32)
    y, pull = jax.vjp(lambda *x: dot_product_attention(*x, is_causal=True), x, x, x)
    assert jnp.isfinite(y).all()
    assert all(jnp.isfinite(g).all() for g in pull(jnp.ones_like(y)))


def test_float64_is_float64():
    # jax.nn takes the softmax in float32 there.
    with jax.enable_x64(True):
        query, key, value = (jnp.asarray(np.random.default_rng(i).standard_normal((2, 3, 1, 4))) for i in range(3))
        weights = jax.nn.softmax(jnp.einsum("btnh,bsnh->bnts", query, key) / 2, -1)
        agree(dot_product_attention(query, key, value), jnp.einsum("bnts,bsnh->btnh", weights, value))


def test_halves_compute_in_float32():
    # 512 keys with equal scores: weights of 1/512 each, 256 values of 1 and 256 of 3. A bfloat16 sum of 512 weights would stop short of 1.
    value = jnp.where(jnp.arange(512) % 2 == 0, 1.0, 3.0).astype(jnp.bfloat16).reshape(512, 1, 1)
    zero = jnp.zeros((512, 1, 1), jnp.bfloat16)
    y = dot_product_attention(zero[:1], zero, value)
    assert y.dtype == jnp.bfloat16
    assert y.item() == 2.0


def test_empty():
    assert dot_product_attention(*[jnp.zeros((0, 3, 2, 4))] * 3).shape == (0, 3, 2, 4)
    assert dot_product_attention(jnp.zeros((2, 0, 2, 4)), *[jnp.zeros((2, 3, 2, 4))] * 2).shape == (2, 0, 2, 4)
