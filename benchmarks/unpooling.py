"""A photograph after max pooling, brought back by every method and with its error: ``python benchmarks/unpooling.py --out FILE.png``."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax

import jaxreview as jr
from jaxreview.speedup import data, plot

__all__ = ["brought_back", "error", "photograph"]

FACTOR, SIDE, CORNER = 2, 128, (150, 250)
# A kernel of bilinear weights that enlarges FACTOR times, as jaxreview.initializers.bilinear says.
WINDOW, AROUND = 2 * FACTOR - FACTOR % 2, FACTOR // 2
INK, COLUMNS, DPI = "#333333", 5, 100
HEADLINE = "A pooled photograph brought back: error in grey levels, 0 to 255"


def photograph() -> jax.Array:
    """A part of scikit-learn's china.jpg, `(SIDE, SIDE, 3)` in [0, 1]."""
    top, left = CORNER
    return jnp.asarray(data.load("photographs", (1, 427, 640, 3))[0, top : top + SIDE, left : left + SIDE], jnp.float32)


def brought_back(photo: jax.Array, steps: int) -> dict[str, jax.Array]:
    """The pooled photograph at the size of the photograph, by the name of the method and what is worth knowing of it."""
    window, size, channels = (FACTOR, FACTOR), photo.shape[:2], photo.shape[-1]
    pooled, indices = jr.max_pool(photo, window, return_indices=True)
    start = jr.initializers.bilinear()(None, (WINDOW, WINDOW, channels, channels), photo.dtype), jnp.zeros(channels, photo.dtype)

    def transposed(parameters: tuple[jax.Array, jax.Array]) -> jax.Array:
        return jr.conv_transpose(pooled, *parameters, stride=FACTOR, padding=AROUND)

    def loss(parameters: tuple[jax.Array, jax.Array]) -> jax.Array:
        return jr.losses.squared_error(transposed(parameters), photo).mean()

    @jax.jit
    def learned() -> tuple[jax.Array, jax.Array]:
        return jr.descent.gradient_descent(loss, start, optimizer=optax.adam(3e-3), steps=steps).params

    return {
        "zero_unpool\nfirst corner": jr.zero_unpool(pooled, window),
        "max_unpool\nby max_pool's indices": jr.max_unpool(pooled, indices, output_size=size),
        "pixel_shuffle\nof pixel_unshuffle: lossless": jr.pixel_shuffle(jr.pixel_unshuffle(photo, FACTOR), FACTOR),
        "resize\nnearest": jr.resize(pooled, size),
        "resize\nlinear": jr.resize(pooled, size, method="linear"),
        "resize\ncubic": jr.resize(pooled, size, method="cubic"),
        "conv_transpose\nbilinear kernel": transposed(start),
        f"conv_transpose\nafter {steps} steps of Adam": transposed(learned()),
    }


def error(got: jax.Array, photo: jax.Array) -> float:
    """Root mean square difference of what is shown, in grey levels of 0 to 255."""
    return float(255 * jnp.sqrt(jr.losses.squared_error(jnp.clip(got, 0.0, 1.0), photo).mean()))


def draw(file: Path, photo: jax.Array, found: Mapping[str, jax.Array]) -> None:
    """Photograph, pooled photograph and what the methods made of it, side by side."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    pooled, _ = jr.max_pool(photo, (FACTOR, FACTOR), return_indices=True)
    sizes = [f"{picture.shape[0]} × {picture.shape[1]} cells" for picture in (photo, pooled)]
    shown = [(f"photograph\n{sizes[0]}\n", photo), (f"max_pool {FACTOR} × {FACTOR}\n{sizes[1]}\n", pooled)]
    shown += [(f"{title}\nRMSE {error(picture, photo):.1f}", picture) for title, picture in found.items()]
    # In pixels: a cell is a whole number of them, so that single cells are seen as they are.
    side, gap, above, top = 2 * SIDE, 14, 62, 42
    lines = -(-len(shown) // COLUMNS)
    width, height = COLUMNS * (side + gap) + gap, lines * (side + above + gap) + top
    figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI)
    FigureCanvasAgg(figure)
    figure.text(0.5, 1 - 0.55 * top / height, HEADLINE, fontsize=14, fontweight="bold", color=INK, ha="center", va="center")
    for number, (title, picture) in enumerate(shown):
        line, column = divmod(number, COLUMNS)
        left, bottom = gap + column * (side + gap), height - top - (line + 1) * (side + above) - line * gap
        axes = figure.add_axes((left / width, bottom / height, side / width, side / height))
        axes.imshow(np.clip(np.asarray(picture), 0.0, 1.0), interpolation="nearest")
        axes.axis("off")
        figure.text((left + side / 2) / width, (bottom + side + 5) / height, title, fontsize=10, color=INK, ha="center", va="bottom")
    figure.savefig(file, format="png", facecolor="white")


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.png")
    parser.add_argument("--steps", type=int, default=500, help="of Adam on the kernel of the learned conv_transpose (500)")
    arguments = parser.parse_args(argv)
    if not arguments.out.parent.is_dir():
        parser.error(f"--out: there is no folder {arguments.out.parent}")
    if arguments.steps < 1:
        parser.error(f"--steps: it is {arguments.steps}; it needs at least 1")
    try:
        plot.ready()
        photo = photograph()
    except ModuleNotFoundError as missing:
        sys.exit(f"unpooling: {missing}")
    found = brought_back(photo, arguments.steps)
    draw(arguments.out, photo, found)
    for title, picture in found.items():
        print(f"{title.replace(chr(10), ', '):<45} RMSE {error(picture, photo):6.1f}")


if __name__ == "__main__":
    main()
