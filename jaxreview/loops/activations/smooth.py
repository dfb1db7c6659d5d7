"""Smooth activations, value by value, as loops."""

import math

import numpy as np


def sigmoid(x):
    """One over one plus e to the minus x, by whichever of e^x and e^−x does not overflow."""
    x = np.asarray(x, np.float64)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        if x[i] >= 0:
            y[i] = 1 / (1 + math.exp(-x[i]))
        else:
            y[i] = math.exp(x[i]) / (1 + math.exp(x[i]))
    return y


def log_sigmoid(x):
    """Minus the logarithm of one plus e^−x, by whichever of e^x and e^−x does not overflow."""
    x = np.asarray(x, np.float64)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        y[i] = min(x[i], 0.0) - math.log1p(math.exp(-abs(x[i])))
    return y


def silu(x):
    """The value times its sigmoid."""
    x = np.asarray(x, np.float64)
    gates = sigmoid(x)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        y[i] = x[i] * gates[i]
    return y


swish = silu


def tanh(x):
    """(e^x − e^−x) / (e^x + e^−x), multiplied above and below by the exponential that does not overflow."""
    x = np.asarray(x, np.float64)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        size = abs(x[i])
        y[i] = math.copysign(-math.expm1(-2 * size) / (1 + math.exp(-2 * size)), x[i])
    return y


def tanh_shrink(x):
    """The value less its tanh."""
    x = np.asarray(x, np.float64)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        y[i] = x[i] - math.tanh(x[i])
    return y


def softplus(x, *, beta=1.0):
    """The logarithm of one plus e^(beta x), over beta, by whichever of e^(beta x) and e^(−beta x) does not overflow."""
    x = np.asarray(x, np.float64)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        y[i] = max(x[i], 0.0) + math.log1p(math.exp(-beta * abs(x[i]))) / beta
    return y


def mish(x):
    """The value times the tanh of its softplus."""
    x = np.asarray(x, np.float64)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        y[i] = x[i] * math.tanh(max(x[i], 0.0) + math.log1p(math.exp(-abs(x[i]))))
    return y


def squareplus(x, b=4):
    """Half of the value plus the hypotenuse over it and √b."""
    x = np.asarray(x, np.float64)
    b = np.broadcast_to(np.asarray(b, np.float64), x.shape)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        y[i] = (x[i] + math.sqrt(x[i] ** 2 + b[i])) / 2
    return y


def soft_sign(x):
    """The value over one more than its size."""
    x = np.asarray(x, np.float64)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        y[i] = x[i] / (1 + abs(x[i]))
    return y


def elu(x, alpha=1.0):
    """The positive values stay, the others become alpha (e^x − 1)."""
    x = np.asarray(x, np.float64)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        y[i] = x[i] if x[i] > 0 else alpha * math.expm1(x[i])
    return y


def celu(x, alpha=1.0):
    """The positive values stay, the others become alpha (e^(x / alpha) − 1)."""
    x = np.asarray(x, np.float64)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        y[i] = x[i] if x[i] > 0 else alpha * math.expm1(x[i] / alpha)
    return y


def selu(x):
    """A scaled elu whose two constants keep a mean of 0 and a variance of 1."""
    x = np.asarray(x, np.float64)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        y[i] = 1.0507009873554805 * (x[i] if x[i] > 0 else 1.6732632423543772 * math.expm1(x[i]))
    return y


def gelu(x, approximate=True):
    """The value times the share of a normal distribution that lies below it, by default approximately."""
    x = np.asarray(x, np.float64)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        if approximate:
            y[i] = x[i] * (1 + math.tanh(math.sqrt(2 / math.pi) * (x[i] + 0.044715 * x[i] ** 3))) / 2
        else:
            y[i] = x[i] * math.erfc(-x[i] / math.sqrt(2)) / 2
    return y


def glu(x, axis=-1):
    """Each value of the first half along the axis times the sigmoid of its partner in the second half."""
    x = np.asarray(x, np.float64)
    axis = axis % x.ndim
    half = x.shape[axis] // 2
    y = np.zeros((*x.shape[:axis], half, *x.shape[axis + 1 :]))
    for i in np.ndindex(*y.shape):
        gate = x[(*i[:axis], i[axis] + half, *i[axis + 1 :])]
        y[i] = x[i] / (1 + math.exp(-gate)) if gate >= 0 else x[i] * math.exp(gate) / (1 + math.exp(gate))
    return y


def log1mexp(x):
    """The logarithm of one less e^−x, by the form that does not cancel."""
    x = np.asarray(x, np.float64)
    y = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        if x[i] == 0:
            y[i] = -math.inf
        else:
            y[i] = math.log(-math.expm1(-x[i])) if x[i] < math.log(2) else math.log1p(-math.exp(-x[i]))
    return y
