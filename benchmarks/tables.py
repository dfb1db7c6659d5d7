"""Runs of ``peers.py`` as text: lines for the terminal while they come, and the README's table."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from bars import FAMILIES, mean
from quiet import warning
from record import BASES, PASSES, PEERS, Record, Row

__all__ = ["described", "header", "line", "markdown", "summary"]

NONE = "—"
NAMES = {"lax": "lax", "jax": "JAX", "torch": "PyTorch", "flax": "Flax", "equinox": "Equinox"}
TURNS = {"forward": "forward", "gradient": "value and gradient"}

Get = Callable[[Row], float | None]


def _milliseconds(library: str) -> Get:
    return lambda row: (one := row.of(library)) and 1e3 * one.median


def _over(peer: str) -> Get:
    return lambda row: row.faster("ours", peer)


_COSTS: dict[str, Get] = {
    "memory": lambda row: row.memory,
    "compile": lambda row: row.compiling,
    "2N": lambda row: row.compiling_twice,
    "error": lambda row: max(row.errors.values(), default=None),
}
_SHARES = ("memory", "compile", "error")
_SHOWN = [_COSTS[name] for name in _SHARES]
_NAME = 29


def _columns(family: str) -> dict[str, Get]:
    return {"ours ms": _milliseconds("ours"), **{f"{peer}/": _over(peer) for peer in FAMILIES[family].peers}, **_COSTS}


def _aligned(name: str, kind: str, turn: str, cells: Iterable[str]) -> str:
    return " ".join([f"{name:<{_NAME}} {kind:<11} {turn:<8}", *(f"{cell:>9}" for cell in cells)])


def _number(value: float | None) -> str:
    return NONE if value is None else f"{value:.2f}"


def header(family: str = "conv") -> str:
    """The terminal table's head: our milliseconds, each peer's time over ours; memory, compile time, error over the base's; compile time at 2N over at N."""
    return _aligned("layer", "kind", "pass", _columns(family))


def line(row: Row, family: str = "conv") -> str:
    """A row as a line under ``header``."""
    return _aligned(row.network, row.kind, row.turn, (_number(get(row)) for get in _columns(family).values()))


def _grouped(rows: Sequence[Row], family: str) -> Iterator[tuple[str, str, list[Row]]]:
    """Kind, pass and rows, the whole suite last."""
    for kind in (*FAMILIES[family].kinds, "all"):
        for turn in PASSES:
            found = [row for row in rows if kind in (row.kind, "all") and row.turn == turn]
            if found:
                yield kind, turn, found


def _mean(rows: Sequence[Row], get: Get) -> float | None:
    return mean([value for row in rows if (value := get(row))])


def summary(rows: Sequence[Row], family: str = "conv") -> str:
    """Geometric means by kind and pass, and the bars."""
    gets = _columns(family).values()
    means = [_aligned(kind, f"{len(found)} rows", turn, (_number(_mean(found, get)) for get in gets)) for kind, turn, found in _grouped(rows, family)]
    return "\n".join(["geometric means", *means, "", *map(str, FAMILIES[family].bars(rows)), *warning(row.others for row in rows)])


def described(record: Record) -> str:
    """Machine, device, versions, threads and date in one line."""
    m, d = record.machine, record.device
    where = "" if d["platform"] == "cpu" else f", on {d['kind']}"
    versions = ", ".join(f"{name} {record.versions[name]}" for name in ("jax", *(peer for peer in PEERS if peer not in BASES)) if record.versions.get(name))
    commit = f", commit {record.commit[:10]}{'+changes' if record.commit.endswith('+changes') else ''}" if record.commit else ""
    threads = f"{record.settings['threads']} threads each"
    return f"{m['cpu']}, {m['cores']} cores{where}, {threads}, {versions}, {record.settings['dtype']}, {record.date[:10]}{commit}"


def _times(ratio: float | None) -> str:
    return NONE if ratio is None else f"{ratio:.2f}×" if ratio < 9.995 else f"{ratio:.1f}×" if ratio < 99.95 else f"{ratio:,.0f}×"


def _worst(rows: Sequence[Row], get: Get) -> str:
    found = min(((value, row.network) for row in rows if (value := get(row))), default=None)
    return f"{_times(found[0])} {found[1]}" if found else NONE


def _grid(titles: Sequence[str], left: int, lines: Iterable[Sequence[str]]) -> str:
    """A Markdown table whose first ``left`` columns are text."""
    rule = "|" + "---|" * left + "---:|" * (len(titles) - left)
    return "\n".join(["| " + " | ".join(titles) + " |", rule, *("| " + " | ".join(cells) + " |" for cells in lines)])


def markdown(record: Record) -> str:
    """The table by kind, and folded beneath it the bars and every row."""
    rows, family = record.rows, record.family
    parts = [_by_kind(rows, family), _folded("Every layer", _by_row(rows, family)), _folded("The bars", _by_bar(rows, family))]
    parts[:0] = warning(row.others for row in rows)
    if not record.complete:
        parts.insert(0, f"**A part of the suite: {len(rows)} rows.**")
    return "\n\n".join(parts)


def _folded(title: str, text: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{text}\n\n</details>"


def _by_kind(rows: Sequence[Row], family: str) -> str:
    peers = FAMILIES[family].peers
    # The worst row is told of the two that every family has.
    told = _told(peers)
    over = [cell for peer in peers for cell in ([f"over {NAMES[peer]}", "worst"] if peer in told else [f"over {NAMES[peer]}"])]
    lines = []
    for kind, turn, found in _grouped(rows, family):
        speeds = []
        for peer in peers:
            speeds += [_times(_mean(found, _over(peer))), *([_worst(found, _over(peer))] if peer in told else [])]
        lines.append([f"{kind} ({len(found)})", TURNS[turn], *speeds, *(_times(_mean(found, get)) for get in _SHOWN)])
    return _grid(["kind (layers)", "pass", *over, *_SHARES], 2, lines)


def _told(peers: Sequence[str]) -> tuple[str, ...]:
    """The peers whose every ratio is told: JAX's own and PyTorch."""
    return tuple(peer for peer in peers if peer in (*BASES, "torch"))


def _by_row(rows: Sequence[Row], family: str) -> str:
    peers = FAMILIES[family].peers
    told = _told(peers)
    titles = ["layer", "pass", *(f"{name} ms" for name in ("ours", *(NAMES[peer] for peer in peers))), *(f"over {NAMES[peer]}" for peer in told), *_SHARES]
    lines = [
        [
            row.layer,
            TURNS[row.turn],
            *(_number(_milliseconds(library)(row)) for library in ("ours", *peers)),
            *(_times(get(row)) for get in (*map(_over, told), *_SHOWN)),
        ]
        for row in rows
    ]
    return _grid(titles, 2, lines)


def _by_bar(rows: Sequence[Row], family: str) -> str:
    return _grid(["bar", "", "it stands at"], 3, ([bar.text, bar.verdict, "; ".join([bar.stands, *bar.misses])] for bar in FAMILIES[family].bars(rows)))
