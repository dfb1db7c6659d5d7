"""The kernels of PyTorch, Keras, Flax and Equinox in our layout, and ours in theirs.

Where two libraries differ by more than the order of axes, in the transposed convolution, it is in what the kernel means. Ours, PyTorch's and Keras's is
that of the convolution whose adjoint they compute. Flax's and Equinox's is that of the correlation which they lay over x with stride − 1 zeros between
its cells: the same numbers, with the window flipped and the channels swapped in every group.
"""

from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from jaxreview import _checks, _windows

__all__ = ["export_kernel", "import_kernel"]

Weights = TypeVar("Weights", jax.Array, np.ndarray)

_LIBRARIES = ("pytorch", "keras", "flax", "equinox")
_KINDS = ("conv", "conv_transpose", "depthwise_conv", "dense")


def import_kernel(weight: Weights, source: str, *, kind: str = "conv", groups: int = 1) -> Weights:
    """The kernel of another library's layer in our layout: with it `conv` computes what that layer computes.

    Numbers move, none is computed. With `in` and `out` the channels of x and y, the layouts are

    - conv: ours, Keras and Flax `(*window, in // groups, out)`; PyTorch and Equinox `(out, in // groups, *window)`.
    - conv_transpose: ours and Keras `(*window, out // groups, in)`; PyTorch `(in, out // groups, *window)`; with the window flipped, Flax
      `(*window, in, out)` and Equinox `(out, in // groups, *window)`. Flax with `transpose_kernel=True` has Keras's.
    - depthwise_conv: as conv with `in` groups, but Keras `(*window, in, out // in)`. A SeparableConv of Keras has one of these and a conv kernel.
    - dense: ours, Keras and Flax `(in, out)`; PyTorch and Equinox `(out, in)`.

    A bias is `(out,)` everywhere but in Equinox's convolutions, `(out, 1, …)`: `bias.reshape(-1)`.

    A transposed convolution of another library is ours under these settings, with K = dilation·(window − 1) + 1 on an axis:

    - PyTorch: its own.
    - Flax: `"SAME"` is ours; `"VALID"` is padding 0 and output_padding max(stride − K, 0); a pair (a, b) is padding (K − 1 − a, K − 1 − b), where a b
      over K − 1 is output_padding b − K + 1 instead.
    - Keras: `"same"` and `"valid"` as Flax. With an output_padding p, `"valid"` is padding 0 and output_padding p, and `"same"` cuts
      c = K − K mod 2 − p cells, c // 2 of them before: padding (c // 2, c − c // 2), or, where c is negative, 0 and output_padding −c.
    - Equinox: its own. With `"SAME"` and an output_padding p it cuts c = K − stride + p cells in the same way; `"SAME_LOWER"` cuts (c + 1) // 2 before.

    Args:
        weight: a JAX or NumPy array of the layout above, real numbers. PyTorch's: `layer.weight.detach().numpy()`.
        source: `"pytorch"`, `"keras"` (and TensorFlow), `"flax"` (linen and nnx) or `"equinox"`.
        kind: `"conv"`, `"conv_transpose"`, `"depthwise_conv"` or `"dense"`, in any number of spatial axes.
        groups: those of the layer. A depthwise convolution has `in`; a dense layer, and a transposed convolution of Keras and Flax, have 1.

    Returns:
        The kernel for `conv`, `conv_transpose`, `depthwise_conv` or `dense`, of the dtype of weight; a NumPy array, of its own memory, for a NumPy array.

    Raises:
        TypeError: weight is not a JAX or NumPy array of floating point numbers, or groups is not an int.
        ValueError: the shape does not fit the kind and the groups, or a setting is not one of those above.

    References:
        Dumoulin & Visin, A guide to convolution arithmetic for deep learning (2016), section 4; the documentation of `torch.nn.ConvTranspose2d`,
        `keras.layers.Conv2DTranspose`, `flax.linen.ConvTranspose` and `equinox.nn.ConvTranspose`.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.weights import import_kernel
        >>> weight = jnp.array([[[1.0, 2.0, 4.0]], [[3.0, 5.0, 7.0]]])  # two output channels, one input channel, three taps
        >>> import_kernel(weight, "pytorch").tolist()
        [[[1.0, 3.0]], [[2.0, 5.0]], [[4.0, 7.0]]]
        >>> import_kernel(weight, "equinox", kind="conv_transpose").tolist()
        [[[4.0], [7.0]], [[2.0], [5.0]], [[1.0], [3.0]]]
    """
    groups = _checked("import_kernel", "weight", weight, "source", source, kind, groups)
    first = source in ("pytorch", "equinox")
    if source == "keras" and kind == "depthwise_conv":
        if weight.shape[-2] != groups:
            raise ValueError(f"import_kernel: groups is {groups}; it needs to be {weight.shape[-2]}, the channels on axis -2 of weight {weight.shape}")
        kernel = weight.reshape((*weight.shape[:-2], 1, -1))
    else:
        _grouped("import_kernel", "weight", weight, (0, 1) if first else (-1, -2), kind, groups)
        kernel = weight.transpose((*range(2, weight.ndim), 1, 0)) if first else weight
    return _owned(_adjoint(kernel, groups) if _flipped(source, kind) else kernel)


