"""Distances against PyTorch and SciPy, and the vote of neighbours against scikit-learn."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview.distances import cosine_similarity, knn_classify, pairwise_distance

from agree import agree

SHAPES = [(1, 1, 1), (4, 3, 5), (7, 2, 1), (2, 6, 40), (0, 3, 2)]


@pytest.mark.parametrize(("n", "m", "d"), SHAPES)
@pytest.mark.parametrize("p", [0, 0.5, 1, 1.7, 2, 2.5, 3, 10, math.inf])
def test_values_and_gradients(n, m, d, p):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(1)
    x, y, cotangent = (rng.standard_normal(shape) for shape in ((n, d), (m, d), (n, m)))
    with jax.enable_x64(True):
        got, pull = jax.vjp(lambda a, b: pairwise_distance(a, b, p=p), jnp.asarray(x), jnp.asarray(y))
        gradients = pull(jnp.asarray(cotangent))
    a, b = (torch.tensor(v, requires_grad=True) for v in (x, y))
    want = torch.cdist(a, b, p=float(p), compute_mode="donot_use_mm_for_euclid_dist")
    want.backward(torch.tensor(cotangent))
    agree(got, want.detach().numpy())
    agree(gradients, [a.grad.numpy(), b.grad.numpy()])


@pytest.mark.parametrize("p", [1, 2, math.inf])
def test_float32(p):
    distance = pytest.importorskip("scipy.spatial.distance")
    rng = np.random.default_rng(2)
    x, y = (1e3 + rng.standard_normal(shape).astype("float32") for shape in ((30, 64), (20, 64)))
    metric = {1: "cityblock", 2: "euclidean", math.inf: "chebyshev"}[p]
    agree(pairwise_distance(jnp.asarray(x), jnp.asarray(y), p=p), distance.cdist(x.astype(float), y.astype(float), metric), "float32")


@pytest.mark.parametrize("p", [1.5, 3, 7])
def test_minkowski(p):
    distance = pytest.importorskip("scipy.spatial.distance")
    rng = np.random.default_rng(3)
    x, y = rng.standard_normal((9, 6)), rng.standard_normal((5, 6))
    with jax.enable_x64(True):
        agree(pairwise_distance(jnp.asarray(x), jnp.asarray(y), p=p), distance.cdist(x, y, "minkowski", p=p))


@pytest.mark.parametrize("k", [1, 2, 3, 4, 7, 40])
@pytest.mark.parametrize("classes", [2, 5])
def test_knn_of_points_in_general_position(k, classes):
    neighbors = pytest.importorskip("sklearn.neighbors")
    rng = np.random.default_rng(4)
    x, train, labels = rng.standard_normal((50, 3)), rng.standard_normal((40, 3)), rng.integers(-1, classes - 1, 40)
    model = neighbors.KNeighborsClassifier(k, algorithm="brute").fit(train, labels)
    with jax.enable_x64(True):
        assert knn_classify(jnp.asarray(x), jnp.asarray(train), jnp.asarray(labels), k=k).tolist() == model.predict(x).tolist()


@pytest.mark.parametrize("k", [1, 5])
def test_knn_of_the_digits(k):
    neighbors, datasets = pytest.importorskip("sklearn.neighbors"), pytest.importorskip("sklearn.datasets")
    x, labels = datasets.load_digits(return_X_y=True)
    model = neighbors.KNeighborsClassifier(k, algorithm="brute").fit(x[300:900], labels[300:900])
    got = knn_classify(jnp.asarray(x[:300], "float32"), jnp.asarray(x[300:900], "float32"), jnp.asarray(labels[300:900], "int32"), k=k)
    # The pixels are whole numbers up to 16, so that float32 squares are exact; scikit-learn breaks equal distances by its partition, not by index.
    ranked = ((x[:300, None] - x[None, 300:900]) ** 2).sum(-1)
    near = np.argsort(ranked, axis=1, kind="stable")
    by_hand = [int(np.bincount(labels[300:900][row[:k]]).argmax()) for row in near]
    assert got.tolist() == by_hand
    boundary = np.take_along_axis(ranked, near, 1)
    clear = boundary[:, k - 1] < boundary[:, k]
    assert clear.mean() > 0.9
    assert np.array_equal(np.asarray(got)[clear], model.predict(x[:300])[clear])


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("first", "second", "axis"),
    [((5,), (5,), -1), ((4, 3), (4, 3), -1), ((4, 3), (4, 3), 0), ((4, 3), (3,), 1), ((4, 1, 3), (5, 3), -1), ((4, 1), (4, 3), 0), ((2, 3, 4), (3, 1), -2)],
)
@pytest.mark.parametrize("eps", [1e-8, 1.5])
def test_cosine(first, second, axis, eps, dtype):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(5)
    x, y = rng.standard_normal(first), rng.standard_normal(second)
    a, b = (torch.tensor(v, dtype=getattr(torch, dtype), requires_grad=True) for v in (x, y))
    want = torch.nn.functional.cosine_similarity(a, b, dim=axis, eps=eps)
    cotangent = np.asarray(rng.standard_normal(tuple(want.shape)))
    want.backward(torch.tensor(cotangent, dtype=want.dtype))
    with jax.enable_x64(dtype == "float64"):
        got, pull = jax.vjp(lambda x, y: cosine_similarity(x, y, axis=axis, eps=eps), jnp.asarray(x, dtype), jnp.asarray(y, dtype))
        gradients = pull(jnp.asarray(cotangent, dtype))
    agree(got, want.detach().numpy(), dtype)
    if eps < 1:  # where a norm is under its bound PyTorch gives the gradient of the unbounded one
        agree(gradients, [a.grad.numpy(), b.grad.numpy()], dtype)


def test_cosine_distances_of_scipy_and_optax():
    distance, optax = pytest.importorskip("scipy.spatial.distance"), pytest.importorskip("optax")
    rng = np.random.default_rng(6)
    x, y = rng.standard_normal((7, 5)), rng.standard_normal((6, 5))
    with jax.enable_x64(True):
        agree(1 - cosine_similarity(jnp.asarray(x)[:, None], jnp.asarray(y)), distance.cdist(x, y, "cosine"))
        agree(cosine_similarity(jnp.asarray(x[:6]), jnp.asarray(y)), optax.losses.cosine_similarity(jnp.asarray(x[:6]), jnp.asarray(y)))
