"""Initializers, as loops; those that draw at random have none."""

import numpy as np


def zeros(key, shape, dtype=None):
    """Every entry 0."""
    return constant(0.0)(key, shape)


def constant(value, dtype=None):
    """Every entry the value."""

    def init(key, shape, dtype=None):
        weights = np.empty(shape)
        for i in np.ndindex(*shape):
            weights[i] = value
        return weights

    return init


def bilinear():
    """At every pair of a channel with itself, the product over the window's axes of 1 − |i − center| / factor."""

    def init(key, shape, dtype=None):
        *window, outputs, inputs = shape
        kernel = np.zeros(shape)
        for i in range(inputs):
            o = i % outputs if inputs % outputs == 0 else i
            if o >= outputs:
                continue
            for position in np.ndindex(*window):
                weight = 1.0
                for at, k in zip(position, window, strict=True):
                    factor = -(-k // 2)
                    center = factor - 1 if k % 2 else factor - 0.5
                    weight *= 1 - abs(at - center) / factor
                kernel[(*position, o, i)] = weight
        return kernel

    return init
