"""Why scaled features can make nearest neighbours more accurate."""

import functools

import jax
import jax.numpy as jnp
import numpy as np

import jaxreview as jr
from jaxreview.chapters import _style
from jaxreview.chapters._page import Page
from jaxreview.distances import knn_classify, pairwise_distance
from jaxreview.speedup import data

WINE = ("alcohol", "malic acid", "ash", "alcalinity", "magnesium", "phenols", "flavanoids")
WINE += ("nonflavanoids", "proanthocyanins", "color", "hue", "OD280/OD315", "proline")
FOLDS, KS = 5, (1, 3, 5, 9, 15, 25)


def standardized(train, x):
    """By the mean and the standard deviation of the training set."""
    fitted = jr.fit_standardizer(train)
    return jr.standardize(train, fitted), jr.standardize(x, fitted)


def min_max(train, x):
    """By the range of the training set."""
    low, high = train.min(0, keepdims=True), train.max(0, keepdims=True)
    return (train - low) / (high - low), (x - low) / (high - low)


SCALERS = {"raw": lambda train, x: (train, x), "standardized": standardized, "min-max": min_max}


@functools.partial(jax.jit, static_argnums=0)
def without_each(scale, x):
    """Every row beside all the others, scaled by the others: the distances to them, Euclidean and Manhattan, `(2, n, n − 1)`, and which they are."""
    others = np.array([[j for j in range(len(x)) if j != i] for i in range(len(x))])

    def one(row, rest):
        rest, row = scale(x[rest], row[None])
        return jnp.stack([pairwise_distance(row, rest, p=p)[0] for p in (2, 1)])

    return jnp.swapaxes(jax.vmap(one)(x, others), 0, 1), others


def voted(distances, labels, k):
    """The most frequent label among the k nearest, the smallest of equally frequent ones."""
    nearest = jnp.argsort(distances)[:, :k]
    return jax.nn.one_hot(jnp.take_along_axis(labels, nearest, 1), 3).sum(1).argmax(1).astype(labels.dtype)


def run(page: Page) -> None:
    """Write the chapter."""
    with jax.enable_x64(True):
        x, y = jnp.asarray(data.load("wine", (178, 13))), data.load("wine_labels", (178,))
        shares(page, x)
        folds(page, x, y)
        neighbours(page, x, y)
        harm(page, x, y)


def shares(page, x):
    """How much of a squared distance is which feature."""
    page.say(
        "The k nearest neighbours of a wine vote on its cultivar. Which are nearest is decided by Σ (x_f − y_f)² over 13 measured features, and a feature of "
        "large range decides alone: proline, in mg/l, reaches a thousand and more, hue stays near 1. **A distance adds up features as if one unit of any were "
        "worth one of every other**, and nobody has chosen the units for that."
    )
    parts = {name: np.var(scale(x, x)[0], 0) for name, scale in SCALERS.items()}
    share = {name: part / part.sum() for name, part in parts.items()}
    drawing, axes = _style.figure(height=3.6)
    for marker, color, name in (("o", _style.VERMILLION, "raw"), ("s", _style.BLUE, "standardized")):
        axes.semilogx(100 * share[name], range(13), marker, color=color, markersize=7, label=name)
    axes.set(yticks=range(13), yticklabels=WINE, xlabel="share of the mean squared distance, % (log scale)")
    axes.invert_yaxis()
    drawing.legend(loc="outside upper center", ncols=2, frameon=False)
    caption = "Between two raw wines nearly all of the squared distance is proline; standardized, each feature has its thirteenth."
    page.figure("shares", drawing, caption=caption, alt="Raw: proline near 100 %, most others under 0.1 %. Standardized: 7.7 % each.")
    text, most, one = "Proline makes up {most:.1%} of the mean squared distance; standardized it is {one:.1%}, like every other.", share["raw"][-1], 1 / 13
    page.claim(text, most > 0.99 and np.allclose(share["standardized"], one), most=most, one=one)


