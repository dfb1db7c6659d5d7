"""Kernels of PyTorch, Keras, Flax and Equinox, imported and exported: the layers that hold them give our outputs, over drawn settings."""

import os
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import jaxreview
from jaxreview.weights import export_kernel, import_kernel

from agree import agree

# Keras reads its backend when it is imported.
os.environ["KERAS_BACKEND"] = "jax"
torch = pytest.importorskip("torch")
equinox = pytest.importorskip("equinox")
keras = pytest.importorskip("keras")
linen = pytest.importorskip("flax.linen")
nnx = pytest.importorskip("flax.nnx")

EXAMPLES = settings(max_examples=12, derandomize=True, deadline=None)


class Layer(NamedTuple):
    """What all the libraries' layers have in common, one entry per axis."""

    window: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int
    channels: int
    out: int

    @property
    def ndim(self):
        return len(self.window)

    @property
    def extent(self):
        return tuple((k - 1) * d + 1 for k, d in zip(self.window, self.dilation, strict=True))


@st.composite
def layers(draw, *, grouped=True, both=True, same_channels=False):
    """A layer; without ``both`` not stride and dilation together, and with ``same_channels`` a depthwise one."""
    ndim = draw(st.integers(1, 3))
    window, stride, dilation = (draw(st.tuples(*[st.integers(1, high)] * ndim)) for high in (4 if ndim == 1 else 3, 3, 2))
    if not both and max(stride) > 1:
        dilation = (1,) * ndim
    groups = draw(st.integers(1, 3)) if grouped else 1
    channels = groups * (1 if same_channels else draw(st.integers(1, 2)))
    return Layer(window, stride, dilation, groups, channels, groups * draw(st.integers(1, 3)))


def per_axis(data, low, highs):
    return tuple(data.draw(st.integers(low, high)) for high in highs)


def sizes(data, least):
    return tuple(data.draw(st.integers(n, n + 2)) for n in least)


def drawn(layer, spatial, kernel_shape):
    """A batch of two, a kernel of ours and a bias."""
    rng = np.random.default_rng([*spatial, *kernel_shape])
    return [rng.standard_normal(shape).astype(np.float32) for shape in ((2, *spatial, layer.channels), kernel_shape, (layer.out,))]


