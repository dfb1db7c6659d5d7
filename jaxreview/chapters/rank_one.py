"""Arrays of shape (n,): neither a row nor a column, and how to be safe from them."""

import jax
import jax.numpy as jnp
import numpy as np

from jaxreview.chapters import _style
from jaxreview.chapters._page import Page
from jaxreview.losses import squared_error
from jaxreview.speedup import data, timing

SIZES = (100, 1_000, 10_000, 100_000, 1_000_000)


def column(a):
    """The numbers of a as a column (n, 1)."""
    return a.reshape(-1, 1)


def row(a):
    """The numbers of a as a row (1, n)."""
    return a.reshape(1, -1)


def needs(a, shape):
    """The array itself, if that is its shape; shapes are known while tracing, so nothing of this is left in a compiled program."""
    if a.shape != shape:
        raise ValueError(f"an array has shape {a.shape}; it needs {shape}")
    return a


def refused(function, *arrays):
    """Whether the call raises an error."""
    try:
        jax.block_until_ready(function(*arrays))
    except (TypeError, ValueError):
        return True
    return False


def run(page: Page) -> None:
    """Write the chapter; ranks are promoted as JAX does it unless told otherwise."""
    with jax.numpy_rank_promotion("allow"):
        y = data.load("wine", (178, 13))[:, 0].astype(np.float32)
        shapes(page, y[:5])
        mistake(page, y)
        guards(page, jnp.asarray(y))
        reshaping(page)


def shapes(page, a):
    """What one and two axes do."""
    page.say(
        "An array of shape (5,) has one axis. It is no row and no column: there is nothing to transpose, `a.T` is `a`. So `np.dot(a, a.T)` is the inner "
        "product, a number. A column (5, 1) times its transpose (1, 5) is the outer product, 5 × 5. The same line of code means different things, by an axis "
        "that the name of the variable does not tell."
    )
    forms = {"a": a, "a as a column": column(a), "a as a row": row(a)}
    results = [(name, *(str(np.shape(b)) for b in (one, one.T, np.dot(one, one.T), one * one.T, one - one.T))) for name, one in forms.items()]
    headers = ("array", "shape", "shape of a.T", "`np.dot(a, a.T)`", "`a * a.T`", "`a - a.T`")
    page.table("shapes", headers, results, caption="Shapes of what comes out for five numbers; () is a single number.")
    inner, outer, in_jax = np.dot(a, a.T), np.dot(column(a), column(a).T), jnp.dot(column(jnp.asarray(a)), row(jnp.asarray(a)))
    sentence = "From (5,) comes one number, {inner:.1f}, from (5, 1) a 5 × 5 matrix of which it is the trace; JAX does as NumPy."
    holds = np.shape(inner) == () and outer.shape == in_jax.shape == (5, 5) and np.isclose(np.trace(outer), inner) and np.allclose(in_jax, outer)
    page.claim(sentence, holds, inner=inner)


def mistake(page, y):
    """A loss that is wrong and says nothing."""
    page.say(
        "Most mistakes of this kind raise no error. A network gives predictions (m, 1), the targets were read as (m,), and (m, 1) − (m,) broadcasts to (m, "
        "m). For perfect predictions the mean square of that is not 0: over all pairs the mean of (yᵢ − yⱼ)² is twice the variance of y."
    )
    right, wrong, twice = np.mean((column(y) - column(y)) ** 2), np.mean((column(y) - y) ** 2), 2 * y.var()
    sentence = "The mean squared error of {m} perfect predictions is {right:.0f}, and of shapes (m, 1) and (m,) {wrong:.4f}: 2·var(y) = {twice:.4f}."
    page.claim(sentence, right == 0 and np.isclose(wrong, twice, rtol=1e-5) and wrong > 1, m=len(y), right=right, wrong=wrong, twice=twice)


