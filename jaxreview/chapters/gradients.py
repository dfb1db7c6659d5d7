"""Numerical gradients and gradient checking."""

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

import jaxreview as jr
from jaxreview.chapters import _style
from jaxreview.chapters._page import Page
from jaxreview.gradcheck import METHODS, check_gradients, numerical_gradient
from jaxreview.losses import logistic_loss
from jaxreview.speedup import data

BUGS = ("none", "missing factor", "wrong transpose", "dropped bias")


def run(page: Page) -> None:
    """Write the chapter."""
    with jax.enable_x64(True):
        curves(page)
        remainders(page)
        bugs(page)
        kinks(page)


def curves(page):
    """The V of the step."""
    page.at("steps from 10⁻¹⁴ to 1")
    page.say(
        "The derivative is the limit of (f(x + h) − f(x)) / h, and a computer cannot go to the limit. A long step **truncates**: the error is of order h "
        "for the forward difference, h² for the central one, h⁴ for one of five points. A short step **rounds**: values are known to a relative ε, the "
        "quotient only to ε/h. The best step lies between, at ε^(1/2), ε^(1/3) or ε^(1/5) times the size of x. A complex step, Im f(x + ih) / h, "
        "subtracts nothing and does not round, but f must take complex numbers."
    )
    drawing, panels = _style.figure(1, 2, height=3.6, sharey=True)
    h, x, rows, central = np.logspace(-14, 0, 141), np.linspace(0.65, 0.75, 41)[:, None], [], {}
    for axes, dtype in zip(panels[0], (np.float64, np.float32), strict=True):
        at, step = x.astype(dtype), h.astype(dtype)[None]
        exact = 1 - np.tanh(at.astype(np.float64)) ** 2
        for method, (offsets, weights, power) in METHODS.items():
            slope = sum(dtype(weight) * np.tanh(at + dtype(offset) * step) for offset, weight in zip(offsets, weights, strict=True)) / step
            error = np.median(np.abs(slope - exact), 0)
            axes.loglog(h, error, label=method.replace("_", " "))
            rows.append((method.replace("_", " "), f"`{dtype.__name__}`", h[error.argmin()], float(np.finfo(dtype).eps) ** power, error.min()))
            central[method, dtype] = error
        axes.set(xlabel="step h", title=dtype.__name__, ylim=(1e-17, 30))
    panels[0, 0].loglog(h, np.maximum(np.median(np.abs(np.imag(np.tanh(x + 1j * h[None])) / h - (1 - np.tanh(x) ** 2)), 0), 1e-16), label="complex step")
    panels[0, 0].set_ylabel("error of the derivative")
    panels[0, 1].legend(*panels[0, 0].get_legend_handles_labels(), frameon=False, loc="lower left")
    caption = "Derivative of tanh around 0.7: too long a step truncates, too short a one rounds. The medians of the errors at 41 points."
    page.figure(
        "steps", drawing, caption=caption, alt="Curves like a V: they fall with the step down to a best one, then rise again, in float32 at longer steps."
    )
    headers = ("difference", "dtype", "best step", "ε to its power", "least error")
    page.table("steps", headers, rows, caption="The best step, as found and as foretold.", formats=dict.fromkeys(headers[2:], ".0e"))
    near = max(abs(np.log10(row[2] / row[3])) for row in rows)
    wide, narrow = central["central", np.float64], central["central", np.float32]
    short = narrow[h < 1.01e-6].min()
    sentence = (
        "The rule of powers is right to a factor of {factor:.2g}. The best central difference errs by {wide:.0e} in float64 and by {narrow:.0e} in float32."
    )
    page.claim(sentence, near < 1 and wide.min() < 1e-10 and narrow.min() > 1e-7, factor=10**near, wide=wide.min(), narrow=narrow.min())
    page.claim("In float32 a step of 10⁻⁶ or less errs by {short:.0e} or more, so that steps from float64 advice are useless.", short > 1e-3, short=short)


def remainders(page):
    """What is left of Taylor's formula."""
    page.at("Taylor's remainder")
    features, labels = jnp.asarray(data.load("breast_cancer", (569, 30))), jnp.asarray(data.load("cancer_targets", (569,)))
    w, direction = jnp.asarray(np.random.default_rng(0).normal(size=(2, 30, 1)))

    def loss(w):
        return logistic_loss(jr.dense(features, w)[:, 0], labels).mean()

    gradient, h, found = jax.grad(loss)(w), jnp.logspace(-4, -1, 13), {}
    for name, factor in (("right", 1.0), ("1% too large", 1.01)):
        left = jax.vmap(lambda h, factor=factor: jnp.abs(loss(w + h * direction) - loss(w) - h * factor * jnp.vdot(gradient, direction)))(h)
        found[name] = float(jnp.polyfit(jnp.log(h), jnp.log(left), 1)[0])
    sentence = (
        "What Taylor's formula leaves, |f(w + hv) − f(w) − h∇f·v|, falls like h² only if the gradient is right: on breast cancer data its slope on "
        "logarithmic axes is {right:.2f}, and {wrong:.2f} if the gradient is 1% too large."
    )
    page.claim(sentence, abs(found["right"] - 2) < 0.1 and found["1% too large"] < 1.8, right=found["right"], wrong=found["1% too large"])
    numerical, n = numerical_gradient(loss, w), w.size
    error = float(np.linalg.norm(numerical - gradient) / np.linalg.norm(gradient))
    sentence = (
        "`numerical_gradient` agrees with `jax.grad` to {error:.0e}. A central difference takes 2 × {n} values of the loss for it, `jax.grad` one pass back."
    )
    page.claim(sentence, error < 1e-8, error=error, n=n)


