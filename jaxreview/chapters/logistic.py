"""Where the logistic cost comes from: the likelihood, and its logarithm."""

import jax
import jax.numpy as jnp
import numpy as np
import optax

import jaxreview as jr
from jaxreview.chapters import _style
from jaxreview.chapters._page import Page
from jaxreview.descent import gradient_descent
from jaxreview.losses import binary_cross_entropy, logistic_loss, squared_error
from jaxreview.speedup import data

TEXTURE = 1  # the feature that the one-parameter model looks at


def likelihood(z, y):
    """Π pʸ(1 − p)¹⁻ʸ for p = σ(z); and 1 − p is σ(−z), without the rounding of a difference."""
    return jnp.prod(jr.sigmoid(jnp.where(y == 1, z, -z)))


def run(page: Page) -> None:
    """Write the chapter; what it compares agrees to the rounding of float64."""
    with jax.enable_x64(True):
        x, y = jnp.asarray(data.load("breast_cancer", (569, 30))), jnp.asarray(data.load("cancer_targets", (569,)))
        x = jnp.concatenate([x, jnp.ones((569, 1))], 1)
        grid(page, x[:40, TEXTURE], y[:40])
        underflow(page, x, y)
        derivatives(page, x, y)
        saturated(page)


def grid(page, x, y):
    """One parameter, every value of it tried."""
    page.say(
        "The model says of each example: its label is 1 with probability p = σ(wx + b), else 0. In one formula, the label it has got has the probability pʸ(1 "
        "− p)¹⁻ʸ. Examples are independent, so all their labels together have the product of these, the **likelihood**. Of all w and b those are best that "
        "make what was seen most probable. A logarithm grows with its argument, so it keeps the place of the maximum and makes of the product a sum: log L = "
        "Σ y log p + (1 − y) log(1 − p). With the sign turned and divided by m it is **the logistic cost, or binary cross entropy**."
    )
    w = jnp.linspace(-6.0, 2.0, 801)
    z = w[:, None] * x[None]
    product, cost = jax.jit(jax.vmap(lambda z: (likelihood(z, y), logistic_loss(z, y).mean())))(z)
    drawing, panels = _style.figure(1, 2, height=2.9)
    for axes, values, label, best in ((panels[0, 0], product, "likelihood", jnp.argmax(product)), (panels[0, 1], cost, "logistic cost", jnp.argmin(cost))):
        axes.plot(w, values)
        axes.axvline(w[best], color=_style.VERMILLION, linestyle=":", label=f"w = {w[best]:.2f}")
        axes.set(xlabel="w", ylabel=label)
        axes.legend(frameon=False, loc="upper left", handlelength=1.2)
    caption = "{m} tumours, p = σ(wx) with x the texture of one: the same w makes the likelihood largest and the cost smallest."
    page.figure("grid", drawing, caption=caption, alt="A narrow peak left and a wide bowl right; a dotted line marks the same w in both.", m=len(y))
    top, bottom = w[jnp.argmax(product)], w[jnp.argmin(cost)]
    page.claim("Of {n} values of w the likeliest and the cheapest are the same, w = {w:.2f}.", top == bottom and -6 < top < 2, n=len(w), w=top)
    worst = jnp.abs(cost + jnp.log(product) / len(y)).max()
    page.claim("At all of them the cost is −log L/m, to {worst:.0e}.", worst < 1e-13, worst=worst)


