"""Upsampling and unpooling: bringing back what pooling took."""

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

SIDE, STEPS = 96, 60  # of the photograph, and of descent on a kernel


def run(page: Page) -> None:
    """Write the chapter."""
    photo = jnp.asarray(data.load("photographs", (1, 427, 640, 3))[0, 166 : 166 + SIDE, 266 : 266 + SIDE], jnp.float32)
    pooled, indices = jr.max_pool(photo, (2, 2), return_indices=True)
    methods(page, photo, pooled, indices)
    again(page)
    sizes(page)


def learned(pooled, photo):
    """A 4×4 kernel of `conv_transpose` that begins as bilinear interpolation and descends to the photograph."""

    def enlarged(kernel):
        return jr.conv_transpose(pooled, kernel, stride=2, padding=1)

    @jax.jit
    def descent(kernel):
        return gradient_descent(lambda kernel: squared_error(enlarged(kernel), photo).mean(), kernel, optimizer=optax.adam(3e-3), steps=STEPS).params

    start = jr.initializers.bilinear()(None, (4, 4, 3, 3), photo.dtype)
    return enlarged(start), enlarged(descent(start))


def methods(page, photo, pooled, indices):
    """A photograph, pooled and brought back by each method."""
    page.say(
        "Max pooling over 2×2 cells keeps one value of four. Going back to the old size is **upsampling**, and there are three ways. **Unpooling** puts "
        "each value into one cell and zeros into the others: into the cell that the maximum came from, if pooling kept the indices (the switches of a "
        "SegNet), else into the first corner (a bed of nails). **Interpolation** fills all cells from their neighbours. A **transposed convolution** "
        "fills them by a kernel that can be learned."
    )
    page.at("bringing a photograph back")
    start, end = learned(pooled, photo)
    found = {  # with the number of parameters, and whether indices are needed
        "zero_unpool": (jr.zero_unpool(pooled, (2, 2)), 0, False),
        "max_unpool": (jr.max_unpool(pooled, indices, output_size=(SIDE, SIDE)), 0, True),
        "resize, nearest": (jr.resize(pooled, (SIDE, SIDE)), 0, False),
        "resize, linear": (jr.resize(pooled, (SIDE, SIDE), method="linear"), 0, False),
        "resize, cubic": (jr.resize(pooled, (SIDE, SIDE), method="cubic"), 0, False),
        "conv_transpose, bilinear": (start, 4 * 4 * 3 * 3, False),
        "conv_transpose, learned": (end, 4 * 4 * 3 * 3, False),
        "pixel_shuffle": (jr.pixel_shuffle(jr.pixel_unshuffle(photo, 2), 2), 0, False),
    }
    rows, errors = [], {}
    for name, (picture, parameters, switches) in found.items():
        errors[name] = 255 * float(jnp.sqrt(squared_error(jnp.clip(picture, 0, 1), photo).mean()))
        back = bool(jnp.abs(jr.max_pool(picture, (2, 2)) - pooled).max() < 1e-6)
        filled = float(jnp.mean(jnp.abs(picture) > 0))
        rows.append((f"`{name}`", switches, parameters, filled, errors[name], back))
    headers = ("method", "needs indices", "parameters", "cells filled", "RMSE, grey levels", "pools to the same")
    caption = (
        "A photograph of {side}×{side} cells after max pooling, brought back to its size. (`pixel_shuffle` undoes `pixel_unshuffle`, which loses nothing.)"
    )
    page.table("methods", headers, rows, caption=caption, formats={"cells filled": ".0%", "RMSE, grey levels": ".1f"}, side=SIDE)
    sentence = (
        "Unpooling fills {share:.0%} of the cells: one of four. That is no picture ({zero:.0f} and {max:.0f} grey levels off) but a place to convolve from."
    )
    shares = [row[3] for row in rows[:2]]
    page.claim(sentence, max(shares) <= 0.25 < 1.01 * min(shares), share=shares[1], zero=errors["zero_unpool"], max=errors["max_unpool"])
    sentence = "A learned kernel makes fewer errors than the bilinear one it began as: {after:.1f} and not {before:.1f}, after {steps} steps."
    before, after = errors["conv_transpose, bilinear"], errors["conv_transpose, learned"]
    page.claim(sentence, after < 0.95 * before, after=after, before=before, steps=STEPS)
    drawing, panels = _style.figure(2, 4, height=4.4)
    shown = {"photograph": photo, "max_pool": pooled} | {name: found[name][0] for name in found if name not in ("pixel_shuffle", "resize, cubic")}
    for axes, (name, picture) in zip(panels.flat, shown.items(), strict=True):
        axes.imshow(np.clip(picture, 0, 1), interpolation="nearest")
        below = f"RMSE {errors[name]:.1f}" if name in errors else f"{picture.shape[0]} × {picture.shape[1]} cells"
        axes.set_title(name.replace(", ", "\n") + "\n" + below, fontsize=9)
        axes.axis("off")
    caption = "A part of a photograph, pooled and brought back. Errors are in grey levels of 0 to 255."
    alt = "Unpooled pictures are black with single bright cells; interpolated and convolved ones are blurred pictures."
    page.figure("photographs", drawing, caption=caption, alt=alt)


