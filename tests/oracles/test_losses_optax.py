"""Losses by the names of optax, against optax where it is finite: values and gradients."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from jaxreview import losses

from agree import agree

DTYPES = ["float32", "float64"]


def both(name, arrays, *, moving, dtype="float64", fixed=(), **settings):
    """Hold a loss and its gradients by the first ``moving`` arrays against optax's of the same name."""
    ours, theirs = getattr(losses, name), getattr(optax.losses, name)
    with jax.enable_x64(dtype == "float64"), jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
        moved = [jnp.asarray(a, dtype) for a in arrays[:moving]]
        held = [jnp.asarray(a, dtype) for a in arrays[moving:]] + [jnp.asarray(a) for a in fixed]
        given = {key: jnp.asarray(v) if isinstance(v, np.ndarray) else v for key, v in settings.items()}
        found = []
        for loss in (ours, theirs):
            out, pull = jax.vjp(lambda *a, loss=loss: loss(*a, *held, **given), *moved)
            rng = np.random.default_rng(7)
            found.append((out, pull(jax.tree.map(lambda leaf, rng=rng: jnp.asarray(rng.standard_normal(leaf.shape), leaf.dtype), out))))
    agree(*found, dtype)


def drawn(*shapes, seed=1):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape) for shape in shapes]


def shares(shape, axis=-1, seed=2):
    p = np.random.default_rng(seed).exponential(size=shape) + 0.05
    return p / p.sum(axis, keepdims=True)


SHAPES = [(), (1,), (7,), (3, 5), (2, 3, 4)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["l2_loss", "huber_loss", "log_cosh", "squared_error"])
def test_regression(name, shape, dtype):
    a, b = drawn(shape, shape)
    both(name, [2 * a, b], moving=2, dtype=dtype)
    both(name, [3 * a], moving=1, dtype=dtype)


@pytest.mark.parametrize("delta", [0.1, 0.5, 1.0, 2.0, 10.0])
def test_huber(delta):
    both("huber_loss", [3 * a for a in drawn((20,), (20,))], moving=2, delta=delta)


# Axes, and the axes' own order for integer labels.
AXES = [((5,), -1), ((4, 5), -1), ((4, 5), 0), ((2, 5, 3), 1), ((2, 5, 3), (0, 2)), ((2, 5, 3), (-1, 1))]
MASKS = ["none", "elements"]


def masked(shape, kind):
    if kind == "none":
        return {}
    where = np.random.default_rng(3).uniform(size=shape) < 0.7
    where[(0,) * len(shape)] = True
    return {"where": where}


@pytest.mark.parametrize(("shape", "axis"), [*AXES, ((2, 3), None)])
@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("name", ["softmax_cross_entropy", "poly_loss_cross_entropy", "kl_divergence", "generalized_kl_divergence", "cosine_distance"])
def test_over_axes(name, shape, axis, mask):
    # Where an example has no element optax gives NaN; a mask without one is left out here and is a fact.
    settings = masked(shape, mask)
    if mask == "elements":
        over = None if axis is None else axis
        if not settings["where"].any(over).all():
            settings["where"][...] = True
            settings["where"][(-1,) * len(shape)] = False
            if not settings["where"].any(over).all():
                settings["where"][...] = True
    first = drawn(shape)[0] - (1.0 if "kl" in name else 0.0)
    # By the label of an element that is left out optax's gradient is 0 · ∞.
    moving = 1 if settings and name.endswith("cross_entropy") else 2
    both(name, [first, shares(shape, None)], moving=moving, axis=axis, **settings)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "name", ["softmax_cross_entropy", "safe_softmax_cross_entropy", "poly_loss_cross_entropy", "kl_divergence", "generalized_kl_divergence"]
)
def test_distributions(name, dtype):
    both(name, [2 * drawn((6, 5))[0] - 1, shares((6, 5))], moving=2, dtype=dtype)


@pytest.mark.parametrize("epsilon", [-1.0, 0.0, 0.5, 2.0, 7.0])
def test_poly_loss(epsilon):
    both("poly_loss_cross_entropy", [drawn((6, 5))[0], shares((6, 5))], moving=2, epsilon=epsilon)


