"""Losses of a softmax, as loops."""

import math

import numpy as np

from jaxreview.loops.losses._examples import batch_shape, examples


def _log_probabilities(scores):
    """Each score less the largest, less the logarithm of the sum of their exponentials."""
    largest = max(scores)
    total = 0.0
    for s in scores:
        total += math.exp(s - largest)
    return [s - largest - math.log(total) for s in scores]


def softmax_cross_entropy(logits, labels, axis=-1, where=None):
    """Example by example, over the classes that are taken: the label of each times minus its log probability."""
    return poly_loss_cross_entropy(logits, labels, epsilon=0.0, axis=axis, where=where)


def safe_softmax_cross_entropy(logits, labels):
    """Example by example, the label of each class times minus its log probability, 0 where the label is 0."""
    return softmax_cross_entropy(logits, labels)


def poly_loss_cross_entropy(logits, labels, *, epsilon=2.0, axis=-1, where=None):
    """Example by example, over the classes that are taken: the label of each times minus its log probability and ε times its improbability."""
    logits, labels = np.asarray(logits, np.float64), np.asarray(labels, np.float64)
    loss = np.zeros(batch_shape(logits.shape, axis))
    for n, taken in examples(logits.shape, axis, where):
        if taken:
            for i, log_p in zip(taken, _log_probabilities([float(logits[i]) for i in taken]), strict=True):
                if labels[i] != 0:
                    loss[n] += labels[i] * (-log_p - epsilon * math.expm1(log_p))
    return loss


def softmax_cross_entropy_with_integer_labels(logits, labels, axis=-1, where=None):
    """Example by example, the logarithm of the sum of the exponentials that are taken, less the label's logit; 0 where none is taken."""
    logits = np.asarray(logits, np.float64)
    loss = np.zeros(batch_shape(logits.shape, axis))
    for (n, taken), (_, cells) in zip(examples(logits.shape, axis, where), examples(logits.shape, axis), strict=True):
        if taken:
            largest = max(float(logits[i]) for i in taken)
            total = 0.0
            for i in taken:
                total += math.exp(float(logits[i]) - largest)
            loss[n] = math.log(total) - (float(logits[cells[int(labels[n])]]) - largest)
    return loss


def ranking_softmax_loss(logits, labels, *, where=None, weights=None, reduce_fn="mean"):
    """List by list, over the items that are there: weight times relevance times minus the log probability; then the mean over the lists with an item."""
    logits, labels = np.asarray(logits, np.float64), np.asarray(labels, np.float64)
    weights = np.ones(logits.shape) if weights is None else np.asarray(weights, np.float64)
    loss, there = np.zeros(logits.shape[:-1]), np.zeros(logits.shape[:-1], bool)
    for n, taken in examples(logits.shape, -1, where):
        if taken:
            there[n] = True
            for i, log_p in zip(taken, _log_probabilities([float(logits[i]) for i in taken]), strict=True):
                if labels[i] * weights[i] != 0:
                    loss[n] -= weights[i] * labels[i] * log_p
    if reduce_fn is None:
        return loss
    if reduce_fn != "mean":
        return reduce_fn(loss, where=there)
    total, count = 0.0, 0
    for n in np.ndindex(*loss.shape):
        if there[n]:
            total, count = total + loss[n], count + 1
    return np.asarray(total / max(count, 1))


def smooth_labels(labels, alpha, *, axis=-1, where=None):
    """Example by example, every label drawn towards one part in the number of classes that are taken."""
    labels = np.asarray(labels, np.float64)
    smooth = np.zeros(labels.shape)
    for (_, taken), (_, cells) in zip(examples(labels.shape, axis, where), examples(labels.shape, axis), strict=True):
        for i in cells:
            smooth[i] = (1 - alpha) * labels[i] + (alpha / len(taken) if taken else 0.0)
    return smooth
