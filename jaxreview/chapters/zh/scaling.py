"""Chapter 3 in Chinese."""

TITLE = "为什么归一化能加快梯度下降求最优解的速度"

TEXTS = {
    "A linear model of two features, x₁ from 0 to 2000 and x₂ from 1 to 5, is fitted by gradient descent on J(θ) = ½ mean (Aθ − y)². The eigenvalues λ of "
    "its Hessian AᵀA/m say how steep J is along each direction, and a step of rate α multiplies the way that is left along a direction by 1 − αλ. So the "
    "steepest direction allows no rate over 2/λmax, and then the flattest one takes about λmax/λmin steps to come nearer by a factor of e. **The condition "
    "number λmax/λmin is the price of a descent**, and scaling the features changes it.": (
        "线性模型有两个特征，x₁ 的区间是 [0, 2000]，x₂ 的区间是 [1, 5]，用梯度下降最小化 J(θ) = ½ mean (Aθ − y)²。海森矩阵 AᵀA/m 的特征值 λ 表示 J 沿各个方向"
        "有多陡：学习率为 α 时，每走一步，该方向上剩余的距离就乘以 1 − αλ。因此最陡的方向要求学习率不超过 2/λmax，而此时最平坦的方向大约要走 λmax/λmin "
        "步，距离才缩小到原来的 1/e。**条件数 λmax/λmin 就是梯度下降的代价**，而归一化改变的正是它。"
    ),
    "Descent at rate 1/λmax from θ = 0: steps until the gap J − min J is 10⁻⁶ of the first one.": (
        "从 θ = 0 出发、学习率取 1/λmax 的梯度下降：差距 J − min J 缩小到最初的 10⁻⁶ 所需的步数。"
    ),
    "data": "数据",
    "features": "特征",
    "steps": "步数",
    "two features": "两个特征",
    "wine, 13 features": "葡萄酒，13 个特征",
    "raw": "原始",
    "standardized": "标准化",
    "min-max": "最小–最大归一化",
    "whitened": "白化",
    "Standardizing two features brings the condition number from {before:.2g} to {after:.3g}, and the steps from {many:.2g} to {few}.": (
        "把两个特征标准化，条件数从 {before:.2g} 降到 {after:.3g}，步数从 {many:.2g} 降到 {few}。"
    ),
    "Standardizing undoes scales, not correlation: of wine's {before:.2g} it leaves {after:.3g}, and whitening, which undoes both, {white:.3g}.": (
        "标准化能消除量纲的差别，却消除不了特征之间的相关性：葡萄酒数据的条件数从 {before:.2g} 只降到 {after:.3g}；白化把两者都消除，才降到 {white:.3g}。"
    ),
    "How many steps depends on the start too, for raw features on how far the best bias is from 0. The condition number does not.": (
        "步数还取决于起点；对原始特征来说，主要取决于偏置的最优值离 0 有多远。条件数则与起点无关。"
    ),
    "Descent at rate 1/λmax: what scaled features do in a few steps takes raw ones millions. Lines are the formula, marks are `gradient_descent`.": (
        "学习率取 1/λmax 的梯度下降：归一化之后几步就能做到的事，原始特征要走几千万步。曲线来自公式，标记是 `gradient_descent` 实际走出来的。"
    ),
    "The gap falls at once when standardized, after 100 steps for min-max, after 10⁷ when raw.": (
        "标准化之后差距立刻下降；最小–最大归一化要一百步左右；原始特征要 10⁷ 步以后才降下来。"
    ),
    "The formula by which the steps were counted, Σ λc²(1 − λ/λmax)²ᵗ with c the way along each direction, foretells the walk to {worst:.0e}.": (
        "步数是用公式 Σ λc²(1 − λ/λmax)²ᵗ 算出来的（c 是沿各个方向要走的距离），它与实际走出的差距相差不超过 {worst:.0e}。"
    ),
    "Between features of very different ranges descent zig-zags, perpendicular to the contours, and so takes long.": (
        "两个特征的区间相差非常大时，梯度下降很有可能走“之字型”路线（垂直等高线走），从而需要迭代很多次才能收敛。"
    ),
    "Each step is perpendicular to the contour it starts from, but only at rates over 1/λmax does it zig-zag, for there 1 − αλmax is negative. At smaller "
    "rates it drops into the valley and creeps along it, and takes longer still. What costs the steps is the flat direction, not the zig-zag.": (
        "每一步确实垂直于出发点处的等高线，但只有学习率大于 1/λmax 时才会走“之字型”，因为这时 1 − αλmax 是负数。学习率更小时，它先落入谷底，再沿着谷底慢慢爬，"
        "花的步数反而更多。真正费步数的是平坦的方向，而不是“之字型”本身。"
    ),
    "Paths over contours of J, x₁ in [0, 9] and x₂ in [1, 5]: at rate 1/λmax, then at the best fixed rate, 2/(λmax + λmin), raw and standardized.": (
        "J 的等高线上的路径，x₁ 的区间是 [0, 9]，x₂ 的区间是 [1, 5]：左图学习率取 1/λmax；中、右图取最优的固定学习率 2/(λmax + λmin)，分别在标准化之前和之后。"
    ),
    "A creep and a zig-zag in narrow ellipses; in circles a path straight to the centre.": (
        "在狭长的椭圆上，一条路径沿谷底爬行，一条走之字型；在圆上，路径直奔圆心。"
    ),
    "Over these contours the creep takes {creep} steps, the zig-zag {zigzag}, and {few} are enough once scaled.": (
        "在这些等高线上，爬行要 {creep} 步，之字型要 {zigzag} 步，标准化之后只要 {few} 步。"
    ),
}
