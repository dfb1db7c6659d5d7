"""What the rows of detection draw: anchors over an image, objects in it."""

import numpy as np

from jaxreview.cases._inputs import Dims, Input, sizes


def grid(spec: str, side: float) -> Input:
    """Boxes of three shapes around each of `(rows, columns)` places of a square image, (rows · columns · 3, 4)."""

    def draw(rng: np.random.Generator, dims: Dims) -> np.ndarray:
        rows, columns = sizes(spec, dims)
        y, x = np.meshgrid((np.arange(rows) + 0.5) * side / rows, (np.arange(columns) + 0.5) * side / columns, indexing="ij")
        half = side * np.array([[0.07, 0.14], [0.1, 0.1], [0.22, 0.15]])
        centre = np.stack([x, y], -1)[:, :, None]
        return np.concatenate([centre - half, centre + half], -1).reshape(-1, 4)

    return Input(f"grid({spec})", draw)


def objects(spec: str, side: float) -> Input:
    """Boxes from a sixth to a half as wide and high as a square image, inside of it."""

    def draw(rng: np.random.Generator, dims: Dims) -> np.ndarray:
        sides = rng.uniform(side / 6, side / 2, (*sizes(spec, dims), 2))
        corner = rng.uniform(size=sides.shape) * (side - sides)
        return np.concatenate([corner, corner + sides], -1)

    return Input(f"objects({spec})", draw)


def present(spec: str) -> Input:
    """Booleans, three in four True."""
    return Input(f"present({spec})", lambda rng, dims: rng.uniform(size=sizes(spec, dims)) < 0.75)