def again(page):
    """Pooling what was unpooled."""
    page.at("pooling again")
    page.say("Does pooling give back what was unpooled? Zeros fill the window, and pooling takes the largest of it: a **negative maximum loses against them**.")
    x = jnp.array([[1.0, 5.0, -3.0, -1.0], [2.0, 0.0, -2.0, -4.0]])[..., None]
    pooled, indices = jr.max_pool(x, (2, 2), return_indices=True)
    unpooled = jr.max_unpool(pooled, indices, output_size=(2, 4))
    steps = {"x": x, "max_pool": pooled, "its indices": indices, "max_unpool": unpooled, "max_pool again": jr.max_pool(unpooled, (2, 2))}
    rows = [
        (name, *(" ".join(f"{value:g}" for value in row) for row in np.asarray(array)[..., 0]), *[None] * (2 - len(array))) for name, array in steps.items()
    ]
    page.table("steps", ("step", "first row", "second row"), rows, caption="Two windows of 2×2 cells: 5 comes back, −1 becomes 0.")
    photos = jnp.asarray(data.load("photographs", (8, 64, 64, 1)), jnp.float32)
    standard = jr.standardize(photos, jr.fit_standardizer(photos))
    pooled, indices = jr.max_pool(standard, (2, 2), return_indices=True)
    back = jr.max_pool(jr.max_unpool(pooled, indices, output_size=(64, 64)), (2, 2))
    sentence = (
        "On standardized photographs {share:.0%} of the maxima are negative, and what comes back is exactly max(pooled, 0). After a ReLU nothing is lost."
    )
    page.claim(sentence, np.array_equal(np.asarray(back), np.maximum(np.asarray(pooled), 0)) and bool((pooled < 0).any()), share=float((pooled < 0).mean()))


def sizes(page):
    """What the indices do not tell."""
    page.at("sizes and overlapping windows")
    rows = []
    for size, window, stride in ((4, 2, 2), (5, 2, 2), (5, 3, 2), (6, 3, 2), (7, 3, 1)):
        x = jnp.asarray(np.random.default_rng(0).permutation(size * size).reshape(size, size, 1).astype(np.float32))
        pooled, indices = jr.max_pool(x, (window, window), stride=stride, return_indices=True)
        unpooled = jr.max_unpool(pooled, indices, output_size=(size, size))
        kept = jnp.where(unpooled != 0, x, 0)
        repeated = indices.size - len(np.unique(np.asarray(indices)))
        rows.append((size, window, stride, pooled.shape[0], repeated, int((unpooled != 0).sum()), bool((unpooled == kept).all())))
    headers = ("cells an axis", "window", "stride", "pooled", "repeated indices", "cells filled", "right where filled")
    page.table("sizes", headers, rows, caption="Square inputs, pooled and unpooled.")
    page.say(
        "4 and 5 cells both pool to 2, so the size cannot be told from the pooled values: `output_size` must be given. Overlapping windows can share a "
        "maximum; then an index is repeated, but with the same value, and no harm is done. (If the values were changed on the way, the last one stays in "
        "`max_unpool`.)"
    )
    sentence = "Sizes {small} and {large} pool to the same, and {repeated} indices are repeated where windows of 3 overlap most; every filled cell is right."
    holds = rows[0][3] == rows[1][3] and rows[-1][4] > 0 == rows[0][4] and all(row[-1] for row in rows)
    page.claim(sentence, holds, small=rows[0][0], large=rows[1][0], repeated=rows[-1][4])
