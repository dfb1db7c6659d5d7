"""Broadcasting: one line for many operations, and the mistake that it hides."""

import itertools
import operator

import jax
import jax.numpy as jnp
import numpy as np
import optax

from jaxreview.chapters import _style
from jaxreview.chapters._page import Page
from jaxreview.descent import gradient_descent
from jaxreview.losses import squared_error
from jaxreview.speedup import data, timing

OPERATORS = {"+": operator.add, "−": operator.sub, "×": operator.mul, "÷": operator.truediv}
PAIRS = (
    ((3, 4), ()), ((3, 4), (4,)), ((3, 4), (3, 1)), ((3, 4), (1, 4)), ((3, 1), (1, 4)), ((3, 1), (4,)), ((64, 8, 8, 3), (3,)), ((8, 1, 6, 1), (7, 1, 5)),
    ((0, 4), (1, 4)), ((3, 4), (3,)), ((3, 4), (2, 4)), ((64, 3, 8, 8), (3,)),
)  # fmt: skip


def aligned(a, b):
    """Two shapes, right-aligned with 1s in front, and the shape that they broadcast to; None where a size differs and neither is 1."""
    axes = max(len(a), len(b))
    a, b = (1,) * (axes - len(a)) + a, (1,) * (axes - len(b)) + b
    fits = all(m == n or 1 in (m, n) for m, n in zip(a, b, strict=True))
    return a, b, tuple(n if m == 1 else m for m, n in zip(a, b, strict=True)) if fits else None


def numpy_says(a, b):
    """What NumPy makes of them."""
    try:
        return np.broadcast_shapes(a, b)
    except ValueError:
        return None


def loops(x, row, operate):
    """A picture's pixels and channels in turn."""
    y = np.empty(x.shape, x.dtype)
    for i, j, k in np.ndindex(*x.shape):
        y[i, j, k] = operate(x[i, j, k], row[k])
    return y


def run(page: Page) -> None:
    """Write the chapter; it lets ranks be promoted, which the tests of this library forbid."""
    with jax.numpy_rank_promotion("allow"):
        rule(page)
        operators(page)
        backwards(page)
        hidden(page)


def rule(page):
    """Which shapes fit."""
    page.say(
        "Shapes are compared **from the right**. A shape that is too short gets 1s in front. Two sizes fit if they are equal or one of them is 1, and what "
        "has size 1 is repeated along that axis. Nothing is repeated in memory: NumPy gives the axis a stride of 0."
    )
    page.code(aligned)
    rows = [["—" if shape is None else str(shape) for shape in (a, b, *aligned(a, b))] for a, b in PAIRS]
    caption = "Twelve pairs. The last three do not fit: 4 and 3, 3 and 2, 8 and 3 face each other."
    page.table("pairs", ("a", "b", "a aligned", "b aligned", "a + b"), rows, caption=caption)
    page.at("all pairs of small shapes")
    shapes = [shape for axes in range(4) for shape in itertools.product((0, 1, 2, 3), repeat=axes)]
    known = [(aligned(a, b)[2], numpy_says(a, b)) for a in shapes for b in shapes]
    sentence = "The rule says what NumPy does for all {many} pairs of shapes of up to three axes with sizes from 0 to 3; {bad} of them do not fit."
    page.claim(sentence, all(one == other for one, other in known), many=len(known), bad=sum(one is None for one, _ in known))
    traced = [(a, b) for a, b in PAIRS if aligned(a, b)[2] is not None]
    same = all(jax.eval_shape(jnp.add, jnp.zeros(a), jnp.zeros(b)).shape == aligned(a, b)[2] for a, b in traced)
    view = np.broadcast_to(np.zeros((3, 1)), (3, 1000))
    sentence = "JAX does the same; a column repeated 1,000 times keeps its 3 numbers, with strides {strides}."
    page.claim(sentence, same and view.strides == (8, 0), strides=str(view.strides))


