"""Dropout and its kin: their masks, statistics by bounds that are derived, their ends and gradients; and the penalties."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import alpha_dropout, drop_block, drop_path, dropout, l1_penalty, l2_penalty
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


@pytest.mark.parametrize("shape", [(), (7,), (3, 5), (2, 3, 4)])
@pytest.mark.parametrize("impl", ["threefry2x32", "rbg"])
def test_compiled_draws_are_the_bits_of_jax(shape, impl):
    # Compiled for a CPU the cipher is written out; an x of ones shows the words' threshold, at many rates.
    key = jax.random.key(11, impl=impl)
    words = np.asarray(jax.random.bits(key, shape, "uint32"))
    masks = jax.jit(lambda key, x: [dropout(key, x, rate / 16) != 0 for rate in range(1, 16)])(key, jnp.ones(shape))
    for rate, mask in enumerate(masks, 1):
        assert np.array_equal(np.asarray(mask), words >= rate << 28)


def test_compiled_draws_for_every_lane():
    keys, x = jax.random.split(jax.random.key(12), 5), jnp.ones((4, 3))
    lanes = jax.jit(jax.vmap(lambda key: dropout(key, x, 0.5)))(keys)
    assert jnp.array_equal(lanes, jnp.stack([dropout(key, x, 0.5) for key in keys]))
    assert len({lane.tobytes() for lane in np.asarray(lanes)}) == 5


RANDOM = [
    alpha_dropout,
    drop_path,
    pytest.param(lambda key, x, rate, **off: drop_block(key, x, rate, block=(2,), **off), id="drop_block"),
]


@pytest.mark.parametrize("function", RANDOM)
def test_ends_and_switch(function):
    key, x = jax.random.key(0), jnp.array([[1.0, -2.0], [jnp.inf, jnp.nan], [3.0, 0.5]], jnp.float16)
    y, pull = jax.vjp(lambda x: function(key, x, 1.0), x)
    assert y.dtype == x.dtype
    assert y.tolist() == [[0.0] * 2] * 3
    assert pull(jnp.ones_like(y))[0].tolist() == [[0.0] * 2] * 3
    for same in (lambda x: function(key, x, 0), lambda x: function(None, x, 0.7, deterministic=True), lambda x: function(key, x, 1, deterministic=True)):
        y, pull = jax.vjp(same, x)
        agree(y, x, "float16")
        assert pull(jnp.ones_like(y))[0].tolist() == [[1.0] * 2] * 3
    # The next number below 1: practically everything is dropped, nothing is divided by 0.
    assert jnp.isfinite(function(key, jnp.ones((9, 2)), math.nextafter(1.0, 0.0))).all()


@pytest.mark.parametrize("function", RANDOM)
def test_a_key_decides_alone(function):
    key, x = jax.random.key(4), jnp.asarray(np.random.default_rng(0).standard_normal((30, 6)), "float32")
    y = function(key, x, 0.4)
    agree(jax.jit(lambda key, x: function(key, x, 0.4))(key, x), y, "float32")
    assert not jnp.array_equal(function(jax.random.key(5), x, 0.4), y)
    lanes = jax.vmap(lambda key: function(key, x, 0.4))(jax.random.split(key, 20))
    assert len({lane.tobytes() for lane in np.asarray(lanes)}) == 20
    # The gradient is the mask, the same in every dtype, and what is dropped may be anything.
    slope = jax.grad(lambda x: function(key, x, 0.4).sum())(x)
    assert (slope == 0).any()
    assert (slope > 0).any()
    assert np.array_equal(np.asarray(jax.grad(lambda x: function(key, x, 0.4).sum())(x.astype(jnp.bfloat16)) == 0), np.asarray(slope == 0))
    broken = jnp.where(slope == 0, jnp.inf, x)
    assert jnp.isfinite(function(key, broken, 0.4)).all()
    agree(jax.grad(lambda x: function(key, x, 0.4).sum())(broken), slope, "float32")


@pytest.mark.parametrize("rate", [0.05, 0.3, 0.8])
def test_alpha_dropout_keeps_mean_and_variance(rate):
    # Of a kept x it makes a·x + b and of a dropped one a·f + b: read off at x = 2, the moments over mask and x ~ (0, 1) are 0 and 1.
    q, floor = 1 - rate, -1.0507009873554805 * 1.6732632423543772
    y = np.unique(np.asarray(alpha_dropout(jax.random.key(0), jnp.full(300, 2.0), rate), np.float64))
    assert len(y) == 2
    a = (y[1] - y[0]) / (2 - floor)
    b = y[1] - 2 * a
    agree(q * b, -rate * y[0], "float32")
    agree(q * (a**2 + b**2) + rate * y[0] ** 2, 1.0, "float32")


@pytest.mark.parametrize("function", [alpha_dropout, drop_path])
@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_draws_follow_the_rate(function, rate):
    n, keys = 200, jax.random.split(jax.random.key(7), 300)
    x = jnp.full((n, 1), 3.0)
    kept = np.asarray(jax.vmap(lambda key: function(key, x, rate) > 0.5)(keys))[..., 0]
    assert abs(kept.sum() - kept.size * (1 - rate)) < margin(kept.size)
    assert np.abs(kept.sum(0) - len(keys) * (1 - rate)).max() < margin(len(keys))
    assert np.abs(kept.sum(1) - n * (1 - rate)).max() < margin(n)


def test_drop_path_takes_whole_examples():
    key, x = jax.random.key(1), jnp.ones((40, 3, 2))
    y = drop_path(key, x, 0.25)
    assert jnp.array_equal(y, dropout(key, x, 0.25, broadcast_axes=(1, 2)))
    assert set(np.unique(np.asarray(y).reshape(40, -1).sum(1))) == {0.0, 8.0}


def test_alpha_dropout_shares_draws():
    y = alpha_dropout(jax.random.key(2), jnp.ones((4, 5, 6)), 0.5, broadcast_axes=(1,))
    assert jnp.array_equal(y, jnp.broadcast_to(y[:, :1], y.shape))
    # Its mask is that of dropout.
    assert jnp.array_equal(y > 0.5, dropout(jax.random.key(2), jnp.ones((4, 5, 6)), 0.5, broadcast_axes=(1,)) > 0)


@pytest.mark.parametrize(("size", "block"), [((7, 6), (3, 2)), ((6, 5), (6, 5)), ((5, 4), (1, 1)), ((9, 1), (4, 1))])
def test_drop_block_keeps_each_cell_by_its_blocks(size, block):
    # A cell is kept when none of the k corners is drawn whose blocks hold it: with probability (1 − γ)^k, all keys being independent.
    rate, keys = 0.3, jax.random.split(jax.random.key(3), 2000)
    kept = np.asarray(jax.vmap(lambda key: drop_block(key, jnp.ones((*size, 1)), rate, block=block) != 0)(keys))[..., 0].sum(0)
    places = [n - b + 1 for n, b in zip(size, block, strict=True)]
    gamma = rate / math.prod(block) * math.prod(size) / math.prod(places)
    for cell in np.ndindex(*size):
        holding = math.prod(min(i, m - 1) - max(i - b + 1, 0) + 1 for i, b, m in zip(cell, block, places, strict=True))
        assert abs(kept[cell] - len(keys) * (1 - gamma) ** holding) < margin(len(keys))


def test_drop_block_is_made_of_blocks():
    y = np.asarray(drop_block(jax.random.key(0), jnp.ones((4, 20, 20, 3)), 0.2, block=(4, 3)))
    dropped = y == 0
    assert dropped.any()
    covered = np.zeros_like(dropped)
    for row in range(17):
        for column in range(18):
            whole = dropped[:, row : row + 4, column : column + 3].all((1, 2), keepdims=True)
            covered[:, row : row + 4, column : column + 3] |= whole
    assert np.array_equal(covered, dropped)
    # Each channel and example has its own.
    assert len({dropped[n, ..., c].tobytes() for n in range(4) for c in range(3)}) == 12


def test_drop_block_scales_an_example_by_its_own_count():
    y = np.asarray(drop_block(jax.random.key(0), jnp.ones((6, 10, 10, 2)), 0.3, block=3), np.float64)
    # Every example's sum is what it was: 200 ones.
    agree(y.sum((1, 2, 3)), np.full(6, 200.0), "float32")
    counts = (y != 0).sum((1, 2, 3))
    assert len(set(counts)) > 1
    agree(y.max((1, 2, 3)), 200 / counts, "float32")


def test_drop_block_of_the_whole_map():
    # One corner: each channel goes at once, at the rate; where both go the example is 0, not 0/0.
    y, pull = jax.vjp(lambda x: drop_block(jax.random.key(0), x, 0.5, block=2), jnp.ones((64, 2, 2, 2)))
    channels = np.asarray(y)[:, 0, 0]
    assert np.array_equal(np.asarray(y), np.broadcast_to(channels[:, None, None], y.shape))
    assert {tuple(pair) for pair in channels.tolist()} == {(0.0, 0.0), (1.0, 1.0), (2.0, 0.0), (0.0, 2.0)}
    assert jnp.isfinite(pull(jnp.ones_like(y))[0]).all()


def test_an_int_block_is_two_dimensional():
    key, x = jax.random.key(0), jnp.ones((3, 6, 5, 2))
    assert jnp.array_equal(drop_block(key, x, 0.4, block=2), drop_block(key, x, 0.4, block=(2, 2)))


@pytest.mark.parametrize("function", RANDOM)
def test_the_others_over_a_sharded_batch(function):
    mesh = jax.make_mesh((8,), ("batch",))
    spread = jax.NamedSharding(mesh, jax.sharding.PartitionSpec("batch"))
    x = jax.device_put(jnp.ones((16, 6, 3)), spread)
    key = jax.random.key(0)

    def value_and_gradient(x):
        y, pull = jax.vjp(lambda x: function(key, x, 0.5), x)
        return y, pull(jnp.ones_like(y))[0]

    compiled = jax.jit(value_and_gradient).lower(x).compile()
    assert not any(name in compiled.as_text() for name in ("all-gather", "all-reduce", "all-to-all", "collective-permute"))
    agree(compiled(x), value_and_gradient(jnp.ones((16, 6, 3))), "float32")


def test_penalties_by_hand():
    params = {"kernel": jnp.array([[3.0, -4.0], [0.0, 1.0]]), "rest": (jnp.array(-2.0), None)}
    assert l1_penalty(params).item() == 10.0
    assert l2_penalty(params).item() == 15.0
    slopes = jax.grad(l1_penalty)(params)
    assert slopes["kernel"].tolist() == [[1.0, -1.0], [0.0, 1.0]]
    assert slopes["rest"][0].item() == -1.0
    assert jax.tree.all(jax.tree.map(jnp.array_equal, jax.grad(l2_penalty)(params), params))


@pytest.mark.parametrize("penalty", [l1_penalty, l2_penalty])
def test_penalties_of_nothing(penalty):
    for params in ({}, None, [], {"a": jnp.zeros((0, 3))}):
        value = penalty(params)
        assert value.shape == ()
        assert value.dtype == jnp.float32
        assert value.item() == 0.0


def test_penalties_sum_halves_in_float32():
    # 4096 ones: a bfloat16 sum would stop at 256, a float16 sum at 2048.
    for dtype in (jnp.float16, jnp.bfloat16):
        ones = [jnp.ones((64, 32), dtype), jnp.ones(2048, dtype)]
        assert l1_penalty(ones).item() == 4096.0
        assert l2_penalty(ones).item() == 2048.0
        assert l1_penalty(ones).dtype == dtype


def test_penalties_at_large_parameters():
    w = jnp.array([3e38, -1e18, 1e-30])
    assert jax.grad(l2_penalty)(w).tolist() == w.tolist()
    assert l1_penalty(w).item() == w[0].item()
    assert jnp.isnan(l1_penalty(jnp.array([jnp.nan, 1.0])))
