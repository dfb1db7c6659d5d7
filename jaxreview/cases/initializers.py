"""Rows of the initializers: one with the defaults, one with the axes of a ``conv_transpose`` kernel ``(*window, out // groups, in)``.

A name that is another's alias (``kaiming_normal`` is ``he_normal``) has its rows.
"""

from collections.abc import Callable, Mapping
from typing import Any

import jax.numpy as jnp

from jaxreview import initializers
from jaxreview.cases._inputs import constant, integers, key, normal
from jaxreview.cases._rows import Bad, BadInitializer, Bench, Case, InitializerCase


class LayersCase(Case):
    """A row of a function of a key, of layers and of a batch: its inputs are the key and the batch."""

    own_call = True

    def __init__(self, function: Callable[..., Any], name: str, layers: Any, *inputs: Any, **settings: Any):
        super().__init__(function, name, *inputs, **settings)
        self.layers = layers

    def call(self, function: Callable[..., Any], args: tuple[Any, ...], arrays: Mapping[str, Any]) -> Any:
        """``function`` of these layers."""
        return function(args[0], self.layers, *args[1:], **self.options)


def _dense(kernel: Any, x: Any) -> Any:
    return x.reshape(x.shape[0], -1) @ kernel


def _pixels(kernel: Any, x: Any) -> Any:
    """A convolution of one cell."""
    return x @ kernel[0, 0]


def _squash(kernel: Any, x: Any) -> Any:
    """Not linear in its kernel: one division is not enough."""
    return jnp.tanh(_pixels(kernel, x)) * 2


_KEYS = Bench({}, examples=4)  # arrays of the row's own shape, one for each key
_CORE = Bench({}, examples=4, core=True)
_TRANSPOSED = dict(in_axis=-1, out_axis=-2, dtype=jnp.float32)
_SCALED = dict(scale=0.5, mode="fan_avg", distribution="normal")
_STACKED = dict(in_axis=-1, out_axis=-2, batch_axis=0, dtype=jnp.float32)

CASES = [
    Case(initializers.zeros, "a kernel", key(), options=dict(shape=(3, 3, 64, 128)), bench=_CORE),
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
    InitializerCase(initializers.xavier_uniform, "a kernel", (3, 3, 64, 128), key(), bench=_CORE),
    InitializerCase(initializers.xavier_uniform, "a stack of transposed", (3, 4, 6), key(), options=_STACKED),
    InitializerCase(initializers.he_normal, "a kernel", (3, 3, 64, 128), key(), bench=_CORE),
    InitializerCase(initializers.he_normal, "a stack of transposed", (3, 4, 6), key(), options=_STACKED),
    InitializerCase(initializers.he_uniform, "a kernel", (3, 3, 64, 128), key(), bench=_KEYS),
    InitializerCase(initializers.he_uniform, "a stack of transposed", (3, 4, 6), key(), options=_STACKED),
    InitializerCase(initializers.orthogonal, "a kernel", (3, 3, 32, 64), key(), bench=_CORE),
    InitializerCase(initializers.orthogonal, "columns on the first axis", (4, 2, 5), key(), options=dict(scale=2.0, column_axis=0, dtype=jnp.float32)),
    Case(initializers.ones, "a kernel", key(), options=dict(shape=(3, 3, 64, 128)), bench=_KEYS),
    Case(initializers.ones, "a float32 bias", key(), options=dict(shape=(5,), dtype=jnp.float32)),
    InitializerCase(initializers.uniform, "a kernel", (3, 3, 64, 128), key(), bench=_KEYS),
    InitializerCase(initializers.uniform, "wide, float32", (6, 4), key(), options=dict(scale=2.0, dtype=jnp.float32)),
    InitializerCase(initializers.truncated_normal, "a kernel", (3, 3, 64, 128), key(), bench=_KEYS),
    InitializerCase(
        initializers.truncated_normal, "wide, cut on one side", (6, 4), key(), options=dict(stddev=2.0, lower=-1.0, upper=3.0, dtype=jnp.float32),
    ),
    InitializerCase(initializers.variance_scaling, "a kernel", (3, 3, 64, 128), key(), options=_SCALED, bench=_KEYS),
    InitializerCase(initializers.variance_scaling, "a stack of transposed", (3, 4, 6), key(), options=_SCALED | _STACKED),
    InitializerCase(initializers.delta_orthogonal, "a kernel", (3, 3, 32, 64), key(), bench=_KEYS),
    InitializerCase(initializers.delta_orthogonal, "columns on the first axis", (4, 3, 5), key(), options=dict(scale=2.0, column_axis=0, dtype=jnp.float32)),
    InitializerCase(initializers.dirac, "2-D", (3, 3, 64, 128), key(), bench=_KEYS),
    InitializerCase(initializers.dirac, "1-D, even window, two groups", (4, 2, 6), key(), options=dict(groups=2)),
    InitializerCase(initializers.identity, "more outputs than inputs", (256, 512), key(), bench=_KEYS),
    InitializerCase(initializers.identity, "more inputs than outputs", (5, 3), key()),
    InitializerCase(initializers.sparse, "a kernel", (256, 512), key(), options=dict(sparsity=0.9, stddev=0.1), bench=_KEYS),
    InitializerCase(initializers.sparse, "half zeros, rounded up", (4, 5), key(), options=dict(sparsity=0.5, stddev=2.0)),
    Case(initializers.calculate_gain, "leaky ReLU", options=dict(nonlinearity="leaky_relu", param=0.2)),
    Case(initializers.calculate_gain, "tanh", options=dict(nonlinearity="tanh")),
    # extremes=False: of a constant batch no kernel makes a unit variance.
    LayersCase(
        initializers.lsuv, "two linear layers, images", [((1, 1, 1, 4), _pixels), ((1, 1, 4, 3), _pixels)], key(), normal("N H W 1", 3.0, mean=1.0),
        dims=dict(N=3, H=5, W=4), extremes=False, bench=Bench(dict(N=256, H=8, W=8), real={1: "digits"}, split={0: 0}, examples=4),
    ),
    LayersCase(
        initializers.lsuv, "a layer that bends, and one behind it", [((1, 1, 2, 4), _squash), ((24, 2), _dense)], key(), normal("N 3 2 2"), dims=dict(N=5),
        extremes=False, options=dict(tolerance=0.001, max_iterations=4),
    ),
]  # fmt: skip

