"""Convolution and its transpose, worked by hand."""

import functools
import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from jaxreview import conv, conv_transpose

from agree import agree


def line(*values, dtype=jnp.float32):
    """A 1-D signal with one channel."""
    return jnp.asarray(values, dtype)[:, None]


def taps(*values, dtype=jnp.float32):
    """A 1-D kernel from one channel to one."""
    return jnp.asarray(values, dtype)[:, None, None]


def draw(seed, *shape, dtype=np.float64):
    return jnp.asarray(np.random.default_rng(seed).standard_normal(shape), dtype)


def test_the_kernel_is_not_flipped():
    # 1·1 + 2·10 = 21, 2·1 + 4·10 = 42; the flipped kernel would give 12 and 24.
    agree(conv(line(1, 2, 4), taps(1, 10)), line(21, 42), "float32")


def test_two_channels_by_hand():
    # x = [[1, 2], [3, 4]], window 1, kernel [[1, 0, 2], [10, 1, 0]]: (1 + 20, 2, 2) and (3 + 40, 4, 6), plus (0, 100, 0).
    x, kernel = jnp.array([[1.0, 2.0], [3.0, 4.0]]), jnp.array([[[1.0, 0.0, 2.0], [10.0, 1.0, 0.0]]])
    agree(conv(x, kernel, jnp.array([0.0, 100.0, 0.0])), jnp.array([[21.0, 102.0, 2.0], [43.0, 104.0, 6.0]]), "float32")


def test_the_transpose_by_hand():
    # Each input lays input · (1, 10, 100) at 2·o: (1, 10, 100, 0, 0) + (0, 0, 2, 20, 200); the kernel is not flipped here either.
    agree(conv_transpose(line(1, 2), taps(1, 10, 100), stride=2), line(1, 10, 102, 20, 200), "float32")
    # Cut by padding (1, 2), then longer by one.
    agree(conv_transpose(line(1, 2), taps(1, 10, 100), stride=2, padding=((1, 2),)), line(10, 102), "float32")
    agree(conv_transpose(line(1, 2), taps(1, 10, 100), stride=2, padding=((1, 2),), output_padding=1), line(10, 102, 20), "float32")


def test_what_no_window_reaches_is_the_bias():
    # Stride 3 with a window of 2 leaves every third cell empty, and output_padding adds two more behind.
    y = conv_transpose(line(1, 2), taps(1, 10), jnp.array([0.5]), stride=3, output_padding=2)
    agree(y, line(1.5, 10.5, 0.5, 2.5, 20.5, 0.5, 0.5), "float32")


def test_all_of_the_result_may_be_output_padding():
    # One input, two taps 4 apart: cells 0 and 4 of 5, and 3 more behind. Padding (6, 1) leaves only the seventh.
    agree(conv_transpose(line(7), taps(1, 10), dilation=4, output_padding=3, padding=((6, 1),)), line(0), "float32")
    agree(conv_transpose(line(7), taps(1, 10), dilation=4, output_padding=3, padding=((4, 1),)), line(70, 0, 0), "float32")


def test_padding_over_the_window():
    # Three zeros before with a window of one: the first three outputs see only padding.
    agree(conv(line(1, 2), taps(10), padding=((3, 1),)), line(0, 0, 0, 10, 20, 0), "float32")
    # Its adjoint drops the first three.
    agree(conv_transpose(line(5, 6, 7, 1, 2, 8), taps(10), padding=((3, 1),)), line(10, 20), "float32")


def test_an_even_windows_odd_cell():
    # Of x = (1, 2, 4) with kernel (1, 10), SAME pads one zero after: (1 + 20, 2 + 40, 4); SAME_LOWER before: (10, 1 + 20, 2 + 40).
    agree(conv(line(1, 2, 4), taps(1, 10), padding="SAME"), line(21, 42, 4), "float32")
    agree(conv(line(1, 2, 4), taps(1, 10), padding="SAME_LOWER"), line(10, 21, 42), "float32")


