"""Chapter 1 in Chinese."""

TITLE = "样本按列排放：为什么一次矩阵乘法可以代替对样本的循环"

TEXTS = {
    "A layer of 4 units takes 3 features: z = W x + b, where W is 4 × 3, x and z are columns. For m samples, **put them side by side**: X is 3 × m, a row "
    "for each feature and a column for each sample, and Z = W X + b is 4 × m, again a column for each sample. Do not picture the network, picture the "
    "product. The samples here are pixels of a photograph, and their features red, green and blue.": (
        "一层有 4 个单元，输入 3 个特征：z = W x + b，W 是 4 × 3，x 和 z 都是列向量。现在有 m 个样本，**把它们按列并排**：X 是 3 × m，n 行是 n 个特征，m 列是 "
        "m 个样本；Z = W X + b 就是 4 × m，每个样本仍然是一列。脑子里不要想着神经网络的图，而要想着矩阵相乘。这里的样本是一张照片的像素，特征是红、绿、蓝。"
    ),
    "samples m": "样本数 m",
    "Only X and Z grow with the number of samples.": "只有 X 和 Z 随样本数增大。",
    "Column j of Z is W times column j of X, plus b, to {apart:.0e}.": "Z 的第 j 列等于 W 乘以 X 的第 j 列再加上 b，误差不超过 {apart:.0e}。",
    "Samples as rows, as the other functions of this library take them, give the transpose: XᵀWᵀ + bᵀ = Zᵀ.": (
        "若像本库的其他函数那样把样本按行排放，得到的就是转置：XᵀWᵀ + bᵀ = Zᵀ。"
    ),
    "The sum over samples hides in a product: dW = (1/m) dZ Xᵀ is the gradient, and the mean of the {m} gradients of one sample each, to {apart:.0e}.": (
        "对样本的求和就藏在矩阵乘法里：dW = (1/m) dZ Xᵀ 正是梯度，也等于 {m} 个单样本梯度的平均，误差不超过 {apart:.0e}。"
    ),
    "All five ways give the same Z, to {apart:.0e}.": "五种写法得到同一个 Z，误差不超过 {apart:.0e}。",
    "way": "写法",
    "compiling, s": "编译（秒）",
    "times faster": "快多少倍",
    "for, for, for": "三重 for 循环",
    "for samples": "对样本的 for 循环",
    "matrix product": "矩阵乘法",
    "Microseconds for Z by the number of samples, compiling apart, and the speedup over the first way at the largest m.": (
        "计算 Z 的时间（微秒），按样本数列出，编译时间另计；最后一列是 m 最大时相对第一种写法的加速比。"
    ),
    "For {m} samples the matrix product is more than fifty times faster than the loops.": "{m} 个样本时，矩阵乘法比循环快五十倍以上。",
    "A call of a compiled program costs some microseconds whatever it computes, so that a handful of samples is as soon done in Python: here the product "
    "wins from m = {cross} on. It is not the word `for` that is slow, since `fori_loop` is a loop as well, but compiled. What is slow is an interpreter "
    "that finds out anew for each number what to do with it.": (
        "调用一次编译好的程序，不管算什么，总要花几微秒，所以只有几个样本时 Python 也一样快：在这里，从 m = {cross} 起矩阵乘法才胜出。慢的并不是 `for` 这个词，"
        "`fori_loop` 也是循环，只不过是编译过的。慢的是解释器：每遇到一个数，都要重新弄清楚该拿它做什么。"
    ),
    "In the time of one matrix product over {m} samples, loops come to about {few} of them.": (
        "一次矩阵乘法算完 {m} 个样本的时间里，循环只能算完大约 {few} 个。"
    ),
    "Times by m: those of the loops rise in proportion, that of the product hardly up to ten thousand.": (
        "时间随 m 的变化：循环成比例上升，矩阵乘法直到一万个样本几乎不变。"
    ),
}
