"""Dropout: its mask, its statistics by bounds that are derived, its ends and its gradient."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import dropout
from jaxreview.loops import regularization as loops

from agree import agree


def margin(n):
    """How far the sum of n independent values in [0, 1] strays from its mean with a probability below 1e-9.

    Hoeffding: P(|S − ES| ≥ t) ≤ 2 exp(−2 t² / n).
    """
    return math.sqrt(n * math.log(2 / 1e-9) / 2)


@pytest.mark.parametrize(
    ("key", "counter", "cipher"),
    [
        ((0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
        ((0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), (0x1CB996FC, 0xBB002BE7)),
        ((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3), (0xC4923A9C, 0x483DF7A0)),
    ],
)
def test_threefry_known_answers(key, counter, cipher):
    # The known answers of Random123 (Salmon et al., 2011) for 20 rounds.
    assert loops.threefry2x32(key, counter) == cipher


@pytest.mark.parametrize("shape", [(), (7,), (3, 5)])
def test_the_loops_words_are_jaxs(shape):
    key = jax.random.key(123)
    bits = np.asarray(jax.random.bits(key, shape, "uint32")).ravel()
    assert [loops.random_word(np.asarray(jax.random.key_data(key)), place) for place in range(bits.size)] == bits.tolist()


@pytest.mark.parametrize("rate", [0.01, 0.1, 0.25, 0.5, 0.9, 0.99])
def test_rate_and_expectation(rate):
    n, keys = 500, jax.random.split(jax.random.key(0), 200)
    x = jnp.linspace(1.0, 2.0, n)
    y = jax.vmap(lambda key: dropout(key, x, rate))(keys)
    kept = np.asarray(y != 0)
    assert abs(kept.sum() - kept.size * (1 - rate)) < margin(kept.size)
    # No place and no key is favoured.
    assert np.abs(kept.sum(0) - len(keys) * (1 - rate)).max() < margin(len(keys))
    assert np.abs(kept.sum(1) - n * (1 - rate)).max() < margin(n)
    # What is kept is scaled by 1 / (1 − rate), so that the expectation is x.
    agree(y, kept * np.asarray(x) / (1 - rate), "float32")
    assert np.abs(np.asarray(y, np.float64).mean(0) / np.asarray(x) - 1).max() < margin(len(keys)) / len(keys) / (1 - rate)


def test_lanes_are_independent():
    keys, n = jax.random.split(jax.random.key(1), 8), 4096
    kept = np.asarray(jax.vmap(lambda key: dropout(key, jnp.ones(n), 0.5))(keys) != 0)
    # Two independent masks of rate 1/2 agree at half of the places.
    for i in range(8):
        for j in range(i):
            assert abs((kept[i] == kept[j]).sum() - n / 2) < margin(n)
    # And so do neighbours within one mask.
    for lane in kept:
        pairs = lane.reshape(-1, 2)
        assert abs((pairs[:, 0] == pairs[:, 1]).sum() - n / 4) < margin(n // 2)


def test_a_key_gives_its_mask_again():
    key, other, x = jax.random.key(0), jax.random.key(1), jnp.ones((20, 30))
    assert (dropout(key, x, 0.5) == jax.jit(lambda key: dropout(key, x, 0.5))(key)).all()
    assert (dropout(key, x, 0.5) != dropout(other, x, 0.5)).any()


def test_the_mask_knows_no_dtype():
    key, x = jax.random.key(3), np.ones((20, 30))
    want = np.asarray(dropout(key, jnp.asarray(x, jnp.float32), 0.3)) != 0
    for dtype in (jnp.float16, jnp.bfloat16):
        y = dropout(key, jnp.asarray(x, dtype), 0.3)
        assert y.dtype == dtype
        assert np.array_equal(np.asarray(y != 0), want)
    with jax.enable_x64(True):
        for dtype in (jnp.float32, jnp.float64):
            y = dropout(key, jnp.asarray(x, dtype), 0.3)
            assert y.dtype == dtype
            assert np.array_equal(np.asarray(y != 0), want)


def test_halves_are_rounded_once():
    # 1 / (1 − 0.1) = 1.1111 would round to 1.109375 in bfloat16: 7 · 1.1111 = 7.7778 gives 7.78125, but 7 · 1.109375 = 7.7656 would give 7.75.
    x = jnp.arange(1.0, 257.0).astype(jnp.bfloat16)
    y = dropout(jax.random.key(0), x, 0.1)
    once = (x.astype(jnp.float32) / 0.9).astype(jnp.bfloat16)
    assert once[6].item() == 7.78125
    assert (jnp.where(y == 0, once, y) == once).all()


def test_the_ends_of_the_rate():
    key, x = jax.random.key(0), jnp.array([1.0, -2.0, jnp.inf, jnp.nan])
    y, pull = jax.vjp(lambda x: dropout(key, x, 1.0), x)
    assert y.tolist() == [0.0] * 4
    assert pull(jnp.ones(4))[0].tolist() == [0.0] * 4
    y, pull = jax.vjp(lambda x: dropout(key, x, 0), x)
    agree(y, x, "float32")
    assert pull(jnp.ones(4))[0].tolist() == [1.0] * 4
    assert dropout(key, x.astype(jnp.bfloat16), 1).dtype == jnp.bfloat16
    # The next number below 1: practically everything is dropped, nothing is divided by 0.
    assert dropout(key, jnp.ones(1000), math.nextafter(1.0, 0.0)).tolist() == [0.0] * 1000


def test_deterministic_gives_x():
    x = jnp.array([1.0, -2.0, jnp.inf], jnp.float16)
    for key in (None, jax.random.key(0)):
        for rate in (0.0, 0.5, 1.0):
            y = dropout(key, x, rate, deterministic=True)
            assert y.dtype == x.dtype
            assert y.tolist() == x.tolist()
    # A key that is given is a key all the same.
    with pytest.raises(TypeError, match="key"):
        dropout(jnp.zeros(2, jnp.uint32), x, 0.5, deterministic=True)


def test_the_gradient_is_the_mask():
    key, x = jax.random.key(5), jax.random.normal(jax.random.key(6), (40,))
    mask = dropout(key, jnp.ones(40), 0.4) != 0
    agree(jax.grad(lambda x: dropout(key, x, 0.4).sum())(x), jnp.where(mask, 1 / 0.6, 0.0), "float32")
    # Infinite and NaN values, where dropped, leave neither a value nor a gradient.
    for bad in (jnp.inf, jnp.nan):
        y, pull = jax.vjp(lambda x: dropout(key, x, 0.4), jnp.where(mask, x, bad))
        assert jnp.isfinite(y).all()
        agree(pull(jnp.ones(40))[0], jnp.where(mask, 1 / 0.6, 0.0), "float32")


@pytest.mark.parametrize(
    ("axes", "shared"), [((0,), (1, 5, 6)), ((1,), (4, 1, 6)), ((-1,), (4, 5, 1)), ((0, -2), (1, 1, 6)), ((0, 1, 2), (1, 1, 1)), ([2, 0], (1, 5, 1))]
)
def test_shared_draws(axes, shared):
    key = jax.random.key(2)
    y = dropout(key, jnp.ones((4, 5, 6)), 0.5, broadcast_axes=axes)
    # One mask of the shape with 1 for the shared axes, repeated along them.
    agree(y, np.broadcast_to(np.asarray(dropout(key, jnp.ones(shared), 0.5)), (4, 5, 6)), "float32")


def test_empty_and_scalar():
    key = jax.random.key(0)
    assert dropout(key, jnp.zeros((0, 3)), 0.5).shape == (0, 3)
    assert dropout(key, jnp.zeros((3, 0)), 0.5, broadcast_axes=(1,)).shape == (3, 0)
    assert dropout(key, jnp.array(3.0), 0.5).item() in (0.0, 6.0)


def test_a_traced_rate_is_refused():
    with pytest.raises(TypeError):
        jax.jit(lambda rate: dropout(jax.random.key(0), jnp.ones(3), rate))(0.5)


def test_a_sharded_batch_is_not_gathered():
    mesh = jax.sharding.Mesh(np.array(jax.devices()), ("batch",))
    x = jax.device_put(jnp.ones((16, 3)), jax.NamedSharding(mesh, jax.sharding.PartitionSpec("batch")))
    key = jax.random.key(0)
    compiled = jax.jit(lambda x: dropout(key, x, 0.5)).lower(x).compile()
    assert not any(name in compiled.as_text() for name in ("all-gather", "all-reduce", "all-to-all", "collective-permute"))
    agree(compiled(x), dropout(key, jnp.ones((16, 3)), 0.5), "float32")
