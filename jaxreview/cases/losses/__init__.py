"""Rows of the losses."""

from jaxreview.cases.losses import (
    binary,
    boxes,
    classification,
    ctc,
    divergence,
    embedding,
    fenchel,
    likelihood,
    margin,
    overlap,
    regression,
    sigmoid,
    similarity,
    softmax,
)

_PARTS = (regression, binary, classification, margin, embedding, likelihood, boxes, sigmoid, softmax, divergence, similarity, fenchel, overlap, ctc)

CASES = [case for part in _PARTS for case in part.CASES]
BAD = [bad for part in _PARTS for bad in part.BAD]
NO_LOOP: dict[str, str] = {}
