"""Regularization, as loops."""

import math

import numpy as np

WORD = 0xFFFFFFFF
SELU_FLOOR = -1.0507009873554805 * 1.6732632423543772


def dropout(key, x, rate, *, deterministic=False, broadcast_axes=()):
    """Value by value: the random word of its place in the mask decides whether it is scaled or dropped."""
    x = np.asarray(x, np.float64)
    if deterministic or rate == 0:
        return x
    y = np.zeros(x.shape)
    if rate == 1:
        return y
    keep = kept_values(key, x.shape, rate, broadcast_axes)
    for i in np.ndindex(*x.shape):
        if keep[i]:
            y[i] = x[i] / (1 - rate)
    return y


def alpha_dropout(key, x, rate, *, deterministic=False, broadcast_axes=()):
    """Value by value: it stays or becomes the floor of SELU, and the line a·x + b brings mean and variance back."""
    x = np.asarray(x, np.float64)
    if deterministic or rate == 0:
        return x
    y = np.zeros(x.shape)
    if rate == 1:
        return y
    keep = kept_values(key, x.shape, rate, broadcast_axes)
    a = 1 / math.sqrt((1 - rate) * (1 + rate * SELU_FLOOR**2))
    b = -a * rate * SELU_FLOOR
    for i in np.ndindex(*x.shape):
        y[i] = a * (x[i] if keep[i] else SELU_FLOOR) + b
    return y


def drop_path(key, x, rate, *, deterministic=False):
    """Example by example: its random word decides whether all of it is scaled or dropped."""
    x = np.asarray(x, np.float64)
    if deterministic or rate == 0:
        return x
    y = np.zeros(x.shape)
    for n in range(x.shape[0] if rate < 1 else 0):
        if kept(key, n, rate):
            for i in np.ndindex(*x.shape[1:]):
                y[(n, *i)] = x[(n, *i)] / (1 - rate)
    return y


def drop_block(key, x, rate, *, block, deterministic=False):
    """Draw the corners one after another, clear the block at each, count what is left of an example and scale it up."""
    x = np.asarray(x, np.float64)
    if deterministic or rate == 0:
        return x
    y = np.zeros(x.shape)
    if rate == 1:
        return y
    blocks = (block, block) if isinstance(block, int) else tuple(block)
    d = len(blocks)
    batch, spatial, channels = x.shape[: x.ndim - d - 1], x.shape[x.ndim - d - 1 : -1], x.shape[-1]
    places = [n - b + 1 for n, b in zip(spatial, blocks, strict=True)]
    chance = rate
    for n, b, m in zip(spatial, blocks, places, strict=True):
        chance *= n / (b * m)
    place = 0
    for example in np.ndindex(*batch):
        keep = np.ones((*spatial, channels), bool)
        for corner in np.ndindex(*places):
            for c in range(channels):
                if not kept(key, place, chance):
                    for step in np.ndindex(*blocks):
                        keep[(*(at + further for at, further in zip(corner, step, strict=True)), c)] = False
                place += 1
        left = 0
        for i in np.ndindex(*keep.shape):
            left += int(keep[i])
        for i in np.ndindex(*keep.shape):
            if keep[i]:
                y[(*example, *i)] = x[(*example, *i)] * keep.size / left
    return y


def l1_penalty(params):
    """Add up the absolute values."""
    total = 0.0
    for w in entries(params):
        total += abs(w)
    return np.float64(total)


def l2_penalty(params):
    """Add up half the squares."""
    total = 0.0
    for w in entries(params):
        total += w**2 / 2
    return np.float64(total)


def entries(params):
    """Every number in dicts, lists and tuples of arrays."""
    if params is None:
        return
    if isinstance(params, dict):
        params = list(params.values())
    if isinstance(params, (list, tuple)):
        for part in params:
            yield from entries(part)
        return
    array = np.asarray(params, np.float64)
    for i in np.ndindex(*array.shape):
        yield float(array[i])


def kept_values(key, shape, rate, broadcast_axes):
    """Whether each value of an array is kept, one draw being shared along the broadcast axes."""
    shared, keep, drawn = [axis % len(shape) for axis in broadcast_axes], np.zeros(shape, bool), {}
    for i in np.ndindex(*shape):
        place = 0
        for axis, size in enumerate(shape):
            if axis not in shared:
                place = place * size + i[axis]
        if place not in drawn:
            drawn[place] = kept(key, place, rate)
        keep[i] = drawn[place]
    return keep


def kept(key, place, rate):
    """Whether the random word of a place is at least the rate's share of 2³²."""
    return random_word(key, place) >= min(round(rate * 2**32), 2**32 - 1)


def random_word(key, place):
    """The 32 random bits of a place in an array: the two words of the enciphered place, xor-ed, as ``jax.random.bits`` has them."""
    first, second = threefry2x32((int(key[0]), int(key[1])), (place >> 32, place & WORD))
    return first ^ second


def threefry2x32(key, counter):
    """Encipher two 32-bit words in 20 rounds of add, rotate and xor, the key added after every four (Salmon et al., 2011)."""
    keys = (*key, key[0] ^ key[1] ^ 0x1BD11BDA)
    a, b = (counter[0] + keys[0]) & WORD, (counter[1] + keys[1]) & WORD
    for block in range(5):
        for rotation in ((13, 15, 26, 6), (17, 29, 16, 24))[block % 2]:
            a = (a + b) & WORD
            b = ((b << rotation) | (b >> (32 - rotation))) & WORD
            b ^= a
        a = (a + keys[(block + 1) % 3]) & WORD
        b = (b + keys[(block + 2) % 3] + block + 1) & WORD
    return a, b
