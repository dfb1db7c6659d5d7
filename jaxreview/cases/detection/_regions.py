"""What the rows of regions of interest draw."""

import numpy as np

from jaxreview.cases._inputs import Dims, Input, sizes


def regions(spec: str, maps: int | str, side: float) -> Input:
    """`(K, 5)`: a map's number, and corners in sixteenths that bfloat16 holds: a region of up to `side`, some of which reach beyond a map of that side."""

    def draw(rng: np.random.Generator, dims: Dims) -> np.ndarray:
        count = sizes(spec, dims)[0]
        extent = rng.uniform(0.1 * side, side, (count, 2))
        corner = rng.uniform(-0.2 * side, 1.1 * side - extent)
        # Odd eighths: no corner, and no border of a bin, lies where a sample or a cell would change sides.
        low, high = (np.floor(part * 4) / 4 + 0.125 for part in (corner, corner + extent))
        numbers = rng.integers(dims[maps] if isinstance(maps, str) else maps, size=(count, 1))
        return np.concatenate([numbers, low, high], 1)

    return Input(f"regions({spec})", draw)
