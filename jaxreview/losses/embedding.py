"""Losses of the distance or the angle between two or three vectors."""

import math

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float, Real

from jaxreview import _checks
from jaxreview.losses._signs import cut_open, sign_targets
from jaxreview.losses._units import unit_of

__all__ = ["cosine_embedding_loss", "triplet_margin_loss"]

# What PyTorch adds to the two squared norms of the cosine.
_SQUARE = 9.999999960041972e-13  # 10⁻¹² as a float32


def cosine_embedding_loss(
    x1: Float[Array, "*batch D"], x2: Float[Array, "*batch D"], targets: Real[Array, "*batch"], *, margin: float = 0.0
) -> Float[Array, "*batch"]:
    """Loss of the angle between two vectors: 1 − cos(x1, x2) where t = 1, and max(0, cos(x1, x2) − margin) where t = −1.

    As in PyTorch cos(a, b) = a·b/√((|a|² + 10⁻¹²)(|b|² + 10⁻¹²)), which is 0 for a vector of zeros, with a finite slope, and the slope where
    cos = margin is that of the line. The squares are taken in units of the largest coordinate, if that exceeds 1, so that they do not overflow.

    Args:
        x1: `(*batch, D)`.
        x2: the shape of x1.
        targets: t, 1 for a pair that belongs together and −1 for one that does not, `(*batch,)`; integers are converted.
        margin: the largest cosine that costs nothing where t = −1, in [−1, 1].

    Returns:
        `(*batch,)`, in the promoted dtype of the floating point arguments; float16 and bfloat16 are summed in float32.
        Under ``jit`` and the like a target that is neither 1 nor −1 gives NaN.

    Raises:
        TypeError: x1 or x2 is not floating point, targets is neither floating point nor integer, or margin is not a static number.
        ValueError: the shapes do not fit, margin lies outside [−1, 1], or a concrete target is neither 1 nor −1.

    References:
        PyTorch 2, torch.nn.CosineEmbeddingLoss.

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import cosine_embedding_loss
        >>> cosine_embedding_loss(jnp.array([[3.0, 0.0], [3.0, 0.0]]), jnp.array([[0.0, 2.0], [2.0, 0.0]]), jnp.array([1, -1]), margin=0.5).tolist()
        [1.0, 0.5]
    """
    where = "cosine_embedding_loss"
    margin = _checks.number(where, "margin", margin, low=-1.0, high=1.0)
    x1, x2 = _checks.real(where, "x1", x1), _checks.real(where, "x2", x2)
    targets = sign_targets(where, targets, x1)
    _checks.min_rank(where, "x1", x1, 1, "with a feature axis")
    _checks.same_shape(where, "x1", x1, "x2", x2)
    _checks.shape(where, "targets", targets, x1.shape[:-1], f"one for each pair of vectors of x1 {x1.shape}")
    dtype = _checks.result_dtype(x1, x2, targets)
    x1, x2, t = (a.astype(_checks.accumulator(dtype)) for a in (x1, x2, targets))
    cosine = jnp.sum(_direction(x1) * _direction(x2), -1)
    return jnp.where(t == 1, 1.0 - cosine, jnp.where(t == -1, cut_open(cosine - margin), jnp.nan)).astype(dtype)


