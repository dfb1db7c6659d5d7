"""One look for every figure: Okabe and Ito's colours, a line style and a marker with each so that a grey print can be read, and nothing that says nothing."""

import io
from typing import Any

from cycler import cycler
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

__all__ = ["BLACK", "BLUE", "COLORS", "GREEN", "GREY", "LINES", "MARKERS", "ORANGE", "PURPLE", "SKY", "VERMILLION", "figure", "png"]

BLUE, VERMILLION, GREEN, ORANGE, PURPLE, SKY, BLACK = "#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9", "#000000"
GREY = "#666666"
COLORS = (BLUE, VERMILLION, GREEN, ORANGE, PURPLE, SKY, BLACK)
LINES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)), (0, (1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
WIDTH, DPI = 7.0, 150


def figure(rows: int = 1, columns: int = 1, *, height: float = 3.2, **settings: Any) -> tuple[Figure, Any]:
    """A drawing seven inches wide and its axes as an array `(rows, columns)`, or the one axes of a single panel.

    Lines take colour and style in turn; settings are those of `Figure.subplots`. Layout is constrained: no panel, label or legend overlaps another.
    """
    drawing = Figure(figsize=(WIDTH, height), dpi=DPI, layout="constrained", facecolor="white")
    FigureCanvasAgg(drawing)
    panels = drawing.subplots(rows, columns, squeeze=False, **settings)
    for axes in panels.flat:
        axes.set_prop_cycle(cycler(color=COLORS, linestyle=LINES))
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(color="#dddddd", linewidth=0.6)
        axes.set_axisbelow(True)
        axes.tick_params(labelsize=9)
        axes.title.set_size(11)
    return drawing, panels if panels.size > 1 else panels[0, 0]


def png(drawing: Figure) -> bytes:
    """The drawing as a PNG."""
    out = io.BytesIO()
    drawing.savefig(out, format="png", facecolor="white")
    return out.getvalue()
