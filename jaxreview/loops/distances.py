"""Distances and the nearest-neighbour vote, as loops."""

import math

import numpy as np


def cosine_similarity(x, y, *, axis=-1, eps=1e-8):
    """Line by line, the sum of the products over the two roots of sums of squares, neither less than eps."""
    x, y = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(y, np.float64))
    axis %= x.ndim
    shape = x.shape[:axis] + x.shape[axis + 1 :]
    cosine = np.zeros(shape)
    for i in np.ndindex(*shape):
        product = 0.0
        squares = [0.0, 0.0]
        for f in range(x.shape[axis]):
            a, b = float(x[(*i[:axis], f, *i[axis:])]), float(y[(*i[:axis], f, *i[axis:])])
            product += a * b
            squares[0] += a * a
            squares[1] += b * b
        cosine[i] = product / (max(math.sqrt(squares[0]), eps) * max(math.sqrt(squares[1]), eps))
    return cosine


def pairwise_distance(x, y, *, p=2):
    """Pair by pair, the p-th root of the summed p-th powers of the differences, in units of the largest."""
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    distance = np.zeros((x.shape[0], y.shape[0]))
    for i in range(x.shape[0]):
        for j in range(y.shape[0]):
            differences = [abs(float(x[i, f] - y[j, f])) for f in range(x.shape[1])]
            largest = max(differences, default=0.0)
            if p == 0:
                distance[i, j] = sum(1 for d in differences if d != 0)
            elif p == math.inf:
                distance[i, j] = largest
            elif largest > 0:
                total = 0.0
                for d in differences:
                    total += (d / largest) ** p
                distance[i, j] = largest * total ** (1 / p)
    return distance


def knn_classify(x, train_x, train_y, *, k):
    """Query by query: rank the training points by distance and then index, count the first k labels, take the smallest of the most frequent."""
    x, train_x, train_y = np.asarray(x, np.float64), np.asarray(train_x, np.float64), np.asarray(train_y)
    labels = np.zeros(x.shape[0], train_y.dtype)
    for i in range(x.shape[0]):
        ranking = []
        for j in range(train_x.shape[0]):
            square = 0.0
            for f in range(x.shape[1]):
                square += float(x[i, f] - train_x[j, f]) ** 2
            ranking.append((math.isnan(square), 0.0 if math.isnan(square) else square, j))
        ranking.sort()
        votes = {}
        for _, _, j in ranking[:k]:
            votes[int(train_y[j])] = votes.get(int(train_y[j]), 0) + 1
        labels[i] = min(label for label in votes if votes[label] == max(votes.values()))
    return labels
