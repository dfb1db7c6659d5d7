"""The half that the checker may be tuned to."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jax import lax

from gradients._entries import Half, jvp_rule, spread, vjp_rule

half = Half()
right, wrong = half.right, half.wrong


# ------------------------------------------------------------------------------------------------ right, but awkward


@right("tiny scale")
def square_at_1e_minus_12():
    return lambda x: x**2, (spread(5) * 1e-12,)


@right("huge scale")
def linear_map_at_1e25():
    return lambda x, w: x @ w, (spread(3, 4) * 1e25, spread(4, 2, seed=1))


@right("inputs of many magnitudes")
def reciprocal_from_1e_minus_6_to_1e6():
    return lambda x: 1.0 / x, (jnp.asarray([1e-6, 1e-2, 3.0, 1e6], jnp.float32),)


@right("half type")
def softmax_in_bfloat16():
    return lambda x: jax.nn.softmax(x), (spread(3, 5, dtype=jnp.bfloat16),)


@right("half type")
def mean_square_in_float16():
    return lambda x, y: ((x - y) ** 2).mean(), (spread(40, dtype=jnp.float16), spread(40, seed=1, dtype=jnp.float16))


@right("mixed precision")
def attention_with_bfloat16_scores():
    def attend(q, k, v):
        scores = (q.astype(jnp.bfloat16) @ k.T.astype(jnp.bfloat16)).astype(jnp.float32)
        return jax.nn.softmax(scores / 2.0) @ v

    return attend, (spread(3, 4), spread(5, 4, seed=1), spread(5, 2, seed=2))


@right("wide")
def wide_quadratic():
    return lambda x: 0.5 * (x**2).sum(), (spread(50000),)


@right("wide")
def wide_relu_network():
    w = spread(300, 900, seed=5)
    return lambda x: jax.nn.relu(x @ w).sum(), (spread(300),)


@right("kink nearby")
def absolute_value_near_zero():
    return lambda x: jnp.abs(x), (jnp.asarray([1e-6, -1e-7, 1.0], jnp.float32),)


@right("kink at the point")
def absolute_value_at_zero():
    return lambda x: jnp.abs(x).sum(), (jnp.asarray([0.0, 1.0, -2.0], jnp.float32),)


@right("kink at the point")
def sorted_ties():
    return lambda x: jnp.sort(x) * jnp.asarray([1.0, 2.0, 3.0, 4.0]), (jnp.asarray([0.5, 2.0, 0.5, -1.0], jnp.float32),)


@right("kink at the point")
def maximum_of_two_equal_arrays():
    return lambda a, b: jnp.maximum(a, b), (jnp.asarray([1.0, 2.0, 3.0]), jnp.asarray([1.0, 0.5, 3.0]))


@right("kink at the point")
def floor_on_the_grid():
    return lambda x: x - jnp.floor(x), (jnp.asarray([1.0, 2.5, -3.0], jnp.float32),)


@right("kink at the point")
def linear_interpolation_at_a_node():
    return lambda x: jnp.interp(x, jnp.asarray([0.0, 1.0, 3.0]), jnp.asarray([0.0, 2.0, -1.0])), (jnp.asarray([0.5, 1.0, 2.0]),)


@right("solver")
def while_loop_square_root_forward_only():
    def root(a):
        return lax.while_loop(lambda x: jnp.abs(x * x - a) > 1e-6 * a, lambda x: 0.5 * (x + a / x), a)

    return root, (jnp.float32(7.0),)


@right("solver")
def conjugate_gradients():
    a = spread(5, 5, seed=4)
    a = a @ a.T + jnp.eye(5)
    return lambda b: jax.scipy.sparse.linalg.cg(lambda v: a @ v, b, tol=1e-10)[0], (spread(5),)


@right("control flow")
def checkpointed_scan():
    def run(w, x):
        step = jax.checkpoint(lambda h, _: (jnp.sin(w @ h), None))
        return lax.scan(step, x, None, length=5)[0]

    return run, (spread(3, 3), spread(3, seed=1))


@right("control flow")
def switch_by_an_integer():
    return lambda i, x: lax.switch(i, [jnp.sin, jnp.cos, jnp.tanh], x), (jnp.int32(1), spread(4))


@right("complex")
def holomorphic_polynomial():
    return lambda z: z**3 - 2j * z, (spread(4) + 1j * spread(4, seed=1),)


@right("complex")
def not_holomorphic():
    return lambda z: jnp.conj(z) * z.real + 1j * jnp.abs(z), (spread(4) + 1j * spread(4, seed=1),)


@jax.tree_util.register_dataclass
@dataclass
class Layer:
    weight: jax.Array
    active: jax.Array


@right("pytree")
def dataclass_and_none():
    def fn(layers, options):
        x = options["x"]
        for layer in layers:
            if layer is not None:
                x = jnp.where(layer.active, jnp.tanh(x @ layer.weight), x)
        return x, None

    return fn, ([Layer(spread(3, 3), jnp.bool_(True)), None, Layer(spread(3, 3, seed=1), jnp.bool_(False))], {"x": spread(2, 3, seed=2), "n": 4})


@right("closure")
def closed_over_arrays_and_rules():
    w = spread(4, 4)
    f = jvp_rule(lambda x: x @ w, lambda p, t: t[0] @ w)
    return lambda x: f(x) ** 2, (spread(2, 4, seed=1),)


@right("conditioning")
def inverse_of_a_near_singular_matrix():
    return lambda a: jnp.linalg.inv(a), (jnp.asarray([[1.0, 1.0], [1.0, 1.001]], jnp.float32),)


@right("decomposition")
def singular_values():
    return lambda a: jnp.linalg.svd(a, compute_uv=False), (spread(4, 3),)


@right("special functions")
def log_gamma_and_erf():
    return lambda x: lax.lgamma(x) + lax.erf(x), (spread(5, low=0.3, high=4.0),)


@right("special values")
def guarded_logarithm():
    def fn(x):
        return jnp.where(x > 0, jnp.log(jnp.where(x > 0, x, 1.0)), 0.0)

    return fn, (jnp.asarray([0.5, -1.0, 2.0], jnp.float32),)


@right("steep")
def steep_sigmoid():
    return lambda x: jax.nn.sigmoid(1e4 * x), (jnp.asarray([1e-4, -2e-4, 0.0], jnp.float32),)


@right("cancellation")
def difference_of_large_numbers():
    return lambda x: (1e6 + x) - 1e6 + x**2, (spread(4, dtype=jnp.float32),)


@right("flat")
def saturated_tanh():
    return lambda x: jnp.tanh(x), (jnp.asarray([40.0, -50.0, 60.0], jnp.float32),)


@right("small beside large")
def outputs_of_very_different_sizes():
    return lambda x: {"big": 1e12 * jnp.sin(x), "small": 1e-12 * jnp.cos(x)}, (spread(4),)


@right("empty")
def an_empty_leaf():
    return lambda a, b: a.sum() + jnp.sin(b), (jnp.zeros((0, 3)), spread(3))


@right("random draws")
def reparametrized_sample():
    return lambda key, mean, scale: mean + scale * jax.random.normal(key, (5,)), (jax.random.key(1), jnp.float32(0.3), jnp.float32(2.0))


@right("second order", order=2)
def rosenbrock():
    return lambda x: (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum(), (spread(4),)


@right("wide", x64=True)
def logsumexp_of_ten_thousand():
    return lambda x: jax.nn.logsumexp(x), (spread(10000, dtype=jnp.float64),)


@right("conditioning", x64=True)
def wilkinson_polynomial():
    roots = jnp.arange(1.0, 11.0)
    return lambda x: jnp.prod(x[:, None] - roots, axis=1), (jnp.asarray([1.3, 5.5, 9.2]),)


# ------------------------------------------------------------------------------------------------ wrong


@wrong("factor 2")
def sum_counted_twice():
    return jvp_rule(lambda a, b: a + b, lambda p, t: t[0] + 2 * t[1]), (spread(4), spread(4, seed=1))


@wrong("sign")
def cosine_with_a_plus():
    return vjp_rule(jnp.cos, lambda k, c: (jnp.sin(k[0]) * c,)), (spread(5),)


@wrong("stop_gradient")
def frozen_leaf():
    return lambda p: jnp.tanh(p["x"] @ lax.stop_gradient(p["w"])), ({"w": spread(3, 2), "x": spread(4, 3, seed=1)},)


@wrong("transpose")
def gradient_laid_out_sideways():
    return vjp_rule(lambda x: x**3, lambda k, c: (3 * (k[0] ** 2 * c).T,)), (spread(5, 5),)


@wrong("factor N")
def mean_rule_of_a_sum():
    return vjp_rule(lambda x: x.mean(), lambda k, c: (jnp.broadcast_to(c, k[0].shape),)), (spread(12),)


@wrong("relative 1e-4", x64=True)
def exponential_off_by_1e_minus_4():
    return vjp_rule(jnp.exp, lambda k, c: (0.9999 * jnp.exp(k[0]) * c,)), (spread(3, 4, dtype=jnp.float64),)


@wrong("relative 1e-4", x64=True)
def relative_1e_minus_4_at_scale_1e8():
    return vjp_rule(lambda x: x**2, lambda k, c: (2.0002 * k[0] * c,)), (1e8 * spread(6, dtype=jnp.float64),)


@wrong("one coordinate of many", x64=True)
def one_of_ten_thousand_in_a_dense_product():
    factor = jnp.ones(10000).at[4999].set(1.0001)
    return vjp_rule(lambda x: 0.5 * (x**2).sum(), lambda k, c: (k[0] * c * factor,)), (spread(10000, dtype=jnp.float64, low=0.2),)


@wrong("one coordinate of many")
def one_of_three_thousand_in_float32():
    factor = jnp.ones(3000).at[1234].set(1.01)
    return vjp_rule(jnp.tanh, lambda k, c: ((1 - jnp.tanh(k[0]) ** 2) * c * factor,)), (spread(3000),)


@wrong("small beside large")
def wrong_bias_beside_large_weights():
    f = vjp_rule(lambda w, b: (w**2).sum() + (b**3).sum(), lambda k, c: (2 * k[0] * c, 3.1 * k[1] ** 2 * c))
    return f, (1e2 * spread(100), 1e-1 * spread(2, seed=1))


@wrong("some sign only")
def elu_wrong_below_zero():
    return vjp_rule(lambda x: jax.nn.elu(x), lambda k, c: (jnp.where(k[0] > 0, c, jnp.exp(k[0]) * 1.5 * c),)), (spread(6, low=0.1),)


@wrong("own dtype only")
def rule_that_branches_on_bfloat16():
    def push(p, t):
        return jnp.cos(p[0]) * t[0] * (0.5 if p[0].dtype == jnp.bfloat16 else 1.0)

    return jvp_rule(jnp.sin, push), (spread(6, dtype=jnp.bfloat16),)


@wrong("own dtype only")
def square_that_underflows_in_float32():
    f = vjp_rule(lambda x: x, lambda k, c: (k[0] ** 2 / k[0] ** 2 * c,))
    return f, (jnp.asarray([1e-25, 1.0, 2.0], jnp.float32),)


@wrong("complex")
def absolute_square_without_conjugate():
    return vjp_rule(lambda z: (z * jnp.conj(z)).real, lambda k, c: (2 * k[0] * c.astype(k[0].dtype),)), (spread(4) + 1j * spread(4, seed=1),)


@wrong("complex")
def imaginary_part_dropped():
    return vjp_rule(lambda z: z**2, lambda k, c: ((2 * k[0] * c).real.astype(k[0].dtype),)), (spread(4) + 1j * spread(4, seed=1),)


@wrong("missing term")
def product_rule_with_one_term():
    return jvp_rule(lambda a, b: a * b, lambda p, t: t[0] * p[1]), (spread(4), spread(4, seed=1))


@wrong("missing term")
def softmax_rule_without_the_sum():
    def back(k, c):
        p = jax.nn.softmax(k[0])
        return (p * c,)

    return vjp_rule(lambda x: jax.nn.softmax(x), back), (spread(3, 4),)


@wrong("value of the rule")
def jvp_rule_gives_another_value():
    f = jax.custom_jvp(lambda x: x**2)
    f.defjvp(lambda primals, tangents: (2 * primals[0], 2 * primals[0] * tangents[0]))
    return f, (spread(4),)


@wrong("vmap")
def batched_gradient_reversed():
    @jax.custom_batching.custom_vmap
    def double(x):
        return 2 * x

    @double.def_vmap
    def _(size, batched, x):
        return 2 * x[::-1], batched[0]

    return vjp_rule(lambda x: x**2, lambda k, c: (double(k[0]) * c,)), (spread(3),)


@wrong("not deterministic")
def a_counter_outside():
    state = {"calls": 0}

    def fn(x):
        state["calls"] += 1
        return x * state["calls"]

    return fn, (spread(3),)


@wrong("not finite")
def norm_at_zero():
    return lambda x: jnp.sqrt((x**2).sum(1)), (jnp.asarray([[0.0, 0.0], [1.0, 2.0]], jnp.float32),)


@wrong("not finite")
def power_with_a_zero_base():
    return lambda x: x**0.5, (jnp.asarray([0.0, 1.0], jnp.float32),)


@wrong("crash")
def gradient_of_the_wrong_shape():
    return vjp_rule(lambda x: x.sum(0), lambda k, c: (c,)), (spread(4, 3),)


@wrong("missing term")
def batch_norm_with_constant_statistics():
    def fn(x):
        mean, var = lax.stop_gradient(x.mean(0)), lax.stop_gradient(x.var(0))
        return (x - mean) * lax.rsqrt(var + 1e-5)

    return fn, (spread(6, 3),)


@wrong("missing reduction")
def scale_gradient_of_the_first_row_only():
    f = vjp_rule(lambda x, s: x * jnp.broadcast_to(s, x.shape), lambda k, c: (c * jnp.broadcast_to(k[1], c.shape), (c * k[0])[0]))
    return f, (spread(5, 3), spread(3, seed=1))


@wrong("stop_gradient")
def loop_carry_cut():
    def step(i, h):
        return jnp.sin(lax.stop_gradient(h)) + h * 0.1

    return lambda x: lax.fori_loop(0, 3, step, x), (spread(4),)


@wrong("epsilon forgotten")
def normalization_without_its_epsilon():
    def push(p, t):
        (x,), (d,) = p, t
        r = jnp.sqrt((x**2).sum())
        return d / r - x * (x * d).sum() / r**3

    return jvp_rule(lambda x: x / jnp.sqrt((x**2).sum() + 0.01), push), (spread(6),)


@wrong("second order only", order=2)
def fourth_power_with_a_frozen_slope():
    f = jvp_rule(lambda x: x**4, lambda p, t: 4 * lax.stop_gradient(p[0]) ** 3 * t[0])
    return f, (spread(3),)


@wrong("zero")
def comparison_in_place_of_sigmoid():
    return lambda x: lax.stop_gradient(jax.nn.sigmoid(x)).sum() + 0.0 * x.sum(), (spread(5),)


@wrong("one output of many")
def last_output_of_a_filter():
    taps = jnp.ones(200).at[-1].set(0.999)
    return jvp_rule(lambda x: jnp.cumsum(x), lambda p, t: jnp.cumsum(t[0]) * taps), (spread(200),)


@wrong("half type")
def sigmoid_slope_in_bfloat16_doubled():
    f = vjp_rule(jax.nn.sigmoid, lambda k, c: (2 * jax.nn.sigmoid(k[0]) * (1 - jax.nn.sigmoid(k[0])) * c,))
    return f, (spread(4, dtype=jnp.bfloat16),)


@wrong("tiny scale")
def sign_at_scale_1e_minus_20():
    return vjp_rule(lambda x: 1e-20 * x**2, lambda k, c: (-2e-20 * k[0] * c,)), (spread(4),)


@wrong("clip")
def hinge_with_the_side_swapped():
    return vjp_rule(lambda x: jax.nn.relu(1 - x), lambda k, c: (jnp.where(k[0] > 1, -c, 0.0),)), (spread(6, low=0.2, high=1.8),)


@wrong("right at this point only")
def rule_that_forgets_a_product_at_zero():
    f = vjp_rule(lambda a, b: a * b + a, lambda k, c: (c, k[0] * c))
    return f, (spread(4), jnp.zeros(4))


@wrong("right at this point only")
def sorted_inputs_hide_the_permutation():
    return vjp_rule(lambda x: jnp.sort(x), lambda k, c: (c,)), (jnp.asarray([-1.0, -0.96, 0.7, 0.74, 2.0]),)


@wrong("transpose")
def triangular_part_of_the_wrong_side():
    return vjp_rule(lambda a: jnp.tril(a) ** 2, lambda k, c: (2 * jnp.triu(k[0]) * c,)), (spread(4, 4),)


@wrong("forward against reverse")
def cumulative_sum_not_reversed():
    return vjp_rule(lambda x: jnp.cumsum(x), lambda k, c: (jnp.cumsum(c),)), (spread(7),)


@wrong("some sign only")
def square_root_of_absolute_value():
    f = vjp_rule(lambda x: jnp.sqrt(jnp.abs(x) + 0.1), lambda k, c: (0.5 * c / jnp.sqrt(jnp.abs(k[0]) + 0.1),))
    return f, (spread(5, low=0.2),)
