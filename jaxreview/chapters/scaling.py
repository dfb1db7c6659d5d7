"""Why normalized features speed up gradient descent."""

import bisect

import jax
import jax.numpy as jnp
import numpy as np
import optax

import jaxreview as jr
from jaxreview.chapters import _style
from jaxreview.chapters._page import Page
from jaxreview.descent import gradient_descent
from jaxreview.losses import squared_error
from jaxreview.speedup import data

GOAL = 1e-6  # descent has arrived where the gap is this share of the first one


def standardized(x):
    """Mean 0 and standard deviation 1."""
    return jr.standardize(x, jr.fit_standardizer(x))


def whitened(x):
    """Standardized, turned to the principal axes, and standardized there."""
    z = standardized(x)
    return standardized(z @ jnp.linalg.eigh(z.T @ z).eigenvectors)


def min_max(x):
    """From 0 to 1."""
    return (x - x.min(0, keepdims=True)) / jnp.ptp(x, 0, keepdims=True)


SCALERS = {"raw": lambda x: x, "standardized": standardized, "min-max": min_max, "whitened": whitened}


class Quadratic:
    """J(θ) = ½ mean (Aθ − y)² with a column of ones in A, and its curvatures λ: the eigenvalues of AᵀA/m, from the smallest."""

    def __init__(self, x, y):
        self.a, self.y = jnp.concatenate([x, jnp.ones_like(x[:, :1])], 1), y
        self.curvatures, directions = np.linalg.eigh(self.a.T @ self.a / len(y))
        self.best = np.linalg.lstsq(self.a, y)[0]
        self.heights = 0.5 * self.curvatures * (directions.T @ self.best) ** 2  # how much of J − min J at θ = 0 lies along each direction

    def loss(self, theta):
        """J."""
        return 0.5 * squared_error(self.a @ theta, self.y).mean()

    def gap(self, t):
        """J − min J after t steps of rate 1/λmax from 0, as a share of the first: Σ heights · (1 − λ/λmax)²ᵗ / Σ heights."""
        return self.heights @ (1 - self.curvatures / self.curvatures[-1])[:, None] ** (2.0 * np.atleast_1d(t)) / self.heights.sum()

    def steps(self):
        """The first t at which the gap is down to the goal."""
        return bisect.bisect_left(range(2**40), True, key=lambda t: self.gap(t)[0] <= GOAL)


def run(page: Page) -> None:
    """Write the chapter; the smallest curvature needs float64 beside the largest."""
    with jax.enable_x64(True):
        rng = np.random.default_rng(0)
        x = jnp.asarray(np.stack([rng.uniform(0, 2000, 200), rng.uniform(1, 5, 200)], 1))
        y = x @ jnp.array([0.01, 3.0]) + 2.0 + jnp.asarray(rng.normal(0, 0.5, 200))
        wine, kind = jnp.asarray(data.load("wine", (178, 13))), jnp.asarray(data.load("wine_labels", (178,)).astype(np.float64))
        both = {"two features": (x, y), "wine, 13 features": (wine, kind)}
        problems = {name: {scaler: Quadratic(scale(x), y) for scaler, scale in SCALERS.items()} for name, (x, y) in both.items()}
        counts(page, problems)
        curves(page, problems["two features"])
        zigzag(page, jnp.asarray(rng.uniform([0, 1], [9, 5], (200, 2))))


def counts(page, problems):
    """Condition numbers and steps."""
    page.say(
        "A linear model of two features, x₁ from 0 to 2000 and x₂ from 1 to 5, is fitted by gradient descent on J(θ) = ½ mean (Aθ − y)². The eigenvalues λ of "
        "its Hessian AᵀA/m say how steep J is along each direction, and a step of rate α multiplies the way that is left along a direction by 1 − αλ. So the "
        "steepest direction allows no rate over 2/λmax, and then the flattest one takes about λmax/λmin steps to come nearer by a factor of e. **The condition "
        "number λmax/λmin is the price of a descent**, and scaling the features changes it."
    )
    rows, condition, steps = [], {}, {}
    for name, scaled in problems.items():
        for scaler, problem in scaled.items():
            condition[name, scaler], steps[name, scaler] = problem.curvatures[-1] / problem.curvatures[0], problem.steps()
            rows.append((name, scaler, 2 / problem.curvatures[-1], condition[name, scaler], steps[name, scaler]))
    caption = "Descent at rate 1/λmax from θ = 0: steps until the gap J − min J is 10⁻⁶ of the first one."
    page.table("steps", ("data", "features", "2/λmax", "λmax/λmin", "steps"), rows, caption=caption)
    raw, scaled = ("two features", "raw"), ("two features", "standardized")
    sentence = "Standardizing two features brings the condition number from {before:.2g} to {after:.3g}, and the steps from {many:.2g} to {few}."
    holds = condition[scaled] < 1.2 < 1e7 < condition[raw] and steps[scaled] < 10 < 1e6 < steps[raw]
    page.claim(sentence, holds, before=condition[raw], after=condition[scaled], many=float(steps[raw]), few=steps[scaled])
    before, after, white = (condition["wine, 13 features", scaler] for scaler in ("raw", "standardized", "whitened"))
    sentence = "Standardizing undoes scales, not correlation: of wine's {before:.2g} it leaves {after:.3g}, and whitening, which undoes both, {white:.3g}."
    page.claim(sentence, before > 1e8 and 10 < after < 100 and abs(white - 1) < 1e-6, before=before, after=after, white=white)
    page.say("How many steps depends on the start too, for raw features on how far the best bias is from 0. The condition number does not.")


