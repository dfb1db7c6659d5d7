"""Rows of the initializers: one with the defaults, one with the axes of a ``conv_transpose`` kernel ``(*window, out // groups, in)``."""

import jax.numpy as jnp

from jaxreview import initializers
from jaxreview.cases._inputs import key
from jaxreview.cases._rows import BadInitializer, Bench, Case, InitializerCase

_KEYS = Bench({}, examples=4)  # arrays of the row's own shape, one for each key
_TRANSPOSED = dict(in_axis=-1, out_axis=-2, dtype=jnp.float32)
_STACKED = dict(in_axis=-1, out_axis=-2, batch_axis=0, dtype=jnp.float32)

CASES = [
    Case(initializers.zeros, "a kernel", key(), options=dict(shape=(3, 3, 64, 128)), bench=_KEYS),
    Case(initializers.zeros, "a float32 bias", key(), options=dict(shape=(5,), dtype=jnp.float32)),
    InitializerCase(initializers.constant, "a kernel", (3, 3, 64, 128), key(), options=dict(value=0.25), bench=_KEYS),
    InitializerCase(initializers.constant, "a float32 bias", (5,), key(), options=dict(value=-1.5, dtype=jnp.float32)),
    InitializerCase(initializers.bilinear, "2-D, factor 8, 21 classes", (16, 16, 21, 21), key(), bench=_KEYS),
    InitializerCase(initializers.bilinear, "3-D, odd and even windows, two groups of two", (3, 4, 1, 2, 4), key()),
    InitializerCase(initializers.bilinear, "1-D, depthwise", (5, 1, 3), key()),
    InitializerCase(initializers.normal, "a kernel", (3, 3, 64, 128), key(), bench=_KEYS),
    InitializerCase(initializers.normal, "wide, float32", (6, 4), key(), options=dict(stddev=2.0, dtype=jnp.float32)),
    InitializerCase(initializers.lecun_normal, "a kernel", (3, 3, 64, 128), key(), bench=_KEYS),
    InitializerCase(initializers.lecun_normal, "transposed", (3, 2, 4, 6), key(), options=_TRANSPOSED),
    InitializerCase(initializers.lecun_normal, "a stack of transposed", (3, 4, 6), key(), options=_STACKED),
    InitializerCase(initializers.lecun_uniform, "a kernel", (3, 3, 64, 128), key(), bench=_KEYS),
    InitializerCase(initializers.lecun_uniform, "a stack of transposed", (3, 4, 6), key(), options=_STACKED),
    InitializerCase(initializers.xavier_normal, "a kernel", (3, 3, 64, 128), key(), bench=_KEYS),
    InitializerCase(initializers.xavier_normal, "a stack of transposed", (3, 4, 6), key(), options=_STACKED),
    InitializerCase(initializers.xavier_uniform, "a kernel", (3, 3, 64, 128), key(), bench=_KEYS),
    InitializerCase(initializers.xavier_uniform, "a stack of transposed", (3, 4, 6), key(), options=_STACKED),
    InitializerCase(initializers.he_normal, "a kernel", (3, 3, 64, 128), key(), bench=_KEYS),
    InitializerCase(initializers.he_normal, "a stack of transposed", (3, 4, 6), key(), options=_STACKED),
    InitializerCase(initializers.he_uniform, "a kernel", (3, 3, 64, 128), key(), bench=_KEYS),
    InitializerCase(initializers.he_uniform, "a stack of transposed", (3, 4, 6), key(), options=_STACKED),
    InitializerCase(initializers.orthogonal, "a kernel", (3, 3, 32, 64), key(), bench=_KEYS),
    InitializerCase(initializers.orthogonal, "columns on the first axis", (4, 2, 5), key(), options=dict(scale=2.0, column_axis=0, dtype=jnp.float32)),
]  # fmt: skip

BAD = [
    BadInitializer(initializers.bilinear, "no window", None, (2, 3), error=ValueError, match="at least rank 3"),
    BadInitializer(initializers.bilinear, "a size alone", None, 4, error=TypeError, match="tuple"),
    BadInitializer(initializers.bilinear, "half a cell", None, (1.5, 1, 1), error=TypeError, match="shape[0]"),
    BadInitializer(initializers.bilinear, "no channels", None, (4, 4, 0, 2), error=ValueError, match="shape[2]"),
    BadInitializer(initializers.bilinear, "integers", None, (4, 4, 2, 2), jnp.int32, error=TypeError, match="floating"),
]  # fmt: skip

_RANDOM = "a random draw: there is nothing to loop over, and its fans, moments and bounds are facts"
NO_LOOP: dict[str, str] = {
    "he_normal": _RANDOM,
    "he_uniform": _RANDOM,
    "lecun_normal": _RANDOM,
    "lecun_uniform": _RANDOM,
    "normal": _RANDOM,
    "orthogonal": "a random draw, up to a QR factorization: that its columns are orthonormal is a fact",
    "xavier_normal": _RANDOM,
    "xavier_uniform": _RANDOM,
}
