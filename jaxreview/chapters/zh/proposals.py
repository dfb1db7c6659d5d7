"""Chapter 0 in Chinese."""

TITLE = "一张图看懂卷积网络，以及 Faster R-CNN 怎样提出候选区域"

TEXTS = {
    "A convolutional network turns a picture into ever smaller maps of ever more channels, each value of which has seen one window of the picture. VGG-16, "
    "on which the published Faster R-CNN stands, halves a picture of 600 × 1000 four times before it looks for objects.": (
        "卷积网络把图片变成越来越小、通道越来越多的特征图：特征图上的每个值都看过图片中的一个窗口。"
        "原版 Faster R-CNN 以 VGG-16 为主干，在寻找物体之前把 600 × 1000 的图片缩小一半，共四次。"
    ),
    "behind": "位置",
    "picture": "图片",
    "height": "高",
    "width": "宽",
    "channels": "通道",
    "pixels a step": "一步对应的像素",
    "Each pool halves the map; convolutions add channels.": "每次池化使特征图缩小一半；卷积增加通道。",
    "At every place of the last map stand nine **anchors**, three areas in three shapes. Around the first place they are, in pixels:": (
        "最后一张特征图的每个位置上有九个**锚框**：三种面积，各三种形状。围绕第一个位置，它们的坐标（像素）是："
    ),
    "The nine published anchors of a map with a step of 16 pixels.": "步长为 16 像素的特征图上，原文给出的九个锚框。",
    "600 × {w} pixels have {n} anchors, {inside} of them inside.": "600 × {w} 像素的图片有 {n} 个锚框，其中 {inside} 个完全在图内。",
    "Training needs a label for every anchor. It is an object (1) if its IoU with one is at least 0.7, or if no other anchor fits some object better; "
    "background (0) if its IoU is below 0.3 with all of them; and else it is not asked (−1). Of these a few are drawn, at most half of them objects: "
    "the paper draws 256, and here it is 64, on toy pictures of rectangles.": (
        "训练时每个锚框都要有标签。与某个物体的 IoU 不低于 0.7，或者没有别的锚框比它更贴合某个物体，就是物体（1）；"
        "与所有物体的 IoU 都低于 0.3 是背景（0）；其余不参与训练（−1）。再从中随机抽取一部分，物体至多占一半：论文抽 256 个，"
        "这里用矩形玩具图片，抽 64 个。"
    ),
    "Around each object a few anchors are labelled as objects.": "每个物体周围有几个锚框被标为物体。",
    "A picture with its anchors, by label.": "一张图片和按标签着色的锚框。",
    "No anchor that sticks out of the picture is asked.": "凡是伸出图外的锚框都不参与训练。",
    "What is computed for the anchors inside is put back among all the anchors, the rest filled up with 0.": (
        "把图内锚框的结果放回全部锚框之中，其余位置填 0。"
    ),
    "Offsets and weights are filled up with 0, labels with −1: the label 0 would say that an anchor across the border is background.": (
        "只有偏移量和权重填 0，标签填的是 −1：若标签填 0，就等于说越界的锚框是背景。"
    ),
    "A small network gives each anchor a score and four offsets to its object, and learns both by gradient descent (Adam, {n} steps).": (
        "一个小网络为每个锚框给出一个得分和到其物体的四个偏移量，两者都用梯度下降（Adam，{n} 步）学习。"
    ),
    "Both parts of the loss fall.": "损失的两部分都在下降。",
    "Two falling curves.": "两条下降的曲线。",
    "The loss falls from {a:.3f} to {b:.3f}.": "损失从 {a:.3f} 降到 {b:.3f}。",
    "The offsets of objects' anchors are met up to {off:.3f} on average; to say 0 misses by {zero:.3f}.": (
        "物体锚框的偏移量平均误差为 {off:.3f}，而一律回答 0 的误差是 {zero:.3f}。"
    ),
    "Only objects have offsets to learn: move a background anchor's by 1000, and the loss changes by {change:.0f}.": (
        "只有物体锚框需要学习偏移量：把一个背景锚框的偏移量改动 1000，损失的变化是 {change:.0f}。"
    ),
    "Twenty moved anchors fit better than all that stand still.": "二十个移动过的锚框比所有静止的锚框贴合得更好。",
    "Two histograms of IoU.": "两个 IoU 直方图。",
    "An IoU of at least 0.7 has some anchor with {a:.0%} of the objects, some proposal with {b:.0%}.": (
        "IoU 不低于 0.7 的：{a:.0%} 的物体有这样的锚框，{b:.0%} 的物体有这样的候选框。"
    ),
    "Of the map `roi_align` cuts {n} × 7 × 7 × 32, one shape for proposals of all sizes.": (
        "不论候选框多大，`roi_align` 都从特征图上取出同样形状的一块：{n} × 7 × 7 × 32。"
    ),
    "The offsets come as (1, 36, H, W); reshape them to (1, 4, 9·H, W) to have the four coordinates apart.": (
        "偏移量的形状是 (1, 36, H, W)，把它 reshape 成 (1, 4, 9·H, W) 就能把四个坐标分开。"
    ),
    "The 36 channels are anchor by anchor, channel 4·a + k, so they are seen as (1, 9, 4, H, W). The direct reshape mixes coordinates of several anchors.": (
        "36 个通道是按锚框排列的，通道号为 4·a + k，所以应看作 (1, 9, 4, H, W)。直接 reshape 会把不同锚框的坐标混在一起。"
    ),
    "Coordinate x of anchor 1 is channel {a}; the direct reshape has {b} there, y of anchor 0.": (
        "锚框 1 的 x 坐标是通道 {a}；直接 reshape 在这个位置放的是通道 {b}，即锚框 0 的 y。"
    ),
}