def guards(page, y):
    """Who notices."""
    page.say(
        "Five ways to be safe: to keep vectors as columns or rows from the start; to check a shape where an array comes in; to have JAX refuse arrays of "
        'different rank, by `jax.numpy_rank_promotion("raise")`; to use losses that compare shapes, as those of this library do; and to write shapes into '
        "annotations that are checked at each call, as its tests do. A check by shape also works under `jit`, where values are unknown but shapes are not."
    )
    page.code(needs)

    def strict(a, b):
        with jax.numpy_rank_promotion("raise"):
            return jnp.mean((a - b) ** 2)

    ways = {
        "NumPy": lambda a, b: np.mean((np.asarray(a) - np.asarray(b)) ** 2),
        "JAX": lambda a, b: jnp.mean((a - b) ** 2),
        "JAX, ranks not promoted": strict,
        "JAX, shapes checked": lambda a, b: jnp.mean((needs(a, b.shape) - b) ** 2),
        "`squared_error`": lambda a, b: squared_error(a, b).mean(),
    }
    pairs = ((column(y), y), (column(y), row(y)), (y, y), (column(y), column(y)))
    rows, noticed = [], {}
    for name, way in ways.items():
        noticed[name] = [refused(way, a, b) for a, b in pairs]
        rows.append((name, *noticed[name], None if name == "NumPy" else [refused(jax.jit(way), a, b) for a, b in pairs] == noticed[name]))
    headers = ("loss by", "(m, 1) and (m,)", "(m, 1) and (1, m)", "(m,) and (m,)", "(m, 1) and (m, 1)", "same under jit")
    page.table("guards", headers, rows, caption="Which of them refuse? The first two pairs are mistakes, the last two are not.")
    blind, half, safe = [False] * 4, [True, False, False, False], [True, True, False, False]
    sentence = "NumPy and JAX by default refuse nothing. Forbidding to promote ranks catches (m,), but not a row among columns; comparing shapes catches both."
    page.claim(sentence, list(noticed.values()) == [blind, blind, half, safe, safe] and all(one[5] for one in rows[1:]))
    checked, bare = (str(jax.make_jaxpr(f)(column(y))) for f in (lambda a: 2 * needs(a, (178, 1)), lambda a: 2 * a))
    page.claim("The check costs nothing when compiled: the traced program with it is the one without.", checked == bare)


def reshaping(page):
    """What a reshape costs."""
    page.at("reshape, by size")
    page.correct(
        "reshape is fast, O(1).",
        "In NumPy it is, where memory can stay as it lies: the result is a view of the same numbers. Of a transposed array it is a copy, O(n). A JAX array is "
        "never a view of another: called alone, reshape is a program of its own that copies. Inside a compiled program it is another name for the same "
        "memory, a bitcast.",
    )
    alone, double, reshaped = jax.jit(column), jax.jit(lambda a: 2 * a), jax.jit(lambda a: 2 * column(a))
    ways = {"NumPy": [], "NumPy, of a transposed array": [], "JAX, called alone": [], "JAX, 2a": [], "JAX, 2a as a column": []}
    arrays = [(np.ones(n, np.float32), np.ones((2, n // 2), np.float32).T, jnp.ones(n, jnp.float32)) for n in SIZES]
    for n, (flat, turned, device) in zip(SIZES, arrays, strict=True):
        calls = [lambda: column(flat), lambda: column(turned)]  # noqa: B023
        calls += [lambda f=f: f(device).block_until_ready() for f in (column, double, reshaped)]  # noqa: B023
        for times, call in zip(ways.values(), calls, strict=True):
            call()
            clocked = timing.Clocked(call, repeats=max(3, 3000 // n))
            times.append(min(clocked.once() for _ in range(7)))
    rows = [(name, *(1e6 * one for one in times)) for name, times in ways.items()]
    page.table(
        "times", ("reshape to a column", *(f"n = {n:,}" for n in SIZES)), rows, caption="Microseconds. The last two lines differ by a reshape in a program."
    )
    drawing, axes = _style.figure(height=3.2)
    for marker, name in zip(_style.MARKERS, list(ways)[:3], strict=False):
        axes.loglog(SIZES, ways[name], marker=marker, markersize=5, label=name)
    axes.set(xlabel="numbers n", ylabel="seconds for a reshape")
    axes.legend(frameon=False)
    page.figure("times", drawing, caption="A view costs the same for any n; a copy grows with n.", alt="One level line far below; two that rise.")
    flat, turned, device = arrays[-1]
    views, copies = (ways[name][-1] for name in list(ways)[:2])
    sentence = "NumPy's view shares its memory, the copy does not, and takes for {n} numbers over a hundred times as long."
    holds = np.shares_memory(flat, column(flat)) and not np.shares_memory(turned, column(turned)) and copies > 100 * views
    page.claim(sentence, holds, n=SIZES[-1])
    texts = [f.lower(device).compile() for f in (alone, reshaped)]
    moved = column(device).unsafe_buffer_pointer() != device.unsafe_buffer_pointer()
    sentence = "JAX's reshape alone gives other memory, and compiles to a copy. In 2a as a column there is no copy left."
    page.claim(sentence, moved and [" copy(" in str(text.as_text()) for text in texts] == [True, False])