def test_same_with_a_stride_depends_on_the_size():
    # Window 3, stride 2. n = 6: 3 outputs need (3 − 1)·2 + 3 = 7 cells, so (0, 1); n = 5: 3 outputs need 7, so (1, 1).
    even, odd = line(1, 2, 3, 4, 5, 6), line(1, 2, 3, 4, 5)
    kernel = taps(1, 10, 100)
    agree(conv(even, kernel, stride=2, padding="SAME"), conv(even, kernel, stride=2, padding=((0, 1),)), "float32")
    agree(conv(even, kernel, stride=2, padding="SAME"), line(321, 543, 65), "float32")
    agree(conv(odd, kernel, stride=2, padding="SAME"), conv(odd, kernel, stride=2, padding=1), "float32")
    agree(conv(even, kernel, stride=2, padding="SAME_LOWER"), conv(even, kernel, stride=2, padding=((1, 0),)), "float32")
    # window // 2 on both sides gives as many outputs of other places.
    agree(conv(even, kernel, stride=2, padding=1), line(210, 432, 654), "float32")


def test_the_borders_by_hand():
    # With kernel (1) and padding (2, 1) the result is the padded input itself.
    def padded(mode):
        return conv(line(1, 2, 3), taps(1), padding=((2, 1),), padding_mode=mode)

    agree(padded("zeros"), line(0, 0, 1, 2, 3, 0), "float32")
    agree(padded("reflect"), line(3, 2, 1, 2, 3, 2), "float32")
    agree(padded("replicate"), line(1, 1, 1, 2, 3, 3), "float32")
    agree(padded("circular"), line(2, 3, 1, 2, 3, 1), "float32")
    # The widest that are allowed: n − 1 reflected, n wrapped, anything replicated.
    agree(conv(line(1, 2, 3), taps(1), padding=2, padding_mode="reflect"), line(3, 2, 1, 2, 3, 2, 1), "float32")
    agree(conv(line(1, 2), taps(1), padding=2, padding_mode="circular"), line(1, 2, 1, 2, 1, 2), "float32")
    agree(conv(line(4), taps(1), padding=2, padding_mode="replicate"), line(4, 4, 4, 4, 4), "float32")


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
def test_the_same_padding_of_a_border(mode):
    # An even window of 4 over n = 5 pads (1, 2) or (2, 1).
    x, kernel = draw(0, 2, 5, 3, dtype=np.float32), draw(1, 4, 3, 2, dtype=np.float32)
    for name, pair in (("SAME", (1, 2)), ("SAME_LOWER", (2, 1))):
        agree(conv(x, kernel, padding=name, padding_mode=mode), conv(x, kernel, padding=(pair,), padding_mode=mode), "float32")


def test_a_depthwise_channel_owns_its_outputs():
    # Two outputs for each channel: output c·2 + m is channel c times kernel[0, 0, c·2 + m].
    x, kernel = jnp.array([[1.0, 10.0]]), jnp.array([[[1.0, 2.0, 3.0, 4.0]]])
    agree(conv(x, kernel, groups=2), jnp.array([[1.0, 2.0, 30.0, 40.0]]), "float32")


def test_transposed_groups_by_hand():
    # Kernel (1, out // groups = 2, in = 2): channel i of x is all of group i, and gives outputs 2·i and 2·i + 1.
    x, kernel = jnp.array([[1.0, 10.0]]), jnp.array([[[1.0, 3.0], [2.0, 4.0]]])
    agree(conv_transpose(x, kernel, groups=2), jnp.array([[1.0, 2.0, 30.0, 40.0]]), "float32")


# Each way a grouped convolution is computed: by groups, by taps (matmuls, elementwise), and left to the backend.
@pytest.mark.parametrize(
    ("window", "groups", "fan_in", "multiplier"), [((3, 2), 2, 3, 2), ((1, 2), 5, 2, 3), ((3, 2), 4, 1, 1), ((2, 3), 3, 1, 2), ((12, 22), 33, 1, 1)]
)
def test_groups_are_the_blocks_of_a_kernel(window, groups, fan_in, multiplier):
    with jax.enable_x64(True):
        x, kernel = draw(0, 2, 13, 20, groups * fan_in), draw(1, *window, fan_in, groups * multiplier)
        whole = jnp.zeros((*window, groups * fan_in, groups * multiplier))
        for g in range(groups):
            run = slice(g * multiplier, (g + 1) * multiplier)
            whole = whole.at[..., g * fan_in : (g + 1) * fan_in, run].set(kernel[..., run])
        options = dict(stride=(2, 1), padding=((1, 2), (0, 3)))
        y = conv(x, kernel, groups=groups, **options)
        agree(y, conv(x, whole, **options))
        agree(conv_transpose(y, kernel, groups=groups, **options), conv_transpose(y, whole, **options))


