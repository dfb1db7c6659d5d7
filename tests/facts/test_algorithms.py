"""Every algorithm of the convolution's three maps, forced in turn, gives what the loops give, and every transform goes through the maps."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jax.sharding import Mesh, PartitionSpec

from jaxreview import _windows, conv, conv_transpose, loops
from jaxreview.cases._rows import TOLERANCE, mismatch
from jaxreview.convolution import _algorithms, _choice, _winograd

import definition
from agree import agree
from shapes import LAYERS

pytestmark = pytest.mark.thorough

# (spatial, window, settings), groups, channels of x and of y in a group. Together they meet every algorithm of every map.
SETTINGS = [
    (((5, 6), (1, 1), {}), 1, 2, 3),
    (((7,), (2,), dict(padding=1)), 1, 2, 3),
    (((6, 5), (3, 3), dict(padding=1)), 1, 3, 2),
    (((7, 9), (3, 2), dict(padding=((2, 0), (1, 3)), dilation=(2, 3))), 1, 2, 2),
    (((4, 3, 5), (2, 3, 1), dict(padding=(0, 1, 0))), 1, 2, 2),
    # Padding beyond the window, before and behind.
    (((3, 4), (2, 3), dict(padding=((4, 3), (0, 5)))), 1, 2, 1),
    (((6, 7), (1, 1), dict(stride=2)), 1, 2, 3),
    (((7, 8), (3, 3), dict(stride=2, padding=1)), 1, 2, 3),
    (((8, 8), (4, 4), dict(stride=2, padding=1)), 1, 3, 2),
    (((9,), (2,), dict(stride=3, padding=((2, 0),))), 1, 2, 2),
    (((9, 7), (3, 2), dict(stride=(2, 3), dilation=(3, 2), padding=2)), 1, 1, 2),
    (((5, 4, 6), (2, 2, 3), dict(stride=(2, 1, 2), padding=1)), 1, 2, 2),
    (((5, 6), (3, 3), dict(padding=1)), 3, 1, 1),
    (((6, 7), (3, 2), dict(stride=(2, 3), padding=1, dilation=(1, 2))), 2, 1, 3),
    (((5, 6), (2, 3), dict(padding=1)), 3, 2, 4),
    (((6, 6), (3, 3), dict(stride=2, padding=1)), 2, 3, 2),
]


def walk_of(spatial, window, options):
    return _windows.geometry("conv", spatial, window, **options)


def operands(walk, groups, fan_in, fan_out, batch=2):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((batch, *walk.spatial, groups * fan_in))
    kernel = rng.standard_normal((*walk.window, fan_in, groups * fan_out))
    y = rng.standard_normal((batch, *walk.out, groups * fan_out))
    return {"correlate": (x, kernel), "spread": (y, kernel), "weigh": (x, y)}


def differences(which, first, second, walk, groups, want, dtype, *, planted=None):
    """For each algorithm what is wrong with its result; ``planted`` stands for a faulty one."""
    found = {}
    with jax.enable_x64(dtype == "float64"):
        first, second = jnp.asarray(first, dtype), jnp.asarray(second, dtype)
        for name, algorithm in (planted or _choice.candidates(which, first, second, walk, groups)).items():
            if name == "native" and which == "spread" and set(walk.stride) != {1}:
                continue  # Never chosen on a CPU: the backend ends the process on some of them.
            got = jax.jit(lambda a, b, algorithm=algorithm: algorithm(a, b, walk, groups))(first, second)
            found[name] = mismatch(got, want, TOLERANCE[dtype])
    return found


@pytest.mark.parametrize("index", range(len(SETTINGS)))
def test_each_algorithm_is_the_loop(index):
    (spatial, window, options), groups, fan_in, fan_out = SETTINGS[index]
    walk = walk_of(spatial, window, options)
    for which, (first, second) in operands(walk, groups, fan_in, fan_out).items():
        want = definition.MAPS[which](first, second, walk, groups)
        if which == "correlate":
            agree(want, loops.convolution.conv(first, second, groups=groups, **options))
        if which == "spread":
            extra = tuple(n - s for n, s in zip(spatial, _sizes_back(walk), strict=True))
            agree(want, loops.convolution.conv_transpose(first, second, groups=groups, output_padding=extra, **options))
        assert not any(differences(which, first, second, walk, groups, want, "float64").values())


def _sizes_back(walk):
    """The spatial sizes that the transpose gives without output_padding."""
    sides = zip(walk.out, walk.window, walk.stride, walk.dilation, walk.padding, strict=True)
    return [(o - 1) * s - sum(pair) + (k - 1) * d + 1 for o, k, s, d, pair in sides]


def test_the_settings_meet_every_algorithm():
    everything = {
        which: {"native"} | {name for table in (_choice._DENSE, _choice._STRIDED, _choice._GROUPED) for name in table[which]} for which in definition.MAPS
    }
    met = {which: set() for which in everything}
    for (spatial, window, options), groups, fan_in, fan_out in SETTINGS:
        walk = walk_of(spatial, window, options)
        for which, (first, second) in operands(walk, groups, fan_in, fan_out).items():
            met[which] |= set(_choice.candidates(which, first, second, walk, groups))
    assert met == everything


@st.composite
def drawn_settings(draw):
    ndim = draw(st.sampled_from([1, 1, 2, 2, 3]))
    window = tuple(draw(st.integers(1, 3 if ndim > 1 else 5)) for _ in range(ndim))
    plain = draw(st.booleans())
    stride = (1,) * ndim if plain else tuple(draw(st.integers(1, 3)) for _ in range(ndim))
    dilation = tuple(draw(st.sampled_from([1, 1, 2, 3])) for _ in range(ndim))
    padding = tuple((draw(st.integers(0, 4)), draw(st.integers(0, 4))) for _ in range(ndim))
    least = [max(1, (k - 1) * d + 1 - sum(pair)) for k, d, pair in zip(window, dilation, padding, strict=True)]
    spatial = tuple(n + draw(st.integers(0, 5)) for n in least)
    return (spatial, window, dict(stride=stride, dilation=dilation, padding=padding)), draw(st.sampled_from([1, 1, 2, 3])), draw(st.integers(1, 2)), 2


@settings(max_examples=6, deadline=None, database=None, derandomize=True)
@given(drawn_settings(), st.sampled_from([0, 1, 2]))
def test_each_algorithm_at_drawn_settings(drawn, batch):
    (spatial, window, options), groups, fan_in, fan_out = drawn
    walk = walk_of(spatial, window, options)
    for which, (first, second) in operands(walk, groups, fan_in, fan_out, batch).items():
        want = definition.MAPS[which](first, second, walk, groups)
        assert not any(differences(which, first, second, walk, groups, want, "float64").values())


def test_a_planted_fault_is_caught():
    walk = walk_of((5, 6), (3, 3), dict(padding=1))
    first, second = operands(walk, 1, 2, 2)["spread"]
    want = definition.spread(first, second, walk, 1)
    unturned = {"unturned": lambda y, kernel, walk, groups: _algorithms.taps_correlate(y, kernel.swapaxes(-1, -2), walk.turned(), 1)}
    assert "off by" in differences("spread", first, second, walk, 1, want, "float32", planted=unturned)["unturned"]
    rounded = {"in half": lambda y, kernel, *rest: _algorithms.taps_spread(y.astype("bfloat16"), kernel.astype("bfloat16"), *rest).astype("float32")}
    assert "off by" in differences("spread", first, second, walk, 1, want, "float32", planted=rounded)["in half"]


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("dilation", [1, 2])
def test_tiles_in_parts(monkeypatch, turned, dilation):
    # Eighteen rows are nine tiles, five if dilated: four parts of two sizes, the last one short.
    walk = walk_of((18, 5), (3, 2), dict(padding=(dilation, 1), dilation=dilation))
    which = "spread" if turned else "correlate"
    first, second = operands(walk, 1, 2, 3)[which]
    jaxprs = []
    for large in (2**19, 1):
        monkeypatch.setattr(_winograd, "_LARGE", large)
        algorithm = _choice.candidates(which, first, second, walk, 1)["winograd"]
        jaxprs.append(str(jax.make_jaxpr(lambda a, b, algorithm=algorithm: algorithm(a, b, walk, 1))(jnp.asarray(first), jnp.asarray(second))))
        assert not any(differences(which, first, second, walk, 1, definition.MAPS[which](first, second, walk, 1), "float32").values())
    assert ["population_count" in jaxpr for jaxpr in jaxprs] == [False, True]


@pytest.mark.parametrize("window", _winograd.TILES)
def test_a_tile_of_integers_is_exact(window):
    # y = Aᵀ(G k · Bᵀ x), with all numbers small integers or their halves: no rounding at all.
    outputs, of_x, of_kernel, of_y = _winograd.TILES[window]
    x, kernel = np.arange(outputs + window - 1.0) ** 2 + 1, np.arange(window) * 2.0 + 2
    tile = np.array(of_y) @ ((np.array(of_kernel) @ kernel) * (np.array(of_x) @ x))
    assert tile.tolist() == [float(x[o : o + window] @ kernel) for o in range(outputs)]


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.network)
def test_what_is_chosen_is_a_candidate(layer):
    walk, groups = layer.geometry, layer.groups
    out, kernel = (layer.x[0], *walk.out), layer.kernel
    x = jax.ShapeDtypeStruct((layer.x[0], *walk.spatial, kernel[-2] * groups), jnp.float32)
    y, kernel = jax.ShapeDtypeStruct((*out, kernel[-1]), jnp.float32), jax.ShapeDtypeStruct(kernel, jnp.float32)
    for which, pair in {"correlate": (x, kernel), "spread": (y, kernel), "weigh": (x, y)}.items():
        name = _choice.chosen(which, *pair, walk, groups)
        assert name in _choice.candidates(which, *pair, walk, groups)
        assert not (which == "spread" and name == "native" and set(walk.stride) != {1})


@pytest.mark.parametrize(("platform", "own"), [("cuda", True), ("tpu", True), ("cpu", False)])
def test_elsewhere_the_backends_own(platform, own):
    x, kernel = jnp.ones((1, 12, 12, 32)), jnp.ones((3, 3, 32, 32))
    text = jax.jit(lambda x, k: conv(x, k, padding=1)).trace(x, kernel).lower(lowering_platforms=(platform,)).as_text()
    assert ("stablehlo.convolution" in text) is own


# --- transforms


def one_of(function, groups):
    """The function with a stride, x for five examples and as many kernels."""
    rng = np.random.default_rng(0)
    x = jnp.asarray(rng.standard_normal((3, 2, 5, 4, 4)))
    kernel = jnp.asarray(rng.standard_normal((3, 3, 2, 4 // groups, 6) if function is conv else (3, 3, 2, 3, 4)))
    return lambda x, kernel: function(x, kernel, stride=2, padding=1, groups=groups), x, kernel


@pytest.mark.parametrize("axes", [(0, None), (None, 0), (0, 0), (1, None), (None, 3), (2, 4)], ids=str)
@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("function", [conv, conv_transpose])
def test_vmap(function, groups, axes):
    with jax.enable_x64(True):
        f, x, kernel = one_of(function, groups)

        def value_and_gradients(x, kernel):
            y, pull = jax.vjp(f, x, kernel)
            return y, pull(jnp.sin(y))

        compiled = jax.jit(value_and_gradients)
        given = [a[0] if axis is None else jnp.moveaxis(a, 0, axis) for a, axis in zip((x, kernel), axes, strict=True)]
        got = jax.jit(jax.vmap(value_and_gradients, in_axes=axes))(*given)
        each = [compiled(*(a[0 if axis is None else n] for a, axis in zip((x, kernel), axes, strict=True))) for n in range(3)]
        agree(got, jax.tree.map(lambda *a: jnp.stack(a), *each))


def test_vmap_within_vmap():
    with jax.enable_x64(True):
        f, x, kernel = one_of(conv, 1)
        got = jax.jit(jax.vmap(jax.vmap(f, (None, 0)), (0, None)))(x, kernel)
        agree(got, jnp.stack([jnp.stack([f(one, k) for k in kernel]) for one in x]))
        stacked = jnp.stack([x, x + 1])
        agree(jax.jit(jax.vmap(jax.vmap(f), (0, None)))(stacked, kernel), jnp.stack([jax.vmap(f)(one, kernel) for one in stacked]))


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("function", [conv, conv_transpose])
def test_vmap_over_nothing(function, groups):
    f, x, kernel = one_of(function, groups)
    one = f(x[0], kernel[0]).shape
    for axes in ((0, None), (None, 0), (0, 0)):
        given = [a[0] if axis is None else a[:0] for a, axis in zip((x, kernel), axes, strict=True)]
        assert jax.vmap(f, in_axes=axes)(*given).shape == (0, *one)


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("function", [conv, conv_transpose])
def test_other_transforms(function, groups):
    with jax.enable_x64(True):
        f, xs, kernels = one_of(function, groups)
        x, kernel = xs[0], kernels[0]
        # The form is linear in each: f(x + dx, k + dk) has no more than these two terms of first order.
        agree(jax.jvp(f, (x, kernel), (x / 2, kernel * 3))[1], f(x / 2, kernel) + f(x, kernel * 3))
        y, pull = jax.vjp(f, x, kernel)
        agree(jax.linear_transpose(lambda x: f(x, kernel), x)(y)[0], pull(y)[0])
        agree(jax.lax.scan(lambda carry, one: (carry, f(one, kernel)), None, xs)[1], jnp.stack([f(one, kernel) for one in xs]))
        agree(jax.jit(jax.grad(jax.checkpoint(lambda k: jnp.sin(f(x, k)).sum())))(kernel), pull(jnp.cos(y))[1])


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize("function", [conv, conv_transpose])
def test_shard_map_sums_the_gradients_of_what_is_shared_and_no_others(function, groups, stride):
    with jax.enable_x64(True):
        rng = np.random.default_rng(0)
        x = jnp.asarray(rng.standard_normal((4, 5, 4, 4)))
        kernel = jnp.asarray(rng.standard_normal((2, 2, 4 // groups, 4)))

        def value_and_gradients(x, kernel):
            y, pull = jax.vjp(lambda x, kernel: function(x, kernel, stride=stride, groups=groups), x, kernel)
            return y, pull(jnp.sin(y))

        want = value_and_gradients(x, kernel)
        mesh = Mesh(np.array(jax.devices()[:2]), ("batch",))
        parts, whole = PartitionSpec("batch"), PartitionSpec()
        for given in ((parts, whole), (whole, whole)):
            mapped = jax.shard_map(value_and_gradients, mesh=mesh, in_specs=given, out_specs=(given[0], given))
            agree(jax.jit(mapped)(x, kernel), want)
            if groups == 1:
                agree(mapped(x, kernel), want)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("index", [2, 8, 12, 14])
def test_halves_are_summed_in_float32(index, dtype):
    # However many terms there are, a result is the float64 one rounded once: the error is that of the last place.
    (spatial, window, options), groups, fan_in, fan_out = SETTINGS[index]
    walk = walk_of(spatial, window, options)
    x, kernel = (jnp.asarray(a, dtype) for a in operands(walk, groups, fan_in * 8 if groups == 1 else fan_in, fan_out)["correlate"])
    y, pull = jax.vjp(lambda x, k: conv(x, k, groups=groups, **options), x, kernel)
    exact = [np.asarray(a, np.float64) for a in (x, kernel, y)]
    wanted = (
        definition.correlate(exact[0], exact[1], walk, groups),
        definition.spread(exact[2], exact[1], walk, groups),
        definition.weigh(*exact[::2], walk, groups),
    )
    last_place = float(jnp.finfo(dtype).eps)
    for got, want in zip((y, *pull(y)), wanted, strict=True):
        assert got.dtype == dtype
        error = np.abs(np.asarray(got, np.float64) - want)
        assert (error <= last_place * np.abs(want) + 1e-5 * np.abs(want).max()).all()
