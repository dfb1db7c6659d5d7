"""Why test data is normalized by the training set's mean and variance."""

import jax
import jax.numpy as jnp
import numpy as np
import optax

import jaxreview as jr
from jaxreview.chapters import _style
from jaxreview.chapters._page import Page
from jaxreview.descent import gradient_descent
from jaxreview.losses import cross_entropy
from jaxreview.speedup import data

TRAIN, STEPS = 120, 300  # wines to learn from, of 178


def run(page: Page) -> None:
    """Write the chapter; merged statistics are compared in float64."""
    with jax.enable_x64(True):
        wine, kind = jnp.asarray(data.load("wine", (178, 13))), jnp.asarray(data.load("wine_labels", (178,)))
        train, test = (wine[:TRAIN], kind[:TRAIN]), (wine[TRAIN:], kind[TRAIN:])
        fitted = jr.fit_standardizer(train[0])
        weights = learned(jr.standardize(train[0], fitted), train[1])
        accuracies(page, weights, fitted, train, test)
        leakage(page, wine)
        running(page, train[0])


def learned(x, labels):
    """A linear classifier of the three kinds."""

    def loss(weights):
        return cross_entropy(jr.dense(x, *weights), labels).mean()

    start = (jnp.zeros((13, 3), x.dtype), jnp.zeros(3, x.dtype))
    return jax.jit(lambda start: gradient_descent(loss, start, optimizer=optax.sgd(0.5), steps=STEPS).params)(start)


def share(weights, x, labels):
    """The share of samples told right."""
    return (jnp.argmax(jr.dense(x, *weights), -1).astype(labels.dtype) == labels).mean().item()


def accuracies(page, weights, fitted, train, test):
    """One classifier, two ways to scale what it is asked."""
    page.at("wine, by its own statistics and by those of training")
    rows = []
    x, labels = test
    groups = {"all kinds": labels >= 0, "kind 0 only": labels == 0, "kind 1 only": labels == 1, "kind 2 only": labels == 2}
    for name, which in groups.items():
        some, right = x[which], labels[which]
        rows.append(
            (name, len(right), share(weights, jr.standardize(some, fitted), right), share(weights, jr.standardize(some, jr.fit_standardizer(some)), right))
        )
    rows.append(("each wine alone", len(labels), share(weights, jr.standardize(x, fitted), labels), share(weights, jnp.zeros_like(x), labels)))
    headers = ("wines to tell", "number", "scaled by training statistics", "scaled by their own")
    page.table("accuracy", headers, rows, caption="Share told right of wines kept from training.", formats=dict.fromkeys(headers[2:], ".0%"))
    good, bad = (np.mean([row[column] for row in rows[1:4]]) for column in (2, 3))
    sentence = "Of a test set with wines of one kind the classifier tells {good:.0%} right by the training set's mean and deviation, and {bad:.0%} by its own."
    page.claim(sentence, good > 0.9 and bad < 0.6, good=good, bad=bad)
    page.say(
        "The classifier learned what 1.2 **training** deviations above the **training** mean mean. Scaled by its own statistics every set is centred at "
        "0, and what told its kind is gone. A mixed test set hides this, as its statistics are much like those of training; a single wine shows it best, "
        "for it is its own mean: all its features are 0."
    )
    drawing, panels = _style.figure(1, 2, height=3.2, sharex=True, sharey=True)
    base = jr.standardize(train[0], fitted)
    some = x[labels == 2]
    for axes, (name, scaled) in zip(panels[0], {"training": fitted, "their own": jr.fit_standardizer(some)}.items(), strict=True):
        for i, marker in enumerate(_style.MARKERS[:3]):
            axes.plot(*base[train[1] == i][:, jnp.array([6, 9])].T, marker, color=_style.COLORS[i], alpha=0.35, markersize=4, label=f"training, kind {i}")
        axes.plot(*jr.standardize(some, scaled)[:, jnp.array([6, 9])].T, "X", color=_style.BLACK, markersize=6, label="test, kind 2")
        axes.set(title=f"test wines scaled by {name} statistics", xlabel="flavanoids, scaled")
        axes.title.set_size(10)
    panels[0, 0].set_ylabel("colour intensity, scaled")
    drawing.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)
    caption = "Test wines of one kind lie among their like only if scaled as the training wines were."
    page.figure("wines", drawing, caption=caption, alt="Left the test wines lie on the cluster of kind 2; right they are centred at 0, among the other kinds.")


def leakage(page, wine):
    """What test data must not do."""
    page.at("leakage")
    other = jnp.concatenate([wine[:TRAIN], 3 * wine[TRAIN:]])  # the same training wines, other test wines
    rows = []
    for name, stop in (("training wines", TRAIN), ("all wines", 178)):
        before, after = (jr.standardize(wine[:TRAIN], jr.fit_standardizer(both[:stop])) for both in (wine, other))
        rows.append((name, jnp.abs(after - before).max().item()))
    caption = "Largest change of a scaled training feature when the test wines are replaced by others."
    page.table("leakage", ("statistics of", "change"), rows, caption=caption)
    sentence = "Statistics of all data leak the test set into training: other test wines change training features by {leak:.2g}; statistics of training by 0."
    page.claim(sentence, rows[0][1] == 0 and rows[1][1] > 0.1, leak=rows[1][1])


def running(page, wine):
    """Batch normalization, streams, and the way back."""
    page.at("running statistics")
    fitted = jr.fit_standardizer(wine)
    order = jnp.concatenate([jax.random.permutation(key, TRAIN) for key in jax.random.split(jax.random.key(0), 100)]).reshape(-1, 30)

    def step(stats, rows):
        return jr.batch_norm_train(wine[rows], stats, momentum=0.98)[1], None

    stats = jax.jit(lambda: jax.lax.scan(step, jr.BatchStats(jnp.zeros(13), jnp.ones(13)), order)[0])()
    off = jnp.abs((stats.mean - fitted.mean) / fitted.std).max().item()
    alone = jr.batch_norm_train(wine[:1], stats)[0]
    kept = jr.batch_norm(wine[:1], stats)
    apart = jnp.abs(kept - jr.standardize(wine[:1], fitted)).max().item()
    page.say(
        "**Batch normalization is the same idea**: while training it normalizes by the batch and gathers running statistics, and afterwards it uses "
        "these, whatever comes. One wine in a batch of its own would be all 0."
    )
    sentence = "Running means come within {off:.2g} deviations of the training set's. By them one wine is scaled as before, to {apart:.2g}; alone it is 0."
    page.claim(sentence, off < 0.2 and apart < 0.3 and not bool(alone.any()), off=off, apart=apart)
    a, b = jr.fit_standardizer(wine[:50]), jr.fit_standardizer(wine[50:])
    share, rest = 50 / TRAIN, 1 - 50 / TRAIN
    mean = share * a.mean + rest * b.mean
    var = share * (a.std**2 + (a.mean - mean) ** 2) + rest * (b.std**2 + (b.mean - mean) ** 2)
    merged = max(jnp.abs(mean / fitted.mean - 1).max().item(), jnp.abs(jnp.sqrt(var) / fitted.std - 1).max().item())
    back = jnp.abs(jr.unstandardize(jr.standardize(wine, fitted), fitted) / wine - 1).max().item()
    sentence = (
        "Mean and variance of parts merge to those of the whole, to {merged:.0e}, so data may come in a stream; `unstandardize` gives it back to {back:.0e}."
    )
    page.claim(sentence, merged < 1e-12 and back < 1e-12, merged=merged, back=back)
