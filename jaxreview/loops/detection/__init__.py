"""Detection, as loops."""

from jaxreview.loops.detection.anchors import base_anchors, centered_anchors, grid_anchors, inside_image
from jaxreview.loops.detection.boxes import box_area, box_convert, box_iou, clip_boxes, complete_box_iou, distance_box_iou, generalized_box_iou
from jaxreview.loops.detection.coding import decode_boxes, encode_boxes
from jaxreview.loops.detection.matching import match_anchors
from jaxreview.loops.detection.position_sensitive import ps_roi_align, ps_roi_pool
from jaxreview.loops.detection.proposing import proposals
from jaxreview.loops.detection.regions import roi_align, roi_pool
from jaxreview.loops.detection.suppression import batched_nms, nms, soft_nms
from jaxreview.loops.detection.targets import rpn_loss, rpn_targets

__all__ = [
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
