"""Gradient checking: derivatives as JAX computes them against differences that come with their own error.

The chapters, in the order of a check: `problem` (the function as one of real vectors), `promotion` (its traced program in float64), `evaluation` (programs
compiled once over stacks of points), `differences` (steps, extrapolation, noise), `probes` (where to look), `session` (what is measured), `verdict` (right,
wrong or not to be told), `diagnosis` (a likely cause), `comparisons` and `second_order` (what is compared), `report` (what came of it), `checking` and
`numerical` (the public functions).
"""

from jaxreview.gradcheck.checking import assert_gradients, check_gradients
from jaxreview.gradcheck.numerical import METHODS, numerical_gradient
from jaxreview.gradcheck.probes import EVERY_COORDINATE
from jaxreview.gradcheck.report import Check, GradientError, GradientReport

__all__ = ["EVERY_COORDINATE", "METHODS", "Check", "GradientError", "GradientReport", "assert_gradients", "check_gradients", "numerical_gradient"]
