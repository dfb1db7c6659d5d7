"""Normalization, worked by hand: statistics, their updates, and the numerical traps."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from jaxreview import BatchStats, Standardizer, batch_norm, batch_norm_train, fit_standardizer, standardize, unstandardize

from agree import agree


def fresh(channels, dtype=jnp.float32):
    return BatchStats(jnp.zeros(channels, dtype), jnp.ones(channels, dtype))


def test_batch_norm_by_hand():
    # (5 − 1) / √(3 + 1) · 10 + 0.5 = 20.5 and (5 − 2) / √(8 + 1) · 100 − 1 = 99.
    stats = BatchStats(jnp.array([1.0, 2.0]), jnp.array([3.0, 8.0]))
    agree(batch_norm(jnp.array([5.0, 5.0]), stats, jnp.array([10.0, 100.0]), jnp.array([0.5, -1.0]), eps=1.0), np.array([20.5, 99.0]), "float32")


def test_batch_norm_train_by_hand():
    # 1, 3, 8: mean 4, deviations −3, −1, 4, biased variance 26/3 (unbiased 13). With eps = 1/3 the root is √9 = 3.
    y, stats = batch_norm_train(jnp.array([[1.0], [3.0], [8.0]]), BatchStats(jnp.array([10.0]), jnp.array([2.0])), eps=1 / 3, momentum=0.75)
    agree(y, np.array([[-1.0], [-1 / 3], [4 / 3]]), "float32")
    # 0.75 · 10 + 0.25 · 4 and 0.75 · 2 + 0.25 · 26/3.
    agree(stats, BatchStats(np.array([8.5]), np.array([1.5 + 26 / 12])), "float32")


def test_momentum_is_the_share_of_the_old():
    x, old = jax.random.normal(jax.random.key(0), (5, 3)), BatchStats(jnp.array([1.0, 2.0, 3.0]), jnp.array([4.0, 5.0, 6.0]))
    agree(batch_norm_train(x, old, momentum=1.0)[1], old, "float32")
    agree(batch_norm_train(x, old, momentum=0.0)[1], BatchStats(x.mean(0), x.var(0)), "float32")


def test_train_is_batch_norm_with_the_batchs_statistics():
    x, scale, bias = (jax.random.normal(jax.random.key(i), shape) for i, shape in enumerate(((4, 5, 3), (3,), (3,))))
    y, stats = batch_norm_train(x, fresh(3), scale, bias, momentum=0.0, eps=1e-3)
    agree(y, batch_norm(x, stats, scale, bias, eps=1e-3), "float32")


def test_gradients_flow_through_the_statistics():
    # Σy is 0 whatever x, and so is its gradient; with eps = 0, Σy² is the number of values, and its gradient is 0 too.
    with jax.enable_x64(True):
        x, stats = jax.random.normal(jax.random.key(0), (6, 2)), fresh(2, jnp.float64)
        agree(1 + jax.grad(lambda x: batch_norm_train(x, stats, eps=0.0)[0].sum())(x), np.ones((6, 2)))
        agree(1 + jax.grad(lambda x: (batch_norm_train(x, stats, eps=0.0)[0] ** 2).sum())(x), np.ones((6, 2)))
        # With momentum 0 the new mean is Σx/n, the new variance Σ(x − μ)²/n: gradients 1/n and 2(x − μ)/n.
        mean, var = (jax.grad(lambda x, i=i: batch_norm_train(x, stats, momentum=0.0)[1][i].sum())(x) for i in (0, 1))
        agree(mean, np.full((6, 2), 1 / 6))
        agree(var, 2 * (x - x.mean(0, keepdims=True)) / 6)


@pytest.mark.parametrize("offset", [1e4, -1e6])
def test_a_large_mean_costs_no_accuracy(offset):
    x = (offset + np.random.default_rng(0).standard_normal((1000, 3))).astype(np.float32)
    exact = x.astype(np.float64)
    z = (exact - exact.mean(0)) / np.sqrt(exact.var(0) + 1e-5)
    y, stats = jax.jit(functools.partial(batch_norm_train, momentum=0.0))(jnp.asarray(x), fresh(3))
    agree(y, z, "float32")
    agree(stats, BatchStats(exact.mean(0), exact.var(0)), "float32")
    agree(jax.jit(fit_standardizer)(jnp.asarray(x)), Standardizer(exact.mean(0), exact.std(0)), "float32")


@pytest.mark.parametrize("size", [1e-30, 1e18, 1e25])
def test_deviations_whose_squares_leave_float32(size):
    unit = np.random.default_rng(0).standard_normal((1000, 2))
    x = jnp.asarray(size * unit, jnp.float32)
    fitted = fit_standardizer(x)
    agree(fitted.std, size * unit.std(0), "float32")
    agree(standardize(x, fitted), (unit - unit.mean(0)) / unit.std(0), "float32")
    # dσ/dx = (x − μ) / (n σ), whatever the size.
    agree(jax.grad(lambda x: fit_standardizer(x).std.sum())(x), (unit - unit.mean(0)) / unit.std(0) / 1000, "float32")
    y, pull = jax.vjp(lambda x: batch_norm_train(x, fresh(2), eps=0.0)[0], x)
    agree(y, (unit - unit.mean(0)) / unit.std(0), "float32")
    assert jnp.isfinite(pull(y**2)[0]).all()


def test_a_constant_channel_gives_the_bias():
    x = jnp.full((7, 2), 0.1)
    y, pull = jax.vjp(lambda x, scale: batch_norm_train(x, fresh(2), scale, jnp.array([5.0, 6.0]))[0], x, jnp.array([2.0, 3.0]))
    agree(y, np.tile(np.array([[5.0, 6.0]]), (7, 1)), "float32")
    gradients = pull(jnp.ones_like(y).at[0].set(2.0))
    assert all(jnp.isfinite(g).all() for g in gradients)
    # dy_i/dx_j = (δ_ij − 1/7) · scale / √eps: with cotangents 2, 1, …, 1 the first gets (2 − 8/7) · scale / √eps.
    agree(gradients[0][0], np.array([2.0, 3.0]) * (6 / 7) / np.sqrt(1e-5), "float32")


def test_empty_batches_leave_the_statistics():
    old = BatchStats(jnp.array([1.0, 2.0]), jnp.array([3.0, 4.0]))
    for x in (jnp.zeros((0, 2)), jnp.zeros((3, 0, 2))):
        y, new = batch_norm_train(x, old, jnp.ones(2))
        assert y.shape == x.shape
        agree(new, old, "float32")
        agree(jax.grad(lambda s, x=x: batch_norm_train(x, old, s)[0].sum())(jnp.ones(2)), jnp.zeros(2), "float32")
        assert batch_norm(x, old).shape == x.shape
        assert standardize(x, Standardizer(*old)).shape == x.shape


@jax.numpy_dtype_promotion("standard")
def test_dtypes():
    x, halves = jnp.ones((4, 3), jnp.bfloat16), fresh(3, jnp.bfloat16)
    assert batch_norm(x, halves).dtype == jnp.bfloat16
    assert batch_norm(x, fresh(3)).dtype == jnp.float32
    y, stats = batch_norm_train(x, fresh(3))
    assert (y.dtype, stats.mean.dtype, stats.var.dtype) == (jnp.float32,) * 3
    y, stats = batch_norm_train(x.astype(jnp.float32), halves)
    assert (y.dtype, stats.mean.dtype, stats.var.dtype) == (jnp.float32, jnp.bfloat16, jnp.bfloat16)
    with jax.enable_x64(True):
        y, stats = batch_norm_train(x, fresh(3, jnp.float64))
        assert (y.dtype, stats.mean.dtype) == (jnp.float64, jnp.float64)


def test_halves_accumulate_in_float32():
    # 1000 ones and 1000 threes: the mean is 2 and the variance 1; a bfloat16 sum would stop at 256.
    x = jnp.concatenate([jnp.ones((1000, 1), jnp.bfloat16), jnp.full((1000, 1), 3.0, jnp.bfloat16)])
    y, stats = batch_norm_train(x, fresh(1, jnp.bfloat16), momentum=0.0, eps=0.0)
    assert (stats.mean.item(), stats.var.item(), y[0].item(), y[-1].item()) == (2.0, 1.0, -1.0, 1.0)
    fitted = fit_standardizer(x)
    assert (fitted.mean.item(), fitted.std.item()) == (2.0, 1.0)
    # ±300 in float16: the squares, 90000, are beyond its range.
    x = jnp.array([[300.0], [-300.0]], jnp.float16)
    assert fit_standardizer(x).std.item() == 300.0
    assert batch_norm_train(x, fresh(1, jnp.float16))[0].tolist() == [[1.0], [-1.0]]


def parted(function, parts, how):
    """``function(x, stats)`` with x in ``parts`` along axis 0, mapped under the name "parts"."""
    if how == "vmap":
        mapped = jax.vmap(function, in_axes=(0, None), out_axes=(0, None), axis_name="parts")

        def whole(x, stats):
            y, new = mapped(x.reshape(parts, -1, *x.shape[1:]), stats)
            return y.reshape(x.shape), new

        return whole
    mesh = Mesh(np.array(jax.devices()[:parts]), ("parts",))
    spread, shared = PartitionSpec("parts"), PartitionSpec()
    return jax.shard_map(function, mesh=mesh, in_specs=(spread, shared), out_specs=(spread, shared))


@pytest.mark.parametrize("how", ["vmap", "shard_map"])
def test_a_parted_batch_is_the_whole_batch(how):
    with jax.enable_x64(True):
        x, key = 3.0 + jax.random.normal(jax.random.key(0), (16, 2, 3)), jax.random.key(1)
        stats = BatchStats(jnp.array([1.0, 2.0, 3.0]), jnp.array([0.5, 1.0, 2.0]))
        whole, part = jax.jit(batch_norm_train), jax.jit(parted(functools.partial(batch_norm_train, axis_name="parts"), 8, how))
        agree(part(x, stats), whole(x, stats))

        def loss(function, x, stats):
            y, new = function(x, stats)
            return (jax.random.normal(key, y.shape) * y**3).sum() + (new.mean * new.var).sum()

        for derivative in (functools.partial(jax.grad, argnums=(1, 2)), functools.partial(jax.jacfwd, argnums=1)):
            agree(jax.jit(derivative(loss), static_argnums=0)(part, x, stats), jax.jit(derivative(loss), static_argnums=0)(whole, x, stats))
        small = x[:8, :1, :2]
        few = BatchStats(stats.mean[:2], stats.var[:2])
        for second in (jax.hessian, lambda f, argnums: jax.jacrev(jax.jacfwd(f, argnums), argnums)):
            hessians = [jax.jit(second(loss, argnums=1), static_argnums=0)(function, small, few) for function in (part, whole)]
            agree(*hessians)


def test_one_value_a_lane():
    # Under a named axis every lane may hold one example without batch axes.
    x, stats = jax.random.normal(jax.random.key(0), (6, 3)), fresh(3)
    one = jax.vmap(functools.partial(batch_norm_train, axis_name="batch"), in_axes=(0, None), out_axes=(0, None), axis_name="batch")
    agree(one(x, stats), batch_norm_train(x, stats), "float32")


def test_several_names():
    x, stats = jax.random.normal(jax.random.key(0), (4, 3, 2, 5)), fresh(5)
    inner = jax.vmap(functools.partial(batch_norm_train, axis_name=("i", "j")), in_axes=(0, None), out_axes=(0, None), axis_name="j")
    outer = jax.vmap(inner, in_axes=(0, None), out_axes=(0, None), axis_name="i")
    agree(outer(x, stats), batch_norm_train(x, stats), "float32")


def test_a_sharded_batch_is_not_gathered():
    mesh = Mesh(np.array(jax.devices()), ("batch",))
    x = jax.device_put(jax.random.normal(jax.random.key(0), (16, 3)), jax.NamedSharding(mesh, PartitionSpec("batch")))
    for function in (lambda x: batch_norm_train(x, fresh(3)), fit_standardizer, jax.grad(lambda x: (batch_norm_train(x, fresh(3))[0] ** 3).sum())):
        program = jax.jit(function).lower(x).compile().as_text()
        assert "all-gather" not in program
        assert "all-to-all" not in program
        agree(jax.jit(function)(x), jax.jit(function)(np.asarray(x)), "float32")


@pytest.mark.parametrize("shape", [(16, 3), (64, 5), (1024, 2), (8, 3, 24, 2), (16, 2, 3, 4, 2)])
def test_a_batch_with_a_sharding_is_the_whole_batch(shape):
    mesh = Mesh(np.array(jax.devices()), ("batch",))
    rng, channels = np.random.default_rng(0), shape[-1]
    x, weights = (1e3 + rng.standard_normal(shape), rng.standard_normal(shape))
    small = [rng.standard_normal(channels), rng.uniform(0.5, 2.0, channels), rng.standard_normal(channels), rng.standard_normal(channels)]

    def loss(x, mean, var, scale, bias, weights):
        y, new = batch_norm_train(x, BatchStats(mean, var), scale, bias, momentum=0.75)
        return (weights * y**3).sum() + (new.mean * new.var).sum(), (y, new)

    with jax.enable_x64(True):
        program = jax.jit(jax.value_and_grad(loss, argnums=(0, 1, 2, 3, 4), has_aux=True))
        want = program(x, *small, weights)
        spread, whole = NamedSharding(mesh, PartitionSpec("batch")), NamedSharding(mesh, PartitionSpec())
        placed = [jax.device_put(x, spread), *(jax.device_put(a, whole) for a in small), jax.device_put(weights, spread)]
        got = program(*placed)
        agree(got, want)
        agree(got[0][1][1], BatchStats(0.75 * small[0] + x.reshape(-1, channels).mean(0) / 4, 0.75 * small[1] + x.reshape(-1, channels).var(0) / 4))
        text = program.lower(*placed).compile().as_text()
        assert "all-reduce" in text
        assert not any(word in text for word in ("all-gather", "all-to-all", "collective-permute"))


@pytest.mark.parametrize("shape", [(1000, 3), (2048, 3), (4, 5, 48, 3), (3, 7, 7, 3)])
@pytest.mark.parametrize("offset", [0.0, 1e4])
def test_every_way_to_sum_is_as_exact(shape, offset):
    x = (offset + np.random.default_rng(0).standard_normal(shape)).astype(np.float32)
    rows = x.reshape(-1, 3).astype(np.float64)
    y, stats = jax.jit(functools.partial(batch_norm_train, momentum=0.0))(jnp.asarray(x), fresh(3))
    agree(y, ((rows - rows.mean(0)) / np.sqrt(rows.var(0) + 1e-5)).reshape(shape), "float32")
    agree(stats, BatchStats(rows.mean(0), rows.var(0)), "float32")


def test_parts_with_other_means_are_one_batch():
    # the mean of each part is far from that of the whole
    x = (np.repeat([0.0, 1e3, -1e3, 5e3], 4)[:, None] + np.random.default_rng(0).standard_normal((16, 2))).astype(np.float32)
    y, stats = parted(functools.partial(batch_norm_train, axis_name="parts", momentum=0.0), 4, "vmap")(jnp.asarray(x), fresh(2))
    exact = x.astype(np.float64)
    agree(y, (exact - exact.mean(0)) / np.sqrt(exact.var(0) + 1e-5), "float32")
    agree(stats, BatchStats(exact.mean(0), exact.var(0)), "float32")


def test_a_constant_channel_without_eps_gives_the_bias():
    x, alone = jnp.full((5, 1), 3.0), functools.partial(batch_norm_train, eps=0.0)
    for function in (alone, parted(functools.partial(alone, axis_name="parts"), 5, "vmap")):
        y, pull = jax.vjp(lambda x, function=function: function(x, fresh(1))[0], x)
        assert (y == 0).all()
        assert jnp.isfinite(pull(jnp.arange(5.0).reshape(5, 1))[0]).all()


def test_unstandardize_undoes_standardize():
    x = jax.random.normal(jax.random.key(0), (4, 6, 3)).at[..., 1].set(7.0)
    fitted = fit_standardizer(x)
    agree(unstandardize(standardize(x, fitted), fitted), x, "float32")
    # 2 · 3 + 1, and 2 + 5 where the deviation is 0
    fitted = Standardizer(jnp.array([1.0, 5.0]), jnp.array([3.0, 0.0]))
    y, pull = jax.vjp(unstandardize, jnp.array([2.0, 2.0]), fitted)
    assert y.tolist() == [7.0, 7.0]
    dx, dfitted = pull(jnp.ones(2))
    assert (dx.tolist(), dfitted.mean.tolist(), dfitted.std.tolist()) == ([3.0, 1.0], [1.0, 1.0], [2.0, 0.0])


def test_a_large_batch_in_a_scan_keeps_its_carry():
    x = jax.random.normal(jax.random.key(0), (10, 8, 3))
    stats, y = jax.lax.scan(lambda stats, x: batch_norm_train(x, stats)[::-1], fresh(3), x)
    assert y.shape == x.shape
    # Ten updates with momentum 0.9 leave 0.9^10 of the start: 0.9^10 · 1 + 0.1 Σ 0.9^(9 − t) var_t.
    weights = 0.1 * 0.9 ** np.arange(9, -1, -1.0)
    agree(stats.var, 0.9**10 + weights @ np.asarray(x.var(1)), "float32")


@pytest.mark.parametrize("value", [0.1, 1e8 + 8, -7.77e4, 1e-30, 3e37])
@pytest.mark.parametrize("n", [1, 3, 1000])
def test_constant_features_are_exactly_constant(value, n):
    x = jnp.full((n, 2), value, jnp.float32)
    for fit in (fit_standardizer, jax.jit(fit_standardizer)):
        fitted = fit(x)
        assert fitted.std.tolist() == [0.0, 0.0]
        assert fitted.mean.tolist() == x[0].tolist()
        assert (standardize(x, fitted) == 0).all()
        # New values keep their distance: a zero std divides by 1.
        agree(standardize(2 * x, fitted), x, "float32")


def test_constant_features_have_finite_gradients():
    x = jnp.stack([jnp.full(4, 0.1), jnp.array([1.0, 2.0, 3.0, 4.0])], -1)
    std = jax.jacrev(lambda x: fit_standardizer(x).std)(x)
    assert (std[0] == 0).all()
    # σ = √(5/4) and dσ/dx = (x − 2.5) / (4σ).
    agree(std[1][:, 1], (np.arange(4) - 1.5) / (4 * np.sqrt(1.25)), "float32")
    z = jax.jacrev(lambda x: standardize(x, fit_standardizer(x)))(x)
    assert jnp.isfinite(z).all()
    assert jnp.isfinite(jax.hessian(lambda x: fit_standardizer(x).std.sum())(x)).all()
    # With its own constant as mean, a constant feature stays 0 however it moves as a whole, and nothing divides by its std.
    agree(z[:, 0, :, 0], np.eye(4) - 1 / 4, "float32")
    gradient = jax.grad(lambda f: (standardize(x, f) ** 2).sum())(Standardizer(jnp.zeros(2), jnp.array([0.0, 2.0])))
    # d/dσ of Σ(x/σ)² is −2 Σx²/σ³ = −2 · 30 / 8; none where σ is 0.
    agree(gradient.std, np.array([0.0, -7.5]), "float32")


def test_standardized_features_have_mean_0_and_deviation_1():
    with jax.enable_x64(True):
        x = 5 + 3 * jax.random.normal(jax.random.key(0), (4, 6, 3))
        z = standardize(x, fit_standardizer(x))
        agree(1 + z.mean((0, 1)), np.ones(3))
        agree(z.std((0, 1)), np.ones(3))
        # Standardizing twice changes nothing.
        agree(standardize(z, fit_standardizer(z)), z)