def operators(page):
    """Four operators, three ways."""
    page.at("four operators, three ways")
    x = data.load("photographs", (1, 96, 128, 3))[0].astype(np.float32) + np.float32(0.1)
    row = x.mean((0, 1))
    rows, equal, faster = [], [], []
    for sign, operate in OPERATORS.items():
        compiled = jax.jit(operate)
        on_device = jnp.asarray(x), jnp.asarray(row)
        ways = (lambda: loops(x, row, operate), lambda: operate(x, row), lambda: compiled(*on_device).block_until_ready())  # noqa: B023
        results = [np.asarray(way()) for way in ways]
        equal.append(all(np.allclose(results[0], one, rtol=1e-6) for one in results[1:]))
        clocks = [timing.Clocked(way, repeats=times) for way, times in zip(ways, (1, 20, 20), strict=True)]
        seconds = [min(clocked.once() for _ in range(3)) for clocked in clocks]
        faster.append(seconds[0] / seconds[1])
        rows.append((sign, *(1e3 * one for one in seconds), faster[-1]))
    headers = ("operator", "loops, ms", "NumPy, ms", "JAX, ms", "times faster")
    caption = "A photograph of 96 × 128 × 3 with the mean of each channel, (96, 128, 3) with (3,): loops, broadcasting, and broadcasting compiled."
    page.table("operators", headers, rows, caption=caption)
    page.claim(
        "For each of the four operators the three ways give the same numbers, and broadcasting is over ten times faster.", all(equal) and min(faster) > 10
    )


def backwards(page):
    """The derivative of a repetition is a sum."""
    x = jnp.asarray(data.load("photographs", (4, 5)), jnp.float32)
    weights = jnp.cos(jnp.arange(20.0)).reshape(4, 5)
    slope = jax.grad(lambda b: jnp.sum(weights * (x + b)))(jnp.zeros((4, 1)))
    page.say(
        "What forward is repeated gets backward the sum: in Z = WX + b the column b is added to all m columns, so ∂J/∂b is the sum of the columns of ∂J/∂Z."
    )
    apart = jnp.abs(slope - weights.sum(1, keepdims=True)).max()
    page.claim("The gradient of a (4, 1) that is added to a (4, 5) is (4, 1), the sums of its rows, to {apart:.0e}.", apart < 1e-6, apart=apart)


def hidden(page):
    """(m,) − (m, 1) fits, and is (m, m)."""
    page.say(
        "Broadcasting also works where nobody wanted it. Predictions (m, 1) minus targets (m,) is a mistake, of which it makes m × m differences. Nothing "
        "fails, and the loss even falls. But it now compares each prediction with every target, and what is best for that is the same for all: the mean. "
        "(Every loss of this library refuses shapes that differ, while tracing, so under `jit` as well.)"
    )
    wine = jnp.asarray(data.load("standardized_wine", (178, 13)), jnp.float32)
    x, y = wine[:, :1], wine[:, 12]  # alcohol, proline
    costs = {
        "(m,) − (m,)": lambda t: squared_error((x * t[0] + t[1])[:, 0], y).mean(),
        "(m, 1) − (m,)": lambda t: jnp.mean((x * t[0] + t[1] - y) ** 2),
    }
    fits = {name: gradient_descent(cost, jnp.array([0.5, 0.5]), optimizer=optax.sgd(0.3), steps=100) for name, cost in costs.items()}
    right = costs["(m,) − (m,)"]
    rows = [(name, *fit.params.tolist(), float(fit.losses[0]), float(fit.losses[-1]), float(right(fit.params))) for name, fit in fits.items()]
    headers = ("difference", "slope", "bias", "loss at the start", "loss at the end", "true loss at the end")
    caption = "Proline foretold from alcohol, both standardized, by 100 steps of descent."
    page.table("hidden", headers, rows, caption=caption, formats=dict.fromkeys(headers[1:], ".3f"))
    drawing, axes = _style.figure(height=3.2)
    axes.plot(x[:, 0], y, "o", color=_style.GREY, markersize=3, alpha=0.6)
    ends = jnp.array([-2.5, 2.5])
    for name, fit in fits.items():
        axes.plot(ends, fit.params[0] * ends + fit.params[1], label=name)
    axes.set(xlabel="alcohol (standardized)", ylabel="proline (standardized)")
    axes.legend(title="difference taken", frameon=False)
    page.figure("hidden", drawing, caption="With (m, 1) − (m,) descent finds a level line.", alt="Rising points; one line rises with them, one is level.")
    good, bad = (fit.params[0] for fit in fits.values())
    first, last = fits["(m, 1) − (m,)"].losses[jnp.array([0, -1])]
    page.claim(
        "The mistaken loss falls from {first:.2f} to {last:.2f}, but the slope it ends with is {bad:.0e} instead of {good:.2f}.",
        last < first - 0.1 and abs(bad) < 1e-3 and good > 0.5,
        first=first, last=last, bad=bad, good=good,
    )  # fmt: skip
