"""Rows of the distances."""

import math

from jaxreview import distances
from jaxreview.cases._inputs import constant, distinct, integers, normal
from jaxreview.cases._rows import Bad, Bench, Case

_LABELS = {"promotion": "labels come back in their own dtype, whatever that of the points"}

CASES = [
    Case(
        distances.cosine_similarity, "pairs of rows", normal("N D"), normal("N D"), dims=dict(N=4, D=3),
        differentiable=(0, 1), batched=(0, 1), bench=Bench(dict(N=1797, D=64), real={0: "digits"}),
    ),
    Case(
        distances.cosine_similarity, "along axis 0, one vector for all, a large bound", normal("D N"), normal("D 1"), dims=dict(N=4, D=3),
        options=dict(axis=0, eps=2.5), differentiable=(0, 1),
    ),
    Case(
        distances.pairwise_distance, "Euclidean", normal("N D"), normal("M D"), dims=dict(N=4, M=3, D=5),
        differentiable=(0, 1), bench=Bench(dict(N=128, M=48, D=64), real={0: "digits"}, split={0: 0}, core=True),
    ),
    Case(distances.pairwise_distance, "city block", normal("N D"), normal("M D"), dims=dict(N=2, M=3, D=5), options=dict(p=1), differentiable=(0, 1)),
    Case(distances.pairwise_distance, "a power of 3.5", normal("N D"), normal("M D"), dims=dict(N=3, M=2, D=4), options=dict(p=3.5), differentiable=(0, 1)),
    Case(
        distances.pairwise_distance, "largest difference", distinct("N D"), constant([[0.33, -0.21, 0.1, -0.77]]), dims=dict(N=3, D=4),
        options=dict(p=math.inf), differentiable=(0, 1),
    ),
    Case(
        distances.pairwise_distance, "coordinates that differ", constant([[1.0, 2.0, 3.0], [0.0, 2.0, 0.5]]), constant([[1.0, 2.0, 3.5], [0.0, 1.0, 0.5]]),
        options=dict(p=0),
    ),
    Case(
        distances.knn_classify, "three classes", normal("N D"), normal("M D"), integers("M", -1, 2), dims=dict(N=5, M=9, D=3),
        options=dict(k=3), limits=_LABELS, bench=Bench(dict(N=64, M=96, D=64), real={1: "digits", 2: "digit_labels"}, split={0: 0}, core=True),
    ),
    Case(
        distances.knn_classify, "equal distances, equal votes", constant([[0.0], [4.0]]), constant([[1.0], [-1.0], [3.0], [1.0], [5.0]]),
        constant([7, 3, 5, 3, 5]), options=dict(k=2), limits=_LABELS,
    ),
    Case(distances.knn_classify, "nearest one", normal("N D"), normal("M D"), integers("M", 0, 9), dims=dict(N=4, M=7, D=2), options=dict(k=1), limits=_LABELS),
]  # fmt: skip

BAD = [
    Bad(distances.cosine_similarity, "shapes do not fit", normal("4 3"), normal("5 3"), error=ValueError, match="broadcasts with"),
    Bad(distances.cosine_similarity, "an axis too many", normal("4 3"), normal("3"), options=dict(axis=2), error=ValueError, match="rank 2"),
    Bad(distances.cosine_similarity, "two scalars", normal(""), normal(""), error=ValueError, match="rank 0"),
    Bad(distances.cosine_similarity, "no bound", normal("4 3"), normal("4 3"), options=dict(eps=0.0), error=ValueError, match="greater than 0"),
    Bad(distances.cosine_similarity, "integers", integers("4 3", 0, 9), normal("4 3"), error=TypeError, match="floating"),
    Bad(distances.pairwise_distance, "features do not fit", normal("4 3"), normal("2 5"), error=ValueError, match="needs 3 columns"),
    Bad(distances.pairwise_distance, "one feature would broadcast", normal("4 3"), normal("2 1"), error=ValueError, match="needs 3 columns"),
    Bad(distances.pairwise_distance, "one row as a vector", normal("3"), normal("2 3"), error=ValueError, match="rank 2"),
    Bad(distances.pairwise_distance, "integers", integers("4 3", 0, 9), normal("2 3"), error=TypeError, match="floating"),
    Bad(distances.pairwise_distance, "negative power", normal("4 3"), normal("2 3"), options=dict(p=-1), error=ValueError, match="p is -1"),
    Bad(distances.pairwise_distance, "power by name", normal("4 3"), normal("2 3"), options=dict(p="l2"), error=TypeError, match="static Python number"),
    Bad(distances.knn_classify, "features do not fit", normal("4 3"), normal("6 2"), integers("6", 0, 3), options=dict(k=1), error=ValueError, match="columns"),
    Bad(distances.knn_classify, "labels do not fit", normal("4 3"), normal("6 3"), integers("5", 0, 3), options=dict(k=1), error=ValueError, match="one label"),
    Bad(distances.knn_classify, "k too large", normal("4 3"), normal("6 3"), integers("6", 0, 3), options=dict(k=7), error=ValueError, match="the 6 rows"),
    Bad(distances.knn_classify, "k of zero", normal("4 3"), normal("6 3"), integers("6", 0, 3), options=dict(k=0), error=ValueError, match="k is 0"),
    Bad(distances.knn_classify, "real labels", normal("4 3"), normal("6 3"), normal("6"), options=dict(k=1), error=TypeError, match="integer"),
    Bad(distances.knn_classify, "integers", integers("4 3", 0, 9), normal("6 3"), integers("6", 0, 3), options=dict(k=1), error=TypeError, match="floating"),
]  # fmt: skip

NO_LOOP: dict[str, str] = {}
