"""The picture: how many times faster the batched form is, a bar a primitive, on a log scale."""

import io

from jaxreview.speedup.result import Result, Row
from jaxreview.speedup.table import described

__all__ = ["NothingToDrawError", "png", "ready"]

# Okabe & Ito's colour-blind-safe palette.
_OVER_LOOP, _OVER_EACH, _INK = "#0072B2", "#E69F00", "#333333"


class NothingToDrawError(ValueError):
    """A result without a single speedup."""


def ready() -> None:
    """Refuse early where matplotlib is missing.

    Raises:
        ModuleNotFoundError: it is not installed.
    """
    try:
        import matplotlib  # noqa: F401
    except ModuleNotFoundError as missing:
        raise ModuleNotFoundError(f'the picture needs {missing.name}, which is not installed; pip install "jaxreview[cli]"') from missing


def png(result: Result) -> bytes:
    """The speedups of a result as a PNG.

    Raises:
        ModuleNotFoundError: matplotlib is not installed.
        NothingToDrawError: no row has a speedup.
    """
    ready()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, NullLocator

    rows = sorted((row for row in result.rows if _best(row)), key=_order)
    if not rows:
        raise NothingToDrawError("no row has a second form; there is nothing to draw")
    height = 1.7 + 0.27 * len(rows)
    figure = Figure(figsize=(9.5, height), dpi=150)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.21, 0.75 / height, 0.75, 1 - 1.65 / height))
    axes.set_xscale("log")
    low = min(1.0, *(ratio for row in rows for ratio, _, _ in _both(row).values())) / 1.5
    high = max(upper for row in rows for _, _, upper in _both(row).values())
    axes.set_xlim(low if low < 0.6 else 0.8, high * 6)
    for place, row in enumerate(rows):
        both = _both(row)
        if "loop" in both:
            _bar(axes, place, both["loop"], _OVER_LOOP, both.get("one by one"))
            if "one by one" in both:
                ratio, below, above = both["one by one"]
                axes.plot([below, above], [place, place], color=_OVER_EACH, lw=1.2, zorder=4)
                axes.plot(ratio, place, "D", color=_OVER_EACH, ms=4.5, mec="white", mew=0.6, zorder=5)
        else:
            _bar(axes, place, both["one by one"], _OVER_EACH, None)
    axes.axvline(1.0, color=_INK, lw=0.8)
    axes.set_yticks(range(len(rows)), [row.name for row in rows], fontsize=8.5)
    axes.set_ylim(-0.7, len(rows) - 0.3)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}×" if value >= 1 else f"{value:g}×"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=8.5, colors=_INK)
    axes.grid(axis="x", color="#dddddd", lw=0.7)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    figure.text(0.02, 1 - 0.34 / height, _message(rows), fontsize=13, fontweight="bold", color=_INK, va="center")
    _legend(figure, rows, 1 - 0.66 / height)
    figure.text(0.02, 0.16 / height, described(result), fontsize=7, color="#666666", va="center")
    figure.text(0.585, 0.38 / height, "times faster (log scale); whiskers: the medians' intervals", fontsize=8, color=_INK, ha="center", va="center")
    out = io.BytesIO()
    figure.savefig(out, format="png", facecolor="white")
    return out.getvalue()


def _both(row: Row) -> dict[str, tuple[float, float, float]]:
    return {over: found for over in ("loop", "one by one") if (found := row.speedup(over))}


def _best(row: Row) -> tuple[float, float, float] | None:
    both = _both(row)
    return both.get("loop") or both.get("one by one")


def _order(row: Row) -> tuple[bool, float]:
    best = _best(row)
    return "loop" in _both(row), best[0] if best else 0.0


def _bar(axes, place: int, speedup: tuple[float, float, float], color: str, other: tuple[float, float, float] | None) -> None:
    """A bar with its whisker and number; the number moves past the other mark of the line where it would lie on it."""
    ratio, below, above = speedup
    end = max(above, 1.0)
    if other and other[1] < 2.5 * end and other[2] > 0.95 * end:
        end = max(end, other[2])
    axes.barh(place, ratio - 1.0, left=1.0, height=0.68, color=color, zorder=2)
    axes.plot([below, above], [place, place], color=_INK, lw=1.0, zorder=3)
    shown = f"{ratio:,.1f}×" if ratio < 10 else f"{float(f'{ratio:.2g}'):,.0f}×"
    axes.annotate(shown, (end, place), xytext=(4, 0), textcoords="offset points", va="center", fontsize=8, color=_INK)


def _message(rows: list[Row]) -> str:
    ratios = sorted(both["loop"][0] for row in rows if "loop" in (both := _both(row)))
    if not ratios:
        return "Vectorized against one example at a time"
    middle = ratios[len(ratios) // 2]
    return f"Vectorized is {float(f'{middle:.2g}'):,.0f} times faster than the Python loop" + (" (median)" if len(ratios) > 1 else "")


def _legend(figure, rows: list[Row], y: float) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles = []
    if any("loop" in _both(row) for row in rows):
        handles.append(Patch(color=_OVER_LOOP, label="over the Python loop"))
    if any({"loop", "one by one"} <= set(_both(row)) for row in rows):
        handles.append(Line2D([], [], marker="D", ls="", color=_OVER_EACH, mec="white", label="over one jitted call per example"))
    if any(set(_both(row)) == {"one by one"} for row in rows):
        handles.append(Patch(color=_OVER_EACH, label="the same, where there is no loop to write"))
    figure.legend(handles=handles, loc="center left", bbox_to_anchor=(0.012, y), ncols=3, frameon=False, fontsize=8.5, handletextpad=0.5)
