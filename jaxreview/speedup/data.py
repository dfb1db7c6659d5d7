"""Real data by name, from what scikit-learn carries with it: no download, the same on every machine.

A source is called with the shape that is needed and gives a NumPy array of exactly that shape, float64 or int32. The rows of a table are shuffled once, with
the same order for its features, labels and scores, because the tables come sorted by class.
"""

import difflib
import functools
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["SOURCES", "load", "ready"]

Shape = tuple[int, ...]


def load(source: str, shape: Shape) -> np.ndarray:
    """The real data called ``source`` in exactly ``shape``.

    Raises:
        ValueError: there is no such source, or it cannot fill the shape.
        ModuleNotFoundError: scikit-learn is not installed.
    """
    if source not in SOURCES:
        near = difflib.get_close_matches(source, SOURCES, n=3)
        raise ValueError(f"data: there is no source {source!r}; " + (f"did you mean {', '.join(near)}?" if near else f"there are {', '.join(SOURCES)}"))
    return SOURCES[source](tuple(int(size) for size in shape))


def ready() -> Any:
    """scikit-learn's data sets, imported.

    Raises:
        ModuleNotFoundError: scikit-learn is not installed.
    """
    try:
        import sklearn.datasets
    except ModuleNotFoundError as missing:
        raise ModuleNotFoundError(f'the real data needs {missing.name}, which is not installed; pip install "jaxreview[cli]"') from missing
    return sklearn.datasets


@functools.cache
def _photographs() -> np.ndarray:
    """china.jpg and flower.jpg: (2, 427, 640, 3) in [0, 1]."""
    return np.stack(ready().load_sample_images().images).astype(np.float64) / 255.0


@functools.cache
def _table(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Features (N, D) and integer labels (N,) in one shuffled order."""
    features, labels = getattr(ready(), f"load_{name}")(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(labels))
    return np.asarray(features, np.float64)[order], np.asarray(labels, np.int32)[order]


def _standardized(x: np.ndarray) -> np.ndarray:
    spread = x.std(0)
    return (x - x.mean(0)) / np.where(spread == 0, 1.0, spread)


def photographs(shape: Shape) -> np.ndarray:
    """Crops of the two photographs in turn, at seeded places, values in [0, 1].

    `(N, H, W, C)` with C from 1 (grey) to 3, `(N, D, H, W, C)` as D frames of a camera moving to the right, `(N, H, W)` grey (or `(N, W, C)` scan lines where
    the last axis is 1 to 3), `(N, W)` grey scan lines (flattened crops where W is wider than the photographs), `(n,)` grey pixels.
    """
    if any(size < 1 for size in shape) or not 1 <= len(shape) <= 5:
        raise ValueError(f"photographs: there are none of shape {shape}; it needs 1 to 5 axes without an empty one")
    if len(shape) == 1:
        return photographs((1, *shape))[0]
    if len(shape) == 2:
        width = min(shape[1], 640)
        rows = -(-shape[1] // width)
        return photographs((shape[0], rows, width, 1)).reshape(shape[0], -1)[:, : shape[1]]
    if len(shape) == 3:
        return photographs((shape[0], 1, *shape[1:]))[:, 0] if shape[2] <= 3 else photographs((*shape, 1))[..., 0]
    frames = shape[1] if len(shape) == 5 else 1
    height, width, channels = shape[-3:]
    pictures = _photographs()
    if channels > 3:
        raise ValueError(f"photographs: {channels} channels are asked for in {shape}; a photograph has 1 (grey) to 3")
    if height > pictures.shape[1] or width + frames - 1 > pictures.shape[2]:
        raise ValueError(
            f"photographs: crops {height} high and {width + frames - 1} wide are asked for; the photographs are {pictures.shape[1]} by {pictures.shape[2]}"
        )
    if channels == 1:
        pictures = pictures.mean(-1, keepdims=True)
    rng = np.random.default_rng(0)
    crops = np.empty((shape[0], frames, height, width, channels))
    for number in range(shape[0]):
        top, left = rng.integers(pictures.shape[1] - height + 1), rng.integers(pictures.shape[2] - width - frames + 2)
        for frame in range(frames):
            crops[number, frame] = pictures[number % 2, top : top + height, left + frame : left + frame + width, :channels]
    return crops.reshape(shape)


def _rows(name: str, get: Callable[[], np.ndarray], *also: Shape) -> Callable[[Shape], np.ndarray]:
    """A source that is a table: its first N rows, each in its own shape or one of ``also``. It never repeats a row."""

    def source(shape: Shape) -> np.ndarray:
        table = get()
        if shape[1:] not in (table.shape[1:], *also) or not 1 <= shape[0] <= len(table):
            kinds = " or ".join(str(("N", *one)).replace("'", "") for one in (table.shape[1:], *also))
            raise ValueError(f"{name}: shape {shape} is asked for; it has {kinds} with N from 1 to {len(table)}")
        return table[: shape[0]].reshape(shape).copy()

    source.__name__ = name
    return source


def _columns(name: str, get: Callable[[], np.ndarray]) -> Callable[[Shape], np.ndarray]:
    """A table with one sample a column."""
    rows = _rows(name, get)

    def source(shape: Shape) -> np.ndarray:
        if len(shape) != 2:
            raise ValueError(f"{name}: shape {shape} is asked for; it is (features, N)")
        return np.ascontiguousarray(rows(shape[::-1]).T)

    source.__name__ = name
    return source


@functools.cache
def _fit(name: str) -> np.ndarray:
    """Logits (N, K) of a linear softmax classifier after 100 steps of full-batch gradient descent from zero on the standardized features."""
    features, labels = _table(name)
    x = np.hstack([_standardized(features), np.ones((len(labels), 1))])
    targets = np.eye(labels.max() + 1)[labels]
    weights = np.zeros((x.shape[1], targets.shape[1]))
    for _ in range(100):
        weights -= 0.5 * x.T @ (_softmax(x @ weights) - targets) / len(x)
    return x @ weights


def _softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def _cancer_scores() -> np.ndarray:
    """The logit of label 1: the difference of a two-class softmax's logits."""
    logits = _fit("breast_cancer")
    return logits[:, 1] - logits[:, 0]


_TABLES = (
    _rows("digits", lambda: _table("digits")[0] / 16.0, (8, 8, 1), (8, 8)),
    _rows("standardized_digits", lambda: _standardized(_table("digits")[0]), (8, 8, 1), (8, 8)),
    _rows("digit_labels", lambda: _table("digits")[1]),
    _rows("digit_scores", lambda: _fit("digits")),
    _rows("digit_probabilities", lambda: _softmax(_fit("digits"))),
    _rows("digit_log_probabilities", lambda: np.log(_softmax(_fit("digits")))),
    _rows("breast_cancer", lambda: _standardized(_table("breast_cancer")[0])),
    _columns("breast_cancer_columns", lambda: _standardized(_table("breast_cancer")[0])),
    _rows("cancer_labels", lambda: _table("breast_cancer")[1]),
    _rows("cancer_targets", lambda: _table("breast_cancer")[1].astype(np.float64)),
    _rows("cancer_scores", _cancer_scores),
    _rows("cancer_probabilities", lambda: 1.0 / (1.0 + np.exp(-_cancer_scores()))),
    _rows("wine", lambda: _table("wine")[0]),
    _rows("standardized_wine", lambda: _standardized(_table("wine")[0])),
    _rows("wine_labels", lambda: _table("wine")[1]),
)
SOURCES: dict[str, Callable[[Shape], np.ndarray]] = {source.__name__: source for source in (photographs, *_TABLES)}
