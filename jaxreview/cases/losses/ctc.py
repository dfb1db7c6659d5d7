"""Rows of connectionist temporal classification."""

from jaxreview import losses
from jaxreview.cases._inputs import constant, integers, normal
from jaxreview.cases._rows import Bad, Bench, Case

# A repeated label, padding on both axes, and labels that do not fit into the frames; the blank is the last class, 3.
_PADDED = (
    normal("3 5 4"), constant([[0, 0, 0, 0, 0], [0, 0, 0, 1, 1], [0, 0, 1, 1, 1]]), constant([[1, 1, 2], [2, 0, 0], [1, 0, 2]]),
    constant([[0, 0, 0], [0, 1, 1], [0, 0, 0]]),
)  # fmt: skip
_FRAMES, _LABELS = integers("B T", 0, 1), integers("B N", 0, 1)
_DIMS, _BENCH = dict(B=2, T=5, K=4, N=2), dict(B=8, T=40, K=12, N=10)

CASES = [
    Case(
        losses.ctc_loss, "labels", normal("B T K"), _FRAMES, integers("B N", 1, "K"), _LABELS, dims=_DIMS, differentiable=(0,), batched=(0, 1, 2, 3),
        bench=Bench(_BENCH),
    ),
    Case(
        losses.ctc_loss, "padded, the blank last", *_PADDED, options=dict(blank_id=3, log_epsilon=-1e3), differentiable=(0,), batched=(0, 1, 2, 3),
    ),

    Case(
        losses.ctc_loss_with_forward_probs, "padded, the blank last", *_PADDED, options=dict(blank_id=3, log_epsilon=-1e3), differentiable=(0,),
    ),
    Case(
        losses.ctc_loss_with_forward_probs, "labels", normal("B T K"), _FRAMES, integers("B N", 1, "K"), _LABELS, dims=_DIMS,
        options=dict(log_epsilon=-1e3), bench=Bench(_BENCH),
    ),
]  # fmt: skip

_NO = integers("2 5", 0, 1), integers("2 3", 0, 1)

BAD = [
    bad for loss in (losses.ctc_loss, losses.ctc_loss_with_forward_probs) for bad in (
        Bad(loss, "other batches", normal("2 5 4"), _NO[0], integers("1 3", 1, 4), integers("1 3", 0, 1), error=ValueError, match="labels has shape"),
        Bad(loss, "a batch missing", normal("2 5 4"), _NO[0], integers("3", 1, 4), integers("3", 0, 1), error=ValueError, match="rank 2"),
        Bad(loss, "paddings of other frames", normal("2 5 4"), integers("2 4", 0, 1), integers("2 3", 1, 4), _NO[1], error=ValueError, match="logit_paddings"),
        Bad(loss, "paddings of other labels", normal("2 5 4"), _NO[0], integers("2 3", 1, 4), integers("2 1", 0, 1), error=ValueError, match="label_paddings"),
        Bad(loss, "real labels", normal("2 5 4"), _NO[0], normal("2 3"), _NO[1], error=TypeError, match="integer labels"),
        Bad(loss, "integer logits", integers("2 5 4", 0, 9), _NO[0], integers("2 3", 1, 4), _NO[1], error=TypeError, match="logits has dtype"),
        Bad(loss, "no frames", normal("2 0 4"), integers("2 0", 0, 1), integers("2 3", 1, 4), _NO[1], error=ValueError, match="at least one frame"),
        Bad(loss, "no such blank", normal("2 5 4"), _NO[0], integers("2 3", 1, 4), _NO[1], options=dict(blank_id=4), error=ValueError, match="blank_id is 4"),
        Bad(loss, "positive ε", normal("2 5 4"), _NO[0], integers("2 3", 1, 4), _NO[1], options=dict(log_epsilon=1.0), error=ValueError, match="log_epsilon"),
        Bad(loss, "a blank label", normal("2 5 4"), _NO[0], constant([[1, 2, 3], [1, 0, 1]]), _NO[1], error=ValueError, match="labels contains 0", eager=True),
        Bad(loss, "a label too large", normal("1 5 4"), integers("1 5", 0, 1), constant([[4]]), constant([[0]]), error=ValueError, match="[0, 4)", eager=True),
        Bad(
            loss, "padding first", normal("1 5 4"), integers("1 5", 0, 1), constant([[1, 2]]), constant([[1, 0]]), error=ValueError, match="paddings last",
            eager=True,
        ),
        Bad(loss, "half a padding", normal("1 1 4"), constant([[0.5]]), constant([[1]]), constant([[0]]), error=ValueError, match="0 or 1", eager=True),
    )
]  # fmt: skip
