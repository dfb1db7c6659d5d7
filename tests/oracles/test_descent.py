"""Gradient descent with optax's optimizers against the same ones of PyTorch, step by step."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from jaxreview.descent import gradient_descent

from agree import agree

torch = pytest.importorskip("torch")

OPTIMIZERS = {
    "sgd": (optax.sgd(0.05), lambda p: torch.optim.SGD(p, lr=0.05)),
    "momentum": (optax.sgd(0.05, momentum=0.9), lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9)),
    "nesterov": (optax.sgd(0.05, momentum=0.8, nesterov=True), lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.8, nesterov=True)),
    "weight decay": (optax.chain(optax.add_decayed_weights(0.1), optax.sgd(0.05)), lambda p: torch.optim.SGD(p, lr=0.05, weight_decay=0.1)),
    "adam": (optax.adam(0.1, b1=0.8, b2=0.99, eps=1e-6), lambda p: torch.optim.Adam(p, lr=0.1, betas=(0.8, 0.99), eps=1e-6)),
    "adamw": (optax.adamw(0.1, weight_decay=0.05), lambda p: torch.optim.AdamW(p, lr=0.1, weight_decay=0.05)),
    "adagrad": (optax.adagrad(0.5, initial_accumulator_value=0.1, eps=0.0), lambda p: torch.optim.Adagrad(p, lr=0.5, initial_accumulator_value=0.1, eps=0.0)),
    "rmsprop": (optax.rmsprop(0.05, decay=0.9, eps=1e-8, eps_in_sqrt=False), lambda p: torch.optim.RMSprop(p, lr=0.05, alpha=0.9, eps=1e-8)),
    "adamax": (optax.adamax(0.1), lambda p: torch.optim.Adamax(p, lr=0.1)),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_logistic_regression(name):
    ours, theirs = OPTIMIZERS[name]
    rng = np.random.default_rng(0)
    x, y, start = rng.standard_normal((20, 4)), rng.integers(0, 2, 20).astype(float), rng.standard_normal(4)
    steps = 25
    with jax.enable_x64(True):
        data, labels = jnp.asarray(x), jnp.asarray(y)

        def loss(params):
            z = data @ params["w"] + params["b"].reshape(1)
            return (jnp.logaddexp(z, 0.0) - labels * z).mean()

        found = gradient_descent(loss, {"w": jnp.asarray(start), "b": jnp.asarray(0.5)}, optimizer=ours, steps=steps)
    w, b = torch.tensor(start, requires_grad=True), torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    optimizer = theirs([w, b])
    path, losses = [], []
    for step in range(steps + 1):
        optimizer.zero_grad()
        value = torch.nn.functional.binary_cross_entropy_with_logits(torch.tensor(x) @ w + b, torch.tensor(y))
        path.append((w.detach().numpy().copy(), b.item()))
        losses.append(value.item())
        if step < steps:
            value.backward()
            optimizer.step()
    agree(found.losses, np.array(losses))
    agree(found.path["w"], np.array([point[0] for point in path]))
    agree(found.path["b"], np.array([point[1] for point in path]))
    agree(found.params["w"], path[-1][0])
