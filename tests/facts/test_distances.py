"""Distances: exact zeros, finite slopes, no overflow; and how the neighbours' vote breaks its ties."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview.distances import cosine_similarity, knn_classify, pairwise_distance

from agree import agree

POWERS = [0, 0.5, 1, 1.5, 2, 3, 3.5, 4, 100, math.inf]


def slopes(x, y, p):
    return jax.grad(lambda a, b: pairwise_distance(a, b, p=p).sum(), (0, 1))(x, y)


def test_by_hand():
    # The triangle 3, 4: 7 by streets, 5 by air, 4 by its larger side; ∛(27 + 64) = ∛91; (√3 + 2)² at p = ½; 2 coordinates differ.
    x, y = jnp.zeros((1, 2)), jnp.array([[3.0, -4.0]])
    want = {1: 7.0, 2: 5.0, math.inf: 4.0, 3: 91 ** (1 / 3), 0.5: (math.sqrt(3) + 2) ** 2, 0: 2.0}
    for p, distance in want.items():
        agree(pairwise_distance(x, y, p=p), np.array([[distance]]), "float32")
    # Slopes by y: 3/5, −4/5; signs; the larger one's sign.
    agree(slopes(x, y, 2)[1], np.array([[0.6, -0.8]]), "float32")
    assert slopes(x, y, 1)[1].tolist() == [[1.0, -1.0]]
    assert slopes(x, y, math.inf)[1].tolist() == [[0.0, -1.0]]
    assert slopes(x, y, 0)[1].tolist() == [[0.0, 0.0]]


@pytest.mark.parametrize("p", POWERS)
def test_a_point_is_at_distance_zero_from_itself(p):
    # Also far from 0, where |x|² + |y|² − 2 x·y is off by more than 1.
    x = jnp.asarray(1e3 + np.random.default_rng(0).standard_normal((5, 7)), "float32")
    d = pairwise_distance(x, x, p=p)
    assert (jnp.diag(d) == 0).all()
    agree(d, d.T, "float32")


@pytest.mark.parametrize("p", POWERS)
def test_slopes_at_equal_points_are_zero(p):
    x = jnp.array([[1.0, -2.0, 3.0]])
    assert slopes(x, x, p)[0].tolist() == [[0.0, 0.0, 0.0]]
    curvature = jax.hessian(lambda a: pairwise_distance(a, x, p=p).sum())(x)
    assert jnp.isfinite(curvature).all()


@pytest.mark.parametrize("p", POWERS)
def test_slopes_along_equal_coordinates(p):
    # One coordinate differs: the distance is its size, with slope 1 there and 0 elsewhere.
    x, y = jnp.array([[1.0, 5.0, 3.0]]), jnp.array([[1.0, 3.0, 3.0]])
    assert slopes(x, y, p)[0].tolist() == ([[0.0, 0.0, 0.0]] if p == 0 else [[0.0, 1.0, 0.0]])
    assert jnp.isfinite(jax.hessian(lambda a: pairwise_distance(a, y, p=p).sum())(x)).all()


def test_the_first_of_equal_differences_gets_the_slope():
    x, y = jnp.array([[2.0, -2.0, 2.0]]), jnp.zeros((1, 3))
    assert slopes(x, y, math.inf)[0].tolist() == [[1.0, 0.0, 0.0]]


@pytest.mark.parametrize("p", [1, 1.5, 2, 3.5, math.inf])
@pytest.mark.parametrize("size", [1e-30, 1e-18, 1e18, 1e30])
def test_sizes_whose_powers_leave_float32(p, size):
    x, y = jnp.array([[3.0, 0.0]]) * size, jnp.array([[0.0, 4.0]]) * size
    want = 4.0 if p == math.inf else (3**p + 4**p) ** (1 / p)
    agree(pairwise_distance(x, y, p=p), np.array([[want * size]]), "float32")
    agree(slopes(x, y, p), slopes(x / size, y / size, p), "float32")


def test_infinite_and_undefined_points():
    x = jnp.array([[math.inf, 0.0], [math.nan, 0.0], [0.0, 0.0]])
    for p in (1, 2, 3.5, math.inf):
        d = pairwise_distance(x, jnp.zeros((1, 2)), p=p)[:, 0]
        assert d[0] == math.inf
        assert jnp.isnan(d[1])
        assert d[2] == 0
    assert jnp.isnan(pairwise_distance(x, jnp.zeros((1, 2)), p=0)[1, 0])


def test_no_array_of_all_differences():
    # 300 · 400 · 512 differences would be 234 MiB; value and gradient together need a few (300, 400) arrays of half a MiB.
    both = jax.jit(jax.value_and_grad(lambda a, b: pairwise_distance(a, b, p=2).sum(), (0, 1)))
    memory = both.lower(jnp.zeros((300, 512)), jnp.zeros((400, 512))).compile().memory_analysis()
    assert memory.temp_size_in_bytes < 16 * 2**20


def test_halves_are_summed_in_float32():
    # 4096 differences of 1: the distance is 64, where a bfloat16 sum would stop at 256 and give 16.
    assert pairwise_distance(jnp.ones((1, 4096), "bfloat16"), jnp.zeros((1, 4096), "bfloat16")).tolist() == [[64.0]]


def test_empty_tables():
    for p in POWERS:
        assert pairwise_distance(jnp.zeros((0, 3)), jnp.zeros((2, 3)), p=p).shape == (0, 2)
        assert pairwise_distance(jnp.zeros((2, 3)), jnp.zeros((0, 3)), p=p).shape == (2, 0)
        assert pairwise_distance(jnp.zeros((2, 0)), jnp.zeros((3, 0)), p=p).tolist() == [[0.0] * 3] * 2
    assert knn_classify(jnp.zeros((0, 3)), jnp.zeros((2, 3)), jnp.array([1, 2], "int8"), k=1).shape == (0,)
    assert knn_classify(jnp.zeros((0, 3)), jnp.zeros((2, 3)), jnp.array([1, 2], "int8"), k=1).dtype == jnp.int8


def test_equal_distances_go_to_the_smaller_index():
    train = jnp.array([[1.0], [-1.0], [1.0]])
    assert knn_classify(jnp.zeros((1, 1)), train, jnp.array([5, 3, 4]), k=1).tolist() == [5]
    assert knn_classify(jnp.zeros((1, 1)), train[::-1], jnp.array([4, 3, 5]), k=1).tolist() == [4]
    # 1² + 8² = 4² + 7²: equal in exact arithmetic, and so here.
    train = jnp.array([[4.0, 7.0], [1.0, 8.0], [8.0, 1.0], [7.0, 4.0]])
    for shift in range(4):
        labels = jnp.arange(4)
        assert knn_classify(jnp.zeros((1, 2)), jnp.roll(train, shift, 0), labels, k=1).tolist() == [0]


def test_equal_votes_go_to_the_smaller_label():
    train = jnp.array([[0.1], [0.2], [0.3], [0.4], [0.5]])
    assert knn_classify(jnp.zeros((1, 1)), train, jnp.array([9, -2, 9, -2, 7]), k=4).tolist() == [-2]
    assert knn_classify(jnp.zeros((1, 1)), train, jnp.array([9, -2, 9, -2, 9]), k=5).tolist() == [9]
    assert knn_classify(jnp.zeros((1, 1)), train, jnp.array([9, 8, 7, 6, 5]), k=5).tolist() == [5]


def test_a_point_at_distance_nan_is_farthest():
    train = jnp.array([[math.nan], [math.inf], [1e30], [2.0]])
    labels = jnp.array([0, 1, 2, 3])
    got = [knn_classify(jnp.zeros((1, 1)), train, jnp.where(labels == nearest, -1, labels), k=1).tolist() for nearest in range(4)]
    assert got == [[3], [3], [3], [-1]]
    # All of the others before it, the infinite too: with k = 3 the NaN has no vote.
    assert knn_classify(jnp.zeros((1, 1)), train, jnp.array([0, 0, 1, 1]), k=3).tolist() == [1]
    assert knn_classify(jnp.zeros((1, 1)), train[:2], jnp.array([0, 1]), k=1).tolist() == [1]


@pytest.mark.parametrize("size", [1e-30, 1.0, 1e30])
def test_neighbours_do_not_depend_on_the_unit(size):
    rng = np.random.default_rng(0)
    x, train, labels = (
        jnp.asarray(a) for a in (rng.standard_normal((20, 3)).astype("float32"), rng.standard_normal((50, 3)).astype("float32"), rng.integers(0, 4, 50))
    )
    # A power of two is exact.
    unit = 2.0 ** round(math.log2(size))
    assert jnp.array_equal(knn_classify(x * unit, train * unit, labels, k=5), knn_classify(x, train, labels, k=5))


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32"])
def test_labels_keep_their_dtype_and_values(dtype):
    labels = jnp.array([3, 100, 3], dtype)
    got = knn_classify(jnp.array([[0.9]]), jnp.array([[0.0], [1.0], [9.0]]), labels, k=1)
    assert got.dtype == dtype
    assert got.tolist() == [100]


def test_blocks_of_queries_do_not_change_the_vote():
    # 2¹⁸ distances fit a block: 100 training points make blocks of 2621 queries, and 3000 queries two of different sizes.
    rng = np.random.default_rng(1)
    x, train, labels = rng.standard_normal((3000, 2)).astype("float32"), rng.standard_normal((100, 2)).astype("float32"), rng.integers(0, 5, 100)
    got = knn_classify(jnp.asarray(x), jnp.asarray(train), jnp.asarray(labels), k=3)
    near = np.argsort(((x[:, None].astype(float) - train[None].astype(float)) ** 2).sum(-1), axis=1, kind="stable")[:, :3]
    assert got.tolist() == [int(np.bincount(labels[row]).argmax()) for row in near]


def test_memory_of_many_training_points():
    # A row of 10⁵ distances is 0.4 MiB; all 64 · 10⁵ would be 24 MiB and all differences, of 32 features, 780 MiB.
    arguments = (jnp.zeros((64, 32)), jnp.zeros((100_000, 32)), jnp.zeros((100_000,), int))
    memory = jax.jit(lambda a, b, c: knn_classify(a, b, c, k=5)).lower(*arguments).compile().memory_analysis()
    assert memory.temp_size_in_bytes < 48 * 2**20


def test_many_training_points_within_a_gibibyte():
    # 10⁵ points of 64 features and 500 queries: arguments 25 MiB; all distances would be 190 MiB, all differences 12 GiB.
    arguments = (jnp.zeros((500, 64)), jnp.zeros((100_000, 64)), jnp.zeros((100_000,), int))
    memory = jax.jit(lambda a, b, c: knn_classify(a, b, c, k=5)).lower(*arguments).compile().memory_analysis()
    assert memory.temp_size_in_bytes + memory.argument_size_in_bytes + memory.output_size_in_bytes < 128 * 2**20
    # The distances themselves and their gradient: a few arrays of 190 MiB.
    both = jax.jit(jax.value_and_grad(lambda a, b: pairwise_distance(a, b).sum(), (0, 1)))
    memory = both.lower(*arguments[:2]).compile().memory_analysis()
    assert memory.temp_size_in_bytes + memory.argument_size_in_bytes + memory.output_size_in_bytes < 2**30


@pytest.mark.parametrize("p", [1.5, 2, 3])
def test_slopes_of_near_points_far_from_zero(p):
    # Pairs 2⁻¹⁰ apart at 1000 (exact in float32): slope ±1 where |x|² + |y|² − 2 x·y is noise; and a faint cotangent comes through.
    x = jnp.asarray([[1000.0, -1000.0], [7.0, 1000.0]])
    y = x + jnp.array([[2.0**-10, 0.0]])
    d, pull = jax.vjp(lambda a, b: jnp.diag(pairwise_distance(a, b, p=p)), x, y)
    agree(d, np.full(2, 2.0**-10), "float32")
    for size in (1.0, 1e-6):
        agree(pull(jnp.full(2, size))[1], np.array([[size, 0.0]] * 2), "float32")


def test_cosine_by_hand():
    x, y = jnp.array([[3.0, 4.0], [1.0, 0.0], [1.0, 1.0]]), jnp.array([[4.0, 3.0], [0.0, 2.0], [-2.0, -2.0]])
    agree(cosine_similarity(x, y), np.array([0.96, 0.0, -1.0]), "float32")
    # Its gradient by x is the part of y/‖y‖ across x, over ‖x‖: (0.8, 0.6) − 0.96 · (0.6, 0.8) = (0.224, −0.168), over 5.
    agree(jax.grad(lambda a: cosine_similarity(a, y[0]))(x[0]), np.array([0.0448, -0.0336]), "float32")


def test_cosine_of_zero_vectors():
    x, y = jnp.zeros(3), jnp.array([3.0, 0.0, 4.0])
    assert cosine_similarity(x, y).item() == 0.0
    assert cosine_similarity(x, x).item() == 0.0
    # x / eps · y/‖y‖: the slope is the direction over eps, not NaN and not 1/√eps.
    agree(jax.grad(lambda a: cosine_similarity(a, y, eps=0.01))(x), np.array([60.0, 0.0, 80.0]), "float32")
    agree(jax.grad(lambda a: cosine_similarity(a, y))(x), np.array([0.6e8, 0.0, 0.8e8]), "float32")
    assert jax.grad(lambda a: cosine_similarity(x, a))(x).tolist() == [0.0] * 3
    assert jnp.isfinite(jax.hessian(lambda a: cosine_similarity(a, y, eps=0.5))(x)).all()


def test_cosine_bounds_each_norm_alone():
    # ‖x‖ = 0.5 < eps = 2 counts as 2, ‖y‖ = 5 as itself: 0.5 · 3 / (2 · 5).
    agree(cosine_similarity(jnp.array([0.5, 0.0]), jnp.array([3.0, 4.0]), eps=2.0), np.array(0.15), "float32")
    # At ‖x‖ = eps the bound is a constant: the slope is that of x·y.
    agree(jax.grad(lambda a: cosine_similarity(a, jnp.array([3.0, 4.0]), eps=2.0))(jnp.array([2.0, 0.0])), np.array([0.3, 0.4]), "float32")


@pytest.mark.parametrize("size", [1e-30, 1e-18, 1e18, 1e30, 1e38])
def test_cosine_knows_no_size(size):
    x, y = jnp.array([3.0, 4.0, 0.0, -1.0]), jnp.array([1.0, 2.0, -2.0, 3.0])
    eps = 1e-8 if size > 1 else 1e-37
    agree(cosine_similarity(x / 4 * size, y / 4 * size, eps=eps), cosine_similarity(x, y), "float32")


def test_cosine_broadcasts():
    x, y = jax.random.normal(jax.random.key(0), (5, 3)), jax.random.normal(jax.random.key(1), (4, 3))
    pairs = cosine_similarity(x[:, None], y)
    assert pairs.shape == (5, 4)
    agree(pairs, jnp.stack([cosine_similarity(row, y) for row in x]), "float32")
    # One entry that stands for three along the axis has the norm of three.
    agree(cosine_similarity(x[:, :1], y[0]), cosine_similarity(jnp.repeat(x[:, :1], 3, 1), y[0]), "float32")
    assert cosine_similarity(jnp.zeros((0, 3)), jnp.ones(3)).shape == (0,)
    assert cosine_similarity(jnp.zeros((2, 0)), jnp.zeros((2, 0))).tolist() == [0.0, 0.0]


def test_cosine_sums_halves_in_float32():
    # 4096 ones: the squares' sum would stop at 256 in bfloat16.
    assert cosine_similarity(jnp.ones(4096, "bfloat16"), jnp.ones(4096, "bfloat16")).item() == 1.0
