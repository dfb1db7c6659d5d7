"""The page itself: parts, each a heading and a piece of HTML, put behind one style sheet and a table of contents."""

import base64
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any

from jaxreview import chapters
from jaxreview.chapters._page import Page
from jaxreview.report.rows import RowCheck
from jaxreview.speedup import plot, table
from jaxreview.speedup.forms import FORMS
from jaxreview.speedup.result import Result

__all__ = ["Part", "html", "parts"]

# The fixed texts; a chapter brings its own.
CHINESE = {
    "The review, executed": "深度学习复习笔记，逐条运行",
    "Every number on this page was computed when the page was made, but for the comparison with other libraries, whose machine and date stand above it.": (
        "本页所有数字都是生成本页时算出来的；只有与其他库的对比例外，其机器和日期写在该表上方。"
    ),
    "Contents": "目录",
    "Environment": "运行环境",
    "What vectorization buys": "向量化带来多少加速",
    "Beside other libraries": "与其他库的对比",
    "Gradient checks": "梯度检验",
    "The chapters": "各章",
    "Back to the contents": "回到目录",
    "primitive": "函数",
    "examples": "样本数",
    "loop": "循环",
    "one by one": "逐个调用",
    "vectorized": "向量化",
    "over the loop": "比循环快",
    "over one by one": "比逐个调用快",
    "value and gradient": "函数值与梯度",
    "compile": "编译",
    "layer": "层",
    "pass": "方向",
    "forward": "前向",
    "ours": "本库",
    "row": "用例",
    "worst error": "最大误差",
    "allowed": "允许",
    "verdict": "结论",
    "What": "项目",
    "Value": "值",
    "Each row of the table of cases: the largest difference between JAX's derivative and a numerical one in float64, and what was allowed at that place.": (
        "用例表的每一行：float64 下 JAX 导数与数值导数之间的最大差，以及该处允许的误差。"
    ),
    "How many times faster ours is, as a geometric mean over so many layers; below 1 the other one is faster.": (
        "本库快多少倍：若干层上的几何平均（括号内为层数）；小于 1 表示对方更快。"
    ),
    "Every form does the same work on the same arrays, and the outputs were found equal before any was timed.": (
        "每种写法对相同的数组做相同的计算，计时之前都已核对过输出相等。"
    ),
    "The bars show how many times faster the vectorized form is.": "条形图：向量化写法快多少倍。",
    "Speedups on a log scale, a bar for each primitive": "各函数的加速倍数（对数坐标）",
    "{wrong} of {count} rows are wrong.": "{count} 行中有 {wrong} 行错误。",
    "Every row": "全部行",
}
FAMILIES = {"conv": "Convolutions", "pool": "Pools and resizes", "other": "Normalizations, activations, losses and more"}
CHINESE |= {"Convolutions": "卷积", "Pools and resizes": "池化与缩放", "Normalizations, activations, losses and more": "归一化、激活函数、损失及其他"}
PEERS = {"lax": "lax", "jax": "JAX", "torch": "PyTorch", "flax": "Flax", "equinox": "Equinox"}


@dataclass(frozen=True)
class Part:
    """One section: where its heading links to, the heading, and what stands under it."""

    anchor: str
    title: str
    content: str
    level: int = 2


