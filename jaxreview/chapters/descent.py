"""Gradient descent: the step, the rate, momentum, and when to stop."""

import jax
import jax.numpy as jnp
import numpy as np
import optax

from jaxreview.chapters import _style
from jaxreview.chapters._page import Page
from jaxreview.descent import gradient_descent
from jaxreview.losses import squared_error
from jaxreview.speedup import data

STEPS, GOAL = 4000, 1e-6
REGIMES = {"0.1/L": 0.1, "1/L": 1.0, "1.9/L": 1.9, "2/L": 2.0, "2.1/L": 2.1}


def by_hand(x, y, rate, steps):
    """Descent on ½ mean (w x + b − y)², both derivatives written out; the path."""
    w, b, path = 0.0, 0.0, [(0.0, 0.0)]
    for _ in range(steps):
        errors = w * x + b - y
        w, b = w - rate * (errors * x).mean(), b - rate * errors.mean()
        path.append((w, b))
    return path


def run(page: Page) -> None:
    """Write the chapter; gaps down to the goal are told from rounding in float64."""
    with jax.enable_x64(True):
        wine = jnp.asarray(data.load("wine", (178, 13)))
        x, y = wine[:, 9], wine[:, 0]  # colour intensity, alcohol
        cost = lambda p: 0.5 * squared_error(p["w"] * x + p["b"], y).mean()  # noqa: E731
        a = jnp.stack([x, jnp.ones_like(x)], 1)
        curvatures, directions = np.linalg.eigh(a.T @ a / len(x))
        best = np.linalg.lstsq(a, y)[0]
        start = {"w": jnp.array(0.0), "b": jnp.array(0.0)}
        same_steps(page, cost, start, x, y, curvatures[1])
        lowest = float(cost({"w": jnp.array(best[0]), "b": jnp.array(best[1])}))
        regimes(page, cost, start, curvatures, directions, best, lowest)
        momentum(page, cost, start, curvatures, lowest)
        stopping(page, cost, start, curvatures, lowest)


def same_steps(page, cost, start, x, y, steepest):
    """The rule by hand and as the library takes it."""
    page.say(
        "To find the w and b with the smallest cost J, go a little way against the slope, again and again: **w ← w − α ∂J/∂w, b ← b − α ∂J/∂b**. Here a "
        "wine's alcohol is foretold from the intensity of its colour by a line, ŷ = w x + b, and J = ½ mean (ŷ − y)². Both derivatives are taken at the old "
        "point; changing w first and then b by the new w is another algorithm (coordinate descent)."
    )
    page.code(by_hand)
    walk = gradient_descent(cost, start, optimizer=optax.sgd(1 / steepest), steps=100)
    apart = np.abs(np.stack([walk.path["w"], walk.path["b"]], 1) - np.array(by_hand(np.asarray(x), np.asarray(y), 1 / steepest, 100))).max()
    sentence = "`gradient_descent` with `optax.sgd` takes the very steps of the rule written by hand: 100 of them agree to {apart:.0e}."
    page.claim(sentence, apart < 1e-12, apart=apart)


def regimes(page, cost, start, curvatures, directions, best, lowest):
    """What the rate decides."""
    page.say(
        "How long a step may be is up to the largest curvature L of J, an eigenvalue of its Hessian. What separates the parameters from the best ones is "
        "multiplied in every step by 1 − αλ along the direction of curvature λ. Along the steepest it is between 0 and 1 for α < 1/L; between −1 and 0, which "
        "jumps to and fro and arrives, for α up to 2/L; below −1, which goes off, beyond."
    )
    page.at("rates")
    drawing, panels = _style.figure(1, 2, height=3.2)
    left, right = panels[0]
    rows, along = [], {}
    for name, times in REGIMES.items():
        walk = gradient_descent(cost, start, optimizer=optax.sgd(times / curvatures[1]), steps=STEPS)
        gap = np.asarray(walk.losses - lowest) / float(walk.losses[0] - lowest)
        along[name] = (np.stack([walk.path["w"], walk.path["b"]], 1) - best) @ directions[:, 1]
        arrived = int(np.argmax(gap <= GOAL)) if (gap <= GOAL).any() else None
        turns = int((along[name][:20] * along[name][1:21] < -1e-12).sum())
        rows.append((name, 1 - times, 1 - times * curvatures[0] / curvatures[1], turns, float(gap[100]), arrived))
        if name in ("1/L", "1.9/L", "2.1/L"):
            left.semilogy(gap[:101], label=name)
            right.plot(along[name][:21] / along[name][0], label=name)
    left.set(xlabel="steps", ylabel="gap J − min J (share of the first)", ylim=(1e-3, 1e4))
    right.set(xlabel="steps", ylabel="way left along the steepest direction", ylim=(-8, 8), xticks=range(0, 21, 5))
    left.legend(title="rate α", frameon=False)
    headers = ("rate", "1 − αL", "1 − αμ", "turns in 20 steps", "gap after 100 steps", "steps to the goal")
    caption = "L = {steepest:.3g} is the largest curvature, μ = {flattest:.2g} the smallest. The goal, a gap of 10⁻⁶ of the first, has {steps} steps."
    page.table("regimes", headers, rows, caption=caption, steepest=curvatures[1], flattest=curvatures[0], steps=STEPS)
    caption = "At 1/L descent arrives, at 1.9/L it arrives jumping to and fro, at 2.1/L it jumps farther each time."
    page.figure("regimes", drawing, caption=caption, alt="Left, the gap falls for two rates and rises for 2.1/L; right, a flat line and two zig-zags.")
    arrived, turns = ({row[0]: row[place] for row in rows} for place in (5, 3))
    sentence = "Up to 1/L the steepest direction never turns; at 1.9/L it turns in each of the first 20 steps, and descent still arrives, after {steps} steps."
    holds = turns["0.1/L"] == turns["1/L"] == 0 and turns["1.9/L"] == 20 and arrived["1.9/L"] is not None
    page.claim(sentence, holds, steps=arrived["1.9/L"])
    stays, grows = (np.abs(along[name][100] / along[name][0]) for name in ("2/L", "2.1/L"))
    sentence = "At 2/L the way along it stays what it was, and at 2.1/L it is {grows:.3g} times as long after 100 steps: 1.1¹⁰⁰."
    page.claim(sentence, abs(stays - 1) < 1e-9 and abs(grows / 1.1**100 - 1) < 1e-9, grows=grows)


