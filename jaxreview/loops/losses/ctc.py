"""Connectionist temporal classification, as loops."""

import math

import numpy as np


def _log_add(*terms):
    largest = max(terms)
    if largest == -math.inf:
        return -math.inf
    total = 0.0
    for term in terms:
        total += math.exp(term - largest)
    return largest + math.log(total)


def ctc_loss(logits, logit_paddings, labels, label_paddings, *, blank_id=0, log_epsilon=-1e5):
    """Example by example, minus the logarithm of the probability of all paths that give the labels."""
    return ctc_loss_with_forward_probs(logits, logit_paddings, labels, label_paddings, blank_id=blank_id, log_epsilon=log_epsilon)[0]


def ctc_loss_with_forward_probs(logits, logit_paddings, labels, label_paddings, *, blank_id=0, log_epsilon=-1e5):
    """Example by example and frame by frame, the probability of all beginnings that end in a blank after n labels, or in label n, in the logarithm."""
    logits, labels = np.asarray(logits, np.float64), np.asarray(labels)
    *batch, frames, _ = logits.shape
    count = labels.shape[-1]
    loss, blank, label = np.zeros(batch), np.zeros((frames, *batch, count + 1)), np.zeros((frames, *batch, count))
    for b in np.ndindex(*batch):
        ends_blank = [0.0] + [-math.inf] * count
        ends_label = [-math.inf] * count
        for t in range(frames):
            if not logit_paddings[(*b, t)]:
                z = [float(v) for v in logits[(*b, t)]]
                normalizer = _log_add(*z)
                before_blank, before_label = list(ends_blank), list(ends_label)
                for n in range(count + 1):
                    ends_blank[n] = _log_add(before_blank[n], before_label[n - 1] if n else -math.inf) + z[blank_id] - normalizer
                for n in range(count):
                    y = blank_id if label_paddings[(*b, n)] else int(labels[(*b, n)])
                    previous = None if n == 0 else blank_id if label_paddings[(*b, n - 1)] else int(labels[(*b, n - 1)])
                    onward = before_label[n - 1] if n and previous != y else -math.inf
                    ends_label[n] = _log_add(before_label[n], before_blank[n], onward) + z[y] - normalizer
            blank[(t, *b)], label[(t, *b)] = ends_blank, ends_label
        total = [_log_add(ends_blank[n], ends_label[n - 1] if n else -math.inf) for n in range(count + 1)]
        blank[(frames - 1, *b)] = total
        present = 0
        for n in range(count):
            present += not label_paddings[(*b, n)]
        loss[b] = -(total[present] if total[present] > -math.inf else log_epsilon)
    for table in (blank, label):
        for i in np.ndindex(*table.shape):
            table[i] = log_epsilon if table[i] == -math.inf else table[i]
    return loss, blank, label
