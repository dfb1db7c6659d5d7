"""Rows of the losses of an overlap."""

from jaxreview import losses
from jaxreview.cases._inputs import constant, integers, normal, probabilities, uniform
from jaxreview.cases._rows import Bad, Bench, Case

CASES = [
    Case(
        losses.dice_loss, "a picture of classes", normal("N H W K"), probabilities("N H W K"), dims=dict(N=2, H=3, W=2, K=4), differentiable=(0, 1),
        bench=Bench(dict(N=6, H=16, W=16, K=4), split={0: 0, 1: 0}),
    ),
    Case(
        losses.dice_loss, "Tversky, weighted, without background, any batch", normal("3 2 4"), uniform("3 2 4", 0.1, 0.9),
        arrays=dict(class_weights=uniform("4", 0.5, 2.0)),
        options=dict(smooth=0.5, alpha=0.3, beta=0.7, reduction="none", ignore_background=True, axis=(-3, -2)), differentiable=(0, 1, 2), batched=(0, 1),
    ),
    Case(
        losses.dice_loss, "probabilities, summed, a single class's axis missing", uniform("2 3 1", 0.1, 0.9), integers("2 3", 0, 2),
        options=dict(apply_softmax=False, reduction="sum"), differentiable=(0,),
    ),

    Case(
        losses.binary_dice_loss, "masks", normal("N H W"), integers("N H W", 0, 2), dims=dict(N=2, H=3, W=4), differentiable=(0,),
        bench=Bench(dict(N=16, H=32, W=32), split={0: 0, 1: 0}),
    ),
    Case(
        losses.binary_dice_loss, "probabilities, a class axis", uniform("3 4 1", 0.1, 0.9), uniform("3 4 1"), options=dict(smooth=0.25, apply_sigmoid=False),
        differentiable=(0, 1),
    ),

    Case(
        losses.multiclass_generalized_dice_loss, "a picture of classes", normal("N H W K"), probabilities("N H W K"), dims=dict(N=2, H=3, W=2, K=4),
        differentiable=(0, 1), couples="the sizes of the classes", bench=Bench(dict(N=6, H=16, W=16, K=4)),
    ),
    Case(
        losses.multiclass_generalized_dice_loss, "probabilities without background", probabilities("2 5 3"), probabilities("2 5 3"),
        options=dict(smooth=0.5, apply_softmax=False, ignore_background=True), couples="the sizes of the classes",
    ),
]  # fmt: skip

_REFUSED = (losses.dice_loss, losses.multiclass_generalized_dice_loss)

BAD = [
    *(
        bad for loss in (*_REFUSED, losses.binary_dice_loss) for bad in (
            Bad(loss, "targets of other cells", normal("2 3 1"), uniform("2 4 1"), error=ValueError, match="nothing is broadcast"),
            Bad(loss, "integer predictions", integers("2 3 1", 0, 9), uniform("2 3 1"), error=TypeError, match="predictions has dtype"),
            Bad(loss, "negative smoothing", normal("2 3 1"), uniform("2 3 1"), options=dict(smooth=-1.0), error=ValueError, match="smooth is -1"),
            Bad(loss, "targets of 2", normal("1 2 1"), constant([[[1.0], [2.0]]]), error=ValueError, match="targets reaches", eager=True),
        )
    ),
    *(
        Bad(
            loss, "logits taken for probabilities", constant([[[0.9, 0.9]]]), constant([[[1.0, 0.0]]]), options=dict(apply_softmax=False), error=ValueError,
            match="sum to 1", eager=True,
        )
        for loss in _REFUSED
    ),
    Bad(losses.dice_loss, "the class axis", normal("2 3 4"), uniform("2 3 4"), options=dict(axis=-1), error=ValueError, match="before the class axis"),
    Bad(losses.dice_loss, "another reduction", normal("2 3 4"), uniform("2 3 4"), options=dict(reduction="max"), error=ValueError, match="one of 'mean'"),
    Bad(losses.dice_loss, "one weight", normal("2 3 4"), uniform("2 3 4"), arrays=dict(class_weights=normal("1")), error=ValueError, match="class_weights"),
    Bad(losses.dice_loss, "α not a number", normal("2 3 4"), uniform("2 3 4"), options=dict(alpha="1"), error=TypeError, match="alpha is '1'"),
    Bad(losses.dice_loss, "no classes", normal("2 3 0"), uniform("2 3 0"), error=ValueError, match="at least one class"),
    Bad(
        losses.binary_dice_loss, "logits taken for probabilities", constant([[1.5, 0.5]]), constant([[1.0, 0.0]]), options=dict(apply_sigmoid=False),
        error=ValueError, match="predictions reaches", eager=True,
    ),
    Bad(losses.binary_dice_loss, "several classes", normal("2 3 4"), uniform("2 3"), error=ValueError, match="nothing is broadcast"),
]  # fmt: skip
