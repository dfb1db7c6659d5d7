"""Initializers ``init(key, shape, dtype)``: those of ``jax.nn.initializers`` by their names, and those that it lacks.

The fans of the re-exported ones are read from the last two axes, (in, out) as in our kernels ``(*window, in // groups, out)``; a kernel of
``conv_transpose`` is ``(*window, out // groups, in)`` and takes ``in_axis=-1, out_axis=-2``. Note ``uniform(scale)``, which draws from [0, scale), and
``truncated_normal(stddev)``, whose deviation before the cut is stddev and whose bounds are in units of it; PyTorch's bounds are absolute.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.nn.initializers import (
    constant,
    delta_orthogonal,
    glorot_normal,
    glorot_uniform,
    he_normal,
    he_uniform,
    kaiming_normal,
    kaiming_uniform,
    lecun_normal,
    lecun_uniform,
    normal,
    ones,
    orthogonal,
    truncated_normal,
    uniform,
    variance_scaling,
    xavier_normal,
    xavier_uniform,
    zeros,
)
from jax.typing import DTypeLike
from jaxtyping import Array, Float, Key

from jaxreview import _checks, _windows

__all__ = [
    "bilinear",
    "calculate_gain",
    "constant",
    "delta_orthogonal",
    "dirac",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "identity",
    "kaiming_normal",
    "kaiming_uniform",
    "lecun_normal",
    "lecun_uniform",
    "lsuv",
    "normal",
    "ones",
    "orthogonal",
    "sparse",
    "truncated_normal",
    "uniform",
    "variance_scaling",
    "xavier_normal",
    "xavier_uniform",
    "zeros",
]

_GAINS = {"sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 3 / 4} | dict.fromkeys(
    ("identity", "linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"), 1.0
)


def bilinear() -> Callable[..., Float[Array, "..."]]:
    """Kernel with which ``conv_transpose`` interpolates linearly: w[i] = 1 − |i − c| / f along every window axis of k cells, with f = ⌈k/2⌉.

    The center c is f − 1 for odd k and f − ½ for even k. Stride f with k = 2f − f mod 2 and padding ⌈(f − 1)/2⌉ enlarges f times.

    The window stands at the channel pairs that carry input channel i to output channel i, with zeros elsewhere. In a kernel `(*window, m, in)`, with
    m = out // groups, that is output i mod m of its group where m divides in, and output i otherwise (none for i ≥ m). So it up-samples every
    channel by itself for any number of groups that have as many inputs as outputs, m = 1 being the depthwise case.

    Args:
        (none): the kernel is fixed by the shape that init is given.

    Returns:
        `init(key, shape, dtype=float)` with shape `(*window, out // groups, in)`. The key is not used and may be None.

    Raises:
        TypeError: (by init) shape is not a sequence of ints, or dtype is not floating point.
        ValueError: (by init) shape has no window axis, or a size is below 1.

    References:
        Long, Shelhamer & Darrell, Fully Convolutional Networks for Semantic Segmentation (2015), section 3.3.

    Examples:
        >>> from jaxreview.initializers import bilinear
        >>> bilinear()(None, (4, 1, 1))[:, 0, 0].tolist()
        [0.25, 0.75, 0.75, 0.25]
    """

    def init(key: jax.Array | None, shape: Any, dtype: DTypeLike | None = float) -> Float[Array, "..."]:
        del key
        sizes, dtype = _shape("bilinear", shape, "(*window, out // groups, in)"), _dtype("bilinear", dtype)
        if len(sizes) < 3:
            raise ValueError(f"bilinear: shape is {sizes}; it needs at least rank 3, (*window, out // groups, in)")
        *window, outputs, inputs = sizes
        kernel = np.ones(())
        for k in window:
            factor = (k + 1) // 2
            center = factor - 1 if k % 2 else factor - 0.5
            kernel = kernel[..., None] * (1 - np.abs(np.arange(k) - center) / factor)
        carried = np.arange(inputs) % outputs if inputs % outputs == 0 else np.arange(inputs)
        channels = carried == np.arange(outputs)[:, None]
        return jnp.asarray(kernel[..., None, None] * channels, dtype)

    return init


def dirac(groups: int = 1) -> Callable[..., Float[Array, "..."]]:
    """Kernel with which ``conv`` repeats its input: w = 1 at the center tap of input channel i and output channel i of every group, else 0.

    The center of k cells is ⌊k/2⌋, as in PyTorch's `dirac_`: an odd window with padding `"SAME"` repeats the input, an even one shifts it. Channels
    beyond the smaller of a group's inputs and outputs are 0.

    Args:
        groups: groups of the convolution, a static int that divides out.

    Returns:
        `init(key, shape, dtype=float)` with shape `(*window, in // groups, out)`. The key is not used and may be None.

    Raises:
        TypeError: groups is not an int; (by init) shape is not a sequence of ints, or dtype is not floating point.
        ValueError: groups is below 1; (by init) shape has no window axis, a size is below 1, or groups does not divide out.

    References:
        Zagoruyko & Komodakis, DiracNets: Training Very Deep Neural Networks Without Skip-Connections (2017), section 3.

    Examples:
        >>> from jaxreview.initializers import dirac
        >>> dirac()(None, (3, 1, 2))[..., 0, :].tolist()
        [[0.0, 0.0], [1.0, 0.0], [0.0, 0.0]]
    """
    groups = _windows.integer("dirac", "groups", groups, minimum=1)

    def init(key: jax.Array | None, shape: Any, dtype: DTypeLike | None = float) -> Float[Array, "..."]:
        del key
        sizes, dtype = _shape("dirac", shape, "(*window, in // groups, out)"), _dtype("dirac", dtype)
        if len(sizes) < 3 or sizes[-1] % groups:
            raise ValueError(f"dirac: shape is {sizes}; it needs at least rank 3, (*window, in // groups, out), with out divisible by groups = {groups}")
        *window, inputs, outputs = sizes
        kernel = np.zeros(sizes)
        kernel[tuple(k // 2 for k in window)] = np.arange(inputs)[:, None] == np.arange(outputs) % (outputs // groups)
        return jnp.asarray(kernel, dtype)

    return init


def identity() -> Callable[..., Float[Array, "in out"]]:
    """Kernel of a dense layer that repeats its input: w[i, i] = 1, else 0.

    Inputs beyond the outputs are left out and outputs beyond the inputs are 0, as with PyTorch's `eye_`. For a convolution see `dirac`.

    Args:
        (none): the kernel is fixed by the shape that init is given.

    Returns:
        `init(key, shape, dtype=float)` with shape `(in, out)`. The key is not used and may be None.

    Raises:
        TypeError: (by init) shape is not a sequence of ints, or dtype is not floating point.
        ValueError: (by init) shape has not two entries, or a size is below 1.

    References:
        Le, Jaitly & Hinton, A Simple Way to Initialize Recurrent Networks of Rectified Linear Units (2015), section 3.

    Examples:
        >>> from jaxreview.initializers import identity
        >>> identity()(None, (2, 3)).tolist()
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """

    def init(key: jax.Array | None, shape: Any, dtype: DTypeLike | None = float) -> Float[Array, "in out"]:
        del key
        sizes, dtype = _shape("identity", shape, "(in, out)"), _dtype("identity", dtype)
        if len(sizes) != 2:
            raise ValueError(f"identity: shape is {sizes}; it needs rank 2, (in, out)")
        return jnp.eye(*sizes, dtype=dtype)

    return init


def sparse(sparsity: float, stddev: float) -> Callable[..., Float[Array, "in out"]]:
    """Normals of which a fixed number is 0: w ~ N(0, stddev²), and in every row w[i] exactly ⌈sparsity · out⌉ entries, drawn at random, are 0.

    This is PyTorch's `sparse_`, whose weights are (out, in) and whose zeros are counted in every column: those of one input. Martens counts the
    inputs of one output; for that, take the transpose of a kernel of shape (out, in).

    Args:
        sparsity: share of the zeros, a static number in [0, 1].
        stddev: standard deviation of the others, a static number of at least 0.

    Returns:
        `init(key, shape, dtype=float)` with shape `(in, out)`. Drawn in float32 where dtype is shorter.

    Raises:
        TypeError: a setting is no static number; (by init) key is no typed key, shape not a sequence of ints, or dtype not floating point.
        ValueError: a setting is out of range; (by init) shape has not two entries, or a size is below 1.

    References:
        Martens, Deep learning via Hessian-free optimization (2010), section 5.

    Examples:
        >>> import jax
        >>> from jaxreview.initializers import sparse
        >>> (sparse(0.5, 0.1)(jax.random.key(0), (3, 4)) == 0).sum(1).tolist()
        [2, 2, 2]
    """
    sparsity = _checks.number("sparse", "sparsity", sparsity, low=0.0, high=1.0)
    stddev = _checks.number("sparse", "stddev", stddev, low=0.0)

    def init(key: Any, shape: Any, dtype: DTypeLike | None = float) -> Float[Array, "in out"]:
        sizes, dtype = _shape("sparse", shape, "(in, out)"), _dtype("sparse", dtype)
        if len(sizes) != 2:
            raise ValueError(f"sparse: shape is {sizes}; it needs rank 2, (in, out)")
        values, places = jax.random.split(_checks.key("sparse", key))
        zero = jnp.arange(sizes[1]) < math.ceil(sparsity * sizes[1])
        zero = jax.random.permutation(places, jnp.broadcast_to(zero, sizes), axis=1, independent=True)
        # a short dtype has so few uniforms that its normals are often 0 themselves
        weights = stddev * jax.random.normal(values, sizes, _checks.accumulator(dtype))
        return jnp.where(zero, jnp.zeros_like(weights), weights).astype(dtype)

    return init


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """Factor for the deviation of weights whose outputs pass through a nonlinearity: deviation = gain / √fan.

    The values are PyTorch's: 1 for `"linear"`, `"identity"`, `"sigmoid"` and `"conv1d"` to `"conv_transpose3d"`, 5/3 for `"tanh"`, √2 for `"relu"`,
    √(2 / (1 + slope²)) for `"leaky_relu"` and 3/4 for `"selu"` (which keeps the gradients of rectangular layers steady; a self-normalizing network wants
    `"linear"`). `variance_scaling(gain**2, "fan_in", "normal")` applies it.

    Args:
        nonlinearity: one of these names.
        param: the slope of the leaky ReLU, 0.01 where None; for it alone.

    Returns:
        The gain.

    Raises:
        TypeError: param is not a static number.
        ValueError: there is no such nonlinearity, or it takes no param.

    References:
        He, Zhang, Ren & Sun, Delving Deep into Rectifiers (2015), equations 10 and 15.

    Examples:
        >>> from jaxreview.initializers import calculate_gain
        >>> round(calculate_gain("relu"), 4), round(calculate_gain("leaky_relu", 0.5), 4)
        (1.4142, 1.2649)
    """
    _checks.choice("calculate_gain", "nonlinearity", nonlinearity, (*_GAINS, "leaky_relu"))
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else _checks.number("calculate_gain", "param", param)
        return math.sqrt(2) / math.hypot(1.0, slope)
    if param is not None:
        raise ValueError(f"calculate_gain: param is {param!r} for {nonlinearity!r}; it needs None, as only 'leaky_relu' takes one")
    return _GAINS[nonlinearity]


def lsuv(
    key: Key[Array, ""],
    layers: Sequence[tuple[Sequence[int], Callable[[Array, Any], Any]]],
    x: Float[Array, "..."],
    *,
    tolerance: float = 0.01,
    max_iterations: int = 10,
) -> list[Float[Array, "..."]]:
    """Kernels under which every layer's output has unit variance on this batch: w ← w / √Var[y], until |Var[y] − 1| < tolerance.

    Layer after layer: a kernel starts orthonormal (`orthogonal()`), the layer is applied to the output of the one before, and the kernel is divided by the
    deviation of all values of the result. Once is enough for a layer that is linear in its kernel. The variance is that of what `apply` gives; to
    measure before an activation, as the paper does, let the next layer's `apply` begin with it.

    Args:
        key: a `jax.random.key`.
        layers: pairs `(shape, apply)`, first layer first: the kernel's shape, in our layouts, and a function `apply(kernel, x)` that gives its output.
        x: a batch of inputs for the first layer, real examples best.
        tolerance: how far a variance may be from 1, a static number greater than 0.
        max_iterations: divisions at most for each layer, at least 1. A layer that never comes near stays as it then is.

    Returns:
        A list with one kernel for each layer, in the dtype of x; float16 and bfloat16 are drawn and scaled in float32.

    Raises:
        TypeError: key is no typed key, x not floating point, layers no sequence of such pairs, or a setting of the wrong kind.
        ValueError: a shape has fewer than two entries or a size below 1, a setting is out of range, or (outside of `jit`) the output of a layer is
            constant. Under `jit` that layer's kernel is then not finite.

    References:
        Mishkin & Matas, All you need is a good init (2016), algorithm 1.

    Examples:
        >>> import jax
        >>> import jax.numpy as jnp
        >>> from jaxreview.initializers import lsuv
        >>> x = jnp.arange(12.0).reshape(4, 3)
        >>> (kernel,) = lsuv(jax.random.key(0), [((3, 2), lambda kernel, x: x @ kernel)], x)
        >>> round((x @ kernel).var().item(), 4)
        1.0
    """
    where = "lsuv"
    key, x = _checks.key(where, key), _checks.real(where, "x", x)
    tolerance = _checks.number(where, "tolerance", tolerance, above=0.0)
    max_iterations = _windows.integer(where, "max_iterations", max_iterations, minimum=1)
    if not isinstance(layers, (tuple, list)):
        raise TypeError(f"{where}: layers is a {type(layers).__name__}; it needs a sequence of pairs (shape, apply)")
    kernels, dtype = [], x.dtype
    for number, layer in enumerate(layers):
        if not isinstance(layer, (tuple, list)) or len(layer) != 2 or not callable(layer[1]):
            raise TypeError(f"{where}: layers[{number}] is {layer!r}; it needs a pair (shape, apply) with a function apply(kernel, x)")
        shape, apply = _shape(where, layer[0], "of a kernel", name=f"layers[{number}][0]"), layer[1]
        if len(shape) < 2:
            raise ValueError(f"{where}: layers[{number}][0] is {shape}; it needs at least rank 2, as orthogonal kernels have")
        kernel = orthogonal()(jax.random.fold_in(key, number), shape, _checks.accumulator(dtype))
        kernel, x, deviation = _unit_variance(lambda kernel, x=x, apply=apply: apply(kernel.astype(dtype), x), kernel, tolerance, max_iterations)
        if _checks.concrete(deviation) and not deviation > 0:
            raise ValueError(f"{where}: layers[{number}] gives an output of deviation {float(deviation):g}; it needs one that is not constant")
        kernels.append(kernel.astype(dtype))
    return kernels


def _unit_variance(apply: Callable[[Array], Any], kernel: Array, tolerance: float, max_iterations: int) -> tuple[Array, Any, Array]:
    """The scaled kernel, its output, and the standard deviation of the output at first."""

    def measured(kernel: Array) -> tuple[Array, Any, Array]:
        y = apply(kernel)
        real = _checks.real("lsuv", "the output of apply", y)
        real = real.astype(_checks.accumulator(real.dtype))
        largest = lax.stop_gradient(jnp.abs(real).max(initial=0.0))
        unit = jnp.where((largest > 0) & (largest < jnp.inf), largest, 1.0)  # else squares overflow or vanish
        return kernel, y, unit * (real / unit).std()

    def step(state: tuple[Array, Any, Array], _: None) -> tuple[tuple[Array, Any, Array], None]:
        kernel, _, deviation = state
        near = jnp.abs(deviation * deviation - 1) < tolerance  # NaN is not near
        return lax.cond(near, lambda: state, lambda: measured(kernel / deviation.astype(kernel.dtype))), None

    first = measured(kernel)
    # a scan, not a while loop, which would have no reverse derivative
    (kernel, y, _), _ = lax.scan(step, first, None, length=max_iterations)
    return kernel, y, first[2]


def _shape(where: str, shape: Any, meaning: str, *, name: str = "shape") -> tuple[int, ...]:
    """``shape`` as a tuple of positive ints."""
    if not isinstance(shape, (tuple, list)):
        raise TypeError(f"{where}: {name} is {shape!r}; it needs a tuple {meaning}")
    return tuple(_windows.integer(where, f"{name}[{axis}]", size, minimum=1) for axis, size in enumerate(shape))


def _dtype(where: str, dtype: DTypeLike | None) -> jnp.dtype:
    """``dtype`` as x64 has it: None and float are the default float."""
    result = jnp.zeros((), float if dtype is None else dtype).dtype
    if not jnp.issubdtype(result, jnp.floating):
        raise TypeError(f"{where}: dtype is {result}; it needs a floating point dtype")
    return result