@pytest.mark.parametrize(("shape", "axis"), [*AXES, ((4, 5), -1)])
@pytest.mark.parametrize("mask", [*MASKS, "examples"])
def test_integer_labels(shape, axis, mask):
    over = tuple(a % len(shape) for a in (axis if isinstance(axis, tuple) else (axis,)))
    batch = tuple(n for a, n in enumerate(shape) if a not in over)
    labels = np.random.default_rng(4).integers(0, int(np.prod([shape[a] for a in over])), batch)
    if mask == "examples" and (isinstance(axis, tuple) or not batch):
        mask = "none"  # optax transposes the mask before it has all of its axes
    settings = masked(batch if mask == "examples" else shape, mask)
    if mask == "elements" and not settings["where"].any(over).all():
        settings["where"][...] = True
    both("softmax_cross_entropy_with_integer_labels", [2 * drawn(shape)[0]], moving=1, fixed=[labels], axis=axis, **settings)


def test_masks_of_examples():
    where = np.array([True, False, True, True])
    both("softmax_cross_entropy", [drawn((4, 5))[0], shares((4, 5))], moving=2, where=where | True)
    with jax.numpy_rank_promotion("allow"):
        z, y = jnp.asarray(drawn((4, 5))[0], "float32"), jnp.asarray(shares((4, 5)), "float32")
        got = losses.softmax_cross_entropy(z, y, where=jnp.asarray(where))
        want = optax.losses.softmax_cross_entropy(z, y, where=jnp.asarray(where))
    agree(got[where], want[where], "float32")


@pytest.mark.parametrize("axis", [-1, 0, (0, 1), None])
def test_log_targets(axis):
    both("kl_divergence_with_log_targets", [drawn((4, 5))[0] - 1, drawn((4, 5), seed=5)[0] - 1], moving=2, axis=axis)
    both("kl_divergence_with_log_targets", [drawn((4, 5))[0] - 1, drawn((4, 5), seed=5)[0] - 1], moving=2, axis=axis, dtype="float32")


def test_the_old_name_of_the_generalized_divergence():
    a, b = jnp.asarray(drawn((4, 5))[0], "float32"), jnp.asarray(shares((4, 5)), "float32")
    with pytest.warns(DeprecationWarning, match="generalized_kl_divergence"):
        want = optax.losses.convex_kl_divergence(a, b)
    agree(losses.convex_kl_divergence(a, b), want, "float32")


@pytest.mark.parametrize("epsilon", [0.0, 1e-8, 0.5, 100.0])
@pytest.mark.parametrize("axis", [-1, 0, None, (0, 2)])
def test_cosine(epsilon, axis):
    a, b = drawn((2, 3, 4), (2, 3, 4))
    both("cosine_similarity", [a, 0.1 * b], moving=2, epsilon=epsilon, axis=axis)


@pytest.mark.parametrize(("temperature", "seed"), list(itertools.product([0.07, 0.5, 1.0, 10.0], [0, 1, 2])))
def test_ntxent(temperature, seed):
    # Every label twice at least: optax divides by the number of pairs.
    labels = np.random.default_rng(seed).permutation(np.array([0, 0, 1, 1, 2, 2, 2, 7]))
    ours = lambda x, y: losses.ntxent(x, y, temperature=temperature)  # noqa: E731
    theirs = lambda x, y: optax.losses.ntxent(x, y, temperature)  # noqa: E731
    with jax.enable_x64(True), jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
        x, y = jnp.asarray(drawn((8, 5), seed=seed)[0]), jnp.asarray(labels)
        got, want = (jax.value_and_grad(loss)(x, y) for loss in (ours, theirs))
    agree(got, want)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_sigmoid(shape, dtype):
    z, y = 3 * drawn(shape)[0], np.random.default_rng(2).uniform(0.05, 0.95, shape)
    both("sigmoid_binary_cross_entropy", [z, y], moving=2, dtype=dtype)
    both("sigmoid_focal_loss", [z, y], moving=2, dtype=dtype)


