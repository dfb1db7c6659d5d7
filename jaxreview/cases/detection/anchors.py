"""Rows of anchors."""

import jax.numpy as jnp
import numpy as np

from jaxreview import detection
from jaxreview.cases._inputs import constant, integers, normal
from jaxreview.cases._rows import Bad, Bench, Case

CASES = [
    Case(detection.base_anchors, "other sides, shapes and scales", options=dict(size=9, ratios=(0.3, 1.7), scales=(2, 5.5, 4), dtype=jnp.float16)),
    Case(detection.centered_anchors, "other shapes", options=dict(sizes=(33, 10.5, 7), ratios=(1, 0.25, 1.7), dtype=jnp.float16)),
    Case(
        detection.grid_anchors, "a stride along each axis", normal("A 4"), dims=dict(A=3), options=dict(feature_size=(2, 5), stride=(8, 16)),
        differentiable=(0,), bench=Bench(dict(A=9), examples=100),
    ),
    Case(
        detection.inside_image, "a border, the size an array", normal("N 4", 5.0, 2.0), constant(np.array([7, 11], np.int32)), dims=dict(N=40),
        options=dict(border=2.5), batched=(0,), bench=Bench(dict(N=15000)),
    ),
    Case(
        detection.inside_image, "+1, at the border",
        constant([[0.0, 0.0, 10.0, 6.0], [0.0, 0.0, 11.0, 6.0], [0.0, 0.0, 10.0, 7.0], [-0.5, 0.0, 3.0, 3.0], [0.0, -0.5, 3.0, 3.0], [0.0, 0.0, 10.5, 6.5]]),
        options=dict(size=(7, 11), legacy_plus_one=True), batched=(0,),
    ),
]  # fmt: skip

BAD = [
    Bad(detection.base_anchors, "no size", 0, error=ValueError, match="size is 0"),
    Bad(detection.base_anchors, "a ratio of 0", options=dict(ratios=(1, 0)), error=ValueError, match="ratios[1] is 0"),
    Bad(detection.base_anchors, "one scale", options=dict(scales=8), error=TypeError, match="scales is 8"),
    Bad(detection.base_anchors, "integer anchors", options=dict(dtype=jnp.int32), error=TypeError, match="needs a floating point dtype"),
    Bad(detection.centered_anchors, "one size", 32, error=TypeError, match="sizes is 32"),
    Bad(detection.centered_anchors, "a negative ratio", (32,), options=dict(ratios=(-1,)), error=ValueError, match="ratios[0] is -1"),
    Bad(detection.grid_anchors, "anchors of two levels", normal("2 3 4"), (2, 5), options=dict(stride=16), error=ValueError, match="rank 2, (A, 4)"),
    Bad(detection.grid_anchors, "a number of cells", normal("3 4"), 10, options=dict(stride=16), error=TypeError, match="feature_size is 10"),
    Bad(detection.grid_anchors, "no stride", normal("3 4"), (2, 5), options=dict(stride=0), error=ValueError, match="stride is 0"),
    Bad(detection.grid_anchors, "integer anchors", integers("3 4", 0, 9), (2, 5), options=dict(stride=16), error=TypeError, match="base has dtype int32"),
    Bad(detection.inside_image, "three numbers", normal("5 4"), (60, 80, 3), error=ValueError, match="size has 3 numbers"),
    Bad(detection.inside_image, "a negative border", normal("5 4"), (60, 80), options=dict(border=-1.0), error=ValueError, match="border is -1"),
    Bad(detection.inside_image, "three coordinates", normal("5 3"), (60, 80), error=ValueError, match="the last axis x1, y1, x2, y2"),
]  # fmt: skip
