"""Losses, one value for each element or example: predictions first, targets second, and the caller takes the mean."""

from jaxreview.losses.binary import binary_cross_entropy, logistic_loss
from jaxreview.losses.boxes import ciou_loss, diou_loss, giou_loss
from jaxreview.losses.classification import cross_entropy, label_weights
from jaxreview.losses.ctc import ctc_loss, ctc_loss_with_forward_probs
from jaxreview.losses.divergence import convex_kl_divergence, generalized_kl_divergence, kl_divergence, kl_divergence_with_log_targets
from jaxreview.losses.embedding import cosine_embedding_loss, triplet_margin_loss
from jaxreview.losses.fenchel import (
    hinge_loss,
    make_fenchel_young_loss,
    multiclass_hinge_loss,
    multiclass_perceptron_loss,
    multiclass_sparsemax_loss,
    perceptron_loss,
    sparsemax_loss,
)
from jaxreview.losses.likelihood import gaussian_nll_loss, nll_loss, poisson_nll_loss
from jaxreview.losses.margin import (
    hinge_embedding_loss,
    margin_ranking_loss,
    multi_margin_loss,
    multilabel_margin_loss,
    multilabel_soft_margin_loss,
    soft_margin_loss,
    squared_hinge_loss,
)
from jaxreview.losses.overlap import binary_dice_loss, dice_loss, multiclass_generalized_dice_loss
from jaxreview.losses.regression import absolute_error, huber_loss, l2_loss, log_cosh, smooth_l1_loss, squared_error
from jaxreview.losses.sigmoid import sigmoid_binary_cross_entropy, sigmoid_focal_loss
from jaxreview.losses.similarity import cosine_distance, cosine_similarity, ntxent
from jaxreview.losses.softmax import (
    poly_loss_cross_entropy,
    ranking_softmax_loss,
    safe_softmax_cross_entropy,
    smooth_labels,
    softmax_cross_entropy,
    softmax_cross_entropy_with_integer_labels,
)

__all__ = [
    "absolute_error",
    "binary_cross_entropy",
    "binary_dice_loss",
    "ciou_loss",
    "convex_kl_divergence",
    "cosine_distance",
    "cosine_embedding_loss",
    "cosine_similarity",
    "cross_entropy",
    "ctc_loss",
    "ctc_loss_with_forward_probs",
    "dice_loss",
    "diou_loss",
    "gaussian_nll_loss",
    "generalized_kl_divergence",
    "giou_loss",
    "hinge_embedding_loss",
    "hinge_loss",
    "huber_loss",
    "kl_divergence",
    "kl_divergence_with_log_targets",
    "l2_loss",
    "label_weights",
    "log_cosh",
    "logistic_loss",
    "make_fenchel_young_loss",
    "margin_ranking_loss",
    "multi_margin_loss",
    "multiclass_generalized_dice_loss",
    "multiclass_hinge_loss",
    "multiclass_perceptron_loss",
    "multiclass_sparsemax_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "nll_loss",
    "ntxent",
    "perceptron_loss",
    "poisson_nll_loss",
    "poly_loss_cross_entropy",
    "ranking_softmax_loss",
    "safe_softmax_cross_entropy",
    "sigmoid_binary_cross_entropy",
    "sigmoid_focal_loss",
    "smooth_l1_loss",
    "smooth_labels",
    "soft_margin_loss",
    "softmax_cross_entropy",
    "softmax_cross_entropy_with_integer_labels",
    "sparsemax_loss",
    "squared_error",
    "squared_hinge_loss",
    "triplet_margin_loss",
]
