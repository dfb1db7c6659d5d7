"""Layouts of other libraries, by hand; what is imported is exported as it was."""

import inspect

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jaxreview import conv, conv_transpose
from jaxreview.weights import export_kernel, import_kernel

from agree import agree

LIBRARIES = ("pytorch", "keras", "flax", "equinox")


def counted(*shape):
    """0, 1, 2, … in row-major order: every cell has its own number."""
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape)


def test_conv_by_hand():
    # w[out, in, tap] of PyTorch and Equinox is k[tap, in, out]; Keras and Flax keep that.
    theirs, ours = np.zeros((2, 3, 4), np.float32), np.zeros((4, 3, 2), np.float32)
    theirs[1, 2, 3] = ours[3, 2, 1] = 5
    for library, weight in (("pytorch", theirs), ("equinox", theirs), ("keras", ours), ("flax", ours)):
        np.testing.assert_array_equal(import_kernel(weight, library), ours)
        np.testing.assert_array_equal(export_kernel(ours, library), weight)


def test_conv_transpose_by_hand():
    # Ours is k[tap, out, in]. PyTorch has w[in, out, tap], Keras w[tap, out, in]. With the last tap first, Flax has w[tap, in, out], Equinox w[out, in, tap].
    ours, pytorch, keras, flax, equinox = (np.zeros(shape, np.float32) for shape in ((4, 2, 3), (3, 2, 4), (4, 2, 3), (4, 3, 2), (2, 3, 4)))
    ours[3, 1, 2] = pytorch[2, 1, 3] = keras[3, 1, 2] = flax[0, 2, 1] = equinox[1, 2, 0] = 5
    for library, weight in (("pytorch", pytorch), ("keras", keras), ("flax", flax), ("equinox", equinox)):
        np.testing.assert_array_equal(import_kernel(weight, library, kind="conv_transpose"), ours)
        np.testing.assert_array_equal(export_kernel(ours, library, kind="conv_transpose"), weight)


def test_the_axes_of_the_window_by_hand():
    # The tap in row 1 and column 2 of a window of 2 × 4. Nobody exchanges rows and columns; Flax and Equinox count both from the end: row 0, column 1.
    ours, pytorch, keras, flax, equinox = (np.zeros(shape, np.float32) for shape in ((2, 4, 1, 1), (1, 1, 2, 4), (2, 4, 1, 1), (2, 4, 1, 1), (1, 1, 2, 4)))
    ours[1, 2] = pytorch[..., 1, 2] = keras[1, 2] = flax[0, 1] = equinox[..., 0, 1] = 5
    for library, weight in (("pytorch", pytorch), ("keras", keras), ("flax", flax), ("equinox", equinox)):
        np.testing.assert_array_equal(import_kernel(weight, library, kind="conv_transpose"), ours)
        np.testing.assert_array_equal(export_kernel(ours, library, kind="conv_transpose"), weight)


def test_groups_of_a_transposed_convolution_by_hand():
    # 4 channels to 6 in 2 groups, one tap. From input channel 3 (the second of the second group) to output channel 4 (the second of its three):
    # PyTorch w[3, 1], ours k[1, 3] and Equinox, whose rows are output channels, w[4, 1].
    ours, pytorch, equinox = (np.zeros(shape, np.float32) for shape in ((1, 3, 4), (4, 3, 1), (6, 2, 1)))
    ours[0, 1, 3] = pytorch[3, 1, 0] = equinox[4, 1, 0] = 5
    for library, weight in (("pytorch", pytorch), ("equinox", equinox)):
        np.testing.assert_array_equal(import_kernel(weight, library, kind="conv_transpose", groups=2), ours)
        np.testing.assert_array_equal(export_kernel(ours, library, kind="conv_transpose", groups=2), weight)


def test_depthwise_by_hand():
    # Keras's w[tap, channel, m] is output channel 3·channel + m: the order of its cells in memory.
    weight = counted(2, 4, 3)
    np.testing.assert_array_equal(import_kernel(weight, "keras", kind="depthwise_conv", groups=4), weight.reshape(2, 1, 12))
    # Everyone else keeps a convolution with a group for each channel.
    grouped = counted(12, 1, 2)
    np.testing.assert_array_equal(import_kernel(grouped, "pytorch", kind="depthwise_conv", groups=4), import_kernel(grouped, "pytorch", groups=4))


