"""Chapter D in Chinese."""

TITLE = "转置卷积，又称反卷积"

TEXTS = {
    "A convolution is linear, so it is a matrix C times the flattened input. Its gradient with respect to the input multiplies by Cᵀ, and that is all "
    "a **transposed convolution** is: `conv_transpose(x, kernel)` has the same kernel and settings as the `conv` whose transpose it is, and takes "
    "small pictures to large ones: every input cell lays the kernel, multiplied by its value, into the output, one stride on from its neighbour, and "
    "overlaps add up.": (
        "卷积是线性的，所以等于一个矩阵 C 乘以展平的输入。对输入求梯度，就是乘以 Cᵀ；**转置卷积**不过如此：`conv_transpose(x, kernel)` 与它所转置的 "
        "`conv` 用同样的卷积核和设置，把小图变成大图：每个输入格把卷积核乘以自己的值铺到输出上，相邻两格错开一个步幅，重叠的地方相加。"
    ),
    "`conv_transpose` multiplies by the transpose of the matrix of `conv`: they differ by {error:.0e}.": (
        "`conv_transpose` 就是乘以 `conv` 的矩阵的转置：二者相差 {error:.0e}。"
    ),
    "On a photograph ⟨conv(u), x⟩ = ⟨u, conv_transpose(x)⟩ to {error:.0e}.": "在照片上，⟨conv(u), x⟩ = ⟨u, conv_transpose(x)⟩，误差 {error:.0e}。",
    "**It is no inverse**, whatever the name deconvolution says: C has rank {rank}, so {n} cells cannot come back.": (
        "尽管名叫“反卷积”，**它并不是逆运算**：C 的秩只有 {rank}，不可能恢复 {n} 个格子的值。"
    ),
    "input": "输入",
    "window k": "窗口 k",
    "stride s": "步幅 s",
    "padding p": "填充 p",
    "output padding": "输出填充 op",
    "dilation d": "膨胀 d",
    "formula": "公式",
    "output": "输出",
    "back by `conv`": "用 `conv` 变回",
    "Cells on an axis: (i − 1)s − 2p + d(k − 1) + op + 1. Padding cuts off; output padding chooses among the sizes that convolve to one.": (
        "每边的格数：(i − 1)s − 2p + d(k − 1) + op + 1。填充是从输出上裁掉的；有几种大小卷积后相同，输出填充用来从中选定一种。"
    ),
    "The formula gives all {n} sizes, and `conv` goes back to the input's.": "{n} 种大小都符合公式，再用 `conv` 都变回输入的大小。",
    "The same can be computed in other ways. **Zeros inserted**: spread the input one stride apart with zeros between and convolve with the kernel "
    "turned by 180°; of the products most are with zeros. **Sub-pixel**: convolve the input itself, with one kernel for each of the s² phases of the "
    "output, and shuffle the channels into place; no product is wasted. **Interpolation** is the case of a bilinear kernel.": (
        "同样的结果还可以用别的办法算。**插零**：把输入按步幅拉开，中间填 0，再用旋转 180° 的卷积核作卷积；大部分乘积都是乘以 0。**亚像素**：直接对输入"
        "作卷积，输出的 s² 个相位各用一个卷积核，再把通道重排到位；没有一次乘法是浪费的。卷积核取双线性时，转置卷积就是**插值**。"
    ),
    "each input laid into the output": "把每个输入铺到输出上",
    "zeros inserted": "插零",
    "sub-pixel": "亚像素",
    "form": "形式",
    "products": "乘法次数",
    "difference": "差别",
    "9×9 cells, a 4×4 kernel, stride 2, from 2 channels to 3.": "输入 9×9 格，卷积核 4×4，步幅 2，从 2 个通道到 3 个通道。",
    "The forms agree to {worst:.0e}, and a bilinear kernel is linear interpolation to {inside:.0e}, but for the border, where it sees zeros outside.": (
        "几种形式一致，误差 {worst:.0e}；双线性卷积核与线性插值一致，误差 {inside:.0e}，只有边界例外，因为转置卷积在边界之外看到的是 0。"
    ),
    "as for `conv`": "与 `conv` 相同",
    "channels swapped": "交换通道",
    "channels swapped, turned by 180°": "交换通道，旋转 180°",
    "library": "库",
    "padding": "填充",
    "kernel": "卷积核",
    "cells an axis": "每边格数",
    "the same values": "值相同",
    "5×5 cells, a 3×3 kernel, stride 2.": "输入 5×5 格，卷积核 3×3，步幅 2。",
    "`jax.lax` gives our values only from a turned kernel or with `transpose_kernel`, and its pads are not ours: {lax} cells, not {ours}, from pads of 0.": (
        "`jax.lax` 要么旋转卷积核，要么设 `transpose_kernel`，才与这里的值相同；它的填充含义也不同：填充为 0 时它给出 {lax} 格，而不是 {ours} 格。"
    ),
    "Every output cell gets equally many terms exactly if the stride divides the window: so in {n} pairs of both.": (
        "当且仅当步幅整除窗口大小时，每个输出格得到的项数才相同：{n} 种窗口与步幅的组合都是如此。"
    ),
    "How many terms add up in each output cell, away from the border. Uneven counts are the checkerboards of generated pictures.": (
        "（离开边界）每个输出格由多少项相加而成。项数不均匀，就会造成生成图像中的棋盘格。"
    ),
    "Counts of 1, 2 and 4 in a checkered pattern for window 3, all 4 for window 4, all 9 after resizing.": (
        "窗口为 3 时，项数 1、2、4 排成棋盘格；窗口为 4 时全是 4；先缩放再卷积时全是 9。"
    ),
    "A window of 3 at stride 2 gives 1, 2 or 4 terms; a window of 4 always 4; resizing first, then convolving, always 9.": (
        "步幅为 2 时，窗口为 3 的项数是 1、2 或 4，窗口为 4 的总是 4；先缩放再卷积的总是 9。"
    ),
}
