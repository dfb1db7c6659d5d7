"""Normalization by statistics of the batch, of the example, of neighbouring channels or of the weights, and the standardization of features."""

from jaxreview.normalization.batch import BatchStats, batch_norm, batch_norm_train
from jaxreview.normalization.features import Standardizer, fit_standardizer, standardize, unstandardize
from jaxreview.normalization.layers import group_norm, instance_norm, layer_norm, rms_norm
from jaxreview.normalization.response import local_response_norm, lp_normalize
from jaxreview.normalization.weights import spectral_norm, weight_norm

__all__ = [
    "BatchStats",
    "Standardizer",
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
