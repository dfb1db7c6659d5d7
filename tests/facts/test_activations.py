"""Activations of jax.nn, prelu and maxout, worked by hand: values, kinks and ties."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import activations, leaky_relu, maxout, prelu, relu, sigmoid, softmax, tanh

from agree import agree

OURS = {"gelu", "glu", "hard_tanh", "softplus", "sparse_plus", "squareplus"}
LACKING = {"gumbel_softmax", "hard_shrink", "maxout", "prelu", "rrelu", "soft_shrink", "softmin", "tanh_shrink", "threshold"}


@pytest.mark.parametrize("name", sorted(set(activations.__all__) - OURS - LACKING))
def test_reexports_are_jax_nns(name):
    assert getattr(activations, name) is getattr(jax.nn, name)


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_own_are_jax_nns_where_those_are_exact(name):
    # Away from kinks and from where theirs overflows or cancels: values, first and second derivatives.
    with jax.enable_x64(True):
        x = jnp.linspace(-4.9, 5.0, 24)
        ours, theirs = getattr(activations, name), getattr(jax.nn, name)
        for order in (lambda f: f, lambda f: lambda x: jax.grad(lambda x: f(x).sum())(x), lambda f: jax.hessian(lambda x: f(x).sum())):
            agree(order(ours)(x), order(theirs)(x))


def test_every_activation_of_jax_nn_is_here():
    # As jax.nn's own page lists them, and its logarithms.
    names = "relu relu6 sigmoid softplus sparse_plus sparse_sigmoid soft_sign silu swish log_sigmoid leaky_relu hard_sigmoid hard_silu hard_swish hard_tanh elu"
    names += " celu selu gelu glu squareplus mish identity tanh softmax log_softmax log1mexp logmeanexp"
    assert set(names.split()) == set(activations.__all__) - LACKING
    assert activations.swish is activations.silu
    assert activations.hard_swish is activations.hard_silu


def test_sigmoid_and_tanh():
    # σ(0) = 1/2, σ' = σ (1 − σ) = 1/4 there; σ(ln 3) = 3/4; tanh(ln 2) = (2 − 1/2) / (2 + 1/2) = 3/5, and tanh' = 1 − tanh² = 16/25 there.
    agree(sigmoid(jnp.array([0.0, np.log(3.0)])), np.array([0.5, 0.75]), "float32")
    agree(jax.grad(sigmoid)(jnp.array(0.0)), 0.25, "float32")
    agree(tanh(jnp.array([0.0, np.log(2.0)])), np.array([0.0, 0.6]), "float32")
    agree(jax.grad(tanh)(jnp.array(np.log(2.0), jnp.float32)), 0.64, "float32")
    # tanh(x) = 2 σ(2x) − 1.
    x = jnp.linspace(-5.0, 5.0, 11)
    agree(tanh(x), 2 * sigmoid(2 * x) - 1, "float32")


def test_saturation_is_exact():
    agree(sigmoid(jnp.array([-1e18, 1e18])), np.array([0.0, 1.0]), "float32")
    agree(tanh(jnp.array([-1e18, 1e18])), np.array([-1.0, 1.0]), "float32")
    assert jax.vmap(jax.grad(sigmoid))(jnp.array([-1e18, 1e18])).tolist() == [0.0, 0.0]
    assert jax.vmap(jax.grad(tanh))(jnp.array([-1e18, 1e18])).tolist() == [0.0, 0.0]


def test_slopes_at_zero():
    # jax.nn's conventions for its own, PyTorch's for prelu.
    zero = jnp.array(0.0)
    assert jax.grad(relu)(zero) == 0.0
    assert jax.grad(leaky_relu)(zero) == 1.0
    assert jax.grad(prelu)(zero, jnp.array(0.25)) == 0.25
    assert jax.grad(prelu, 1)(zero, jnp.array(0.25)) == 0.0


def test_softmax():
    # e^0 : e^ln2 : e^ln5 = 1 : 2 : 5.
    x = jnp.log(jnp.array([1.0, 2.0, 5.0]))
    agree(softmax(x), np.array([1 / 8, 2 / 8, 5 / 8]), "float32")
    agree(softmax(x + 1000.0), np.array([1 / 8, 2 / 8, 5 / 8]), "float32")
    agree(softmax(x, where=jnp.array([True, False, True])), np.array([1 / 6, 0.0, 5 / 6]), "float32")
    # ds_i/dx_j = s_i (δ_ij − s_j): for the first, 1/8 · (7/8, −2/8, −5/8).
    agree(jax.grad(lambda x: softmax(x)[0])(x), np.array([7 / 64, -2 / 64, -5 / 64]), "float32")


def test_prelu_slopes_belong_to_the_last_axis():
    x = jnp.array([[-1.0, -1.0, 3.0], [2.0, -4.0, -5.0]])
    slope = jnp.array([0.5, 0.25, 0.1])
    agree(prelu(x, slope), np.array([[-0.5, -0.25, 3.0], [2.0, -1.0, -0.5]]), "float32")
    # The gradient of a slope is the sum of the negative values of its channel.
    agree(jax.grad(lambda s: prelu(x, s).sum())(slope), np.array([-1.0, -5.0, -5.0]), "float32")
    agree(jax.grad(lambda s: prelu(x, s).sum())(slope[:1]), np.array([-11.0]), "float32")
    agree(jax.grad(lambda s: prelu(x, s).sum())(slope[0]), -11.0, "float32")


def test_prelu_between_relu_and_identity():
    x = jnp.linspace(-2.0, 2.0, 9)
    agree(prelu(x, jnp.array(0.0)), relu(x), "float32")
    agree(prelu(x, jnp.array(1.0)), x, "float32")
    agree(prelu(x, jnp.array([0.01])), leaky_relu(x), "float32")
    agree(prelu(x, jnp.array(-1.0)), jnp.abs(x), "float32")


def test_prelu_at_infinity():
    x = jnp.array([jnp.inf, -jnp.inf, -2.0])
    y, pull = jax.vjp(prelu, x, jnp.array([0.5]))
    agree(y, np.array([jnp.inf, -jnp.inf, -1.0]), "float32")
    # The positive infinity has no part in the slope's gradient.
    agree(pull(jnp.array([1.0, 0.0, 1.0]))[0], np.array([1.0, 0.0, 0.5]), "float32")
    agree(jax.grad(lambda s: prelu(x[::2], s).sum())(jnp.array([0.5])), np.array([-2.0]), "float32")
    assert jnp.isnan(prelu(jnp.array(jnp.nan), jnp.array(0.5)))


def test_prelu_dtypes():
    x = jnp.ones((2, 3), jnp.bfloat16)
    assert prelu(x, 0.25).dtype == jnp.bfloat16
    with jax.numpy_dtype_promotion("standard"):
        assert prelu(x, jnp.ones(3)).dtype == jnp.float32
    # 1000 times −1: a bfloat16 accumulator would stop at −256.
    assert jax.grad(lambda s: prelu(jnp.full((1000, 1), -1.0, jnp.bfloat16), s).sum())(jnp.ones(1, jnp.bfloat16)).item() == -1000.0


def test_maxout_pieces_are_adjacent():
    x = jnp.array([1.0, 4.0, -3.0, -5.0, 0.0, 7.0])
    agree(maxout(x, 2), np.array([4.0, -3.0, 7.0]), "float32")
    agree(maxout(x, 3), np.array([4.0, 7.0]), "float32")
    agree(maxout(x, 6), np.array([7.0]), "float32")
    agree(maxout(x, pieces=1), x, "float32")


def test_maxout_of_lines():
    # max(x, 0) is relu, max(x, −x) the absolute value.
    x = jnp.array([-2.0, 0.5, 3.0])
    agree(maxout(jnp.stack([x, jnp.zeros(3)], -1), 2)[:, 0], relu(x), "float32")
    agree(maxout(jnp.stack([x, -x], -1), 2)[:, 0], jnp.abs(x), "float32")


# up to 3 pieces are compared one with another, more go through argmax
@pytest.mark.parametrize("pieces", [2, 3, 4, 7])
def test_maxout_ties_and_nan(pieces):
    def gradient(x):
        return jax.grad(lambda x: maxout(x, pieces).sum())(x)

    first, last = np.eye(pieces, dtype=np.float32)[[0, -1]]
    agree(gradient(jnp.zeros(pieces)), first, "float32")
    agree(gradient(jnp.full(pieces, -jnp.inf)), first, "float32")
    # Equal largest pieces behind a smaller one: the first of them.
    agree(gradient(jnp.ones(pieces).at[0].set(-1.0)), np.eye(pieces, dtype=np.float32)[1], "float32")
    # A NaN wins, wherever it stands, against infinity too.
    for place in range(pieces):
        x = jnp.full(pieces, jnp.inf).at[place].set(jnp.nan)
        assert jnp.isnan(maxout(x, pieces)).all()
        agree(gradient(x), np.eye(pieces, dtype=np.float32)[place], "float32")
    agree(gradient(jnp.arange(float(pieces))), last, "float32")
    agree(jax.hessian(lambda x: (maxout(x, pieces) ** 2).sum())(jnp.arange(float(pieces))), 2 * np.outer(last, last), "float32")


@pytest.mark.parametrize("pieces", [2, 4])
def test_maxout_empty(pieces):
    assert maxout(jnp.zeros((0, 8)), pieces).shape == (0, 8 // pieces)
    assert maxout(jnp.zeros((3, 0)), pieces).shape == (3, 0)
    assert maxout(jnp.zeros((2, 8), jnp.bfloat16), pieces).dtype == jnp.bfloat16


def test_empty_batches():
    for name in sorted(set(activations.__all__) - {"glu", "gumbel_softmax", "logmeanexp", "maxout", "prelu", "rrelu", "threshold"}):
        assert getattr(activations, name)(jnp.zeros((0, 3))).shape == (0, 3)
    assert activations.glu(jnp.zeros((0, 6))).shape == (0, 3)
    assert activations.threshold(jnp.zeros((0, 3)), 0.0, 1.0).shape == (0, 3)
    key = jax.random.key(0)
    for function in (activations.rrelu, activations.gumbel_softmax):
        assert function(key, jnp.zeros((0, 3))).shape == (0, 3)
        assert function(key, jnp.zeros((3, 0))).shape == (3, 0)
    x, slope = jnp.zeros((0, 3)), jnp.ones(3)
    assert prelu(x, slope).shape == (0, 3)
    agree(jax.grad(lambda s: prelu(x, s).sum())(slope), jnp.zeros(3), "float32")
