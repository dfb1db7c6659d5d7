"""Which algorithm each map of `_trilinear` takes on a CPU, by static shapes alone, and the measured reason.

Elsewhere the backend's own convolution is taken: nothing else was measured there. ``python benchmarks/algorithms.py`` prints the time of every algorithm on
every layer of ``benchmarks/shapes.py`` with the choice marked; the times named here are from it (2 cores, float32, milliseconds).
"""

import math
from collections.abc import Mapping
from typing import Any

from jaxtyping import Array

from jaxreview._windows import Geometry
from jaxreview.convolution import _algorithms, _winograd
from jaxreview.convolution._algorithms import Algorithm

__all__ = ["candidates", "chosen", "correlate", "spread", "weigh"]

# A program of so many taps is written out; beyond, it is the backend's loop.
_MAX_TAPS = 128
# Groups are run one after another up to so many; each is a convolution of its own in the program.
_MAX_RUNS, _MAX_WIDE_RUNS = 32, 8
# Winograd saves multiplications and adds transforms, whose cost does not shrink with the channels.
_LEAST_SAVING, _LEAST_CHANNELS = 1.5, 17
_LEAST_WEIGHTS = 128 * 128


def correlate(x: Array, kernel: Array, walk: Geometry, groups: int) -> Array:
    """Convolution: y from x and the kernel."""
    return _run("correlate", x, kernel, walk, groups)


def spread(y: Array, kernel: Array, walk: Geometry, groups: int) -> Array:
    """The gradient of the input: x from y and the kernel."""
    return _run("spread", y, kernel, walk, groups)


def weigh(x: Array, y: Array, walk: Geometry, groups: int) -> Array:
    """The gradient of the weights: the kernel from x and y."""
    return _run("weigh", x, y, walk, groups)


def _run(which: str, first: Array, second: Array, walk: Geometry, groups: int) -> Array:
    return candidates(which, first, second, walk, groups)[chosen(which, first, second, walk, groups)](first, second, walk, groups)


_DENSE: Mapping[str, Mapping[str, Algorithm]] = {
    "correlate": {"taps": _algorithms.taps_correlate, "winograd": lambda x, kernel, walk, _: _winograd.correlate(x, kernel, walk)},
    "spread": {
        "taps": _algorithms.taps_spread,
        "winograd": lambda y, kernel, walk, _: _winograd.correlate(y, kernel, walk.turned(), turned=True),
    },
    "weigh": {"taps": _algorithms.taps_weigh, "winograd": lambda x, y, walk, _: _winograd.weigh(x, y, walk)},
}
_STRIDED: Mapping[str, Mapping[str, Algorithm]] = {
    "correlate": {"taps": _algorithms.taps_correlate, "blocks": _algorithms.blocks_correlate(correlate)},
    "spread": {
        "blocks": _algorithms.blocks_spread(spread),
        "phases": _algorithms.phases_spread(correlate),
        "columns": _algorithms.columns_spread,
    },
    "weigh": {"taps": _algorithms.taps_weigh, "blocks": _algorithms.blocks_weigh(weigh)},
}
_GROUPED: Mapping[str, Mapping[str, Algorithm]] = {
    "correlate": {"runs": _algorithms.runs_correlate(correlate), "batched": _algorithms.batched_correlate, "shifted": _algorithms.shifted_correlate},
    "spread": {"runs": _algorithms.runs_spread(spread), "batched": _algorithms.batched_spread, "shifted": _algorithms.shifted_spread},
    "weigh": {"runs": _algorithms.runs_weigh(weigh), "batched": _algorithms.batched_weigh, "shifted": _algorithms.shifted_weigh},
}
_NATIVE: Mapping[str, Algorithm] = {
    "correlate": _algorithms.native_correlate,
    "spread": _algorithms.native_spread,
    "weigh": _algorithms.native_weigh,
}


def _channels(which: str, first: Any, second: Any, groups: int) -> tuple[int, int]:
    """Channels of x and of y in one group."""
    fan_in = second.shape[-2] if which != "weigh" else first.shape[-1] // groups
    return fan_in, second.shape[-1] // groups


