"""Chapter 5 in Chinese."""

TITLE = "梯度下降：步子、学习率、动量，以及何时停止"

TEXTS = {
    "To find the w and b with the smallest cost J, go a little way against the slope, again and again: **w ← w − α ∂J/∂w, b ← b − α ∂J/∂b**. Here a "
    "wine's alcohol is foretold from the intensity of its colour by a line, ŷ = w x + b, and J = ½ mean (ŷ − y)². Both derivatives are taken at the "
    "old point; changing w first and then b by the new w is another algorithm (coordinate descent).": (
        "为了找到使代价 J 最小的 w 和 b，就一次又一次地沿着与梯度相反的方向走一小步：**w ← w − α ∂J/∂w，b ← b − α ∂J/∂b**。这里用一条直线 ŷ = w x + "
        "b 由葡萄酒颜色的深浅预测酒精含量，J = ½ mean (ŷ − y)²。两个偏导数都在旧的点上计算；如果先更新 w，再用新的 w 去更新 b，那就是另一种算法了（坐"
        "标下降）。"
    ),
    "`gradient_descent` with `optax.sgd` takes the very steps of the rule written by hand: 100 of them agree to {apart:.0e}.": (
        "`gradient_descent` 配上 `optax.sgd`，走的正是手写规则的每一步：100 步相差不超过 {apart:.0e}。"
    ),
    "How long a step may be is up to the largest curvature L of J, an eigenvalue of its Hessian. What separates the parameters from the best ones is "
    "multiplied in every step by 1 − αλ along the direction of curvature λ. Along the steepest it is between 0 and 1 for α < 1/L; between −1 and 0, "
    "which jumps to and fro and arrives, for α up to 2/L; below −1, which goes off, beyond.": (
        "步子能迈多大，由 J 的最大曲率 L（海森矩阵的最大特征值）决定。沿着曲率为 λ 的方向，每走一步，参数离最优值的距离就乘以 1 − αλ。在最陡的方向上"
        "，α < 1/L 时这个数在 0 和 1 之间；α 在 1/L 与 2/L 之间时它在 −1 和 0 之间，来回跳动，但会收敛；α 再大，它就小于 −1，于是发散。"
    ),
    "L = {steepest:.3g} is the largest curvature, μ = {flattest:.2g} the smallest. The goal, a gap of 10⁻⁶ of the first, has {steps} steps.": (
        "L = {steepest:.3g} 是最大曲率，μ = {flattest:.2g} 是最小曲率。目标是差距缩小到最初的 10⁻⁶，最多走 {steps} 步。"
    ),
    "rate": "学习率",
    "turns in 20 steps": "前 20 步中变号的次数",
    "gap after 100 steps": "100 步后的差距",
    "steps to the goal": "达到目标的步数",
    "At 1/L descent arrives, at 1.9/L it arrives jumping to and fro, at 2.1/L it jumps farther each time.": (
        "学习率为 1/L 时收敛；1.9/L 时来回跳动着收敛；2.1/L 时每跳一次都离得更远。"
    ),
    "Left, the gap falls for two rates and rises for 2.1/L; right, a flat line and two zig-zags.": (
        "左图：两个学习率下差距减小，2.1/L 时增大；右图：一条平线和两条锯齿线。"
    ),
    "Up to 1/L the steepest direction never turns; at 1.9/L it turns in each of the first 20 steps, and descent still arrives, after {steps} steps.": (
        "学习率不超过 1/L 时，最陡的方向上从不变号；1.9/L 时前 20 步每一步都变号，但仍然收敛，用了 {steps} 步。"
    ),
    "At 2/L the way along it stays what it was, and at 2.1/L it is {grows:.3g} times as long after 100 steps: 1.1¹⁰⁰.": (
        "学习率为 2/L 时，这个方向上的距离始终不变；2.1/L 时，100 步之后它变成原来的 {grows:.3g} 倍，即 1.1¹⁰⁰。"
    ),
    "One rate serves all directions, so the flat ones wait for the steep. **Momentum** adds to a step β times the last one: v ← βv + ∇J, w ← w − αv. "
    "What jumps to and fro then cancels, what goes on adds up. The best α and β make L/μ = {kappa:.0f} count by its root, {root:.0f}.": (
        "所有方向共用一个学习率，平坦的方向就得迁就陡的方向。**动量**在每一步上再加上 β 乘以前面的步子：v ← βv + ∇J，w ← w − αv。来回跳动的部分互相抵"
        "消，一直朝前的部分不断累积。α 和 β 取最优值时，起作用的不再是 L/μ = {kappa:.0f}，而是它的平方根 {root:.0f}。"
    ),
    "Steps after which the gap stays below 10⁻⁶ of the first.": "从这一步起，差距一直小于最初的 10⁻⁶。",
    "way": "方法",
    "steps uphill": "上坡的步数",
    "rate 1/L": "学习率 1/L",
    "best rate, 2/(L + μ)": "最优学习率 2/(L + μ)",
    "momentum": "动量",
    "Nesterov's momentum": "Nesterov 动量",
    "Momentum arrives in a fraction of the steps.": "用动量只需要一小部分的步数。",
    "Two slow straight falls and two steep ones.": "两条缓慢下降的直线，两条陡峭下降的线。",
    "Momentum takes {few} steps where the best rate alone takes {many}.": "动量法用 {few} 步，而只用最优学习率要 {many} 步。",
    "A descent ends by a rule, and each rule trusts something. That J hardly changes any more is also so where steps are short. A small slope means a "
    "small gap, whatever the rate: J − min J ≤ |∇J|²/(2μ), if μ, the smallest curvature, is known.": (
        "梯度下降总要按某条规则停下来，而每条规则都有自己的前提。“J 几乎不再变化”，在步子很小的时候也成立。而梯度小就说明差距小，与学习率无关：J − "
        "min J ≤ |∇J|²/(2μ)，前提是知道最小曲率 μ。"
    ),
    "Two rules to stop by, at two rates.": "两条停止规则，两个学习率。",
    "rule": "规则",
    "stops after": "停止时的步数",
    "gap, share of J": "差距占 J 的比例",
    "J falls by less than 10⁻⁴ of itself": "J 的降幅小于自身的 10⁻⁴",
    "|∇J|²/(2μ) is below 10⁻⁴ of J": "|∇J|²/(2μ) 小于 J 的 10⁻⁴",
    "With short steps the first rule leaves a gap of {short:.0%} of J, with long ones {long:.1%}; the second keeps its word at both rates.": (
        "步子小时，第一条规则停下时差距还占 J 的 {short:.0%}，步子大时占 {long:.1%}；第二条规则在两个学习率下都说到做到。"
    ),
}
