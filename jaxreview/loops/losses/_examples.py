"""Going through the examples of a loss that consumes one or several axes."""

import numpy as np


def examples(shape, axis, where=None):
    """One pair for each example: its index without ``axis``, and the indices of those of its elements that ``where`` takes, in the order of ``axis``."""
    rank = len(shape)
    over = list(range(rank)) if axis is None else [a % rank for a in (axis if isinstance(axis, tuple) else (axis,))]
    batch = [a for a in range(rank) if a not in over]
    pairs = []
    for n in np.ndindex(*[shape[a] for a in batch]):
        taken = []
        for c in np.ndindex(*[shape[a] for a in over]):
            index = [0] * rank
            for a, i in zip((*batch, *over), (*n, *c), strict=True):
                index[a] = i
            index = tuple(index)
            if where is None or (where[index] if where.ndim == rank else where[n]):
                taken.append(index)
        pairs.append((n, taken))
    return pairs


def batch_shape(shape, axis):
    """The shape without ``axis``."""
    rank = len(shape)
    over = list(range(rank)) if axis is None else [a % rank for a in (axis if isinstance(axis, tuple) else (axis,))]
    return tuple(size for a, size in enumerate(shape) if a not in over)
