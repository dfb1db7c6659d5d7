"""Normalization of each example by its own statistics, worked by hand: which values belong together, and the numerical traps."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from jaxreview import group_norm, instance_norm, layer_norm, rms_norm

from agree import agree

# Each as a function of x alone that normalizes the same numbers, here one example of all values.
WHOLE = {
    "layer_norm": lambda x, eps: layer_norm(x, axis=tuple(range(x.ndim)), eps=eps),
    "group_norm": lambda x, eps: group_norm(x, 1, ndim=x.ndim - 1, eps=eps),
    "instance_norm": lambda x, eps: instance_norm(x.reshape(-1, 1), ndim=1, eps=eps).reshape(x.shape),
}
EVERY = {**WHOLE, "rms_norm": lambda x, eps: rms_norm(x, axis=tuple(range(x.ndim)), eps=eps)}


def test_layer_norm_by_hand():
    # 1, 3, 8: mean 4, variance 26/3; with eps = 1/3 the root is 3. Scale and bias per entry.
    y = layer_norm(jnp.array([1.0, 3.0, 8.0]), jnp.array([1.0, 10.0, 100.0]), jnp.array([0.0, 1.0, 2.0]), eps=1 / 3)
    agree(y, np.array([-1.0, 1 - 10 / 3, 2 + 400 / 3]), "float32")


def test_rms_norm_by_hand():
    # 1, 4, 8: mean square 27; with eps = 9 the root is 6.
    agree(rms_norm(jnp.array([1.0, 4.0, 8.0]), jnp.array([6.0, 3.0, 12.0]), eps=9.0), np.array([1.0, 2.0, 16.0]), "float32")


def test_groups_are_adjacent_channels():
    # Channels 0, 1 and channels 2, 3 over two positions: 0, 2, 2, 4 has mean 2 and variance 2, and so has 10, 12, 12, 14 with mean 12.
    x = jnp.array([[0.0, 2.0, 10.0, 12.0], [2.0, 4.0, 12.0, 14.0]])
    z = np.array([[-1.0, 0.0, -1.0, 0.0], [0.0, 1.0, 0.0, 1.0]]) * np.sqrt(2)
    agree(group_norm(x, 2, ndim=1, eps=0.0), z, "float32")
    scale, bias = jnp.array([1.0, 2.0, 3.0, 4.0]), jnp.array([5.0, 6.0, 7.0, 8.0])
    agree(group_norm(x, 2, scale, bias, ndim=1, eps=0.0), z * np.asarray(scale) + np.asarray(bias), "float32")


def test_scale_is_shaped_as_the_axes_stand_in_x():
    x, scale = jax.random.normal(jax.random.key(0), (2, 3, 4)), jax.random.normal(jax.random.key(1), (2, 4))
    for axis in ((0, 2), (2, 0), (-1, 0)):
        y = layer_norm(x, scale, axis=axis)
        agree(y, layer_norm(x, axis=(0, 2)) * scale[:, None, :], "float32")
        agree(rms_norm(x, scale, axis=axis), rms_norm(x, axis=(0, 2)) * scale[:, None, :], "float32")


def test_the_same_function_by_several_names():
    x, scale, bias = (jax.random.normal(jax.random.key(i), shape) for i, shape in enumerate(((2, 3, 4, 6), (6,), (6,))))
    agree(instance_norm(x, scale, bias), group_norm(x, 6, scale, bias), "float32")
    agree(group_norm(x, 1), layer_norm(x, axis=(1, 2, 3)), "float32")
    agree(group_norm(x, 1, scale, bias, ndim=0), layer_norm(x, scale, bias), "float32")
    agree(instance_norm(x), layer_norm(x, axis=(1, 2)), "float32")
    agree(instance_norm(x, ndim=1), layer_norm(x, axis=2), "float32")
    # values of mean 0 have their variance as mean square
    centred = x - x.mean(-1, keepdims=True)
    agree(rms_norm(centred, scale, eps=1e-3), layer_norm(x, scale, eps=1e-3), "float32")


def test_one_position_gives_the_bias():
    x, bias = jnp.array([[3.0, -7.0]]), jnp.array([0.5, 2.0])
    for y in (instance_norm(x, None, bias, ndim=0), instance_norm(x, None, bias, ndim=1), group_norm(x, 2, None, bias, ndim=0)):
        assert y.tolist() == [[0.5, 2.0]]


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("offset", [1e4, -1e6])
@pytest.mark.parametrize("shape", [(1000, 3), (37, 41), (5, 512), (8, 30, 32)])
def test_a_large_mean_costs_no_accuracy(name, offset, shape):
    x = (offset + np.random.default_rng(0).standard_normal(shape)).astype(np.float32)
    exact = x.astype(np.float64)
    y, pull = jax.vjp(jax.jit(functools.partial(WHOLE[name], eps=1e-5)), jnp.asarray(x))
    z = (exact - exact.mean()) / np.sqrt(exact.var() + 1e-5)
    agree(y, z, "float32")
    g = np.random.default_rng(1).standard_normal(shape).astype(np.float32)
    agree(pull(jnp.asarray(g))[0], (g - g.mean() - z * (g * z).mean()) / np.sqrt(exact.var() + 1e-5), "float32")


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(("size", "eps"), [(1e18, 1e-5), (1e18, 0.0), (1e30, 1e-5), (1e37, 0.0), (1e-30, 0.0), (1e-30, 1e-5)])
def test_squares_that_leave_float32(name, size, eps):
    unit = np.random.default_rng(0).standard_normal((40, 50))
    y, pull = jax.vjp(jax.jit(functools.partial(EVERY[name], eps=eps)), jnp.asarray(size * unit, jnp.float32))
    centre = 0.0 if name == "rms_norm" else unit.mean()
    root = np.sqrt(((unit - centre) ** 2).mean() + eps / size**2)
    agree(y, (unit - centre) / root, "float32")
    assert all(jnp.isfinite(g).all() for g in pull(y**2))


@pytest.mark.parametrize("name", EVERY)
def test_beyond_the_square_of_the_range_it_is_finite(name):
    x = jnp.asarray(np.resize([1e38, -1e38, 0.0, 1e38], (6, 8)), jnp.float32)
    y, pull = jax.vjp(functools.partial(EVERY[name], eps=1e-5), x)
    assert jnp.isfinite(y).all()
    assert jnp.isfinite(pull(jnp.ones_like(y))[0]).all()


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("eps", [0.0, 1e-5])
def test_constants_have_finite_gradients(name, eps):
    for value in (0.0, 0.1, 1e4):
        y, pull = jax.vjp(functools.partial(EVERY[name], eps=eps), jnp.full((3, 8), value))
        want = np.full((3, 8), value / max(np.sqrt(value**2 + eps), 1e-30) if name == "rms_norm" else 0.0)
        agree(1 + y, 1 + want, "float32")
        assert jnp.isfinite(pull(jnp.arange(24.0).reshape(3, 8))[0]).all()


def test_the_gradient_at_a_constant_by_hand():
    # dy_i/dx_j = (δ_ij − 1/4) / √eps.
    with jax.enable_x64(True):
        jacobian = jax.jacrev(functools.partial(layer_norm, eps=0.25))(jnp.full(4, 7.0))
        agree(jacobian, 2 * (np.eye(4) - 0.25))
        agree(jax.jacfwd(functools.partial(layer_norm, eps=0.25))(jnp.full(4, 7.0)), 2 * (np.eye(4) - 0.25))


@pytest.mark.thorough
@pytest.mark.parametrize("shape", [(6, 40), (2, 3, 24, 2), (3, 7)])
def test_second_derivatives_agree_in_every_order(shape):
    with jax.enable_x64(True):
        x, weights = (jax.random.normal(jax.random.key(i), shape) for i in range(2))
        direction = jax.random.normal(jax.random.key(2), shape)
        for normalize in (functools.partial(layer_norm, axis=-2), layer_norm, rms_norm, functools.partial(instance_norm, ndim=1)):

            def loss(x, normalize=normalize):
                return (weights * normalize(x) ** 3).sum()

            forward_over_reverse = jax.jvp(jax.grad(loss), (x,), (direction,))[1]
            reverse_over_forward = jax.grad(lambda x, loss=loss: jax.jvp(loss, (x,), (direction,))[1])(x)
            reverse_over_reverse = jax.grad(lambda x, loss=loss: (jax.grad(loss)(x) * direction).sum())(x)
            agree(reverse_over_forward, forward_over_reverse)
            agree(reverse_over_reverse, forward_over_reverse)


def test_nan_stays_in_its_example():
    x = jnp.ones((3, 4)).at[1, 2].set(jnp.nan)
    for y in (layer_norm(x), rms_norm(x), group_norm(x, 1, ndim=0)):
        assert jnp.isnan(y).all(1).tolist() == [False, True, False]
        assert jnp.isnan(y).any(1).tolist() == [False, True, False]


def test_empty_inputs():
    for shape in ((0, 4), (4, 0), (0, 0)):
        x, scale = jnp.zeros(shape), jnp.ones(shape[-1])
        for function in (layer_norm, rms_norm, functools.partial(instance_norm, ndim=0)):
            y, pull = jax.vjp(function, x, scale)
            assert y.shape == shape
            assert pull(y)[1].tolist() == [0.0] * shape[-1]


def test_halves_are_computed_in_float32():
    x = jnp.concatenate([jnp.ones((1, 1000), jnp.bfloat16), jnp.full((1, 1000), 3.0, jnp.bfloat16)], 1)
    # a bfloat16 sum would stop at 256
    assert set(layer_norm(x, eps=0.0).ravel().tolist()) == {-1.0, 1.0}
    x = jnp.array([[300.0, -300.0]], jnp.float16)
    for y in (layer_norm(x), rms_norm(x), group_norm(x, 1, ndim=0)):
        assert (y.dtype, y.tolist()) == (jnp.float16, [[1.0, -1.0]])


def test_a_sharded_batch_moves_nothing():
    mesh = Mesh(np.array(jax.devices()), ("batch",))
    x = jax.device_put(jax.random.normal(jax.random.key(0), (16, 32, 64)), NamedSharding(mesh, PartitionSpec("batch")))
    for function in (layer_norm, rms_norm, functools.partial(group_norm, groups=4, ndim=1), functools.partial(instance_norm, ndim=1)):
        for program in (function, jax.grad(lambda x, function=function: (function(x) ** 3).sum())):
            text = jax.jit(program).lower(x).compile().as_text()
            assert not any(word in text for word in ("all-gather", "all-reduce", "all-to-all", "collective-permute"))
            agree(jax.jit(program)(x), jax.jit(program)(np.asarray(x)), "float32")
