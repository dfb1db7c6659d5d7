"""Detection: boxes, anchors, targets, proposals, suppression and regions of interest, with static shapes."""

from jaxreview.detection.anchors import base_anchors, centered_anchors, grid_anchors, inside_image
from jaxreview.detection.boxes import box_area, box_convert, box_iou, clip_boxes, complete_box_iou, distance_box_iou, generalized_box_iou
from jaxreview.detection.coding import decode_boxes, encode_boxes
from jaxreview.detection.matching import AnchorMatches, match_anchors
from jaxreview.detection.position_sensitive import ps_roi_align, ps_roi_pool
from jaxreview.detection.proposing import Proposals, proposals
from jaxreview.detection.regions import roi_align, roi_pool
from jaxreview.detection.suppression import Kept, SoftKept, batched_nms, nms, soft_nms
from jaxreview.detection.targets import RPNLoss, RPNTargets, rpn_loss, rpn_targets

__all__ = [
    "AnchorMatches",
    "Kept",
    "Proposals",
    "RPNLoss",
    "RPNTargets",
    "SoftKept",
    "base_anchors",
    "batched_nms",
    "box_area",
    "box_convert",
    "box_iou",
    "centered_anchors",
    "clip_boxes",
    "complete_box_iou",
    "decode_boxes",
    "distance_box_iou",
    "encode_boxes",
    "generalized_box_iou",
    "grid_anchors",
    "inside_image",
    "match_anchors",
    "nms",
    "proposals",
    "ps_roi_align",
    "ps_roi_pool",
    "roi_align",
    "roi_pool",
    "rpn_loss",
    "rpn_targets",
    "soft_nms",
]
