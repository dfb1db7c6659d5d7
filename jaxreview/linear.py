"""Linear maps: rows of samples (``dense``) and the course's columns of samples (``affine_columns``)."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxreview import _checks

__all__ = ["affine_columns", "dense"]


def dense(x: Float[Array, "*batch in"], kernel: Float[Array, "in out"], bias: Float[Array, " out"] | None = None) -> Float[Array, "*batch out"]:
    """Affine map of the last axis: y = x · kernel + bias.

    Args:
        x: `(*batch, in)`; `*batch` may be empty.
        kernel: `(in, out)`.
        bias: `(out,)`, or None for a linear map.

    Returns:
        `(*batch, out)` in the promoted dtype; float16 and bfloat16 accumulate in float32.

    Raises:
        TypeError: an argument is not floating point.
        ValueError: the shapes do not fit; nothing is broadcast.

    References:
        Goodfellow, Bengio & Courville, Deep Learning (2016), section 6.1.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import dense
        >>> dense(jnp.array([1.0, 2.0]), jnp.array([[1.0], [10.0]]), jnp.array([0.5])).tolist()
        [21.5]
    """
    x, kernel = _checks.real("dense", "x", x), _checks.real("dense", "kernel", kernel)
    bias = None if bias is None else _checks.real("dense", "bias", bias)
    _checks.rank("dense", "kernel", kernel, 2, "(in, out)")
    _checks.min_rank("dense", "x", x, 1, "(*batch, in)")
    if x.shape[-1] != kernel.shape[0]:
        raise ValueError(f"dense: kernel has shape {kernel.shape}; it needs {x.shape[-1]} rows, one for each feature of x {x.shape}")
    dtype = _checks.result_dtype(x, kernel, bias)
    sums = _checks.accumulator(dtype)
    y = jnp.matmul(x.astype(dtype), kernel.astype(dtype), preferred_element_type=sums)
    if bias is not None:
        _checks.shape("dense", "bias", bias, kernel.shape[1:], "one per column of kernel")
        y = y + bias.astype(sums).reshape((1,) * (y.ndim - 1) + bias.shape)
    return y.astype(dtype)


def affine_columns(weights: Float[Array, "out in"], x: Float[Array, "in m"], bias: Float[Array, "out 1"]) -> Float[Array, "out m"]:
    """The course's Z = W X + b, one sample a column.

    Args:
        weights: W, `(out, in)`.
        x: X, `(in, m)`: m samples side by side. A rank-1 array is neither a row nor a column and is refused.
        bias: b, a column `(out, 1)`, added to every sample.

    Returns:
        Z, `(out, m)`, in the promoted dtype; float16 and bfloat16 accumulate in float32.

    Raises:
        TypeError: an argument is not floating point.
        ValueError: an argument is not rank 2, or the shapes do not fit.

    References:
        A. Ng, Neural Networks and Deep Learning, week 3, "Vectorizing across multiple examples".

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import affine_columns
        >>> affine_columns(jnp.array([[1.0, 2.0]]), jnp.array([[1.0, 0.0], [0.0, 1.0]]), jnp.array([[0.5]])).tolist()
        [[1.5, 2.5]]
    """
    weights, x, bias = (_checks.real("affine_columns", name, a) for name, a in (("weights", weights), ("x", x), ("bias", bias)))
    _checks.rank("affine_columns", "weights", weights, 2, "(out, in)")
    _checks.rank("affine_columns", "x", x, 2, "(in, m) with one sample a column; reshape (n,) to (n, 1)")
    _checks.rank("affine_columns", "bias", bias, 2, "a column (out, 1); reshape (n,) to (n, 1)")
    if x.shape[0] != weights.shape[1]:
        raise ValueError(f"affine_columns: x has shape {x.shape}; it needs {weights.shape[1]} rows, one for each column of weights {weights.shape}")
    _checks.shape("affine_columns", "bias", bias, (weights.shape[0], 1), "a column with one entry for each row of weights")
    dtype = _checks.result_dtype(weights, x, bias)
    sums = _checks.accumulator(dtype)
    z = jnp.matmul(weights.astype(dtype), x.astype(dtype), preferred_element_type=sums)
    return (z + bias.astype(sums)).astype(dtype)
