"""Rows of sampling between cells."""

from typing import Any

import numpy as np

from jaxreview import upsampling
from jaxreview.cases._inputs import Dims, Input, constant, integers, normal, sizes
from jaxreview.cases._rows import Bad, Bench, Case


def _coordinates(spec: str, *cells: int | str, align: bool = False, reach: int = 1) -> Input:
    """Coordinates up to ``reach`` cells outside of axes of so many cells, kept a fifth away from where a position changes its cells."""

    def draw(rng: np.random.Generator, dims: Dims) -> np.ndarray:
        counts = np.array([dims[n] if isinstance(n, str) else n for n in reversed(cells)])
        shape = sizes(spec, dims)
        # The cells around a position change at the whole ones, the nearest cell at the halves, and mirrors stand at either.
        halves = rng.integers(-2 * reach, 2 * (counts + reach) - 2, shape) / 2
        s = halves + rng.uniform(0.2, 0.3, shape)
        return 2 * s / (counts - 1) - 1 if align else (2 * s + 1) / counts - 1

    return Input(f"coordinates({spec})", draw)


def _grid(name: str, spec: str, points: str, cells: tuple[str, ...], **options: Any) -> Case:
    align = options.get("align_corners", False)
    dims: dict[str, int] = dict(B=2, N=2, D=3, H=4, W=5, L=6, C=2, P=3, Q=4, K=len(cells))
    bench = Bench(dict(N=4, H=24, W=25, C=3, P=24, Q=25), real={0: "photographs"}) if name == "linear" else None
    return Case(
        upsampling.grid_sample, name, normal(spec), _coordinates(f"{points} K", *cells, align=align), dims=dims, options=options,
        differentiable=(0, 1), batched=(0, 1), extremes=False, bench=bench,
    )  # fmt: skip


CASES = [
    _grid("linear", "N H W C", "N P Q", ("H", "W")),
    _grid("linear, border, corners", "N H W C", "N P", ("H", "W"), padding_mode="border", align_corners=True),
    _grid("linear, reflection, 3-D, one example", "D H W C", "P Q", ("D", "H", "W"), padding_mode="reflection"),
    _grid("linear, reflection, corners, 1-D, two batch axes", "B N L C", "B N P", ("L",), padding_mode="reflection", align_corners=True),
    _grid("nearest", "N H W C", "N P Q", ("H", "W"), method="nearest"),
    _grid("nearest, reflection, corners, one point", "N H W C", "N", ("H", "W"), method="nearest", padding_mode="reflection", align_corners=True),
    _grid("cubic", "N H W C", "N P", ("H", "W"), method="cubic"),
    _grid("cubic, border, 1-D", "N L C", "N P", ("L",), method="cubic", padding_mode="border"),
    _grid("cubic, reflection, corners, 1-D", "N L C", "N P", ("L",), method="cubic", padding_mode="reflection", align_corners=True),
    _grid("cubic, reflection, 1-D, one example", "L C", "P", ("L",), method="cubic", padding_mode="reflection"),
    Case(
        upsampling.affine_grid, "2-D", normal("N 2 3"), dims=dict(N=2), options=dict(size=(3, 4)), differentiable=(0,), batched=(0,),
        bench=Bench(dict(N=64)),
    ),
    Case(
        upsampling.affine_grid, "3-D, two batch axes, corners, an axis of one cell", normal("B N 3 4"), dims=dict(B=2, N=1),
        options=dict(size=(2, 1, 3), align_corners=True), differentiable=(0,), batched=(0,),
    ),
    Case(upsampling.affine_grid, "1-D, one map", normal("1 2"), options=dict(size=(5,)), differentiable=(0,), batched=(0,)),
]

_X, _GRID = normal("2 4 5 3"), normal("2 6 2")

BAD = [
    Bad(upsampling.grid_sample, "integers", integers("2 4 5 3", 0, 9), _GRID, error=TypeError, match="floating"),
    Bad(upsampling.grid_sample, "an integer grid", _X, integers("2 6 2", -1, 1), error=TypeError, match="grid has dtype int32"),
    Bad(upsampling.grid_sample, "a batch that would broadcast", _X, normal("1 6 2"), error=ValueError, match="batch axes of x, (2,)"),
    Bad(upsampling.grid_sample, "more coordinates than axes", normal("4 3"), normal("6 2"), error=ValueError, match="at least rank 3"),
    Bad(upsampling.grid_sample, "no coordinates", _X, normal("2 6 0"), error=ValueError, match="at least one coordinate"),
    Bad(upsampling.grid_sample, "an empty axis", constant(np.zeros((2, 0, 5, 3))), _GRID, error=ValueError, match="at least one cell"),
    Bad(upsampling.grid_sample, "unknown method", _X, _GRID, options=dict(method="bilinear"), error=ValueError, match="method is 'bilinear'"),
    Bad(upsampling.grid_sample, "unknown mode", _X, _GRID, options=dict(padding_mode="edge"), error=ValueError, match="padding_mode is 'edge'"),
    Bad(upsampling.grid_sample, "corners by a number", _X, _GRID, options=dict(align_corners=1), error=TypeError, match="align_corners is 1"),
    Bad(upsampling.affine_grid, "size an int", normal("2 2 3"), 4, error=TypeError, match="size is 4"),
    Bad(upsampling.affine_grid, "maps of the plane for a line", normal("2 2 3"), (4,), error=ValueError, match="(*batch, 1, 2)"),
    Bad(upsampling.affine_grid, "no cells", normal("2 2 3"), (4, 0), error=ValueError, match="size[1] is 0"),
    Bad(upsampling.affine_grid, "a vector", normal("3"), (4, 4), error=ValueError, match="at least rank 2"),
    Bad(upsampling.affine_grid, "integers", integers("2 2 3", 0, 2), (4, 4), error=TypeError, match="floating"),
]
