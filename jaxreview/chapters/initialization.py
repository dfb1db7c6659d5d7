"""Vanishing and exploding gradients, and the initialization of weights."""

import functools

import jax
import jax.numpy as jnp
import numpy as np

import jaxreview as jr
from jaxreview import initializers as init
from jaxreview.chapters import _style
from jaxreview.chapters._page import Page
from jaxreview.speedup import data

DEPTH, N = 50, 256  # layers, and units of each
SHOWN = {"`normal(0.01)`": init.normal(0.01), "`normal(1)`": init.normal(1.0), "`lecun_normal`": init.lecun_normal(), "`he_normal`": init.he_normal()}
OTHERS = {
    "`constant(1/n)`": init.constant(1 / N),
    "`normal(1/n)`": init.normal(1 / N),
    "`truncated_normal(1/√n)`": init.truncated_normal(1 / N**0.5),
    "`glorot_normal`": init.glorot_normal(),
    "`identity`": init.identity(),
}
ACTIVATIONS = {"tanh": jr.tanh, "ReLU": jr.relu}


def drawn(kind, key):
    """The kernels of all layers, `(DEPTH, N, N)`."""
    return jax.vmap(lambda key: kind(key, (N, N), jnp.float32))(jax.random.split(key, DEPTH))


@functools.partial(jax.jit, static_argnums=2)
def signals(kernels, x, f):
    """The standard deviation of what each layer gives, and the norm of the gradient there, of a loss that is a random sum of what the last one gives."""
    weights = jax.random.normal(jax.random.key(1), x.shape, x.dtype)

    def loss(nudges):
        def layer(h, given):
            h = f(jr.dense(h, given[0].astype(h.dtype))) + given[1]
            return h, h.std()

        out, stds = jax.lax.scan(layer, x, (kernels, nudges))
        return jnp.sum(weights * out), stds

    slopes, stds = jax.grad(loss, has_aux=True)(jnp.zeros((len(kernels), *x.shape), x.dtype))
    return stds, jnp.sqrt(jnp.sum(slopes**2, (1, 2)))


def run(page: Page) -> None:
    """Write the chapter; sizes from 10⁻⁴⁸ to 10⁵² need float64."""
    with jax.enable_x64(True):
        pixels = jnp.asarray(data.load("photographs", (64, 16, 16, 1)).reshape(64, N))
        x = jr.standardize(pixels, jr.fit_standardizer(pixels))
        chain(page)
        layers(page, x)
        gains(page)


def chain(page):
    """One unit a layer."""
    after = {w: float(jax.lax.fori_loop(0, DEPTH, lambda _, h, w=w: jr.dense(h, jnp.array([[w]])), jnp.ones(1))[0]) for w in (1.5, 1.0, 0.5)}
    page.say("In a chain of {depth} layers with one unit each, every layer multiplies by its weight, and so does every step back of the gradient.", depth=DEPTH)
    sentence = "Weights of 1.5 make of 1 in the end {large:.2g}, weights of 0.5 {small:.2g}: 1.5⁵⁰ and 0.5⁵⁰."
    page.claim(sentence, abs(after[1.5] / 1.5**50 - 1) < 1e-12 and after[0.5] == 0.5**50 and after[1.0] == 1, large=after[1.5], small=after[0.5])


