"""Pooling over the spatial axes of ``(*batch, *spatial, channels)``, and its inverses."""

from jaxreview.pooling.average import avg_pool, lp_pool
from jaxreview.pooling.maximum import max_pool
from jaxreview.pooling.unpooling import max_unpool, zero_unpool

__all__ = [
    "avg_pool",
    "lp_pool",
    "max_pool",
    "max_unpool",
    "zero_unpool",
]
