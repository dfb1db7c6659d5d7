"""Why weights must not all start at zero, or at one value."""

import jax
import jax.numpy as jnp
import numpy as np
import optax

import jaxreview as jr
from jaxreview import initializers as init
from jaxreview.chapters import _style
from jaxreview.chapters._page import Page
from jaxreview.descent import gradient_descent
from jaxreview.losses import squared_error

INPUTS, HIDDEN, STEPS = 5, 16, 1000


def net(params, x, key=None):
    """A tanh layer and linear output; with a key, dropout between them."""
    h = jr.tanh(jr.dense(x, params["w1"], params["b1"]))
    if key is not None:
        h = jr.dropout(key, h, 0.5)
    return jr.dense(h, params["w2"], params["b2"])


def normed(params, x):
    """The same with batch normalization before tanh."""
    stats = jr.BatchStats(jnp.zeros(HIDDEN), jnp.ones(HIDDEN))
    h, _ = jr.batch_norm_train(jr.dense(x, params["w1"], params["b1"]), stats)
    return jr.dense(jr.tanh(h), params["w2"], params["b2"])


def start(first, second):
    """Parameters from an initializer for each kernel."""
    keys = jax.random.split(jax.random.key(0))
    return {"w1": first(keys[0], (INPUTS, HIDDEN)), "b1": jnp.zeros(HIDDEN), "w2": second(keys[1], (HIDDEN, 1)), "b2": jnp.zeros(1)}


def run(page: Page) -> None:
    """Write the chapter."""
    page.say(
        "Units of a layer differ in nothing but their weights. If these are equal, so are their values; if the weights behind them are equal too, so are "
        "their gradients and their next weights, and so on for ever: {hidden} units are one. A network of {inputs} inputs, {hidden} tanh units and one "
        "output learns a smooth function from {steps} steps of gradient descent, from several beginnings.",
        inputs=INPUTS,
        hidden=HIDDEN,
        steps=STEPS,
    )
    rng = np.random.default_rng(0)
    x = jnp.asarray(rng.normal(size=(200, INPUTS)), jnp.float32)
    y = jnp.asarray(np.sin(np.asarray(x)[:, :1]) + 0.5 * np.asarray(x)[:, 1:2] * np.asarray(x)[:, 2:3], jnp.float32)
    same, xavier = init.constant(0.1), init.xavier_uniform()
    begun = {
        "zeros": (net, start(init.zeros, init.zeros)),
        "all 0.1": (net, start(same, same)),
        "all 0.1, batch norm": (normed, start(same, same)),
        "all 0.1, output random": (net, start(same, xavier)),
        "all 0.1, dropout": (None, start(same, same)),
        "Xavier": (net, start(xavier, xavier)),
    }

    def descend(model, params):
        def loss(params):
            return squared_error(model(params, x), y).mean()

        found = gradient_descent(loss, params, optimizer=optax.sgd(0.1), steps=STEPS)
        return found.losses[-1], found.path["w1"]

    def dropped(params):
        def step(params, key):
            slope = jax.grad(lambda params: squared_error(net(params, x, key), y).mean())(params)
            return jax.tree.map(lambda p, g: p - 0.1 * g, params, slope), params["w1"]

        last, path = jax.lax.scan(step, params, jax.random.split(jax.random.key(1), STEPS))
        return squared_error(net(last, x), y).mean(), jnp.concatenate([path, last["w1"][None]])

    rows, paths = [], {}
    for name, (model, params) in begun.items():
        page.at(f"descent from {name}")
        loss, w1 = jax.jit(dropped if model is None else lambda p, model=model: descend(model, p))(params)
        spread = np.asarray(jnp.ptp(w1, 2).max(1))
        rank = int(jnp.linalg.matrix_rank(w1[-1], rtol=1e-3))
        rows.append((name, float(squared_error(net(params, x), y).mean()), float(loss), float(spread[-1]), rank, float(jnp.abs(w1 - w1[:1]).max())))
        paths[name] = np.asarray(w1)
    headers = ("start", "loss before", "loss after", "columns apart", "rank of W₁", "W₁ moved by")
    caption = "{steps} steps of rate 0.1. Columns apart: the largest difference of two units' weights for one input, at the end."
    page.table("starts", headers, rows, caption=caption, steps=STEPS)
    told(page, {row[0]: row for row in rows}, paths)
    picture(page, paths)


def told(page, rows, paths):
    """What the table says."""
    zeros, same, normalized, output, dropped, xavier = rows.values()
    sentence = "From zeros no weight ever moves: each gradient has a factor of 0. Only the output's bias learns, and the loss stays at {loss:.3g}."
    page.claim(sentence, zeros[5] == 0 and zeros[4] == 0, loss=zeros[2])
    bitwise = bool((paths["all 0.1"] == paths["all 0.1"][..., :1]).all())
    sentence = "From 0.1 they do move, by up to {moved:.2g}, but after each of {steps} steps all {hidden} columns are bitwise equal and W₁ has rank {rank}."
    page.claim(sentence, bitwise and same[3] == 0 and same[4] == 1 and same[5] > 0.1, moved=same[5], steps=STEPS, hidden=HIDDEN, rank=same[4])
    sentence = "From Xavier's random weights the rank is {rank}, and the loss {random:.2g} instead of {same:.2g}."
    page.claim(sentence, xavier[4] == INPUTS and xavier[2] < same[2] / 5, rank=xavier[4], random=xavier[2], same=same[2])
    page.correct(
        "If all weights start at one value, all units do the same, and they are of no use at all.",
        "Together they do what one unit can, and the loss falls. Nor must all weights be random: it is enough that anything tells the units apart, be it "
        "other weights behind them, or noise.",
    )
    sentence = "A random output layer parts equal columns (by {output:.2g}, loss {loss:.2g}), for their gradients differ; so does dropout (by {dropped:.2g})."
    page.claim(sentence, output[4] == INPUTS and output[2] < same[2] / 3 and dropped[3] > 0.01, output=output[3], loss=output[2], dropped=dropped[3])
    sentence = (
        "Batch normalization treats equal units equally and is no cure: the loss is still {loss:.2g}. What comes to part the columns here, {apart:.2g}, "
        "is rounding that differs from column to column, which it amplifies."
    )
    page.claim(sentence, normalized[2] > 5 * xavier[2], loss=normalized[2], apart=normalized[3])


def picture(page, paths):
    """The weights of the first input to each unit."""
    drawing, panels = _style.figure(1, 3, height=2.9, sharey=True)
    for axes, name in zip(panels[0], ("all 0.1", "all 0.1, output random", "Xavier"), strict=True):
        axes.plot(paths[name][:, 0], color=_style.BLUE, linestyle="-", linewidth=1)
        axes.set(title=name, xlabel="step", xticks=[0, STEPS // 2, STEPS])
    panels[0, 0].set_ylabel("weights of the first input")
    caption = "The {hidden} weights from the first input to each hidden unit: from one value they never part, unless something else tells the units apart."
    page.figure("columns", drawing, caption=caption, alt="One line where all start at 0.1; many that fan out elsewhere.", hidden=HIDDEN)
