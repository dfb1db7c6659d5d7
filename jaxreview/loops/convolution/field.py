"""What an output of a stack of windows sees of the input, as a walk along every path."""

import numpy as np


def receptive_field(layers):
    """From an output down to the input along every choice of taps: the cells it ends in, their extent, and where the next output's begin."""
    settings = [[setting if isinstance(setting, (tuple, list)) else (setting,) for setting in layer] for layer in layers]
    ndim = max((len(setting) for layer in settings for setting in layer), default=1)
    sizes, jumps, reached = [], [], []
    for axis in range(ndim):
        stack = [[setting[axis % len(setting)] for setting in layer] for layer in settings]
        ends = [set(), set()]
        for output in (0, 1):
            for taps in np.ndindex(*(window for window, _, _ in stack)):
                cell = output
                for (_, stride, dilation), tap in zip(reversed(stack), reversed(taps), strict=True):
                    cell = cell * stride + tap * dilation
                ends[output].add(cell)
        sizes.append(max(ends[0]) - min(ends[0]) + 1)
        jumps.append(min(ends[1]) - min(ends[0]))
        reached.append(ends[0])
    box, paths = 0, 0
    for cell in np.ndindex(*sizes):
        box += 1
        if all(cell[axis] in reached[axis] for axis in range(ndim)):
            paths += 1
    plain = not any(isinstance(setting, (tuple, list)) for layer in layers for setting in layer)
    return (sizes[0], jumps[0], paths / box) if plain else (tuple(sizes), tuple(jumps), paths / box)
