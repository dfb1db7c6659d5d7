"""Linear maps: rows of samples (``dense``), the course's columns of samples (``affine_columns``), products of pairs, tables and attention."""

import math
from typing import Any, Literal

import jax
import jax.numpy as jnp
from jax.nn import logsumexp, one_hot
from jaxtyping import Array, Bool, Float, Integer

from jaxreview import _checks, _windows

__all__ = ["affine_columns", "bilinear", "dense", "dot_product_attention", "embedding", "logsumexp", "one_hot"]


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


def bilinear(
    x1: Float[Array, "*batch in1"], x2: Float[Array, "*batch in2"], kernel: Float[Array, "in1 in2 out"], bias: Float[Array, " out"] | None = None
) -> Float[Array, "*batch out"]:
    """A product of two inputs with a weight for every pair: y[o] = Σ over i, j of x1[i] · kernel[i, j, o] · x2[j] + bias[o].

    PyTorch's weight is this kernel with its last axis first. (`jaxreview.initializers.bilinear` is another thing: a kernel that up-samples.)

    Args:
        x1: `(*batch, in1)`; `*batch` may be empty.
        x2: `(*batch, in2)`.
        kernel: `(in1, in2, out)`.
        bias: `(out,)`, or None.

    Returns:
        `(*batch, out)` in the promoted dtype; float16 and bfloat16 compute in float32.

    Raises:
        TypeError: an argument is not floating point.
        ValueError: the shapes do not fit; nothing is broadcast.

    References:
        Tenenbaum & Freeman, Separating Style and Content with Bilinear Models (2000).

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import bilinear
        >>> bilinear(jnp.array([2.0]), jnp.array([3.0, 5.0]), jnp.array([[[1.0], [10.0]]]), jnp.array([0.5])).tolist()
        [106.5]
    """
    x1, x2, kernel = (_checks.real("bilinear", name, a) for name, a in (("x1", x1), ("x2", x2), ("kernel", kernel)))
    bias = None if bias is None else _checks.real("bilinear", "bias", bias)
    _checks.rank("bilinear", "kernel", kernel, 3, "(in1, in2, out)")
    _checks.min_rank("bilinear", "x1", x1, 1, "(*batch, in1)")
    _checks.shape("bilinear", "x2", x2, (*x1.shape[:-1], kernel.shape[1]), f"the batch of x1 {x1.shape} and in2 of kernel {kernel.shape}")
    if x1.shape[-1] != kernel.shape[0]:
        raise ValueError(f"bilinear: x1 has shape {x1.shape}; it needs {kernel.shape[0]} features, one for each row of kernel {kernel.shape}")
    dtype = _checks.result_dtype(x1, x2, kernel, bias)
    sums = _checks.accumulator(dtype)
    # measured with 8 to 64 features and outputs, CPU, with gradient: einsum's own order is near the best of either input first and of the pairs first
    y = jnp.einsum("...i,...j,ijo->...o", x1.astype(sums), x2.astype(sums), kernel.astype(sums))
    if bias is not None:
        _checks.shape("bilinear", "bias", bias, kernel.shape[2:], "one for each output of kernel")
        y = y + bias.astype(sums).reshape((1,) * (y.ndim - 1) + bias.shape)
    return y.astype(dtype)


def embedding(ids: Integer[Array, "*batch"], table: Float[Array, "vocabulary features"]) -> Float[Array, "*batch features"]:
    """The row of a table for each id: y = table[id].

    As `jnp.take`: an id of vocabulary or more, or below −vocabulary, gives a row of NaN and no gradient, and an id from −vocabulary to −1 counts from the end.
    (PyTorch refuses them all, NumPy's brackets under `jit` would clamp them, `one_hot` makes zeros of them.)

    Args:
        ids: integers of any shape.
        table: `(vocabulary, features)`, at least one row.

    Returns:
        `(*batch, features)` in the dtype of table. The gradient of a row is the sum over its uses, summed in float32 for float16 and bfloat16.

    Raises:
        TypeError: ids are not integers, or table is not floating point.
        ValueError: table is not rank 2, or has no row.

    References:
        Bengio, Ducharme, Vincent & Jauvin, A Neural Probabilistic Language Model (2003), section 2, the matrix C.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import embedding
        >>> embedding(jnp.array([1, 0, 9]), jnp.array([[1.0, 2.0], [3.0, 4.0]])).tolist()
        [[3.0, 4.0], [1.0, 2.0], [nan, nan]]
    """
    ids, table = _checks.integers("embedding", "ids", ids), _checks.real("embedding", "table", table)
    _checks.rank("embedding", "table", table, 2, "(vocabulary, features)")
    if not table.shape[0]:
        raise ValueError(f"embedding: table has shape {table.shape}; it needs at least one row")
    # an id of few bits could not even hold the number of rows that a negative one is counted back from
    ids = ids.astype(jnp.int32) if ids.dtype.itemsize < 4 else ids
    return jnp.take(table.astype(_checks.accumulator(table.dtype)), ids, axis=0, mode="fill", fill_value=jnp.nan).astype(table.dtype)


