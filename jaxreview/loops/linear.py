"""Linear maps, as loops."""

import math

import numpy as np


def dense(x, kernel, bias=None):
    """Each output is the sum, over the inputs, of input times weight, plus the output's bias."""
    x, kernel = np.asarray(x, np.float64), np.asarray(kernel, np.float64)
    y = np.zeros((*x.shape[:-1], kernel.shape[1]))
    for n in np.ndindex(*x.shape[:-1]):
        for o in range(kernel.shape[1]):
            total = 0.0
            for i in range(kernel.shape[0]):
                total += x[(*n, i)] * kernel[i, o]
            y[(*n, o)] = total if bias is None else total + float(bias[o])
    return y


def affine_columns(weights, x, bias):
    """Sample by sample (column by column), unit by unit, feature by feature."""
    weights, x, bias = np.asarray(weights, np.float64), np.asarray(x, np.float64), np.asarray(bias, np.float64)
    z = np.zeros((weights.shape[0], x.shape[1]))
    for j in range(x.shape[1]):
        for o in range(weights.shape[0]):
            total = bias[o, 0]
            for i in range(weights.shape[1]):
                total += weights[o, i] * x[i, j]
            z[o, j] = total
    return z


def bilinear(x1, x2, kernel, bias=None):
    """Each output is the sum, over all pairs of the two inputs, of both times the weight of the pair, plus the output's bias."""
    x1, x2, kernel = np.asarray(x1, np.float64), np.asarray(x2, np.float64), np.asarray(kernel, np.float64)
    y = np.zeros((*x1.shape[:-1], kernel.shape[2]))
    for n in np.ndindex(*x1.shape[:-1]):
        for o in range(kernel.shape[2]):
            total = 0.0
            for i in range(kernel.shape[0]):
                for j in range(kernel.shape[1]):
                    total += x1[(*n, i)] * kernel[i, j, o] * x2[(*n, j)]
            y[(*n, o)] = total if bias is None else total + float(bias[o])
    return y


def embedding(ids, table):
    """Id by id and feature by feature, the entry of the id's row; a negative id counts from the end, and one that is in no row gives NaN."""
    ids, table = np.asarray(ids), np.asarray(table, np.float64)
    vocabulary, features = table.shape
    y = np.full((*ids.shape, features), math.nan)
    for n in np.ndindex(*ids.shape):
        row = int(ids[n]) if ids[n] >= 0 else int(ids[n]) + vocabulary
        if 0 <= row < vocabulary:
            for f in range(features):
                y[(*n, f)] = table[row, f]
    return y


def one_hot(x, num_classes, *, dtype=None, axis=-1):
    """Index by index, 1 at its class along the new axis and 0 at the others; an index of no class gives zeros."""
    x = np.asarray(x)
    axis = axis % (x.ndim + 1)
    y = np.zeros((*x.shape[:axis], num_classes, *x.shape[axis:]), np.float64 if dtype is None else dtype)
    for n in np.ndindex(*x.shape):
        for k in range(num_classes):
            if x[n] == k:
                y[(*n[:axis], k, *n[axis:])] = 1
    return y


def logsumexp(a, axis=None, b=None, keepdims=False, return_sign=False, where=None):
    """Along the axes: the logarithm of the size of the sum of the exponentials, each times its b, and its sign; what ``where`` leaves out adds nothing."""
    a = np.asarray(a, np.float64)
    b = np.ones(a.shape) if b is None else np.broadcast_to(np.asarray(b, np.float64), a.shape)
    kept = np.ones(a.shape, bool) if where is None else np.broadcast_to(where, a.shape)
    axes = tuple(range(a.ndim)) if axis is None else tuple(i % a.ndim for i in ((axis,) if isinstance(axis, int) else axis))
    line = [1 if i in axes else n for i, n in enumerate(a.shape)]
    largest, total = np.full(line, -math.inf), np.zeros(line)
    for i in np.ndindex(*a.shape):
        place = tuple(0 if d in axes else at for d, at in enumerate(i))
        if kept[i]:
            largest[place] = max(largest[place], a[i])
    for i in np.ndindex(*a.shape):
        place = tuple(0 if d in axes else at for d, at in enumerate(i))
        if kept[i] and a[i] > -math.inf:
            total[place] += b[i] * math.exp(a[i] - largest[place])
    y, sign = np.full(line, -math.inf), np.zeros(line)
    for place in np.ndindex(*line):
        if total[place] != 0:
            y[place] = largest[place] + math.log(abs(total[place]))
            sign[place] = math.copysign(1.0, total[place])
    if not keepdims:
        left = [n for i, n in enumerate(a.shape) if i not in axes]
        y, sign = y.reshape(left), sign.reshape(left)
    return (y, sign) if return_sign else y


def dot_product_attention(
    query,
    key,
    value,
    bias=None,
    mask=None,
    *,
    scale=None,
    is_causal=False,
    query_seq_lengths=None,
    key_value_seq_lengths=None,
    local_window_size=None,
    implementation=None,
    return_residual=False,
):
    """Query by query and head by head: the mean of the values that it may see, weighted by e to the scaled product of query and key.

    A query that may see nothing weighs all values alike; one beyond its sequence's length gives 0.
    """
    one = np.ndim(query) == 3
    query, key, value = (np.asarray(x, np.float64)[None] if one else np.asarray(x, np.float64) for x in (query, key, value))
    batch, queries, heads, features = query.shape
    keys, group = key.shape[1], heads // key.shape[2]
    bias = None if bias is None else np.broadcast_to(np.asarray(bias, np.float64), (batch, heads, queries, keys))
    mask = None if mask is None else np.broadcast_to(mask, (batch, heads, queries, keys))
    scale = 1 / math.sqrt(features) if scale is None else scale
    left, right = local_window_size if isinstance(local_window_size, tuple) else (local_window_size, local_window_size)
    y, residual = np.zeros((batch, queries, heads, value.shape[3])), np.zeros((batch, queries, heads))
    for n, t, h in np.ndindex(batch, queries, heads):
        past_the_end = query_seq_lengths is not None and t >= query_seq_lengths[n]
        scores = {}
        for s in range(keys):
            seen = mask is None or mask[n, h, t, s]
            seen = seen and not (is_causal and s > t) and not past_the_end
            seen = seen and (key_value_seq_lengths is None or s < key_value_seq_lengths[n])
            seen = seen and (left is None or s - right <= t <= s + left)
            if seen:
                product = 0.0
                for f in range(features):
                    product += query[n, t, h, f] * key[n, s, h // group, f]
                scores[s] = scale * product + (0.0 if bias is None else bias[n, h, t, s])
        blind = not scores
        if blind:
            scores = dict.fromkeys(range(keys), 0.0)
        largest = max(scores.values())
        weights = {s: math.exp(score - largest) for s, score in scores.items()}
        total = sum(weights.values())
        residual[n, t, h] = -math.inf if blind else largest + math.log(total)
        for s, weight in weights.items():
            for f in range(value.shape[3]):
                if not past_the_end:
                    y[n, t, h, f] += weight / total * value[n, s, h // group, f]
    y, residual = (y[0], residual[0]) if one else (y, residual)
    return (y, residual) if return_residual else y
