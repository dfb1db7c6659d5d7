"""Chapter 11 in Chinese."""

TITLE = "为什么测试集要用训练集的平均值和方差来归一化"

TEXTS = {
    "wines to tell": "待分类的葡萄酒",
    "number": "数量",
    "scaled by training statistics": "用训练集的统计量",
    "scaled by their own": "用自己的统计量",
    "all kinds": "全部类别",
    "kind 0 only": "只有第 0 类",
    "kind 1 only": "只有第 1 类",
    "kind 2 only": "只有第 2 类",
    "each wine alone": "一次一瓶",
    "Share told right of wines kept from training.": "对未参加训练的葡萄酒分类的正确率。",
    "Of a test set with wines of one kind the classifier tells {good:.0%} right by the training set's mean and deviation, and {bad:.0%} by its own.": (
        "测试集里只有一类葡萄酒时，用训练集的平均值和标准差归一化，正确率是 {good:.0%}；用测试集自己的，只有 {bad:.0%}。"
    ),
    "The classifier learned what 1.2 **training** deviations above the **training** mean mean. Scaled by its own statistics every set is centred at 0, "
    "and what told its kind is gone. A mixed test set hides this, as its statistics are much like those of training; a single wine shows it best, for "
    "it is its own mean: all its features are 0.": (
        "分类器学会的是“比**训练集**平均值高出 1.2 个**训练集**标准差”意味着什么。用自己的统计量归一化，任何数据的中心都会落在 0，能区分类别的信息就没"
        "有了。各类混合的测试集看不出这个问题，因为它的统计量与训练集差不多；单独一瓶酒最明显：它自己就是平均值，所有特征都变成 0。"
    ),
    "Test wines of one kind lie among their like only if scaled as the training wines were.": ("只有与训练集作同样的变换，某一类的测试样本才会落在同类之中。"),
    "Left the test wines lie on the cluster of kind 2; right they are centred at 0, among the other kinds.": (
        "左图中测试样本落在第 2 类的那一簇里；右图中它们以 0 为中心，混在其他类别之间。"
    ),
    "Largest change of a scaled training feature when the test wines are replaced by others.": "把测试样本换成别的，归一化后的训练特征最多变化多少。",
    "statistics of": "统计量取自",
    "change": "变化",
    "training wines": "训练集",
    "all wines": "全部数据",
    "Statistics of all data leak the test set into training: other test wines change training features by {leak:.2g}; statistics of training by 0.": (
        "用全部数据计算统计量，会把测试集泄漏到训练中：换一批测试样本，训练特征就变化 {leak:.2g}；只用训练集计算，变化是 0。"
    ),
    "**Batch normalization is the same idea**: while training it normalizes by the batch and gathers running statistics, and afterwards it uses these, "
    "whatever comes. One wine in a batch of its own would be all 0.": (
        "**批归一化（BN）是同样的道理**：训练时用当前批的统计量归一化，同时累积滑动统计量；训练之后，无论来什么数据，都用累积下来的统计量。一瓶酒自成一"
        "批，结果就会全是 0。"
    ),
    "Running means come within {off:.2g} deviations of the training set's. By them one wine is scaled as before, to {apart:.2g}; alone it is 0.": (
        "滑动平均与训练集的平均值相差不到 {off:.2g} 个标准差。用它来归一化一瓶酒，与原来的结果相差 {apart:.2g}；用它自己的统计量，则全是 0。"
    ),
    "Mean and variance of parts merge to those of the whole, to {merged:.0e}, so data may come in a stream; `unstandardize` gives it back to {back:.0e}.": (
        "各部分的平均值和方差可以合并成整体的，误差 {merged:.0e}，所以数据可以一批一批地来；`unstandardize` 能变换回去，误差 {back:.0e}。"
    ),
}
