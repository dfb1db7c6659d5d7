"""Every algorithm on every layer of ``shapes.py``, float32, with the chosen one marked: ``python benchmarks/algorithms.py [--layers REGEX]``.

A layer's value and its two gradients are the three maps of ``jaxreview.convolution._trilinear``, and each has algorithms of its own. A time is printed after
the outputs were found equal to the definition in float64. *of chosen* is an algorithm's median over that of the chosen one: below 1 it is faster.
"""

import argparse
import random
import sys
from typing import Any
from unittest import mock

import jax
import jax.numpy as jnp

from jaxreview.cases._rows import TOLERANCE, mismatch
from jaxreview.convolution import _choice
from jaxreview.speedup import forms, machine, timing

import definition
from bars import mean
from quiet import Watch, warning
from shapes import Layer, matching, regex

__all__ = ["used"]

OUTPUTS = {"y": "value", "x": "gradient of x", "kernel": "gradient of kernel"}


def used(layer: Layer, arrays: tuple[Any, Any, Any]) -> dict[str, tuple[str, ...]]:
    """For y and the gradients of x and kernel the algorithms that are taken, the outermost first: one may do its work by another."""
    found = {}
    for output, (which, first, second) in definition.maps(layer, *arrays).items():
        names, choose = [], _choice.chosen

        def noted(*call: Any, names: list[str] = names, choose: Any = choose) -> str:
            names.append(choose(*call))
            return names[-1]

        def run(first: Any, second: Any, which: str = which) -> Any:
            return getattr(_choice, which)(first, second, layer.geometry, layer.groups)

        with mock.patch.object(_choice, "chosen", noted):
            jax.eval_shape(run, first, second)
        found[output] = tuple(dict.fromkeys(names))
    return found


def measure(layer: Layer, output: str, arrays: tuple[Any, Any, Any], seconds: float) -> tuple[str, dict[str, float]]:
    """The name of the chosen algorithm and every algorithm's median, in seconds, for one output of a layer.

    Raises:
        AssertionError: an algorithm's output is not that of the definition; nothing was timed.
    """
    which, first, second = definition.maps(layer, *arrays)[output]
    walk, groups = layer.geometry, layer.groups
    want = definition.MAPS[which](first, second, walk, groups)
    on_device = jnp.asarray(first), jnp.asarray(second)
    calls = {}
    for name, algorithm in _choice.candidates(which, *on_device, walk, groups).items():
        compiled = forms.Compiled(lambda first, second, algorithm=algorithm: algorithm(first, second, walk, groups), on_device)
        compiled.compile()
        difference = mismatch(compiled.call(*on_device), want, TOLERANCE["float32"])
        if difference:
            raise AssertionError(f"{layer}, {OUTPUTS[output]}: {name} differs from the definition: {difference}")
        calls[name] = timing.Clocked(lambda call=compiled.call: jax.block_until_ready(call(*on_device)))
    timing.sample(list(calls.values()), seconds, order=random.Random(0))
    return _choice.chosen(which, *on_device, walk, groups), {name: timing.median(one.samples) for name, one in calls.items()}


def lines(chosen: str, medians: dict[str, float]) -> list[str]:
    """The algorithms of one output, the fastest first."""
    ordered = sorted(medians, key=lambda name: medians[name])
    return [f"    {name:<10} {1e3 * medians[name]:>10.2f} ms {medians[name] / medians[chosen]:>8.2f}{'  chosen' if name == chosen else ''}" for name in ordered]


def run(layers: list[Layer], seconds: float) -> None:
    """Every output of every layer, and at the end what the choice gives away."""
    m = machine.machine()
    print(f"{m['cpu']}, {m['cores']} cores, jax {jax.__version__}, float32\n\n    {'algorithm':<10} {'median':>13} {'of chosen':>9}")
    lost, others = {}, []
    for layer in layers:
        print(f"\n{layer} ({layer.operations / 1e9:.2f} GFLOP)")
        arrays = definition.arrays(layer)
        for output, title in OUTPUTS.items():
            with Watch() as watch:
                chosen, medians = measure(layer, output, arrays, seconds)
            others.append(watch.others)
            print("\n".join([f"  {title}", *lines(chosen, medians)]), flush=True)
            best = min(medians, key=lambda name: medians[name])
            lost[f"{layer.network}, {title}: {best} instead of {chosen}"] = medians[chosen] / medians[best]
    print(f"\nThe chosen over the fastest, geometric mean of {len(lost)}: {mean(list(lost.values())):.3f}; more than 1.05:")
    missed = [f"  {ratio:.2f} {name}" for name, ratio in sorted(lost.items(), key=lambda pair: -pair[1]) if ratio > 1.05]
    print("\n".join([*(missed or ["  none"]), *warning(others)]))


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--layers", type=regex, default="", metavar="REGEX", help="layers in whose network or kind it is found")
    parser.add_argument("--seconds", type=float, default=2.0, help="of timing for each map of each layer, shared by its algorithms (2)")
    arguments = parser.parse_args(argv)
    layers = matching(arguments.layers)
    if not layers:
        parser.error("--layers: it is found in no layer's network or kind")
    jax.config.update("jax_platforms", "cpu")
    try:
        run(layers, arguments.seconds)
    except AssertionError as error:
        sys.exit(f"algorithms: {error}")


if __name__ == "__main__":
    main()