def triplet_margin_loss(
    anchors: Float[Array, "*batch D"],
    positives: Float[Array, "*batch D"],
    negatives: Float[Array, "*batch D"],
    *,
    margin: float = 1.0,
    p: float = 2,
    swap: bool = False,
    eps: float = 1e-6,
) -> Float[Array, "*batch"]:
    """Hinge loss of two distances: max(0, margin + d(a, p) − d(a, n)), with d(x, y) = (Σ_f |x_f − y_f + ε|^p)^(1/p).

    As in PyTorch ε is added to each difference (optax adds it to their sum), so that equal vectors are D^(1/p)·ε apart, with a slope; where a
    distance has no slope, at 0 = ε and for p ≤ 1 along a coordinate of 0, this one is 0. The slope where the hinge bends is that of the line, and
    of equal distances in ``swap``, or equal largest differences for p = ∞, each gets its share.

    Args:
        anchors: a, `(*batch, D)`.
        positives: p, vectors that belong with the anchors, the shape of anchors.
        negatives: n, vectors that do not, the shape of anchors.
        margin: by how much the negative shall be farther than the positive, ≥ 0, in the unit of the vectors.
        p: the power of the distance, greater than 0, or inf.
        swap: whether min(d(a, n), d(p, n)) stands for d(a, n), so that a negative near the positive counts too.
        eps: ε ≥ 0, in the unit of the vectors.

    Returns:
        `(*batch,)`, in the promoted dtype; float16 and bfloat16 are summed in float32.

    Raises:
        TypeError: an array is not floating point, or a setting is of another kind.
        ValueError: the shapes differ, margin or eps is negative, or p is not greater than 0.

    References:
        Balntas et al., Learning Shallow Convolutional Feature Descriptors with Triplet Losses (2016).

    Examples:
        >>> import jax.numpy as jnp
        >>> from jaxreview.losses import triplet_margin_loss
        >>> triplet_margin_loss(jnp.array([0.0, 0.0]), jnp.array([3.0, 4.0]), jnp.array([0.0, 2.0]), margin=0.5, eps=0.0).tolist()
        3.5
    """
    where = "triplet_margin_loss"
    margin, eps = _checks.number(where, "margin", margin, low=0.0), _checks.number(where, "eps", eps, low=0.0)
    p, swap = _checks.number(where, "p", p, above=0.0), _checks.flag(where, "swap", swap)
    a, b, c = _checks.real(where, "anchors", anchors), _checks.real(where, "positives", positives), _checks.real(where, "negatives", negatives)
    _checks.min_rank(where, "anchors", a, 1, "with a feature axis")
    _checks.same_shape(where, "anchors", a, "positives", b)
    _checks.same_shape(where, "anchors", a, "negatives", c)
    dtype = _checks.result_dtype(a, b, c)
    a, b, c = (v.astype(_checks.accumulator(dtype)) for v in (a, b, c))
    far = _length(a - c + eps, p)
    if swap:
        far = jnp.minimum(far, _length(b - c + eps, p))
    return cut_open(margin + _length(a - b + eps, p) - far).astype(dtype)


def _largest(x: Array) -> Array:
    """The largest |x| along the last axis, kept, as a constant; 0 if that axis is empty."""
    return jnp.max(jnp.abs(lax.stop_gradient(x)), -1, keepdims=True, initial=0.0)


def _direction(x: Array) -> Array:
    """x/√(|x|² + 10⁻¹²) along the last axis."""
    unit = unit_of(_largest(x), 1.0)  # a constant unit changes neither the value nor a derivative
    x, small = x / unit, math.sqrt(_SQUARE) / unit
    return x / jnp.sqrt(jnp.sum(x * x, -1, keepdims=True) + small * small)


def _length(d: Array, p: float) -> Array:
    """(Σ|d|^p)^(1/p) along the last axis, with slope 0 where it has none."""
    size = d * jnp.sign(d)  # jnp.abs has gradient 1 at 0
    if p == 1:
        return jnp.sum(size, -1)
    if p == math.inf:
        return jnp.max(size, -1, initial=0.0)
    unit = unit_of(_largest(d), 0.0)  # powers of shares of the largest neither overflow nor all vanish
    size = size / unit
    zero = size == 0
    powers = size * size if p == 2 else jnp.where(zero, 0.0, jnp.where(zero, 1.0, size) ** p)  # for p < 1 a power has an infinite slope at 0
    total = jnp.sum(powers, -1)
    apart = total != 0
    total = jnp.where(apart, total, 1.0)  # the root has an infinite slope at 0
    root = jnp.sqrt(total) if p == 2 else total ** (1 / p)
    return jnp.where(apart, jnp.squeeze(unit, -1) * root, 0.0)
