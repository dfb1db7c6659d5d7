"""Activation functions compared: values, slopes, saturation, and units that die."""

import functools
from statistics import NormalDist

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

FLAT, UNITS, DIGITS, RATES = 0.01, 32, 200, (0.1, 3.0, 10.0)  # a slope below FLAT is as good as none
NAMES = (
    "sigmoid tanh relu leaky_relu prelu rrelu elu celu selu gelu silu mish softplus squareplus sparse_plus soft_sign hard_sigmoid hard_tanh hard_silu "
    "relu6 sparse_sigmoid log_sigmoid threshold hard_shrink soft_shrink tanh_shrink identity"
)
SETTINGS = {"prelu": lambda z: jr.prelu(z, 0.25), "rrelu": lambda z: jr.rrelu(None, z, deterministic=True), "threshold": lambda z: jr.threshold(z, 1.0, 0.0)}
FUNCTIONS = {name: SETTINGS.get(name) or getattr(jr, name) for name in NAMES.split()}


@jax.jit
def curves(z):
    """Value, slope and second derivative of every function at every z, `(functions, 3, points)`."""
    slope = lambda f: lambda z: jax.jvp(f, (z,), (jnp.ones_like(z),))[1]  # noqa: E731
    return jnp.stack([jnp.stack([f(z), slope(f)(z), slope(slope(f))(z)]) for f in FUNCTIONS.values()])


def run(page: Page) -> None:
    """Write the chapter."""
    functions(page)
    depth(page)
    dead(page)


def functions(page):
    """All that take one number."""
    page.say(
        "Between two layers stands a function of each number by itself. Without one, layers of any number are a single linear map. What it does to a "
        "network is seen in its slope: gradients are multiplied by it on their way back. Where |f′| is below {flat} a unit learns next to nothing: **it "
        "is saturated**.",
        flat=FLAT)  # fmt: skip
    page.at("values, slopes and second derivatives")
    z = np.arange(-1200, 1201, dtype=np.float32) / 100
    normal = np.array([NormalDist().inv_cdf((i + 0.5) / 4000) for i in range(4000)], np.float32)
    whole, narrow, wide = np.split(np.asarray(curves(np.concatenate([z, normal, 5 * normal]))), (2401, 6401), 2)
    rows, flat = [], np.abs(whole[:, 1]) < FLAT
    for number, name in enumerate(FUNCTIONS):
        value, slope, second = whole[number]
        edges = [int(np.argmin(one)) - 1 if one[0] and not one.all() else None for one in (flat[number], flat[number, ::-1])]
        edges = [None if at is None else sign * z[at] for at, sign in zip(edges, (1, -1), strict=True)]
        shares = [np.mean(np.abs(one[number, 1]) < FLAT) for one in (narrow, wide)]
        sizes = (narrow[number, 0].mean().round(4) + 0.0, np.abs(slope).max(), np.abs(second).max())
        rows.append((f"`{name}`", np.allclose(value, -value[::-1], atol=1e-5), *sizes, *edges, *shares))
    headers = ("f", "odd", "mean", "max |f′|", "max |f″|", "flat up to", "flat from", "flat, σ = 1", "flat, σ = 5")
    caption = (
        "Odd functions are centred at 0. The mean is that of f(z) for z from N(0, 1); the last two columns are the shares of z from N(0, σ²) with |f′| < "
        "0.01. At a kink f″ is that of a side. `threshold` replaces what is up to 1 by 0; the slope of `prelu` is 0.25, that of `rrelu` its mean."
    )
    page.table("functions", headers, rows, caption=caption, formats=dict.fromkeys(headers[2:7], ".2f") | dict.fromkeys(headers[7:], ".1%"))
    places = {row[0].strip("`"): row for row in rows}
    means, most = [float(places[name][2]) for name in ("tanh", "sigmoid", "relu")], places["sigmoid"][3]
    sentence = "tanh is centred at 0, the sigmoid and ReLU are not: their means are {one:.2f} and {two:.2f}."
    page.claim(sentence, places["tanh"][1] and np.allclose(means, [0, 0.5, 1 / np.sqrt(2 * np.pi)], atol=1e-3), one=means[1], two=means[2])
    five, two = jax.grad(jr.sigmoid)(5.0), jax.grad(jr.tanh)(2.0)
    sentence = "The sigmoid's slope is at most {most:.2f}, and at 5 {five:.4f}; that of tanh at 2 is {two:.3f}."
    page.claim(sentence, most == 0.25 and five < 0.007 and two < 0.08, most=most, five=five, two=two)
    drawing, panels = _style.figure(7, 4, height=9.0, sharex=True)
    for axes, name, (value, slope, _) in zip(panels.flat, FUNCTIONS, whole, strict=False):
        axes.plot(z, value, label="f")
        axes.plot(z, np.where(np.abs(np.diff(slope, append=slope[-1:])) > 0.1, np.nan, slope), label="f′")
        axes.set(title=name, xlim=(-4, 4), ylim=(-1.6, 2.6), xticks=(-4, 0, 4), yticks=(-1, 0, 1, 2))
    panels[-1, -1].axis("off")
    panels[-1, -1].legend(*panels[0, 0].get_legend_handles_labels(), loc="center", frameon=False)
    page.figure("functions", drawing, caption="Every function of one number, and its slope.", alt="27 small plots of f and f′ from −4 to 4.")


