"""Transposed convolution, also called deconvolution."""

import jax
import jax.numpy as jnp
import numpy as np

import jaxreview as jr
from jaxreview.chapters import _style
from jaxreview.chapters._page import Page
from jaxreview.loops import convolution as loops
from jaxreview.speedup import data


def run(page: Page) -> None:
    """Write the chapter; identities are seen to the last digits in float64."""
    with jax.enable_x64(True):
        adjoint(page)
        sizes(page)
        forms(page)
        conventions(page)
        checkerboard(page)


def drawn(*shape):
    """Normal numbers that are the same each time."""
    return jnp.asarray(np.random.default_rng(0).normal(size=shape))


def adjoint(page):
    """The transpose of a matrix."""
    page.at("convolution as a matrix")
    page.say(
        "A convolution is linear, so it is a matrix C times the flattened input. Its gradient with respect to the input multiplies by Cᵀ, and that is all "
        "a **transposed convolution** is: `conv_transpose(x, kernel)` has the same kernel and settings as the `conv` whose transpose it is, and takes "
        "small pictures to large ones: every input cell lays the kernel, multiplied by its value, into the output, one stride on from its neighbour, and "
        "overlaps add up."
    )
    u, kernel = drawn(7, 2), drawn(3, 2, 3)
    x = jr.conv(u, kernel, stride=2)
    matrix = jax.jacobian(lambda u: jr.conv(u, kernel, stride=2).ravel())(u).reshape(x.size, u.size)
    by_matrix = float(jnp.abs(jr.conv_transpose(x, kernel, stride=2).ravel() - matrix.T @ x.ravel()).max())
    page.claim("`conv_transpose` multiplies by the transpose of the matrix of `conv`: they differ by {error:.0e}.", by_matrix < 1e-13, error=by_matrix)
    photo, window, other = jnp.asarray(data.load("photographs", (65, 65, 3))[None]), drawn(3, 3, 3, 4), drawn(1, 32, 32, 4)
    left, right = jnp.vdot(jr.conv(photo, window, stride=2), other), jnp.vdot(photo, jr.conv_transpose(other, window, stride=2))
    error = float(jnp.abs(left / right - 1))
    page.claim("On a photograph ⟨conv(u), x⟩ = ⟨u, conv_transpose(x)⟩ to {error:.0e}.", error < 1e-12, error=error)
    page.code(loops.conv_transpose)
    rank, n = int(jnp.linalg.matrix_rank(matrix)), matrix.shape[1]
    page.claim("**It is no inverse**, whatever the name deconvolution says: C has rank {rank}, so {n} cells cannot come back.", rank < n, rank=rank, n=n)


def sizes(page):
    """The calculator."""
    page.at("sizes")
    rows = []
    settings = ((5, 3, 1, 0, 0, 1), (5, 3, 2, 0, 0, 1), (5, 3, 2, 1, 0, 1), (5, 3, 2, 1, 1, 1), (5, 4, 2, 1, 0, 1), (5, 16, 8, 4, 0, 1), (5, 3, 2, 0, 0, 2))
    for i, k, s, p, op, d in settings:
        foretold = (i - 1) * s - 2 * p + d * (k - 1) + op + 1
        y = jr.conv_transpose(jnp.ones((i, 1)), jnp.ones((k, 1, 1)), stride=s, padding=p, output_padding=op, dilation=d)
        back = jr.conv(y, jnp.ones((k, 1, 1)), stride=s, padding=p, dilation=d).shape[0]
        rows.append((i, k, s, p, op, d, foretold, y.shape[0], back))
    headers = ("input", "window k", "stride s", "padding p", "output padding", "dilation d", "formula", "output", "back by `conv`")
    caption = "Cells on an axis: (i − 1)s − 2p + d(k − 1) + op + 1. Padding cuts off; output padding chooses among the sizes that convolve to one."
    page.table("sizes", headers, rows, caption=caption)
    page.claim("The formula gives all {n} sizes, and `conv` goes back to the input's.", all(row[6] == row[7] and row[8] == row[0] for row in rows), n=len(rows))


def forms(page):
    """The same by a convolution."""
    page.at("other forms")
    page.say(
        "The same can be computed in other ways. **Zeros inserted**: spread the input one stride apart with zeros between and convolve with the kernel "
        "turned by 180°; of the products most are with zeros. **Sub-pixel**: convolve the input itself, with one kernel for each of the s² phases of the "
        "output, and shuffle the channels into place; no product is wasted. **Interpolation** is the case of a bilinear kernel."
    )
    x, kernel = drawn(9, 9, 2), drawn(4, 4, 3, 2)
    direct = jr.conv_transpose(x, kernel, stride=2, padding=1)
    turned = jnp.swapaxes(kernel[::-1, ::-1], 2, 3)
    inserted = jr.conv(jr.zero_unpool(x, (2, 2))[:-1, :-1], turned, padding=2)
    phases = jnp.stack([turned[row::2, column::2] for row in (1, 0) for column in (1, 0)], -1).reshape(2, 2, 2, 12)
    subpixel = jr.pixel_shuffle(jr.conv(x, phases, padding=1), 2)[1:-1, 1:-1]
    smooth = jr.conv_transpose(x, jr.initializers.bilinear()(None, (4, 4, 2, 2), x.dtype), stride=2, padding=1)
    inside = jnp.abs(smooth - jr.resize(x, (18, 18), method="linear"))[1:-1, 1:-1].max()
    rows = [
        ("each input laid into the output", 81 * 16 * 6, 0.0),
        ("zeros inserted", direct.shape[0] ** 2 * 16 * 6, jnp.abs(inserted - direct).max()),
        ("sub-pixel", 10 * 10 * 4 * 24, jnp.abs(subpixel - direct).max()),
    ]
    page.table(
        "forms", ("form", "products", "difference"), rows, caption="9×9 cells, a 4×4 kernel, stride 2, from 2 channels to 3.", formats={"difference": ".0e"}
    )
    worst = float(max(row[2] for row in rows))
    sentence = "The forms agree to {worst:.0e}, and a bilinear kernel is linear interpolation to {inside:.0e}, but for the border, where it sees zeros outside."
    page.claim(sentence, worst < 1e-13 and inside < 1e-13, worst=worst, inside=inside)


