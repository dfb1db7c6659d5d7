"""Targets and loss of a region proposal network, as loops."""

import math

import numpy as np

from jaxreview.loops.detection.anchors import inside_image
from jaxreview.loops.detection.coding import encode_boxes
from jaxreview.loops.detection.matching import match_anchors
from jaxreview.loops.regularization import random_word


def rpn_targets(
    key, anchors, boxes, valid, *, image_size, batch_size=256, positive_fraction=0.5, positive=0.7, negative=0.3, border=0.0,
    weights=(1.0, 1.0, 1.0, 1.0), legacy_plus_one=False,
):  # fmt: skip
    """Image by image: label the anchors inside, keep a random few of each label, and write down the offsets to the nearest object."""
    boxes = np.asarray(boxes, np.float64)
    batch, count = boxes.shape[:-2], len(anchors)
    inside = inside_image(anchors, image_size, border=border, legacy_plus_one=legacy_plus_one)
    labels, objects = match_anchors(
        anchors, boxes, valid, positive=positive, negative=negative, mask=inside, legacy_plus_one=legacy_plus_one
    )  # fmt: skip
    offsets, inner, outer = (np.zeros((*batch, count, 4)) for _ in range(3))
    for image, n in enumerate(np.ndindex(*batch)):
        room = int(positive_fraction * batch_size)
        for label in (1, 0):
            luck = {a: random_word(key, image * count + a) >> 8 for a in range(count) if labels[n][a] == label}
            for rank, a in enumerate(sorted(luck, key=lambda a: (-luck[a], a))):
                if rank >= room:
                    labels[n][a] = -1
            room = batch_size - min(room, len(luck))
        asked = 0
        for a in range(count):
            asked += labels[n][a] >= 0
        for a in range(count):
            if inside[a] and np.any(valid[n]):
                offsets[n][a] = encode_boxes(boxes[n][objects[n][a]], anchors[a], weights=weights, legacy_plus_one=legacy_plus_one)
            if labels[n][a] == 1:
                inner[n][a] = 1.0
            if labels[n][a] >= 0:
                outer[n][a] = 1.0 / asked
    return labels, offsets, inner, outer


def rpn_loss(scores, deltas, targets, *, beta=1 / 9):
    """Image by image and anchor by anchor: −log of the probability of the label, and smooth L1 of each offset of a positive."""
    labels, wanted, inner, outer = targets
    batch = np.shape(scores)[:-1]
    objectness, boxes = np.zeros(batch), np.zeros(batch)
    for n in np.ndindex(*batch):
        asked = 0
        for a, label in enumerate(labels[n]):
            if label >= 0:
                asked += 1
                z = float(scores[n][a]) if label == 0 else -float(scores[n][a])
                objectness[n] += max(z, 0.0) + math.log1p(math.exp(-abs(z)))
            for c in range(4):
                if inner[n][a][c] != 0:
                    off = abs(inner[n][a][c] * (deltas[n][a][c] - wanted[n][a][c]))
                    boxes[n] += outer[n][a][c] * (off**2 / (2 * beta) if off < beta else off - beta / 2)
        objectness[n] /= max(asked, 1)
    return objectness, boxes
