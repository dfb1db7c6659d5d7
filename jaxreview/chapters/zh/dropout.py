"""Chapter 10 in Chinese."""

TITLE = "Dropout：它对一个值、一个网络和一次拟合做了什么"

TEXTS = {
    "Dropout sets each value to 0 with probability p while training and divides the others by 1 − p, so that the mean stays x and nothing has to be "
    "changed afterwards; then `deterministic=True` switches it off. The price is noise of variance x²·p/(1 − p).": (
        "训练时 dropout 以概率 p 把每个值置 0，其余的除以 1 − p，因此均值仍是 x，训练之后什么都不必改；"
        "那时用 `deterministic=True` 关掉它。代价是方差为 x²·p/(1 − p) 的噪声。"
    ),
    "rate p": "概率 p",
    "mean of 0.5": "0.5 的均值",
    "mean of 1": "1 的均值",
    "mean of 2": "2 的均值",
    "worst, in standard errors": "最大偏差（标准误）",
    "variance of 2": "2 的方差",
    "Means and variances over {draws} masks.": "{draws} 个掩码上的均值与方差。",
    "No mean is further from x than {worst:.1f} standard errors.": "每个均值与 x 的偏差都不超过 {worst:.1f} 个标准误。",
    "The variances are those of the formula within 5 %.": "方差与公式相差不到 5 %。",
    "Switched off it gives x itself, bit for bit.": "关掉之后得到的就是 x 本身，逐位相同。",
    "What is dropped together may be more than one value: whole channels (`broadcast_axes`), whole examples of a residual branch (`drop_path`), squares "
    "of a map (`drop_block`). `alpha_dropout`, for SELU, keeps the mean and the variance.": (
        "一起丢弃的可以不止一个值：整个通道（`broadcast_axes`）、残差支路上的整个样本（`drop_path`）、特征图上的方块（`drop_block`）。"
        "与 SELU 配套的 `alpha_dropout` 保持均值和方差不变。"
    ),
    "function": "函数",
    "drops": "丢弃",
    "values": "单个值",
    "channels": "通道",
    "examples": "样本",
    "squares": "方块",
    "share of zeros": "零的比例",
    "variance of a standard normal behind p = 0.2": "标准正态经 p = 0.2 后的方差",
    "The variants.": "各种变体。",
    "A channel or an example is dropped as a whole or not at all.": "一个通道或一个样本要么整个丢弃，要么完全保留。",
    "Behind alpha dropout the variance is {a:.2f}, behind dropout {b:.2f}.": "经 alpha dropout 后方差为 {a:.2f}，经 dropout 后为 {b:.2f}。",
    "With p = ½ a layer of 8 inputs is one of 2⁸ subnetworks. For a linear layer their mean is the whole network exactly; for others only nearly.": (
        "p = ½ 时，有 8 个输入的一层相当于 2⁸ 个子网络之一。对线性层，它们的平均恰好就是整个网络；对其他层只是近似。"
    ),
    "Mean of all {count} subnetworks and the whole differ by {apart:.0e}.": "全部 {count} 个子网络的平均与整个网络相差 {apart:.0e}。",
    "Dropout is against overfitting, so it is used in computer vision, where data is short.": (
        "dropout 是防止过拟合的手段，所以一般用在数据不足的计算机视觉方面。"
    ),
    "It helps whatever overfits, text and tables too, and hurts what does not: a small network learns less with it. Compare held-out scores.": (
        "凡是过拟合的它都有用，文本和表格也一样；没有过拟合的反而受损：小网络用了它学得更少。要比较留出集上的得分。"
    ),
    "fit": "拟合",
    "100 noisy digits, 128 units": "100 个带噪数字，128 个单元",
    "500 digits, 6 units": "500 个数字，6 个单元",
    "right in training": "训练集正确率",
    "right in test": "测试集正确率",
    "gap": "差距",
    "The same network with and without dropout, {steps} steps.": "同一网络，用与不用 dropout，训练 {steps} 步。",
    "Overfitting: dropout narrows the gap from {gap:.1%} to {less:.1%}, and the test gains from {a:.1%} to {b:.1%}.": (
        "过拟合：dropout 把差距从 {gap:.1%} 缩小到 {less:.1%}，测试集正确率从 {a:.1%} 升到 {b:.1%}。"
    ),
    "Underfitting: with 6 units dropout costs {lost:.1%} of the test.": "欠拟合：只有 6 个单元时，dropout 使测试集正确率损失 {lost:.1%}。",
    "With dropout the unseen digits cost less in the end.": "用了 dropout，未见过的数字最终损失更小。",
    "The loss on unseen digits ends at {a:.3f} without dropout, at {b:.3f} with it.": "未见过的数字上的损失，不用 dropout 最终为 {a:.3f}，用则为 {b:.3f}。",
    "Test loss over steps, with and without dropout.": "测试损失随步数的变化，用与不用 dropout。",
    "Left on in the test and averaged over 50 masks (Monte-Carlo dropout) the network also says how sure it is.": (
        "测试时不关掉它，对 50 个掩码取平均（蒙特卡洛 dropout），网络还能说出自己有多大把握。"
    ),
    "Of the surer half {a:.0%} are right, of the other {b:.0%}.": "把握较大的一半里 {a:.0%} 正确，另一半里 {b:.0%}。",
}
