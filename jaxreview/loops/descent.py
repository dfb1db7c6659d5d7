"""Gradient descent, as a loop, with gradients by differences."""

import numpy as np


def gradient_descent(loss, params, *, optimizer, steps):
    """Step by step: difference the loss along every coordinate, let the optimizer turn that into an update, and add it; (params, losses, path)."""
    params = _each(lambda leaf: np.array(leaf, np.float64), params)
    state = optimizer.init(params)
    path, losses = [params], [float(loss(params))]
    for _ in range(steps):
        updates, state = optimizer.update(_slope(loss, params), state, params)
        params = _each(lambda leaf, update: leaf + np.asarray(update, np.float64), params, updates)
        path.append(params)
        losses.append(float(loss(params)))
    return params, np.array(losses), _each(lambda *points: np.array(points), *path)


def _slope(loss, params):
    """Central differences of widths h and h/2, combined so that their errors of order h² cancel (Richardson 1911)."""
    moved = _each(np.copy, params)

    def along(leaf):
        slope = np.zeros(leaf.shape)
        for i in np.ndindex(*leaf.shape):
            here = float(leaf[i])
            wide = 1e-3 * max(1.0, abs(here))
            difference = []
            for h in (wide, wide / 2):
                leaf[i] = here + h
                above = float(loss(moved))
                leaf[i] = here - h
                below = float(loss(moved))
                leaf[i] = here
                difference.append((above - below) / (2 * h))
            slope[i] = (4 * difference[1] - difference[0]) / 3
        return slope

    return _each(along, moved)


def _each(function, tree, *others):
    """``function`` of every array in nested dicts, tuples and lists."""
    if isinstance(tree, dict):
        return {name: _each(function, tree[name], *(other[name] for other in others)) for name in tree}
    if isinstance(tree, (tuple, list)):
        parts = [_each(function, *branch) for branch in zip(tree, *others, strict=True)]
        return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)
    return function(tree, *others)