def parts(
    *,
    about: Mapping[str, Any],
    speedup: Result | None,
    peers: Sequence[Mapping[str, Any]],
    checks: Sequence[RowCheck],
    pages: Sequence[tuple[chapters.Chapter, Page]],
    language: str = "en",
) -> list[Part]:
    """The sections of the page; what there is nothing of has none.

    Args:
        about: lines about machine, devices and versions.
        speedup: a run of the speedup table.
        peers: records of comparisons with other libraries, as JSON.
        checks: gradient checks.
        pages: chapters that were run.
        language: "en" or "zh".
    """
    said = _Said(language)
    found = [Part("environment", said("Environment"), _table([said("What"), said("Value")], about.items(), words=(1,)))]
    if speedup is not None and speedup.rows:
        found.append(Part("speedup", said("What vectorization buys"), _speedup(speedup, said)))
    if peers:
        found.append(Part("peers", said("Beside other libraries"), f"<p>{escape(said(_PEERS))}</p>"))
        for record in peers:
            family = record["settings"].get("family", "conv")
            found.append(Part(f"peers-{family}", said(FAMILIES[family]), _peers(record, said), 3))
    if checks:
        found.append(Part("gradients", said("Gradient checks"), _checks(checks, said)))
    if pages:
        from jaxreview.chapters._html import fragment

        found.append(Part("chapters", said("The chapters"), ""))
        for chapter, page in pages:
            found.append(Part(f"chapter-{chapter.name}", f"{chapter.number} · {page.title(language)}", fragment(page, language), 3))
    return found


