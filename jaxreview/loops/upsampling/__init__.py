"""Upsampling, as loops."""

from jaxreview.loops.upsampling.interpolation import upsample

__all__ = [
    "upsample",
]