def folds(page, x, y):
    """Accuracy where every class is divided evenly among the folds, and each fold scaled by the other four."""
    fold = np.empty(len(y), int)
    for label in range(3):
        fold[y == label] = np.arange((y == label).sum()) % FOLDS
    classify, rows = jax.jit(knn_classify, static_argnames="k"), []
    for name, scale in SCALERS.items():
        page.at(f"{FOLDS} folds, {name}")
        right = 0
        for number in range(FOLDS):
            train, test = scale(x[fold != number], x[fold == number])
            right += int((classify(test, train, jnp.asarray(y[fold != number]), k=5) == y[fold == number]).sum())
        rows.append((name, right, len(y), right / len(y)))
    caption = "Five folds, k = 5; scalers are fitted on the training folds."
    page.table("folds", ("features", "right", "of", "accuracy"), rows, caption=caption, formats={"accuracy": ".1%"})
    accuracy = {row[0]: row[-1] for row in rows}
    page.claim(
        "Scaling lifts the accuracy on wine from {raw:.1%} to {standardized:.1%} (standardized) and {min_max:.1%} (min-max).",
        accuracy["raw"] < 0.75 and min(accuracy["standardized"], accuracy["min-max"]) > 0.93,
        raw=accuracy["raw"], standardized=accuracy["standardized"], min_max=accuracy["min-max"],
    )  # fmt: skip


def neighbours(page, x, y):
    """Accuracy by k and by distance, each wine beside all the others."""
    drawing, axes = _style.figure(height=3.2)
    rows, worst, best = [], 1.0, 0.0
    for marker, (name, scale) in zip(_style.MARKERS, SCALERS.items(), strict=False):
        page.at(f"leave one out, {name}")
        both, others = without_each(scale, x)
        found = [[float((voted(one, jnp.asarray(y)[others], k) == y).mean()) for k in KS] for one in both]
        rows += [(name, metric, *line) for metric, line in zip(("Euclidean", "Manhattan"), found, strict=True)]
        axes.plot(KS, 100 * np.array(found[0]), marker=marker, label=name)
        best, worst = (max(map(max, found)), worst) if name == "raw" else (best, min(worst, *map(min, found)))
    axes.set(xlabel="neighbours k", ylabel="right, %", ylim=(60, 100), xticks=KS)
    axes.legend(title="features", frameon=False, loc="center right", bbox_to_anchor=(1, 0.6))
    headers = ("features", "distance", *(f"k = {k}" for k in KS))
    page.table("neighbours", headers, rows, caption="Accuracy when each wine is left out in turn.", formats=dict.fromkeys(headers[2:], ".1%"))
    page.figure("neighbours", drawing, caption="Scaling matters more than the number of neighbours.", alt="Two curves over 93 % at every k, one near 70 %.")
    page.claim("The worst scaled result, {a:.1%}, beats the best raw one, {b:.1%}, whatever k and the distance.", worst > best + 0.1, a=worst, b=best)


def harm(page, x, y):
    """Where scaling does harm: each half of the data by the other."""
    page.at("where scaling does harm")
    pixels, label = jnp.asarray(data.load("digits", (1796, 64))), jnp.asarray(data.load("digit_labels", (1796,)))
    noise = jnp.asarray(np.random.default_rng(0).normal(0.0, 0.1, (178, 30)))
    noisy = jnp.concatenate([standardized(x, x)[0], noise], 1)
    classify, rows = jax.jit(knn_classify, static_argnames="k"), []
    for name, z, kind in (("digits, 64 pixels", pixels, label), ("wine and 30 faint features of noise", noisy, jnp.asarray(y))):
        half, right = len(z) // 2, {}
        for scaler in ("raw", "standardized"):
            pairs = (slice(half), slice(half, None)), (slice(half, None), slice(half))
            found = [classify(*SCALERS[scaler](z[a], z[b])[::-1], kind[a], k=5) == kind[b] for a, b in pairs]
            right[scaler] = float(jnp.concatenate(found).mean())
        rows.append((name, right["raw"], right["standardized"]))
    caption = "Accuracy where scaling does harm, k = 5."
    page.table("harm", ("data", "raw", "standardized"), rows, caption=caption, formats=dict.fromkeys(("raw", "standardized"), ".1%"))
    page.claim("Standardizing can lower the accuracy as well.", all(row[1] > row[2] + 0.005 for row in rows))
    page.say(
        "It makes the rarely inked pixels of the border, and a faint noise, as loud as all the rest. **Scale where units are arbitrary; where features share "
        "one unit, their sizes mean something.** Either way it is a choice of distance, and held-out data tell which is better."
    )