def compare(library, kind, layer, spatial, theirs, **options):
    """``theirs`` takes x, the exported weight and the bias, and gives its output and the weight that it then holds."""
    shape = (layer.out // layer.groups, layer.channels) if kind == "conv_transpose" else (layer.channels // layer.groups, layer.out)
    x, kernel, bias = drawn(layer, spatial, (*layer.window, *shape))
    weight = export_kernel(kernel, library, kind=kind, groups=layer.groups)
    with jax.numpy_rank_promotion("allow"):
        want, held = theirs(x, weight, bias)
    held = np.asarray(held)
    np.testing.assert_array_equal(held, weight)
    imported = import_kernel(held, library, kind=kind, groups=layer.groups)
    np.testing.assert_array_equal(imported, kernel)
    function = getattr(jaxreview, kind)
    options = dict(stride=layer.stride, dilation=layer.dilation, **options)
    if kind != "depthwise_conv":
        options["groups"] = layer.groups
    agree(jax.jit(lambda *arrays: function(*arrays, **options))(x, imported, bias), want, "float32")


def cut(total, *, lower=False):
    """Padding and output_padding that cut so many cells off the result, the odd one after it or, with ``lower``, before; fewer than none are added."""
    before = (total + lower) // 2
    return ((before, total - before), 0) if total > 0 else ((0, 0), -total)


def transposed(pairs):
    padding, extra = zip(*pairs, strict=True)
    return dict(padding=padding, output_padding=extra)


# PyTorch


def in_pytorch(name, layer, **options):
    def run(x, weight, bias):
        make = getattr(torch.nn, f"{name}{layer.ndim}d")
        module = make(layer.channels, layer.out, layer.window, stride=layer.stride, dilation=layer.dilation, groups=layer.groups, **options)
        with torch.no_grad():
            assert module.weight.shape == weight.shape
            module.weight.copy_(torch.from_numpy(weight))
            module.bias.copy_(torch.from_numpy(bias))
            return module(torch.from_numpy(x).movedim(-1, 1)).movedim(1, -1).numpy(), module.weight.numpy()

    return run


@EXAMPLES
@given(st.data(), layers())
def test_pytorch_conv(data, layer):
    padding = per_axis(data, 0, layer.extent)
    compare("pytorch", "conv", layer, sizes(data, layer.extent), in_pytorch("Conv", layer, padding=padding), padding=padding)


@EXAMPLES
@given(st.data(), layers(same_channels=True))
def test_pytorch_depthwise(data, layer):
    compare("pytorch", "depthwise_conv", layer, sizes(data, layer.extent), in_pytorch("Conv", layer))


@EXAMPLES
@given(st.data(), layers())
def test_pytorch_conv_transpose(data, layer):
    padding = per_axis(data, 0, [k // 2 for k in layer.extent])
    extra = per_axis(data, 0, [max(pair) - 1 for pair in zip(layer.stride, layer.dilation, strict=True)])
    theirs = in_pytorch("ConvTranspose", layer, padding=padding, output_padding=extra)
    compare("pytorch", "conv_transpose", layer, sizes(data, (2,) * layer.ndim), theirs, padding=padding, output_padding=extra)


# Keras


def in_keras(name, layer, *arguments, **options):
    def run(x, weight, bias):
        make = getattr(keras.layers, name)
        module = make(*arguments, layer.window, strides=layer.stride, dilation_rate=layer.dilation, **options)
        module.build(x.shape)
        module.set_weights([weight, bias])
        return module(x), module.weights[0].value

    return run


@EXAMPLES
@given(st.data(), layers(both=False), st.sampled_from(["same", "valid"]))
def test_keras_conv(data, layer, padding):
    theirs = in_keras(f"Conv{layer.ndim}D", layer, layer.out, groups=layer.groups, padding=padding)
    compare("keras", "conv", layer, sizes(data, layer.extent), theirs, padding=padding.upper())


@EXAMPLES
@given(st.data(), layers(both=False, same_channels=True), st.sampled_from(["same", "valid"]))
def test_keras_depthwise(data, layer, padding):
    assume(layer.ndim < 3)
    theirs = in_keras(f"DepthwiseConv{layer.ndim}D", layer, depth_multiplier=layer.out // layer.channels, padding=padding)
    compare("keras", "depthwise_conv", layer, sizes(data, layer.extent), theirs, padding=padding.upper())


@EXAMPLES
@given(st.data(), layers(both=False, grouped=False), st.sampled_from(["same", "valid"]), st.booleans())
def test_keras_conv_transpose(data, layer, padding, given_extra):
    extra = per_axis(data, 0, [s - 1 for s in layer.stride]) if given_extra else None
    if padding == "same" and not given_extra:
        options = dict(padding="SAME")
    elif padding == "same":
        options = transposed([cut(k - k % 2 - p) for k, p in zip(layer.extent, extra, strict=True)])
    else:
        options = dict(output_padding=extra or tuple(max(s - k, 0) for k, s in zip(layer.extent, layer.stride, strict=True)))
    theirs = in_keras(f"Conv{layer.ndim}DTranspose", layer, layer.out, padding=padding, output_padding=extra)
    compare("keras", "conv_transpose", layer, sizes(data, (2,) * layer.ndim), theirs, **options)


@pytest.mark.parametrize("name", ["SeparableConv1D", "SeparableConv2D"])
def test_keras_separable(name):
    window = (3,) if name == "SeparableConv1D" else (3, 2)
    layer = Layer(window, (2,) * len(window), (1,) * len(window), 4, 4, 12)
    x, depthwise, _ = drawn(layer, (7, 6)[: layer.ndim], (*window, 1, 12))
    pointwise, bias = (np.random.default_rng(1).standard_normal(shape).astype(np.float32) for shape in ((*(1,) * layer.ndim, 12, 5), (5,)))
    weights = [export_kernel(depthwise, "keras", kind="depthwise_conv", groups=4), export_kernel(pointwise, "keras"), bias]
    module = getattr(keras.layers, name)(5, window, strides=2, depth_multiplier=3)
    module.build(x.shape)
    module.set_weights(weights)
    with jax.numpy_rank_promotion("allow"):
        want = module(x)
    kernels = import_kernel(weights[0], "keras", kind="depthwise_conv", groups=4), import_kernel(weights[1], "keras")
    agree(jaxreview.separable_conv(*map(jnp.asarray, (x, *kernels, bias)), stride=2), want, "float32")


# Flax


def in_flax(name, layer, new, **options):
    """The layer in linen or, if it is ``new``, in NNX."""

    def run(x, weight, bias):
        settings = dict(kernel_size=layer.window, strides=layer.stride, kernel_dilation=layer.dilation, **options)
        if not new:
            module = getattr(linen, name)(layer.out, **settings)
            return module.apply({"params": {"kernel": weight, "bias": bias}}, x), weight

        def kernel_init(key, shape, dtype):
            assert shape == weight.shape
            return jnp.asarray(weight)

        module = getattr(nnx, name)(layer.channels, layer.out, kernel_init=kernel_init, bias_init=lambda *_: jnp.asarray(bias), rngs=nnx.Rngs(0), **settings)
        return module(x), module.kernel[...]

    return run


@EXAMPLES
@given(st.data(), layers(), st.sampled_from(["SAME", "VALID", None]), st.booleans())
def test_flax_conv(data, layer, padding, new):
    padding = padding or tuple(per_axis(data, 0, (k, k + 1)) for k in layer.window)
    theirs = in_flax("Conv", layer, new, feature_group_count=layer.groups, padding=padding)
    compare("flax", "conv", layer, sizes(data, layer.extent), theirs, padding=padding)


@EXAMPLES
@given(st.data(), layers(grouped=False), st.sampled_from(["SAME", "VALID", None]), st.booleans(), st.booleans())
def test_flax_conv_transpose(data, layer, padding, new, transpose_kernel):
    spatial = sizes(data, (2,) * layer.ndim)
    if padding == "SAME":
        options = dict(padding="SAME")
    elif padding == "VALID":
        options = dict(output_padding=tuple(max(s - k, 0) for k, s in zip(layer.extent, layer.stride, strict=True)))
    else:
        most = [k - 1 + max(s, d) - 1 for k, s, d in zip(layer.extent, layer.stride, layer.dilation, strict=True)]
        padding = tuple(per_axis(data, 0, (k - 1, b)) for k, b in zip(layer.extent, most, strict=True))
        assume(all((n - 1) * s + 2 + a + b > k for n, s, k, (a, b) in zip(spatial, layer.stride, layer.extent, padding, strict=True)))
        options = transposed([((k - 1 - a, max(k - 1 - b, 0)), max(b - k + 1, 0)) for k, (a, b) in zip(layer.extent, padding, strict=True)])
    theirs = in_flax("ConvTranspose", layer, new, padding=padding, transpose_kernel=transpose_kernel)
    compare("keras" if transpose_kernel else "flax", "conv_transpose", layer, spatial, theirs, **options)


# Equinox


def in_equinox(name, layer, **options):
    def run(x, weight, bias):
        def make():
            settings = dict(stride=layer.stride, dilation=layer.dilation, groups=layer.groups, **options)
            return getattr(equinox.nn, name)(layer.ndim, layer.channels, layer.out, layer.window, key=jax.random.key(0), **settings)

        module = equinox.filter_eval_shape(make)
        assert module.weight.shape == weight.shape
        assert module.bias.shape == (layer.out, *(1,) * layer.ndim)
        module = equinox.tree_at(lambda m: (m.weight, m.bias), module, (jnp.asarray(weight), jnp.asarray(bias.reshape(module.bias.shape))))
        np.testing.assert_array_equal(module.bias.reshape(-1), bias)
        return jnp.moveaxis(jax.vmap(module)(jnp.moveaxis(x, -1, 1)), 1, -1), module.weight

    return run


@EXAMPLES
@given(st.data(), layers(), st.sampled_from(["SAME", "SAME_LOWER", "VALID", None]))
def test_equinox_conv(data, layer, padding):
    padding = padding or tuple(per_axis(data, 0, (k, k + 1)) for k in layer.window)
    compare("equinox", "conv", layer, sizes(data, layer.extent), in_equinox("Conv", layer, padding=padding), padding=padding)


@EXAMPLES
@given(st.data(), layers(), st.sampled_from(["SAME", "SAME_LOWER", "VALID", None]), st.booleans())
def test_equinox_conv_transpose(data, layer, padding, given_extra):
    extra = per_axis(data, 0, [s - 1 if given_extra else 0 for s in layer.stride])
    padding = padding or tuple(per_axis(data, 0, (k // 2, k // 2)) for k in layer.extent)
    if padding in ("SAME", "SAME_LOWER") and given_extra:
        totals = [k - s + p for k, s, p in zip(layer.extent, layer.stride, extra, strict=True)]
        options = transposed([cut(total, lower=padding == "SAME_LOWER") for total in totals])
    else:
        options = dict(padding=padding, output_padding=extra)
    theirs = in_equinox("ConvTranspose", layer, padding=padding, output_padding=extra)
    compare("equinox", "conv_transpose", layer, sizes(data, (2,) * layer.ndim), theirs, **options)


# Dense layers


def test_dense():
    rng = np.random.default_rng(2)
    x, kernel, bias = (rng.standard_normal(shape).astype(np.float32) for shape in ((5, 3), (3, 4), (4,)))
    weight = {library: export_kernel(kernel, library, kind="dense") for library in ("pytorch", "keras", "flax", "equinox")}
    linear = equinox.tree_at(lambda m: (m.weight, m.bias), equinox.nn.Linear(3, 4, key=jax.random.key(0)), (jnp.asarray(weight["equinox"]), jnp.asarray(bias)))
    module = keras.layers.Dense(4)
    module.build(x.shape)
    module.set_weights([weight["keras"], bias])
    with jax.numpy_rank_promotion("allow"):
        want = {
            "pytorch": torch.nn.functional.linear(*map(torch.from_numpy, (x, weight["pytorch"], bias))).numpy(),
            "keras": module(x),
            "flax": linen.Dense(4).apply({"params": {"kernel": weight["flax"], "bias": bias}}, x),
            "equinox": jax.vmap(linear)(x),
        }
    for library, y in want.items():
        imported = import_kernel(weight[library], library, kind="dense")
        agree(jaxreview.dense(jnp.asarray(x), jnp.asarray(imported), jnp.asarray(bias)), y, "float32")
