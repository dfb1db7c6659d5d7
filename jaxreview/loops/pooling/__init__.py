"""Pooling and its inverses, as loops."""

from jaxreview.loops.pooling.average import avg_pool, lp_pool
from jaxreview.loops.pooling.maximum import max_pool
from jaxreview.loops.pooling.unpooling import max_unpool, zero_unpool

__all__ = [
    "avg_pool",
    "lp_pool",
    "max_pool",
    "max_unpool",
    "zero_unpool",
]
