"""Losses that ask for a margin, as loops."""

import math

import numpy as np


def squared_hinge_loss(predictions, targets):
    """Element by element, the square of what the signed score lacks to 1."""
    predictions, targets = np.asarray(predictions, np.float64), np.asarray(targets, np.float64)
    loss = np.zeros(predictions.shape)
    for i in np.ndindex(*predictions.shape):
        lack = max(0.0, 1.0 - float(targets[i]) * float(predictions[i]))
        loss[i] = lack * lack
    return loss


def soft_margin_loss(predictions, targets):
    """Element by element, softplus(s) = max(s, 0) + log(1 + exp(−|s|)) of minus the signed score."""
    predictions, targets = np.asarray(predictions, np.float64), np.asarray(targets, np.float64)
    loss = np.zeros(predictions.shape)
    for i in np.ndindex(*predictions.shape):
        s = -float(targets[i]) * float(predictions[i])
        loss[i] = max(s, 0.0) + math.log1p(math.exp(-abs(s)))
    return loss


def hinge_embedding_loss(x, targets, *, margin=1.0):
    """Element by element, the distance of a pair that belongs together, or what that of another pair lacks to the margin."""
    x, targets = np.asarray(x, np.float64), np.asarray(targets)
    loss = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        loss[i] = x[i] if targets[i] == 1 else max(0.0, margin - float(x[i]))
    return loss


def margin_ranking_loss(x1, x2, targets, *, margin=0.0):
    """Element by element, what the lead of the score that shall be larger lacks to the margin."""
    x1, x2, targets = np.asarray(x1, np.float64), np.asarray(x2, np.float64), np.asarray(targets)
    loss = np.zeros(x1.shape)
    for i in np.ndindex(*x1.shape):
        lead = float(x1[i] - x2[i]) if targets[i] == 1 else float(x2[i] - x1[i])
        loss[i] = max(0.0, margin - lead)
    return loss


def multi_margin_loss(logits, labels, *, p=1, margin=1.0, class_weights=None):
    """Example by example and class by class, what the lead of the labelled class lacks to the margin, to the power p."""
    logits, labels = np.asarray(logits, np.float64), np.asarray(labels)
    classes = logits.shape[-1]
    weights = np.ones(classes) if class_weights is None else np.asarray(class_weights, np.float64)
    loss = np.zeros(labels.shape)
    for n in np.ndindex(*labels.shape):
        y = int(labels[n])
        for c in range(classes):
            if c != y:
                lack = max(0.0, margin - float(logits[(*n, y)]) + float(logits[(*n, c)]))
                loss[n] += weights[y] * lack**p / classes
    return loss


def multilabel_margin_loss(logits, targets):
    """Example by example: for each of its classes and each of the others, what the lead of the one lacks to 1."""
    logits, targets = np.asarray(logits, np.float64), np.asarray(targets)
    classes = logits.shape[-1]
    loss = np.zeros(logits.shape[:-1])
    for n in np.ndindex(*loss.shape):
        listed = []
        for slot in range(classes):
            if targets[(*n, slot)] == -1:
                break
            listed.append(int(targets[(*n, slot)]))
        for y in listed:
            for c in range(classes):
                if c not in listed:
                    loss[n] += max(0.0, 1.0 - float(logits[(*n, y)]) + float(logits[(*n, c)])) / classes
    return loss


def multilabel_soft_margin_loss(logits, targets, *, class_weights=None):
    """Example by example, the mean over the classes of the target's two shares of softplus(−z) and softplus(z), times the class's weight."""
    logits, targets = np.asarray(logits, np.float64), np.asarray(targets, np.float64)
    classes = logits.shape[-1]
    weights = np.ones(classes) if class_weights is None else np.asarray(class_weights, np.float64)
    loss = np.zeros(logits.shape[:-1])
    for n in np.ndindex(*loss.shape):
        for c in range(classes):
            z, t = float(logits[(*n, c)]), float(targets[(*n, c)])
            for share, s in ((t, -z), (1 - t, z)):
                loss[n] += weights[c] * share * (max(s, 0.0) + math.log1p(math.exp(-abs(s)))) / classes
    return loss
