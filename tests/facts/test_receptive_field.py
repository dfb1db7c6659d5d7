"""The receptive field, of known nets and worked by hand."""

import jax
import jax.numpy as jnp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jaxreview import ReceptiveField, conv, receptive_field
from jaxreview.loops.convolution import receptive_field as loop

CONV3, POOL2 = (3, 1, 1), (2, 2, 1)
VGG16 = [*[CONV3] * 2, POOL2, *[CONV3] * 2, POOL2, *([*[CONV3] * 3, POOL2] * 3)]
ALEXNET = [(11, 4, 1), (3, 2, 1), (5, 1, 1), (3, 2, 1), *[CONV3] * 3, (3, 2, 1)]
# Only the window of 3 of a bottleneck counts; the first of each stage but the first strides.
RESNET50 = [(7, 2, 1), (3, 2, 1), *[CONV3] * 3, *[(3, 2, 1), *[CONV3] * 3], *[(3, 2, 1), *[CONV3] * 5], *[(3, 2, 1), *[CONV3] * 2]]


@pytest.mark.parametrize(
    ("layers", "size", "jump"),
    [
        # 1 + (4 + 1)·1 + (4 + 1)·2 + (6 + 1)·4 + (6 + 1)·8 + (6 + 1)·16: pool5, and 16 less before it.
        (VGG16, 212, 32),
        (VGG16[:-1], 196, 16),
        # 1 + 10·1 + 2·4 + 4·8 + 2·8 + 3·2·16 + 2·16.
        (ALEXNET, 195, 32),
        # 1 + 6·1 + 2·2 + 3·2·4 + 2·4 + 3·2·8 + 2·8 + 5·2·16 + 2·16 + 2·2·32, with the stride on the window of 3, as in PyTorch.
        (RESNET50, 427, 32),
        # A stack of WaveNet: windows of 2 with dilations 1, 2, …, 512.
        ([(2, 1, 2**n) for n in range(10)], 1024, 1),
    ],
    ids=["VGG-16", "VGG-16 conv5_3", "AlexNet", "ResNet-50", "WaveNet"],
)
def test_known_nets(layers, size, jump):
    assert receptive_field(layers) == (size, jump, 1.0)


def test_gridding():
    # Multiples of 2 up to 12, of the cells 0 to 12; in two axes the square of it. Dilations 1, 2, 5 leave none out, nor do 1, 2, 3.
    assert receptive_field([(3, 1, 2)] * 3) == (13, 1, 7 / 13)
    assert receptive_field([((3, 3), 1, 2)] * 3) == ((13, 13), (1, 1), 49 / 169)
    assert receptive_field([(3, 1, 1), (3, 1, 2), (3, 1, 5)]) == (17, 1, 1.0)
    # Sums of {0, 1, 2} and {0, 5, 10}: three of each five, 9 of 13.
    assert receptive_field([(3, 1, 1), (3, 1, 5)]) == (13, 1, 9 / 13)
    # A window smaller than its stride skips as well: 0 and 1 of each 4, 2 · 2 of 6.
    assert receptive_field([(2, 4, 1), (2, 1, 1)]) == (6, 4, 4 / 6)


def test_the_axes_are_each_for_themselves():
    # Windows 7 and 3 · dilation 2: 0 to 6 from each of 0, 4, 8; windows 1 and 3 with stride 2 between: 0, 2, 4 of 5 cells.
    assert receptive_field([((7, 1), 2, 1), (3, (1, 3), (2, 1))]) == ((15, 5), (2, 6), 3 / 5)
    assert receptive_field([(3, 2, 1), ((3,), 1, 1)]) == ((7,), (2,), 1.0)


def test_no_layer_sees_its_own_cell():
    assert receptive_field([]) == ReceptiveField(size=1, jump=1, coverage=1.0)
    # Without a window nothing spreads, whatever the strides.
    assert receptive_field([(1, 3, 4), (1, 2, 1)]) == (1, 6, 1.0)


def test_one_stack_on_another():
    below, above = receptive_field(VGG16[:6]), receptive_field(VGG16[6:])
    assert receptive_field(VGG16)[:2] == (below.size + (above.size - 1) * below.jump, below.jump * above.jump)


def test_a_field_of_millions_of_cells_is_counted_at_once():
    # 1 + 2·(1 + 2 + … + 2²⁹).
    assert receptive_field([(3, 2, 1)] * 30) == (2**31 - 1, 2**30, 1.0)


# Small enough for the walk along every path.
SETTINGS = st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 4)), max_size=4)


@settings(max_examples=100, deadline=None, database=None, derandomize=True)
@given(SETTINGS)
def test_every_path_walked(layers):
    assert receptive_field(layers) == loop(layers)


@pytest.mark.parametrize("layers", [[(3, 2, 1), (2, 1, 3), (3, 1, 1)], [(2, 3, 1), (3, 1, 2)], [(3, 1, 2), (3, 1, 2)]])
def test_it_is_where_the_gradient_of_one_output_lies(layers):
    field = receptive_field(layers)

    def output(x, number):
        for window, stride, dilation in layers:
            x = conv(x, jnp.ones((window, 1, 1)), stride=stride, dilation=dilation)
        return x[number, 0]

    x = jnp.ones((field.size + 2 * field.jump, 1))
    first, third = (jnp.flatnonzero(jax.grad(output)(x, number)[:, 0]) for number in (0, 2))
    assert int(first[-1] - first[0]) + 1 == field.size
    assert first.size / field.size == field.coverage
    assert int(third[0] - first[0]) == 2 * field.jump
