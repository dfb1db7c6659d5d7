"""Why a convex cost suits gradient descent, and which costs are convex."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import optax

from jaxreview import losses
from jaxreview.chapters import _style
from jaxreview.chapters._page import Page
from jaxreview.descent import gradient_descent
from jaxreview.speedup import data

PAIRS, STARTS = 2000, 64
ROUNDING = 1e-12


@functools.partial(jax.jit, static_argnums=(0, 1))
def tests(f, size, key):
    """Of random pairs the share that breaks the midpoint inequality, the share whose gradients are not monotone, and the smallest curvature met."""
    a, b = 3.0 * jax.random.normal(key, (2, PAIRS, size))
    middle = jax.vmap(f)((a + b) / 2) - (jax.vmap(f)(a) + jax.vmap(f)(b)) / 2
    along = ((jax.vmap(jax.grad(f))(a) - jax.vmap(jax.grad(f))(b)) * (a - b)).sum(1)
    curvature = jnp.linalg.eigvalsh(jax.vmap(jax.hessian(f))(a[:200])).min()
    return (middle > ROUNDING).mean(), (along < -ROUNDING).mean(), curvature


def xor(theta):
    """Mean squared error of the smallest network that can learn the exclusive or, 2-2-1 with tanh: nine parameters."""
    x, y = jnp.array([[-1.0, -1], [-1, 1], [1, -1], [1, 1]]), jnp.array([0.0, 1, 1, 0])
    hidden = jnp.tanh(x @ theta[:4].reshape(2, 2) + theta[None, 4:6])
    return losses.squared_error(hidden @ theta[6:8] + theta[8], y).mean()


def rastrigin(x):
    """A bowl with waves: a minimum near every point of whole numbers, the best one at 0."""
    return jnp.sum(x**2 + 10 - 10 * jnp.cos(2 * jnp.pi * x))


def run(page: Page) -> None:
    """Write the chapter; curvatures near 0 are told from 0 in float64."""
    with jax.enable_x64(True):
        x, y = jnp.asarray(data.load("breast_cancer", (569, 30))[:, :2]), jnp.asarray(data.load("cancer_targets", (569,)))
        a = jnp.concatenate([x, jnp.ones((569, 1))], 1)
        costs = {
            "logistic loss of a linear model": lambda t: losses.logistic_loss(a @ t, y).mean(),
            "squared error of a linear model": lambda t: losses.squared_error(a @ t, y).mean(),
            "absolute error of a linear model": lambda t: losses.absolute_error(a @ t, y).mean(),
            "hinge loss of a linear model": lambda t: losses.hinge_loss(a @ t, 2 * y - 1).mean(),
            "x⁴": lambda t: jnp.sum(t**4),
            "squared error of a sigmoid": lambda t: losses.squared_error(jax.nn.sigmoid(a @ t), y).mean(),
            "a network for the exclusive or": xor,
            "Rastrigin's function": rastrigin,
        }
        tested(page, costs)
        slices(page, costs)
        starts(page, costs)


def tested(page, costs):
    """Three tests of convexity."""
    page.say(
        "A function is convex where every chord lies above it: f((a + b)/2) ≤ (f(a) + f(b))/2. Then a point with no lower point near it has no lower point "
        "anywhere, and **gradient descent cannot be caught in the wrong valley**. The same is said of slopes, ⟨∇f(a) − ∇f(b), a − b⟩ ≥ 0, and, where there are "
        "second derivatives, of curvatures: no eigenvalue of the Hessian is negative."
    )
    rows = []
    for number, (name, f) in enumerate(costs.items()):
        page.at(name)
        size = {"x⁴": 1, "a network for the exclusive or": 9, "Rastrigin's function": 2}.get(name, 3)
        rows.append((name, *map(float, tests(f, size, jax.random.key(number)))))
    headers = ("cost", "chords below", "slopes that fall", "smallest curvature")
    caption = "Three tests on {pairs} random pairs of parameters: a convex function passes all. The data are two features of the breast cancer table."
    page.table("tests", headers, rows, caption=caption, formats={headers[1]: ".1%", headers[2]: ".1%", headers[3]: ".2g"}, pairs=PAIRS)
    broken, least = ({row[0]: row[place] for row in rows} for place in (1, 3))
    logistic, sigmoid = "logistic loss of a linear model", "squared error of a sigmoid"
    page.claim(
        "The logistic cost of a linear model is convex. The squared error of its sigmoid is not: {share:.0%} of the chords run below it, and its curvature "
        "goes down to {least:.3g}.",
        broken[logistic] == 0 and least[logistic] > -ROUNDING and broken[sigmoid] > 0.05 and least[sigmoid] < -0.01,
        share=broken[sigmoid], least=least[sigmoid],
    )  # fmt: skip
    page.correct(
        "Properties of a convex function: it is twice differentiable, its second derivative is positive, and a local optimum is the global one.",
        "Only the third is one. The absolute error and the hinge loss have kinks, a second derivative of 0 wherever there is one, and that of x⁴ is 0 at 0; "
        "all are convex. Where there is a second derivative it has to be at least 0.",
    )
    kinked = [name for name in costs if name.startswith(("absolute", "hinge"))]
    page.claim(
        "The kinked costs pass every test with a curvature of exactly 0, and x⁴ with a second derivative of {at_zero:.0f} at 0.",
        all(broken[name] == 0 == least[name] for name in kinked) and broken["x⁴"] == 0 == jax.grad(jax.grad(lambda t: t**4))(0.0),
        at_zero=jax.grad(jax.grad(lambda t: t**4))(0.0),
    )


def slices(page, costs):
    """One line through parameter space."""
    t = jnp.linspace(-8.0, 8.0, 200)
    line = t[:, None] * jnp.array([[-0.8, -0.6, 0.0]]) + jnp.array([[0.0, 0.0, 0.7]])
    drawing, axes = _style.figure(height=3.2)
    for name in ("logistic loss of a linear model", "squared error of a sigmoid"):
        axes.plot(t, jax.vmap(costs[name])(line), label=name)
    axes.set(xlabel="way along one line through parameter space (right: towards the solution)", ylabel="cost", ylim=(0, 3))
    axes.legend(frameon=False)
    caption = "Far on the wrong side the logistic cost still slopes; the squared error of the same sigmoid lies nearly flat and bends the wrong way."
    page.figure(
        "slices", drawing, caption=caption, alt="The logistic cost is one bowl; the squared error is flat on the left, falls steeply and rises a little."
    )


def starts(page, costs):
    """Descents from many places."""
    page.at("descents from many starts")
    settings = {
        "logistic loss of a linear model": (3, optax.sgd(3.0), 300),
        "a network for the exclusive or": (9, optax.sgd(0.1), 2000),
        "Rastrigin's function": (2, optax.sgd(0.002), 300),
    }
    drawing, panels = _style.figure(1, 3, height=2.8)
    spread, rows = {}, []
    for axes, (name, (size, optimizer, steps)) in zip(panels[0], settings.items(), strict=True):
        begin = 2.0 * jax.random.normal(jax.random.key(0), (STARTS, size))
        descend = lambda start, f=costs[name], o=optimizer, s=steps: gradient_descent(f, start, optimizer=o, steps=s).losses[-1]  # noqa: E731
        ends = np.asarray(jax.jit(jax.vmap(descend))(begin))
        spread[name] = float(np.ptp(ends))
        rows.append((name, ends.min(), np.median(ends), ends.max(), (ends < ends.min() + 1e-3).mean()))
        axes.hist(ends, bins=np.linspace(0, max(ends.max() * 1.1, 0.1), 24), color=_style.BLUE, edgecolor="white")
        axes.set(title=name.replace(" of a linear model", "").replace("a network for the exclusive or", "network, xor"), xlabel="cost at the end")
    panels[0, 0].set_ylabel(f"descents, of {STARTS}")
    headers = ("cost", "lowest end", "median end", "highest end", "ends at the lowest")
    page.table("ends", headers, rows, caption="Where {starts} descents from random starts end.", formats={headers[4]: ".0%"}, starts=STARTS)
    page.figure(
        "ends",
        drawing,
        caption="Descents on a convex cost all end at one height, on others each in a valley of its own.",
        alt="One bar for the logistic loss; many for the network and for Rastrigin's function.",
    )
    page.correct(
        "The true J(θ) is a bowl with a single, global optimum, so there is no need to worry about local ones.",
        "That is so for linear and logistic models. The cost of a network with a hidden layer is not convex, already for two hidden units, and descents from "
        "different starts end at different heights.",
    )
    logistic, network, waves = settings
    page.claim(
        "On the logistic cost all descents end within {one:.0e} of each other, on the network up to {other:.2g} apart, on Rastrigin's function {third:.2g}.",
        spread[logistic] < 1e-6 and spread[network] > 0.1 and spread[waves] > 1,
        one=spread[logistic], other=spread[network], third=spread[waves],
    )  # fmt: skip
