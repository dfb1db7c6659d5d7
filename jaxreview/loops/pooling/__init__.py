"""Pooling and its inverses, as loops."""

from jaxreview.loops.pooling.adaptive import adaptive_avg_pool, adaptive_max_pool, global_avg_pool, global_max_pool
from jaxreview.loops.pooling.average import avg_pool, lp_pool
from jaxreview.loops.pooling.fractional import fractional_max_pool
from jaxreview.loops.pooling.maximum import max_pool
from jaxreview.loops.pooling.unpooling import max_unpool, zero_unpool

__all__ = [
    "adaptive_avg_pool",
    "adaptive_max_pool",
    "avg_pool",
    "fractional_max_pool",
    "global_avg_pool",
    "global_max_pool",
    "lp_pool",
    "max_pool",
    "max_unpool",
    "zero_unpool",
]
