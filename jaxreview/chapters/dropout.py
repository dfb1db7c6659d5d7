"""Dropout: what it does to a value, to a network and to a fit."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import optax

import jaxreview as jr
from jaxreview import initializers
from jaxreview.chapters import _style
from jaxreview.chapters._page import Page
from jaxreview.losses import cross_entropy
from jaxreview.speedup import data

DRAWS, STEPS, HIDDEN = 20_000, 400, 128


def run(page: Page) -> None:
    """Moments, the variants, subnetworks, overfitting and underfitting."""
    page.say(
        "Dropout sets each value to 0 with probability p while training and divides the others by 1 − p, so that the mean stays x and nothing has to be "
        "changed afterwards; then `deterministic=True` switches it off. The price is noise of variance x²·p/(1 − p)."
    )
    page.at("moments")
    x, keys, rows = jnp.array([0.5, 1.0, 2.0]), jax.random.split(jax.random.key(0), DRAWS), []
    for p in (0.1, 0.5, 0.8):
        drawn = np.asarray(jax.vmap(lambda key, p=p: jr.dropout(key, x, p))(keys), np.float64)
        error, variance = drawn.std(0) / np.sqrt(DRAWS), np.asarray(x) ** 2 * p / (1 - p)
        far = float(np.max(np.abs(drawn.mean(0) - np.asarray(x)) / error))
        rows.append((p, *drawn.mean(0), far, float(drawn[:, 2].var()), float(variance[2])))
    headers = ("rate p", "mean of 0.5", "mean of 1", "mean of 2", "worst, in standard errors", "variance of 2", "x²·p/(1 − p)")
    page.table("moments", headers, rows, caption="Means and variances over {draws} masks.", draws=DRAWS)
    worst = max(row[4] for row in rows)
    page.claim("No mean is further from x than {worst:.1f} standard errors.", worst < 4, worst=worst)
    page.claim("The variances are those of the formula within 5 %.", all(abs(row[5] / row[6] - 1) < 0.05 for row in rows))
    off = jr.dropout(None, x, 0.5, deterministic=True)
    page.claim("Switched off it gives x itself, bit for bit.", (off == x).all())

    key, one = jax.random.key(1), jnp.ones((4, 6, 6, 8))
    normal = jax.random.normal(jax.random.key(7), (200, 500))
    alpha, plain = jr.alpha_dropout(key, normal, 0.2), jr.dropout(key, normal, 0.2)
    channels, paths, blocks = jr.dropout(key, one, 0.5, broadcast_axes=(1, 2)), jr.drop_path(key, one, 0.5), jr.drop_block(key, one, 0.3, block=3)
    page.say(
        "What is dropped together may be more than one value: whole channels (`broadcast_axes`), whole examples of a residual branch (`drop_path`), squares "
        "of a map (`drop_block`). `alpha_dropout`, for SELU, keeps the mean and the variance."
    )
    rows = [
        ("`dropout`", "values", float(jnp.mean(jr.dropout(key, one, 0.5) == 0)), float(plain.var())),
        ("`dropout(broadcast_axes=(1, 2))`", "channels", float(jnp.mean(channels == 0)), None),
        ("`drop_path`", "examples", float(jnp.mean(paths == 0)), None),
        ("`drop_block(block=3)`", "squares", float(jnp.mean(blocks == 0)), None),
        ("`alpha_dropout`", "values", None, float(alpha.var())),
    ]
    page.table("variants", ("function", "drops", "share of zeros", "variance of a standard normal behind p = 0.2"), rows, caption="The variants.")
    together = bool(jnp.all((channels == 0).all((1, 2)) == (channels == 0).any((1, 2)))) and bool(
        jnp.all((paths == 0).all((1, 2, 3)) == (paths == 0).any((1, 2, 3)))
    )
    page.claim("A channel or an example is dropped as a whole or not at all.", together)
    page.claim("Behind alpha dropout the variance is {a:.2f}, behind dropout {b:.2f}.", abs(rows[4][3] - 1) < 0.05 < rows[0][3] - 1, a=rows[4][3], b=rows[0][3])

    page.at("all subnetworks")
    weights, inputs = jax.random.normal(jax.random.key(2), (8, 3)), jax.random.normal(jax.random.key(3), (5, 8))
    masks = jnp.array(list(itertools.product((0.0, 1.0), repeat=8)))
    mean = jnp.mean(jax.vmap(lambda mask: jr.dense(2.0 * inputs * jnp.broadcast_to(mask, inputs.shape), weights))(masks), 0)
    apart = float(jnp.max(jnp.abs(mean - jr.dense(inputs, weights))))
    page.say("With p = ½ a layer of 8 inputs is one of 2⁸ subnetworks. For a linear layer their mean is the whole network exactly; for others only nearly.")
    page.claim("Mean of all {count} subnetworks and the whole differ by {apart:.0e}.", apart < 1e-5, count=len(masks), apart=apart)

    page.correct(
        "Dropout is against overfitting, so it is used in computer vision, where data is short.",
        "It helps whatever overfits, text and tables too, and hurts what does not: a small network learns less with it. Compare held-out scores.",
    )
    page.at("digits")
    pixels, y = data.load("standardized_digits", (1500, 64)), data.load("digit_labels", (1500,))
    noisy = np.where(np.random.default_rng(0).random(1500) < 0.2, np.random.default_rng(1).integers(0, 10, 1500), y)
    test = jnp.asarray(pixels[500:], jnp.float32), jnp.asarray(y[500:])
    few = jnp.asarray(pixels[:100], jnp.float32), jnp.asarray(noisy[:100], jnp.int32)
    many = jnp.asarray(pixels[:500], jnp.float32), jnp.asarray(y[:500])
    rows, curves = [], {}
    for name, train, hidden in (("100 noisy digits, 128 units", few, HIDDEN), ("500 digits, 6 units", many, 6)):
        for p in (0.0, 0.5):
            params, curve = fitted(train, test, hidden, p)
            scores = [float(jnp.mean(jnp.argmax(net(params, a), -1) == b)) for a, b in (train, test)]
            rows.append((name, p, *scores, scores[0] - scores[1]))
            curves[name, p] = curve
    headers = ("fit", "rate p", "right in training", "right in test", "gap")
    page.table(
        "fits", headers, rows, caption="The same network with and without dropout, {steps} steps.", steps=STEPS, formats=dict.fromkeys(headers[2:], ".1%")
    )
    (_, _, _, bare, gap), (_, _, _, dropped, less), (_, _, _, small, _), (_, _, _, worse, _) = rows
    page.claim("Overfitting: dropout narrows the gap from {gap:.1%} to {less:.1%}, and the test gains from {a:.1%} to {b:.1%}.",
               less < gap and dropped > bare, gap=gap, less=less, a=bare, b=dropped)  # fmt: skip
    page.claim("Underfitting: with 6 units dropout costs {lost:.1%} of the test.", worse < small, lost=small - worse)
    drawing, axes = _style.figure()
    for p in (0.0, 0.5):
        axes.plot(curves["100 noisy digits, 128 units", p], label=f"p = {p:g}")
    axes.set(xlabel="step", ylabel="test loss, nats")
    axes.legend(frameon=False)
    page.figure("overfitting", drawing, caption="With dropout the unseen digits cost less in the end.", alt="Test loss over steps, with and without dropout.")

    ends = [curves["100 noisy digits, 128 units", p][-1] for p in (0.0, 0.5)]
    page.claim("The loss on unseen digits ends at {a:.3f} without dropout, at {b:.3f} with it.", ends[1] < ends[0], a=ends[0], b=ends[1])

    net_of = fitted(few, test, HIDDEN, 0.5)[0]
    several = jnp.mean(jax.vmap(lambda key: jr.softmax(net(net_of, test[0], 0.5, key)))(jax.random.split(jax.random.key(5), 50)), 0)
    sure = jnp.max(several, -1)
    right = jnp.argmax(several, -1) == test[1]
    a, b = float(jnp.mean(right[sure > jnp.median(sure)])), float(jnp.mean(right[sure <= jnp.median(sure)]))
    page.say("Left on in the test and averaged over 50 masks (Monte-Carlo dropout) the network also says how sure it is.")
    page.claim("Of the surer half {a:.0%} are right, of the other {b:.0%}.", a > b + 0.1, a=a, b=b)


def net(params, x, p=0.0, key=None):
    """One hidden ReLU layer, dropout behind it."""
    hidden = jr.relu(jr.dense(x, params[0], params[1]))
    return jr.dense(jr.dropout(key, hidden, p, deterministic=key is None), params[2], params[3])


def fitted(train, test, hidden, p):
    """Parameters after training and the test loss of every step."""
    first, second = jax.random.split(jax.random.key(4))
    init, optimizer = initializers.he_normal(), optax.sgd(0.05)
    params = [init(first, (64, hidden)), jnp.zeros(hidden), init(second, (hidden, 10)), jnp.zeros(10)]

    def step(carry, key):
        params, state = carry
        gradient = jax.grad(lambda params: jnp.mean(cross_entropy(net(params, train[0], p, key), train[1])))(params)
        updates, state = optimizer.update(gradient, state)
        return (optax.apply_updates(params, updates), state), jnp.mean(cross_entropy(net(params, test[0]), test[1]))

    keys = jax.random.split(jax.random.key(6), STEPS)
    (params, _), curve = jax.jit(lambda carry, keys: jax.lax.scan(step, carry, keys))((params, optimizer.init(params)), keys)
    return params, np.asarray(curve)
