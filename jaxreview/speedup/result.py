"""What a run leaves behind: its rows with every sample, as dataclasses and as versioned JSON, and the comparison of two results."""

import json
import math
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from jaxreview.speedup import timing

__all__ = ["SCHEMA", "Change", "Result", "ResultError", "Row", "Timing", "compare", "read", "write"]

SCHEMA = "jaxreview.speedup/1"


class ResultError(ValueError):
    """A file is not a result of this schema."""


@dataclass(frozen=True)
class Timing:
    """One form of one pass: its samples, in seconds a call, each the mean of ``repeats`` calls."""

    form: str
    turn: str
    samples: tuple[float, ...]
    repeats: int = 1
    compile_seconds: float | None = None

    @property
    def median(self) -> float:
        """The middle sample."""
        return timing.median(self.samples)

    @property
    def interval(self) -> tuple[float, float, float]:
        """Low, high and coverage; see ``timing.interval``."""
        return timing.interval(self.samples)

    def to_json(self) -> dict[str, Any]:
        """As it stands in the file."""
        low, high, coverage = self.interval
        samples = [float(f"{s:.6g}") for s in self.samples]
        kept = dict(median=self.median, interval=[low, high], coverage=coverage, compile_seconds=self.compile_seconds, repeats=self.repeats, samples=samples)
        return {"form": self.form, "pass": self.turn, **kept}


@dataclass(frozen=True)
class Row:
    """One primitive, measured."""

    name: str
    family: str
    case: str
    dims: Mapping[str, int]
    arrays: tuple[Mapping[str, Any], ...]
    examples: int
    no_loop: str
    timings: tuple[Timing, ...]

    def timing(self, form: str, turn: str = "forward") -> Timing | None:
        """The samples of one form, or None where the row has no such form."""
        return next((t for t in self.timings if (t.form, t.turn) == (form, turn)), None)

    def batched(self, turn: str = "forward") -> Timing | None:
        """The vectorized form; for a function whose batch only ``vmap`` makes, that."""
        return self.timing("vectorized", turn) or self.timing("vmap", turn)

    def speedup(self, over: str, turn: str = "forward") -> tuple[float, float, float] | None:
        """How many times faster the batched form is than the form ``over``: ratio of medians, low, high."""
        slow, fast = self.timing(over, turn), self.batched(turn)
        if slow is None or fast is None or slow is fast:
            return None
        return slow.median / fast.median, *timing.ratio_interval(slow.samples, fast.samples)

    def to_json(self) -> dict[str, Any]:
        """As it stands in the file: forms with their samples, and the speedups that follow from them."""
        found = [(over, turn, self.speedup(over, turn)) for turn in ("forward", "gradient") for over in ("loop", "one by one", "lax.map", "vmap")]
        speedups = [{"over": over, "pass": turn, "ratio": s[0], "interval": [s[1], s[2]]} for over, turn, s in found if s]
        kept = {name: value for name, value in asdict(self).items() if name != "timings"}
        return {**kept, "forms": [t.to_json() for t in self.timings], "speedups": speedups}


@dataclass(frozen=True)
class Result:
    """One run. ``complete`` is false when it was interrupted; ``failed`` says why a primitive has no row."""

    date: str
    machine: Mapping[str, Any]
    device: Mapping[str, str]
    versions: Mapping[str, str | None]
    commit: str | None
    settings: Mapping[str, Any]
    complete: bool = True
    failed: Mapping[str, str] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()

    def to_json(self) -> str:
        """The result as JSON, the schema's name first, a row a line."""
        kept = {name: getattr(self, name) for name in ("date", "machine", "device", "versions", "commit", "settings", "complete", "failed")}
        head = json.dumps({"schema": SCHEMA, **kept}, indent=1, allow_nan=False).removesuffix("\n}")
        rows = ",\n  ".join(json.dumps(row.to_json(), allow_nan=False) for row in self.rows)
        return f'{head},\n "rows": [\n  {rows}\n ]\n}}\n'


def read(path: Path) -> Result:
    """A result from its JSON file.

    Raises:
        ResultError: the file cannot be read, is no JSON, has another schema, or lacks something; the message says what.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ResultError(f"{path}: it cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise ResultError(f"{path}: it is no JSON ({error})") from None
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        found = content.get("schema") if isinstance(content, dict) else None
        raise ResultError(f"{path}: its schema is {found!r}; it needs {SCHEMA!r}, as `jaxreview speedup` writes it")
    try:
        rows = tuple(_row(row) for row in content["rows"])
        kept = {name: content[name] for name in ("date", "machine", "device", "versions", "commit", "settings", "complete", "failed")}
        return Result(**kept, rows=rows)
    except KeyError as missing:
        raise ResultError(f"{path}: it is damaged: {missing} is missing") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise ResultError(f"{path}: it is damaged: {error}") from None


def _row(content: Any) -> Row:
    timings = []
    for one in content["forms"]:
        samples = tuple(one["samples"])
        if not samples or not all(isinstance(s, (int, float)) and math.isfinite(s) and s > 0 for s in samples):
            raise ValueError(f"the samples of {content['name']}, {one['form']}, are not positive numbers")
        timings.append(Timing(one["form"], one["pass"], samples, one["repeats"], one["compile_seconds"]))
    kept = {name: content[name] for name in ("name", "family", "case", "dims", "examples", "no_loop")}
    return Row(**kept, arrays=tuple(content["arrays"]), timings=tuple(timings))


def write(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all: to a neighbour first, then renamed over it."""
    handle, neighbour = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(neighbour, 0o666 & ~mask)
        os.replace(neighbour, path)
    except BaseException:
        Path(neighbour).unlink(missing_ok=True)
        raise


@dataclass(frozen=True)
class Change:
    """One form then and now: ``ratio`` is old median over new, so above 1 is faster now."""

    name: str
    form: str
    turn: str
    old: float
    new: float
    ratio: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """``same`` unless the intervals of the two medians are apart."""
        return "faster" if self.low > 1 else "slower" if self.high < 1 else "same"


def compare(old: Result, new: Result) -> Iterator[Change]:
    """Every form that both results have at the same sizes, in the new one's order."""
    before = {row.name: row for row in old.rows}
    for row in new.rows:
        past = before.get(row.name)
        if past is None or (dict(past.dims), past.case) != (dict(row.dims), row.case):
            continue
        for now in row.timings:
            then = past.timing(now.form, now.turn)
            if then is not None:
                low, high = timing.ratio_interval(then.samples, now.samples)
                yield Change(row.name, now.form, now.turn, then.median, now.median, then.median / now.median, low, high)
