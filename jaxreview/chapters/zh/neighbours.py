"""Chapter 4 in Chinese."""

TITLE = "为什么缩放特征能让最近邻更准"

TEXTS = {
    "The k nearest neighbours of a wine vote on its cultivar. Which are nearest is decided by Σ (x_f − y_f)² over 13 measured features, and a feature of "
    "large range decides alone: proline, in mg/l, reaches a thousand and more, hue stays near 1. **A distance adds up features as if one unit of any were "
    "worth one of every other**, and nobody has chosen the units for that.": (
        "一瓶酒的 k 个最近邻投票决定它的品种。谁最近，由 13 个测量特征的 Σ (x_f − y_f)² 决定，取值范围大的特征一家独大："
        "脯氨酸以 mg/l 计，可达一千以上，色调却总在 1 附近。**距离把各个特征直接相加，好像任何一个的一个单位都等于另一个的一个单位**，"
        "可是单位并不是为此选定的。"
    ),
    "Between two raw wines nearly all of the squared distance is proline; standardized, each feature has its thirteenth.": (
        "原始数据中，两瓶酒之间的平方距离几乎全是脯氨酸；标准化之后，每个特征各占十三分之一。"
    ),
    "Raw: proline near 100 %, most others under 0.1 %. Standardized: 7.7 % each.": ("原始：脯氨酸接近 100 %，其余大多不到 0.1 %。标准化：各为 7.7 %。"),
    "Proline makes up {most:.1%} of the mean squared distance; standardized it is {one:.1%}, like every other.": (
        "脯氨酸占平均平方距离的 {most:.1%}；标准化之后是 {one:.1%}，与其他特征一样。"
    ),
    "features": "特征",
    "right": "正确",
    "accuracy": "正确率",
    "raw": "原始",
    "standardized": "标准化",
    "min-max": "最小最大缩放",
    "Five folds, k = 5; scalers are fitted on the training folds.": "五折交叉验证，k = 5；缩放参数只由训练折求得。",
    "Scaling lifts the accuracy on wine from {raw:.1%} to {standardized:.1%} (standardized) and {min_max:.1%} (min-max).": (
        "缩放使葡萄酒数据的正确率从 {raw:.1%} 升到 {standardized:.1%}（标准化）和 {min_max:.1%}（最小最大缩放）。"
    ),
    "distance": "距离",
    "Euclidean": "欧氏",
    "Manhattan": "曼哈顿",
    "Accuracy when each wine is left out in turn.": "逐一留出每瓶酒时的正确率。",
    "Scaling matters more than the number of neighbours.": "缩放比邻居的个数更要紧。",
    "Two curves over 93 % at every k, one near 70 %.": "两条曲线在每个 k 都高于 93 %，一条在 70 % 附近。",
    "The worst scaled result, {a:.1%}, beats the best raw one, {b:.1%}, whatever k and the distance.": (
        "无论 k 和距离如何，缩放后最差的结果 {a:.1%} 也胜过原始数据最好的结果 {b:.1%}。"
    ),
    "data": "数据",
    "digits, 64 pixels": "数字，64 个像素",
    "wine and 30 faint features of noise": "葡萄酒加 30 个微弱的噪声特征",
    "Accuracy where scaling does harm, k = 5.": "缩放有害时的正确率，k = 5。",
    "Standardizing can lower the accuracy as well.": "标准化也可能降低正确率。",
    "It makes the rarely inked pixels of the border, and a faint noise, as loud as all the rest. **Scale where units are arbitrary; where features share "
    "one unit, their sizes mean something.** Either way it is a choice of distance, and held-out data tell which is better.": (
        "它让边缘上很少有墨迹的像素和微弱的噪声变得与其他特征同样响亮。**单位随意时才缩放；各特征单位相同时，大小本身就有意义。**"
        "无论哪种，都是在选择距离，孰优孰劣由留出的数据来说。"
    ),
}
