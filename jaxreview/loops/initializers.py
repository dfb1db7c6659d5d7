"""Initializers, as loops; those that draw at random have none."""

import numpy as np


def zeros(key, shape, dtype=None):
    """Every entry 0."""
    return constant(0.0)(key, shape)


def ones(key, shape, dtype=None):
    """Every entry 1."""
    return constant(1.0)(key, shape)


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


def dirac(groups=1):
    """Group by group, a 1 at the center tap from its i-th input to its i-th output."""

    def init(key, shape, dtype=None):
        *window, inputs, outputs = shape
        kernel = np.zeros(shape)
        center = tuple(k // 2 for k in window)
        for group in range(groups):
            for i in range(min(inputs, outputs // groups)):
                kernel[(*center, i, group * (outputs // groups) + i)] = 1.0
        return kernel

    return init


def identity():
    """A 1 from every input to the output of the same number."""

    def init(key, shape, dtype=None):
        kernel = np.zeros(shape)
        for i in range(min(shape)):
            kernel[i, i] = 1.0
        return kernel

    return init