def depth(page):
    """What slopes do in a deep network, and two functions that are learned."""
    chain = jax.jit(jax.vmap(jax.grad(lambda z: functools.reduce(lambda h, _: jr.sigmoid(h), range(10), z))))
    most = float(chain(np.linspace(-8, 8, 801, dtype=np.float32)).max())
    page.claim("Ten sigmoids in a row have a slope of at most {bound:.2g} = 0.25¹⁰, and of {most:.1g} in fact.", most <= 0.25**10, bound=0.25**10, most=most)
    x = jnp.asarray(data.load("standardized_digits", (200, 8, 8)).reshape(200, 64), jnp.float32)
    end = lambda nudges, kernels, f: jax.lax.scan(lambda h, given: (f(h @ given[0] + given[1]), None), x, (kernels, nudges))[0].sum()  # noqa: E731

    @jax.jit
    def norms(key):
        kernels, nudges = jr.initializers.he_normal(in_axis=-2, batch_axis=0)(key, (20, 64, 64)), jnp.zeros((20, 200, 64))
        return {name: jnp.sqrt(jnp.sum(jax.grad(end)(nudges, kernels, FUNCTIONS[name]) ** 2, (1, 2))) for name in ("relu", "selu", "tanh", "sigmoid")}

    drawing, axes = _style.figure(height=3.0)
    found = jax.tree.map(np.asarray, norms(jax.random.key(0)))
    for marker, (name, norm) in zip(_style.MARKERS, found.items(), strict=False):
        axes.semilogy(range(20, 0, -1), (norm / norm[-1])[::-1], marker=marker, markersize=4, label=name)
    axes.set(xticks=(1, 5, 10, 15, 20), xlabel="layer (the gradient goes from right to left)", ylabel="gradient / that at layer 20")
    axes.legend(frameon=False)
    caption = "Twenty layers with the same weights of variance 2/n, on digits: sigmoids let the gradient vanish."
    page.figure("depth", drawing, caption=caption, alt="Nearly level lines for three; that of the sigmoid falls to the left by many powers of ten.")
    ratios = {name: norm[0] / norm[-1] for name, norm in found.items()}
    holds = ratios["sigmoid"] < 1e-6 and 0.01 < ratios["relu"] < 100
    page.claim("From the last to the first the sigmoid leaves {one:.0e} of it, ReLU {two:.2g}.", holds, one=ratios["sigmoid"], two=ratios["relu"])

    as_maxout = jax.jit(lambda z: [jr.maxout(jnp.stack([z, slope * z], 1), 2)[:, 0] for slope in (0.0, 0.01, -1.0)])
    z = jnp.linspace(-3.0, 3.0, 60)
    same = all(bool((one == other).all()) for one, other in zip(as_maxout(z), (jr.relu(z), jr.leaky_relu(z), jnp.abs(z)), strict=True))
    learned = jax.grad(lambda slope: jr.prelu(z, slope).sum())(jnp.array(0.25))
    sentence = "Maxout of z and az is ReLU for a = 0, leaky ReLU for a = 0.01 and |z| for a = −1. PReLU learns a: its gradient is the sum of the negative z."
    page.claim(sentence, same and jnp.isclose(learned, z[:30].sum()))


