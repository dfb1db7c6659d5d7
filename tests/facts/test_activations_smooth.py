"""Smooth activations: values by hand, their tails, and that nothing overflows on the way."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import celu, elu, gelu, glu, log1mexp, log_sigmoid, mish, relu, selu, sigmoid, silu, soft_sign, softplus, squareplus, tanh_shrink

from agree import agree


def test_at_zero():
    zero = jnp.array(0.0)
    agree(softplus(zero), math.log(2), "float32")
    agree(softplus(zero, beta=4.0), math.log(2) / 4, "float32")
    agree(squareplus(zero), 1.0, "float32")
    agree(log_sigmoid(zero), -math.log(2), "float32")
    for function in (silu, mish, gelu, elu, celu, selu, soft_sign, tanh_shrink):
        assert function(zero) == 0
    # The slopes: half for the gates, tanh(softplus 0) = tanh(ln 2) = 3/5 for mish.
    for function, slope in ((softplus, 0.5), (squareplus, 0.5), (silu, 0.5), (gelu, 0.5), (mish, 0.6), (soft_sign, 1.0), (tanh_shrink, 0.0)):
        agree(jax.grad(function)(zero), slope, "float32")
    # The second: softplus beta / 4, squareplus 1 / (2 √b).
    agree(jax.grad(jax.grad(lambda x: softplus(x, beta=6.0)))(zero), 1.5, "float32")
    agree(jax.grad(jax.grad(lambda x: squareplus(x, 9.0)))(zero), 1 / 6, "float32")


def test_by_hand():
    log3 = jnp.array(math.log(3.0))
    # σ(ln 3) = 3/4; 1 + 3 = 4; e^(−ln 3) = 1/3.
    agree(silu(log3), 0.75 * math.log(3), "float32")
    agree(softplus(log3), math.log(4), "float32")
    agree(softplus(log3 / 2, beta=2.0), math.log(4) / 2, "float32")
    agree(log_sigmoid(log3), math.log(0.75), "float32")
    agree(elu(-log3, alpha=3.0), -2.0, "float32")
    agree(celu(-2 * log3, alpha=2.0), -4 / 3, "float32")
    agree(log1mexp(log3), math.log(2 / 3), "float32")
    # tanh(ln 4) of softplus(ln 3) = ln 4: (4 − 1/4) / (4 + 1/4) = 15/17.
    agree(mish(log3), math.log(3) * 15 / 17, "float32")
    # (3 + √(9 + 16)) / 2.
    agree(squareplus(jnp.array([3.0, -3.0]), 16.0), np.array([4.0, 1.0]), "float32")
    agree(soft_sign(jnp.array([-3.0, 1.0])), np.array([-0.75, 0.5]), "float32")
    agree(glu(jnp.stack([jnp.array(2.0), log3])[None]), np.array([[1.5]]), "float32")
    agree(glu(jnp.arange(6.0).reshape(2, 3), 0), np.arange(3.0)[None] / (1 + np.exp(-np.arange(3.0, 6.0))), "float32")


def test_selu_keeps_mean_and_variance():
    # Of a standard normal, by the trapezoidal rule.
    with jax.enable_x64(True):
        x = jnp.linspace(-12.0, 12.0, 200_001)
        weights = jnp.exp(-(x**2) / 2) / math.sqrt(2 * math.pi) * (x[1] - x[0])
        agree((selu(x) ** 2 * weights).sum(), 1.0, "float32")
        agree(1 + (selu(x) * weights).sum(), 1.0, "float32")


def test_gelu_is_the_share_below():
    # Φ(1) = 0.841344746068543; the tanh form differs by less than 5e-4, and is jax.nn's and our default.
    agree(gelu(jnp.array(1.0), approximate=False), 0.841344746068543, "float32")
    x = jnp.linspace(-6.0, 6.0, 1201)
    difference = np.abs(gelu(x) - gelu(x, approximate=False)).max()
    assert 4e-4 < difference < 5e-4
    agree(gelu(x), jax.nn.gelu(x), "float32")
    agree(gelu(x, False), jax.nn.gelu(x, False), "float32")


def test_gelus_left_tail():
    # At −5 the tanh form has x σ(2u) with u = √(2/π) (−5 − 0.044715 · 125): 1 + tanh u would be −2.29e-7 only to two digits.
    u = math.sqrt(2 / math.pi) * (-5 - 0.044715 * 125)
    agree(gelu(jnp.array(-5.0)), -5 / (1 + math.exp(-2 * u)), "float32")


@pytest.mark.parametrize(
    "function",
    [softplus, lambda x: softplus(x, beta=50.0), lambda x: softplus(x, beta=0.01), squareplus, lambda x: squareplus(x, 1e30), gelu]
    + [lambda x: gelu(x, approximate=False), silu, mish],
    ids=["softplus", "beta 50", "beta 0.01", "squareplus", "b 1e30", "gelu", "exact gelu", "silu", "mish"],
)
@pytest.mark.parametrize("size", [1e18, 1e38, 3e38])
def test_far_out_they_are_relu(function, size):
    for x, want in ((size, 1.0), (-size, 0.0)):
        value, gradient = jax.value_and_grad(function)(jnp.array(x))
        # Beside |x| = 1e18, √b = 1e15 is a thousandth, and its square a millionth, which float32 sees not.
        agree((1 + value / size, 1 + gradient), (1 + want, 1 + want), "float32")
    agree(jax.vmap(jax.grad(jax.grad(function)))(jnp.array([1e18, -1e18, 1e38, -1e38])) + 1, np.ones(4), "float32")


def test_squareplus_keeps_its_left_tail():
    # y(−x) = b / 4 / y(x): for x = 1e4, b = 4 it is 1e-4, where (x + √(x² + 4)) / 2 cancels to 0.
    x = jnp.array([-1e4, -1e10, -1e18])
    for i, want in enumerate((1e-4, 1e-10, 1e-18)):
        agree(squareplus(x)[i], want, "float32")
        # The slope is y / √(x² + b).
        agree(jax.grad(squareplus)(x[i]), want / -x[i].item(), "float32")
    # By b it is 1 / (4 √(x² + b)), summed over what b stands for.
    x = jnp.array([0.0, 3.0, -3.0])
    agree(jax.grad(lambda b: squareplus(x, b).sum())(jnp.array(16.0)), 1 / 16 + 1 / 20 + 1 / 20, "float32")
    agree(jax.grad(lambda b: squareplus(x, b).sum())(jnp.full(3, 16.0)), np.array([1 / 16, 1 / 20, 1 / 20]), "float32")


def test_squareplus_of_nothing_is_relu():
    x = jnp.array([-3.0, -1e-30, 0.0, 1e-30, 2.0])
    agree(squareplus(x, 0.0), relu(x), "float32")
    agree(jax.vmap(jax.grad(lambda x: squareplus(x, 0.0)))(x), np.array([0, 0, 0, 1, 1]), "float32")
    agree(squareplus(jnp.array([jnp.inf, -jnp.inf])), np.array([np.inf, 0]), "float32")
    assert jnp.isnan(squareplus(jnp.array(jnp.nan)))
    # b may be an int, and takes the dtype of x.
    assert squareplus(x.astype(jnp.bfloat16), 4).dtype == jnp.bfloat16
    assert squareplus(x.astype(jnp.bfloat16), jnp.array(4)).dtype == jnp.bfloat16


def test_softplus_between_relu_and_the_logarithm():
    x = jnp.array([-1.0, -0.01, 0.01, 1.0])
    agree(softplus(x, beta=1e6), relu(x), "float32")
    # d/dx = σ(beta x).
    agree(jax.vmap(jax.grad(lambda x: softplus(x, beta=3.0)))(x), sigmoid(3 * x), "float32")
    # 2 softplus(x, beta=2) = softplus(2 x).
    agree(2 * softplus(x, beta=2.0), softplus(2 * x), "float32")
    # The left tail is e^x, and where the logarithm gives way to the line there is no step.
    agree(softplus(jnp.array(-80.0)), math.exp(-80.0), "float32")
    for place in (999.0, 1001.0):
        agree(softplus(jnp.array([place, -place])), np.array([place, 0.0]), "float32")
    assert jnp.isnan(softplus(jnp.array(jnp.nan)))
    agree(softplus(jnp.array([jnp.inf, -jnp.inf])), np.array([np.inf, 0.0]), "float32")


def test_log_sigmoid_and_log1mexp_keep_their_tails():
    agree(log_sigmoid(jnp.array([-1e18, 100.0])), np.array([-1e18, 0.0]), "float32")
    agree(log_sigmoid(jnp.array(50.0)), -math.exp(-50), "float32")
    assert jax.vmap(jax.grad(log_sigmoid))(jnp.array([-1e18, 1e18])).tolist() == [1.0, 0.0]
    # log(1 − e^−x) is log x for a tiny x and −e^−x for a large one.
    agree(log1mexp(jnp.array(1e-20)), math.log(1e-20), "float32")
    agree(log1mexp(jnp.array(50.0)), -math.exp(-50), "float32")
    assert log1mexp(jnp.array(0.0)) == -jnp.inf


def test_tanh_shrink():
    x = jnp.array([-2.0, -0.5, 1.0, 3.0])
    agree(tanh_shrink(x), x - np.tanh(x), "float32")
    # Its slope is tanh².
    agree(jax.vmap(jax.grad(tanh_shrink))(x), np.tanh(x) ** 2, "float32")
    agree(tanh_shrink(jnp.array([-1e18, 1e18])), np.array([-1e18, 1e18]), "float32")


def test_halves_compute_in_float32():
    # 300 + 0.0101: a bfloat16 sum x³ or x · gate is rounded once, at the end.
    x = jnp.linspace(-4.0, 4.0, 101).astype(jnp.bfloat16)
    for function in (softplus, squareplus, gelu, tanh_shrink):
        y = function(x)
        assert y.dtype == jnp.bfloat16
        assert (y == function(x.astype(jnp.float32)).astype(jnp.bfloat16)).all()
