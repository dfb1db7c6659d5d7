"""Rows of averages and norms under windows."""

from jaxreview import pooling
from jaxreview.cases._inputs import away, integers, normal
from jaxreview.cases._rows import Bad, Bench, Case

CASES = [
    Case(
        pooling.avg_pool, "windows side by side", normal("N H W C"), dims=dict(N=2, H=6, W=7, C=3), options=dict(window=(2, 3)),
        differentiable=(0,), batched=(0,), bench=Bench(dict(N=16, H=32, W=33, C=3), real={0: "photographs"}, core=True),
    ),
    Case(
        pooling.avg_pool, "overlapping, padding counted, two batch axes", normal("B N H W C"), dims=dict(B=2, N=3, H=6, W=5, C=1),
        options=dict(window=(3, 3), stride=2, padding=1), differentiable=(0,), batched=(0,),
    ),
    Case(
        pooling.avg_pool, "padding not counted, pairs, rounded up", normal("N H W C"), dims=dict(N=2, H=6, W=5, C=3),
        options=dict(window=(3, 2), stride=(2, 3), padding=((1, 0), (0, 1)), ceil_mode=True, count_include_pad=False), differentiable=(0,), batched=(0,),
    ),
    Case(
        pooling.avg_pool, "1-D, rounded up, what that adds is not counted", normal("N L C"), dims=dict(N=3, L=8, C=2),
        options=dict(window=(4,), stride=3, padding=2, ceil_mode=True), differentiable=(0,), batched=(0,),
    ),
    Case(
        pooling.avg_pool, "one image, stride 1, SAME", normal("H W C"), dims=dict(H=5, W=6, C=4), options=dict(window=(2, 3), stride=1, padding="SAME"),
        differentiable=(0,), batched=(0,),
    ),
    Case(
        pooling.avg_pool, "3-D, own divisor", normal("N D H W C"), dims=dict(N=2, D=4, H=5, W=6, C=1),
        options=dict(window=(2, 1, 3), stride=(2, 3, 4), padding=(1, 0, 1), divisor=-2.5, count_include_pad=False), differentiable=(0,), batched=(0,),
    ),
    Case(
        pooling.avg_pool, "1-D, SAME_LOWER, padding not counted", normal("L C"), dims=dict(L=9, C=2),
        options=dict(window=(4,), stride=2, padding="SAME_LOWER", count_include_pad=False), differentiable=(0,), batched=(0,),
    ),
    Case(
        pooling.lp_pool, "windows side by side", normal("N H W C"), dims=dict(N=2, H=6, W=7, C=3), options=dict(window=(2, 3)),
        differentiable=(0,), batched=(0,), bench=Bench(dict(N=16, H=32, W=33, C=3), real={0: "photographs"}),
    ),
    Case(
        pooling.lp_pool, "cubes, overlapping, padded, two batch axes", away("B N H W C", 0.0), dims=dict(B=2, N=3, H=6, W=5, C=1),
        options=dict(window=(3, 3), p=3, stride=2, padding=1), differentiable=(0,), batched=(0,),
    ),
    Case(
        pooling.lp_pool, "1-D, sums, pairs, rounded up", away("N L C", 0.0), dims=dict(N=3, L=11, C=2),
        options=dict(window=(4,), p=1, stride=3, padding=((2, 1),), ceil_mode=True), differentiable=(0,), batched=(0,),
    ),
    Case(
        pooling.lp_pool, "3-D, one example, a fraction as power, SAME", away("D H W C", 0.0), dims=dict(D=4, H=5, W=6, C=2),
        options=dict(window=(2, 1, 3), p=2.5, stride=(2, 1, 1), padding="SAME"), differentiable=(0,), batched=(0,),
    ),
]  # fmt: skip

BAD = [
    Bad(pooling.avg_pool, "integers", integers("2 6 6 3", 0, 9), (2, 2), error=TypeError, match="floating"),
    Bad(pooling.avg_pool, "window an int", normal("2 6 6 3"), 2, error=TypeError, match="window is 2"),
    Bad(pooling.avg_pool, "too few axes", normal("6 3"), (2, 2), error=ValueError, match="at least rank 3"),
    Bad(
        pooling.avg_pool, "padding over half the window", normal("2 6 6 3"), (2, 3), options=dict(padding=((1, 1), (0, 2))),
        error=ValueError, match="at most half",
    ),
    Bad(pooling.avg_pool, "negative padding", normal("2 6 6 3"), (2, 2), options=dict(padding=-1), error=ValueError, match="padding is -1"),
    Bad(pooling.avg_pool, "divisor of 0", normal("2 6 6 3"), (2, 2), options=dict(divisor=0), error=ValueError, match="other than 0"),
    Bad(pooling.avg_pool, "divisor a string", normal("2 6 6 3"), (2, 2), options=dict(divisor="4"), error=TypeError, match="divisor is '4'"),
    Bad(pooling.avg_pool, "one padding for two axes", normal("2 6 6 3"), (2, 2), options=dict(padding=(1,)), error=ValueError, match="padding is (1,)"),
    Bad(pooling.avg_pool, "window larger than the input", normal("2 3 6 3"), (4, 2), error=ValueError, match="spatial axis 0"),
    Bad(pooling.lp_pool, "integers", integers("2 6 6 3", 0, 9), (2, 2), error=TypeError, match="floating"),
    Bad(pooling.lp_pool, "window an int", normal("2 6 6 3"), 2, error=TypeError, match="window is 2"),
    Bad(pooling.lp_pool, "too few axes", normal("6 3"), (2, 2), error=ValueError, match="at least rank 3"),
    Bad(pooling.lp_pool, "p below 1", normal("2 6 6 3"), (2, 2), options=dict(p=0.5), error=ValueError, match="p is 0.5"),
    Bad(pooling.lp_pool, "p infinite", normal("2 6 6 3"), (2, 2), options=dict(p=float("inf")), error=ValueError, match="finite number"),
    Bad(pooling.lp_pool, "p a string", normal("2 6 6 3"), (2, 2), options=dict(p="2"), error=TypeError, match="p is '2'"),
    Bad(pooling.lp_pool, "padding over half the window", normal("2 6 6 3"), (2, 2), options=dict(padding=2), error=ValueError, match="at most half"),
]  # fmt: skip
