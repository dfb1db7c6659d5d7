"""Rows of the losses that ask for a margin."""

import numpy as np

from jaxreview import losses
from jaxreview.cases._inputs import Dims, Input, away, constant, distinct, integers, normal, signs, sizes, uniform
from jaxreview.cases._rows import Bad, Bench, Case


def listed(spec: str) -> Input:
    """For each example the indices of some of the classes, which its last axis counts, in random order, then −1 and what does not count."""

    def draw(rng: np.random.Generator, dims: Dims) -> np.ndarray:
        *batch, classes = sizes(spec, dims)
        found = np.empty((*batch, classes), np.int32)
        for n in np.ndindex(*batch):
            found[n] = rng.permutation(classes)
            found[(*n, rng.integers(1, classes))] = -1
        return found

    return Input(f"listed({spec})", draw)


CASES = [
    Case(
        losses.squared_hinge_loss, "scores", away("N K", -1, 1), signs("N K"), dims=dict(N=4, K=3), differentiable=(0,), batched=(0, 1),
        bench=Bench(dict(N=1797, K=64), real={0: "standardized_digits"}),
    ),

    Case(
        losses.soft_margin_loss, "scores", normal("N K", scale=3.0), signs("N K"), dims=dict(N=4, K=3), differentiable=(0,), batched=(0, 1),
        bench=Bench(dict(N=1797, K=64), real={0: "standardized_digits"}),
    ),

    Case(
        losses.hinge_embedding_loss, "a margin of a half", away("N K", 0.5), signs("N K"), dims=dict(N=4, K=3), options=dict(margin=0.5),
        differentiable=(0,), batched=(0, 1), bench=Bench(dict(N=1797, K=64), real={0: "digits"}),
    ),

    # Differences of two scores are multiples of 3.5/14, none of them near the margin.
    Case(
        losses.margin_ranking_loss, "a margin of a tenth", distinct("N K"), distinct("N K"), signs("N K"), dims=dict(N=5, K=3),
        options=dict(margin=0.1), differentiable=(0, 1), batched=(0, 1, 2), bench=Bench(dict(N=1797, K=64), real={0: "standardized_digits"}),
    ),

    # Differences of two logits are multiples of 3.5/11, none of them near a margin.
    Case(
        losses.multi_margin_loss, "one class among four", distinct("N K"), integers("N", 0, "K"), dims=dict(N=3, K=4), differentiable=(0,), batched=(0, 1),
        bench=Bench(dict(N=1797, K=10), real={0: "digit_scores", 1: "digit_labels"}),
    ),
    Case(
        losses.multi_margin_loss, "squares, a margin of a half, weights", distinct("N K"), integers("N", 0, "K"), dims=dict(N=3, K=4),
        arrays=dict(class_weights=uniform("K", 0.5, 2.0)), options=dict(p=2, margin=0.5), differentiable=(0, 2), batched=(0, 1),
    ),

    Case(
        losses.multilabel_margin_loss, "some classes among four", distinct("N K"), listed("N K"), dims=dict(N=3, K=4), differentiable=(0,), batched=(0, 1),
        bench=Bench(dict(N=1797, K=10), real={0: "digit_scores"}),
    ),

    Case(
        losses.multilabel_soft_margin_loss, "weighted classes", normal("N K", scale=3.0), uniform("N K", 0.1, 0.9), dims=dict(N=3, K=5),
        arrays=dict(class_weights=uniform("K", 0.5, 2.0)), differentiable=(0, 1, 2), batched=(0, 1),
        bench=Bench(dict(N=1797, K=10), real={0: "digit_scores"}),
    ),
    Case(
        losses.multilabel_soft_margin_loss, "yes or no, three axes", normal("B N K"), integers("B N K", 0, 2), dims=dict(B=2, N=3, K=5),
        differentiable=(0,), batched=(0, 1),
    ),
]  # fmt: skip