def layers(page, x):
    """Real layers, of many units."""
    page.correct(
        "The larger n is, the smaller w should be, so that z = w₁x₁ + … + wₙxₙ does not grow: set w to 1/n.",
        "It is the variance of random weights that is 1/n, hence their standard deviation 1/√n: n terms of variance 1/n each give z the variance of x. Weights "
        "that all are 1/n make every unit the same, and random ones of deviation 1/n shrink z by √n in every layer. With ReLU, which takes away half of z², "
        "the variance is 2/n (He), twice as much.",
    )
    page.say(
        "Deep layers of many units follow the same law: each multiplies the size of the signal by √n times the deviation of its weights, and by what the "
        "activation leaves of it. Forward this is the size of the values; backward, through the same weights, that of the gradient. Where it is not 1, it is "
        "raised to the power of the depth. (Every `_normal` has a `_uniform` of the same variance; `glorot`, the average of fans, is also called Xavier, `he` "
        "Kaiming. `lsuv` fits the deviation to real data, layer by layer.)"
    )
    page.at("signals, layer by layer")
    rows, seen, key = [], {}, jax.random.key(0)
    for number, (name, kind) in enumerate((SHOWN | OTHERS).items()):
        kernels = drawn(kind, jax.random.fold_in(key, number))
        found = [[np.asarray(one) for one in signals(kernels, x, f)] for f in ACTIVATIONS.values()]
        rows.append((name, kernels.std() * N**0.5, *(size for stds, norms in found for size in (stds[-1], norms[0] / norms[-1]))))
        seen[name] = dict(zip(ACTIVATIONS, found, strict=True))
    headers = ("initializer", "std of w · √n", "tanh: std", "tanh: gradient", "ReLU: std", "ReLU: gradient")
    caption = "{depth} layers of {n} units on photographs: std of what the last gives, and the gradient at the first layer as a multiple of that at the last."
    page.table("signals", headers, rows, caption=caption, depth=DEPTH, n=N, formats=dict.fromkeys(headers[1:], ".2g"))
    small, large, plain, he = (float(row[4]) for row in rows[:4])
    sentence = "With ReLU and a deviation of 0.01 the last values are of size {small:.0e}, with 1 {large:.0e}, with 1/√n {plain:.0e}, with √(2/n) {he:.2g}."
    holds = small < 1e-40 and large > 1e48 and 1e-10 < plain < 1e-6 and 0.1 < he < 2
    page.claim(sentence, holds, small=small, large=large, plain=plain, he=he)
    sentence = "tanh hides an explosion: at a deviation of 1 its values stay at {std:.2f}, saturated, while the gradient grows by {grown:.0e} on its way back."
    page.claim(sentence, rows[1][2] > 0.9 and rows[1][3] > 1e15, std=rows[1][2], grown=rows[1][3])
    in_float32 = [signals(drawn(SHOWN[name], key), x.astype(jnp.float32), jr.relu)[0] for name in ("`normal(0.01)`", "`normal(1)`")]
    zero, infinite = int(jnp.argmax(in_float32[0] == 0)) + 1, int(jnp.argmax(~jnp.isfinite(in_float32[1]))) + 1
    sentence = "In float32 the signal of the first is exactly 0 from layer {zero} on and that of the second infinite or NaN from layer {infinite} on."
    page.claim(sentence, 1 < zero < DEPTH and 1 < infinite < DEPTH, zero=zero, infinite=infinite)
    same = jnp.ptp(jr.dense(x, init.constant(1 / N)(key, (N, N), x.dtype)), 1).max() == 0
    page.claim("Weights that all are 1/n: after one layer all units of a sample give bitwise the same.", same)
    picture(page, seen)


def picture(page, seen):
    """Sizes by layer."""
    drawing, panels = _style.figure(2, 2, height=4.8, sharex=True, sharey=True)
    layer = np.arange(1, DEPTH + 1)
    for activation, (left, right) in zip(ACTIVATIONS, panels, strict=True):
        for name, label in zip(SHOWN, ("0.01", "1", "1/√n", "√(2/n), He"), strict=True):
            stds, norms = seen[name][activation]
            left.semilogy(layer, stds, label=label)
            right.semilogy(layer, norms / norms[-1])
        left.set(title=f"{activation}: signal, forward →", ylabel="std of the values", ylim=(1e-56, 1e60), yticks=10.0 ** np.arange(-40, 41, 20))
        right.set(title=f"{activation}: gradient, ← backward", ylabel="gradient / last")
    drawing.supxlabel("layer", fontsize="medium")
    drawing.legend(*panels[0, 0].get_legend_handles_labels(), title="std of the weights", loc="outside upper center", ncols=4, frameon=False)
    caption = "Every layer changes the size by a factor, so a logarithmic axis shows straight lines. Only the right deviation keeps them level."
    alt = "Lines fall by tens of powers of ten at 0.01, rise at 1, and stay level at the right deviation; with tanh only the gradient rises."
    page.figure("layers", drawing, caption=caption, alt=alt)


def gains(page):
    """What an activation needs."""
    z = jnp.linspace(-12, 12, 200_001)
    density = jnp.exp(-(z**2) / 2) / (2 * np.pi) ** 0.5
    functions = {"linear": jr.identity, "relu": jr.relu, "leaky_relu": jr.leaky_relu, "tanh": jr.tanh, "sigmoid": jr.sigmoid, "selu": jr.selu}
    means = {name: (abs(float(jnp.trapezoid(f(z) * density, z))), float(jnp.trapezoid(f(z) ** 2 * density, z))) for name, f in functions.items()}
    rows = [(f"`{name}`", mean, square, square**-0.5, init.calculate_gain(name)) for name, (mean, square) in means.items()]
    caption = "z is standard normal. Weights of deviation gain/√n with gain = 1/√E f(z)² keep the size of z in the next layer at 1."
    headers = ("f", "|E f(z)|", "E f(z)²", "1/√E f(z)²", "`calculate_gain`")
    page.table("gains", headers, rows, caption=caption, formats=dict.fromkeys(headers[1:], ".3f"))
    worst, ratio = max(abs(rows[i][4] / rows[i][3] - 1) for i in range(3)), rows[3][4] / rows[3][3]
    sentence = "The usual gains are exactly these for ReLU and leaky ReLU (to {worst:.0e}) and a rule of thumb for tanh: 5/3 is {ratio:.3f} times what keeps 1."
    page.claim(sentence, worst < 1e-6 and 1 < ratio < 1.1, worst=worst, ratio=ratio)
