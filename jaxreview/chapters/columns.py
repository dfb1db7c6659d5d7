"""Samples as columns, and why one matrix product replaces the loop over them."""

import time

import jax
import jax.numpy as jnp
import numpy as np

import jaxreview as jr
from jaxreview.chapters import _style
from jaxreview.chapters._page import Page
from jaxreview.loops import linear as loops
from jaxreview.losses import squared_error
from jaxreview.speedup import data, timing

SIZES = (1, 10, 100, 1_000, 10_000, 100_000)
FORMS = ("for, for, for", "for samples", "`fori_loop`", "`vmap`", "matrix product")


def one_sample(w, x, b):
    """W x + b for a single sample x `(3,)`."""
    return w @ x + b[:, 0]


def for_samples(w, x, b):
    """Python's loop over samples, NumPy's product for each."""
    z = np.empty((w.shape[0], x.shape[1]), np.float32)
    for j in range(x.shape[1]):
        z[:, j] = one_sample(w, x[:, j], b)
    return z


def fori(w, x, b):
    """A compiled loop over samples."""
    start = jnp.zeros((w.shape[0], x.shape[1]), x.dtype)
    return jax.lax.fori_loop(0, x.shape[1], lambda j, z: z.at[:, j].set(one_sample(w, x[:, j], b)), start)


def mapped(w, x, b):
    """The function of one sample, mapped over the columns."""
    return jax.vmap(one_sample, (None, 1, None), 1)(w, x, b)


def run(page: Page) -> None:
    """Write the chapter."""
    pixels = data.load("photographs", (1, 427, 640, 3)).reshape(-1, 3).T.astype(np.float32)
    x = np.random.default_rng(0).permutation(pixels, axis=1)[:, : SIZES[-1]]
    w, b = jnp.linspace(-1.0, 1.0, 12).reshape(4, 3), jnp.linspace(0.0, 0.3, 4).reshape(4, 1)
    shapes(page, w, jnp.asarray(x[:, :1000]), b)
    gradients(page, w, jnp.asarray(x[:, :1000]), b)
    page.code(loops.affine_columns)
    speeds(page, w, x, b)


def shapes(page, w, x, b):
    """What has which shape, and that a column is a sample."""
    page.say(
        "A layer of 4 units takes 3 features: z = W x + b, where W is 4 × 3, x and z are columns. For m samples, **put them side by side**: X is 3 × m, a row "
        "for each feature and a column for each sample, and Z = W X + b is 4 × m, again a column for each sample. Do not picture the network, picture the "
        "product. The samples here are pixels of a photograph, and their features red, green and blue."
    )
    rows = [(m, *("×".join(map(str, a.shape)) for a in (w, x[:, :m], b, jr.affine_columns(w, x[:, :m], b)))) for m in (1, 2, 1000)]
    page.table("shapes", ("samples m", "W", "X", "b", "Z = W X + b"), rows, caption="Only X and Z grow with the number of samples.")
    z = jr.affine_columns(w, x, b)
    apart = max(float(jnp.max(jnp.abs(z[:, j] - one_sample(w, x[:, j], b)))) for j in (0, 1, 999))
    page.claim("Column j of Z is W times column j of X, plus b, to {apart:.0e}.", apart < 1e-6, apart=apart)
    rows_first = jr.dense(x.T, w.T, b[:, 0])
    page.claim(
        "Samples as rows, as the other functions of this library take them, give the transpose: XᵀWᵀ + bᵀ = Zᵀ.", jnp.allclose(rows_first.T, z, atol=1e-6)
    )


def gradients(page, w, x, b):
    """The backward pass is a product as well."""
    y = jnp.tanh(2 * x[:1])
    y = jnp.concatenate([y, y, -y, -y])
    loss = lambda w, x, y: 0.5 * squared_error(jr.affine_columns(w, x, b), y).sum(0).mean()  # noqa: E731
    whole = jax.grad(loss)(w, x, y)
    each = jax.vmap(jax.grad(loss), (None, 1, 1))(w, x[..., None], y[..., None])
    apart = float(jnp.max(jnp.abs(whole - each.mean(0))))
    formula = float(jnp.max(jnp.abs(whole - (jr.affine_columns(w, x, b) - y) @ x.T / x.shape[1])))
    sentence = (
        "The sum over samples hides in a product: dW = (1/m) dZ Xᵀ is the gradient, and the mean of the {m} gradients of one sample each, to {apart:.0e}."
    )
    page.claim(sentence, max(apart, formula) < 1e-5, m=len(each), apart=max(apart, formula))


def speeds(page, w, x, b):
    """Five ways to the same Z, for more and more samples."""
    compiled = {"`fori_loop`": fori, "`vmap`": mapped, "matrix product": jr.affine_columns}
    seconds, compiling, apart = {form: [] for form in FORMS}, {}, 0.0
    for m in SIZES:
        page.at(f"{m} samples, five ways")
        host = np.asarray(w), np.ascontiguousarray(x[:, :m]), np.asarray(b)
        device = tuple(map(jnp.asarray, host))
        ways = {"for, for, for": lambda: loops.affine_columns(*host), "for samples": lambda: for_samples(*host)}  # noqa: B023
        for form, function in compiled.items():
            start = time.perf_counter()
            program = jax.jit(function).lower(*device).compile()
            compiling[form] = time.perf_counter() - start
            ways[form] = lambda program=program: program(*device).block_until_ready()  # noqa: B023
        expected = ways["matrix product"]()
        for form, way in ways.items():
            apart = max(apart, float(np.max(np.abs(way() - np.asarray(expected)))))
            clocked = timing.Clocked(way, repeats=max(1, 1000 // m))
            seconds[form].append(min(clocked.once() for _ in range(5 if m <= 1000 or form in compiled else 1)))
    page.claim("All five ways give the same Z, to {apart:.0e}.", apart < 1e-5, apart=apart)
    rows = [(form, compiling.get(form), *(1e6 * one for one in times), seconds[FORMS[0]][-1] / times[-1]) for form, times in seconds.items()]
    headers = ("way", "compiling, s", *(f"m = {m:,}" for m in SIZES), "times faster")
    page.table(
        "speeds", headers, rows, caption="Microseconds for Z by the number of samples, compiling apart, and the speedup over the first way at the largest m."
    )
    loop, product = seconds["for, for, for"], seconds["matrix product"]
    faster = loop[-1] / product[-1]
    page.claim("For {m} samples the matrix product is more than fifty times faster than the loops.", faster > 50, m=SIZES[-1])
    page.say(
        "A call of a compiled program costs some microseconds whatever it computes, so that a handful of samples is as soon done in Python: here the product "
        "wins from m = {cross} on. It is not the word `for` that is slow, since `fori_loop` is a loop as well, but compiled. What is slow is an interpreter "
        "that finds out anew for each number what to do with it.",
        cross=next(m for m, one, other in zip(SIZES, loop, product, strict=True) if other < one),
    )
    drawing, axes = _style.figure(height=3.6)
    for marker, (form, times) in zip(_style.MARKERS, seconds.items(), strict=False):
        axes.loglog(SIZES, times, marker=marker, markersize=5, label=form.strip("`"))
    axes.set(xlabel="samples m", ylabel="seconds")
    axes.legend(frameon=False)
    caption = "In the time of one matrix product over {m} samples, loops come to about {few} of them."
    alt = "Times by m: those of the loops rise in proportion, that of the product hardly up to ten thousand."
    page.figure("speeds", drawing, caption=caption, alt=alt, m=SIZES[-1], few=round(SIZES[-1] / faster))
