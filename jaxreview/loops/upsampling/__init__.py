"""Upsampling, as loops."""

from jaxreview.loops.upsampling.interpolation import resize, upsample
from jaxreview.loops.upsampling.sampling import affine_grid, grid_sample
from jaxreview.loops.upsampling.shuffling import channel_shuffle, pixel_shuffle, pixel_unshuffle

__all__ = [
    "affine_grid",
    "channel_shuffle",
    "grid_sample",
    "pixel_shuffle",
    "pixel_unshuffle",
    "resize",
    "upsample",
]