def test_dense_by_hand():
    weight = counted(2, 3)
    for library, kernel in (("pytorch", weight.T), ("equinox", weight.T), ("keras", weight), ("flax", weight)):
        np.testing.assert_array_equal(import_kernel(weight, library, kind="dense"), kernel)


def test_the_kernel_does_what_their_layer_does():
    # Flax lays w over x = (1, 2) with zeros around, 0 1 2 0: w = (1, 10) gives 10·1, 1·1 + 10·2 and 1·2. Ours adds x[o] · k into y[o + tap], k = (10, 1).
    kernel = import_kernel(jnp.array([[[1.0]], [[10.0]]]), "flax", kind="conv_transpose")
    agree(conv_transpose(jnp.array([[1.0], [2.0]]), kernel), jnp.array([[10.0], [21.0], [2.0]]), "float32")


@st.composite
def drawn_kernels(draw):
    """A library, a kind, groups, and a kernel of ours for them."""
    library, kind = draw(st.sampled_from(LIBRARIES)), draw(st.sampled_from(("conv", "conv_transpose", "depthwise_conv", "dense")))
    window = () if kind == "dense" else tuple(draw(st.lists(st.integers(1, 3), min_size=1, max_size=3)))
    free = kind == "conv" or kind == "depthwise_conv" or (kind == "conv_transpose" and library in ("pytorch", "equinox"))
    groups = draw(st.integers(1, 4)) if free else 1
    a = 1 if kind == "depthwise_conv" else draw(st.integers(1, 3))
    return library, kind, groups, counted(*window, a, groups * draw(st.integers(1, 3)))


@settings(max_examples=150, derandomize=True, deadline=None)
@given(drawn_kernels())
def test_there_and_back(row):
    library, kind, groups, kernel = row
    weight = export_kernel(kernel, library, kind=kind, groups=groups)
    assert sorted(weight.ravel()) == sorted(kernel.ravel())
    again = import_kernel(weight, library, kind=kind, groups=groups)
    np.testing.assert_array_equal(again, kernel)
    np.testing.assert_array_equal(export_kernel(again, library, kind=kind, groups=groups), weight)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("kind", ["conv", "conv_transpose", "depthwise_conv"])
def test_transforms(library, kind):
    groups = 1 if kind == "conv_transpose" else 3
    settings = dict(kind=kind, groups=groups)
    kernel = jnp.asarray(counted(2, 4, 1, 6))
    weight = export_kernel(kernel, library, **settings)
    assert isinstance(weight, jax.Array)
    np.testing.assert_array_equal(weight, export_kernel(np.asarray(kernel), library, **settings))
    np.testing.assert_array_equal(jax.jit(lambda k: export_kernel(k, library, **settings))(kernel), weight)
    stacked = jnp.stack([weight, 2 * weight])
    several = jax.vmap(lambda w: import_kernel(w, library, **settings))(stacked)
    np.testing.assert_array_equal(several, jnp.stack([kernel, 2 * kernel]))
    # A permutation's adjoint is its inverse: the gradient of an import is the export of the gradient.
    _, pull = jax.vjp(lambda w: import_kernel(w, library, **settings), weight)
    np.testing.assert_array_equal(pull(3 * kernel)[0], export_kernel(3 * kernel, library, **settings))


def test_the_adjoint_identity_from_flax():
    # Flax with transpose_kernel=True, whose kernel is Keras's, is the transpose of its convolution with the same kernel.
    u, x, weight = jnp.asarray(counted(7, 2)), jnp.asarray(counted(3, 3)), jnp.asarray(counted(3, 2, 3))
    down = conv(u, import_kernel(weight, "flax"), stride=2)
    up = conv_transpose(x, import_kernel(weight, "keras", kind="conv_transpose"), stride=2)
    agree(jnp.vdot(down, x), jnp.vdot(u, up), "float32")


