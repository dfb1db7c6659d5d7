"""Rows of the targets and of the loss of a region proposal network."""

from typing import Any

import numpy as np

from jaxreview import detection
from jaxreview.cases._inputs import Dims, Input, constant, key, normal, sizes
from jaxreview.cases._rows import Bad, Bench, Case
from jaxreview.cases.detection._recipes import grid, objects, present


def targets(spec: str) -> Input:
    """Random labels with their weights, and normal offsets for the positives."""

    def draw(rng: np.random.Generator, dims: Dims) -> detection.RPNTargets:
        labels = rng.integers(-1, 2, sizes(spec, dims)).astype(np.int32)
        offsets = rng.standard_normal((*labels.shape, 4))
        inner = np.broadcast_to(labels[..., None] == 1, offsets.shape).astype(np.float64)
        asked = labels >= 0
        outer = np.broadcast_to((asked / np.maximum(asked.sum(-1, keepdims=True), 1))[..., None], offsets.shape)
        parts: Any = (labels, offsets, inner, outer.copy())
        return detection.RPNTargets(*parts)

    return Input(f"targets({spec})", draw)


CASES = [
    Case(
        detection.rpn_targets, "more positives than room, few asked", key(), grid("H W", 64.0), objects("N G", 64.0), present("N G"),
        dims=dict(N=2, H=3, W=4, G=5), options=dict(image_size=(64, 60), batch_size=12, positive_fraction=0.25, positive=0.4, negative=0.2),
    ),
    Case(
        detection.rpn_targets, "one image, fewer than asked, +1", key(), grid("H W", 64.0), objects("G", 63.0), present("G"), dims=dict(H=3, W=4, G=5),
        options=dict(image_size=(64, 64), border=8.0, weights=(10.0, 10.0, 5.0, 5.0), legacy_plus_one=True), bench=Bench(dict(H=10, W=10, G=8), examples=4),
    ),

    Case(
        detection.rpn_loss, "two images", normal("N A"), normal("N A 4"), targets("N A"), dims=dict(N=2, A=7), differentiable=(0, 1), batched=(0, 1, 2),
        largest=1e18, bench=Bench(dict(N=4, A=2000)),
    ),
    Case(
        detection.rpn_loss, "one image, a wide square", normal("A"), normal("A 4"), targets("A"), dims=dict(A=5), options=dict(beta=4.0),
        differentiable=(0, 1), largest=1e18,
    ),
]  # fmt: skip

_VALID = constant(np.array([True, True]))
_SIZE = dict(image_size=(9, 9))

BAD = [
    Bad(detection.rpn_targets, "no key", normal("2"), normal("5 4"), normal("2 4"), _VALID, options=_SIZE, error=TypeError, match="needs a key"),
    Bad(detection.rpn_targets, "corners apart", key(), normal("5 2 2"), normal("2 4"), _VALID, options=_SIZE, error=ValueError, match="anchors has shape"),
    Bad(detection.rpn_targets, "no valid", key(), normal("5 4"), normal("2 4"), normal("2"), options=_SIZE, error=TypeError, match="needs booleans"),
    Bad(
        detection.rpn_targets, "none asked", key(), normal("5 4"), normal("2 4"), _VALID, options=dict(_SIZE, batch_size=0), error=ValueError,
        match="batch_size is 0",
    ),
    Bad(
        detection.rpn_targets, "a share over 1", key(), normal("5 4"), normal("2 4"), _VALID, options=dict(_SIZE, positive_fraction=128), error=ValueError,
        match="positive_fraction is 128",
    ),
    Bad(
        detection.rpn_targets, "channels in the size", key(), normal("5 4"), normal("2 4"), _VALID, options=dict(image_size=(3, 9, 9)), error=ValueError,
        match="rpn_targets: image_size",
    ),

    Bad(detection.rpn_loss, "scores in a column", normal("5 1"), normal("5 4"), targets("5"), error=ValueError, match="four offsets for each"),
    Bad(detection.rpn_loss, "targets of one image for two", normal("2 5"), normal("2 5 4"), targets("5"), error=ValueError, match="nothing is broadcast"),
    Bad(detection.rpn_loss, "labels alone", normal("5"), normal("5 4"), normal("5"), error=TypeError, match="needs the RPNTargets"),
    Bad(detection.rpn_loss, "negative beta", normal("5"), normal("5 4"), targets("5"), options=dict(beta=-1.0), error=ValueError, match="beta is -1"),
]  # fmt: skip
