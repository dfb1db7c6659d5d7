"""Chapter 2 in Chinese."""

TITLE = "为什么凸函数有利于梯度下降，哪些代价函数是凸的"

TEXTS = {
    "A function is convex where every chord lies above it: f((a + b)/2) ≤ (f(a) + f(b))/2. Then a point with no lower point near it has no lower point "
    "anywhere, and **gradient descent cannot be caught in the wrong valley**. The same is said of slopes, ⟨∇f(a) − ∇f(b), a − b⟩ ≥ 0, and, where there are "
    "second derivatives, of curvatures: no eigenvalue of the Hessian is negative.": (
        "如果函数的每条弦都在图像上方，即 f((a + b)/2) ≤ (f(a) + f(b))/2，这个函数就是凸函数。这时局部最优就是全局最优，**梯度下降不会陷进错误的山谷**。"
        "同样的性质也可以用梯度来说：⟨∇f(a) − ∇f(b), a − b⟩ ≥ 0；在有二阶导数的地方，还可以用曲率来说：海森矩阵没有负特征值。"
    ),
    "cost": "代价函数",
    "chords below": "低于图像的弦",
    "slopes that fall": "梯度不单调",
    "smallest curvature": "最小曲率",
    "logistic loss of a linear model": "线性模型的 logistic 损失",
    "squared error of a linear model": "线性模型的平方误差",
    "absolute error of a linear model": "线性模型的绝对误差",
    "hinge loss of a linear model": "线性模型的合页损失",
    "squared error of a sigmoid": "sigmoid 输出的平方误差",
    "a network for the exclusive or": "学习异或的网络",
    "Rastrigin's function": "Rastrigin 函数",
    "Three tests on {pairs} random pairs of parameters: a convex function passes all. The data are two features of the breast cancer table.": (
        "在 {pairs} 对随机参数上做三种检验，凸函数全部通过。数据是乳腺癌数据集的两个特征。"
    ),
    "The logistic cost of a linear model is convex. The squared error of its sigmoid is not: {share:.0%} of the chords run below it, and its curvature "
    "goes down to {least:.3g}.": (
        "线性模型的 logistic 代价函数是凸的；同一个 sigmoid 输出用平方误差就不是凸的：{share:.0%} 的弦低于图像，曲率最低到 {least:.3g}。"
    ),
    "Properties of a convex function: it is twice differentiable, its second derivative is positive, and a local optimum is the global one.": (
        "凸函数的性质：1. 二阶可导；2. 二阶导数 > 0；3. 局部最优就是全局最优。"
    ),
    "Only the third is one. The absolute error and the hinge loss have kinks, a second derivative of 0 wherever there is one, and that of x⁴ is 0 at 0; "
    "all are convex. Where there is a second derivative it has to be at least 0.": (
        "只有第三条是凸函数的性质。绝对误差和合页损失有尖点，在有二阶导数的地方二阶导数都是 0；x⁴ 在 0 处的二阶导数也是 0；它们都是凸函数。"
        "在二阶导数存在的地方，只要求它 ≥ 0。"
    ),
    "The kinked costs pass every test with a curvature of exactly 0, and x⁴ with a second derivative of {at_zero:.0f} at 0.": (
        "带尖点的代价函数曲率恰好为 0，仍通过全部检验；x⁴ 在 0 处的二阶导数是 {at_zero:.0f}，也全部通过。"
    ),
    "Far on the wrong side the logistic cost still slopes; the squared error of the same sigmoid lies nearly flat and bends the wrong way.": (
        "离最优解很远、方向又错的时候，logistic 代价函数仍有坡度；同一个 sigmoid 的平方误差几乎是平的，而且弯向相反的方向。"
    ),
    "The logistic cost is one bowl; the squared error is flat on the left, falls steeply and rises a little.": (
        "logistic 代价函数像一只碗；平方误差在左边是平的，然后下降，最后略微上升。"
    ),
    "lowest end": "最低终点",
    "median end": "中位终点",
    "highest end": "最高终点",
    "ends at the lowest": "到达最低点的比例",
    "Where {starts} descents from random starts end.": "从随机起点出发的 {starts} 次梯度下降到达的终点。",
    "Descents on a convex cost all end at one height, on others each in a valley of its own.": (
        "在凸的代价函数上，所有梯度下降都到达同一高度；在其他函数上，则各自落进不同的山谷。"
    ),
    "One bar for the logistic loss; many for the network and for Rastrigin's function.": "logistic 损失只有一根柱子；网络和 Rastrigin 函数有好几根。",
    "The true J(θ) is a bowl with a single, global optimum, so there is no need to worry about local ones.": (
        "J(θ) 的真正图形是一个凸函数，只有一个全局最优解，所以不必担心找到局部最优解。"
    ),
    "That is so for linear and logistic models. The cost of a network with a hidden layer is not convex, already for two hidden units, and descents from "
    "different starts end at different heights.": (
        "对线性模型和 logistic 模型是这样。只要网络有隐藏层，哪怕只有两个隐藏单元，代价函数就不再是凸的，从不同起点出发的梯度下降会停在不同的高度。"
    ),
    "On the logistic cost all descents end within {one:.0e} of each other, on the network up to {other:.2g} apart, on Rastrigin's function {third:.2g}.": (
        "在 logistic 代价函数上，所有终点相差不超过 {one:.0e}；在网络上最多相差 {other:.2g}，在 Rastrigin 函数上最多相差 {third:.2g}。"
    ),
}