BAD = [
    Bad(losses.squared_hinge_loss, "a column against a row", normal("4 1"), signs("4"), error=ValueError, match="nothing is broadcast"),
    Bad(losses.squared_hinge_loss, "integer predictions", integers("4", 0, 9), signs("4"), error=TypeError, match="predictions has dtype"),
    Bad(losses.squared_hinge_loss, "boolean targets", normal("2"), constant([True, False]), error=TypeError, match="targets has dtype bool"),
    Bad(losses.squared_hinge_loss, "targets of 0 and 1", normal("2"), constant([1, 0]), error=ValueError, match="targets holds 0", eager=True),

    Bad(losses.soft_margin_loss, "a row against a column", normal("4"), signs("4 1"), error=ValueError, match="nothing is broadcast"),
    Bad(losses.soft_margin_loss, "integer predictions", integers("4", 0, 9), signs("4"), error=TypeError, match="predictions has dtype"),
    Bad(losses.soft_margin_loss, "boolean targets", normal("2"), constant([True, False]), error=TypeError, match="targets has dtype bool"),
    Bad(losses.soft_margin_loss, "a target of a half", normal("2"), constant([1.0, 0.5]), error=ValueError, match="targets holds 0.5", eager=True),

    Bad(losses.hinge_embedding_loss, "one target for all", normal("4"), signs(""), error=ValueError, match="nothing is broadcast"),
    Bad(losses.hinge_embedding_loss, "integer distances", integers("4", 0, 9), signs("4"), error=TypeError, match="x has dtype"),
    Bad(losses.hinge_embedding_loss, "targets of 0 and 1", normal("2"), constant([0, 1]), error=ValueError, match="targets holds 0", eager=True),
    Bad(losses.hinge_embedding_loss, "margin not a number", normal("2"), signs("2"), options=dict(margin="1"), error=TypeError, match="margin is '1'"),

    Bad(losses.margin_ranking_loss, "a column against a row", normal("4 1"), normal("4"), signs("4"), error=ValueError, match="x2 has shape"),
    Bad(losses.margin_ranking_loss, "one target for all", normal("4"), normal("4"), signs("1"), error=ValueError, match="targets has shape"),
    Bad(losses.margin_ranking_loss, "integer scores", normal("4"), integers("4", 0, 9), signs("4"), error=TypeError, match="x2 has dtype"),
    Bad(losses.margin_ranking_loss, "a target of 2", normal("2"), normal("2"), constant([1, 2]), error=ValueError, match="targets holds 2", eager=True),

    Bad(losses.multi_margin_loss, "labels as a column", normal("4 3"), integers("4 1", 0, 3), error=ValueError, match="without its last axis"),
    Bad(losses.multi_margin_loss, "real labels", normal("4 3"), normal("4"), error=TypeError, match="integer labels"),
    Bad(losses.multi_margin_loss, "a scalar logit", normal(""), constant(np.array(0)), error=ValueError, match="at least rank 1"),
    Bad(losses.multi_margin_loss, "no classes", normal("2 0"), constant([0, 0]), error=ValueError, match="at least one class"),
    Bad(losses.multi_margin_loss, "a label too large", normal("2 3"), constant([0, 3]), error=ValueError, match="classes in [0, 3)", eager=True),
    Bad(losses.multi_margin_loss, "a third power", normal("2 3"), constant([0, 1]), options=dict(p=3), error=ValueError, match="p is 3"),
    Bad(
        losses.multi_margin_loss, "too few weights", normal("2 3"), constant([0, 1]), arrays=dict(class_weights=normal("2")),
        error=ValueError, match="class_weights has shape",
    ),

    Bad(losses.multilabel_margin_loss, "fewer slots than classes", normal("4 3"), integers("4 2", 0, 3), error=ValueError, match="nothing is broadcast"),
    Bad(losses.multilabel_margin_loss, "real targets", normal("4 3"), normal("4 3"), error=TypeError, match="targets has dtype"),
    Bad(losses.multilabel_margin_loss, "a class too large", normal("3"), constant([0, 3, -1]), error=ValueError, match="classes in [0, 3)", eager=True),
    Bad(losses.multilabel_margin_loss, "another end than -1", normal("3"), constant([0, -2, 1]), error=ValueError, match="from -2 to 1", eager=True),
    Bad(losses.multilabel_margin_loss, "integer logits", integers("2 3", 0, 9), integers("2 3", 0, 3), error=TypeError, match="logits has dtype"),

    Bad(losses.multilabel_soft_margin_loss, "one row of targets for all", normal("4 3"), integers("3", 0, 2), error=ValueError, match="nothing is broadcast"),
    Bad(losses.multilabel_soft_margin_loss, "targets of 1 and -1", normal("2"), constant([1, -1]), error=ValueError, match="[0, 1]", eager=True),
    Bad(losses.multilabel_soft_margin_loss, "integer logits", integers("2 3", 0, 9), integers("2 3", 0, 2), error=TypeError, match="logits has dtype"),
    Bad(
        losses.multilabel_soft_margin_loss, "weights of one would broadcast", normal("2 3"), integers("2 3", 0, 2), arrays=dict(class_weights=normal("1")),
        error=ValueError, match="class_weights has shape",
    ),
]  # fmt: skip
