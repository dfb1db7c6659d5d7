"""Normalization, as loops."""

from jaxreview.loops.normalization.batch import batch_norm, batch_norm_train
from jaxreview.loops.normalization.features import fit_standardizer, standardize, unstandardize
from jaxreview.loops.normalization.layers import group_norm, instance_norm, layer_norm, rms_norm
from jaxreview.loops.normalization.response import local_response_norm, lp_normalize
from jaxreview.loops.normalization.weights import spectral_norm, weight_norm

__all__ = [
    "batch_norm",
    "batch_norm_train",
    "fit_standardizer",
    "group_norm",
    "instance_norm",
    "layer_norm",
    "local_response_norm",
    "lp_normalize",
    "rms_norm",
    "spectral_norm",
    "standardize",
    "unstandardize",
    "weight_norm",
]
