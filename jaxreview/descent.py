"""Gradient descent with any optax optimizer as one compiled loop that keeps its whole path."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float, PyTree

from jaxreview import _checks, _windows

__all__ = ["Descent", "gradient_descent"]


class Descent(NamedTuple):
    """A finished descent.

    Attributes:
        params: the parameters after the last step.
        losses: `(steps + 1,)`: the loss at the start and after every step.
        path: the parameters at the start and after every step, on a new leading axis of length steps + 1; ``losses[i]`` is the loss at ``path[i]``.
    """

    params: PyTree[Float[Array, "..."]]
    losses: Float[Array, " points"]
    path: PyTree[Float[Array, "points ..."]]


def gradient_descent(loss: Callable[[Any], Any], params: PyTree, *, optimizer: optax.GradientTransformation, steps: int) -> Descent:
    """Follow an optimizer downhill: θ_{t+1} = θ_t + update(∇loss(θ_t)), for t = 0 … steps − 1.

    One `lax.scan`, so that compiling takes as long for one step as for a thousand. The result is differentiable with respect to params and to
    whatever the loss and the optimizer close over. On a quadratic of curvature at most L, plain `optax.sgd(rate)` converges for every rate below
    2/L and diverges above.

    Args:
        loss: a function of the parameters alone, with a real scalar as its value.
        params: the starting point, any pytree of real arrays.
        optimizer: an optax `GradientTransformation`; those that ask for the value, the gradient or the loss function (line searches) get them.
        steps: how many, at least 0.

    Returns:
        `Descent(params, losses, path)`. Parameters keep their dtypes, losses have the dtype of the loss; losses and path have steps + 1 entries,
        the start being the first.

    Raises:
        TypeError: loss is not a function with a real value, a parameter is not real, optimizer is none, or steps is not a static int.
        ValueError: the loss is not a scalar, or steps is negative.

    References:
        Goodfellow, Bengio & Courville, Deep Learning (2016), section 4.3.

    Examples:
        >>> import jax.numpy as jnp
        >>> import optax
        >>> from jaxreview.descent import gradient_descent
        >>> found = gradient_descent(lambda w: w**2, jnp.array(1.0), optimizer=optax.sgd(0.25), steps=2)
        >>> found.path.tolist(), found.losses.tolist()
        ([1.0, 0.5, 0.25], [1.0, 0.25, 0.0625])
    """
    where = "gradient_descent"
    if not callable(loss):
        raise TypeError(f"{where}: loss is a {type(loss).__name__}; it needs a function of the parameters")
    if not (callable(getattr(optimizer, "init", None)) and callable(getattr(optimizer, "update", None))):
        raise TypeError(f"{where}: optimizer is a {type(optimizer).__name__}; it needs an optax GradientTransformation with init and update")
    steps = _windows.integer(where, "steps", steps, minimum=0)
    params = jax.tree.map(lambda leaf: _strong(_checks.real(where, "params", leaf)), params)
    value = jax.eval_shape(loss, params)
    if not hasattr(value, "shape") or not jnp.issubdtype(value.dtype, jnp.floating):
        raise TypeError(f"{where}: loss gives {value}; it needs one real number, of a floating point dtype")
    if value.shape:
        raise ValueError(f"{where}: loss has shape {value.shape}; it needs a scalar, (): take its mean or its sum")
    optimizer = optax.with_extra_args_support(optimizer)

    def step(carry: tuple[PyTree, Any], _: None) -> tuple[tuple[PyTree, Any], tuple[Array, PyTree]]:
        at, state = carry
        height, slope = jax.value_and_grad(loss)(at)
        with jax.numpy_dtype_promotion("standard"):  # optax's Adam raises a float to its integer count, which "strict" refuses
            updates, new_state = optimizer.update(slope, state, at, value=height, grad=slope, value_fn=loss)
            moved = optax.apply_updates(at, updates)
        return (moved, new_state), (_strong(height), at)

    (params, _), (losses, path) = jax.lax.scan(step, (params, optimizer.init(params)), length=steps)
    losses = jnp.concatenate([losses, _strong(jnp.asarray(loss(params))).reshape(1)])
    path = jax.tree.map(lambda passed, last: jnp.concatenate([passed, last[None]]), path, params)
    return Descent(params, losses, path)


def _strong(value: Array) -> Array:
    """Without the weak type of a Python number, which a loop cannot carry."""
    return jnp.asarray(value, value.dtype)