def conventions(page):
    """The same arrays in other libraries."""
    page.at("conventions")
    x, kernel = drawn(1, 5, 5, 2), drawn(3, 3, 4, 2)
    given = {"padding=0": jr.conv_transpose(x, kernel, stride=2), "SAME": jr.conv_transpose(x, kernel, stride=2, padding="SAME")}
    swapped, turned = jnp.swapaxes(kernel, 2, 3), jnp.swapaxes(kernel[::-1, ::-1], 2, 3)
    rows = [
        ("`jaxreview`, `torch`", "`padding=0`", "as for `conv`", given["padding=0"].shape[1], True),
        ("`jaxreview`", "`SAME`", "as for `conv`", given["SAME"].shape[1], True),
    ]
    calls = (("VALID", swapped, False), ("VALID", turned, False), ("VALID", kernel, True), ("SAME", kernel, True), (((0, 0), (0, 0)), kernel, True))
    for padding, k, transposed in calls:
        y = jax.lax.conv_transpose(x, k, (2, 2), padding, dimension_numbers=("NHWC", "HWIO", "NHWC"), transpose_kernel=transposed)
        ours = given["SAME" if padding == "SAME" else "padding=0"]
        name = "`jax.lax`, `transpose_kernel`" if transposed else "`jax.lax`"
        laid = "as for `conv`" if transposed else "channels swapped" if k is swapped else "channels swapped, turned by 180°"
        rows.append((name, f"`{padding}`", laid, y.shape[1], y.shape == ours.shape and bool(jnp.abs(y - ours).max() < 1e-12)))
    page.table("conventions", ("library", "padding", "kernel", "cells an axis", "the same values"), rows, caption="5×5 cells, a 3×3 kernel, stride 2.")
    sentence = (
        "`jax.lax` gives our values only from a turned kernel or with `transpose_kernel`, and its pads are not ours: {lax} cells, not {ours}, from pads of 0."
    )
    page.claim(sentence, [row[4] for row in rows[2:]] == [False, True, True, True, False], lax=rows[-1][3], ours=rows[0][3])


def covered(k, s, cells=8):
    """How many input cells add to each output cell."""
    return np.asarray(jr.conv_transpose(jnp.ones((cells, cells, 1)), jnp.ones((k, k, 1, 1)), stride=s)[..., 0]).round().astype(int)


def checkerboard(page):
    """Overlap counts."""
    page.at("overlap counts")
    even = {(k, s): len(np.unique(covered(k, s)[k:-k, k:-k])) == 1 for s in (1, 2, 3) for k in range(s, 6)}
    sentence = "Every output cell gets equally many terms exactly if the stride divides the window: so in {n} pairs of both."
    page.claim(sentence, all(one == (k % s == 0) for (k, s), one in even.items()), n=len(even))
    large = jr.resize(jnp.ones((8, 8, 1)), (16, 16))
    after = np.asarray(jr.conv(large, jnp.ones((3, 3, 1, 1)), padding=1)[..., 0]).round().astype(int)
    maps = {"window 3, stride 2": covered(3, 2), "window 4, stride 2": covered(4, 2), "resize ×2, conv 3": after}
    drawing, panels = _style.figure(1, 3, height=2.9)
    for axes, (name, counts) in zip(panels[0], maps.items(), strict=True):
        shown = counts[3:-3, 3:-3]
        axes.imshow(shown, cmap="Blues", vmin=0, vmax=2.2 * shown.max())
        for (row, column), count in np.ndenumerate(shown):
            axes.text(column, row, str(count), ha="center", va="center", fontsize=7)
        axes.set(title=name, xticks=[], yticks=[])
        axes.grid(False)
    caption = "How many terms add up in each output cell, away from the border. Uneven counts are the checkerboards of generated pictures."
    page.figure("overlaps", drawing, caption=caption, alt="Counts of 1, 2 and 4 in a checkered pattern for window 3, all 4 for window 4, all 9 after resizing.")
    holds = np.unique(maps["window 3, stride 2"][3:-3, 3:-3]).tolist() == [1, 2, 4] and all(
        len(np.unique(maps[name][3:-3, 3:-3])) == 1 for name in list(maps)[1:]
    )
    page.claim("A window of 3 at stride 2 gives 1, 2 or 4 terms; a window of 4 always 4; resizing first, then convolving, always 9.", holds)