def momentum(page, cost, start, curvatures, lowest):
    """A step that remembers the last ones."""
    mu, steepest = curvatures
    kappa = steepest / mu
    heavy = ((kappa**0.5 - 1) / (kappa**0.5 + 1)) ** 2
    ways = {
        "rate 1/L": optax.sgd(1 / steepest),
        "best rate, 2/(L + μ)": optax.sgd(2 / (steepest + mu)),
        "momentum": optax.sgd(4 / (steepest**0.5 + mu**0.5) ** 2, momentum=heavy),
        "Nesterov's momentum": optax.sgd(1 / steepest, momentum=(kappa**0.5 - 1) / (kappa**0.5 + 1), nesterov=True),
    }
    page.say(
        "One rate serves all directions, so the flat ones wait for the steep. **Momentum** adds to a step β times the last one: v ← βv + ∇J, w ← w − αv. What "
        "jumps to and fro then cancels, what goes on adds up. The best α and β make L/μ = {kappa:.0f} count by its root, {root:.0f}.",
        kappa=kappa, root=kappa**0.5)  # fmt: skip
    drawing, axes = _style.figure(height=3.0)
    rows, taken = [], {}
    for name, optimizer in ways.items():
        walk = gradient_descent(cost, start, optimizer=optimizer, steps=STEPS)
        gap = np.asarray(walk.losses - lowest) / float(walk.losses[0] - lowest)
        taken[name] = int(np.flatnonzero(gap > GOAL)[-1]) + 1
        axes.semilogy(np.maximum(gap[:1201], 1e-12), label=name)
        rows.append((name, taken[name], int((np.diff(gap[: taken[name]]) > 0).sum())))
    axes.set(xlabel="steps", ylabel="gap J − min J (share of the first)", ylim=(1e-9, 1e3))
    axes.legend(frameon=False)
    page.table("momentum", ("way", "steps to the goal", "steps uphill"), rows, caption="Steps after which the gap stays below 10⁻⁶ of the first.")
    page.figure("momentum", drawing, caption="Momentum arrives in a fraction of the steps.", alt="Two slow straight falls and two steep ones.")
    few, many = taken["momentum"], taken["best rate, 2/(L + μ)"]
    page.claim("Momentum takes {few} steps where the best rate alone takes {many}.", 5 * few < many, few=few, many=many)


def stopping(page, cost, start, curvatures, lowest):
    """When it is enough."""
    page.say(
        "A descent ends by a rule, and each rule trusts something. That J hardly changes any more is also so where steps are short. A small slope means a "
        "small gap, whatever the rate: J − min J ≤ |∇J|²/(2μ), if μ, the smallest curvature, is known."
    )
    rows, gaps, bounds = [], {}, []
    for name, times in (("1/L", 1.0), ("0.02/L", 0.02)):
        walk = gradient_descent(cost, start, optimizer=optax.sgd(times / curvatures[1]), steps=20 * STEPS)
        slopes = jax.vmap(jax.grad(cost))(walk.path)
        gap, bound = np.asarray(walk.losses - lowest), np.asarray(slopes["w"] ** 2 + slopes["b"] ** 2) / (2 * curvatures[0])
        bounds.append((gap <= bound + 1e-12).all())
        fall = np.append(-np.diff(walk.losses) / walk.losses[:-1], 0)
        for rule, met in (("J falls by less than 10⁻⁴ of itself", fall < 1e-4), ("|∇J|²/(2μ) is below 10⁻⁴ of J", bound < 1e-4 * walk.losses)):
            at = int(np.argmax(met))
            gaps[name, rule[0]] = gap[at] / walk.losses[at]
            rows.append((name, rule, at, gaps[name, rule[0]]))
    headers = ("rate", "rule", "stops after", "gap, share of J")
    page.table("rules", headers, rows, caption="Two rules to stop by, at two rates.", formats={headers[3]: ".0e"})
    page.claim(
        "With short steps the first rule leaves a gap of {short:.0%} of J, with long ones {long:.1%}; the second keeps its word at both rates.",
        gaps["0.02/L", "J"] > 10 * gaps["1/L", "J"] and gaps["0.02/L", "|"] < 1e-4 > gaps["1/L", "|"] and all(bounds),
        short=gaps["0.02/L", "J"], long=gaps["1/L", "J"])  # fmt: skip
