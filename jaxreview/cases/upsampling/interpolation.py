"""Rows of interpolation."""

import numpy as np

from jaxreview import upsampling
from jaxreview.cases._inputs import constant, integers, normal
from jaxreview.cases._rows import Bad, Bench, Case

CASES = [
    Case(
        upsampling.resize, "nearest, up and down", normal("N H W C"), dims=dict(N=2, H=3, W=7, C=5), options=dict(size=(5, 4)),
        differentiable=(0,), batched=(0,),
    ),
    Case(
        upsampling.resize, "nearest-exact, integers, two batch axes", integers("B N L C", -9, 9), dims=dict(B=2, N=3, L=7, C=1),
        options=dict(size=(5,), method="nearest-exact"), batched=(0,),
    ),
    Case(
        upsampling.resize, "linear, up and down", normal("N H W C"), dims=dict(N=2, H=3, W=8, C=5), options=dict(size=(7, 5), method="linear"),
        differentiable=(0,), batched=(0,), bench=Bench(dict(N=8, H=32, W=32, C=3), real={0: "photographs"}, core=True),
    ),
    Case(
        upsampling.resize, "linear, 3-D, corners aligned, axes of one cell", normal("N D H W C"), dims=dict(N=2, D=1, H=5, W=4, C=3),
        options=dict(size=(3, 1, 7), method="linear", align_corners=True), differentiable=(0,), batched=(0,),
    ),
    Case(
        upsampling.resize, "cubic, one example", normal("H W C"), dims=dict(H=5, W=4, C=3), options=dict(size=(3, 9), method="cubic"),
        differentiable=(0,), batched=(0,),
    ),
    Case(
        upsampling.resize, "linear, antialiased, up and down", normal("N H W C"), dims=dict(N=2, H=9, W=4, C=3),
        options=dict(size=(4, 6), method="linear", antialias=True), differentiable=(0,), batched=(0,),
    ),
    Case(
        upsampling.resize, "cubic, 1-D, antialiased, many cells, corners aligned", normal("N L C"), dims=dict(N=2, L=29, C=3),
        options=dict(size=(4,), method="cubic", align_corners=True, antialias=True), differentiable=(0,), batched=(0,),
    ),
    Case(
        upsampling.resize, "area, uneven", normal("N H W C"), dims=dict(N=2, H=7, W=4, C=3), options=dict(size=(3, 6), method="area"),
        differentiable=(0,), batched=(0,),
    ),
    Case(
        upsampling.upsample, "nearest, twice and three times", normal("N H W C"), dims=dict(N=2, H=3, W=4, C=5), options=dict(scale=(2, 3)),
        differentiable=(0,), batched=(0,),
    ),
    Case(
        upsampling.upsample, "nearest, integers, two batch axes, down", integers("B N L C", -9, 9), dims=dict(B=2, N=3, L=7, C=1),
        options=dict(scale=(0.4,)), batched=(0,),
    ),
    Case(
        upsampling.upsample, "nearest-exact, 3-D, one example", normal("D H W C"), dims=dict(D=2, H=3, W=5, C=4),
        options=dict(scale=(1.5, 2.5, 0.5), method="nearest-exact"), differentiable=(0,), batched=(0,),
    ),
    Case(
        upsampling.upsample, "linear", normal("N H W C"), dims=dict(N=2, H=3, W=4, C=5), options=dict(scale=(2, 1.7), method="linear"),
        differentiable=(0,), batched=(0,), bench=Bench(dict(N=8, H=16, W=18, C=3), real={0: "photographs"}, core=True),
    ),
    Case(
        upsampling.upsample, "linear, 3-D, corners aligned, an axis of one cell", normal("N D H W C"), dims=dict(N=2, D=1, H=3, W=4, C=1),
        options=dict(scale=(3, 1.5, 2), method="linear", align_corners=True), differentiable=(0,), batched=(0,),
    ),
    Case(
        upsampling.upsample, "cubic, up and down", normal("N H W C"), dims=dict(N=2, H=5, W=4, C=3), options=dict(scale=(0.6, 2), method="cubic"),
        differentiable=(0,), batched=(0,),
    ),
    Case(
        upsampling.upsample, "cubic, 1-D, corners aligned", normal("L C"), dims=dict(L=5, C=3), options=dict(scale=(2.3,), method="cubic", align_corners=True),
        differentiable=(0,), batched=(0,),
    ),
    Case(
        upsampling.upsample, "area, uneven, with many cells on an axis", normal("N H W C"), dims=dict(N=2, H=5, W=19, C=1),
        options=dict(scale=(1.3, 0.1), method="area"), differentiable=(0,), batched=(0,),
    ),
]  # fmt: skip