BAD = [
    BadInitializer(initializers.bilinear, "no window", None, (2, 3), error=ValueError, match="at least rank 3"),
    BadInitializer(initializers.bilinear, "a size alone", None, 4, error=TypeError, match="tuple"),
    BadInitializer(initializers.bilinear, "half a cell", None, (1.5, 1, 1), error=TypeError, match="shape[0]"),
    BadInitializer(initializers.bilinear, "no channels", None, (4, 4, 0, 2), error=ValueError, match="shape[2]"),
    BadInitializer(initializers.bilinear, "integers", None, (4, 4, 2, 2), jnp.int32, error=TypeError, match="floating"),
    BadInitializer(initializers.dirac, "no window", None, (2, 3), error=ValueError, match="at least rank 3"),
    BadInitializer(initializers.dirac, "groups do not divide", None, (3, 2, 5), options=dict(groups=2), error=ValueError, match="groups = 2"),
    BadInitializer(initializers.dirac, "no groups", None, (3, 2, 4), options=dict(groups=0), error=ValueError, match="at least 1"),
    BadInitializer(initializers.dirac, "integers", None, (3, 2, 4), jnp.int32, error=TypeError, match="floating"),
    BadInitializer(initializers.identity, "a window", None, (3, 2, 4), error=ValueError, match="rank 2"),
    BadInitializer(initializers.identity, "a size alone", None, 4, error=TypeError, match="tuple"),
    BadInitializer(initializers.identity, "integers", None, (2, 4), jnp.int32, error=TypeError, match="floating"),
    BadInitializer(initializers.sparse, "a window", key(), (3, 2, 4), options=dict(sparsity=0.5, stddev=1.0), error=ValueError, match="rank 2"),
    BadInitializer(initializers.sparse, "more than all", key(), (2, 4), options=dict(sparsity=1.5, stddev=1.0), error=ValueError, match="in [0, 1]"),
    BadInitializer(initializers.sparse, "negative deviation", key(), (2, 4), options=dict(sparsity=0.5, stddev=-1.0), error=ValueError, match="stddev is -1"),
    BadInitializer(initializers.sparse, "no key", None, (2, 4), options=dict(sparsity=0.5, stddev=1.0), error=TypeError, match="jax.random.key"),
    Bad(initializers.calculate_gain, "an unknown name", "maxout", error=ValueError, match="one of"),
    Bad(initializers.calculate_gain, "a slope by name", "leaky_relu", "steep", error=TypeError, match="static Python number"),
    Bad(initializers.calculate_gain, "a slope for ReLU", "relu", 0.1, error=ValueError, match="only 'leaky_relu'"),
    Bad(initializers.lsuv, "integers", key(), [((3, 2), _dense)], integers("4 3", 0, 9), error=TypeError, match="floating"),
    Bad(initializers.lsuv, "no key", None, [((3, 2), _dense)], normal("4 3"), error=TypeError, match="jax.random.key"),
    Bad(initializers.lsuv, "a function alone", key(), _dense, normal("4 3"), error=TypeError, match="pairs"),
    Bad(initializers.lsuv, "shapes alone", key(), [(3, 2)], normal("4 3"), error=TypeError, match="layers[0]"),
    Bad(initializers.lsuv, "a bias", key(), [((3,), _dense)], normal("4 3"), error=ValueError, match="at least rank 2"),
    Bad(initializers.lsuv, "no tolerance", key(), [], normal("4 3"), options=dict(tolerance=0.0), error=ValueError, match="greater than 0"),
    Bad(initializers.lsuv, "no iterations", key(), [], normal("4 3"), options=dict(max_iterations=0), error=ValueError, match="at least 1"),
    Bad(initializers.lsuv, "a constant output", key(), [((3, 2), _dense)], constant([[0.0] * 3] * 4), error=ValueError, match="not constant", eager=True),
]  # fmt: skip

_RANDOM = "a random draw: there is nothing to loop over, and its fans, moments and bounds are facts"
NO_LOOP: dict[str, str] = {
    "calculate_gain": "a table of constants: there is nothing to loop over, and its values are facts",
    "delta_orthogonal": "a random draw, up to a QR factorization: that its columns are orthonormal is a fact",
    "glorot_normal": _RANDOM,
    "glorot_uniform": _RANDOM,
    "he_normal": _RANDOM,
    "he_uniform": _RANDOM,
    "kaiming_normal": _RANDOM,
    "kaiming_uniform": _RANDOM,
    "lecun_normal": _RANDOM,
    "lecun_uniform": _RANDOM,
    "lsuv": "it starts from a random draw: that every variance becomes 1 is a fact",
    "normal": _RANDOM,
    "orthogonal": "a random draw, up to a QR factorization: that its columns are orthonormal is a fact",
    "sparse": "a random draw: the number of its zeros and the moments of the others are facts",
    "truncated_normal": _RANDOM,
    "uniform": _RANDOM,
    "variance_scaling": _RANDOM,
    "xavier_normal": _RANDOM,
    "xavier_uniform": _RANDOM,
}