def test_a_dilated_kernel_has_zeros_between_its_taps():
    with jax.enable_x64(True):
        x, kernel = draw(0, 2, 9, 8, 3), draw(1, 3, 2, 3, 4)
        wide = jnp.zeros((5, 4, 3, 4)).at[::2, ::3].set(kernel)
        agree(conv(x, kernel, dilation=(2, 3), stride=(1, 2), padding=2), conv(x, wide, stride=(1, 2), padding=2))
        y = draw(2, 2, 4, 3, 4)
        agree(conv_transpose(y, kernel, dilation=(2, 3), stride=(1, 2), padding=1), conv_transpose(y, wide, stride=(1, 2), padding=1))


@pytest.mark.parametrize(
    ("size", "window", "options", "expected"),
    [
        # (n − 1)·stride − 2·padding + dilation·(window − 1) + output_padding + 1
        (5, 3, dict(stride=2), 11),
        (5, 3, dict(stride=2, padding=1), 9),
        (5, 3, dict(stride=2, padding=1, output_padding=1), 10),
        (4, 4, dict(stride=2, padding=1), 8),
        (4, 2, dict(stride=1, dilation=3, output_padding=2), 9),
        (4, 3, dict(padding=((0, 3),)), 3),
        (5, 3, dict(stride=2, padding="VALID"), 11),
        (5, 3, dict(stride=2, padding="SAME"), 10),
        (5, 2, dict(stride=3, padding="SAME_LOWER"), 15),
        (5, 6, dict(padding="SAME"), 5),
    ],
)
def test_transposed_sizes(size, window, options, expected):
    ndims = (1,) if isinstance(options.get("padding"), tuple) else (1, 2, 3)
    for ndim in ndims:
        x, kernel = jnp.ones((2, *(size,) * ndim, 3)), jnp.ones((*(window,) * ndim, 4, 3))
        assert jax.eval_shape(lambda x, k: conv_transpose(x, k, **options), x, kernel).shape == (2, *(expected,) * ndim, 4)


def test_the_classic_sizes():
    # AlexNet's first layer: 227 with window 11 and stride 4 gives 55; ResNet's: 224, window 7, stride 2, padding 3 gives 112.
    def shape(size, window, **options):
        return jax.eval_shape(lambda x, k: conv(x, k, **options), jnp.ones((1, size, size, 3)), jnp.ones((window, window, 3, 8))).shape

    assert shape(227, 11, stride=4) == (1, 55, 55, 8)
    assert shape(224, 7, stride=2, padding=3) == (1, 112, 112, 8)
    assert shape(224, 7, stride=2, padding="SAME") == (1, 112, 112, 8)


@st.composite
def settings_of_a_pair(draw):
    """A convolution's settings and a size u whose convolution is to be transposed."""
    ndim = draw(st.sampled_from([1, 1, 2, 2, 3]))

    def each(low, high):
        return draw(st.one_of(st.integers(low, high), st.tuples(*[st.integers(low, high)] * ndim)))

    window = tuple(draw(st.integers(1, 4)) for _ in range(ndim))
    stride, dilation = each(1, 4), each(1, 3)
    padding = draw(
        st.one_of(st.sampled_from(["VALID", "SAME", "SAME_LOWER"]), st.integers(0, 3), st.tuples(*[st.tuples(st.integers(0, 5), st.integers(0, 5))] * ndim))
    )
    groups, fan_in, multiplier = draw(st.sampled_from([1, 1, 2, 3])), draw(st.integers(1, 2)), draw(st.integers(1, 2))
    size = tuple(draw(st.integers(1, 7)) for _ in range(ndim))
    batch = draw(st.sampled_from([(), (2,), (1, 2)]))
    return window, dict(stride=stride, dilation=dilation, padding=padding, groups=groups), (groups * fan_in, fan_in, groups * multiplier), size, batch


