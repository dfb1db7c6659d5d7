"""Changing the number of cells of the spatial axes of ``(*batch, *spatial, channels)``."""

from jaxreview.upsampling.interpolation import resize, upsample
from jaxreview.upsampling.sampling import affine_grid, grid_sample
from jaxreview.upsampling.shuffling import channel_shuffle, pixel_shuffle, pixel_unshuffle

__all__ = [
    "affine_grid",
    "channel_shuffle",
    "grid_sample",
    "pixel_shuffle",
    "pixel_unshuffle",
    "resize",
    "upsample",
]
