"""What was measured and committed: the speedup table, some lines of it, and what it says of one function."""

import functools
from pathlib import Path

from jaxreview.speedup import result, table

COMMITTED = Path(__file__).parents[2] / "benchmarks" / "results" / "speedup-cpu.json"
# A line of each kind of work, for the landing page.
EXCERPT = ("conv_transpose", "max_pool", "relu", "layer_norm", "cross_entropy", "pairwise_distance")


@functools.cache
def committed():
    """The committed run of `jaxreview speedup`."""
    return result.read(COMMITTED)


def speedup_table():
    """All of it."""
    return f"{table.described(committed())}:\n\n{table.markdown_rows(committed())}"


def speedup_excerpt():
    """Some rows and the columns that matter most."""
    lines = ["| function | loop | one by one | vectorized | over the loop |", "|---|---:|---:|---:|---:|"]
    for name in EXCERPT:
        loop, one, _, _, vectorized, over, *_ = table.cells(_row(name))
        lines.append(f"| `{name}` | {loop} | {one} | {vectorized} | {over} |")
    return "\n".join([*lines, "", f"{table.described(committed())}."])


def sentence(primitive):
    """What the committed run says of a function, or nothing."""
    try:
        row = _row(primitive.name)
    except LookupError:
        return ""
    loop, one, _, mapped, vectorized, over, over_one, *_ = table.cells(row)
    best = vectorized if vectorized != table.NONE else f"{mapped} under `vmap`"
    times = [f"{text} {name}" for name, text in (("as the loop", loop), ("one by one", one)) if text != table.NONE]
    ratio = f"{over} over the loop" if over != table.NONE else f"{over_one} over one by one"
    return f"{row.examples:,} examples take {', '.join(times)}, **{best}** at once: {ratio} ({_where()})."


def _where():
    return f"{committed().machine['cores']} CPU cores, {committed().date[:10]}"


def _row(name):
    for row in committed().rows:
        if row.name == name:
            return row
    raise LookupError(f"speedup-cpu.json has no row {name}")
