"""What a run of ``peers.py`` leaves behind: its rows with every sample, as dataclasses and as versioned JSON."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from jaxreview.speedup import timing
from jaxreview.speedup.result import ResultError

__all__ = ["BASES", "PASSES", "PEERS", "SCHEMA", "Measured", "Record", "Row", "read"]

SCHEMA = "jaxreview.peers/1"
PEERS = ("lax", "jax", "torch", "flax", "equinox")
# Of these a row has one: what a user of JAX has without this library. Our memory, compile time and error are told in shares of its.
BASES = ("lax", "jax")
PASSES = ("forward", "gradient")
_HEAD = ("date", "machine", "device", "versions", "commit", "settings", "complete", "left_out")


@dataclass(frozen=True)
class Measured:
    """One library's pass of a layer: samples in seconds a call, and each output's largest error against float64, in shares of its largest value.

    ``compile_seconds_twice`` is the compile time at twice the batch.
    """

    library: str
    samples: tuple[float, ...]
    errors: Mapping[str, float]
    repeats: int = 1
    compile_seconds: float | None = None
    compile_seconds_twice: float | None = None
    memory_bytes: int | None = None

    @property
    def median(self) -> float:
        """The middle sample."""
        return timing.median(self.samples)

    def to_json(self) -> dict[str, Any]:
        """As it stands in the file."""
        low, high, coverage = timing.interval(self.samples)
        samples = [float(f"{s:.6g}") for s in self.samples]
        return asdict(self) | dict(median=self.median, interval=[low, high], coverage=coverage, samples=samples)


@dataclass(frozen=True)
class Row:
    """One pass (``turn``) of one layer.

    ``algorithms`` are those that ours takes for each output, the outermost first. ``others`` is how many cores other processes of the machine took while it
    was compiled and sampled: ratios of times that were taken beside them are not to be trusted. None where the system does not say.
    """

    network: str
    kind: str
    layer: str
    turn: str
    algorithms: Mapping[str, tuple[str, ...]]
    measured: tuple[Measured, ...]
    others: float | None = None

    def of(self, library: str) -> Measured | None:
        """What a library took, or None where it was left out."""
        return next((one for one in self.measured if one.library == library), None)

    def faster(self, library: str, than: str) -> float | None:
        """How many times faster a library is than another one: the other's median over its own."""
        own, other = self.of(library), self.of(than)
        return other.median / own.median if own and other else None

    @property
    def base(self) -> Measured | None:
        """What JAX itself took."""
        return next((one for one in self.measured if one.library in BASES), None)

    @property
    def memory(self) -> float | None:
        """Our peak memory in shares of the base's."""
        return self._share("memory_bytes")

    @property
    def compiling(self) -> float | None:
        """Our compile time in shares of the base's."""
        return self._share("compile_seconds")

    def _share(self, name: str) -> float | None:
        ours, base = (one and getattr(one, name) for one in (self.of("ours"), self.base))
        return ours / base if ours and base else None

    @property
    def compiling_twice(self) -> float | None:
        """Our compile time at twice the batch in shares of that at the layer's own."""
        ours = self.of("ours")
        return ours.compile_seconds_twice / ours.compile_seconds if ours and ours.compile_seconds and ours.compile_seconds_twice else None

    @property
    def errors(self) -> dict[str, float]:
        """Our error in shares of the base's, for each output."""
        ours, base = self.of("ours"), self.base
        if not ours or not base:
            return {}
        # An exact result has no share of an exact one: 0 of 0 is no error, anything else of 0 is too much.
        return {name: error / base.errors[name] if base.errors[name] else math.inf if error else 0.0 for name, error in ours.errors.items()}

    def to_json(self) -> dict[str, Any]:
        """As it stands in the file."""
        kept = dict(network=self.network, kind=self.kind, layer=self.layer, algorithms={name: list(used) for name, used in self.algorithms.items()})
        return kept | {"pass": self.turn, "others": self.others, "libraries": [one.to_json() for one in self.measured]}


@dataclass(frozen=True)
class Record:
    """One run. ``complete`` is false until every layer of the suite is there; ``left_out`` says why a library has no column."""

    date: str
    machine: Mapping[str, Any]
    device: Mapping[str, str]
    versions: Mapping[str, str | None]
    commit: str | None
    settings: Mapping[str, Any]
    complete: bool = False
    left_out: Mapping[str, str] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()

    @property
    def family(self) -> str:
        """Which suite it is a run of; convolutions where the file is of a time that knew no other."""
        return self.settings.get("family", "conv")

    def to_json(self) -> str:
        """The run as JSON, the schema's name first, a row a line."""
        head = json.dumps({"schema": SCHEMA} | {name: getattr(self, name) for name in _HEAD}, indent=1, allow_nan=False, ensure_ascii=False)
        rows = ",\n  ".join(json.dumps(row.to_json(), allow_nan=False, ensure_ascii=False) for row in self.rows)
        return head.removesuffix("\n}") + f',\n "rows": [\n  {rows}\n ]\n}}\n'


def read(path: Path) -> Record:
    """A run from its JSON file.

    Raises:
        ResultError: the file cannot be read, is no JSON, has another schema, or lacks something; the message says what.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        if content["schema"] != SCHEMA:
            raise ValueError(f"its schema is {content['schema']!r}; it needs {SCHEMA!r}, as `python benchmarks/peers.py` writes it")
        return Record(**{name: content[name] for name in _HEAD}, rows=tuple(map(_row, content["rows"])))
    except KeyError as missing:
        raise ResultError(f"{path}: it is damaged: {missing} is missing") from None
    except (OSError, TypeError, ValueError, AttributeError) as error:
        raise ResultError(f"{path}: it is no result of peers.py: {error}") from None


def _row(content: Any) -> Row:
    measured = []
    for one in content["libraries"]:
        samples = tuple(one["samples"])
        if not samples or not all(isinstance(s, (int, float)) and math.isfinite(s) and s > 0 for s in samples):
            raise ValueError(f"the samples of {content['network']}, {one['library']}, are not positive numbers")
        kept = {name: one[name] for name in ("library", "errors", "repeats", "compile_seconds", "compile_seconds_twice", "memory_bytes")}
        measured.append(Measured(**kept, samples=samples))
    kept = {name: content[name] for name in ("network", "kind", "layer", "others")}
    algorithms = {name: tuple(used) for name, used in content["algorithms"].items()}
    return Row(**kept, turn=content["pass"], algorithms=algorithms, measured=tuple(measured))
