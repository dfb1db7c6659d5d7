"""Chapter 7 in Chinese."""

TITLE = "广播：一行代码完成很多运算，以及它掩盖的错误"

TEXTS = {
    "Shapes are compared **from the right**. A shape that is too short gets 1s in front. Two sizes fit if they are equal or one of them is 1, and "
    "what has size 1 is repeated along that axis. Nothing is repeated in memory: NumPy gives the axis a stride of 0.": (
        "形状**从右边**开始对齐比较。较短的形状在前面补 1。两个长度相等，或者其中一个是 1，就能匹配；长度为 1 的轴会沿这个轴重复。内存里并没有真的重"
        "复：NumPy 只是把这个轴的步长设为 0。"
    ),
    "Twelve pairs. The last three do not fit: 4 and 3, 3 and 2, 8 and 3 face each other.": (
        "十二对形状。最后三对不匹配：对上的分别是 4 与 3、3 与 2、8 与 3。"
    ),
    "a aligned": "对齐后的 a",
    "b aligned": "对齐后的 b",
    "The rule says what NumPy does for all {many} pairs of shapes of up to three axes with sizes from 0 to 3; {bad} of them do not fit.": (
        "对于至多三个轴、长度从 0 到 3 的全部 {many} 对形状，这条规则与 NumPy 的做法完全一致；其中 {bad} 对不匹配。"
    ),
    "JAX does the same; a column repeated 1,000 times keeps its 3 numbers, with strides {strides}.": (
        "JAX 的做法也一样；一列 3 个数重复 1,000 次，内存里仍是这 3 个数，步长是 {strides}。"
    ),
    "A photograph of 96 × 128 × 3 with the mean of each channel, (96, 128, 3) with (3,): loops, broadcasting, and broadcasting compiled.": (
        "96 × 128 × 3 的照片与各通道的均值运算，即 (96, 128, 3) 与 (3,)：用循环、用广播、用编译后的广播。"
    ),
    "operator": "运算",
    "loops, ms": "循环，毫秒",
    "NumPy, ms": "NumPy，毫秒",
    "JAX, ms": "JAX，毫秒",
    "times faster": "快多少倍",
    "For each of the four operators the three ways give the same numbers, and broadcasting is over ten times faster.": (
        "加减乘除四种运算，三种写法得到的数都相同，而广播比循环快十倍以上。"
    ),
    "What forward is repeated gets backward the sum: in Z = WX + b the column b is added to all m columns, so ∂J/∂b is the sum of the columns of ∂J/∂Z.": (
        "前向是重复，反向就是求和：Z = WX + b 中，列向量 b 加到了全部 m 列上，所以 ∂J/∂b 是 ∂J/∂Z 各列之和。"
    ),
    "The gradient of a (4, 1) that is added to a (4, 5) is (4, 1), the sums of its rows, to {apart:.0e}.": (
        "(4, 1) 加到 (4, 5) 上，前者的梯度仍是 (4, 1)，等于各行之和，误差为 {apart:.0e}。"
    ),
    "Broadcasting also works where nobody wanted it. Predictions (m, 1) minus targets (m,) is a mistake, of which it makes m × m differences. Nothing "
    "fails, and the loss even falls. But it now compares each prediction with every target, and what is best for that is the same for all: the mean. ("
    "Every loss of this library refuses shapes that differ, while tracing, so under `jit` as well.)": (
        "没人想要广播的地方，它也照样生效。用形状 (m, 1) 的预测值减去形状 (m,) 的目标值是个错误，广播却会算出 m × m 个差。程序不报错，损失甚至还在下"
        "降。但这时每个预测值都在与所有目标值比较，而对此最优的预测对每个样本都一样：目标的均值。（本库的所有损失函数都拒绝形状不同的输入，而且在追踪"
        "时就拒绝，所以在 `jit` 下也一样。）"
    ),
    "Proline foretold from alcohol, both standardized, by 100 steps of descent.": "由酒精含量预测脯氨酸，两者都已标准化，走 100 步梯度下降。",
    "difference": "所作的差",
    "slope": "斜率",
    "bias": "偏置",
    "loss at the start": "开始时的损失",
    "loss at the end": "结束时的损失",
    "true loss at the end": "结束时真正的损失",
    "With (m, 1) − (m,) descent finds a level line.": "用 (m, 1) − (m,) 作差，梯度下降找到的是一条水平线。",
    "Rising points; one line rises with them, one is level.": "上升的点；一条直线随之上升，另一条是水平的。",
    "The mistaken loss falls from {first:.2f} to {last:.2f}, but the slope it ends with is {bad:.0e} instead of {good:.2f}.": (
        "错误的损失从 {first:.2f} 降到 {last:.2f}，但最后得到的斜率是 {bad:.0e}，而不是 {good:.2f}。"
    ),
}
