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
        "Max pooling over 2×2 cells keeps one value of four. Going back to the old size is **upsampling**, and there are three ways. **Unpooling** puts each value "
        "into one cell and zeros into the others: into the cell that the maximum came from, if pooling kept the indices (the switches of a SegNet), else into "
        "the first corner (a bed of nails). **Interpolation** fills all cells from their neighbours. A **transposed convolution** fills them by a kernel that can "
        "be learned."
    )
    page.at("bringing a photograph back")
    start, end = learned(pooled, photo)
    side = (SIDE, SIDE)
    count = 4 * 4 * 3 * 3
    found = {  # name, what is needed besides the pooled values, parameters, and whether pooling the result gives them back
        "zero_unpool": (jr.zero_unpool(pooled, (2, 2)), 0, False),
        "max_unpool": (jr.max_unpool(pooled, indices, output_size=side), 0, True),
        "resize, nearest": (jr.resize(pooled, side), 0, False),
        "resize, linear": (jr.resize(pooled, side, method="linear"), 0, False),
        "resize, cubic": (jr.resize(pooled, side, method="cubic"), 0, False),
        "conv_transpose, bilinear": (start, count, False),
        "conv_transpose, learned": (end, count, False),
        "pixel_shuffle": (jr.pixel_shuffle(jr.pixel_unshuffle(photo, 2), 2), 0, False),
    }
    rows, errors = [], {}
    for name, (picture, parameters, switches) in found.items():
        errors[name] = 255 * float(jnp.sqrt(squared_error(jnp.clip(picture, 0, 1), photo).mean()))
        back = bool(jnp.abs(jr.max_pool(picture, (2, 2)) - pooled).max() < 1e-6)
        filled = float(jnp.mean(jnp.abs(picture) > 0))
        rows.append((f"`{name}`", switches, parameters, filled, errors[name], back))
    headers = ("method", "needs indices", "parameters", "cells filled", "RMSE, grey levels", "pools to the same")
    caption = "A photograph of {side}×{side} cells after max pooling, brought back to its size. (`pixel_shuffle` undoes `pixel_unshuffle`, which loses nothing.)"
    page.table("methods", headers, rows, caption=caption, formats={"cells filled": ".0%", "RMSE, grey levels": ".1f"}, side=SIDE)
    print(errors)
    drawing, panels = _style.figure(2, 4, height=4.3)
    shown = {"photograph": photo, "max_pool": pooled} | {name: found[name][0] for name in found if name not in ("pixel_shuffle", "resize, cubic")}
    for axes, (name, picture) in zip(panels.flat, shown.items(), strict=True):
        axes.imshow(np.clip(picture, 0, 1), interpolation="nearest")
        error = f"RMSE {errors[name]:.1f}" if name in errors else f"{picture.shape[0]} × {picture.shape[1]} cells"
        axes.set_title(name.replace(", ", "\n") + ("\n" if ", " in name else "\n\n")[:1] + error, fontsize=9)
        axes.axis("off")
    page.figure("photographs", drawing, caption="c", alt="a")

def again(page): pass
def sizes(page): pass