@pytest.mark.parametrize("dtype", [np.float16, np.float64, jnp.bfloat16])
def test_numpy_stays_numpy(dtype):
    weight = counted(2, 3, 4).astype(dtype)
    for library in LIBRARIES:
        for kind in ("conv", "conv_transpose"):
            for convert in (import_kernel, export_kernel):
                kernel = convert(weight, library, kind=kind)
                assert type(kernel) is np.ndarray
                assert kernel.dtype == dtype
                assert kernel.flags.c_contiguous
                assert not np.shares_memory(kernel, weight)


W3 = counted(6, 4, 3)


@pytest.mark.parametrize(
    ("function", "weight", "library", "options", "error", "match"),
    [
        (import_kernel, [[[1.0]]], "pytorch", {}, TypeError, "import_kernel: weight is a list; it needs a JAX or NumPy array"),
        (import_kernel, W3.astype(np.int32), "pytorch", {}, TypeError, "import_kernel: weight has dtype int32; it needs a floating point dtype"),
        (import_kernel, W3, "torch", {}, ValueError, "import_kernel: source is 'torch'; it needs one of 'pytorch', 'keras', 'flax', 'equinox'"),
        (export_kernel, W3, "Keras", {}, ValueError, "export_kernel: target is 'Keras'; it needs one of"),
        (export_kernel, W3, "keras", dict(kind="conv2d"), ValueError, "export_kernel: kind is 'conv2d'; it needs one of"),
        (import_kernel, W3[0], "flax", {}, ValueError, "import_kernel: weight has shape (4, 3) (rank 2); it needs at least rank 3"),
        (import_kernel, W3, "flax", dict(kind="dense"), ValueError, "import_kernel: weight has shape (6, 4, 3) (rank 3); it needs rank 2 with kind 'dense'"),
        (export_kernel, W3[:, :0], "flax", {}, ValueError, "export_kernel: kernel has shape (6, 0, 3); it needs at least one cell on every axis"),
        (import_kernel, W3, "pytorch", dict(groups=0), ValueError, "import_kernel: groups is 0; it needs an int of at least 1"),
        (import_kernel, W3, "pytorch", dict(groups=1.0), TypeError, "import_kernel: groups is 1.0"),
        (import_kernel, W3, "pytorch", dict(groups=4), ValueError, "groups is 4; it needs to divide the 6 channels on axis 0 of weight (6, 4, 3)"),
        (export_kernel, W3, "pytorch", dict(groups=2), ValueError, "groups is 2; it needs to divide the 3 channels on axis -1 of kernel (6, 4, 3)"),
        (import_kernel, W3, "equinox", dict(groups=4, kind="conv_transpose"), ValueError, "groups is 4; it needs to divide the 6 channels on axis 0"),
        (import_kernel, W3, "keras", dict(groups=3, kind="conv_transpose"), ValueError, "it needs to be 1: keras has no groups with kind 'conv_transpose'"),
        (export_kernel, W3, "flax", dict(groups=3, kind="conv_transpose"), ValueError, "it needs to be 1: flax has no groups with kind 'conv_transpose'"),
        (import_kernel, W3[0], "flax", dict(groups=3, kind="dense"), ValueError, "groups is 3; it needs to be 1: flax has no groups with kind 'dense'"),
        (import_kernel, W3, "keras", dict(kind="depthwise_conv"), ValueError, "groups is 1; it needs to be 4, the channels on axis -2 of weight (6, 4, 3)"),
        (import_kernel, W3, "pytorch", dict(kind="depthwise_conv"), ValueError, "weight has shape (6, 4, 3) with 4 on axis 1; it needs 1 there"),
        (export_kernel, W3, "keras", dict(kind="depthwise_conv", groups=3), ValueError, "kernel has shape (6, 4, 3) with 4 on axis -2; it needs 1 there"),
    ],
)
def test_what_is_refused(function, weight, library, options, error, match):
    with pytest.raises(error) as caught:
        inspect.unwrap(function)(weight, library, **options)
    assert match in str(caught.value)
