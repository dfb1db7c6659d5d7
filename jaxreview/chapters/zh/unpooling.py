"""Chapter U in Chinese."""

TITLE = "上采样与上池化：找回池化丢掉的东西"

TEXTS = {
    "Max pooling over 2×2 cells keeps one value of four. Going back to the old size is **upsampling**, and there are three ways. **Unpooling** puts "
    "each value into one cell and zeros into the others: into the cell that the maximum came from, if pooling kept the indices (the switches of a "
    "SegNet), else into the first corner (a bed of nails). **Interpolation** fills all cells from their neighbours. A **transposed convolution** fills "
    "them by a kernel that can be learned.": (
        "2×2 最大池化在四个值里只留下一个。恢复到原来的大小叫**上采样**，办法有三种。**上池化**把每个值放进一个格子，其余格子填 0：池化时若记下了索引（"
        "SegNet 的“开关”），就放回最大值原来的位置；没有记，就放在左上角（“钉床”）。**插值**根据相邻的值填满所有格子。**转置卷积**用一个可以学习的卷积"
        "核来填。"
    ),
    "A photograph of {side}×{side} cells after max pooling, brought back to its size. (`pixel_shuffle` undoes `pixel_unshuffle`, which loses nothing.)": (
        "一张 {side}×{side} 的照片，最大池化之后再恢复到原来的大小。（`pixel_shuffle` 是 `pixel_unshuffle` 的逆运算，什么也不丢。）"
    ),
    "method": "方法",
    "needs indices": "需要索引",
    "parameters": "参数个数",
    "cells filled": "填入的格子",
    "RMSE, grey levels": "均方根误差（灰度级）",
    "pools to the same": "再池化后不变",
    "Unpooling fills {share:.0%} of the cells: one of four. That is no picture ({zero:.0f} and {max:.0f} grey levels off) but a place to convolve from.": (
        "上池化只填 {share:.0%} 的格子，即四分之一。结果还不是图像（误差 {zero:.0f} 和 {max:.0f} 个灰度级），而是供后面的卷积继续加工的底子。"
    ),
    "A learned kernel makes fewer errors than the bilinear one it began as: {after:.1f} and not {before:.1f}, after {steps} steps.": (
        "卷积核从双线性插值出发，学习 {steps} 步之后，误差从 {before:.1f} 降到 {after:.1f}。"
    ),
    "A part of a photograph, pooled and brought back. Errors are in grey levels of 0 to 255.": ("照片的一部分，先池化，再恢复。误差以 0 到 255 的灰度级计。"),
    "Unpooled pictures are black with single bright cells; interpolated and convolved ones are blurred pictures.": (
        "上池化的结果是黑底上零星的亮格子；插值和转置卷积的结果是模糊的图像。"
    ),
    "Does pooling give back what was unpooled? Zeros fill the window, and pooling takes the largest of it: a **negative maximum loses against them**.": (
        "上池化之后再池化，能得到原来的值吗？窗口里其余的格子都是 0，而池化取最大值：**负的最大值敌不过 0**。"
    ),
    "step": "步骤",
    "first row": "第一行",
    "second row": "第二行",
    "max_pool": "最大池化",
    "its indices": "它的索引",
    "max_unpool": "上池化",
    "max_pool again": "再次最大池化",
    "Two windows of 2×2 cells: 5 comes back, −1 becomes 0.": "两个 2×2 的窗口：5 回来了，−1 变成了 0。",
    "On standardized photographs {share:.0%} of the maxima are negative, and what comes back is exactly max(pooled, 0). After a ReLU nothing is lost.": (
        "在标准化的照片上，{share:.0%} 的最大值是负数，再池化得到的恰好是 max(池化值, 0)。如果前面有 ReLU，就什么也不丢。"
    ),
    "cells an axis": "每边格数",
    "window": "窗口",
    "stride": "步幅",
    "pooled": "池化后",
    "repeated indices": "重复的索引",
    "right where filled": "填入处正确",
    "Square inputs, pooled and unpooled.": "正方形的输入，先池化，再上池化。",
    "4 and 5 cells both pool to 2, so the size cannot be told from the pooled values: `output_size` must be given. Overlapping windows can share a "
    "maximum; then an index is repeated, but with the same value, and no harm is done. (If the values were changed on the way, the last one stays in "
    "`max_unpool`.)": (
        "4 个格子和 5 个格子池化后都是 2 个，单看池化后的值无法知道原来的大小，所以必须给出 `output_size`。重叠的窗口可能共用一个最大值，这时索引会重复"
        "，但值相同，没有害处。（如果中途改变了这些值，`max_unpool` 保留最后一个。）"
    ),
    "Sizes {small} and {large} pool to the same, and {repeated} indices are repeated where windows of 3 overlap most; every filled cell is right.": (
        "大小为 {small} 和 {large} 的输入池化后一样大；窗口为 3、重叠最多时有 {repeated} 个索引重复；填入的格子全都正确。"
    ),
}
