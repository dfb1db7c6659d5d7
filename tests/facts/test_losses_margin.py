"""Margin losses, worked by hand: values, slopes at the kinks, targets of any kind, and scores far out."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview.losses import (
    hinge_embedding_loss,
    logistic_loss,
    margin_ranking_loss,
    multi_margin_loss,
    multilabel_margin_loss,
    multilabel_soft_margin_loss,
    soft_margin_loss,
    squared_hinge_loss,
)

from agree import agree


def slope(loss, *args, at=0, **settings):
    """The gradient of the sum with respect to the argument ``at``."""
    return jax.grad(lambda *a: loss(*a, **settings).sum(), at)(*args)


def test_squared_hinge_by_hand():
    # (1 − ½)² = ¼, (1 + 1)² = 4, nothing beyond 1; slopes −2t(1 − tz).
    z, t = jnp.array([0.5, -1.0, 3.0, 0.5]), jnp.array([1, 1, 1, -1])
    assert squared_hinge_loss(z, t).tolist() == [0.25, 4.0, 0.0, 2.25]
    assert slope(squared_hinge_loss, z, t.astype(float)).tolist() == [-1.0, -4.0, 0.0, 3.0]


def test_squared_hinge_where_it_bends():
    one = jnp.array([1.0])
    assert slope(squared_hinge_loss, one, one).tolist() == [0.0]
    assert jax.hessian(lambda z: squared_hinge_loss(z, jnp.array(1.0)))(jnp.array(1.0)).item() == 2.0


def test_soft_margin_is_the_logistic_loss():
    z, t = jnp.linspace(-40.0, 40.0, 18), jnp.tile(jnp.array([1, -1]), 9)
    agree(soft_margin_loss(z, t), logistic_loss(z, (t + 1) // 2), "float32")
    # log 2 at 0, slope −t/2.
    agree(soft_margin_loss(jnp.zeros(2), jnp.array([1, -1])), np.full(2, math.log(2)), "float32")
    assert slope(soft_margin_loss, jnp.zeros(2), jnp.array([1, -1])).tolist() == [-0.5, 0.5]


def test_soft_margin_far_out():
    # PyTorch's exp overflows; the limit is |z| or 0.
    z, t = jnp.array([1e4, 1e4, -1e38, math.inf]), jnp.array([1, -1, 1, 1])
    agree(soft_margin_loss(z, t), jnp.array([0.0, 1e4, 1e38, 0.0]), "float32")
    assert slope(soft_margin_loss, z, t).tolist() == [0.0, 1.0, -1.0, 0.0]


def test_hinge_embedding_by_hand():
    # t = 1 pays the distance, t = −1 what it lacks to the margin 2; at the margin the slope is still −1, and 0 beyond.
    x, t = jnp.array([0.5, -0.5, 0.5, 2.0, 3.0]), jnp.array([1, 1, -1, -1, -1])
    assert hinge_embedding_loss(x, t, margin=2.0).tolist() == [0.5, -0.5, 1.5, 0.0, 0.0]
    assert slope(hinge_embedding_loss, x, t, margin=2.0).tolist() == [1.0, 1.0, -1.0, -1.0, 0.0]


def test_margin_ranking_by_hand():
    # max(0, m − t(x1 − x2)) with m = ½: 3 over 1 is enough for t = 1, and 2½ wrong for t = −1.
    a, b, t = jnp.array([3.0, 3.0, 1.0]), jnp.array([1.0, 1.0, 1.0]), jnp.array([1, -1, 1])
    assert margin_ranking_loss(a, b, t, margin=0.5).tolist() == [0.0, 2.5, 0.5]
    assert slope(margin_ranking_loss, a, b, t, margin=0.5).tolist() == [0.0, 1.0, -1.0]
    # A tie with margin 0 costs 0 and is pushed apart.
    assert margin_ranking_loss(b, b, t).tolist() == [0.0, 0.0, 0.0]
    assert slope(margin_ranking_loss, b, b, t).tolist() == [-1.0, 1.0, -1.0]
    assert slope(margin_ranking_loss, b, b, t, at=1).tolist() == [1.0, -1.0, 1.0]


def test_multi_margin_by_hand():
    # y = 0: (max(0, 1 − 2 + 1½) + max(0, 1 − 2 − 1))/3 = ½/3; its square ¼/3; with weight 6 six times.
    z, y = jnp.array([[2.0, 1.5, -1.0]]), jnp.array([0])
    agree(multi_margin_loss(z, y), np.array([0.5 / 3]), "float32")
    agree(multi_margin_loss(z, y, p=2), np.array([0.25 / 3]), "float32")
    agree(multi_margin_loss(z, y, class_weights=jnp.array([6.0, 1.0, 1.0])), np.array([1.0]), "float32")
    # A lead of 0.5 is enough for a margin of 0.5, and where the hinge bends the slope is 0.
    assert multi_margin_loss(z, y, margin=0.5).tolist() == [0.0]
    assert slope(multi_margin_loss, z, y, margin=0.5).tolist() == [[0.0, 0.0, 0.0]]
    agree(slope(multi_margin_loss, z, y), np.array([[-1.0, 1.0, 0.0]]) / 3, "float32")


def test_multi_margin_of_one_class_costs_nothing():
    assert multi_margin_loss(jnp.array([[5.0]]), jnp.array([0])).tolist() == [0.0]


def test_the_mean_over_classes_does_not_overflow():
    # Three excesses of 2e38 add up to more than float32 holds, and are 1.5e38 on average over four classes.
    z, y = jnp.array([-1e38, 1e38, 1e38, 1e38]), jnp.array(0)
    agree(multi_margin_loss(z, y), np.array(1.5e38), "float32")
    agree(multilabel_margin_loss(z, jnp.array([0, -1, 0, 0])), np.array(1.5e38), "float32")
    agree(multilabel_soft_margin_loss(3 * z, jnp.array([1, 0, 0, 0])), np.array(3e38), "float32")
    assert jnp.isfinite(slope(multi_margin_loss, z, y)).all()


def test_a_class_of_weight_zero_costs_nothing():
    z = jnp.array([[0.0, math.inf]])
    for p in (1, 2):
        assert multi_margin_loss(z, jnp.array([0]), p=p, class_weights=jnp.array([0.0, 1.0])).tolist() == [0.0]
    assert multilabel_soft_margin_loss(z, jnp.array([[1, 0]]), class_weights=jnp.array([0.0, 0.0])).tolist() == [0.0]


def test_multilabel_margin_by_hand():
    # Classes 3 and 1 against 0 and 2: (0 + 0) for z = 2, and (1 − ½ + 0) + (1 − ½ + 1) = 2 for z = ½; by 4 classes ½.
    z = jnp.array([0.0, 0.5, 1.0, 2.0])
    assert multilabel_margin_loss(z, jnp.array([3, 1, -1, 0])).item() == 0.5
    # The gap of 3 against 2 is exactly 0: no slope. Class 1 loses ¼ for each of the two others.
    assert slope(multilabel_margin_loss, z, jnp.array([3, 1, -1, 0])).tolist() == [0.25, -0.5, 0.25, 0.0]


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "int32", "uint32"])
def test_what_the_slots_hold(dtype):
    z = jnp.array([0.0, 0.5, 1.0])
    # All classes listed: nobody to compare with.
    assert multilabel_margin_loss(z, jnp.array([2, 0, 1], dtype)).item() == 0.0
    # Listed twice counts twice: 2 · (1 + ½ + 1 + 1)/3 for class 0.
    agree(multilabel_margin_loss(z, jnp.array([0, 0, 0], dtype)), np.array(3 * 3.5 / 3), "float32")


def test_the_first_minus_one_ends_the_list():
    z = jnp.array([0.0, 0.5, 1.0])
    assert multilabel_margin_loss(z, jnp.array([-1, 0, 1])).item() == 0.0
    agree(multilabel_margin_loss(z, jnp.array([1, -1, 0])), np.array((0.5 + 1.5) / 3), "float32")
    agree(multilabel_margin_loss(z, jnp.array([1, -1, -1])), np.array((0.5 + 1.5) / 3), "float32")
    # While traced an index that is no class gives NaN before the end of the list, and nothing after it.
    traced = jax.jit(multilabel_margin_loss)
    assert jnp.isnan(traced(z, jnp.array([3, -1, 0])))
    assert jnp.isnan(traced(z, jnp.array([-2, 1, -1])))
    agree(traced(z, jnp.array([1, -1, 7])), np.array((0.5 + 1.5) / 3), "float32")


def test_multilabel_soft_margin_by_hand():
    # At z = 0 every class costs log 2, whatever its target; the weights 1 and 3 average to 2.
    z, t = jnp.zeros((1, 2)), jnp.array([[0.0, 0.25]])
    agree(multilabel_soft_margin_loss(z, t), np.array([math.log(2)]), "float32")
    agree(multilabel_soft_margin_loss(z, t, class_weights=jnp.array([1.0, 3.0])), np.array([2 * math.log(2)]), "float32")
    # Slopes w(σ(0) − t)/K.
    assert slope(multilabel_soft_margin_loss, z, t, class_weights=jnp.array([1.0, 3.0])).tolist() == [[0.25, 0.375]]


def test_multilabel_soft_margin_is_the_mean_of_logistic_losses():
    rng = np.random.default_rng(0)
    z, t = jnp.asarray(30 * rng.standard_normal((4, 3)), "float32"), jnp.asarray(rng.integers(0, 2, (4, 3)))
    agree(multilabel_soft_margin_loss(z, t), logistic_loss(z, t).mean(-1), "float32")
    assert jnp.array_equal(multilabel_soft_margin_loss(z, t.astype(bool)), multilabel_soft_margin_loss(z, t))


SIGNED = {
    "squared hinge": squared_hinge_loss,
    "soft margin": soft_margin_loss,
    "hinge embedding": hinge_embedding_loss,
    "margin ranking": lambda z, t: margin_ranking_loss(z, jnp.zeros_like(z), t),
}


@pytest.mark.parametrize("loss", SIGNED.values(), ids=SIGNED)
@pytest.mark.parametrize("dtype", ["int8", "int32", "float16", "float32"])
def test_signs_of_any_kind(loss, dtype):
    z, t = jnp.array([0.25, -0.5, 2.0]), jnp.array([1, -1, -1])
    with jax.numpy_dtype_promotion("standard"):
        got = loss(z, t.astype(dtype))
    assert jnp.array_equal(got, loss(z, t.astype("float32")))
    assert got.dtype == jnp.float32
    if dtype.startswith("int"):
        assert loss(z.astype("float16"), t.astype(dtype)).dtype == jnp.float16


@pytest.mark.parametrize("loss", SIGNED.values(), ids=SIGNED)
@pytest.mark.parametrize("wrong", [0, 2, -3])
def test_signs_are_looked_at_only_when_they_can_be(loss, wrong):
    z, t = jnp.array([0.25, -0.5]), jnp.array([1, wrong])
    with pytest.raises(ValueError, match=f"targets holds {wrong}"):
        loss(z, t)
    with pytest.raises(ValueError, match=f"targets holds {wrong}"):
        jax.jit(lambda a: loss(a, t))(z)  # a closed-over target is still concrete
    assert jax.jit(loss)(z, t).shape == (2,)
    # Where a sign chooses between two formulas, another target chooses neither.
    assert bool(jnp.isnan(jax.jit(loss)(z, t)[1])) == (loss is hinge_embedding_loss)


@pytest.mark.parametrize("loss", SIGNED.values(), ids=SIGNED)
def test_nan_goes_through_the_hinge(loss):
    nan = jnp.array([math.nan, 0.0])
    for t in (jnp.array([1, 1]), jnp.array([-1, -1])):
        assert jnp.isnan(loss(nan, t)).tolist() == [True, False]


def test_nan_goes_through_the_classes():
    # PyTorch's comparison drops it.
    z = jnp.array([0.0, math.nan, 1.0])
    assert jnp.isnan(multi_margin_loss(z, jnp.array(0)))
    assert jnp.isnan(multi_margin_loss(z, jnp.array(1)))
    assert jnp.isnan(multilabel_margin_loss(z, jnp.array([0, -1, -1])))
    assert jnp.isnan(multilabel_soft_margin_loss(z, jnp.array([0, 1, 1])))


@pytest.mark.parametrize("label", [-1, 3, 1000])
def test_a_traced_label_out_of_range_is_nan(label):
    z, labels = jnp.zeros((2, 3)), jnp.array([label, 1])
    got = jax.jit(lambda a, b: multi_margin_loss(a, b, class_weights=jnp.ones(3)))(z, labels)
    assert jnp.isnan(got[0])
    agree(got[1], np.array(2 / 3), "float32")


def test_halves_are_summed_in_float32():
    # 2047 excesses of 1 over 2048 classes: a bfloat16 sum of 1/2048 stops at 2⁻¹¹ · 2⁸ = 1/8.
    z = jnp.zeros((1, 2048), jnp.bfloat16)
    assert multi_margin_loss(z, jnp.array([0])).tolist() == [1.0]
    assert multi_margin_loss(z, jnp.array([0])).dtype == jnp.bfloat16
    assert multilabel_soft_margin_loss(z, jnp.zeros((1, 2048), int)).tolist() == [float(jnp.bfloat16(math.log(2)))]
    # 1 + 2⁻⁹ and 1 − 2⁻⁹ are both 1 in bfloat16.
    tiny = jnp.array([2.0**-9], jnp.bfloat16)
    assert squared_hinge_loss(tiny, jnp.array([-1])).tolist() == [1.0 + 2.0**-7]


def test_empty_batches():
    for loss in SIGNED.values():
        assert loss(jnp.zeros((0, 3)), jnp.zeros((0, 3), int)).shape == (0, 3)
    assert multi_margin_loss(jnp.zeros((0, 3)), jnp.zeros((0,), int)).shape == (0,)
    assert multilabel_margin_loss(jnp.zeros((2, 0, 3)), jnp.zeros((2, 0, 3), int)).shape == (2, 0)
    assert multilabel_soft_margin_loss(jnp.zeros((0, 3)), jnp.zeros((0, 3), int), class_weights=jnp.ones(3)).shape == (0,)
    assert slope(multilabel_margin_loss, jnp.zeros((0, 3)), jnp.zeros((0, 3), int)).shape == (0, 3)
