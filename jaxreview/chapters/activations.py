"""Activation functions compared: values, slopes, saturation, and units that die."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import optax

import jaxreview as jr
from jaxreview.chapters import _style
from jaxreview.chapters._page import Page
from jaxreview.descent import gradient_descent
from jaxreview.losses import cross_entropy
from jaxreview.speedup import data

FLAT = 0.01  # a slope below this is as good as none
NAMES = (
    "sigmoid tanh relu leaky_relu prelu rrelu elu celu selu gelu silu mish softplus squareplus sparse_plus soft_sign hard_sigmoid hard_tanh hard_silu "
    "relu6 sparse_sigmoid log_sigmoid threshold hard_shrink soft_shrink tanh_shrink identity"
)
SETTINGS = {
    "prelu": lambda z: jr.prelu(z, jnp.full((), 0.25)),
    "rrelu": lambda z: jr.rrelu(None, z, deterministic=True),
    "threshold": lambda z: jr.threshold(z, 1.0, 0.0),
}
FUNCTIONS = {name: SETTINGS.get(name, getattr(jr, name)) for name in NAMES.split()}


@jax.jit
def curves(z):
    """Value, slope and second derivative of every function at every z, `(functions, 3, points)`."""
    slopes = ((f, jax.grad(f), jax.grad(jax.grad(f))) for f in FUNCTIONS.values())
    return jnp.stack([jnp.stack([jax.vmap(one)(z) for one in three]) for three in slopes])


def run(page: Page) -> None:
    """Write the chapter."""
    functions(page)
    depth(page)
    pieces(page)
    dead(page)


def functions(page):
    """All that take one number."""
    page.say(
        "Between two layers stands a function of each number by itself. Without one, layers of any number are a single linear map. What it does to a "
        "network is seen in its slope: gradients are multiplied by it on their way back. Where |f′| is below {flat} a unit learns next to nothing: **it "
        "is saturated**.",
        flat=FLAT,
    )  # fmt: skip
    page.at("values, slopes and second derivatives")
    z = jnp.arange(-1200, 1201) / 100
    normal = jax.scipy.stats.norm.ppf((jnp.arange(4000.0) + 0.5) / 4000)
    whole, narrow, wide = curves(z), curves(normal), curves(5 * normal)
    rows, flat = [], jnp.abs(whole[:, 1]) < FLAT
    for number, name in enumerate(FUNCTIONS):
        value, slope, second = whole[number]
        left, right = (int(jnp.argmin(one)) if one[0] and not one.all() else None for one in (flat[number], flat[number, ::-1]))
        odd = bool(jnp.allclose(value, -value[::-1], atol=1e-5))
        shares = [float(jnp.mean(jnp.abs(one[number, 1]) < FLAT)) for one in (narrow, wide)]
        edges = (None if left is None else z[left - 1], None if right is None else -z[right - 1])
        rows.append((f"`{name}`", odd, narrow[number, 0].mean().round(4) + 0.0, jnp.abs(slope).max(), jnp.abs(second).max(), *edges, *shares))
    headers = ("f", "odd", "mean", "max |f′|", "max |f″|", "flat up to", "flat from", "flat, σ = 1", "flat, σ = 5")
    caption = (
        "Odd functions are centred at 0. The mean is that of f(z) for z from N(0, 1); the last two columns are the shares of z from N(0, σ²) with |f′| < "
        "0.01. At a kink f″ is that of a side. `threshold` replaces what is up to 1 by 0; the slope of `prelu` is 0.25, that of `rrelu` its mean."
    )
    page.table("functions", headers, rows, caption=caption, formats=dict.fromkeys(headers[2:7], ".2f") | dict.fromkeys(headers[7:], ".1%"))
    places = {row[0].strip("`"): row for row in rows}
    means = [float(places[name][2]) for name in ("tanh", "sigmoid", "relu")]
    sentence = "tanh is centred at 0, the sigmoid and ReLU are not: their means are {one:.2f} and {two:.2f}."
    page.claim(sentence, places["tanh"][1] and np.allclose(means, [0, 0.5, 1 / np.sqrt(2 * np.pi)], atol=1e-3), one=means[1], two=means[2])
    at = {name: float(jax.grad(FUNCTIONS[name])(value)) for name, value in (("sigmoid", 5.0), ("tanh", 2.0))}
    sentence = "The sigmoid's slope is at most {most:.2f}, and at 5 {five:.4f}; that of tanh at 2 is {two:.3f}."
    page.claim(
        sentence, places["sigmoid"][3] == 0.25 and at["sigmoid"] < 0.007 and at["tanh"] < 0.08, most=places["sigmoid"][3], five=at["sigmoid"], two=at["tanh"]
    )
    drawing, panels = _style.figure(7, 4, height=9.0, sharex=True)
    z = jnp.linspace(-4.0, 4.0, 321)
    panels[-1, -1].axis("off")
    for axes, name, (value, slope, _) in zip(panels.flat, FUNCTIONS, curves(z), strict=False):
        lines = axes.plot(z, value, z, jnp.where(jnp.abs(jnp.diff(slope, append=slope[-1:])) > 0.3, jnp.nan, slope))
        axes.set_title(name, fontsize=9)
        axes.set(ylim=(-1.6, 2.6), xticks=(-4, 0, 4), yticks=(-1, 0, 1, 2))
    panels[-1, -1].legend(lines, ("f", "f′"), loc="center", frameon=False)
    page.figure("functions", drawing, caption="Every function of one number, and its slope.", alt="27 small plots of f and f′ from −4 to 4.")


def depth(page):
    """What slopes do in a deep network."""
    chain = jax.grad(lambda z: functools.reduce(lambda h, _: jr.sigmoid(h), range(10), z))
    most = float(jnp.max(jax.vmap(chain)(jnp.linspace(-8.0, 8.0, 801))))
    page.claim("Ten sigmoids in a row have a slope of at most {bound:.2g} = 0.25¹⁰, and of {most:.1g} in fact.", most <= 0.25**10, bound=0.25**10, most=most)
    x = jnp.asarray(data.load("standardized_digits", (200, 8, 8)).reshape(200, 64), jnp.float32)
    kernels = jax.vmap(lambda key: jr.initializers.he_normal()(key, (64, 64)))(jax.random.split(jax.random.key(0), 20))

    @functools.partial(jax.jit, static_argnums=0)
    def norms(f):
        loss = lambda nudges: jnp.sum(jax.lax.scan(lambda h, given: (f(h @ given[0] + given[1]), None), x, (kernels, nudges))[0])  # noqa: E731
        return jnp.sqrt(jnp.sum(jax.grad(loss)(jnp.zeros((20, 200, 64))) ** 2, (1, 2)))

    drawing, axes = _style.figure(height=3.0)
    found = {name: norms(FUNCTIONS[name]) for name in ("relu", "leaky_relu", "selu", "tanh", "sigmoid")}
    for marker, (name, norm) in zip(_style.MARKERS, found.items(), strict=False):
        axes.semilogy(range(20, 0, -1), (norm / norm[-1])[::-1], marker=marker, markersize=4, label=name)
    axes.set(xlabel="layer (the gradient goes from right to left)", ylabel="gradient / that at layer 20")
    axes.legend(frameon=False)
    caption = "Twenty layers with the same weights of variance 2/n, on digits: sigmoids let the gradient vanish."
    page.figure("depth", drawing, caption=caption, alt="Level lines for the ReLUs; that of the sigmoid falls to the left by many powers of ten.")
    ratios = {name: norm[0] / norm[-1] for name, norm in found.items()}
    holds = ratios["sigmoid"] < 1e-6 and 0.01 < ratios["relu"] < 100
    page.claim("From the last to the first the sigmoid leaves {one:.0e} of it, ReLU {two:.2g}.", holds, one=ratios["sigmoid"], two=ratios["relu"])


def pieces(page):
    """PReLU and maxout."""
    z = jnp.linspace(-3.0, 3.0, 60)
    as_maxout = jnp.stack([jr.maxout(jnp.stack([z, slope * z], 1), 2)[:, 0] for slope in (0.0, 0.01, -1.0)])
    same = bool((as_maxout == jnp.stack([jr.relu(z), jr.leaky_relu(z), jnp.abs(z)])).all())
    learned = jax.grad(lambda slope: jr.prelu(z, slope).sum())(jnp.array(0.25))
    sentence = "Maxout of z and az is ReLU for a = 0, leaky ReLU for a = 0.01 and |z| for a = −1. PReLU learns a: its gradient is the sum of the negative z."
    page.claim(sentence, same and jnp.isclose(learned, z[z < 0].sum()))


def dead(page):
    """Units that no example moves any more."""
    page.say(
        "A ReLU that is negative for every example has slope 0 for every example: nothing changes it any more, **it is dead**. One step that was too long "
        "is enough, where inputs are positive, as pixels and as what ReLUs give. Here two hidden layers of 64 learn 500 digits for 20 steps at a rate "
        "that may be too large, then for 200 careful ones. Dead units stay dead. Leaky ones are never quite; but no function saves a run whose numbers "
        "overflow."
    )
    x, y = jnp.asarray(data.load("digits", (500, 8, 8)).reshape(500, 64), jnp.float32), jnp.asarray(data.load("digit_labels", (500,)))
    draw, rates = jr.initializers.he_normal(), jnp.array([0.3, 1.0, 2.0])
    kinds = {"relu": lambda z, a: jr.relu(z), "leaky_relu": lambda z, a: jr.leaky_relu(z), "prelu": jr.prelu, "maxout": lambda z, a: jr.maxout(z, 2), "tanh": lambda z, a: jr.tanh(z)}  # fmt: skip
    rows, found = [], {}
    for name, f in kinds.items():
        page.at(f"training at rates that are too large, {name}")
        wide = 128 if name == "maxout" else 64

        def slopes(z, a, f=f):
            h, back = jax.vjp(lambda z: f(z, a), z)
            return h, back(jnp.ones_like(h))[0].reshape(*h.shape, -1).sum(-1)

        def layers(p, f=f):
            first, one = slopes(jr.dense(x, *p["first"]), p["a"], f)
            second, two = slopes(jr.dense(first, *p["second"]), p["a"], f)
            return jr.dense(second, *p["last"]), (jnp.abs(jnp.concatenate([one, two], 1)) < 1e-3).all(0).mean()

        def trained(key, rate, wide=wide):
            shapes = {"first": (64, wide), "second": (64, wide), "last": (64, 10)}
            start = {place: (draw(jax.random.fold_in(key, i), shape), jnp.zeros(shape[1])) for i, (place, shape) in enumerate(shapes.items())}
            loss = lambda p: cross_entropy(layers(p)[0], y).mean()  # noqa: E731
            rash = gradient_descent(loss, start | {"a": jnp.array(0.25)}, optimizer=optax.sgd(rate), steps=20).params
            careful = gradient_descent(loss, rash, optimizer=optax.sgd(0.05), steps=200).params
            scores, gone = layers(careful)
            return gone, jnp.mean(jnp.argmax(scores, 1) == y), jnp.isfinite(loss(careful))

        runs = jax.jit(jax.vmap(jax.vmap(trained, (0, None)), (None, 0)))(jax.random.split(jax.random.key(1), 4), rates)
        found[name] = [one.mean(1) for one in runs]
        rows += [(f"`{name}`", rate, *(one[i] for one in found[name])) for i, rate in enumerate(rates)]
    headers = ("f", "rate at first", "dead units", "accuracy after", "runs that stay finite")
    page.table(
        "dead",
        headers,
        rows,
        caption="Means of four runs. Dead: |f′| < 0.001 at every example.",
        formats={headers[1]: ".1f"} | dict.fromkeys(headers[2:], ".0%"),
    )
    (relu, worse, _), (leaky, better, _) = ([float(one[2]) for one in found[name]] for name in ("relu", "leaky_relu"))
    sentence = "After a rate of 2 {relu:.0%} of the ReLUs are dead, and of the leaky ones none; the accuracies are {worse:.0%} and {better:.0%}."
    page.claim(sentence, relu > 0.2 and leaky == 0 and better > worse, relu=relu, worse=worse, better=better)
