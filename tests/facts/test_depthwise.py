"""Depthwise and separable convolution, worked by hand."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import conv, depthwise_conv, separable_conv

from agree import agree


def draw(seed, *shape):
    return jnp.asarray(np.random.default_rng(seed).standard_normal(shape))


def test_each_channel_by_hand():
    # Channel 0 is 1, 2, 4 under taps (1, 10); channel 1 is 3, 5, 6 under (2, 0): nothing of one reaches the other, and no tap is flipped.
    x = jnp.array([[1.0, 3.0], [2.0, 5.0], [4.0, 6.0]])
    kernel = jnp.array([[[1.0, 2.0]], [[10.0, 0.0]]])
    agree(depthwise_conv(x, kernel, jnp.array([0.0, 0.5])), jnp.array([[21.0, 6.5], [42.0, 10.5]]), "float32")


def test_the_outputs_of_a_channel_lie_side_by_side():
    # PyTorch's order, c · multiplier + j: channel 0 makes outputs 0 to 2, channel 1 outputs 3 to 5.
    x, kernel = jnp.array([[1.0, 10.0]]), jnp.arange(1.0, 7.0).reshape(1, 1, 6)
    agree(depthwise_conv(x, kernel), jnp.array([[1.0, 2.0, 3.0, 40.0, 50.0, 60.0]]), "float32")


def test_separable_by_hand():
    # Between: 1 · 1 + 3 · 10 = 31 and 2 · 1 + 4 · 100 = 402; then 31 · 2 + 402 = 464 and 31 − 402 = −371, plus the bias.
    x, depthwise = jnp.array([[1.0, 2.0], [3.0, 4.0]]), jnp.array([[[1.0, 1.0]], [[10.0, 100.0]]])
    pointwise = jnp.array([[[2.0, 1.0], [1.0, -1.0]]])
    agree(separable_conv(x, depthwise, pointwise, jnp.array([0.5, 1.0])), jnp.array([[464.5, -370.0]]), "float32")


@pytest.mark.parametrize(
    ("size", "window", "options"),
    [
        ((9,), (4,), dict(stride=2, padding="SAME_LOWER")),
        ((7, 6), (3, 2), dict(padding=((0, 3), (2, 1)), dilation=(1, 2))),
        ((4, 5, 3), (2, 3, 2), dict(stride=(1, 2, 1), padding=1)),
    ],
)
def test_a_separable_kernel_is_one_of_full_depth(size, window, options):
    # Over the two outputs b of channel i: kernel[k, i, d] = Σ_b depthwise[k, 0, 2·i + b] · pointwise[2·i + b, d].
    with jax.enable_x64(True):
        x, depthwise, pointwise = draw(0, 2, *size, 3), draw(1, *window, 1, 6), draw(2, *(1,) * len(window), 6, 4)
        paired = depthwise.reshape(*window, 3, 2), pointwise.reshape(3, 2, 4)
        agree(separable_conv(x, depthwise, pointwise, **options), conv(x, jnp.einsum("...ib,ibd->...id", *paired), **options))
        agree(depthwise_conv(x, depthwise, **options), conv(x, depthwise, groups=3, **options))


def test_one_channel_is_a_plain_convolution():
    with jax.enable_x64(True):
        x, kernel, bias = draw(0, 2, 6, 5, 1), draw(1, 3, 2, 1, 4), draw(2, 4)
        agree(depthwise_conv(x, kernel, bias, padding=1), conv(x, kernel, bias, padding=1))


@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float16])
def test_halves_accumulate_in_float32(dtype):
    # A window of 2050 ones, written out or not: a bfloat16 accumulator would stop at 256, a float16 one at 2048.
    assert depthwise_conv(jnp.ones((2052, 2), dtype), jnp.ones((2052, 1, 2), dtype)).tolist() == [[2052.0 if dtype == jnp.float16 else 2048.0] * 2]
    assert depthwise_conv(jnp.ones((10, 10, 3), dtype), jnp.full((10, 10, 1, 3), 3.0, dtype)).tolist() == [[[300.0] * 3]]
    # What lies between is not rounded: 2049 − 2048 is 1, where 2049 would be 2048 in either half type.
    x, taps = jnp.ones((2049, 2), dtype), jnp.ones((2049, 1, 2), dtype).at[0, 0, 1].set(0).at[1:, 0, 1].set(-1)
    assert separable_conv(x, taps, jnp.ones((1, 2, 1), dtype)).tolist() == [[1.0]]
    for function in (lambda k: depthwise_conv(x, k), lambda k: separable_conv(x, k, jnp.ones((1, 2, 1), dtype))):
        assert jax.eval_shape(jax.grad(lambda k, function=function: function(k).sum()), taps).dtype == dtype


def test_mixed_dtypes_promote():
    x, depthwise, pointwise = jnp.ones((3, 2), jnp.bfloat16), jnp.ones((2, 1, 2), jnp.bfloat16), jnp.ones((1, 2, 1), jnp.float32)
    with jax.numpy_dtype_promotion("standard"):
        assert separable_conv(x, depthwise, pointwise).dtype == jnp.float32
        assert separable_conv(x, depthwise, pointwise.astype(jnp.bfloat16), jnp.ones(1, jnp.float16)).dtype == jnp.float32
        assert depthwise_conv(x, depthwise, jnp.ones(2, jnp.float16)).dtype == jnp.float32
    assert depthwise_conv(x, depthwise).dtype == jnp.bfloat16


@pytest.mark.parametrize("batch", [(0,), (2, 0)])
def test_empty_batches(batch):
    x, depthwise, pointwise, bias = jnp.zeros((*batch, 5, 4, 3)), jnp.ones((3, 2, 1, 6)), jnp.ones((1, 1, 6, 2)), jnp.ones(2)
    y, pull = jax.vjp(functools.partial(depthwise_conv, stride=(2, 1)), x, depthwise, jnp.ones(6))
    assert y.shape == (*batch, 2, 3, 6)
    agree(pull(y), (x, jnp.zeros_like(depthwise), jnp.zeros(6)), "float32")
    y, pull = jax.vjp(functools.partial(separable_conv, stride=(2, 1)), x, depthwise, pointwise, bias)
    assert y.shape == (*batch, 2, 3, 2)
    agree(pull(y), (x, jnp.zeros_like(depthwise), jnp.zeros_like(pointwise), jnp.zeros_like(bias)), "float32")


def test_any_batch_is_the_examples_one_by_one():
    with jax.enable_x64(True):
        x, depthwise, pointwise = draw(0, 2, 3, 5, 4, 2), draw(1, 3, 2, 1, 4), draw(2, 1, 1, 4, 3)
        for function in (
            lambda x: depthwise_conv(x, depthwise, stride=(1, 2), padding=1),
            lambda x: separable_conv(x, depthwise, pointwise, stride=(1, 2), padding=1),
        ):
            agree(function(x), jnp.stack([jnp.stack([function(example) for example in row]) for row in x]))


def test_an_ensemble_of_kernels():
    with jax.enable_x64(True):
        x, kernels = draw(0, 2, 5, 4, 3), draw(1, 4, 3, 2, 1, 6)
        agree(jax.vmap(lambda k: depthwise_conv(x, k, padding=1))(kernels), jnp.stack([depthwise_conv(x, k, padding=1) for k in kernels]))