def dead(page):
    """Units that no example moves any more."""
    page.say(
        "A ReLU that is negative for every example has slope 0 for every example: nothing changes it any more, **it is dead**. One step that is too long "
        "is enough where inputs are positive, as pixels are. Here a hidden layer of {h} units learns {n} digits: one step of a rate that may be too "
        "large, then 100 careful ones of 0.1. What died does not come back; the others have to do its work.",
        h=UNITS, n=DIGITS)  # fmt: skip
    x, y = jnp.asarray(data.load("digits", (DIGITS, 8, 8)).reshape(-1, 64).astype(np.float32)), jnp.asarray(data.load("digit_labels", (DIGITS,)))
    draw, rows = jr.initializers.he_normal(), []
    runs = np.tile(np.arange(3), len(RATES)), np.repeat(np.array(RATES, np.float32), 3)
    for name in ("relu", "leaky_relu", "maxout"):
        page.at(f"one step that is too long, {name}")
        f = FUNCTIONS[name] if name in FUNCTIONS else lambda z: jr.maxout(z, 2)

        def lost(p, f=f):
            h, back = jax.vjp(f, jr.dense(x, *p["first"]))  # a unit of maxout has two pieces, and the slopes of both
            return (jnp.abs(back(jnp.ones_like(h))[0].reshape(*h.shape, -1).sum(-1)) < 1e-3).all(0).mean()

        def run_of(given, f=f, lost=lost, wide=UNITS * (1 + (name == "maxout"))):
            (one, two), rate = jax.random.split(jax.random.key(given[0])), given[1]
            start = {"first": (draw(one, (64, wide)), jnp.zeros(wide)), "last": (draw(two, (UNITS, 10)), jnp.zeros(10))}
            scores = lambda p: jr.dense(f(jr.dense(x, *p["first"])), *p["last"])  # noqa: E731
            loss, schedule = lambda p: cross_entropy(scores(p), y).mean(), lambda step: jnp.where(step < 1, rate, 0.1)
            walk = gradient_descent(loss, start, optimizer=optax.sgd(schedule), steps=101)
            return lost(jax.tree.map(lambda leaf: leaf[1], walk.path)), lost(walk.params), jnp.mean(jnp.argmax(scores(walk.params), 1) == y)

        found = [np.asarray(one).reshape(len(RATES), -1) for one in jax.jit(lambda *given, run_of=run_of: jax.lax.map(run_of, given))(*runs)]
        rows += [(f"`{name}`", rate, *(one[i].mean() for one in found)) for i, rate in enumerate(RATES)]
    headers = ("f", "rate of the first step", "dead after it", "dead at the end", "accuracy")
    caption = "Means of three runs. Dead: |f′| < 0.001 at every example."
    page.table("dead", headers, rows, caption=caption, formats={headers[1]: ".1f"} | dict.fromkeys(headers[2:], ".0%"))
    gone = {row[:2]: (float(row[2]), float(row[3])) for row in rows}
    (before, after), living = gone["`relu`", 10.0], max(gone[name, rate][1] for name in ("`leaky_relu`", "`maxout`") for rate in RATES)
    sentence = "After a step of rate 10 {before:.0%} of the ReLUs are dead, and at the end still {after:.0%}; of leaky ones and of maxout none, at any rate."
    page.claim(sentence, before > 0.3 and after > 0.9 * before and living == 0 and gone["`relu`", 0.1][1] < before / 2, before=before, after=after)
