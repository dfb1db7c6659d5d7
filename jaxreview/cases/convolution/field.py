"""Rows of the receptive field: its layers are static, and it takes no array."""

from jaxreview import convolution
from jaxreview.cases._rows import Bad, Case

CASES = [
    Case(convolution.receptive_field, "dilations 2, 2, 2 leave holes", options=dict(layers=((3, 1, 2), (3, 1, 2), (3, 1, 2)))),
    Case(convolution.receptive_field, "per axis, strides beyond the window", options=dict(layers=(((1, 3), 2, 1), (3, (1, 2), (1, 3)), ((2, 1), 3, 2)))),
    Case(convolution.receptive_field, "no layer", options=dict(layers=())),
]  # fmt: skip

BAD = [
    Bad(convolution.receptive_field, "one layer not in a sequence", options=dict(layers=(3, 1, 1)), error=TypeError, match="layers[0] is 3"),
    Bad(convolution.receptive_field, "a number", options=dict(layers=3), error=TypeError, match="layers is a int"),
    Bad(convolution.receptive_field, "a pair", options=dict(layers=((3, 1),)), error=ValueError, match="2 entries"),
    Bad(convolution.receptive_field, "window 0", options=dict(layers=((3, 1, 1), (0, 1, 1))), error=ValueError, match="layers[1] window is 0"),
    Bad(convolution.receptive_field, "stride 0", options=dict(layers=((3, (1, 0), 1),)), error=ValueError, match="layers[0] stride[1] is 0"),
    Bad(convolution.receptive_field, "float dilation", options=dict(layers=((3, 1, 2.0),)), error=TypeError, match="layers[0] dilation is 2.0"),
    Bad(convolution.receptive_field, "two axes and three", options=dict(layers=(((3, 3), 1, 1), (3, 1, (1, 1, 1)))), error=ValueError, match="2 and 3 ints"),
    Bad(convolution.receptive_field, "no axis", options=dict(layers=(((), 1, 1),)), error=ValueError, match="layers[0] window is ()"),
]  # fmt: skip
