"""Changing the number of cells of the spatial axes of ``(*batch, *spatial, channels)``."""

from jaxreview.upsampling.interpolation import upsample

__all__ = [
    "upsample",
]
