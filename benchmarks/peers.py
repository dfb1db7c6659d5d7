"""Ours against other libraries, forward and value-and-gradient, float32, on the CPU: ``python benchmarks/peers.py conv``, ``… pool`` and ``… other``.

``conv`` takes the layers of ``shapes.py``, ``pool`` the pools and resizes of ``pools.py``, ``other`` the normalizations, activations, losses, dropout and
distances of ``others.py``, whose JAX peer is jax.nn, optax or Flax. Ours, lax, PyTorch, Flax and Equinox (the last two in ``conv``) do the same work with
the same number of threads; every output is held against the same in float64 before anything is timed. They are measured in one process, in turn, in a new
order each round, after a pause so that the spinning threads of one are no tax on the next. A ratio such as *lax/* is lax's median
over ours: above 1 ours is faster. *memory*, *compile* and *error* are ours over lax's, *2N* our compile time at twice the batch over that at the layer's
own. Memory is what the compiler counts: arguments, outputs and temporaries; scratch that the backend's own convolutions and matmuls take while they run is
in no library's.
"""

import argparse
import dataclasses
import datetime
import random
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import jax
import numpy as np

from jaxreview.cases._rows import TOLERANCE, mismatch
from jaxreview.speedup import machine, timing
from jaxreview.speedup.result import write

import algorithms
import definition
import libraries
import others
import pools
import shapes
import tables
from quiet import Watch
from record import BASES, PASSES, PEERS, Measured, Record, Row

DTYPE = "float32"
PAUSE = 0.002


@dataclass(frozen=True)
class Suite:
    """Layers, the libraries they are compared in, their arrays, what these give in float64, the algorithms of ours, and how a library does a layer."""

    layers: tuple[Any, ...]
    libraries: tuple[str, ...]
    arrays: Callable[[Any], tuple[Any, ...]]
    outputs: Callable[..., dict[str, np.ndarray]]
    algorithms: Callable[[Any, tuple[Any, ...]], Mapping[str, tuple[str, ...]]]
    program: Callable[[str, Any, str, tuple[Any, ...]], libraries.Program | None]


def _no_choice(layer: Any, arrays: tuple[Any, ...]) -> dict[str, tuple[str, ...]]:
    return {}


SUITES = {
    "conv": Suite(shapes.LAYERS, tuple(libraries.LIBRARIES), definition.arrays, definition.outputs, algorithms.used, libraries.program),
    "pool": Suite(pools.LAYERS, tuple(pools.LIBRARIES), pools.arrays, pools.outputs, _no_choice, pools.program),
    "other": Suite(others.LAYERS, tuple(others.LIBRARIES), others.arrays, others.outputs, _no_choice, others.program),
}


def measure(suite: Suite, layer: Any, seconds: float, use: list[str]) -> list[Row]:
    """Both passes of a layer in all libraries: made, proved right, then sampled in turn for about ``seconds`` each.

    Raises:
        AssertionError: a library's outputs are not those of the definition; that pass was not timed.
    """
    arrays = suite.arrays(layer)
    want, taken, rows = suite.outputs(layer, *arrays), suite.algorithms(layer, arrays), []
    for turn in PASSES:
        names = list(want) if turn == "gradient" else ["y"]
        # Compile times are measured too, so all of it is watched.
        with Watch() as watch:
            ready = {library: made for library in use if (made := suite.program(library, layer, turn, arrays))}
            errors = {library: _errors(f"{layer}, {turn}: {library}", program, {name: want[name] for name in names}) for library, program in ready.items()}
            timing.sample([program.clocked for program in ready.values()], seconds, pause=PAUSE, order=random.Random(0))
        measured = [Measured(name, tuple(one.clocked.samples), errors[name], one.clocked.repeats, **one.costs) for name, one in ready.items()]
        rows.append(Row(layer.network, layer.kind, str(layer), turn, {name: taken[name] for name in names if name in taken}, tuple(measured), watch.others))
    return rows


def _errors(where: str, program: libraries.Program, want: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Each output's largest error in shares of its largest value."""
    got = program.read(program.clocked.run())
    for name in want:
        difference = mismatch(got[name], want[name], TOLERANCE[DTYPE])
        if difference:
            raise AssertionError(f"{where} differs from the definition in {name}: {difference}")
    return {name: float(np.abs(got[name] - want[name]).max() / np.abs(want[name]).max()) for name in want}


def run(family: str, layers: list[Any], seconds: float, file: Path | None) -> None:
    """Layer after layer, printed as they come and kept in the file."""
    suite, threads = SUITES[family], machine.machine()["cores"]
    left_out = {library: reason for library in suite.libraries if (reason := libraries.prepare(library, threads))}
    use = [library for library in suite.libraries if library not in left_out]
    versions = machine.versions() | {name: metadata.version(name) for name in PEERS if name not in BASES and name in use}
    settings = dict(family=family, dtype=DTYPE, threads=threads, seconds=seconds, pause_seconds=PAUSE)
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    found = Record(now, machine.machine(), machine.device(jax.devices()[0]), versions, machine.commit(), settings, left_out=left_out)
    jax.jit(lambda x: x @ x)(np.eye(2, dtype=DTYPE)).block_until_ready()  # the backend's own start is nobody's compile time
    print(
        "\n".join([tables.described(found), *(f"{library} is left out: {reason}" for library, reason in left_out.items()), "", tables.header(family)]),
        flush=True,
    )
    for layer in layers:
        rows = measure(suite, layer, seconds, use)
        found = dataclasses.replace(found, rows=(*found.rows, *rows), complete=len(found.rows) + len(rows) == len(PASSES) * len(suite.layers))
        print("\n".join(tables.line(row, family) for row in rows), flush=True)
        if file:
            write(file, found.to_json())
    print(f"\n{tables.summary(found.rows, family)}")


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("family", choices=list(SUITES))
    parser.add_argument("--layers", type=shapes.regex, default="", metavar="REGEX", help="layers in whose network or kind it is found")
    parser.add_argument("--seconds", type=float, default=5.0, help="of timing for each pass of each layer, shared by the libraries (5); proving comes on top")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every row, with its samples, after each layer")
    arguments = parser.parse_args(argv)
    layers = shapes.matching(arguments.layers, SUITES[arguments.family].layers)
    if not layers:
        parser.error("--layers: it is found in no layer's network or kind")
    if arguments.json and not arguments.json.parent.is_dir():
        parser.error(f"--json: there is no folder {arguments.json.parent}")
    jax.config.update("jax_platforms", "cpu")
    try:
        run(arguments.family, layers, arguments.seconds, arguments.json)
    except AssertionError as error:
        sys.exit(f"peers: {error}")


if __name__ == "__main__":
    main()
