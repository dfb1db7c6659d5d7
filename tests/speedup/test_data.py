"""The real data: exact shapes, known values, one order for features and labels, and refusals that say what there is."""

import sys

import numpy as np
import pytest

from jaxreview.speedup import data

from agree import agree

SHAPES = {"breast_cancer_columns": (30, 7), "photographs": (3, 9, 8, 3)}
TAILS = {"digit": (10,), "digits": (64,), "standardized_digits": (64,), "breast_cancer": (30,), "wine": (13,), "standardized_wine": (13,)}


def shape_of(name):
    tail = () if "labels" in name else TAILS.get(name, (10,) if name.startswith("digit_") else ())
    return SHAPES.get(name, (7, *tail))


@pytest.mark.parametrize("name", data.SOURCES)
def test_a_source_fills_its_shape_and_repeats_itself(name):
    first, again = data.load(name, shape_of(name)), data.load(name, shape_of(name))
    assert first.shape == shape_of(name)
    assert first.dtype == (np.int32 if "labels" in name else np.float64)
    assert np.isfinite(first).all()
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("shape", [(5,), (3, 17), (2, 700), (3, 9, 8), (3, 20, 2), (3, 9, 8, 1), (3, 9, 8, 3), (2, 4, 9, 8, 3), (300, 6, 5, 3)])
def test_photographs_of_every_rank(shape):
    crops = data.load("photographs", shape)
    assert crops.shape == shape
    assert crops.min() >= 0.0
    assert crops.max() <= 1.0
    assert crops.std() > 0.01


def test_a_camera_moves_one_pixel_a_frame():
    clip = data.load("photographs", (1, 3, 9, 8, 3))[0]
    np.testing.assert_array_equal(clip[0, :, 1:], clip[1, :, :-1])


def test_tables_are_shuffled_and_labels_go_with_them():
    """In the wine table the alcohol and proline of class 0 are the highest on average, whatever the order; sorted labels would be all 0 here."""
    wine, labels = data.load("wine", (178, 13)), data.load("wine_labels", (178,))
    assert set(labels[:20]) == {0, 1, 2}
    means = [wine[labels == k, 12].mean() for k in range(3)]
    assert means[0] > 1000 > max(means[1:])


@pytest.mark.parametrize(("scores", "labels", "width"), [("digit_scores", "digit_labels", 10), ("cancer_scores", "cancer_labels", 0)])
def test_scores_come_from_a_fit_that_knows_its_labels(scores, labels, width):
    z, y = data.load(scores, (569, width) if width else (569,)), data.load(labels, (569,))
    assert ((z.argmax(-1) if width else z > 0) == y).mean() > 0.93


def test_probabilities_are_those_of_the_scores():
    z, p = data.load("cancer_scores", (9,)), data.load("cancer_probabilities", (9,))
    agree(np.log(p / (1 - p)), z, "float32")
    agree(data.load("digit_probabilities", (9, 10)).sum(-1), np.ones(9))


def test_standardized_tables_have_mean_0_and_variance_1_where_it_varies():
    x = data.load("standardized_digits", (1797, 64))
    agree(1.0 + x.mean(0), np.ones(64))
    assert set(np.round(x.var(0), 6)) == {0.0, 1.0}


@pytest.mark.parametrize(
    ("name", "shape", "words"),
    [
        ("wine", (179, 13), "N from 1 to 178"),
        ("wine", (4, 12), r"it has \(N, 13\)"),
        ("digits", (0, 64), "N from 1"),
        ("wine_labels", (4, 1), "wine_labels"),
        ("breast_cancer_columns", (30,), r"\(features, N\)"),
        ("photographs", (2, 9, 8, 4), "1 \\(grey\\) to 3"),
        ("photographs", (2, 500, 8, 3), "427 by 640"),
        ("photographs", (2, 0, 8, 3), "empty"),
        ("photographs", (), "1 to 5 axes"),
        ("photograps", (2, 9, 8, 3), "did you mean photographs"),
        ("xyz", (2,), "there are photographs"),
    ],
)
def test_what_there_is_not_is_refused(name, shape, words):
    with pytest.raises(ValueError, match=words):
        data.load(name, shape)


def test_a_missing_scikit_learn_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ModuleNotFoundError, match=r'pip install "jaxreview\[cli\]"'):
        data.ready()
