"""Kullback–Leibler divergences, as loops."""

import math

import numpy as np

from jaxreview.loops.losses._examples import batch_shape, examples


def kl_divergence(log_predictions, targets, axis=-1, where=None):
    """Example by example, the target times how far its logarithm exceeds the prediction's, nothing where it is 0."""
    log_predictions, targets = np.asarray(log_predictions, np.float64), np.asarray(targets, np.float64)
    loss = np.zeros(batch_shape(targets.shape, axis))
    for n, taken in examples(targets.shape, axis, where):
        for i in taken:
            if targets[i] > 0:
                loss[n] += targets[i] * (math.log(targets[i]) - log_predictions[i])
    return loss


def kl_divergence_with_log_targets(log_predictions, log_targets, axis=-1, where=None):
    """Example by example, the target's exponential times how far it exceeds the prediction, nothing where it is −∞."""
    log_predictions, log_targets = np.asarray(log_predictions, np.float64), np.asarray(log_targets, np.float64)
    loss = np.zeros(batch_shape(log_targets.shape, axis))
    for n, taken in examples(log_targets.shape, axis, where):
        for i in taken:
            if log_targets[i] > -math.inf:
                loss[n] += math.exp(log_targets[i]) * (log_targets[i] - log_predictions[i])
    return loss


def generalized_kl_divergence(log_predictions, targets, axis=-1, where=None):
    """The divergence, and how much more the predictions sum to than the targets."""
    log_predictions, targets = np.asarray(log_predictions, np.float64), np.asarray(targets, np.float64)
    loss = kl_divergence(log_predictions, targets, axis=axis, where=where)
    for n, taken in examples(targets.shape, axis, where):
        for i in taken:
            loss[n] += math.exp(log_predictions[i]) - targets[i]
    return loss


def convex_kl_divergence(log_predictions, targets, axis=-1, where=None):
    """The same as the generalized divergence."""
    return generalized_kl_divergence(log_predictions, targets, axis=axis, where=where)
