"""Rows of the losses of boxes."""

import numpy as np

from jaxreview import losses
from jaxreview.cases._inputs import Dims, Input, constant, integers, normal, sizes
from jaxreview.cases._rows import Bad, Bench, Case


def boxes(spec: str, shape: float | None = None) -> Input:
    """Boxes from 1 to 4 wide and high, or ``shape`` times as high as wide, with a corner up to 2 from the origin: two of them mostly overlap."""

    def draw(rng: np.random.Generator, dims: Dims) -> np.ndarray:
        corner = rng.uniform(-2.0, 2.0, (*sizes(spec, dims), 2))
        sides = rng.uniform(1.0, 4.0, corner.shape)
        if shape is not None:
            sides[..., 1] = shape * sides[..., 0]
        return np.concatenate([corner, corner + sides], -1)

    return Input(f"boxes({spec})", draw)


# Overlapping, the one inside of the other, apart.
_HERE = constant([[0.0, 0.0, 3.0, 2.0], [0.5, 0.25, 1.5, 1.25], [-3.0, -2.0, -1.0, 2.0]])
_THERE = constant([[0.75, 0.5, 5.0, 4.0], [0.0, 0.0, 2.0, 2.5], [1.0, 3.0, 4.0, 4.5]])

CASES = [
    Case(
        losses.giou_loss, "random boxes", boxes("N"), boxes("N"), dims=dict(N=5), options=dict(eps=0.01), differentiable=(0, 1), batched=(0, 1),
        bench=Bench(dict(N=4000)),
    ),
    Case(losses.giou_loss, "overlapping, inside, apart", _HERE, _THERE, differentiable=(0, 1), batched=(0, 1)),

    Case(
        losses.diou_loss, "random boxes", boxes("N"), boxes("N"), dims=dict(N=5), options=dict(eps=0.01), differentiable=(0, 1), batched=(0, 1),
        bench=Bench(dict(N=4000)),
    ),
    Case(losses.diou_loss, "overlapping, inside, apart", _HERE, _THERE, differentiable=(0, 1), batched=(0, 1)),

    Case(losses.ciou_loss, "overlapping, inside, apart", _HERE, _THERE, options=dict(eps=0.01), batched=(0, 1)),
    Case(
        losses.ciou_loss, "random boxes of one shape", boxes("N", 0.75), boxes("N", 0.75), dims=dict(N=5), differentiable=(0, 1), batched=(0, 1),
        bench=Bench(dict(N=4000)), limits={"derivatives": "α is by definition a constant to the gradient, which to differences it is not"},
    ),
]  # fmt: skip

_NEEDED = "the last axis x1, y1, x2, y2"

BAD = [
    bad
    for loss in (losses.giou_loss, losses.diou_loss, losses.ciou_loss)
    for bad in (
        Bad(loss, "one target for all", normal("5 4"), normal("4"), error=ValueError, match="nothing is broadcast"),
        Bad(loss, "five numbers for a box", normal("3 5"), normal("3 5"), error=ValueError, match=_NEEDED),
        Bad(loss, "a number", normal(""), normal(""), error=ValueError, match=_NEEDED),
        Bad(loss, "boxes in columns", normal("4 3"), normal("4 3"), error=ValueError, match=_NEEDED),
        Bad(loss, "integer boxes", integers("3 4", 0, 9), normal("3 4"), error=TypeError, match="predictions has dtype"),
        Bad(loss, "negative eps", normal("3 4"), normal("3 4"), options=dict(eps=-1.0), error=ValueError, match="eps is -1"),
    )
]  # fmt: skip
