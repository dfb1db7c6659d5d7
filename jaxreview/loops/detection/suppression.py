"""Non-maximum suppression. As loops."""

import math

import numpy as np

from jaxreview.loops.losses._boxes import areas, share


def nms(boxes, scores, *, iou_threshold, max_outputs=None, score_threshold=None, mask=None):
    """The best box that is left, again and again, without those that overlap one taken before by more than the threshold."""
    return batched_nms(
        boxes, scores, np.zeros(np.shape(scores), int), iou_threshold=iou_threshold, max_outputs=max_outputs, score_threshold=score_threshold, mask=mask
    )


def batched_nms(boxes, scores, classes, *, iou_threshold, max_outputs=None, score_threshold=None, mask=None):
    """The same, where only a box of the same class suppresses."""
    boxes, scores = np.asarray(boxes, np.float64), np.asarray(scores, np.float64)
    length = scores.shape[-1] if max_outputs is None else max_outputs
    indices = np.full((*scores.shape[:-1], length), -1)
    for lane in np.ndindex(*scores.shape[:-1]):
        kept = []
        for j in _falling(scores[lane], None if mask is None else mask[lane], score_threshold):
            if len(kept) == length:
                break
            if not any(classes[lane][i] == classes[lane][j] and share(*areas(boxes[lane][i], boxes[lane][j])) > iou_threshold for i in kept):
                kept.append(j)
        for place, j in enumerate(kept):
            indices[(*lane, place)] = j
    return indices, indices >= 0


def soft_nms(boxes, scores, *, method="gaussian", sigma=0.5, iou_threshold=0.3, score_threshold=0.001, max_outputs=None, mask=None):
    """The box of the best score at present, whose overlap lowers the scores of the others, again and again."""
    boxes, scores = np.asarray(boxes, np.float64), np.asarray(scores, np.float64)
    length = scores.shape[-1] if max_outputs is None else max_outputs
    indices, taken = np.full((*scores.shape[:-1], length), -1), np.zeros((*scores.shape[:-1], length))
    for lane in np.ndindex(*scores.shape[:-1]):
        now = {i: float(scores[lane][i]) for i in sorted(_falling(scores[lane], None if mask is None else mask[lane], score_threshold))}
        for place in range(length):
            if not now:
                break
            best = max(now, key=lambda i: now[i])
            indices[(*lane, place)], taken[(*lane, place)] = best, now.pop(best)
            for i in list(now):
                iou = share(*areas(boxes[lane][best], boxes[lane][i]))
                now[i] *= math.exp(-(iou**2) / sigma) if method == "gaussian" else 1 - iou if iou > iou_threshold else 1.0
                if not now[i] > score_threshold:
                    del now[i]
    return indices, taken, indices >= 0


def _falling(scores, mask, score_threshold):
    """The boxes that take part by falling score, equal scores by index."""
    least = -math.inf if score_threshold is None else score_threshold
    there = [i for i in range(len(scores)) if scores[i] > least and scores[i] > -math.inf and (mask is None or mask[i])]
    return sorted(there, key=lambda i: (-scores[i], i))
