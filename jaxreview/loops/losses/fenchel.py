"""Losses of a linear classifier, as loops."""

import numpy as np


def hinge_loss(predictor_outputs, targets):
    """Element by element, how far the score on the side of the target falls short of 1."""
    scores, targets = np.asarray(predictor_outputs, np.float64), np.asarray(targets, np.float64)
    loss = np.zeros(scores.shape)
    for i in np.ndindex(*scores.shape):
        loss[i] = max(0.0, 1 - targets[i] * scores[i])
    return loss


def perceptron_loss(predictor_outputs, targets):
    """Element by element, how far the score is on the wrong side."""
    scores, targets = np.asarray(predictor_outputs, np.float64), np.asarray(targets, np.float64)
    loss = np.zeros(scores.shape)
    for i in np.ndindex(*scores.shape):
        loss[i] = max(0.0, -targets[i] * scores[i])
    return loss


def sparsemax_loss(logits, labels):
    """Element by element, nothing, a parabola or a line in the score against the label."""
    logits, labels = np.asarray(logits, np.float64), np.asarray(labels)
    loss = np.zeros(logits.shape)
    for i in np.ndindex(*logits.shape):
        x = -logits[i] if labels[i] else logits[i]
        loss[i] = 0.0 if x <= -1 else x if x >= 1 else (x + 1) ** 2 / 4
    return loss


def multiclass_hinge_loss(scores, labels):
    """Example by example, the largest score, 1 more for the wrong classes, less the label's."""
    scores = np.asarray(scores, np.float64)
    loss = np.zeros(scores.shape[:-1])
    for n in np.ndindex(*loss.shape):
        y = int(labels[n])
        loss[n] = max(scores[(*n, c)] + (c != y) for c in range(scores.shape[-1])) - scores[(*n, y)]
    return loss


def multiclass_perceptron_loss(scores, labels):
    """Example by example, the largest score less the label's."""
    scores = np.asarray(scores, np.float64)
    loss = np.zeros(scores.shape[:-1])
    for n in np.ndindex(*loss.shape):
        loss[n] = max(scores[(*n, c)] for c in range(scores.shape[-1])) - scores[(*n, int(labels[n]))]
    return loss


def multiclass_sparsemax_loss(scores, labels):
    """Example by example: lower a level from the largest score class by class until 1 stands above it, which are the shares of the classes."""
    scores = np.asarray(scores, np.float64)
    loss = np.zeros(scores.shape[:-1])
    for n in np.ndindex(*loss.shape):
        own = scores[(*n, int(labels[n]))]
        falling = sorted([float(s) for s in scores[n]], reverse=True)
        total, level = 0.0, 0.0
        for count, s in enumerate(falling, 1):
            if count > 1 and s <= level:
                break
            total += s
            level = (total - 1) / count
        loss[n] = 0.5
        for s in falling:
            p = max(s - level, 0.0)
            loss[n] += p * (s - own) - 0.5 * p * p
    return loss


def make_fenchel_young_loss(max_fun):
    """A loss that takes, example by example, the maximum less the sum of target times score."""

    def fenchel_young_loss(scores, targets, *args, **kwargs):
        scores, targets = np.asarray(scores, np.float64), np.asarray(targets, np.float64)
        loss = np.zeros(scores.shape[:-1])
        for n in np.ndindex(*loss.shape):
            loss[n] = max_fun(scores[n], *args, **kwargs)
            for c in range(scores.shape[-1]):
                loss[n] -= targets[(*n, c)] * scores[(*n, c)]
        return loss

    return fenchel_young_loss
