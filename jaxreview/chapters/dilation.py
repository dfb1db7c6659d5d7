"""Dilated convolution, also called atrous."""

import jax
import jax.numpy as jnp
import numpy as np

import jaxreview as jr
from jaxreview.chapters import _style
from jaxreview.chapters._page import Page
from jaxreview.speedup import data

STACKS = {"1, 1, 1": (1, 1, 1), "1, 2, 4": (1, 2, 4), "2, 2, 2": (2, 2, 2), "1, 2, 5": (1, 2, 5)}


def run(page: Page) -> None:
    """Write the chapter; identities are seen to the last digits in float64."""
    with jax.enable_x64(True):
        holes(page)
        stacks(page)
        resolution(page)


def holes(page):
    """A kernel with holes."""
    page.at("a kernel with zeros inserted")
    page.say(
        "A dilated convolution sets the taps of its kernel d cells apart. It reaches k + (k − 1)(d − 1) cells instead of k, and has no more weights: the "
        "same as an ordinary convolution whose kernel has d − 1 zeros between its weights, without multiplying by them."
    )
    photo, rows = jnp.asarray(data.load("photographs", (1, 40, 40, 3))), []
    for k, d in ((3, 1), (3, 2), (3, 4), (5, 3), (2, 5)):
        kernel = jnp.asarray(np.random.default_rng(k).normal(size=(k, k, 3, 2)))
        wide = k + (k - 1) * (d - 1)
        dense = jnp.zeros((wide, wide, 3, 2)).at[::d, ::d].set(kernel)
        error = jnp.abs(jr.conv(photo, kernel, dilation=d) - jr.conv(photo, dense)).max()
        back = jnp.abs(jr.conv_transpose(photo[..., :2], kernel, dilation=d) - jr.conv_transpose(photo[..., :2], dense)).max()
        pool = jax.eval_shape(lambda x, k=k, d=d: jr.max_pool(x, (k, k), stride=1, dilation=d), photo).shape[1] == 40 - wide + 1
        rows.append((k, d, wide, k * k, wide * wide, jnp.maximum(error, back), pool))
    headers = ("window k", "dilation d", "reach", "weights", "weights of the dense kernel", "difference", "`max_pool` as wide")
    caption = "Dilated convolution against the dense kernel with zeros, on a photograph; the difference is the worse of `conv` and `conv_transpose`."
    page.table("holes", headers, rows, caption=caption, formats={"difference": ".0e"})
    worst = float(max(row[5] for row in rows))
    page.claim("Both give the same, to {worst:.0e}, and dilated pooling reaches as far.", worst < 1e-12 and all(row[6] for row in rows), worst=worst)


def reached(dilations):
    """How many paths of taps lead from each input cell to one output: the gradient of it, with kernels of ones."""
    ones = jnp.ones((3, 3, 1, 1))
    size = jr.receptive_field([(3, 1, d) for d in dilations]).size

    def output(x):
        for d in dilations:
            x = jr.conv(x, ones, dilation=d)
        return x[0, 0, 0]

    return np.asarray(jax.grad(output)(jnp.ones((size, size, 1))))[..., 0].round().astype(int)


