"""Chapter 9 in Chinese."""

TITLE = "激活函数小对比：函数值、斜率、饱和，以及会“死掉”的单元"

TEXTS = {
    "Between two layers stands a function of each number by itself. Without one, layers of any number are a single linear map. What it does to a "
    "network is seen in its slope: gradients are multiplied by it on their way back. Where |f′| is below {flat} a unit learns next to nothing: **it "
    "is saturated**.": (
        "两层之间有一个对每个数单独作用的函数。没有它，多少层叠在一起也只是一个线性映射。它对网络的影响要看斜率：梯度往回传时，每经过一次就乘以这个斜"
        "率。|f′| 小于 {flat} 的地方，单元几乎学不到东西：**它饱和了**。"
    ),
    "Odd functions are centred at 0. The mean is that of f(z) for z from N(0, 1); the last two columns are the shares of z from N(0, σ²) with |f′| < "
    "0.01. At a kink f″ is that of a side. `threshold` replaces what is up to 1 by 0; the slope of `prelu` is 0.25, that of `rrelu` its mean.": (
        "奇函数关于原点中心对称。均值是 z 服从 N(0, 1) 时 f(z) 的均值；最后两列是 z 服从 N(0, σ²) 时 |f′| < 0.01 所占的比例。在折点处，f″ 取某一侧的"
        "值。`threshold` 把不超过 1 的数换成 0；`prelu` 的斜率取 0.25，`rrelu` 的斜率取平均值。"
    ),
    "odd": "奇函数",
    "mean": "均值",
    "max |f′|": "max |f′|",
    "max |f″|": "max |f″|",
    "flat up to": "从左端平坦到",
    "flat from": "平坦始于",
    "flat, σ = 1": "平坦，σ = 1",
    "flat, σ = 5": "平坦，σ = 5",
    "tanh is centred at 0, the sigmoid and ReLU are not: their means are {one:.2f} and {two:.2f}.": (
        "tanh 关于原点中心对称，sigmoid 和 ReLU 则不是：它们的均值是 {one:.2f} 和 {two:.2f}。"
    ),
    "The sigmoid's slope is at most {most:.2f}, and at 5 {five:.4f}; that of tanh at 2 is {two:.3f}.": (
        "sigmoid 的斜率至多是 {most:.2f}，在 5 处是 {five:.4f}；tanh 在 2 处的斜率是 {two:.3f}。"
    ),
    "Every function of one number, and its slope.": "所有单变量的激活函数，以及它们的斜率。",
    "27 small plots of f and f′ from −4 to 4.": "27 幅小图，画出 f 和 f′ 在 −4 到 4 上的样子。",
    "Ten sigmoids in a row have a slope of at most {bound:.2g} = 0.25¹⁰, and of {most:.1g} in fact.": (
        "十个 sigmoid 串在一起，斜率不超过 {bound:.2g} = 0.25¹⁰，实际上至多是 {most:.1g}。"
    ),
    "Twenty layers with the same weights of variance 2/n, on digits: sigmoids let the gradient vanish.": (
        "手写数字经过二十层，权重相同，方差都是 2/n：sigmoid 让梯度消失。"
    ),
    "Nearly level lines for three; that of the sigmoid falls to the left by many powers of ten.": "三条线接近水平；sigmoid 的线向左下降好多个数量级。",
    "From the last to the first the sigmoid leaves {one:.0e} of it, ReLU {two:.2g}.": (
        "从最后一层传到第一层，sigmoid 只留下梯度的 {one:.0e}，ReLU 留下 {two:.2g} 倍。"
    ),
    "Maxout of z and az is ReLU for a = 0, leaky ReLU for a = 0.01 and |z| for a = −1. PReLU learns a: its gradient is the sum of the negative z.": (
        "对 z 和 az 取 maxout：a = 0 时就是 ReLU，a = 0.01 时是 leaky ReLU，a = −1 时是 |z|。PReLU 的 a 是学出来的：它的梯度是所有负的 z 之和。"
    ),
    "A ReLU that is negative for every example has slope 0 for every example: nothing changes it any more, **it is dead**. One step that is too long "
    "is enough where inputs are positive, as pixels are. Here a hidden layer of {h} units learns {n} digits: one step of a rate that may be too large,"
    " then 100 careful ones of 0.1. What died does not come back; the others have to do its work.": (
        "如果一个 ReLU 对每个样本都取负的输入，那么它对每个样本的斜率都是 0：再没有什么能改变它，**它死掉了**。输入都是正数时（像素就是这样），只要有"
        "一步迈得太大就会如此。这里一个有 {h} 个单元的隐藏层学习 {n} 个手写数字：先走一步，学习率可能过大；再以 0.1 的学习率小心地走 100 步。死掉的不"
        "会复活，它们的工作只能由其余的单元来做。"
    ),
    "Means of three runs. Dead: |f′| < 0.001 at every example.": "第一步的学习率",
    "rate of the first step": "第一步后死掉的",
    "dead after it": "结束时死掉的",
    "dead at the end": "准确率",
    "accuracy": "三次运行的平均。死掉：对每个样本都有 |f′| < 0.001。",
    "After a step of rate 10 {before:.0%} of the ReLUs are dead, and at the end still {after:.0%}; of leaky ones and of maxout none, at any rate.": (
        "走了学习率为 10 的一步之后，{before:.0%} 的 ReLU 死掉，到结束时仍是 {after:.0%}；leaky ReLU 和 maxout 在任何学习率下都没有死掉的。"
    ),
}