def candidates(which: str, first: Any, second: Any, walk: Geometry, groups: int) -> dict[str, Algorithm]:
    """Every algorithm that can do it. Of the arrays only the shapes are looked at."""
    found = {"native": _NATIVE[which]}
    if groups > 1:
        found |= _GROUPED[which]
        if _channels(which, first, second, groups)[0] > 1:
            del found["shifted"]
    elif set(walk.stride) == {1}:
        found |= _DENSE[which]
        if not _winograd.fits(walk):
            del found["winograd"]
    else:
        found |= _STRIDED[which]
    return found


def chosen(which: str, first: Any, second: Any, walk: Geometry, groups: int) -> str:
    """The name of the algorithm that is taken. Of the arrays only the shapes are looked at."""
    fan_in, fan_out = _channels(which, first, second, groups)
    if groups > 1:
        return _of_groups(fan_in, walk, groups)
    if set(walk.stride) == {1}:
        return _of_plain(which, fan_in, fan_out, walk)
    return {"correlate": _of_strided_correlate, "spread": _of_strided_spread, "weigh": _of_strided_weigh}[which](fan_in, fan_out, walk)


def _of_groups(fan_in: int, walk: Geometry, groups: int) -> str:
    """The backend's own convolution in groups is a naive loop, and so are its gradients."""
    short = math.prod(walk.window) <= _MAX_TAPS
    if fan_in == 1 and short:
        return "shifted"
    runs = groups // _algorithms.together(fan_in, groups)
    if runs <= (_MAX_RUNS if fan_in < _LEAST_CHANNELS else _MAX_WIDE_RUNS):
        return "runs"
    return "batched" if short else "native"


def _of_plain(which: str, fan_in: int, fan_out: int, walk: Geometry) -> str:
    """Stride 1."""
    if math.prod(walk.window) == 1:
        return "taps"
    if not _winograd.fits(walk) or min(fan_in, fan_out) < _LEAST_CHANNELS or _winograd.saving(walk if which != "spread" else walk.turned()) < _LEAST_SAVING:
        return "native"
    if which == "weigh" and len(walk.window) < 3 and fan_in * fan_out < _LEAST_WEIGHTS:
        return "native"
    return "winograd"


def _exact(walk: Geometry) -> bool:
    """Whether the windows are whole blocks of `stride` cells: nothing but taps in the blocked kernel."""
    return set(walk.dilation) == {1} and all(k % s == 0 for k, s in zip(walk.window, walk.stride, strict=True))


def _of_strided_correlate(fan_in: int, fan_out: int, walk: Geometry) -> str:
    if math.prod(walk.window) == 1:
        return "taps"
    deep = len(walk.window) > 2 and math.prod(walk.window) <= _MAX_TAPS
    if (deep or _exact(walk)) and fan_in >= _LEAST_CHANNELS:
        return "blocks"  # 3-D U-Net down: 11.8 instead of 19.0 for taps and 17.6 for native.
    return "taps" if deep else "native"


def _of_strided_spread(fan_in: int, fan_out: int, walk: Geometry) -> str:
    if fan_in <= 4 and math.prod(walk.window) <= _MAX_TAPS:
        return "columns"
    return "blocks" if _exact(walk) else "phases"


def _of_strided_weigh(fan_in: int, fan_out: int, walk: Geometry) -> str:
    blocked = walk.blocked()
    if _exact(walk) and _winograd.fits(blocked) and fan_in * math.prod(walk.stride) * fan_out >= _LEAST_WEIGHTS:
        return "blocks"
    if len(walk.window) > 2:
        return "taps" if math.prod(walk.window) <= 27 else "native"
    # ResNet-50 down: native 19.9, taps 26.8; SegNet up, with half the weights: 4.2 and 3.7.
    many = math.prod(walk.window) > 4 and fan_in * fan_out >= _LEAST_WEIGHTS
    return "taps" if math.prod(walk.window) <= 16 and not many else "native"
