"""Chapter 14 in Chinese."""

TITLE = "梯度的数值逼近与梯度检验"

TEXTS = {
    "The derivative is the limit of (f(x + h) − f(x)) / h, and a computer cannot go to the limit. A long step **truncates**: the error is of order h "
    "for the forward difference, h² for the central one, h⁴ for one of five points. A short step **rounds**: values are known to a relative ε, the "
    "quotient only to ε/h. The best step lies between, at ε^(1/2), ε^(1/3) or ε^(1/5) times the size of x. A complex step, Im f(x + ih) / h, subtracts "
    "nothing and does not round, but f must take complex numbers.": (
        "导数是 (f(x + h) − f(x)) / h 的极限，而计算机取不到极限。步长太大有**截断误差**：前向差分是 h 阶，中心差分是 h² 阶，五点差分是 h⁴ 阶。步长太小"
        "有**舍入误差**：函数值的相对精度是 ε，差商的精度就只有 ε/h。最佳步长在两者之间，是 x 的大小乘以 ε^(1/2)、ε^(1/3) 或 ε^(1/5)。复数步长 Im f(x "
        "+ ih) / h 不作减法，因而没有舍入的麻烦，但要求 f 能接受复数。"
    ),
    "Derivative of tanh around 0.7: too long a step truncates, too short a one rounds. The medians of the errors at 41 points.": (
        "tanh 在 0.7 附近的导数：步长太大有截断误差，步长太小有舍入误差。图中是 41 个点上误差的中位数。"
    ),
    "Curves like a V: they fall with the step down to a best one, then rise again, in float32 at longer steps.": (
        "曲线呈 V 形：随着步长减小，误差先降到最低，然后又上升；float32 的最低点对应的步长更大。"
    ),
    "difference": "差分",
    "dtype": "数据类型",
    "best step": "最佳步长",
    "ε to its power": "ε 的相应次幂",
    "least error": "最小误差",
    "forward": "前向",
    "central": "中心",
    "five point": "五点",
    "The best step, as found and as foretold.": "最佳步长：实际找到的与理论预测的。",
    "The rule of powers is right to a factor of {factor:.2g}. The best central difference errs by {wide:.0e} in float64 and by {narrow:.0e} in float32.": (
        "按幂次选步长的规则，与实际相差不超过 {factor:.2g} 倍。中心差分的误差，在 float64 下最小是 {wide:.0e}，在 float32 下最小是 {narrow:.0e}。"
    ),
    "In float32 a step of 10⁻⁶ or less errs by {short:.0e} or more, so that steps from float64 advice are useless.": (
        "在 float32 下，步长取 10⁻⁶ 或更小，误差至少是 {short:.0e}；针对 float64 推荐的步长在这里毫无用处。"
    ),
    "What Taylor's formula leaves, |f(w + hv) − f(w) − h∇f·v|, falls like h² only if the gradient is right: on breast cancer data its slope on "
    "logarithmic axes is {right:.2f}, and {wrong:.2f} if the gradient is 1% too large.": (
        "泰勒公式的余项 |f(w + hv) − f(w) − h∇f·v| 只有在梯度正确时才按 h² 减小：在乳腺癌数据上，它在双对数坐标中的斜率是 {right:.2f}；若梯度偏大 1%，"
        "斜率就只有 {wrong:.2f}。"
    ),
    "`numerical_gradient` agrees with `jax.grad` to {error:.0e}. A central difference takes 2 × {n} values of the loss for it, `jax.grad` one pass back.": (
        "`numerical_gradient` 与 `jax.grad` 的相对差别是 {error:.0e}。求这个梯度，中心差分要计算 2 × {n} 次损失，`jax.grad` 只要反向传播一次。"
    ),
    "The course compares a gradient g with its difference ĝ by ‖g − ĝ‖ / (‖g‖ + ‖ĝ‖), at h = 10⁻⁷: below 10⁻⁷ is fine, 10⁻⁵ is to be looked at, above "
    "10⁻³ is wrong. `check_gradients` has no such bands: each difference comes with its own error, and a gradient is wrong where it lies outside of "
    "it. Both look at a layer tanh(Wx + b) whose gradient was written by hand, with and without a bug.": (
        "课程用 ‖g − ĝ‖ / (‖g‖ + ‖ĝ‖) 比较梯度 g 与差分 ĝ，取 h = 10⁻⁷：小于 10⁻⁷ 很好，10⁻⁵ 左右要再看看，大于 10⁻³ 就有错。`check_gradients` 不用这样"
        "的界限：每个差分都带着自己的误差，梯度落在误差之外才算错。下面用两种办法检查 tanh(Wx + b) 这一层，它的梯度是手写的，有的带错，有的不带错。"
    ),
    "bug": "错误",
    "none": "无",
    "missing factor": "漏乘因子",
    "wrong transpose": "转置写错",
    "dropped bias": "漏掉偏置",
    "right": "正确",
    "wrong": "有错",
    "float64, h = 10⁻⁷": "float64，h = 10⁻⁷",
    "float32, h = 10⁻⁷": "float32，h = 10⁻⁷",
    "float32, h = 10⁻²": "float32，h = 10⁻²",
    "`check_gradients`, float64": "`check_gradients`，float64",
    "`check_gradients`, float32": "`check_gradients`，float32",
    "Relative distance of gradient and difference, and verdicts.": "梯度与差分的相对距离，以及判定结果。",
    "In float64 the bands tell {n} of {n} bugs from the right gradient. In float32 it scores {short:.0e}, wrong by the bands, at best {best:.0e}.": (
        "在 float64 下，这些界限能把 {n} 个错误全部（{n} 个）与正确的梯度分开。在 float32 下，正确的梯度得到 {short:.0e}，按界限就算有错；换成最合适的"
        "步长，也还有 {best:.0e}。"
    ),
    "`check_gradients` finds {n} of {n} bugs in both dtypes and raises no false alarm.": (
        "`check_gradients` 在两种数据类型下都找出了 {n} 个错误中的 {n} 个，也没有误报。"
    ),
    "At the kink of ReLU the central difference is {half}, a slope from neither side; JAX gives {given}. `check_gradients` calls it a kink, and no error.": (
        "在 ReLU 的拐点，中心差分是 {half}，既不是左侧的斜率，也不是右侧的斜率；JAX 给出 {given}。`check_gradients` 判定这里是拐点，而不是错误。"
    ),
    "Second derivatives are checked in the same way, as differences of the gradient: for tanh, {n} comparisons, all right.": (
        "二阶导数用同样的办法检验，只是对梯度求差分：对 tanh 作了 {n} 项比较，全部正确。"
    ),
}
