"""Detection: boxes, anchors, targets, proposals, suppression and regions of interest, with static shapes."""

__all__: list[str] = []