@pytest.mark.parametrize("alpha", [None, 0.25, 0.9])
@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0, 5.0])
@pytest.mark.parametrize("hard", [False, True])
def test_focal(alpha, gamma, hard):
    z, y = 3 * drawn((4, 6))[0], np.random.default_rng(2).uniform(0.05, 0.95, (4, 6))
    both("sigmoid_focal_loss", [z, (y > 0.5) if hard else y], moving=1 if hard else 2, alpha=alpha, gamma=gamma)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ["hinge_loss", "perceptron_loss"])
def test_binary_margins(name, shape):
    y = np.random.default_rng(2).choice([-1.0, 1.0], shape)
    both(name, [2 * drawn(shape)[0], y], moving=1)
    both(name, [2 * drawn(shape)[0], y], moving=1, dtype="float32")


def test_binary_margins_at_their_kinks():
    s, y = np.array([-1.0, 0.0, 1.0, -1.0, 0.0, 1.0]), np.array([1.0, 1.0, 1.0, -1.0, -1.0, -1.0])
    both("hinge_loss", [s, y], moving=1)
    both("perceptron_loss", [s, y], moving=1)


@pytest.mark.parametrize("shape", SHAPES)
def test_sparsemax(shape):
    both("sparsemax_loss", [2 * drawn(shape)[0]], moving=1, fixed=[np.random.default_rng(2).integers(0, 2, shape)])


@pytest.mark.parametrize("scale", [0.1, 0.5, 1.0, 3.0, 100.0])
@pytest.mark.parametrize("shape", [(1, 2), (6, 5)])
@pytest.mark.parametrize("name", ["multiclass_hinge_loss", "multiclass_perceptron_loss", "multiclass_sparsemax_loss"])
def test_multiclass(name, shape, scale):
    labels = np.random.default_rng(2).integers(0, shape[-1], shape[:-1])
    both(name, [scale * drawn(shape)[0]], moving=1, fixed=[labels])


@pytest.mark.parametrize("max_fun", [jax.nn.logsumexp, jnp.max, jnp.linalg.norm])
@pytest.mark.parametrize("shape", [(4,), (3, 5), (2, 3, 4)])
def test_fenchel_young(max_fun, shape):
    with jax.enable_x64(True), jax.numpy_rank_promotion("allow"):
        s, y = jnp.asarray(drawn(shape)[0]), jnp.asarray(shares(shape))
        got, want = (jax.vjp(module.make_fenchel_young_loss(max_fun), s, y) for module in (losses, optax.losses))
        agree(got[0], want[0])
        agree(*(pull(jnp.ones(shape[:-1])) for _, pull in (got, want)))


DICE = [
    {},
    {"smooth": 0.0},
    {"alpha": 0.3, "beta": 0.7},
    {"alpha": 1.0, "beta": 0.0, "smooth": 1e-3},
    {"reduction": "sum"},
    {"reduction": "none"},
    {"ignore_background": True},
    {"class_weights": np.array([0.5, 1.0, 3.0])},
    {"class_weights": np.array([0.5, 1.0, 3.0]), "ignore_background": True, "reduction": "none"},
    {"axis": (0, 1, 2)},
    {"axis": 1, "reduction": "none"},
]


@pytest.mark.parametrize("settings", DICE, ids=str)
def test_dice(settings):
    both("dice_loss", [drawn((2, 4, 3, 3))[0], shares((2, 4, 3, 3))], moving=2, **settings)


@pytest.mark.parametrize("shape", [(2, 3), (2, 3, 4), (2, 3, 4, 1), (3, 1), (2, 5, 1)])
@pytest.mark.parametrize("smooth", [0.5, 1.0])
def test_binary_dice(shape, smooth):
    both("binary_dice_loss", [drawn(shape)[0], np.random.default_rng(2).uniform(size=shape)], moving=2, smooth=smooth)


@pytest.mark.parametrize("smooth", [0.0, 1.0, 10.0])
@pytest.mark.parametrize("ignored", [False, True])
@pytest.mark.parametrize("shape", [(2, 4, 3), (1, 4, 4, 2)])
def test_generalized_dice(smooth, ignored, shape):
    both("multiclass_generalized_dice_loss", [drawn(shape)[0], shares(shape)], moving=2, smooth=smooth, ignore_background=ignored)


