"""Chapter 13 in Chinese."""

TITLE = "为什么权重初始化不能全为 0 或者相同的值"

TEXTS = {
    "Units of a layer differ in nothing but their weights. If these are equal, so are their values; if the weights behind them are equal too, so are "
    "their gradients and their next weights, and so on for ever: {hidden} units are one. A network of {inputs} inputs, {hidden} tanh units and one "
    "output learns a smooth function from {steps} steps of gradient descent, from several beginnings.": (
        "同一层的神经元，差别只在权重。权重相同，输出就相同；如果后一层的权重也相同，梯度就相同，更新之后的权重还是相同，永远如此：{hidden} 个神经元等"
        "于一个。下面用一个有 {inputs} 个输入、{hidden} 个 tanh 单元、一个输出的网络学习一个光滑函数，从几种不同的初始值出发，各作 {steps} 步梯度下降。"
    ),
    "start": "初始值",
    "loss before": "训练前损失",
    "loss after": "训练后损失",
    "columns apart": "各列的差别",
    "rank of W₁": "W₁ 的秩",
    "W₁ moved by": "W₁ 的移动",
    "zeros": "全为 0",
    "all 0.1": "全为 0.1",
    "all 0.1, batch norm": "全为 0.1，加 BN",
    "all 0.1, output random": "全为 0.1，输出层随机",
    "all 0.1, dropout": "全为 0.1，加 dropout",
    "Xavier": "Xavier 初始化",
    "{steps} steps of rate 0.1. Columns apart: the largest difference of two units' weights for one input, at the end.": (
        "学习率 0.1，共 {steps} 步。“各列的差别”指训练结束时，同一个输入到两个单元的权重之差的最大值。"
    ),
    "From zeros no weight ever moves: each gradient has a factor of 0. Only the output's bias learns, and the loss stays at {loss:.3g}.": (
        "从 0 出发，权重永远不动，因为每个梯度里都有一个因子是 0。只有输出层的偏置在学习，损失停在 {loss:.3g}。"
    ),
    "From 0.1 they do move, by up to {moved:.2g}, but after each of {steps} steps all {hidden} columns are bitwise equal and W₁ has rank {rank}.": (
        "从 0.1 出发，权重会动，最多移动 {moved:.2g}；但 {steps} 步中的每一步之后，{hidden} 列都逐位相等，W₁ 的秩是 {rank}。"
    ),
    "From Xavier's random weights the rank is {rank}, and the loss {random:.2g} instead of {same:.2g}.": (
        "从 Xavier 的随机权重出发，秩是 {rank}，损失降到 {random:.2g}，而不是 {same:.2g}。"
    ),
    "A random output layer parts equal columns (by {output:.2g}, loss {loss:.2g}), for their gradients differ; so does dropout (by {dropped:.2g}).": (
        "输出层随机，各列的梯度就不同，相同的列就会分开（差别 {output:.2g}，损失 {loss:.2g}）；dropout 也能使它们分开（差别 {dropped:.2g}）。"
    ),
    "Batch normalization treats equal units equally and is no cure: the loss is still {loss:.2g}. What comes to part the columns here, {apart:.2g}, is "
    "rounding that differs from column to column, which it amplifies.": (
        "BN 对相同的神经元一视同仁，治不了这个病：损失仍有 {loss:.2g}。这里各列的差别 {apart:.2g} 来自舍入误差：各列的舍入不尽相同，又被 BN 放大。"
    ),
    "The {hidden} weights from the first input to each hidden unit: from one value they never part, unless something else tells the units apart.": (
        "第一个输入到各隐藏单元的 {hidden} 个权重：从同一个值出发，它们永远不会分开，除非有别的东西把神经元区分开。"
    ),
    "One line where all start at 0.1; many that fan out elsewhere.": "全从 0.1 出发时只有一条线；另外两图中，许多条线散开。",
    "If all weights start at one value, all units do the same, and they are of no use at all.": (
        "如果权重初始化为相同的值，所有神经元进行的是一样的操作，这就起不到任何作用了。"
    ),
    "Together they do what one unit can, and the loss falls. Nor must all weights be random: it is enough that anything tells the units apart, be it "
    "other weights behind them, or noise.": (
        "它们合起来能做一个神经元能做的事，损失还是会下降。也不必所有的权重都随机，只要有什么东西能把神经元区分开就够了：后一层的权重不同，或者有噪声。"
    ),
}