def layer_by_hand(bug):
    """tanh(Wx + b) with a gradient written by hand."""
    layer = jax.custom_vjp(lambda w, b, x: jr.tanh(w @ x + b))

    def backward(saved, g):
        w, x, y = saved
        d = g if bug == "missing factor" else g * (1 - y**2)
        return jnp.outer(d, x), 0 * d if bug == "dropped bias" else d, (w if bug == "wrong transpose" else w.T) @ d

    layer.defvjp(lambda w, b, x: (y := layer(w, b, x), (w, x, y)), backward)
    return layer


def distance(layer, point, dtype, h):
    """‖g − ĝ‖ / (‖g‖ + ‖ĝ‖) of the gradient and its central difference, computed in one dtype."""
    flat, back = ravel_pytree(jax.tree.map(lambda leaf: leaf.astype(dtype), point))
    f = jax.jit(lambda p: jnp.sum(layer(*back(p)) ** 2))
    g, numerical = jax.grad(f)(flat), jax.vmap(lambda e: (f(flat + e) - f(flat - e)) / dtype(2 * h))(jnp.eye(flat.size, dtype=dtype) * dtype(h))
    return float(jnp.linalg.norm(g - numerical) / (jnp.linalg.norm(g) + jnp.linalg.norm(numerical)))


def bugs(page):
    """Injected bugs."""
    page.say(
        "The course compares a gradient g with its difference ĝ by ‖g − ĝ‖ / (‖g‖ + ‖ĝ‖), at h = 10⁻⁷: below 10⁻⁷ is fine, 10⁻⁵ is to be looked at, above "
        "10⁻³ is wrong. `check_gradients` has no such bands: each difference comes with its own error, and a gradient is wrong where it lies outside of "
        "it. Both look at a layer tanh(Wx + b) whose gradient was written by hand, with and without a bug."
    )
    rng, rows = np.random.default_rng(1), []
    point = tuple(jnp.asarray(rng.normal(size=size)) for size in ((4, 4), (4,), (4,)))
    for bug in BUGS:
        page.at(f"checking, bug: {bug}")
        layer = layer_by_hand(bug)
        near = [distance(layer, point, *how) for how in ((np.float64, 1e-7), (np.float32, 1e-7), (np.float32, 1e-2))]
        verdicts = [check_gradients(layer, *jax.tree.map(lambda leaf, d=d: leaf.astype(d), point)).verdict for d in (np.float64, np.float32)]
        rows.append((bug, *near, *verdicts))
    headers = ("bug", "float64, h = 10⁻⁷", "float32, h = 10⁻⁷", "float32, h = 10⁻²", "`check_gradients`, float64", "`check_gradients`, float32")
    page.table("bugs", headers, rows, caption="Relative distance of gradient and difference, and verdicts.", formats=dict.fromkeys(headers[1:4], ".0e"))
    right, wrong = rows[0], rows[1:]
    sentence = "In float64 the bands tell {n} of {n} bugs from the right gradient. In float32 it scores {short:.0e}, wrong by the bands, at best {best:.0e}."
    holds = right[1] < 1e-7 and min(row[1] for row in wrong) > 1e-3 and right[2] > 1e-3 and right[3] > 1e-6
    page.claim(sentence, holds, n=len(wrong), short=right[2], best=right[3])
    sentence = "`check_gradients` finds {n} of {n} bugs in both dtypes and raises no false alarm."
    page.claim(sentence, all(row[4:] == ("wrong", "wrong") for row in wrong) and right[4:] == ("right", "right"), n=len(wrong))


def kinks(page):
    """Where there is no derivative, and second derivatives."""
    page.at("kinks and second derivatives")
    half, given = float(numerical_gradient(jr.relu, np.float64(0), method="central")), float(jax.grad(jr.relu)(0.0))
    report = check_gradients(jr.relu, jnp.array([0.0, 1.0]))
    sentence = (
        "At the kink of ReLU the central difference is {half}, a slope from neither side; JAX gives {given}. `check_gradients` calls it a kink, and no error."
    )
    page.claim(sentence, half == 0.5 and given == 0 and report.ok and report.verdict == "kink", half=half, given=given)
    second = check_gradients(jr.tanh, jnp.array([0.7, -2.0]), order=2)
    sentence = "Second derivatives are checked in the same way, as differences of the gradient: for tanh, {n} comparisons, all right."
    page.claim(sentence, second.verdict == "right" and any("over" in check.mode for check in second.checks), n=len(second.checks))