@pytest.mark.parametrize("smooth", [0.0, 1.0])
def test_dice_of_probabilities(smooth):
    # optax cannot look at probabilities while it is differentiated.
    p, t = (jnp.asarray(shares((2, 5, 3), seed=seed), "float32") for seed in (2, 3))
    for name in ("dice_loss", "multiclass_generalized_dice_loss"):
        with jax.numpy_rank_promotion("allow"):
            agree(*(getattr(module, name)(p, t, smooth=smooth, apply_softmax=False) for module in (losses, optax.losses)), "float32")


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("reduce_fn", [jnp.mean, jnp.sum, None])
def test_ranking(weighted, mask, reduce_fn):
    settings = masked((4, 5), mask)
    ours, theirs = losses.ranking_softmax_loss, optax.losses.ranking_softmax_loss
    with jax.enable_x64(True), jax.numpy_rank_promotion("allow"):
        z, y = jnp.asarray(drawn((4, 5))[0]), jnp.asarray(np.random.default_rng(5).integers(0, 4, (4, 5)), "float64")
        given = {key: jnp.asarray(v) for key, v in settings.items()} | ({"weights": jnp.asarray(shares((4, 5)))} if weighted else {})
        agree(*(loss(z, y, reduce_fn=reduce_fn, **given) for loss in (ours, theirs)))
        if mask == "none":  # optax's gradient has 0 · ∞ where items are left out
            agree(*(jax.grad(lambda v, loss=loss: loss(v, y, reduce_fn=reduce_fn, **given).sum())(z) for loss in (ours, theirs)))


@pytest.mark.parametrize("alpha", [0.0, 0.1, 0.5, 1.0])
@pytest.mark.parametrize(("shape", "axis"), [*AXES, ((2, 3), None)])
@pytest.mark.parametrize("mask", MASKS)
def test_smooth_labels(alpha, shape, axis, mask):
    settings = masked(shape, mask)
    if mask == "elements" and not settings["where"].any(axis).all():
        settings = {}
    if isinstance(axis, tuple) or axis is None:
        settings = settings or {"where": np.ones(shape, bool)}
    with jax.enable_x64(True), jax.numpy_rank_promotion("allow"), jax.numpy_dtype_promotion("standard"):
        given = {key: jnp.asarray(v) for key, v in settings.items()}
        agree(*(module.smooth_labels(jnp.asarray(shares(shape, axis)), alpha, axis=axis, **given) for module in (losses, optax.losses)))


@pytest.mark.parametrize("blank", [0, 3])
@pytest.mark.parametrize("seed", range(5))
def test_ctc_forward_probabilities(blank, seed):
    rng = np.random.default_rng(seed)
    classes = [c for c in range(4) if c != blank]
    logits, labels = rng.standard_normal((3, 8, 4)), rng.choice(classes, (3, 3))
    frames = (np.arange(8) >= np.array([[8], [7], [6]])).astype("float64")
    gone = (np.arange(3) >= np.array([[3], [2], [0]])).astype("float64")
    with jax.enable_x64(True), jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
        given = [jnp.asarray(a) for a in (logits, frames, labels, gone)]
        got, want = ([np.asarray(a) for a in module.ctc_loss_with_forward_probs(*given, blank_id=blank)] for module in (losses, optax.losses))
        slopes = [jax.grad(lambda z, module=module: module.ctc_loss(z, *given[1:], blank_id=blank).sum())(given[0]) for module in (losses, optax.losses)]
    agree(got[0], want[0])
    agree(*slopes)
    # What has no path is near log ε there, and log ε here; labels that are padded are another matter.
    here = ~gone.astype(bool)
    for mine, theirs, there in ((got[1], want[1], np.concatenate([np.ones((3, 1), bool), here], 1)), (got[2], want[2], here)):
        reached = mine > -1e4
        agree(mine[reached & there], theirs[reached & there])
        assert np.all(theirs[~reached & there] < -9e4)
