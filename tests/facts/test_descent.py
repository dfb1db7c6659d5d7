"""Gradient descent: on a quadratic every step is known in advance."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from jaxreview.descent import Descent, gradient_descent

from agree import agree

CURVATURES = jnp.array([1.0, 4.0])


def bowl(w):
    """½ Σ L_i w_i², with gradient L_i w_i: sgd(rate) multiplies w_i by 1 − rate · L_i at each step."""
    return 0.5 * (CURVATURES * w**2).sum()


@pytest.mark.parametrize("steps", [0, 1, 2, 7])
def test_sgd_is_the_recursion_by_hand(steps):
    start = jnp.array([1.0, -2.0])
    found = gradient_descent(bowl, start, optimizer=optax.sgd(0.1), steps=steps)
    path = np.array([[0.9**t, -2 * 0.6**t] for t in range(steps + 1)])
    agree(found.path, path, "float32")
    agree(found.losses, 0.5 * (path**2 @ np.array([1.0, 4.0])), "float32")
    assert jnp.array_equal(found.params, found.path[-1])
    assert jnp.array_equal(found.path[0], start)


def test_losses_belong_to_the_path():
    found = gradient_descent(bowl, jnp.array([1.0, -2.0]), optimizer=optax.adam(0.3), steps=9)
    agree(found.losses, jax.vmap(bowl)(found.path), "float32")
    assert found.losses.shape == (10,)


@pytest.mark.parametrize(("rate", "factor"), [(1.0, 0.0), (1.9, -0.9), (2.1, -1.1)])
def test_rates_around_two_over_the_curvature(rate, factor):
    # w ← (1 − rate) w on ½w² (L = 1): 1/L arrives at once, 1.9/L swings in, 2.1/L swings out.
    found = gradient_descent(lambda w: 0.5 * w**2, jnp.array(1.0), optimizer=optax.sgd(rate), steps=30)
    agree(found.params, np.array(factor**30), "float32")
    assert (found.losses[-1] < found.losses[0]) == (rate < 2)


def test_any_pytree():
    start = {"w": (jnp.array([1.0, 2.0]), jnp.array(3.0)), "b": [jnp.zeros((2, 1))]}
    found = gradient_descent(lambda p: (p["w"][0] ** 2).sum() + p["w"][1] ** 2 + (p["b"][0] ** 2).sum(), start, optimizer=optax.sgd(0.25), steps=2)
    assert isinstance(found, Descent)
    assert jax.tree.structure(found.params) == jax.tree.structure(start)
    agree(found.params["w"][0], np.array([0.25, 0.5]), "float32")
    assert [leaf.shape for leaf in jax.tree.leaves(found.path)] == [(3, 2, 1), (3, 2), (3,)]


def test_a_python_number_is_a_parameter():
    found = gradient_descent(lambda w: w**2, 1.0, optimizer=optax.sgd(0.25), steps=2)
    assert found.path.tolist() == [1.0, 0.5, 0.25]
    assert not any(leaf.weak_type for leaf in found)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize("optimizer", [optax.sgd(0.1), optax.sgd(0.1, momentum=0.9, nesterov=True), optax.adam(0.1), optax.rmsprop(0.1)])
def test_parameters_keep_their_dtype(dtype, optimizer):
    with jax.enable_x64(True):
        found = gradient_descent(lambda w: (w**2).sum(), jnp.ones(3, dtype), optimizer=optimizer, steps=2)
        assert {leaf.dtype for leaf in found} == {jnp.dtype(dtype)}


@pytest.mark.parametrize(
    "optimizer",
    [
        optax.adamw(0.1),
        optax.lamb(0.1),
        optax.adafactor(0.1),
        optax.sgd(optax.cosine_decay_schedule(0.2, 20)),
        optax.chain(optax.clip_by_global_norm(1.0), optax.adagrad(0.5)),
        optax.lbfgs(),
        optax.polyak_sgd(),
    ],
)
def test_any_optimizer_goes_downhill(optimizer):
    found = gradient_descent(bowl, jnp.array([1.0, -2.0]), optimizer=optimizer, steps=20)
    assert found.losses[-1] < found.losses[0]


def test_transformations():
    run = lambda w: gradient_descent(bowl, w, optimizer=optax.sgd(0.1), steps=3)  # noqa: E731
    starts = jnp.array([[1.0, -2.0], [0.5, 3.0], [0.0, 1.0]])
    agree(jax.jit(jax.vmap(run))(starts), jax.tree.map(lambda *leaves: jnp.stack(leaves), *map(run, starts)), "float32")
    # d params / d start = diag(0.9³, 0.6³), forwards and backwards.
    for derivative in (jax.jacfwd, jax.jacrev):
        agree(derivative(lambda w: run(w).params)(starts[0]), np.diag([0.9**3, 0.6**3]), "float32")
    # The final loss is ½ · 0.9⁶ · w₁² + 2 · 0.6⁶ · w₂².
    agree(jax.hessian(lambda w: run(w).losses[-1])(starts[0]), np.diag([0.9**6, 4 * 0.6**6]), "float32")


def test_the_derivative_by_the_learning_rate():
    # w₁ = (1 − rate) w₀ twice: d/d rate (1 − rate)² = −2(1 − rate).
    def final(rate):
        return gradient_descent(lambda w: 0.5 * w**2, jnp.array(1.0), optimizer=optax.sgd(rate), steps=2).params

    agree(jax.grad(final)(jnp.array(0.25)), np.array(-1.5), "float32")


def test_compiled_size_does_not_grow_with_the_steps():
    def size(steps):
        return len(str(jax.make_jaxpr(lambda w: gradient_descent(bowl, w, optimizer=optax.sgd(0.1), steps=steps))(jnp.ones(2))))

    assert abs(size(1000) - size(10)) < 100