def dot_product_attention(
    query: Float[Array, "*batch T N H"],
    key: Float[Array, "*batch S K H"],
    value: Float[Array, "*batch S K H"],
    bias: Float[Array, "..."] | None = None,
    mask: Bool[Array, "..."] | None = None,
    *,
    scale: float | None = None,
    is_causal: bool = False,
    query_seq_lengths: Integer[Array, " B"] | None = None,
    key_value_seq_lengths: Integer[Array, " B"] | None = None,
    local_window_size: int | tuple[int, int] | None = None,
    implementation: Literal["xla", "cudnn"] | None = None,
    return_residual: bool = False,
) -> Float[Array, "*batch T N H"] | tuple[Float[Array, "*batch T N H"], Float[Array, "*batch T N"]]:
    """For each head, the mean of the values weighted by how well their keys fit the query: y = softmax(scale · Q Kᵀ + bias) V.

    The function of `jax.nn`, whose own takes the softmax of float64 in float32 and refuses mixed dtypes. As there, a query that may see no key gives
    the plain mean of all values (PyTorch gives 0), and True in the mask keeps a pair. Layout: time before heads, as in `jax.nn` (PyTorch: heads first).

    Args:
        query: `(B, T, N, H)`, or `(T, N, H)` for one example: T queries, N heads, H features.
        key: `(B, S, K, H)` or `(S, K, H)`: S keys, K heads; K divides N, and N // K adjacent query heads share one.
        value: the shape of key.
        bias: added to the scaled products; every axis of `(B, N, T, S)` may be 1, and the first ones may be left out.
        mask: bool, True where a query sees a key; shaped as bias may be.
        scale: None for 1 / √H.
        is_causal: True lets query t see the keys s ≤ t alone.
        query_seq_lengths: `(B,)`, the queries of each example; those beyond give 0.
        key_value_seq_lengths: `(B,)`, the keys of each example; those beyond are not seen.
        local_window_size: (left, right), or one int for both: query t sees the keys from t − left to t + right alone.
        implementation: None or "xla" for this function, "cudnn" for that of `jax.nn` on a GPU.
        return_residual: True gives (y, residual), where the residual is the logarithm of the sum that the softmax divides by.

    Returns:
        The shape of query, and with return_residual also `(B, T, N)` or `(T, N)`, in the promoted dtype; float16 and bfloat16 compute in float32. The
        residual of a query that sees no key is −inf.

    Raises:
        TypeError: an array or a setting is of the wrong kind.
        ValueError: the shapes do not fit, or a setting is out of its range.

    References:
        Vaswani et al., Attention Is All You Need (2017), equation 1.
        Ainslie et al., GQA (2023), section 2.2, for keys that are shared by heads.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview import dot_product_attention
        >>> one = jnp.array([[[0.0]], [[0.0]]])
        >>> dot_product_attention(one, one, jnp.array([[[2.0]], [[4.0]]]), is_causal=True).ravel().tolist()
        [2.0, 3.0]
    """
    where = "dot_product_attention"
    query, key, value = (_checks.real(where, name, a) for name, a in (("query", query), ("key", key), ("value", value)))
    single, (q, k, v) = query.ndim == 3, (a[None] if a.ndim == 3 else a for a in (query, key, value))
    _checks.rank(where, "query", q, 4, "(B, T, N, H), or rank 3, (T, N, H)")
    if key.ndim != query.ndim or k.shape[0] != q.shape[0] or k.shape[3] != q.shape[3]:
        raise ValueError(f"{where}: key has shape {key.shape}; it needs the rank, the batch and the features of query {query.shape}")
    _checks.same_shape(where, "key", key, "value", value)
    (batch, queries, heads, features), keys = q.shape, k.shape[1]
    if not k.shape[2] or heads % k.shape[2]:
        raise ValueError(f"{where}: query has shape {query.shape} with {heads} heads; it needs a multiple of the heads of key {key.shape}")
    pairs = (batch, heads, queries, keys)
    bias = None if bias is None else _over_pairs("bias", _checks.real(where, "bias", bias), pairs)
    mask = None if mask is None else _over_pairs("mask", _checks.array(where, "mask", mask), pairs)
    if mask is not None and mask.dtype != jnp.bool_:
        raise TypeError(f"{where}: mask has dtype {mask.dtype}; it needs bool (what is added belongs in bias)")
    query_lengths, key_lengths = (
        _lengths(name, a, batch) for name, a in (("query_seq_lengths", query_seq_lengths), ("key_value_seq_lengths", key_value_seq_lengths))
    )
    factor = 1 / math.sqrt(features) if scale is None else _checks.number(where, "scale", scale)
    is_causal, return_residual = _checks.flag(where, "is_causal", is_causal), _checks.flag(where, "return_residual", return_residual)
    window = None if local_window_size is None else _windows.per_axis(where, "local_window_size", local_window_size, 2, minimum=0)
    _checks.choice(where, "implementation", implementation, (None, "xla", "cudnn"))
    if implementation == "cudnn":
        settings: dict[str, Any] = dict(is_causal=is_causal, local_window_size=window, return_residual=return_residual)
        lengths = dict(query_seq_lengths=query_lengths, key_value_seq_lengths=key_lengths)
        return jax.nn.dot_product_attention(query, key, value, bias, mask, scale=factor, implementation="cudnn", **lengths, **settings)
    dtype = _checks.result_dtype(query, key, value, bias)
    sums = _checks.accumulator(dtype)
    groups = (k.shape[2], heads // k.shape[2])
    q = q.reshape(batch, queries, *groups, features)
    scores = factor * jnp.einsum("btkgh,bskh->bkgts", q.astype(sums), k.astype(sums)).reshape(pairs)
    if bias is not None:
        scores = scores + bias.astype(sums)
    seen = _seen(mask, queries, keys, is_causal, window, query_lengths, key_lengths)
    if seen is not None:
        # a row without a key is set to equal scores, not to −∞, of which the softmax is NaN
        some = seen.any(-1, keepdims=True)
        scores = jnp.where(seen, scores, jnp.where(some, -jnp.inf, jnp.zeros((), sums)))
    weights = jax.nn.softmax(scores, -1).reshape(batch, *groups, queries, keys)
    y = jnp.einsum("bkgts,bskh->btkgh", weights, v.astype(sums)).reshape(batch, queries, heads, features)
    if query_lengths is not None:
        y = jnp.where(jnp.arange(queries, dtype=jnp.int32)[None, :, None, None] < query_lengths[:, None, None, None], y, jnp.zeros((), sums))
    y = (y[0] if single else y).astype(dtype)
    if not return_residual:
        return y
    residual = logsumexp(scores, -1)
    if seen is not None:
        residual = jnp.where(jnp.broadcast_to(seen, pairs).any(-1), residual, -jnp.inf)
    residual = jnp.swapaxes(residual, 1, 2).astype(dtype)
    return y, residual[0] if single else residual


def _over_pairs(name: str, array: Array, pairs: tuple[int, ...]) -> Array:
    """An array over pairs of a query and a key with all four axes, some of them 1."""
    if array.ndim > 4 or any(size not in (1, full) for size, full in zip(array.shape[::-1], pairs[::-1], strict=False)):
        raise ValueError(f"dot_product_attention: {name} has shape {array.shape}; it needs (batch, heads, queries, keys) {pairs} or 1 on an axis")
    return array.reshape((1,) * (4 - array.ndim) + array.shape)


def _lengths(name: str, lengths: Array | None, batch: int) -> Array | None:
    if lengths is None:
        return None
    lengths = _checks.integers("dot_product_attention", name, lengths)
    _checks.shape("dot_product_attention", name, lengths, (batch,), "one for each example")
    return lengths.astype(jnp.int32)


def _seen(
    mask: Array | None,
    queries: int,
    keys: int,
    is_causal: bool,
    window: tuple[int, ...] | None,
    query_lengths: Array | None,
    key_lengths: Array | None,
) -> Array | None:
    """Which pairs count, over (batch, heads, queries, keys) with 1 where an axis does not matter; None for all."""
    t, s = jnp.arange(queries, dtype=jnp.int32)[None, None, :, None], jnp.arange(keys, dtype=jnp.int32)[None, None, None, :]
    parts = [] if mask is None else [mask]
    if is_causal:
        parts.append(s <= t)
    if window is not None:
        parts.append((s >= t - window[0]) & (s <= t + window[1]))
    if query_lengths is not None:
        parts.append(t < query_lengths[:, None, None, None])
    if key_lengths is not None:
        parts.append(s < key_lengths[:, None, None, None])
    seen = None
    for part in parts:
        seen = part if seen is None else seen & part
    return seen
