"""Losses, one value for each element or example: predictions first, targets second, and the caller takes the mean."""

from jaxreview.losses.binary import binary_cross_entropy, logistic_loss
from jaxreview.losses.classification import cross_entropy, label_weights
from jaxreview.losses.regression import smooth_l1_loss, squared_error

__all__ = ["binary_cross_entropy", "cross_entropy", "label_weights", "logistic_loss", "smooth_l1_loss", "squared_error"]
