"""The half that no part of the checker was tuned to."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from gradients._entries import Half, jvp_rule, spread, vjp_rule

half = Half()
right, wrong = half.right, half.wrong


# ------------------------------------------------------------------------------------------------ right, but awkward


@right("tiny scale")
def sine_of_tiny_inputs():
    return lambda x: jnp.sin(x * 1e20), (spread(7, seed=1) * 1e-20,)


@right("huge scale")
def log_of_huge_inputs():
    return lambda x: jnp.log(x), (jnp.asarray([1e30, 3e25, 2e35], jnp.float32),)


@right("inputs of many magnitudes")
def log_from_1e_minus_8_to_1e8():
    return lambda x: jnp.log(x).sum(), (jnp.asarray([1e-8, 3e-4, 1.0, 2e4, 1e8], jnp.float32),)


@right("half type")
def sine_in_half_precision():
    return lambda x: jnp.sin(x * 3), (spread(5, 4, dtype=jnp.float16),)


@right("half type")
def two_layers_in_bfloat16():
    def net(w, v, x):
        return (jnp.tanh(x @ w) @ v).sum()

    return net, (spread(4, 5, dtype=jnp.bfloat16), spread(5, 2, seed=1, dtype=jnp.bfloat16), spread(3, 4, seed=2, dtype=jnp.bfloat16))


@right("mixed precision")
def float32_weights_cast_to_bfloat16():
    x = spread(8, 6, seed=3, dtype=jnp.bfloat16)

    def loss(p):
        h = jax.nn.gelu(x @ p["w"].astype(jnp.bfloat16))
        return (h.astype(jnp.float32) @ p["v"]).mean()

    return loss, ({"w": spread(6, 5), "v": spread(5, seed=1)},)


@right("wide")
def twenty_thousand_inputs():
    return lambda x: jnp.tanh(x) ** 2, (spread(20000),)


@right("wide")
def one_input_to_many_outputs():
    t = jnp.linspace(0.0, 3.0, 4000)
    return lambda a, b: a * jnp.exp(-b * t), (jnp.float32(2.0), jnp.float32(0.7))


@right("kink nearby")
def relu_a_hair_from_zero():
    return lambda x: jax.nn.relu(x - 1.0), (jnp.asarray([1.00001, 0.99999, 2.0, -3.0], jnp.float32),)


@right("kink at the point")
def relu_at_zero_among_others():
    return lambda x: (jax.nn.relu(x) * jnp.asarray([1.0, 2.0, 3.0, 4.0])).sum(), (jnp.asarray([0.0, 1.5, -0.5, 0.0], jnp.float32),)


@right("kink at the point")
def max_of_equal_entries():
    return lambda x: jnp.max(x, axis=1), (jnp.asarray([[1.0, 1.0, 0.5], [0.2, 0.7, 0.1]], jnp.float32),)


@right("kink at the point")
def clip_at_its_bounds():
    return lambda x: jnp.clip(x, -1.0, 1.0) ** 3, (jnp.asarray([-1.0, 0.3, 1.0, 2.0], jnp.float32),)


@right("kink at the point")
def safe_norm_with_a_zero_row():
    def norm(x):
        square = jnp.sum(x * x, axis=1)
        empty = square == 0
        return jnp.where(empty, 0.0, jnp.sqrt(jnp.where(empty, 1.0, square)))

    return norm, (jnp.asarray([[0.0, 0.0], [3.0, 4.0]], jnp.float32),)


@right("solver")
def newton_root_by_custom_root():
    def root(a):
        def solve(f, start):
            return lax.fori_loop(0, 12, lambda _, x: x - f(x) / jax.grad(f)(x), start)

        return lax.custom_root(lambda x: x**3 + x - a, jnp.float32(1.0), solve, lambda g, y: y / g(jnp.float32(1.0)))

    return root, (jnp.float32(1.7),)


@right("solver")
def fixed_point_with_implicit_rule():
    def step(x, a):
        return jnp.tanh(0.4 * x + a)

    def solve(a):
        return lax.while_loop(lambda s: jnp.abs(s[0] - s[1]).max() > 1e-6, lambda s: (s[1], step(s[1], a)), (a + 1.0, step(a, a)))[1]

    def back(kept, c):
        x, a = kept
        _, pull = jax.vjp(step, x, a)
        total = lax.fori_loop(0, 60, lambda _, u: c + pull(u)[0], c)
        return (pull(total)[1],)

    return vjp_rule(solve, back, lambda a: ((x := solve(a)), (x, a))), (spread(3),)


@right("control flow")
def recurrent_net_by_scan():
    def run(w, xs):
        return lax.scan(lambda h, x: ((h2 := jnp.tanh(w @ h + x)), h2.sum()), jnp.zeros(4), xs)

    return run, (spread(4, 4), spread(6, 4, seed=1))


@right("control flow")
def branch_by_the_sign_of_the_sum():
    return lambda x: lax.cond(x.sum() > 0, lambda v: jnp.sin(v), lambda v: v**2, x), (spread(5),)


@right("collectives")
def batch_normalized_across_an_axis_name():
    def one(x):
        centred = x - lax.pmean(x, "batch")
        return centred * lax.rsqrt(lax.pmean(centred**2, "batch") + 1e-5)

    return jax.vmap(one, axis_name="batch"), (spread(6, 3),)


@right("complex")
def power_spectrum():
    return lambda z: (jnp.abs(jnp.fft.fft(z)) ** 2 * jnp.arange(1.0, 7.0)).sum(), (spread(6) + 1j * spread(6, seed=1),)


@right("complex")
def real_inputs_to_a_complex_output():
    return lambda r, phase: r * jnp.exp(1j * phase), (spread(3, low=0.5), spread(3, seed=1))


class Cell(NamedTuple):
    weight: jax.Array
    steps: int
    missing: None


@right("pytree")
def dropout_with_key_and_counters():
    def fn(key, cell, x):
        kept = jax.random.bernoulli(key, 0.6, x.shape)
        return {"out": jnp.where(kept, x / 0.6, 0.0) @ cell.weight, "steps": cell.steps + 1}

    return fn, (jax.random.key(3), Cell(spread(4, 2), 5, None), spread(3, 4, seed=2))


@right("conditioning")
def solve_with_a_hilbert_matrix():
    n = jnp.arange(6.0)
    return lambda a, b: jnp.linalg.solve(a, b), (1.0 / (n[:, None] + n[None, :] + 1.0), jnp.ones(6))


@right("conditioning")
def log_determinant_by_cholesky():
    def fn(a):
        return 2 * jnp.log(jnp.diag(jnp.linalg.cholesky(a @ a.T + 1e-3 * jnp.eye(5)))).sum()

    return fn, (spread(5, 5),)


@right("decomposition")
def eigenvalues_of_a_symmetrized_matrix():
    return lambda a: jnp.linalg.eigh(a + a.T)[0], (spread(4, 4),)


@right("callback")
def host_sine_with_a_rule():
    def host(x):
        return jax.pure_callback(lambda v: np.sin(np.asarray(v)), jax.ShapeDtypeStruct(x.shape, x.dtype), x, vmap_method="sequential")

    return jvp_rule(host, lambda p, t: jnp.cos(p[0]) * t[0]), (spread(4),)


@right("special values")
def masked_logsumexp():
    mask = jnp.asarray([True, False, True, True])
    return lambda x: jax.nn.logsumexp(jnp.where(mask, x, -jnp.inf)), (spread(4),)


@right("special values")
def product_with_a_zero():
    return lambda x: jnp.prod(x), (jnp.asarray([2.0, 0.0, -1.5, 0.5], jnp.float32),)


@right("python scalar")
def polynomial_of_a_python_float():
    return lambda x, n: x**n + 2 * x, (1.3, 3)


@right("steep")
def fast_oscillation():
    return lambda x: jnp.sin(300.0 * x), (spread(4),)


@right("cancellation")
def one_minus_cosine_over_square():
    return lambda x: (1 - jnp.cos(x)) / x**2, (jnp.asarray([0.01, 0.5, -0.02], jnp.float32),)


@right("flat")
def rounding_has_no_slope():
    return lambda x: jnp.round(x * 4), (spread(4),)


@right("small beside large")
def bias_of_one_beside_weights_of_a_million():
    return lambda w, b: (w * 1e6).sum() + (b**2).sum(), (spread(20), spread(3, seed=1))


@right("repeated indices")
def embedding_of_repeated_tokens():
    return lambda table, tokens: (table[tokens] ** 2).sum(axis=1), (spread(5, 3), jnp.asarray([0, 3, 3, 1]))


@right("second order", order=2)
def double_derivative_of_softplus():
    return lambda x: jax.nn.softplus(x).sum() ** 2, (spread(4),)


@right("wide", x64=True)
def wide_sum_of_many_scales():
    scales = jnp.asarray(10.0 ** np.linspace(-6, 2, 3000))
    return lambda x: (jnp.sin(x) * scales).sum(), (spread(3000, dtype=jnp.float64),)


# ------------------------------------------------------------------------------------------------ wrong


@wrong("factor 2")
def square_without_its_two():
    return vjp_rule(lambda x: x**2, lambda k, c: (k[0] * c,)), (spread(5),)


@wrong("sign")
def difference_with_two_pluses():
    return vjp_rule(lambda a, b: a - b, lambda k, c: (c, c)), (spread(4), spread(4, seed=1))


@wrong("stop_gradient")
def variance_with_a_frozen_mean():
    return lambda x: (x * lax.stop_gradient(x.mean())).sum() + (x**2).sum(), (spread(6),)


@wrong("transpose")
def square_matmul_with_transposed_weight():
    return vjp_rule(lambda w, x: w @ x, lambda k, c: (jnp.outer(k[1], c), k[0].T @ c)), (spread(4, 4), spread(4, seed=1))


@wrong("factor N")
def bias_gradient_by_mean_not_sum():
    return vjp_rule(lambda x, b: x + jnp.broadcast_to(b, x.shape), lambda k, c: (c, c.mean(0))), (spread(6, 3), spread(3, seed=1))


@wrong("relative 1e-4", x64=True)
def tanh_with_a_rounded_constant():
    return jvp_rule(jnp.tanh, lambda p, t: 1.0001 * (1 - jnp.tanh(p[0]) ** 2) * t[0]), (spread(6, dtype=jnp.float64),)


@wrong("one coordinate of many", x64=True)
def one_of_ten_thousand_off_by_1e_minus_4():
    factor = jnp.ones(10000).at[7321].set(1.0001)
    return vjp_rule(jnp.sin, lambda k, c: (jnp.cos(k[0]) * c * factor,)), (spread(10000, dtype=jnp.float64),)


@wrong("one coordinate of many")
def one_of_six_thousand_dropped():
    keep = jnp.ones(6000).at[17].set(0.0)
    return jvp_rule(lambda x: jnp.exp(x).sum(), lambda p, t: (jnp.exp(p[0]) * t[0] * keep).sum()), (spread(6000),)


@wrong("small beside large")
def wrong_temperature_beside_large_logits():
    f = vjp_rule(lambda x, t: (x * 1e5).sum() + t**2, lambda k, c: (jnp.full_like(k[0], 1e5) * c, 2.002 * k[1] * c))
    return f, (spread(50), jnp.float32(0.3))


@wrong("some sign only")
def leaky_slope_lost_below_zero():
    def value(x):
        return jnp.where(x > 0, x, 0.1 * x)

    return vjp_rule(value, lambda k, c: (jnp.where(k[0] > 0, c, 0.01 * c),)), (spread(5, low=0.2),)


@wrong("own dtype only")
def a_slip_in_the_float32_path():
    def back(k, c):
        return ((3.0 if k[0].dtype == jnp.float64 else 2.9) * k[0] ** 2 * c,)

    return vjp_rule(lambda x: x**3, back), (spread(5),)


@wrong("own dtype only")
def gradient_that_overflows_in_float32():
    def back(k, c):
        e = jnp.exp(k[0])
        return (c * e / (1 + e),)

    return vjp_rule(lambda x: jax.nn.softplus(x), back), (jnp.asarray([1.0, 95.0, -3.0], jnp.float32),)


@wrong("complex")
def complex_product_conjugated():
    f = vjp_rule(lambda a, b: a * b, lambda k, c: (c * jnp.conj(k[1]), c * jnp.conj(k[0])))
    return f, (spread(3) + 1j * spread(3, seed=1), spread(3, seed=2) + 1j * spread(3, seed=3))


@wrong("missing term")
def quotient_rule_without_denominator():
    return jvp_rule(lambda a, b: a / b, lambda p, t: t[0] / p[1] - p[0] * t[1] / p[1]), (spread(4), spread(4, seed=1, low=0.5))


@wrong("value of the rule")
def forward_rule_gives_another_value():
    f = vjp_rule(jnp.sinh, lambda k, c: (jnp.cosh(k[0]) * c,), lambda x: (jnp.cosh(x), (x,)))
    return f, (spread(4),)


@wrong("vmap")
def batching_rule_that_forgets_a_factor():
    @jax.custom_batching.custom_vmap
    def slope(x):
        return 2 * x

    @slope.def_vmap
    def _(size, batched, x):
        return x, batched[0]

    return vjp_rule(lambda x: (x**2).sum(), lambda k, c: (slope(k[0]) * c,)), (spread(3),)


@wrong("not deterministic")
def noise_from_numpy_while_tracing():
    rng = np.random.default_rng(0)
    return lambda x: x * jnp.float32(rng.normal()), (spread(4),)


@wrong("not deterministic")
def noise_from_the_host():
    rng = np.random.default_rng(0)

    def noisy(x):
        return x + 0.1 * jax.pure_callback(
            lambda v: np.float32(rng.normal(size=np.shape(v))), jax.ShapeDtypeStruct(x.shape, x.dtype), x, vmap_method="sequential"
        )

    return jvp_rule(noisy, lambda p, t: t[0]), (spread(4),)


@wrong("not finite")
def square_root_behind_where():
    return lambda x: jnp.where(x > 0, jnp.sqrt(x), 0.0), (jnp.asarray([4.0, 0.0, 1.0], jnp.float32) * 1.0,)


@wrong("missing term")
def layer_norm_without_the_mean_term():
    def value(x):
        d = x - x.mean(-1, keepdims=True)
        return d * lax.rsqrt((d**2).mean(-1, keepdims=True) + 1e-5)

    def back(k, c):
        x = k[0]
        d = x - x.mean(-1, keepdims=True)
        r = lax.rsqrt((d**2).mean(-1, keepdims=True) + 1e-5)
        return (r * (c - c.mean(-1, keepdims=True)),)

    return vjp_rule(value, back), (spread(3, 8),)


@wrong("factor N")
def cross_entropy_without_the_mean():
    def value(x):
        return -jax.nn.log_softmax(x)[jnp.arange(4), jnp.asarray([0, 2, 1, 2])].mean()

    def back(k, c):
        return ((jax.nn.softmax(k[0]) - jax.nn.one_hot(jnp.asarray([0, 2, 1, 2]), 3)) * c,)

    return vjp_rule(value, back), (spread(4, 3),)


@wrong("stop_gradient")
def recurrence_cut_between_steps():
    def run(w, xs):
        return lax.scan(lambda h, x: ((h2 := jnp.tanh(w * lax.stop_gradient(h) + x)), h2), jnp.zeros(3), xs)[1]

    return run, (spread(3), spread(4, 3, seed=1))


@wrong("epsilon forgotten")
def rsqrt_rule_without_epsilon():
    f = vjp_rule(lambda v: lax.rsqrt(v + 1e-3), lambda k, c: (-0.5 * k[0] ** -1.5 * c,))
    return f, (spread(5, low=0.3),)


@wrong("second order only", order=2)
def sine_with_a_frozen_slope():
    f = jvp_rule(jnp.sin, lambda p, t: jnp.cos(lax.stop_gradient(p[0])) * t[0])
    return lambda x: f(x).sum() ** 2, (spread(4),)


@wrong("zero")
def scale_lost_in_an_integer():
    return lambda x: (x.astype(jnp.int32) + 1).astype(jnp.float32) * 2 + lax.stop_gradient(x), (spread(4) + 0.01,)


@wrong("one output of many")
def one_output_of_a_thousand():
    factor = jnp.ones(1000).at[431].set(1.001)
    m = spread(1000, 8, seed=4)
    return vjp_rule(lambda x: m @ x, lambda k, c: (m.T @ (factor * c),)), (spread(8),)


@wrong("half type")
def tenth_missing_in_half_precision():
    return vjp_rule(lambda x: jnp.exp(x), lambda k, c: (0.8 * jnp.exp(k[0]) * c,)), (spread(6, dtype=jnp.float16),)


@wrong("tiny scale")
def factor_two_at_scale_1e_minus_15():
    return vjp_rule(lambda x: 1e-15 * jnp.sin(x), lambda k, c: (2e-15 * jnp.cos(k[0]) * c,)), (spread(5),)


@wrong("clip")
def clip_that_passes_all_gradients():
    return vjp_rule(lambda x: jnp.clip(x, -1.0, 1.0), lambda k, c: (c,)), (spread(8, low=-2.0, high=2.0),)


@wrong("straight through")
def straight_through_rounding():
    return lambda x: x**2 + lax.stop_gradient(jnp.round(x) - x), (spread(4, low=0.1),)


@wrong("transpose")
def linear_solve_without_the_transpose():
    def back(k, c):
        a, y = k
        u = jnp.linalg.solve(a, c)
        return -jnp.outer(u, y), u

    f = vjp_rule(jnp.linalg.solve, back, lambda a, b: ((y := jnp.linalg.solve(a, b)), (a, y)))
    return f, (spread(4, 4) + 3 * jnp.eye(4), spread(4, seed=1))


@wrong("right at this point only")
def kernel_transposed_at_a_symmetric_matrix():
    def value(a, x):
        return a @ x

    return vjp_rule(value, lambda k, c: (jnp.outer(c, k[1]), k[0] @ c)), (jnp.eye(4) * 2 + 1, spread(4))


@wrong("right at this point only")
def tanh_slope_one_at_zero_weights():
    return vjp_rule(jnp.tanh, lambda k, c: (c,)), (jnp.zeros(5),)


@wrong("repeated indices")
def embedding_set_instead_of_add():
    tokens = jnp.asarray([0, 3, 3, 1])
    f = vjp_rule(lambda table: table[tokens], lambda k, c: (jnp.zeros_like(k[0]).at[tokens].set(c),))
    return f, (spread(5, 3),)


@wrong("forward against reverse")
def adjoint_of_a_filter_not_flipped():
    kernel = jnp.asarray([1.0, 2.0, 4.0])
    f = vjp_rule(lambda x: jnp.convolve(x, kernel, mode="same"), lambda k, c: (jnp.convolve(c, kernel, mode="same"),))
    return f, (spread(9),)
