"""Chapter 8 in Chinese."""

TITLE = "形状为 (n,) 的数组：既不是行也不是列，以及如何避免它带来的错误"

TEXTS = {
    "An array of shape (5,) has one axis. It is no row and no column: there is nothing to transpose, `a.T` is `a`. So `np.dot(a, a.T)` is the inner "
    "product, a number. A column (5, 1) times its transpose (1, 5) is the outer product, 5 × 5. The same line of code means different things, by an "
    "axis that the name of the variable does not tell.": (
        "形状为 (5,) 的数组只有一个轴，既不是行向量也不是列向量：没有什么可转置的，`a.T` 就是 `a`。所以 `np.dot(a, a.T)` 是内积，是一个实数。列向量 ("
        "5, 1) 乘以它的转置 (1, 5) 则是外积，是一个 5 × 5 的矩阵。同一行代码有不同的含义，区别只在于一个轴，而从变量名上看不出来。"
    ),
    "Shapes of what comes out for five numbers; () is a single number.": "五个数算出的结果的形状；() 表示单个数。",
    "array": "数组",
    "shape": "形状",
    "shape of a.T": "a.T 的形状",
    "a as a column": "把 a 变成列",
    "a as a row": "把 a 变成行",
    "From (5,) comes one number, {inner:.1f}, from (5, 1) a 5 × 5 matrix of which it is the trace; JAX does as NumPy.": (
        "由 (5,) 得到一个数 {inner:.1f}；由 (5, 1) 得到一个 5 × 5 的矩阵，前者是它的迹。JAX 与 NumPy 的做法相同。"
    ),
    "Most mistakes of this kind raise no error. A network gives predictions (m, 1), the targets were read as (m,), and (m, 1) − (m,) broadcasts to (m,"
    " m). For perfect predictions the mean square of that is not 0: over all pairs the mean of (yᵢ − yⱼ)² is twice the variance of y.": (
        "这类错误大多不会报错。网络给出的预测值是 (m, 1)，读进来的目标值是 (m,)，于是 (m, 1) − (m,) 被广播成 (m, m)。即使预测完全正确，它的均方也不是"
        " 0：对所有的数对，(yᵢ − yⱼ)² 的平均值是 y 的方差的两倍。"
    ),
    "The mean squared error of {m} perfect predictions is {right:.0f}, and of shapes (m, 1) and (m,) {wrong:.4f}: 2·var(y) = {twice:.4f}.": (
        "{m} 个完全正确的预测，均方误差是 {right:.0f}；形状为 (m, 1) 和 (m,) 时却是 {wrong:.4f}，而 2·var(y) = {twice:.4f}。"
    ),
    "Five ways to be safe: to keep vectors as columns or rows from the start; to check a shape where an array comes in; to have JAX refuse arrays of "
    'different rank, by `jax.numpy_rank_promotion("raise")`; to use losses that compare shapes, as those of this library do; and to write shapes into '
    "annotations that are checked at each call, as its tests do. A check by shape also works under `jit`, where values are unknown but shapes are not.": (
        '有五种办法避免出错：从一开始就把向量写成列或行；在数组传入的地方检查形状；用 `jax.numpy_rank_promotion("raise")` 让 JAX 拒绝秩不同的数组；使'
        "用会比较形状的损失函数，例如本库的损失函数；把形状写进类型注解，并在每次调用时检查，本库的测试就是这样做的。检查形状在 `jit` 下同样有效：那"
        "时数值是未知的，形状却是已知的。"
    ),
    "Which of them refuse? The first two pairs are mistakes, the last two are not.": "哪些会拒绝？前两对是错误的，后两对是正确的。",
    "loss by": "计算损失的方式",
    "(m, 1) and (m,)": "(m, 1) 和 (m,)",
    "(m, 1) and (1, m)": "(m, 1) 和 (1, m)",
    "(m,) and (m,)": "(m,) 和 (m,)",
    "(m, 1) and (m, 1)": "(m, 1) 和 (m, 1)",
    "same under jit": "jit 下也一样",
    "NumPy": "NumPy",
    "JAX": "JAX",
    "JAX, ranks not promoted": "JAX，禁止秩提升",
    "JAX, shapes checked": "JAX，检查形状",
    "NumPy and JAX by default refuse nothing. Forbidding to promote ranks catches (m,), but not a row among columns; comparing shapes catches both.": (
        "NumPy 和默认设置下的 JAX 什么都不拒绝。禁止秩提升能发现 (m,)，却发现不了混进列里的行；比较形状则两者都能发现。"
    ),
    "The check costs nothing when compiled: the traced program with it is the one without.": (
        "编译之后，这个检查没有任何开销：有它和没有它，追踪得到的程序完全相同。"
    ),
    "reshape is fast, O(1).": "reshape 是很快的 O(1) 复杂度。",
    "In NumPy it is, where memory can stay as it lies: the result is a view of the same numbers. Of a transposed array it is a copy, O(n). A JAX "
    "array is never a view of another: called alone, reshape is a program of its own that copies. Inside a compiled program it is another name for "
    "the same memory, a bitcast.": (
        "在 NumPy 中，只要内存可以原样不动，就是这样：结果是同一批数的视图。对转置后的数组则要复制，是 O(n)。JAX 的数组从来不是另一个数组的视图：单独"
        "调用 reshape，它自己就是一个程序，要复制数据。在编译好的程序内部，它只是同一块内存的另一个名字（bitcast）。"
    ),
    "Microseconds. The last two lines differ by a reshape in a program.": "单位是微秒。最后两行的区别是程序里多了一个 reshape。",
    "reshape to a column": "变形为列",
    "NumPy, of a transposed array": "NumPy，转置后的数组",
    "JAX, called alone": "JAX，单独调用",
    "JAX, 2a": "JAX，2a",
    "JAX, 2a as a column": "JAX，2a 变形为列",
    "A view costs the same for any n; a copy grows with n.": "无论 n 多大，视图的开销都一样；复制的开销随 n 增长。",
    "One level line far below; two that rise.": "一条水平线远在下方；另外两条上升。",
    "NumPy's view shares its memory, the copy does not, and takes for {n} numbers over a hundred times as long.": (
        "NumPy 的视图与原数组共享内存，复制则不共享；对 {n} 个数，复制要花一百倍以上的时间。"
    ),
    "JAX's reshape alone gives other memory, and compiles to a copy. In 2a as a column there is no copy left.": (
        "JAX 单独的 reshape 给出另一块内存，编译成一次复制。而在 2a 变形为列的程序里，已经没有复制了。"
    ),
}
