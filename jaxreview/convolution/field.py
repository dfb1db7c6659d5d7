"""What an output of a stack of windows sees of the input."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from jaxreview import _windows

__all__ = ["ReceptiveField", "receptive_field"]


class ReceptiveField(NamedTuple):
    """What one output of a stack sees: `size` cells of the input, `jump` cells on from one output to the next, and the share of them that it uses."""

    size: int | tuple[int, ...]
    jump: int | tuple[int, ...]
    coverage: float


def receptive_field(layers: Sequence[Sequence[_windows.PerAxis]]) -> ReceptiveField:
    """Size, jump and coverage of a stack: size = 1 + Σₗ dilationₗ · (windowₗ − 1) · Π strides before l, jump = Π strides.

    The coverage is the share of the cells of that field from which a path of taps leads to the output. Below 1 there are holes, and where all strides are
    1 the outputs then fall into classes that see disjoint cells ("gridding"): windows of 3 with dilations 2, 2, 2 use 7 of 13 cells on an axis, so 49 of
    169 in two; with dilations 1, 2, 5 they use all 17. Padding changes nothing of this; at a border a part of the field lies in it.

    Args:
        layers: `(window, stride, dilation)` of each layer, the one next to the input first. Each is an int, at least 1, or a tuple of one int per
            axis; an int then stands for all of the axes. Without any tuple they are those of a single axis. A pooling is a layer too, a transposed
            convolution is not. Without layers, an output is an input cell.

    Returns:
        A ReceptiveField `(size, jump, coverage)`: ints, or tuples with one int per axis if any setting is a tuple. The coverage is a float in (0, 1],
        over several axes the share of the whole box: the product over the axes. For an int stack under a square window of n axes it is coverage**n.

    Raises:
        TypeError: layers is not a sequence of triples, or a setting is not an int or a tuple of ints.
        ValueError: a layer has not three settings, one is below 1, or two of them have another number of axes.

    References:
        Araujo, Norris & Sim, Computing Receptive Fields of Convolutional Neural Networks, Distill (2019), equation 2;
        Wang et al., Understanding Convolution for Semantic Segmentation (2018), section 3.2, on gridding.

    Examples:
        >>> from jaxreview import receptive_field
        >>> receptive_field([(3, 1, 1), (3, 1, 2), (3, 1, 4)])
        ReceptiveField(size=15, jump=1, coverage=1.0)
        >>> receptive_field([((7, 5), 2, 1), (3, 2, 1)])
        ReceptiveField(size=(11, 9), jump=(4, 4), coverage=1.0)
    """
    triples = _triples(layers)
    lengths = {len(setting) for triple in triples for setting in triple if not isinstance(setting, int)}
    if len(lengths) > 1:
        raise ValueError(f"receptive_field: layers has tuples of {' and '.join(map(str, sorted(lengths)))} ints; it needs one number of axes in all of them")
    ndim = max(lengths, default=1)
    fields = [_along([[setting if isinstance(setting, int) else setting[axis] for setting in triple] for triple in triples]) for axis in range(ndim)]
    size, jump, reached = zip(*fields, strict=True)
    coverage = math.prod(reached) / math.prod(size)
    return ReceptiveField(size, jump, coverage) if lengths else ReceptiveField(size[0], jump[0], coverage)


def _triples(layers: object) -> list[list[int | tuple[int, ...]]]:
    """The layers' settings, each an int or a tuple of ints."""
    if not isinstance(layers, (tuple, list)):
        raise TypeError(f"receptive_field: layers is a {type(layers).__name__}; it needs a sequence of (window, stride, dilation)")
    triples = []
    for number, layer in enumerate(layers):
        if not isinstance(layer, (tuple, list)):
            raise TypeError(f"receptive_field: layers[{number}] is {layer!r}; it needs (window, stride, dilation)")
        if len(layer) != 3:
            raise ValueError(f"receptive_field: layers[{number}] is {layer!r} with {len(layer)} entries; it needs three, (window, stride, dilation)")
        triples.append([_setting(f"layers[{number}] {name}", value) for name, value in zip(("window", "stride", "dilation"), layer, strict=True)])
    return triples


def _setting(name: str, value: object) -> int | tuple[int, ...]:
    if not isinstance(value, (tuple, list)):
        return _windows.integer("receptive_field", name, value, minimum=1)
    if not value:
        raise ValueError(f"receptive_field: {name} is {value!r}; it needs an int or a tuple of one int per axis")
    return _windows.per_axis("receptive_field", name, value, len(value), minimum=1)


def _along(layers: Sequence[Sequence[int]]) -> tuple[int, int, int]:
    """Size, jump and number of reached cells on one axis."""
    jump, steps = 1, []
    for window, stride, dilation in layers:
        if window > 1:
            steps.append((jump * dilation, window - 1))
        jump *= stride
    size = 1 + sum(step * taps for step, taps in steps)
    # The reached cells are the sums of a multiple up to `taps` of each `step`. The smallest steps first, so that they grow together to few runs.
    unit = math.gcd(*(step for step, _ in steps))
    runs = [(0, 1)]
    for step, taps in sorted(steps):
        runs = list(_shifted(runs, step // unit, taps))
    return size, jump, sum(length for _, length in runs)


def _shifted(runs: Sequence[tuple[int, int]], step: int, taps: int) -> Iterator[tuple[int, int]]:
    """The runs `(start, length)` of the union of all runs shifted by 0 … taps steps."""
    if all(length >= step for _, length in runs):
        copies = [(start, length + taps * step) for start, length in runs]
    else:
        copies = sorted((start + tap * step, length) for start, length in runs for tap in range(taps + 1))
    begin, end = copies[0][0], copies[0][0]
    for start, length in copies:
        if start > end:
            yield begin, end - begin
            begin = start
        end = max(end, start + length)
    yield begin, end - begin