def entries(setting, ndim):
    return (setting,) * ndim if isinstance(setting, int) else setting


@pytest.mark.thorough
@settings(max_examples=60, deadline=None, database=None, derandomize=True)
@given(settings_of_a_pair())
def test_the_adjoint_identity(drawn):
    window, options, (channels, fan_in, out), size, batch = drawn
    ndim = len(window)
    stride, dilation = entries(options["stride"], ndim), entries(options["dilation"], ndim)
    padding = options["padding"]
    chosen = {}
    if padding in ("SAME", "SAME_LOWER"):
        # Its transpose gives n · stride, so u has to be of such a size.
        size = tuple(n * s for n, s in zip(size, stride, strict=True))
    else:
        pairs = ((0, 0),) * ndim if padding == "VALID" else tuple((p, p) if isinstance(p, int) else p for p in entries(padding, ndim))
        over = [n + sum(p) - (k - 1) * d - 1 for n, p, k, d in zip(size, pairs, window, dilation, strict=True)]
        assume(min(over) >= 0)
        # What the last window leaves over is the output_padding that gives this size back.
        chosen = dict(output_padding=tuple(o % s for o, s in zip(over, stride, strict=True)))
    with jax.enable_x64(True):
        u, kernel = draw(0, *batch, *size, channels), draw(1, *window, fan_in, out)

        @jax.jit
        def there_and_back(u, kernel):
            y, pull = jax.vjp(lambda u: conv(u, kernel, **options), u)
            x = jnp.cos(jnp.arange(1.0, y.size + 1)).reshape(y.shape)
            back = conv_transpose(x, kernel, **options, **chosen)
            return y, x, back, pull(x)[0]

        y, x, back, pulled = there_and_back(u, kernel)
        assert back.shape == u.shape
        agree(np.vdot(u, back), np.vdot(y, x))
        agree(back, pulled)


def test_output_padding_beyond_the_stride():
    # Stride 2, dilation 3, output_padding 2: two zeros more behind, as the transpose is still of the first n windows.
    with jax.enable_x64(True):
        x, kernel = draw(0, 4, 2), draw(1, 2, 3, 2)
        short, long = (conv_transpose(x, kernel, stride=2, dilation=3, output_padding=e) for e in (0, 2))
        agree(long, jnp.concatenate([short, jnp.zeros((2, 3))]))


def test_halves_accumulate_in_float32():
    # 3·3·512 = 4608 ones; a bfloat16 accumulator would stop at 256, a float16 one at 2048.
    for dtype in (jnp.bfloat16, jnp.float16):
        x, kernel = jnp.ones((3, 3, 512), dtype), jnp.ones((3, 3, 512, 1), dtype)
        assert conv(x, kernel).item() == 4608.0
        assert conv_transpose(jnp.ones((1, 4608), dtype), jnp.ones((1, 1, 4608), dtype)).item() == 4608.0
        # By taps: 600 cells of one channel.
        assert conv(jnp.ones((600, 2), dtype), jnp.ones((600, 1, 2), dtype), groups=2).tolist() == [[600.0, 600.0]]
        assert jax.grad(lambda k, x=x: conv(x, k).sum())(kernel).dtype == dtype
    # The bias joins before the rounding: 256 + 2 is 258, where 256 + 1 + 1 in bfloat16 would be 256.
    half = jnp.bfloat16
    assert conv(jnp.ones((1, 257), half), jnp.ones((1, 257, 1), half), jnp.ones(1, half)).item() == 258.0


def test_mixed_dtypes_promote():
    x, kernel, bias = jnp.ones((3, 2), jnp.bfloat16), jnp.ones((2, 2, 2), jnp.float32), jnp.ones(2, jnp.float16)
    for function in (conv, conv_transpose):
        with jax.numpy_dtype_promotion("standard"):
            assert function(x, kernel, bias).dtype == jnp.float32
            assert function(x, kernel.astype(jnp.float16)).dtype == jnp.float32
        assert function(x, kernel.astype(jnp.bfloat16)).dtype == jnp.bfloat16