def stacks(page):
    """Receptive fields and gridding."""
    page.at("stacks of three layers")
    page.say(
        "Stacked, dilations add up their reaches, so that the receptive field grows exponentially if they double, with as many weights as before. But not "
        "every cell of the field need be seen: with dilations that have a common divisor, cells between are never touched. This is **gridding**, and "
        "neighbouring outputs then see disjoint cells."
    )
    rows, maps = [], {name: reached(dilations) for name, dilations in STACKS.items()}
    for name, dilations in STACKS.items():
        field = jr.receptive_field([((3, 3), 1, d) for d in dilations])
        seen = int((maps[name] > 0).sum())
        rows.append(
            (name, 9 * len(dilations), maps[name].shape[0], maps[name].size, seen, seen / maps[name].size, abs(field.coverage - seen / maps[name].size) < 1e-12)
        )
    headers = ("dilations", "weights", "field, an axis", "cells of the field", "cells seen", "coverage", "`receptive_field` agrees")
    page.table("stacks", headers, rows, caption="Three 3×3 convolutions. Seen is a cell with a gradient.", formats={"coverage": ".0%"})
    plain, double, grid, whole = rows
    sentence = "Dilations 1, 2, 4 see {wide} cells an axis with {weights} weights, and 1, 1, 1 with as many {narrow}."
    page.claim(sentence, double[2] == 15 and plain[2] == 7 and double[1] == plain[1] == 27, wide=double[2], weights=double[1], narrow=plain[2])
    sentence = "Dilations 2, 2, 2 touch {seen} of {cells} cells, {share:.0%}; 1, 2, 5 touch all {all} of a larger field. `receptive_field` foretells all of it."
    holds = (grid[4], grid[3]) == (49, 169) and whole[4] == whole[3] == 289 and all(row[6] for row in rows)
    page.claim(sentence, holds, seen=grid[4], cells=grid[3], share=grid[5], all=whole[4])
    drawing, panels = _style.figure(1, 4, height=2.5)
    for axes, (name, paths) in zip(panels[0], maps.items(), strict=True):
        around = (17 - len(paths)) // 2
        axes.imshow(np.ma.masked_equal(np.pad(paths, around), 0), cmap="viridis_r", vmin=1, vmax=27)
        low, high = around - 0.5, 16.5 - around
        axes.plot([low, high, high, low, low], [low, low, high, high, low], color=_style.VERMILLION, linestyle="-", linewidth=1.2)
        axes.set(title=f"dilations {name}", xlim=(-0.7, 16.7), ylim=(16.7, -0.7), xticks=[], yticks=[])
        axes.grid(False)
        axes.spines[:].set_visible(False)
        axes.set_xlabel(f"{(paths > 0).sum()} of {paths.size} cells")
    caption = "What one output of three 3×3 layers sees of its field (framed): the darker, the more paths; white cells have none."
    page.figure(
        "gridding",
        drawing,
        caption=caption,
        alt="Filled squares for dilations 1, 1, 1, for 1, 2, 4 and for 1, 2, 5; for 2, 2, 2 a grid of single cells with holes.",
    )


def resolution(page):
    """Against pooling and upsampling."""
    page.at("resolution")
    page.say(
        "Pooling widens the field too, and then the picture must be upsampled again. The field is as wide or wider, but outputs lie {jump} cells apart, "
        "and what is between is interpolated. Dilation keeps every cell, at the price of computing every cell. That is seen by moving the input by one "
        "cell: what is computed at every cell moves with it.",
        jump=4,
    )
    kernels = jnp.asarray(np.random.default_rng(0).normal(size=(3, 3, 3, 1, 1)) / 3)
    photo = jnp.asarray(data.load("photographs", (1, 97, 97, 1))[0])
    photo = jr.standardize(photo, jr.fit_standardizer(photo))

    def dilated(x):
        for kernel, d in zip(kernels, (1, 2, 4), strict=True):
            x = jr.tanh(jr.conv(x, kernel, dilation=d, padding=d))
        return x

    def pooled(x):
        for i, kernel in enumerate(kernels):
            x = jr.tanh(jr.conv(x if i == 0 else jr.avg_pool(x, (2, 2)), kernel, padding=1))
        return jr.upsample(x, (4, 4), method="linear")

    rows, layers = (
        [],
        {"dilations 1, 2, 4": (dilated, [(3, 1, 1), (3, 1, 2), (3, 1, 4)]), "pooling twice": (pooled, [(3, 1, 1), (2, 2, 1), (3, 1, 1), (2, 2, 1), (3, 1, 1)])},
    )
    for name, (net, stack) in layers.items():
        field, here, there = jr.receptive_field(stack), net(photo[:96, :96]), net(photo[1:, 1:])
        still, moved = here[17:-15, 17:-15], there[16:-16, 16:-16]
        cells = [96 * 96] * 3 if net is dilated else [96 * 96, 48 * 48, 24 * 24]
        rows.append((name, 27, field.size, field.jump, 9 * sum(cells), (still - moved).std() / still.std()))
    headers = ("network", "weights", "field, an axis", "cells between outputs", "products", "change when moved")
    caption = "Three 3×3 convolutions on a photograph of 96×96 cells, with dilation, or with pooling between and upsampling at the end."
    page.table("resolution", headers, rows, caption=caption, formats={"change when moved": ".1%"})
    fine, coarse = rows
    sentence = "When the input moves by one cell the dilated output moves with it (change {fine:.0e}); after pooling and upsampling {coarse:.0%} of it changes."
    page.claim(sentence, float(fine[5]) < 1e-12 and float(coarse[5]) > 0.02, fine=float(fine[5]), coarse=float(coarse[5]))
