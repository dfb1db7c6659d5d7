"""Convolution as one form, linear in each of three arrays, and the three maps that it gives.

    form(x, kernel, y) = Σ y[n, o, c] · x[n, o·stride − before + k·dilation, i] · kernel[k, i, c]

Its derivative with respect to y is `correlate` (x, kernel), with respect to x `spread` (y, kernel), with respect to the kernel `weigh` (x, y). Each of the
three is linear in both of its arrays, and its two transposes are the other two: derivatives of every order, forward and reverse, are these three again.
They are JAX primitives so that JAX transposes the form and not the algorithm. Every derivative then has an algorithm of its own, chosen in `_choice`,
and what is kept for the backward pass is x, kernel and y, never what an algorithm makes of them.

Layouts: x `(N, *spatial, in)`, kernel `(*window, in // groups, out)`, y `(N, *out_spatial, out)`; ``walk`` is the `Geometry` from x to y.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir
from jaxtyping import Array

from jaxreview._windows import Geometry
from jaxreview.convolution import _algorithms, _choice

__all__ = ["correlate", "spread", "weigh"]


def correlate(x: Array, kernel: Array, walk: Geometry, groups: int) -> Array:
    """Convolution: y from x and the kernel."""
    return _bind(_correlate_p, x, kernel, walk, groups)


def spread(y: Array, kernel: Array, walk: Geometry, groups: int) -> Array:
    """Transposed convolution, the gradient of the input: x from y and the kernel."""
    return _bind(_spread_p, y, kernel, walk, groups)


def weigh(x: Array, y: Array, walk: Geometry, groups: int) -> Array:
    """The gradient of the weights: the kernel from x and y."""
    return _bind(_weigh_p, x, y, walk, groups)


def _bind(primitive: Primitive, a: Array, b: Array, walk: Geometry, groups: int) -> Array:
    # Within shard_map: what is the same on all devices is made to vary as the other does, so that its gradient is summed over them.
    varying = _varying(a) | _varying(b)
    a, b = (jax.lax.pcast(one, tuple(varying - _varying(one)), to="varying") for one in (a, b))
    return primitive.bind(a, b, walk=walk, groups=groups)


def _varying(a: Array) -> frozenset[str]:
    """The axes of a shard_map along which an array differs from device to device."""
    aval: Any = jax.typeof(a)
    return aval.mat.varying if hasattr(aval, "mat") else aval.vma  # JAX 0.10 has both names, by release.


def _primitive(name: str) -> Primitive:
    primitive = Primitive(name)

    @functools.cache
    def compiled(walk: Geometry, groups: int) -> Callable[..., Any]:
        return jax.jit(functools.partial(primitive.bind, walk=walk, groups=groups))

    def shape(a: Any, b: Any, **settings: Any) -> Any:
        found = jax.make_jaxpr(functools.partial(getattr(_algorithms, f"native_{name}"), **settings))(a, b).out_avals[0]
        return a.update(shape=found.shape, dtype=found.dtype, weak_type=found.weak_type, sharding=found.sharding)

    primitive.def_impl(lambda a, b, *, walk, groups: compiled(walk, groups)(a, b))
    primitive.def_abstract_eval(shape)
    # Elsewhere than on a CPU the backend's own convolution: nothing else was measured there.
    mlir.register_lowering(primitive, mlir.lower_fun(getattr(_algorithms, f"native_{name}"), multiple_results=False))
    mlir.register_lowering(primitive, mlir.lower_fun(lambda a, b, **settings: getattr(_choice, name)(a, b, **settings), multiple_results=False), platform="cpu")
    return primitive


_correlate_p, _spread_p, _weigh_p = _primitive("correlate"), _primitive("spread"), _primitive("weigh")

ad.defbilinear(_correlate_p, lambda ct, x, kernel, **walk: spread(ct, kernel, **walk), lambda ct, x, kernel, **walk: weigh(x, ct, **walk))
ad.defbilinear(_spread_p, lambda ct, y, kernel, **walk: correlate(ct, kernel, **walk), lambda ct, y, kernel, **walk: weigh(ct, y, **walk))
ad.defbilinear(_weigh_p, lambda ct, x, y, **walk: spread(y, ct, **walk), lambda ct, x, y, **walk: correlate(x, ct, **walk))


def _merge(a: Array, mapped: int, axis: int) -> Array:
    """The mapped axis in front of ``axis`` (counted without it), the two as one."""
    axis %= a.ndim - 1
    a = jnp.moveaxis(a, mapped, axis)
    return a.reshape((*a.shape[:axis], a.shape[axis] * a.shape[axis + 1], *a.shape[axis + 2 :]))


def _unmerge(a: Array, count: int, axis: int) -> Array:
    """What `_merge` made one as two again, the mapped axis first."""
    axis %= a.ndim
    return jnp.moveaxis(a.reshape((*a.shape[:axis], count, a.shape[axis] // count, *a.shape[axis + 1 :])), axis, 0)


# For each map, the axis of (first, second, result) that a mapped axis joins when it is on the first alone, on the second alone, on both (0 for
# the one that has none). Examples join the batch; kernels for one x are more output channels; what both share only over its own mapped index is a group.
_JOINS = {
    _correlate_p: ((0, 0, 0), (0, -1, -1), (-1, -1, -1)),
    _spread_p: ((0, 0, 0), (0, -2, -1), (-1, -1, -1)),
    _weigh_p: ((-1, 0, -2), (0, -1, -1), (-1, -1, -1)),
}


def _batched(primitive: Primitive, arrays: Sequence[Array], mapped: Sequence[int | None], *, walk: Geometry, groups: int) -> tuple[Array, int]:
    count = next(a.shape[axis] for a, axis in zip(arrays, mapped, strict=True) if axis is not None)
    if count == 0:
        ones = [jax.ShapeDtypeStruct(a.shape if axis is None else np.delete(a.shape, axis), a.dtype) for a, axis in zip(arrays, mapped, strict=True)]
        one = jax.eval_shape(functools.partial(primitive.bind, walk=walk, groups=groups), *ones)
        return jnp.zeros((0, *one.shape), one.dtype), 0
    joins = _JOINS[primitive][2 if None not in mapped else mapped.index(None) ^ 1]
    if groups > 1 and joins[2] != 0 and None in mapped:
        # Channels in groups can't take in more of their kind: repeat what is shared.
        arrays = [jnp.broadcast_to(a, (count, *a.shape)) if axis is None else a for a, axis in zip(arrays, mapped, strict=True)]
        mapped, joins = [axis or 0 for axis in mapped], _JOINS[primitive][2]
    first, second = (a if axis is None else _merge(a, axis, join) for a, axis, join in zip(arrays, mapped, joins[:2], strict=True))
    return _unmerge(_bind(primitive, first, second, walk, groups if None in mapped else groups * count), count, joins[2]), 0


for _p in _JOINS:
    batching.primitive_batchers[_p] = functools.partial(_batched, _p)
