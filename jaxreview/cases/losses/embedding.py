"""Rows of the losses of the distance or the angle between vectors."""

from jaxreview import losses
from jaxreview.cases._inputs import constant, integers, normal, signs
from jaxreview.cases._rows import Bad, Bench, Case

CASES = [
    Case(
        losses.cosine_embedding_loss, "a margin of −0.6", normal("N D"), normal("N D"), signs("N"), dims=dict(N=5, D=3), options=dict(margin=-0.6),
        differentiable=(0, 1), batched=(0, 1, 2), bench=Bench(dict(N=1797, D=64), real={0: "standardized_digits"}),
    ),

    Case(
        losses.triplet_margin_loss, "Euclidean", normal("N D"), normal("N D"), normal("N D"), dims=dict(N=5, D=3),
        differentiable=(0, 1, 2), batched=(0, 1, 2), bench=Bench(dict(N=1797, D=64), real={0: "standardized_digits"}),
    ),
    Case(
        losses.triplet_margin_loss, "cubes, the nearer of two", normal("N D"), normal("N D"), normal("N D"), dims=dict(N=5, D=3),
        options=dict(margin=0.5, p=3, swap=True, eps=0.01), differentiable=(0, 1, 2), batched=(0, 1, 2),
    ),
]  # fmt: skip

_THREE = (normal("4 3"), normal("4 3"), normal("4 3"))

BAD = [
    Bad(losses.cosine_embedding_loss, "one vector against all", normal("4 3"), normal("3"), signs("4"), error=ValueError, match="x2 has shape"),
    Bad(losses.cosine_embedding_loss, "targets as a column", normal("4 3"), normal("4 3"), signs("4 1"), error=ValueError, match="one for each pair"),
    Bad(losses.cosine_embedding_loss, "scalars", normal(""), normal(""), signs(""), error=ValueError, match="at least rank 1"),
    Bad(losses.cosine_embedding_loss, "targets of 0 and 1", normal("2 3"), normal("2 3"), constant([0, 1]), error=ValueError, match="holds 0", eager=True),
    Bad(losses.cosine_embedding_loss, "integers", integers("4 3", 0, 9), normal("4 3"), signs("4"), error=TypeError, match="x1 has dtype"),
    Bad(
        losses.cosine_embedding_loss, "no cosine is 1.5", normal("4 3"), normal("4 3"), signs("4"), options=dict(margin=1.5), error=ValueError, match="[-1, 1]",
    ),

    Bad(losses.triplet_margin_loss, "one positive for all", normal("4 3"), normal("1 3"), normal("4 3"), error=ValueError, match="positives has shape"),
    Bad(losses.triplet_margin_loss, "other negatives", normal("4 3"), normal("4 3"), normal("5 3"), error=ValueError, match="negatives has shape"),
    Bad(losses.triplet_margin_loss, "integers", normal("4 3"), normal("4 3"), integers("4 3", 0, 9), error=TypeError, match="negatives has dtype"),
    Bad(losses.triplet_margin_loss, "scalars", normal(""), normal(""), normal(""), error=ValueError, match="at least rank 1"),
    Bad(losses.triplet_margin_loss, "negative margin", *_THREE, options=dict(margin=-1.0), error=ValueError, match="margin is -1"),
    Bad(losses.triplet_margin_loss, "no power", *_THREE, options=dict(p=0), error=ValueError, match="p is 0"),
    Bad(losses.triplet_margin_loss, "negative eps", *_THREE, options=dict(eps=-1e-6), error=ValueError, match="eps is -1e-06"),
    Bad(losses.triplet_margin_loss, "swap not a bool", *_THREE, options=dict(swap=1), error=TypeError, match="True or False"),
]  # fmt: skip