def underflow(page, x, y):
    """What a product of many probabilities is in floating point."""
    page.say(
        "There is a second reason for the logarithm. A product of many probabilities is smaller than the smallest number there is. Below, the labels of m "
        "examples are foretold by a coin, each with probability ½."
    )
    rows = []
    for dtype in (np.float32, np.float64):
        in_numpy, in_jax = (int((module.cumprod(module.full(1100, 0.5, dtype)) > 0).sum()) + 1 for module in (np, jnp))
        rows.append(
            (f"`{np.dtype(dtype)}`", float(np.finfo(dtype).tiny), in_numpy, in_jax, float(logistic_loss(jnp.zeros(1075, dtype), jnp.ones(1075, dtype)).sum()))
        )
    headers = ("dtype", "smallest normal number", "0 in NumPy from m", "0 in JAX from m", "−log L, m = 1,075")
    caption = (
        "The product of m halves. XLA counts what is below the smallest normal number as 0, here on the processor; NumPy keeps some of it, with fewer digits."
    )
    page.table("underflow", headers, rows, caption=caption, formats={headers[1]: ".1e"})
    numpy, xla, sums = ([row[place] for row in rows] for place in (2, 3, 4))
    sentence = "The product is exactly 0 from m = {single} in float32 and from m = {double} in float64, while the sum of logarithms is m log 2."
    holds = numpy == [150, 1075] and xla[0] <= 150 and xla[1] <= 1075 and max(abs(one / (1075 * np.log(2)) - 1) for one in sums) < 1e-6
    page.claim(sentence, holds, single=numpy[0], double=numpy[1])
    page.at("fitting")
    fit = gradient_descent(lambda t: logistic_loss(x @ t, y).mean(), jnp.zeros(31), optimizer=optax.sgd(0.5), steps=200)
    z = x @ fit.params
    product, total = likelihood(z, y), logistic_loss(z, y).sum()
    many = likelihood(jnp.repeat(z, 40), jnp.repeat(y, 40))
    page.claim(
        "Even a good fit has a small likelihood: that of the {m} tumours is {product:.1e}, e to the minus {total:.3g}. For forty times the data it would be "
        "{many}.",
        jnp.abs(jnp.log(product) + total) < 1e-9 and many == 0,
        m=len(y), product=product, total=total, many=many,
    )  # fmt: skip
    apart = jnp.abs(binary_cross_entropy(jr.sigmoid(z), y) - logistic_loss(z, y)).max()
    sure = logistic_loss(jnp.array([-800.0]), jnp.ones(1))[0]
    page.claim(
        "From probabilities the cost is the same to {apart:.0e}, as long as they can be told from 0 and 1. At z = −800 σ(z) is {p} and log 0 no number; from "
        "the logit the cost is {sure:.0f}.",
        apart < 1e-9 and sure == 800 and jr.sigmoid(jnp.array(-800.0)) < 1e-300,
        apart=apart, p=jr.sigmoid(jnp.array(-800.0)), sure=sure,
    )  # fmt: skip


def derivatives(page, x, y):
    """The gradient and the Hessian in closed form."""
    page.say(
        "The derivative of σ is σ(1 − σ), and it cancels: what is left of the gradient is **Xᵀ(p − y)/m, the error times the input**, as in linear "
        "regression. The Hessian is Xᵀ D X/m, where D has p(1 − p) on its diagonal: nothing in it is negative, so the cost is convex."
    )
    theta = jnp.asarray(np.random.default_rng(0).normal(0, 0.3, 31))
    cost = lambda t: logistic_loss(x @ t, y).mean()  # noqa: E731
    slope, curvature = jax.jit(lambda t: (jax.grad(cost)(t), jax.hessian(cost)(t)))(theta)
    p = jr.sigmoid(x @ theta)
    hessian = x.T @ (x * (p * (1 - p))[:, None]) / len(y)
    first, second = jnp.abs(slope - x.T @ (p - y) / len(y)).max(), jnp.abs(curvature - hessian).max()
    page.claim("JAX's gradient and Hessian are these, to {first:.0e} and {second:.0e}.", max(first, second) < 1e-13, first=first, second=second)
    least = jnp.linalg.eigvalsh(hessian)[0]
    page.claim("The smallest curvature at a random point is {least:.1e}: not negative.", least > 0, least=least)


def saturated(page):
    """Why not the squared error of the probability."""
    page.say("The squared error of p does not cancel σ′. Where the model is sure and wrong, σ′ is nearly 0, and so is what it learns from its error.")
    z = jnp.linspace(-12.0, 4.0, 321)
    costs = {"logistic cost": lambda z: logistic_loss(z, jnp.ones(())), "½ squared error": lambda z: 0.5 * squared_error(jr.sigmoid(z), jnp.ones(()))}
    drawing, panels = _style.figure(1, 2, height=2.9)
    points, slopes = jnp.array([-20.0, -10.0, -5.0, -2.0, 0.0, 5.0]), []
    for name, cost in costs.items():
        both = jax.jit(jax.vmap(jax.value_and_grad(cost)))
        slopes.append(both(points)[1].tolist())
        for axes, values in zip(panels[0], both(z), strict=True):
            axes.plot(z, values, label=name)
    panels[0, 0].set(xlabel="logit z", ylabel="cost of label 1")
    panels[0, 1].set(xlabel="logit z", ylabel="slope by z")
    panels[0, 0].legend(frameon=False)
    rows = list(zip(points.tolist(), jr.sigmoid(points).tolist(), *slopes, strict=True))
    headers = ("logit z", "p", "slope, logistic cost", "slope, ½ squared error")
    page.table(
        "slopes", headers, rows, caption="An example of label 1: the more negative z, the more mistaken.", formats={headers[1]: ".1e", headers[3]: ".1e"}
    )
    caption = "Far on the wrong side the logistic cost slopes by 1, the squared error hardly at all."
    page.figure("slopes", drawing, caption=caption, alt="Left, one cost rises straight, the other is flat at 0.5; right, slopes of −1 and of nearly 0.")
    logistic, squared = rows[0][2:]
    sentence = "At z = −20 the logistic slope is {logistic:.3g}, that of the squared error {squared:.0e}."
    page.claim(sentence, abs(logistic + 1) < 1e-8 and abs(squared) < 1e-8, logistic=logistic, squared=squared)
