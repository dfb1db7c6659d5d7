"""Regularization, as loops."""

import numpy as np

WORD = 0xFFFFFFFF


def dropout(key, x, rate, *, deterministic=False, broadcast_axes=()):
    """Value by value: the random word of its place in the mask decides whether it is scaled or dropped."""
    x = np.asarray(x, np.float64)
    if deterministic or rate == 0:
        return x
    y = np.zeros(x.shape)
    if rate == 1:
        return y
    shared = [axis % x.ndim for axis in broadcast_axes]
    threshold = min(round(rate * 2**32), 2**32 - 1)
    words = {}
    for i in np.ndindex(*x.shape):
        place = 0
        for axis, size in enumerate(x.shape):
            if axis not in shared:
                place = place * size + i[axis]
        if place not in words:
            words[place] = random_word(key, place)
        if words[place] >= threshold:
            y[i] = x[i] / (1 - rate)
    return y


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