def export_kernel(kernel: Weights, target: str, *, kind: str = "conv", groups: int = 1) -> Weights:
    """Our kernel in the layout of another library: import_kernel(export_kernel(k, library), library) = k, and the other way around.

    The layouts are listed at `import_kernel`, which takes the same settings.

    Args:
        kernel: a JAX or NumPy array, the kernel of `conv`, `conv_transpose`, `depthwise_conv` or `dense`, real numbers.
        target: `"pytorch"`, `"keras"` (and TensorFlow), `"flax"` (linen and nnx) or `"equinox"`.
        kind: `"conv"`, `"conv_transpose"`, `"depthwise_conv"` or `"dense"`, in any number of spatial axes.
        groups: those of the layer. A depthwise convolution has `in`; a dense layer, and a transposed convolution of Keras and Flax, have 1.

    Returns:
        The weight for a layer of that library, of the dtype of kernel; a NumPy array, of its own memory, for a NumPy array.

    Raises:
        TypeError: kernel is not a JAX or NumPy array of floating point numbers, or groups is not an int.
        ValueError: the shape does not fit the kind and the groups, or a setting is not one of those above.

    References:
        Dumoulin & Visin, A guide to convolution arithmetic for deep learning (2016), section 4.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.weights import export_kernel
        >>> kernel = jnp.array([[[1.0, 3.0]], [[2.0, 5.0]], [[4.0, 7.0]]])  # three taps, one input channel, two output channels
        >>> export_kernel(kernel, "pytorch").tolist()
        [[[1.0, 2.0, 4.0]], [[3.0, 5.0, 7.0]]]
    """
    groups = _checked("export_kernel", "kernel", kernel, "target", target, kind, groups)
    _grouped("export_kernel", "kernel", kernel, (-1, -2), kind, groups)
    weight = _adjoint(kernel, groups) if _flipped(target, kind) else kernel
    if target == "keras" and kind == "depthwise_conv":
        weight = weight.reshape((*weight.shape[:-2], groups, -1))
    elif target in ("pytorch", "equinox"):
        weight = weight.transpose((-1, -2, *range(weight.ndim - 2)))
    return _owned(weight)


def _flipped(library: str, kind: str) -> bool:
    return kind == "conv_transpose" and library in ("flax", "equinox")


def _adjoint(kernel: Any, groups: int) -> Any:
    """`(*window, a, groups · b)` as `(*window, b, groups · a)`, the window flipped and the channels of every group swapped: its own inverse."""
    *window, a, channels = kernel.shape
    ndim = len(window)
    split = kernel[(slice(None, None, -1),) * ndim].reshape((*window, a, groups, channels // groups))
    return split.transpose((*range(ndim), ndim + 2, ndim + 1, ndim)).reshape((*window, channels // groups, groups * a))


def _owned(weight: Any) -> Any:
    # A view would change with the layer that is trained in place, and PyTorch takes no array that runs backwards.
    return np.array(weight, order="C") if isinstance(weight, np.ndarray) else weight


def _checked(where: str, name: str, weight: Any, role: str, library: Any, kind: Any, groups: Any) -> int:
    """The settings are among the known ones and the array is a kernel of that kind; groups as an int."""
    if not isinstance(weight, (jax.Array, np.ndarray)):
        raise TypeError(f"{where}: {name} is a {type(weight).__name__}; it needs a JAX or NumPy array")
    if not jnp.issubdtype(weight.dtype, jnp.floating):
        raise TypeError(f"{where}: {name} has dtype {weight.dtype}; it needs a floating point dtype")
    _checks.choice(where, role, library, _LIBRARIES)
    _checks.choice(where, "kind", kind, _KINDS)
    if kind == "dense" and weight.ndim != 2:
        raise ValueError(f"{where}: {name} has shape {weight.shape} (rank {weight.ndim}); it needs rank 2 with kind 'dense'")
    if kind != "dense" and weight.ndim < 3:
        raise ValueError(f"{where}: {name} has shape {weight.shape} (rank {weight.ndim}); it needs at least rank 3, window axes and two of channels")
    if not weight.size:
        raise ValueError(f"{where}: {name} has shape {weight.shape}; it needs at least one cell on every axis")
    groups = _windows.integer(where, "groups", groups, minimum=1)
    if groups > 1 and (kind == "dense" or (kind == "conv_transpose" and library in ("keras", "flax"))):
        raise ValueError(f"{where}: groups is {groups}; it needs to be 1: {library} has no groups with kind {kind!r}")
    return groups


def _grouped(where: str, name: str, weight: jax.Array | np.ndarray, axes: tuple[int, int], kind: str, groups: int) -> None:
    """The first of ``axes`` is made of groups, the second is that of one group."""
    if weight.shape[axes[0]] % groups:
        raise ValueError(f"{where}: groups is {groups}; it needs to divide the {weight.shape[axes[0]]} channels on axis {axes[0]} of {name} {weight.shape}")
    if kind == "depthwise_conv" and weight.shape[axes[1]] != 1:
        what = f"{name} has shape {weight.shape} with {weight.shape[axes[1]]} on axis {axes[1]}"
        raise ValueError(f"{where}: {what}; it needs 1 there, a depthwise convolution sees one channel at a time")
