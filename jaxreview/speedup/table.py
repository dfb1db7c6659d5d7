"""Results as text: lines for the terminal while they come, and Markdown, CSV and comparison tables of what was kept."""

import csv
import io
from collections.abc import Iterable, Sequence

from jaxreview.speedup.forms import FORMS
from jaxreview.speedup.result import Change, Result, Row, Timing

__all__ = ["cells", "changes_text", "csv_text", "described", "factor", "header", "line", "markdown", "markdown_rows", "seconds"]

NONE = "—"
NAME = 24
# The terminal's columns: title, width, and whether a narrow terminal keeps it.
_COLUMNS = (
    ("loop", 9, True),
    ("one by one", 11, True),
    ("lax.map", 9, False),
    ("vmap", 9, False),
    ("vectorized", 11, True),
    ("over the loop", 21, True),
    ("over one by one", 21, False),
    ("gradient", 9, False),
    ("compile", 9, False),
)
_NARROW = 100


def seconds(value: float) -> str:
    """A duration with three digits and its unit.

    Examples:
        >>> seconds(0.01234), seconds(2.5e-6), seconds(3)
        ('12.3 ms', '2.50 µs', '3.00 s')
    """
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if value >= 0.9995 * size:
            return f"{_three(value / size)} {unit}"
    return f"{_three(value / 1e-9)} ns"


def _three(value: float) -> str:
    return f"{value:.2f}" if value < 9.995 else f"{value:.1f}" if value < 99.95 else f"{value:,.0f}"


def _two(value: float) -> str:
    return f"{value:.2g}" if value < 9.95 else f"{float(f'{value:.2g}'):,.0f}" if value < 1000 else f"{float(f'{value:.3g}'):,.0f}"


def factor(speedup: tuple[float, float, float] | None) -> str:
    """A speedup with its interval.

    Examples:
        >>> factor((1234.0, 1101.0, 1402.0)), factor((2.4, 2.3, 2.6)), factor(None)
        ('1,230× (1,100–1,400)', '2.4× (2.3–2.6)', '—')
    """
    return NONE if speedup is None else f"{_two(speedup[0])}× ({_two(speedup[1])}–{_two(speedup[2])})"


def _time(timing: Timing | None) -> str:
    return NONE if timing is None else seconds(timing.median)


def _spread(timing: Timing | None) -> str:
    """A median with the half-width of its interval; a range of fewer samples than an interval needs is marked."""
    if timing is None:
        return NONE
    low, high, coverage = timing.interval
    if coverage == 0:
        return f"{seconds(timing.median)} (once)"
    half = 100 * max(high - timing.median, timing.median - low) / timing.median
    return f"{seconds(timing.median)} ± {half:.0f} %" + ("" if coverage >= 0.95 else "\\*")


def _compile(timing: Timing | None) -> str:
    return NONE if timing is None or timing.compile_seconds is None else seconds(timing.compile_seconds)


def header(width: int = 200) -> str:
    """The terminal table's head."""
    return " ".join([f"{'primitive':<{NAME}}", *(f"{title:>{size}}" for title, size, keep in _COLUMNS if keep or width >= _NARROW)]).rstrip()


def cells(row: Row) -> list[str]:
    """What a row says: the median of each form, the two speedups, value and gradient, and the compile time."""
    times = [_time(row.timing(form)) for form in FORMS]
    return [*times, factor(row.speedup("loop")), factor(row.speedup("one by one")), _time(row.batched("gradient")), _compile(row.batched())]


def line(row: Row, width: int = 200) -> str:
    """A row as a line under ``header``."""
    kept = [f"{cell:>{size}}" for cell, (_, size, keep) in zip(cells(row), _COLUMNS, strict=True) if keep or width >= _NARROW]
    return " ".join([f"{row.name:<{NAME}}", *kept])


def described(result: Result) -> str:
    """Machine, device, versions and date in one line."""
    m, d = result.machine, result.device
    where = "" if d["platform"] == "cpu" else f", on {d['kind']}"
    commit = f", commit {result.commit[:10]}{'+changes' if result.commit.endswith('+changes') else ''}" if result.commit else ""
    return f"{m['cpu']}, {m['cores']} cores{where}, jax {result.versions['jax']}, {result.settings['dtype']}, {result.date[:10]}{commit}"


