"""Rows of the shuffles."""

from jaxreview import upsampling
from jaxreview.cases._inputs import integers, normal
from jaxreview.cases._rows import Bad, Bench, Case

CASES = [
    Case(
        upsampling.channel_shuffle, "two groups", normal("N H W C"), dims=dict(N=2, H=3, W=4, C=6), options=dict(groups=2), differentiable=(0,),
        batched=(0,), bench=Bench(dict(N=64, H=16, W=17, C=6)),
    ),
    Case(
        upsampling.channel_shuffle, "three groups, a vector", normal("C"), dims=dict(C=12), options=dict(groups=3), differentiable=(0,), batched=(0,),
    ),
    Case(upsampling.channel_shuffle, "integers, one group", integers("N C", -9, 9), dims=dict(N=2, C=5), options=dict(groups=1), batched=(0,)),
    Case(
        upsampling.pixel_shuffle, "blocks of two", normal("N H W C"), dims=dict(N=2, H=3, W=4, C=12), options=dict(factor=2), differentiable=(0,),
        batched=(0,), bench=Bench(dict(N=32, H=16, W=17, C=12), core=True),
    ),
    Case(
        upsampling.pixel_shuffle, "blocks of three, two batch axes", normal("B N H W C"), dims=dict(B=2, N=1, H=2, W=3, C=18), options=dict(factor=3),
        differentiable=(0,), batched=(0,),
    ),
    Case(upsampling.pixel_shuffle, "one image of integers", integers("H W C", -9, 9), dims=dict(H=3, W=2, C=8), options=dict(factor=2), batched=(0,)),
    Case(
        upsampling.pixel_unshuffle, "blocks of two", normal("N H W C"), dims=dict(N=2, H=6, W=4, C=3), options=dict(factor=2), differentiable=(0,),
        batched=(0,), bench=Bench(dict(N=16, H=32, W=34, C=3), real={0: "photographs"}),
    ),
    Case(
        upsampling.pixel_unshuffle, "blocks of three, two batch axes", normal("B N H W C"), dims=dict(B=2, N=1, H=6, W=3, C=2), options=dict(factor=3),
        differentiable=(0,), batched=(0,),
    ),
    Case(upsampling.pixel_unshuffle, "one image of integers", integers("H W C", -9, 9), dims=dict(H=2, W=4, C=3), options=dict(factor=2), batched=(0,)),
]  # fmt: skip

BAD = [
    Bad(upsampling.channel_shuffle, "groups that do not divide", normal("2 6"), 4, error=ValueError, match="groups is 4"),
    Bad(upsampling.channel_shuffle, "no group", normal("2 6"), 0, error=ValueError, match="groups is 0"),
    Bad(upsampling.channel_shuffle, "groups a fraction", normal("2 6"), 1.5, error=TypeError, match="groups is 1.5"),
    Bad(upsampling.channel_shuffle, "a scalar", normal(""), 1, error=ValueError, match="at least rank 1"),
    Bad(upsampling.pixel_shuffle, "channels that are no squares", normal("2 3 4 6"), 2, error=ValueError, match="6 channels"),
    Bad(upsampling.pixel_shuffle, "a factor of 0", normal("2 3 4 8"), 0, error=ValueError, match="factor is 0"),
    Bad(upsampling.pixel_shuffle, "a factor per axis", normal("2 3 4 8"), (2, 2), error=TypeError, match="factor is (2, 2)"),
    Bad(upsampling.pixel_shuffle, "too few axes", normal("4 8"), 2, error=ValueError, match="at least rank 3"),
    Bad(upsampling.pixel_unshuffle, "a height that is left over", normal("2 5 4 3"), 2, error=ValueError, match="5 × 4 cells"),
    Bad(upsampling.pixel_unshuffle, "a width that is left over", normal("2 6 5 3"), 3, error=ValueError, match="6 × 5 cells"),
    Bad(upsampling.pixel_unshuffle, "a negative factor", normal("2 6 4 3"), -2, error=ValueError, match="factor is -2"),
    Bad(upsampling.pixel_unshuffle, "a factor that is True", normal("2 6 4 3"), True, error=TypeError, match="factor is True"),
]  # fmt: skip
