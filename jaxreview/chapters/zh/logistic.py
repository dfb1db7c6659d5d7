"""Chapter 6 in Chinese."""

TITLE = "logistic 代价函数的由来：似然，以及它的对数"

TEXTS = {
    "The model says of each example: its label is 1 with probability p = σ(wx + b), else 0. In one formula, the label it has got has the probability p"
    "ʸ(1 − p)¹⁻ʸ. Examples are independent, so all their labels together have the product of these, the **likelihood**. Of all w and b those are best "
    "that make what was seen most probable. A logarithm grows with its argument, so it keeps the place of the maximum and makes of the product a sum: "
    "log L = Σ y log p + (1 − y) log(1 − p). With the sign turned and divided by m it is **the logistic cost, or binary cross entropy**.": (
        "模型对每个样本说：它的标签以概率 p = σ(wx + b) 取 1，否则取 0。写成一个式子，样本取到它实际标签的概率是 pʸ(1 − p)¹⁻ʸ。样本之间相互独立，因此"
        "所有标签一起出现的概率就是这些概率的乘积，即**似然**。最大似然的思想是：使已有数据发生的概率最大的 w 和 b 就是最好的。对数是增函数，取对数不"
        "改变最大值的位置，却把乘积变成求和：log L = Σ y log p + (1 − y) log(1 − p)。变号并除以 m，就得到 **logistic 代价，也就是二元交叉熵**。"
    ),
    "{m} tumours, p = σ(wx) with x the texture of one: the same w makes the likelihood largest and the cost smallest.": (
        "{m} 个肿瘤，p = σ(wx)，x 是肿瘤的纹理：使似然最大的 w 正是使代价最小的 w。"
    ),
    "A narrow peak left and a wide bowl right; a dotted line marks the same w in both.": "左边是一个窄峰，右边是一个宽碗；两边的虚线标出同一个 w。",
    "Of {n} values of w the likeliest and the cheapest are the same, w = {w:.2f}.": "在 w 的 {n} 个取值中，似然最大的与代价最小的是同一个：w = {w:.2f}。",
    "At all of them the cost is −log L/m, to {worst:.0e}.": "在所有这些 w 上，代价都等于 −log L/m，误差不超过 {worst:.0e}。",
    "There is a second reason for the logarithm. A product of many probabilities is smaller than the smallest number there is. Below, the labels of m "
    "examples are foretold by a coin, each with probability ½.": (
        "取对数还有第二个理由：许多概率的乘积会小于计算机能表示的最小的数。下表中，m 个样本的标签用抛硬币来预测，每个的概率都是 ½。"
    ),
    "The product of m halves. XLA counts what is below the smallest normal number as 0, here on the processor; NumPy keeps some of it, with fewer digits.": (
        "m 个 ½ 的乘积。XLA（这里是在处理器上）把小于最小正规数的数当作 0；NumPy 还保留其中一部分，但有效数字变少了。"
    ),
    "dtype": "数据类型",
    "smallest normal number": "最小的正规数",
    "0 in NumPy from m": "NumPy 中从哪个 m 起为 0",
    "0 in JAX from m": "JAX 中从哪个 m 起为 0",
    "−log L, m = 1,075": "−log L（m = 1,075）",
    "The product is exactly 0 from m = {single} in float32 and from m = {double} in float64, while the sum of logarithms is m log 2.": (
        "这个乘积在 float32 中从 m = {single} 起、在 float64 中从 m = {double} 起就精确地等于 0，而对数之和是 m log 2。"
    ),
    "Even a good fit has a small likelihood: that of the {m} tumours is {product:.1e}, e to the minus {total:.3g}. For forty times the data it would "
    "be {many}.": ("即使拟合得很好，似然也很小：{m} 个肿瘤的似然是 {product:.1e}，即 e 的负 {total:.3g} 次方。数据多四十倍，它就是 {many}。"),
    "From probabilities the cost is the same to {apart:.0e}, as long as they can be told from 0 and 1. At z = −800 σ(z) is {p} and log 0 no number; "
    "from the logit the cost is {sure:.0f}.": (
        "只要概率还能与 0 和 1 区分开，由概率算出的代价就与由 logit 算出的相同，相差不超过 {apart:.0e}。而 z = −800 时 σ(z) 是 {p}，log 0 没有意义；"
        "由 logit 计算，代价是 {sure:.0f}。"
    ),
    "The derivative of σ is σ(1 − σ), and it cancels: what is left of the gradient is **Xᵀ(p − y)/m, the error times the input**, as in linear "
    "regression. The Hessian is Xᵀ D X/m, where D has p(1 − p) on its diagonal: nothing in it is negative, so the cost is convex.": (
        "σ 的导数是 σ(1 − σ)，正好被约掉：梯度只剩下 **Xᵀ(p − y)/m，即误差乘以输入**，与线性回归一样。海森矩阵是 Xᵀ D X/m，D 的对角线上是 p(1 − p)，"
        "没有一个是负数，所以代价是凸函数。"
    ),
    "JAX's gradient and Hessian are these, to {first:.0e} and {second:.0e}.": "JAX 算出的梯度和海森矩阵与此一致，误差不超过 {first:.0e} 和 {second:.0e}。",
    "The smallest curvature at a random point is {least:.1e}: not negative.": "在一个随机点上，最小的曲率是 {least:.1e}：不是负数。",
    "The squared error of p does not cancel σ′. Where the model is sure and wrong, σ′ is nearly 0, and so is what it learns from its error.": (
        "用 p 的平方误差就约不掉 σ′。模型很有把握却错了的时候，σ′ 几乎为 0，于是它从错误中也几乎学不到东西。"
    ),
    "An example of label 1: the more negative z, the more mistaken.": "标签为 1 的样本：z 越负，错得越厉害。",
    "logit z": "z（logit）",
    "slope, logistic cost": "斜率，logistic 代价",
    "slope, ½ squared error": "斜率，½ 平方误差",
    "Far on the wrong side the logistic cost slopes by 1, the squared error hardly at all.": (
        "在错得很远的一侧，logistic 代价的斜率大小是 1，而平方误差几乎是平的。"
    ),
    "Left, one cost rises straight, the other is flat at 0.5; right, slopes of −1 and of nearly 0.": (
        "左图：一条代价曲线笔直上升，另一条停在 0.5；右图：斜率分别为 −1 和接近 0。"
    ),
    "At z = −20 the logistic slope is {logistic:.3g}, that of the squared error {squared:.0e}.": (
        "在 z = −20 处，logistic 代价的斜率是 {logistic:.3g}，平方误差的斜率是 {squared:.0e}。"
    ),
}