def _grid(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return ["| " + " | ".join(titles) + " |", "|" + "|".join(["---"] + ["---:"] * (len(titles) - 1)) + "|", *("| " + " | ".join(row) + " |" for row in rows)]


def markdown_rows(result: Result) -> str:
    """The table: one line a primitive."""
    titles = ["primitive", "examples", *FORMS, "over the loop", "over one by one", "value and gradient", "over one by one", "compile"]
    lines = [
        [
            f"`{row.name}`",
            f"{row.examples:,}" if row.examples else NONE,
            *(_time(row.timing(form)) for form in FORMS),
            factor(row.speedup("loop")),
            factor(row.speedup("one by one")),
            _time(row.batched("gradient")),
            factor(row.speedup("one by one", "gradient")),
            _compile(row.batched()),
        ]
        for row in result.rows
    ]
    return "\n".join(_grid(titles, lines))


_LEGEND = """\
Every form of a line does the same work on the same float32 arrays, and their outputs were found equal before any was timed. *loop*: the for-loop twin in Python
and NumPy. *one by one*: a Python loop over a jitted call on one example. *lax.map*: that loop compiled. *vmap*: the function of one example, mapped and jitted.
*vectorized*: the function on the whole batch, jitted. The speedups are those of *vectorized* (of *vmap*, where only that makes a batch): the ratio of the
medians, and in brackets where it lies if both medians are inside their 95 % intervals (their ranges, where a slow form has fewer than six samples).
*value and gradient* is the vectorized form's, to all differentiable arguments. *compile* is the vectorized forward form's tracing, lowering and compiling,
which no other column contains; that form is compiled alone, the others of a line two at a time. — : there is no such form."""


def markdown(result: Result) -> str:
    """The whole report: the table, each form with its interval, compile times, and the data of each row."""
    parts = ["# What vectorization buys", described(result) + ".", markdown_rows(result), _LEGEND]
    if not result.complete:
        parts.insert(1, "**The run was interrupted: these are the rows that were finished.**")
    if result.failed:
        parts.append("## Not measured\n\n" + "\n".join(f"- `{name}`: {reason}" for name, reason in result.failed.items()))
    for turn, title in (("forward", "Forward"), ("gradient", "Value and gradient")):
        used = [form for form in FORMS if form != "loop" or turn == "forward"]
        lines = [[f"`{row.name}`", *(_spread(row.timing(form, turn)) for form in used)] for row in result.rows if row.batched(turn)]
        spans = f"## {title}: medians\n\n± is the 95 % interval of the median from its order statistics; \\* marks the range of fewer than six samples."
        parts += [spans, "\n".join(_grid(["primitive", *used], lines))]
        compiled = [[f"`{row.name}`", *(_compile(row.timing(form, turn)) for form in used if form != "loop")] for row in result.rows if row.batched(turn)]
        parts += [f"## {title}: compile times", "\n".join(_grid(["primitive", *(form for form in used if form != "loop")], compiled))]
    data = [[f"`{row.name}`", "; ".join(_argument(a) for a in row.arrays)] for row in result.rows]
    parts += ["## Data\n\nA name alone is a source of real data; the rest is drawn.", "\n".join(_grid(["primitive", "arguments"], data))]
    return "\n\n".join(parts) + "\n"


def _argument(array: dict | object) -> str:
    shapes = ", ".join("×".join(map(str, shape)) or "scalar" for shape in array["shapes"])  # type: ignore[index]
    return f"{shapes} {array['data']}"  # type: ignore[index]


_CSV = ("primitive", "family", "pass", "form", "examples", "median_s", "low_s", "high_s", "coverage", "samples", "repeats", "compile_s", "batched_is_faster")


def csv_text(result: Result) -> str:
    """One line a form and pass."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_CSV)
    for row in result.rows:
        for t in row.timings:
            low, high, coverage = t.interval
            speedup = row.speedup(t.form, t.turn)
            numbers = [f"{v:.6g}" for v in (t.median, low, high, coverage)]
            compiled = "" if t.compile_seconds is None else f"{t.compile_seconds:.6g}"
            last = [len(t.samples), t.repeats, compiled, "" if speedup is None else f"{speedup[0]:.6g}"]
            writer.writerow([row.name, row.family, t.turn, t.form, row.examples, *numbers, *last])
    return out.getvalue()


def changes_text(changes: Sequence[Change]) -> str:
    """Old against new: above 1× is faster now."""
    head = f"{'primitive':<{NAME}} {'pass':<9} {'form':<11} {'old':>9} {'new':>9} {'old / new':>21}"
    lines = [
        f"{c.name:<{NAME}} {c.turn:<9} {c.form:<11} {seconds(c.old):>9} {seconds(c.new):>9} {factor((c.ratio, c.low, c.high)):>21} {c.verdict}" for c in changes
    ]
    counts = [f"{sum(c.verdict == verdict for c in changes)} {verdict}" for verdict in ("faster", "same", "slower")]
    return "\n".join([head, *lines, ", ".join(counts)])