def html(sections: Sequence[Part], language: str = "en") -> str:
    """The whole page."""
    said = _Said(language)
    title = f"jaxreview: {said('The review, executed')}"
    contents = "".join(f'<li{" class=under" if part.level > 2 else ""}><a href="#{part.anchor}">{escape(part.title)}</a></li>' for part in sections)
    back = f'<a class="top" href="#contents">{escape(said("Back to the contents"))}</a>'
    body = "\n".join(f'<section id="{part.anchor}"><h{part.level}>{escape(part.title)}</h{part.level}>\n{part.content}\n{back}</section>' for part in sections)
    style = resources.files("jaxreview.report").joinpath("style.css").read_text(encoding="utf-8")
    return (
        f'<!doctype html>\n<html lang="{"zh-CN" if language == "zh" else "en"}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" content="light dark">\n'
        f'<link rel="icon" href="data:,">\n<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n'
        f'<header><h1>{escape(title)}</h1>\n<p class="soft">{escape(said(_MADE))}</p></header>\n'
        f'<nav id="contents" aria-label="{escape(said("Contents"))}"><h2>{escape(said("Contents"))}</h2><ul>{contents}</ul></nav>\n'
        f"<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def records(folder: Path | None = None) -> list[dict[str, Any]]:
    """The comparisons with other libraries that the package carries, or those in a folder."""
    carried = resources.files("jaxreview.report").joinpath("peers")
    # A checkout has them where they are written.
    where = folder or (carried if carried.is_dir() else Path(__file__).parents[2] / "benchmarks" / "results")
    if not where.is_dir():
        return []
    found = [json.loads(file.read_text(encoding="utf-8")) for file in where.iterdir() if file.name.startswith("peers-") and file.name.endswith(".json")]
    return sorted(found, key=lambda record: list(FAMILIES).index(record["settings"].get("family", "conv")))


_PEERS = "How many times faster ours is, as a geometric mean over so many layers; below 1 the other one is faster."
_MADE = "Every number on this page was computed when the page was made, but for the comparison with other libraries, whose machine and date stand above it."
_SAME = "Every form does the same work on the same arrays, and the outputs were found equal before any was timed."
_EACH = "Each row of the table of cases: the largest difference between JAX's derivative and a numerical one in float64, and what was allowed at that place."


class _Said:
    """The fixed texts in one language."""

    def __init__(self, language: str):
        if language not in chapters.LANGUAGES:
            raise LookupError(f"report: there is no language {language!r}; it needs one of {', '.join(chapters.LANGUAGES)}")
        self.texts = CHINESE if language == "zh" else None

    def __call__(self, text: str) -> str:
        return self.texts.get(text, text) if self.texts else text


def _table(header: Sequence[str], rows: Any, numbers: Sequence[int] = (), words: Sequence[int] = ()) -> str:
    """Plain cells; those of ``numbers`` to the right, those of ``words`` may be broken."""
    kinds = [' class="number"' if place in numbers else ' class="words"' if place in words else "" for place in range(len(header))]
    head = "".join(f'<th scope="col"{kind}>{escape(str(cell))}</th>' for kind, cell in zip(kinds, header, strict=True))
    body = "\n".join("<tr>" + "".join(f"<td{kind}>{escape(str(cell))}</td>" for kind, cell in zip(kinds, row, strict=True)) + "</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>'


def _picture(png: bytes, alt: str, caption: str) -> str:
    data = base64.b64encode(png).decode()
    return f'<figure><img src="data:image/png;base64,{data}" alt="{escape(alt)}"><figcaption>{escape(caption)}</figcaption></figure>'


def _speedup(done: Result, said: _Said) -> str:
    titles = ["primitive", "examples", *FORMS, "over the loop", "over one by one", "value and gradient", "compile"]
    rows = [[row.name, f"{row.examples:,}" if row.examples else "—", *table.cells(row)] for row in done.rows]
    chart = ""
    if any(row.speedup("loop") or row.speedup("one by one") for row in done.rows):
        alt = said("Speedups on a log scale, a bar for each primitive")
        chart = _picture(plot.png(done), alt, said("The bars show how many times faster the vectorized form is."))
    lines = f'<p class="soft">{escape(table.described(done))}</p><p>{escape(said(_SAME))}</p>'
    return lines + chart + _table([said(title) for title in titles], rows, numbers=range(1, len(titles)))


def _peers(record: Mapping[str, Any], said: _Said) -> str:
    """Every layer of a comparison, folded under the geometric means."""
    names = list(dict.fromkeys(one["library"] for row in record["rows"] for one in row["libraries"]))
    others = [name for name in names if name != "ours"]
    rows, logs = [], {(turn, name): [] for turn in ("forward", "gradient") for name in others}
    for row in record["rows"]:
        medians = {one["library"]: one["median"] for one in row["libraries"]}
        cells = []
        for name in others:
            ratio = medians[name] / medians["ours"] if name in medians else None
            cells.append("—" if ratio is None else f"{ratio:.2f}×")
            if ratio is not None:
                logs[row["pass"], name].append(math.log(ratio))
        rows.append([row["layer"], said(_TURNS[row["pass"]]), f"{1e3 * medians['ours']:.3g}", *cells])
    means = [
        [said(_TURNS[turn]), *(f"{math.exp(sum(found) / len(found)):.2f}× ({len(found)})" if (found := logs[turn, name]) else "—" for name in others)]
        for turn in ("forward", "gradient")
    ]
    about = f"{record['machine']['cpu']}, {record['machine']['cores']} cores, {record['settings']['dtype']}, {record['date'][:10]}"
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items() if version)
    titles = [PEERS[name] for name in others]
    every = _table([said("layer"), said("pass"), f"{said('ours')} ms", *titles], rows, numbers=range(2, 3 + len(others)))
    lines = f'<p class="soft">{escape(about)}; {escape(versions)}</p>' + _table([said("pass"), *titles], means, numbers=range(1, 1 + len(others)))
    return f"{lines}<details><summary>{escape(said('Every row'))}</summary>{every}</details>"


_TURNS = {"forward": "forward", "gradient": "value and gradient"}


def _checks(checks: Sequence[RowCheck], said: _Said) -> str:
    wrong = sum(not check.ok for check in checks)
    rows = [
        [
            check.name,
            check.case,
            "—" if check.error is None else f"{check.error:.1e}",
            "—" if check.allowed is None else f"{check.allowed:.1e}",
            check.verdict,
        ]
        for check in sorted(checks, key=lambda check: check.ok)
    ]
    lines = said("{wrong} of {count} rows are wrong.").format(wrong=wrong, count=len(checks))
    kind = ' class="wrong"' if wrong else ""
    titles = [said(title) for title in ("primitive", "row", "worst error", "allowed", "verdict")]
    return f"<p{kind}>{escape(lines)}</p><p>{escape(said(_EACH))}</p>" + _table(titles, rows, numbers=(2, 3), words=(4,))