BAD = [
    Bad(upsampling.resize, "size a bare number", normal("2 4 4 3"), 8, error=TypeError, match="size is 8;"),
    Bad(upsampling.resize, "size empty", normal("2 4 4 3"), (), error=TypeError, match="non-empty tuple"),
    Bad(upsampling.resize, "a size of 0", normal("2 4 4 3"), (2, 0), error=ValueError, match="size[1] is 0"),
    Bad(upsampling.resize, "a size that is no int", normal("2 4 4 3"), (2.0, 2), error=TypeError, match="size[0] is 2.0"),
    Bad(upsampling.resize, "too few axes", normal("4 3"), (2, 2), error=ValueError, match="at least rank 3"),
    Bad(upsampling.resize, "an axis without cells", constant(np.ones((2, 0, 4, 3))), (2, 2), error=ValueError, match="at least one cell"),
    Bad(upsampling.resize, "unknown method", normal("2 4 4 3"), (2, 2), options=dict(method="bicubic"), error=ValueError, match="method is 'bicubic'"),
    Bad(upsampling.resize, "nearest has no corners", normal("2 4 4 3"), (2, 2), options=dict(align_corners=True), error=ValueError, match="align_corners"),
    Bad(upsampling.resize, "nearest is not antialiased", normal("4 3"), (2,), options=dict(antialias=True), error=ValueError, match="antialias is True"),
    Bad(
        upsampling.resize, "area is not antialiased", normal("4 3"), (2,), options=dict(method="area", antialias=True),
        error=ValueError, match="antialias is True with method 'area'",
    ),
    Bad(
        upsampling.resize, "antialias by a number", normal("4 3"), (2,), options=dict(method="linear", antialias=1),
        error=TypeError, match="antialias is 1",
    ),
    Bad(upsampling.resize, "integers under cubic", integers("2 4 4 3", 0, 9), (2, 2), options=dict(method="cubic"), error=TypeError, match="floating"),
    Bad(upsampling.resize, "booleans", constant(np.ones((2, 4, 1), bool)), (2,), error=TypeError, match="dtype bool"),
    Bad(upsampling.upsample, "scale a bare number", normal("2 4 4 3"), 2, error=TypeError, match="scale is 2;"),
    Bad(upsampling.upsample, "scale empty", normal("2 4 4 3"), (), error=TypeError, match="non-empty tuple"),
    Bad(upsampling.upsample, "a factor of 0", normal("2 4 4 3"), (2, 0), error=ValueError, match="scale[1] is 0"),
    Bad(upsampling.upsample, "a negative factor", normal("2 4 4 3"), (-2.0, 2), error=ValueError, match="scale[0] is -2"),
    Bad(upsampling.upsample, "an infinite factor", normal("2 4 4 3"), (2, float("inf")), error=ValueError, match="finite factor"),
    Bad(upsampling.upsample, "no cell left", normal("2 4 4 3"), (1.0, 0.2), error=ValueError, match="leaves none of the 4 cells"),
    Bad(upsampling.upsample, "too few axes", normal("4 3"), (2, 2), error=ValueError, match="at least rank 3"),
    Bad(upsampling.upsample, "unknown method", normal("2 4 4 3"), (2, 2), options=dict(method="bilinear"), error=ValueError, match="method is 'bilinear'"),
    Bad(upsampling.upsample, "nearest has no corners", normal("2 4 4 3"), (2, 2), options=dict(align_corners=True), error=ValueError, match="align_corners"),
    Bad(
        upsampling.upsample, "area has no corners", normal("2 4 4 3"), (2, 2), options=dict(method="area", align_corners=True),
        error=ValueError, match="align_corners",
    ),
    Bad(upsampling.upsample, "integers under linear", integers("2 4 4 3", 0, 9), (2, 2), options=dict(method="linear"), error=TypeError, match="floating"),
    Bad(upsampling.upsample, "booleans", constant(np.ones((2, 4, 1), bool)), (2,), error=TypeError, match="dtype bool"),
    Bad(
        upsampling.upsample, "corners by a number", normal("4 3"), (2,), options=dict(method="linear", align_corners=1),
        error=TypeError, match="align_corners is 1",
    ),
    Bad(upsampling.upsample, "a factor as a string", normal("4 3"), ("2",), error=TypeError, match="scale[0] is '2'"),
]  # fmt: skip
