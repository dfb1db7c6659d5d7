"""Activations made of straight pieces: their kinks, their ends, their NaN, and the slopes of rrelu."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import (
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_tanh,
    identity,
    leaky_relu,
    prelu,
    relu6,
    rrelu,
    soft_shrink,
    sparse_plus,
    sparse_sigmoid,
    threshold,
)

from agree import agree

EXTREMES = jnp.array([1e18, -1e18, 3e38, -3e38])


def slopes(function, *places):
    return jax.vmap(jax.grad(function))(jnp.array(places, jnp.float32)).tolist()


def test_by_hand():
    x = jnp.array([-4.0, -2.0, -0.5, 0.25, 2.0, 7.0])
    agree(identity(x), x, "float32")
    agree(relu6(x), np.array([0, 0, 0, 0.25, 2, 6]), "float32")
    agree(hard_sigmoid(x), np.array([0, 1 / 6, 2.5 / 6, 3.25 / 6, 5 / 6, 1]), "float32")
    agree(hard_silu(x), np.array([0, -2 / 6, -1.25 / 6, 0.8125 / 6, 10 / 6, 7]), "float32")
    agree(hard_tanh(x), np.array([-1, -1, -0.5, 0.25, 1, 1]), "float32")
    agree(hard_tanh(x, lower=0.0, upper=6.0), relu6(x), "float32")
    agree(threshold(x, 0.25, 9.0), np.array([9, 9, 9, 9, 2, 7]), "float32")
    agree(hard_shrink(x), np.array([-4, -2, 0, 0, 2, 7]), "float32")
    agree(hard_shrink(x, 2.0), np.array([-4, 0, 0, 0, 0, 7]), "float32")
    agree(soft_shrink(x), np.array([-3.5, -1.5, 0, 0, 1.5, 6.5]), "float32")
    agree(soft_shrink(x, 2.0), np.array([-2, 0, 0, 0, 0, 5]), "float32")
    agree(sparse_plus(x), np.array([0, 0, 0.0625, 0.390625, 2, 7]), "float32")
    agree(sparse_sigmoid(x), np.array([0, 0, 0.25, 0.625, 1, 1]), "float32")


def test_slopes_at_the_kinks():
    # PyTorch's for ours and for what we widened.
    assert slopes(hard_tanh, -1.0, 1.0) == [0.0, 0.0]
    assert slopes(lambda x: hard_tanh(x, lower=0.0, upper=2.0), 0.0, 2.0, 1.0) == [0.0, 0.0, 1.0]
    assert slopes(lambda x: threshold(x, 0.5, 3.0), 0.5, 0.75) == [0.0, 1.0]
    assert slopes(hard_shrink, -0.5, 0.5, 0.0) == [0.0, 0.0, 0.0]
    assert slopes(soft_shrink, -0.5, 0.5, 0.0) == [0.0, 0.0, 0.0]
    assert slopes(lambda x: rrelu(None, x, 0.25, 0.75, deterministic=True), 0.0, -1.0, 1.0) == [0.5, 0.5, 1.0]
    # jax.nn's for its own: its hard_tanh has 1 at the bounds, its sparse_sigmoid half of the slope 1/2. The kinks of sparse_plus are smooth.
    assert slopes(jax.nn.hard_tanh, -1.0, 1.0) == [1.0, 1.0]
    assert slopes(relu6, 0.0, 6.0) == [0.0, 0.0]
    assert slopes(hard_sigmoid, -3.0, 3.0) == [0.0, 0.0]
    assert slopes(sparse_sigmoid, -1.0, 1.0) == [0.25, 0.25]
    assert slopes(sparse_plus, -1.0, 1.0) == [0.0, 1.0]
    # x · hard_sigmoid(x) at 3: hard_sigmoid = 1 and its slope 0, so 1 (PyTorch: 1.5 there); at −3 both give 0.
    assert slopes(hard_silu, -3.0, 3.0) == [0.0, 1.0]


def test_sparse_sigmoid_is_the_slope_of_sparse_plus():
    x = jnp.array([-2.0, -0.9, 0.0, 0.3, 0.99, 5.0])
    agree(jax.vmap(jax.grad(sparse_plus))(x), sparse_sigmoid(x), "float32")


@pytest.mark.parametrize(
    ("function", "values", "gradients"),
    [
        (relu6, [6, 0, 6, 0], [0, 0, 0, 0]),
        (hard_sigmoid, [1, 0, 1, 0], [0, 0, 0, 0]),
        (hard_silu, [1e18, 0, 3e38, 0], [1, 0, 1, 0]),
        (hard_tanh, [1, -1, 1, -1], [0, 0, 0, 0]),
        (hard_shrink, [1e18, -1e18, 3e38, -3e38], [1, 1, 1, 1]),
        (soft_shrink, [1e18, -1e18, 3e38, -3e38], [1, 1, 1, 1]),
        (sparse_plus, [1e18, 0, 3e38, 0], [1, 0, 1, 0]),
        (sparse_sigmoid, [1, 0, 1, 0], [0, 0, 0, 0]),
        (leaky_relu, [1e18, -1e16, 3e38, -3e36], [1, 0.01, 1, 0.01]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_at_the_ends(function, values, gradients):
    # One by one: an array's tolerance is of its largest value.
    for x, value, gradient in zip(EXTREMES, values, gradients, strict=True):
        agree(jax.value_and_grad(function)(x), (np.array(value, np.float32), np.array(gradient, np.float32)), "float32")


def test_nan_stays():
    x = jnp.array(jnp.nan)
    for function in (relu6, hard_sigmoid, hard_silu, hard_tanh, hard_shrink, soft_shrink, sparse_plus, sparse_sigmoid):
        assert jnp.isnan(function(x))
    assert jnp.isnan(threshold(x, 0.0, 1.0))
    assert jnp.isnan(rrelu(jax.random.key(0), x))


def test_infinite_bounds():
    x = jnp.array([-jnp.inf, -2.0, 3.0, jnp.inf])
    agree(hard_tanh(x, lower=-math.inf, upper=2.0), np.array([-np.inf, -2, 2, 2]), "float32")
    agree(hard_shrink(x, math.inf), np.zeros(4), "float32")
    agree(soft_shrink(x, math.inf), np.zeros(4), "float32")
    agree(threshold(x, -2.0, -math.inf), np.array([-np.inf, -np.inf, 3, np.inf]), "float32")
    agree(hard_tanh(x, lower=1.0, upper=1.0), np.ones(4), "float32")


def test_soft_shrink_is_the_proximal_map():
    # y minimizes ½ (y − x)² + bound · |y|.
    grid = np.linspace(-3, 3, 6001)
    for x in (-2.0, -0.2, 0.0, 0.5, 1.7):
        best = grid[np.argmin((grid - x) ** 2 / 2 + 0.7 * np.abs(grid))]
        assert abs(soft_shrink(jnp.array(x), 0.7).item() - best) <= grid[1] - grid[0]


def test_halves_are_compared_and_moved_in_float32():
    # 0.3 lies between the bfloat16 neighbours 0.298828125 and 0.30078125, which would be 0.3's own rounding.
    x = jnp.array([0.298828125, 0.30078125], jnp.bfloat16)
    assert hard_shrink(x, 0.3).tolist() == [0.0, 0.30078125]
    assert threshold(x, 0.3, 0.0).tolist() == [0.0, 0.30078125]
    assert soft_shrink(x, 0.3)[0] == 0.0
    assert 0.0 < soft_shrink(x, 0.3)[1] < 0.001


def test_settings_by_position_and_by_name():
    key, x = jax.random.key(0), jnp.linspace(-2.0, 2.0, 9)
    agree(hard_shrink(x, 0.75), hard_shrink(x, bound=0.75), "float32")
    agree(soft_shrink(x, 0.75), soft_shrink(x, bound=0.75), "float32")
    agree(threshold(x, 0.25, -1.0), threshold(x, threshold=0.25, value=-1.0), "float32")
    agree(rrelu(key, x, 0.2, 0.4), rrelu(key, x, lower=0.2, upper=0.4), "float32")


def test_rrelu_slopes_are_uniform():
    # Kolmogorov and Smirnov: the distribution of n uniform draws strays by more than d with a probability below 2 exp(−2 n d²) (Massart, 1990).
    n, low, high = 100_000, 0.2, 0.7
    slope = -np.asarray(rrelu(jax.random.key(0), jnp.full(n, -1.0), low, high), np.float64)
    assert low <= slope.min()
    assert slope.max() <= np.float32(high)
    steps = np.sort((slope - low) / (high - low))
    stray = max((np.arange(1, n + 1) / n - steps).max(), (steps - np.arange(n) / n).max())
    assert stray < math.sqrt(math.log(2 / 1e-9) / (2 * n))
    # And another distribution would stray further.
    assert max((np.arange(1, n + 1) / n - steps**1.1).max(), (steps**1.1 - np.arange(n) / n).max()) > math.sqrt(math.log(2 / 1e-9) / (2 * n))


def test_rrelu_draws_each_value_its_own():
    x = -jnp.ones((20, 30))
    y = rrelu(jax.random.key(1), x)
    assert len(np.unique(y)) > 590
    assert (y != rrelu(jax.random.key(2), x)).any()
    agree(jax.jit(rrelu)(jax.random.key(1), x), y, "float32")
    # Positive values stay, and the slope is the gradient.
    agree(rrelu(jax.random.key(1), -x), -x, "float32")
    agree(jax.grad(lambda x: rrelu(jax.random.key(1), x).sum())(x), -y, "float32")


def test_rrelu_slopes_know_no_dtype():
    key, x = jax.random.key(3), -np.ones(200)
    want = np.asarray(rrelu(key, jnp.asarray(x, jnp.float32)))
    for dtype in ("float16", "bfloat16"):
        agree(rrelu(key, jnp.asarray(x, dtype)), want.astype(jnp.dtype(dtype)), dtype)
    with jax.enable_x64(True):
        agree(rrelu(key, jnp.asarray(x)), want, "float32")


def test_rrelu_switched_off():
    x = jnp.linspace(-2.0, 2.0, 9)
    for key in (None, jax.random.key(0)):
        agree(rrelu(key, x, deterministic=True), prelu(x, jnp.array((1 / 8 + 1 / 3) / 2)), "float32")
    agree(rrelu(jax.random.key(0), x, 0.01, 0.01), leaky_relu(x), "float32")
    with pytest.raises(TypeError, match="key"):
        rrelu(jnp.zeros(2, jnp.uint32), x, deterministic=True)
