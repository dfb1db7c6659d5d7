"""Chapter A in Chinese."""

TITLE = "空洞卷积，又称膨胀卷积"

TEXTS = {
    "A dilated convolution sets the taps of its kernel d cells apart. It reaches k + (k − 1)(d − 1) cells instead of k, and has no more weights: the "
    "same as an ordinary convolution whose kernel has d − 1 zeros between its weights, without multiplying by them.": (
        "空洞卷积让卷积核的各个采样点相隔 d 格，覆盖的范围从 k 格变成 k + (k − 1)(d − 1) 格，权重却一个不多：它等于在卷积核的权重之间插入 d − 1 个 0 之"
        "后的普通卷积，只是不用真去乘这些 0。"
    ),
    "window k": "窗口 k",
    "dilation d": "膨胀率 d",
    "reach": "覆盖范围",
    "weights": "权重数",
    "weights of the dense kernel": "插零后卷积核的权重数",
    "difference": "差别",
    "`max_pool` as wide": "`max_pool` 同样宽",
    "Dilated convolution against the dense kernel with zeros, on a photograph; the difference is the worse of `conv` and `conv_transpose`.": (
        "在照片上比较空洞卷积与插零后的普通卷积；差别取 `conv` 与 `conv_transpose` 中较大的。"
    ),
    "Both give the same, to {worst:.0e}, and dilated pooling reaches as far.": ("两者结果相同，最大差别是 {worst:.0e}；带膨胀率的池化覆盖的范围也一样宽。"),
    "Stacked, dilations add up their reaches, so that the receptive field grows exponentially if they double, with as many weights as before. But not "
    "every cell of the field need be seen: with dilations that have a common divisor, cells between are never touched. This is **gridding**, and "
    "neighbouring outputs then see disjoint cells.": (
        "层层叠起来，覆盖的范围就累加；膨胀率逐层加倍，感受野就指数增长，权重却不增加。但感受野里的格子不一定都看得到：几个膨胀率若有公约数，中间的格子"
        "就永远碰不到。这就是**网格效应**，这时相邻的输出看到的是互不相交的格子。"
    ),
    "dilations": "膨胀率",
    "field, an axis": "感受野边长",
    "cells of the field": "感受野格数",
    "cells seen": "看到的格数",
    "coverage": "覆盖率",
    "`receptive_field` agrees": "与 `receptive_field` 一致",
    "Three 3×3 convolutions. Seen is a cell with a gradient.": "三层 3×3 卷积。梯度不为零的格子就是看得到的格子。",
    "Dilations 1, 2, 4 see {wide} cells an axis with {weights} weights, and 1, 1, 1 with as many {narrow}.": (
        "膨胀率取 1、2、4，用 {weights} 个权重，感受野每边 {wide} 格；取 1、1、1，权重一样多，每边只有 {narrow} 格。"
    ),
    "Dilations 2, 2, 2 touch {seen} of {cells} cells, {share:.0%}; 1, 2, 5 touch all {all} of a larger field. `receptive_field` foretells all of it.": (
        "膨胀率取 2、2、2，{cells} 格里只碰到 {seen} 格，即 {share:.0%}；取 1、2、5，感受野更大，{all} 格全都碰到。这些 `receptive_field` 都能算出来。"
    ),
    "What one output of three 3×3 layers sees of its field (framed): the darker, the more paths; white cells have none.": (
        "三层 3×3 卷积的一个输出，在它的感受野（方框）里看到了什么：颜色越深，通路越多；白色的格子没有通路。"
    ),
    "Filled squares for dilations 1, 1, 1, for 1, 2, 4 and for 1, 2, 5; for 2, 2, 2 a grid of single cells with holes.": (
        "膨胀率取 1、1、1，1、2、4 和 1、2、5 时，方框是填满的；取 2、2、2 时，只有一格一格的网点，中间是空洞。"
    ),
    "Pooling widens the field too, and then the picture must be upsampled again. The field is as wide or wider, but outputs lie {jump} cells apart, "
    "and what is between is interpolated. Dilation keeps every cell, at the price of computing every cell. That is seen by moving the input by one "
    "cell: what is computed at every cell moves with it.": (
        "池化也能扩大感受野，但之后还要上采样。感受野一样大甚至更大，可是输出之间相隔 {jump} 格，中间的值是插值得来的。空洞卷积保留每一格，代价是每一格"
        "都要算。把输入平移一格就能看出区别：逐格计算的结果会跟着平移。"
    ),
    "dilations 1, 2, 4": "膨胀率 1、2、4",
    "pooling twice": "池化两次",
    "network": "网络",
    "cells between outputs": "输出的间隔",
    "products": "乘法次数",
    "change when moved": "平移后的变化",
    "Three 3×3 convolutions on a photograph of 96×96 cells, with dilation, or with pooling between and upsampling at the end.": (
        "在 96×96 的照片上作三层 3×3 卷积：一种用空洞卷积，一种在中间池化、最后上采样。"
    ),
    "When the input moves by one cell the dilated output moves with it (change {fine:.0e}); after pooling and upsampling {coarse:.0%} of it changes.": (
        "输入平移一格，空洞卷积的输出也跟着平移一格（变化 {fine:.0e}）；先池化再上采样，输出则变化了 {coarse:.0%}。"
    ),
}
