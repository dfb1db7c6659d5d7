"""Which function is differentiable in what, how often, in which dtypes, and over which arguments a batch may run: read from the rows that the laws hold."""

import functools
import inspect

import numpy as np

from jaxreview.cases import FAMILIES, primitives
from jaxreview.cases._rows import TOLERANCE

WORDS = {1: "once", 2: "twice"}
NONE = "—"


def markdown():
    """The tables, a family at a time."""
    lines = []
    for family in FAMILIES:
        own = [primitive for primitive in primitives() if primitive.family == family]
        lines += [f"## {family}", "", "| function | differentiable in | how often | reals in | batched over | known limits |", "|---|---|---|---|---|---|"]
        for primitive in own:
            link = f"[`{primitive.public}`](reference/{family}.md#jaxreview.{family}.{primitive.public})"
            known = "; ".join(f"{law}: {reason}" for law, reason in limits(primitive).items())
            cells = (_named(differentiable(primitive)), _often(primitive), dtypes(primitive), _named(batched(primitive)), known)
            lines.append(f"| {link} | {' | '.join(cell or NONE for cell in cells)} |")
        lines.append("")
    return "\n".join(lines)


def tolerances():
    """The table of tolerances."""
    return "\n".join(["| dtype | share of the largest value |", "|---|---:|", *(f"| `{dtype}` | {value:g} |" for dtype, value in TOLERANCE.items())])


def sentence(primitive):
    """The same of one function in a line."""
    names, known = differentiable(primitive), limits(primitive)
    held = f"checked against differences in {_named(names)}, {_often(primitive)}." if _often(primitive) else f"in {_named(names)}."
    text = held if names else "none to check."
    return text + "".join(f" Known limit ({law}): {reason}." for law, reason in known.items())


def differentiable(primitive):
    """The arguments whose gradients are checked in some row."""
    return _arguments(primitive, "differentiable")


def batched(primitive):
    """The arguments that take leading batch axes in some row."""
    return _arguments(primitive, "batched")


def limits(primitive):
    """Law by law, what does not hold and why."""
    return {law: reason for case in primitive.cases for law, reason in case.limits.items()}


@functools.cache
def dtypes(primitive):
    """How many of the dtypes in the table of tolerances a function takes: all, where it takes reals."""
    import jax

    reals = any(isinstance(leaf, np.ndarray) and leaf.dtype.kind == "f" for case in primitive.cases for leaf in jax.tree.leaves(case.draw()))
    return f"all {len(TOLERANCE)}" if reals else ""


def _often(primitive):
    """The highest order to which rows are held, and the rows that stop before it."""
    rows = [case for case in primitive.cases if case.differentiable and "derivatives" not in case.limits]
    if not rows:
        return ""
    most = max(case.order for case in rows)
    less = [case for case in rows if case.order < most]
    return WORDS[most] + "".join(f" ({WORDS[case.order]}: {case.name})" for case in less)


def _arguments(primitive, what):
    found = [_names(case)[position] for case in primitive.cases for position in getattr(case, what)]
    return list(dict.fromkeys(found))


def _names(case):
    """What a row calls its arguments: positional ones, then keyword arrays. A row that wraps data, or the call of what a factory makes, has inputs only."""
    positional = [p.name for p in inspect.signature(case.function).parameters.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    fits = len(case.inputs) <= len(positional) and not (case.own_call and callable_result(case.function))
    return [*(positional[: len(case.inputs)] if fits else ["all array inputs"] * len(case.inputs)), *case.arrays]


def callable_result(function):
    """Whether a function gives a function, as an initializer does."""
    return any(word in str(inspect.signature(function).return_annotation) for word in ("Callable", "Initializer"))


def _named(names):
    return ", ".join(name if " " in name else f"`{name}`" for name in names)
