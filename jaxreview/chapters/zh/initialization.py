"""Chapter 12 in Chinese."""

TITLE = "梯度消失、梯度爆炸与权重初始化"

TEXTS = {
    "In a chain of {depth} layers with one unit each, every layer multiplies by its weight, and so does every step back of the gradient.": (
        "设想一条 {depth} 层的链，每层只有一个单元：信号每经过一层就乘一次权重，梯度往回传时每退一层也乘一次权重。"
    ),
    "Weights of 1.5 make of 1 in the end {large:.2g}, weights of 0.5 {small:.2g}: 1.5⁵⁰ and 0.5⁵⁰.": (
        "权重都是 1.5，输入 1 最后变成 {large:.2g}，即 1.5⁵⁰；权重都是 0.5，则变成 {small:.2g}，即 0.5⁵⁰。"
    ),
    "The larger n is, the smaller w should be, so that z = w₁x₁ + … + wₙxₙ does not grow: set w to 1/n.": (
        "n 越大，就希望 w 越小，这样 z = w₁x₁ + … + wₙxₙ 才不会太大；合理的设定就是把 w 设定为 1/n。"
    ),
    "It is the variance of random weights that is 1/n, hence their standard deviation 1/√n: n terms of variance 1/n each give z the variance of x. "
    "Weights that all are 1/n make every unit the same, and random ones of deviation 1/n shrink z by √n in every layer. With ReLU, which takes away "
    "half of z², the variance is 2/n (He), twice as much.": (
        "等于 1/n 的是随机权重的方差，也就是标准差取 1/√n：n 项的方差各为 1/n，加起来 z 的方差正好等于 x 的方差。若权重全都等于 1/n，所有单元就完全一样"
        "；若随机权重的标准差取 1/n，z 每过一层就缩小 √n 倍。ReLU 会去掉 z² 的一半，所以方差要加倍，取 2/n（He 初始化）。"
    ),
    "Deep layers of many units follow the same law: each multiplies the size of the signal by √n times the deviation of its weights, and by what the "
    "activation leaves of it. Forward this is the size of the values; backward, through the same weights, that of the gradient. Where it is not 1, it "
    "is raised to the power of the depth. (Every `_normal` has a `_uniform` of the same variance; `glorot`, the average of fans, is also called "
    "Xavier, `he` Kaiming. `lsuv` fits the deviation to real data, layer by layer.)": (
        "每层有许多单元时规律相同：信号每过一层，大小就乘以 √n 与权重标准差之积，再乘以激活函数留下的比例。前向传播时，这决定激活值的大小；反向传播经过"
        "同样的权重，决定梯度的大小。这个倍数只要不是 1，就会按层数变成幂。（每个 `_normal` 都有方差相同的 `_uniform`；`glorot` 取输入数与输出数的平均"
        "，又叫 Xavier，`he` 又叫 Kaiming；`lsuv` 用真实数据逐层调整标准差。）"
    ),
    "{depth} layers of {n} units on photographs: std of what the last gives, and the gradient at the first layer as a multiple of that at the last.": (
        "{depth} 层、每层 {n} 个单元，输入是照片：最后一层输出的标准差，以及第一层处的梯度是最后一层处的多少倍。"
    ),
    "initializer": "初始化方法",
    "std of w · √n": "w 的标准差 · √n",
    "tanh: std": "tanh：标准差",
    "tanh: gradient": "tanh：梯度",
    "ReLU: std": "ReLU：标准差",
    "ReLU: gradient": "ReLU：梯度",
    "With ReLU and a deviation of 0.01 the last values are of size {small:.0e}, with 1 {large:.0e}, with 1/√n {plain:.0e}, with √(2/n) {he:.2g}.": (
        "用 ReLU 时，权重标准差取 0.01，最后一层的值只有 {small:.0e}；取 1，则达到 {large:.0e}；取 1/√n，是 {plain:.0e}；取 √(2/n)，是 {he:.2g}。"
    ),
    "tanh hides an explosion: at a deviation of 1 its values stay at {std:.2f}, saturated, while the gradient grows by {grown:.0e} on its way back.": (
        "tanh 会把爆炸藏起来：标准差取 1 时，激活值一直在 {std:.2f} 左右，已经饱和；梯度却在往回传的路上增大了 {grown:.0e} 倍。"
    ),
    "In float32 the signal of the first is exactly 0 from layer {zero} on and that of the second infinite or NaN from layer {infinite} on.": (
        "换成 float32，标准差取 0.01 时，信号从第 {zero} 层起恰好等于 0；取 1 时，从第 {infinite} 层起就是无穷大或 NaN。"
    ),
    "Weights that all are 1/n: after one layer all units of a sample give bitwise the same.": (
        "权重全都等于 1/n 时，只过一层，同一个样本的所有单元的输出就逐位相同。"
    ),
    "Every layer changes the size by a factor, so a logarithmic axis shows straight lines. Only the right deviation keeps them level.": (
        "每一层都把大小乘上一个倍数，所以在对数坐标上是直线。只有标准差取得合适，直线才是水平的。"
    ),
    "Lines fall by tens of powers of ten at 0.01, rise at 1, and stay level at the right deviation; with tanh only the gradient rises.": (
        "标准差取 0.01 时直线下降几十个数量级，取 1 时上升，取得合适时保持水平；用 tanh 时上升的只有梯度。"
    ),
    "z is standard normal. Weights of deviation gain/√n with gain = 1/√E f(z)² keep the size of z in the next layer at 1.": (
        "z 服从标准正态分布。权重的标准差取 gain/√n，其中 gain = 1/√E f(z)²，下一层的 z 的大小就保持为 1。"
    ),
    "The usual gains are exactly these for ReLU and leaky ReLU (to {worst:.0e}) and a rule of thumb for tanh: 5/3 is {ratio:.3f} times what keeps 1.": (
        "对 ReLU 和 leaky ReLU，常用的 gain 正是这个值（误差 {worst:.0e}）；对 tanh 则只是经验值：5/3 是恰好保持 1 所需值的 {ratio:.3f} 倍。"
    ),
}
