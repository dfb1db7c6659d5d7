"""Losses of the angle between vectors, as loops."""

import math

import numpy as np

from jaxreview.loops.losses._examples import batch_shape, examples


def cosine_similarity(predictions, targets, *, epsilon=0.0, axis=-1, where=None):
    """Example by example, the sum of products divided by both norms, neither of them under √ε; 0 for a zero vector."""
    a, b = np.asarray(predictions, np.float64), np.asarray(targets, np.float64)
    cosine = np.zeros(batch_shape(a.shape, axis))
    for n, taken in examples(a.shape, axis, where):
        product = squares_a = squares_b = 0.0
        for i in taken:
            product += a[i] * b[i]
            squares_a += a[i] * a[i]
            squares_b += b[i] * b[i]
        if squares_a != 0 and squares_b != 0:
            cosine[n] = product / (math.sqrt(max(squares_a, epsilon)) * math.sqrt(max(squares_b, epsilon)))
    return cosine


def cosine_distance(predictions, targets, *, epsilon=0.0, axis=-1, where=None):
    """Example by example, one less the cosine."""
    cosine = cosine_similarity(predictions, targets, epsilon=epsilon, axis=axis, where=where)
    for n in np.ndindex(*cosine.shape):
        cosine[n] = 1 - cosine[n]
    return cosine


def ntxent(embeddings, labels, temperature=0.07):
    """Pair by pair of one label, the cost of telling the partner from the points of other labels; their mean (ε is that of float64)."""
    x = np.asarray(embeddings, np.float64)
    count = x.shape[0]
    scores = np.zeros((count, count))
    for i in range(count):
        for j in range(count):
            scores[i, j] = cosine_similarity(x[i], x[j], epsilon=2.0**-52) / temperature
    total, pairs = 0.0, 0
    for i in range(count):
        for j in range(count):
            if i != j and labels[i] == labels[j]:
                against = 0.0
                for k in range(count):
                    if labels[k] != labels[i]:
                        against += math.exp(scores[i, k] - scores[i, j])
                total, pairs = total + math.log1p(against), pairs + 1
    return np.asarray(total / max(pairs, 1))