def curves(page, two):
    """The gap by steps, as foretold and as walked."""
    drawing, axes = _style.figure(height=3.4)
    t, some, apart = np.logspace(0, 8, 400), np.array([1, 2, 10, 100, 1000]), []
    for marker, (scaler, problem) in zip("o^s", two.items(), strict=False):
        page.at(f"descent, {scaler}")
        walk = gradient_descent(problem.loss, jnp.zeros(3), optimizer=optax.sgd(1 / problem.curvatures[-1]), steps=1000)
        walked = np.asarray(walk.losses - problem.loss(problem.best)) / problem.heights.sum()
        apart.append(np.abs(walked - problem.gap(np.arange(1001))).max())
        (line,) = axes.loglog(t, np.maximum(problem.gap(t), 1e-30), label=scaler)
        seen = some[walked[some] > 1e-9]
        axes.plot(seen, walked[seen], marker, color=line.get_color(), markersize=6)
    axes.axhline(GOAL, color=_style.GREY, linewidth=0.8)
    axes.set(ylim=(1e-9, 3), xlabel="steps", ylabel="gap J − min J (share of the first)")
    axes.legend(title="features", frameon=False)
    caption = "Descent at rate 1/λmax: what scaled features do in a few steps takes raw ones millions. Lines are the formula, marks are `gradient_descent`."
    page.figure("gap", drawing, caption=caption, alt="The gap falls at once when standardized, after 100 steps for min-max, after 10⁷ when raw.")
    sentence = "The formula by which the steps were counted, Σ λc²(1 − λ/λmax)²ᵗ with c the way along each direction, foretells the walk to {worst:.0e}."
    page.claim(sentence, max(apart) < 1e-9, worst=max(apart))


def zigzag(page, x):
    """Three paths over contours."""
    page.correct(
        "Between features of very different ranges descent zig-zags, perpendicular to the contours, and so takes long.",
        "Each step is perpendicular to the contour it starts from, but only at rates over 1/λmax does it zig-zag, for there 1 − αλmax is negative. At smaller "
        "rates it drops into the valley and creeps along it, and takes longer still. What costs the steps is the flat direction, not the zig-zag.",
    )
    drawing, panels = _style.figure(1, 3, height=2.9, sharex=True, sharey=True)
    w = jnp.stack(jnp.meshgrid(jnp.linspace(-3.4, 2.4, 100), jnp.linspace(-3.4, 2.4, 100)))
    walks, taken = (("raw, 1/λmax", x, False), ("raw, best rate", x, True), ("standardized", standardized(x), True)), []
    for axes, (name, a, best) in zip(panels[0], walks, strict=True):
        values, directions = jnp.linalg.eigh(a.T @ a / len(a))
        rate, start = 2 / (values[0] + values[1]) if best else 1 / values[1], directions @ jnp.array([3.0, 1.2])
        walk = gradient_descent(lambda w, a=a: 0.5 * squared_error(a @ w).mean(), start, optimizer=optax.sgd(rate), steps=300)
        taken.append(int(jnp.argmax(walk.losses <= GOAL * walk.losses[0])))
        axes.contour(
            *w,
            0.5 * jnp.mean(jnp.tensordot(a, w, 1) ** 2, 0),
            levels=walk.losses[0] * np.array([0.03, 0.12, 0.3, 0.6, 1, 2, 4]),
            colors=_style.SKY,
            linewidths=0.8,
        )
        axes.plot(*walk.path.T, "-o", color=_style.VERMILLION, markersize=3.5, linewidth=1.2)
        axes.plot(0, 0, "*", color=_style.BLACK, markersize=11)
        axes.set(title=f"{name}: {taken[-1]} steps", xlabel="w₁ from its best", aspect="equal")
    panels[0, 0].set_ylabel("w₂ from its best")
    caption = "Paths over contours of J, x₁ in [0, 9] and x₂ in [1, 5]: at rate 1/λmax, then at the best fixed rate, 2/(λmax + λmin), raw and standardized."
    page.figure("zigzag", drawing, caption=caption, alt="A creep and a zig-zag in narrow ellipses; in circles a path straight to the centre.")
    sentence = "Over these contours the creep takes {creep} steps, the zig-zag {zigzag}, and {few} are enough once scaled."
    page.claim(sentence, taken[0] > taken[1] > 10 * taken[2], creep=taken[0], zigzag=taken[1], few=taken[2])