@pytest.mark.parametrize("batch", [(0,), (2, 0), (0, 3)])
def test_empty_batches(batch):
    x, kernel, bias = jnp.zeros((*batch, 5, 4, 4)), jnp.ones((3, 2, 2, 4)), jnp.ones(4)
    for function, size in ((conv, (2, 3)), (conv_transpose, (11, 5))):
        y, pull = jax.vjp(functools.partial(function, stride=(2, 1), groups=2), x, kernel, bias)
        assert y.shape == (*batch, *size, 4)
        agree(pull(y), (x, jnp.zeros_like(kernel), jnp.zeros_like(bias)), "float32")
    assert conv(x, kernel, padding=1, padding_mode="reflect", groups=2).shape == (*batch, 5, 5, 4)


@pytest.mark.parametrize("batch", [(), (1,), (3,), (2, 3)])
def test_any_batch_is_the_examples_one_by_one(batch):
    with jax.enable_x64(True):
        x, kernel = draw(0, *batch, 5, 4, 2), draw(1, 3, 2, 2, 3)
        other = draw(2, 3, 2, 3, 2)
        for function, k in ((conv, kernel), (conv_transpose, other)):
            want = np.empty(batch, object)
            for n in itertools.product(*map(range, batch)):
                want[n] = np.asarray(function(x[n], k, stride=(1, 2), padding=1))
            agree(function(x, k, stride=(1, 2), padding=1), np.array(want.tolist()))


@pytest.mark.parametrize("groups", [1, 2])
def test_vmap_over_kernels(groups):
    with jax.enable_x64(True):
        x, kernels, biases = draw(0, 2, 5, 4, 4), draw(1, 3, 3, 2, 4 // groups, 6), draw(2, 3, 6)
        mapped = jax.vmap(lambda k, b: conv(x, k, b, stride=2, padding=1, groups=groups))(kernels, biases)
        agree(mapped, jnp.stack([conv(x, k, b, stride=2, padding=1, groups=groups) for k, b in zip(kernels, biases, strict=True)]))
        kernels, biases = draw(1, 3, 3, 2, 3, 4), draw(2, 3, 3 * groups)
        mapped = jax.vmap(lambda k, b: conv_transpose(x, k, b, stride=2, groups=groups))(kernels, biases)
        agree(mapped, jnp.stack([conv_transpose(x, k, b, stride=2, groups=groups) for k, b in zip(kernels, biases, strict=True)]))


@pytest.mark.parametrize("function", [conv, conv_transpose])
@pytest.mark.parametrize("groups", [1, 2])
def test_the_hessian(function, groups):
    # ½‖A k‖² is quadratic in k: its Hessian is AᵀA, with A the Jacobian.
    with jax.enable_x64(True):
        x, kernel = draw(0, 4, 3, 2), draw(1, 2, 2, 2 // groups, 2)

        def map_of(k):
            return function(x, k, stride=(2, 1), padding=1, groups=groups).ravel()

        jacobian = jax.jit(jax.jacrev(map_of))(kernel).reshape(-1, kernel.size)

        def half(k):
            return jnp.square(map_of(k)).sum() / 2

        for way in (jax.hessian, lambda f: jax.jacfwd(jax.jacrev(f)), lambda f: jax.jacrev(jax.jacfwd(f)), lambda f: jax.jacrev(jax.jacrev(f))):
            agree(jax.jit(way(half))(kernel).reshape(kernel.size, kernel.size), jacobian.T @ jacobian)


def test_four_spatial_axes():
    # Nothing stops at three: a window of ones over ones counts its 2⁴ cells of 2 channels.
    x, kernel = jnp.ones((3, 4, 3, 2, 2)), jnp.ones((2, 2, 2, 2, 2, 1))
    agree(conv(x, kernel), jnp.full((2, 3, 2, 1, 1), 32.0), "float32")
    assert conv_transpose(x, kernel.swapaxes(-1, -2), stride=2).shape == (6, 8, 6, 4, 1)
