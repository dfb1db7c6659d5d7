"""Losses, as loops."""

from jaxreview.loops.losses.binary import binary_cross_entropy, logistic_loss
from jaxreview.loops.losses.classification import cross_entropy, label_weights
from jaxreview.loops.losses.regression import smooth_l1_loss, squared_error

__all__ = ["binary_cross_entropy", "cross_entropy", "label_weights", "logistic_loss", "smooth_l1_loss", "squared_error"]
