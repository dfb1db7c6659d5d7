"""Window arithmetic: the only place that understands stride, padding, dilation and output sizes.

Plain Python on static integers, shared by the vectorized functions and their loops. Every function takes
``where``, the name of the public function on whose behalf it speaks, for its error messages.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

PerAxis: TypeAlias = int | Sequence[int]
Padding: TypeAlias = int | str | Sequence[int | tuple[int, int]]


def integer(where: str, name: str, value: object, *, minimum: int) -> int:
    """``value`` as an int of at least ``minimum``."""
    if hasattr(value, "aval"):
        raise TypeError(f"{where}: {name} is a JAX array; it needs a static Python int")
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{where}: {name} is {value!r} ({type(value).__name__}); it needs an int")
    result = int(value.__index__())  # type: ignore[attr-defined]
    if result < minimum:
        raise ValueError(f"{where}: {name} is {result}; it needs an int of at least {minimum}")
    return result


def per_axis(where: str, name: str, value: object, ndim: int, *, minimum: int) -> tuple[int, ...]:
    """One int per spatial axis, from an int for all of them or from a sequence of one int per axis."""
    if not isinstance(value, (tuple, list)):
        return (integer(where, name, value, minimum=minimum),) * ndim
    if len(value) != ndim:
        raise ValueError(f"{where}: {name} is {value!r} with {len(value)} entries; it needs an int or one int for each of the {ndim} spatial axes")
    return tuple(integer(where, f"{name}[{axis}]", v, minimum=minimum) for axis, v in enumerate(value))


def window_tuple(where: str, window: object) -> tuple[int, ...]:
    """``window`` as a tuple of positive ints; its length is the number of spatial axes."""
    if not isinstance(window, (tuple, list)) or not window:
        raise TypeError(f"{where}: window is {window!r}; it needs a non-empty tuple with one int per spatial axis, for example (2, 2)")
    return per_axis(where, "window", window, len(window), minimum=1)


def effective(window: int, dilation: int) -> int:
    """Cells from the first to the last tap of a dilated window: (window − 1)·dilation + 1."""
    return (window - 1) * dilation + 1


def output_size(size: int, window: int, stride: int, dilation: int, before: int, after: int) -> int:
    """Windows that fit: ⌊(size + before + after − effective) / stride⌋ + 1 (Dumoulin & Visin 2016, relationship 15)."""
    return (size + before + after - effective(window, dilation)) // stride + 1


def explicit_pairs(where: str, padding: object, ndim: int) -> tuple[tuple[int, int], ...]:
    """``(before, after)`` per axis from an int, one int per axis, or one pair per axis."""
    if not isinstance(padding, (tuple, list)):
        both = integer(where, "padding", padding, minimum=0)
        return ((both, both),) * ndim
    if len(padding) != ndim:
        raise ValueError(
            f"{where}: padding is {padding!r} with {len(padding)} entries; it needs an int, one int or one (before, after) pair "
            f"for each of the {ndim} spatial axes, 'VALID', 'SAME' or 'SAME_LOWER'"
        )
    pairs = []
    for axis, entry in enumerate(padding):
        name = f"padding[{axis}]"
        if isinstance(entry, (tuple, list)):
            if len(entry) != 2:
                raise ValueError(f"{where}: {name} is {entry!r}; it needs an int or a (before, after) pair")
            before, after = (integer(where, name, v, minimum=0) for v in entry)
            pairs.append((before, after))
        else:
            both = integer(where, name, entry, minimum=0)
            pairs.append((both, both))
    return tuple(pairs)


def _split_same(total: int, lower: bool) -> tuple[int, int]:
    """``SAME`` puts the odd cell after, ``SAME_LOWER`` before."""
    small, large = total // 2, total - total // 2
    return (large, small) if lower else (small, large)


def _check_mode(where: str, padding: str) -> None:
    if padding not in ("VALID", "SAME", "SAME_LOWER"):
        raise ValueError(f"{where}: padding is {padding!r}; it needs an int, ints, pairs, 'VALID', 'SAME' or 'SAME_LOWER'")


def same_pair(size: int, window: int, stride: int, dilation: int, lower: bool) -> tuple[int, int]:
    """The padding that gives ⌈size / stride⌉ outputs. It depends on ``size`` and is not ``window // 2`` when stride > 1."""
    total = max((-(-size // stride) - 1) * stride + effective(window, dilation) - size, 0)
    return _split_same(total, lower)


@dataclass(frozen=True)
class Geometry:
    """How a window walks over the spatial axes: all fields are tuples with one entry per axis.

    Output o on an axis covers the inputs ``o * stride - padding[0] + k * dilation`` for k in range(window).
    """

    spatial: tuple[int, ...]
    window: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: tuple[tuple[int, int], ...]
    out: tuple[int, ...]

    def source(self, axis: int, output: int, tap: int) -> int:
        """The input coordinate under ``tap`` of the window at ``output``; outside ``range(spatial[axis])`` it is padding."""
        return output * self.stride[axis] - self.padding[axis][0] + tap * self.dilation[axis]

    def cells(self, axis: int, output: int) -> list[tuple[int, int]]:
        """The ``(tap, input coordinate)`` pairs of one window that lie inside the input."""
        pairs = ((tap, self.source(axis, output, tap)) for tap in range(self.window[axis]))
        return [(tap, i) for tap, i in pairs if 0 <= i < self.spatial[axis]]

    def overhang(self, axis: int) -> tuple[int, int]:
        """The cells (before, after) by which the windows really reach beyond the input; ``after`` is negative if some input is unused."""
        last = self.source(axis, self.out[axis] - 1, self.window[axis] - 1)
        return self.padding[axis][0], last - (self.spatial[axis] - 1)

    def run(self, axis: int, tap: int) -> tuple[int, int, int]:
        """Start, stop and step of the cells that one tap sees over all outputs, counted from the beginning of the padding."""
        start = tap * self.dilation[axis]
        return start, start + (self.out[axis] - 1) * self.stride[axis] + 1, self.stride[axis]

    def turned(self) -> "Geometry":
        """The walk, with the kernel turned around, by which a convolution with stride 1 takes outputs back to inputs."""
        sides = zip(self.spatial, self.window, self.dilation, self.padding, self.out, strict=True)
        pairs = tuple((effective(k, d) - 1 - before, n + before - o) for n, k, d, (before, _), o in sides)
        return Geometry(self.out, self.window, self.stride, self.dilation, pairs, self.spatial)

    def blocked(self) -> "Geometry":
        """The same walk with stride 1 over blocks of `stride` cells, the first of which begins with the padding."""
        ones = (1,) * len(self.window)
        taps = tuple(-(-effective(k, d) // s) for k, d, s in zip(self.window, self.dilation, self.stride, strict=True))
        blocks = tuple(o - 1 + t for o, t in zip(self.out, taps, strict=True))
        return Geometry(blocks, taps, ones, ones, ((0, 0),) * len(ones), self.out)

    def phase(self, axis: int, remainder: int) -> tuple[int, int, int, int]:
        """The taps that meet the cells J ≡ remainder (mod stride), J counted from the beginning of the padding, and where they lead.

        Taps first, first + step, …; the first comes from output J // stride − lag, each further one from `apart` outputs before: (first, step, lag, apart).
        ``first`` is `window` where no tap meets these cells.
        """
        k, s, d = self.window[axis], self.stride[axis], self.dilation[axis]
        common = math.gcd(s, d)
        first = next((t for t in range(k) if t * d % s == remainder), k)
        return first, s // common, (first * d - remainder) // s, d // common


def geometry(
    where: str,
    spatial: Sequence[int],
    window: Sequence[int],
    *,
    stride: object = 1,
    padding: object = 0,
    dilation: object = 1,
    ceil_mode: bool = False,
) -> Geometry:
    """Validate the settings of a convolution or pooling and compute its output sizes.

    With ``ceil_mode`` a last, partly outside window is added where it starts inside the input or the padding before it, as PyTorch does.
    """
    ndim = len(window)
    strides = per_axis(where, "stride", stride, ndim, minimum=1)
    dilations = per_axis(where, "dilation", dilation, ndim, minimum=1)
    if isinstance(padding, str):
        _check_mode(where, padding)
        if padding == "VALID":
            pairs = ((0, 0),) * ndim
        else:
            lower = padding == "SAME_LOWER"
            pairs = tuple(same_pair(n, k, s, d, lower) for n, k, s, d in zip(spatial, window, strides, dilations, strict=True))
    else:
        pairs = explicit_pairs(where, padding, ndim)
    out = []
    for axis, (n, k, s, d, (before, after)) in enumerate(zip(spatial, window, strides, dilations, pairs, strict=True)):
        size = output_size(n, k, s, d, before, after + (s - 1 if ceil_mode else 0))
        if ceil_mode and (size - 1) * s >= n + before:
            size -= 1
        if n == 0 or size < 1:
            raise ValueError(
                f"{where}: spatial axis {axis} has size {n} and padding ({before}, {after}), but the window covers {effective(k, d)} cells "
                f"(window {k}, dilation {d}); it needs at least one window that fits"
            )
        out.append(size)
    return Geometry(tuple(spatial), tuple(window), strides, dilations, pairs, tuple(out))


def transpose_geometry(
    where: str,
    spatial: Sequence[int],
    window: Sequence[int],
    *,
    stride: object = 1,
    padding: object = 0,
    output_padding: object = 0,
    dilation: object = 1,
) -> Geometry:
    """The geometry of the convolution whose adjoint is asked for: its ``out`` is the given ``spatial``, its ``spatial`` the result's size.

    Sizes follow PyTorch: (n − 1)·stride − before − after + dilation·(window − 1) + output_padding + 1; ``"SAME"`` gives n·stride.
    """
    ndim = len(window)
    strides = per_axis(where, "stride", stride, ndim, minimum=1)
    dilations = per_axis(where, "dilation", dilation, ndim, minimum=1)
    extra = per_axis(where, "output_padding", output_padding, ndim, minimum=0)
    for axis, (e, s, d) in enumerate(zip(extra, strides, dilations, strict=True)):
        if e >= max(s, d):
            raise ValueError(f"{where}: output_padding is {e} on spatial axis {axis}; it needs to be smaller than max(stride, dilation) = {max(s, d)}")
    same = isinstance(padding, str) and padding != "VALID"
    if isinstance(padding, str):
        _check_mode(where, padding)
    if same and any(extra):
        raise ValueError(f"{where}: output_padding is {output_padding!r} with padding {padding!r}, whose size is n * stride; it needs to be 0")
    pairs = ((0, 0),) * ndim if isinstance(padding, str) else explicit_pairs(where, padding, ndim)
    sizes, paddings = [], []
    for axis, (n, k, s, d, pair, e) in enumerate(zip(spatial, window, strides, dilations, pairs, extra, strict=True)):
        if n == 0:
            raise ValueError(f"{where}: spatial axis {axis} has size 0; it needs at least one cell")
        if same:
            size, pair = n * s, same_pair(n * s, k, s, d, padding == "SAME_LOWER")
        else:
            size = (n - 1) * s - sum(pair) + effective(k, d) + e
        if size < 1:
            raise ValueError(f"{where}: spatial axis {axis} of size {n} gives an output of size {size} with padding {pair}; it needs less padding")
        sizes.append(size)
        paddings.append(pair)
    return Geometry(tuple(sizes), tuple(window), strides, dilations, tuple(paddings), tuple(spatial))


def pool_geometry(
    where: str, spatial: Sequence[int], window: Sequence[int], *, stride: object, padding: object, dilation: object = 1, ceil_mode: bool = False
) -> Geometry:
    """As ``geometry``, with ``stride=None`` meaning the window; refuses padding under which a window could see nothing but padding."""
    found = geometry(where, spatial, window, stride=tuple(window) if stride is None else stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode)
    for axis, (k, d, pair) in enumerate(zip(found.window, found.dilation, found.padding, strict=True)):
        if not isinstance(padding, str) and max(pair) > effective(k, d) // 2:
            raise ValueError(f"{where}: padding is {pair} on spatial axis {axis}; it needs to be at most half the window's extent, {effective(k, d) // 2}")
        crossing = [o for o in range(found.out[axis]) if d > 1 and not 0 <= found.source(axis, o, 0) <= found.spatial[axis] - effective(k, d)]
        for output in crossing:
            if not found.cells(axis, output):
                raise ValueError(
                    f"{where}: the window at output {output} of spatial axis {axis} (window {k}, dilation {d}, padding {pair}) covers only padding; "
                    "it needs at least one input cell"
                )
    return found


def resized(size: int, factor: float) -> int:
    """⌊size·factor⌋."""
    return math.floor(size * factor)
