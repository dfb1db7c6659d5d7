"""The gradient checker: what it must accept, what it must catch, and what it leaves alone."""

import inspect
import json
import threading
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview.gradcheck import EVERY_COORDINATE, GradientError, assert_gradients, check_gradients, numerical_gradient


def faulty(factor):
    """The identity with a derivative that is off by ``factor``, an array of the input's shape."""

    @jax.custom_jvp
    def f(x):
        return x

    f.defjvp(lambda primals, tangents: (primals[0], tangents[0] * jnp.asarray(factor, tangents[0].dtype)))
    return f


def test_right_gradients_pass():
    x = jnp.linspace(-2.0, 2.0, 12).reshape(3, 4)
    for fn in (jnp.sin, jnp.exp, lambda a: (a @ a.T).sum(), lambda a: jnp.linalg.norm(a, axis=1), lambda a: a * 1e-12, lambda a: a * 1e12):
        check_gradients(fn, x, order=2).raise_if_wrong()


def test_one_wrong_coordinate_is_named():
    factor = np.ones((3, 4))
    factor[1, 2] = 1.001
    report = check_gradients(faulty(factor), jnp.linspace(0.1, 1.0, 12).reshape(3, 4))
    assert not report.ok
    reverse = report.checks[0]
    assert (reverse.mode, reverse.leaf, reverse.coordinate, reverse.ok) == ("reverse", "arg[0]", (1, 2), False)
    assert reverse.ad == pytest.approx(1.001 * reverse.numerical)
    assert "this coordinate alone" in reverse.cause
    with pytest.raises(GradientError, match=r"arg\[0\] +\[1, 2\]"):
        report.raise_if_wrong()


def test_the_allowance_does_not_grow_with_the_array():
    for size in (8, EVERY_COORDINATE, 50 * EVERY_COORDINATE):
        x = jnp.linspace(0.5, 1.5, size)
        good, bad = check_gradients(jnp.sin, x), check_gradients(faulty(np.full(size, 1 + 1e-4)), x)
        assert good.ok
        assert not bad.ok
        forward = next(check for check in good.checks if check.mode == "forward")
        assert forward.allowed < 1e-5 * max(abs(forward.numerical), 1.0)


def test_a_wrong_small_leaf_beside_a_large_one_is_seen():
    # The sum of 3e6 is rounded at 1e-9; through a step of 1e-3 that leaves the small leaf's slope of 1 six digits.
    wrong = faulty(1.001)
    report = check_gradients(lambda big, small: (big * 1e6).sum() + wrong(small).sum(), jnp.ones(3), jnp.ones(2))
    assert [check.ok for check in report.checks if check.mode == "reverse"] == [True, False]


def test_pytrees_and_leaves_left_alone():
    class State(NamedTuple):
        scale: jax.Array
        steps: jax.Array
        nothing: None

    def fn(state, options, key):
        noise = jax.random.normal(key, (2,), jnp.float32).astype(options["x"].dtype)
        return {"y": state.scale * options["x"] + noise, "count": state.steps + 1}

    state = State(jnp.float32(2.0), jnp.int32(3), None)
    report = check_gradients(fn, state, {"x": jnp.array([1.0, 2.0])}, jax.random.key(0))
    assert report.ok
    compared = [check.leaf for check in report.checks if check.mode in ("reverse", "forward")]
    assert compared == ["arg[0].scale", "arg[1]['x']", "output['y']"]


def test_argnums_choose():
    report = check_gradients(lambda a, b: faulty(2.0)(a) * b, jnp.ones(2), jnp.ones(2), argnums=1)
    assert report.ok
    assert {check.leaf for check in report.checks if check.mode == "reverse"} == {"arg[1]"}


def test_second_order_modes():
    report = check_gradients(lambda x: x**3, jnp.array([0.5, -1.0]), order=2)
    assert {check.mode for check in report.checks} >= {"reverse", "forward", "forward over reverse", "reverse over reverse", "reverse over forward"}
    assert report.ok


@pytest.mark.parametrize("x64", [False, True])
def test_float64_inside_whatever_the_caller_has(x64):
    with jax.enable_x64(x64):
        report = check_gradients(lambda x: jnp.sin(x) * 1e3, jnp.array([0.7], jnp.float32))
        assert report.ok
        assert report.checks[0].error < 1e-6 * abs(report.checks[0].numerical)
        assert jnp.ones(1).dtype == (jnp.float64 if x64 else jnp.float32)


def test_other_threads_keep_their_setting():
    seen = []

    def fn(x):
        thread = threading.Thread(target=lambda: seen.append(jnp.ones(1).dtype))
        thread.start()
        thread.join()
        return x * 2

    check_gradients(fn, jnp.ones(2))
    assert set(seen) == {jnp.dtype("float32")}


def test_a_function_that_computes_in_less_is_judged_by_its_own_noise():
    # A callback computes in float32 whatever is around it: right gradients pass, gross errors do not, and the report says so.
    @jax.custom_jvp
    def host(x):
        return jax.pure_callback(lambda v: np.sin(np.asarray(v)), jax.ShapeDtypeStruct(x.shape, x.dtype), x, vmap_method="sequential")

    host.defjvp(lambda primals, tangents: (host(*primals), jnp.cos(primals[0]) * tangents[0]))
    report = check_gradients(host, jnp.array([0.5, 1.0]))
    assert report.ok
    assert any("pure_callback" in note for note in report.notes)
    assert not check_gradients(lambda x: faulty(1.5)(host(x)), jnp.array([0.5, 1.0])).ok


def test_not_a_number_is_never_right():
    assert not check_gradients(lambda x: jnp.sqrt(jnp.abs(x)), jnp.array([0.0, 1.0])).ok


def test_nothing_to_check_is_refused():
    with pytest.raises(ValueError, match="nothing to differentiate"):
        check_gradients(lambda x: x, jnp.arange(3))
    with pytest.raises(ValueError, match="no real output"):
        check_gradients(lambda x: x.astype(jnp.int32), jnp.ones(3))
    with pytest.raises(TypeError, match="argument 1 has no real leaf"):
        check_gradients(lambda x, n: x * n, jnp.ones(3), 2, argnums=1)
    with pytest.raises(ValueError, match="positions of the 1 arguments"):
        check_gradients(jnp.sin, jnp.ones(3), argnums=1)
    with pytest.raises(ValueError, match="directions is 0"):
        check_gradients(jnp.sin, jnp.ones(3), directions=0)
    with pytest.raises(TypeError, match="needs a function"):
        inspect.unwrap(check_gradients)(3, jnp.ones(3))
    with pytest.raises(ValueError, match="order is 3"):
        check_gradients(jnp.sin, jnp.ones(3), order=3)


def test_numerical_gradient():
    # d/dx Σ x³ = 3x²; the integer is left alone.
    gradient = numerical_gradient(lambda p, n: (p["x"] ** n).sum(), {"x": jnp.array([1.0, -2.0])}, 3)
    assert gradient[1] is None
    np.testing.assert_array_equal(np.round(gradient[0]["x"], 8), [3.0, 12.0])
    assert gradient[0]["x"].dtype == np.float64
    with pytest.raises(TypeError, match="one real number"):
        numerical_gradient(jnp.sin, jnp.ones(3))


def test_the_report_is_a_table():
    lines = str(check_gradients(jnp.sin, jnp.ones(2))).splitlines()
    assert lines[0].split() == ["mode", "leaf", "worst", "at", "jax", "numerical", "error", "allowed", "relative"]
    assert lines[1].startswith("reverse")
    assert lines[1].endswith("ok")


@pytest.mark.parametrize("method", ["forward", "central", "five_point", "extrapolated"])
def test_methods_reach_the_accuracy_of_their_order(method):
    # exp'(1) = e. The error at the best step is of order ε^(1/2), ε^(2/3), ε^(4/5), and less with extrapolation.
    reached = {"forward": 1 / 2, "central": 2 / 3, "five_point": 4 / 5, "extrapolated": 4 / 5}[method]
    with jax.enable_x64(True):
        got = numerical_gradient(lambda x: jnp.exp(x), np.float64(1.0), method=method)
    assert abs(got / np.e - 1) < 16 * np.finfo(np.float64).eps ** reached


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match="method"):
        numerical_gradient(lambda x: x.sum(), jnp.ones(2), method="secant")


def test_complex_gradients_follow_jax():
    # f = |z|² = x² + y²: ∂f/∂x − i ∂f/∂y = 2 conj(z), as jax.grad has it.
    def f(z):
        return jnp.abs(z) ** 2

    z = jnp.complex64(1.5 - 0.5j)
    np.testing.assert_array_equal(np.round(numerical_gradient(f, z), 6), np.round(np.asarray(jax.grad(f)(z)), 6))
    assert check_gradients(lambda z: z**3 * jnp.conj(z), z).ok


def with_rule(value, back):
    f = jax.custom_vjp(value)
    f.defvjp(lambda *args: (value(*args), args), back)
    return f


CAUSES = {
    "factor 2 too many": (with_rule(lambda x: x**2, lambda k, c: (4 * k[0] * c,)), (jnp.array([0.3, 0.7]),)),
    "factor 2 is missing": (with_rule(lambda x: x**2, lambda k, c: (k[0] * c,)), (jnp.array([0.3, 0.7]),)),
    "sign is reversed": (with_rule(jnp.cos, lambda k, c: (jnp.sin(k[0]) * c,)), (jnp.array([0.3, 0.7]),)),
    "stop_gradient": (lambda x, w: x * jax.lax.stop_gradient(w), (jnp.ones(2), jnp.array([0.3, 0.7]))),
    "7 times the derivative": (with_rule(lambda x: x.mean(), lambda k, c: (jnp.full(7, c),)), (jnp.arange(1.0, 8.0),)),
    "transposed": (with_rule(lambda x: x**2, lambda k, c: ((2 * k[0] * c).T,)), (jnp.arange(1.0, 10.0).reshape(3, 3),)),
    "reversed": (with_rule(lambda x: x**2, lambda k, c: ((2 * k[0] * c)[::-1],)), (jnp.arange(1.0, 6.0),)),
    "other sign": (with_rule(lambda x: jnp.where(x > 0, x, 0.1 * x), lambda k, c: (c,)), (jnp.array([0.3, 0.7, 1.1]),)),
    "only where the input is negative": (with_rule(lambda x: jnp.where(x > 0, x, 0.1 * x), lambda k, c: (c,)), (jnp.array([0.3, -0.7, 1.1, -2.0, -0.4]),)),
    "mean or a broadcast": (with_rule(lambda x: x**2, lambda k, c: (jnp.full(5, (2 * k[0] * c).mean()),)), (jnp.arange(1.0, 6.0),)),
    "same number everywhere": (lambda x: (x**2).sum() + x.mean() * jax.lax.stop_gradient(x.sum()), (jnp.arange(1.0, 6.0),)),
    "conjugate": (with_rule(lambda z: (z * jnp.conj(z)).real, lambda k, c: (2 * k[0] * c.astype(k[0].dtype),)), (jnp.array([1.0 + 2.0j]),)),
    "the rule fails": (with_rule(lambda x: x.sum(), lambda k, c: (c,)), (jnp.ones(3),)),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_the_cause_is_named(cause):
    fn, args = CAUSES[cause]
    report = check_gradients(fn, *args)
    assert not report.ok
    assert cause in str(report)


def forgetful():
    state = {"calls": 0}

    def fn(x):
        state["calls"] += 1
        return x * state["calls"]

    return fn


@pytest.mark.parametrize(
    ("verdict", "fn", "args"),
    [
        ("right", jnp.sin, (jnp.ones(3),)),
        ("wrong", faulty(2.0), (jnp.ones(3),)),
        ("kink", lambda x: jnp.abs(x), (jnp.array([0.0, 1.0]),)),
        ("kink", lambda x: jnp.floor(x) + x, (jnp.array([2.0, 1.5]),)),
        ("not deterministic", forgetful(), (jnp.ones(3),)),
        ("not finite", lambda x: jnp.sqrt((x**2).sum()), (jnp.zeros(3),)),
        ("not finite", lambda x: jnp.log(x - 1), (jnp.ones(3),)),
        ("vacuous", lambda x: jnp.round(x), (jnp.array([0.3, 1.2]),)),
        ("too noisy", lambda big, small: (big * 1e20).sum() + small.sum(), (jnp.ones(3), jnp.ones(2))),
    ],
)
def test_every_verdict(verdict, fn, args):
    report = check_gradients(fn, *args)
    assert report.verdict == verdict
    assert report.ok == (verdict in ("right", "kink", "vacuous", "too noisy"))
    if verdict in ("right", "kink"):
        assert_gradients(fn, *args)
    else:
        with pytest.raises(GradientError, match=verdict):
            assert_gradients(fn, *args)


def test_a_kink_does_not_hide_a_wrong_rule():
    wrong = with_rule(lambda x: jnp.abs(x), lambda k, c: (0.9 * jnp.sign(k[0]) * c,))
    assert check_gradients(wrong, jnp.zeros(3)).verdict == "wrong"


def test_one_wrong_coordinate_of_ten_thousand_is_found():
    factor = np.ones(10_000)
    factor[6789] = 1.0001
    with jax.enable_x64(True):
        report = check_gradients(lambda x: faulty(factor)(jnp.sin(x)), jnp.linspace(0.1, 1.4, 10_000))
    reverse = report.checks[0]
    assert (reverse.verdict, reverse.coordinate) == ("wrong", (6789,))
    assert any("probability" in note for note in report.notes)


def test_a_rule_wrong_in_the_callers_own_precision_is_seen():
    # exp(95) overflows in float32: the rule is right in float64 and NaN as the program runs it.
    fn = with_rule(jax.nn.softplus, lambda k, c: (c * jnp.exp(k[0]) / (1 + jnp.exp(k[0])),))
    report = check_gradients(fn, jnp.array([1.0, 95.0], jnp.float32))
    assert [check.mode for check in report.checks if not check.ok] == ["own precision"]
    with jax.enable_x64(True):
        assert check_gradients(fn, jnp.array([1.0, 95.0], jnp.float64)).ok


def test_a_wrong_batching_rule_is_seen():
    @jax.custom_batching.custom_vmap
    def double(x):
        return 2 * x

    @double.def_vmap
    def _(size, batched, x):
        return 3 * x, batched[0]

    report = check_gradients(with_rule(lambda x: x**2, lambda k, c: (double(k[0]) * c,)), jnp.array([0.3, 0.7]))
    assert [check.mode for check in report.checks if not check.ok] == ["vmap"]


def test_a_rule_that_changes_the_value_is_seen():
    f = jax.custom_jvp(lambda x: x**2)
    f.defjvp(lambda primals, tangents: (2 * primals[0], 2 * primals[0] * tangents[0]))
    assert {check.mode for check in check_gradients(f, jnp.array([0.3, 0.7])).checks if not check.ok} >= {"value of reverse"}


def test_forward_and_reverse_against_each_other():
    @jax.custom_jvp
    def f(x):
        return x**2

    f.defjvp(lambda primals, tangents: (f(*primals), 2 * primals[0] * tangents[0]))
    adjoint = next(check for check in check_gradients(f, jnp.array([0.3, 0.7])).checks if check.mode == "adjoint")
    assert adjoint.verdict == "right"
    assert adjoint.allowed < 1e-9 * abs(adjoint.ad)


def test_modes_that_jax_does_not_have_are_noted():
    report = check_gradients(lambda x: jax.lax.while_loop(lambda v: v.sum() < 9, lambda v: v * 2, x), jnp.ones(3))
    assert report.ok
    assert {check.mode for check in report.checks} >= {"forward"}
    assert any(note.startswith("reverse: JAX has none") for note in report.notes)
    report = check_gradients(with_rule(jnp.sin, lambda k, c: (jnp.cos(k[0]) * c,)), jnp.ones(3))
    assert any(note.startswith("forward: JAX has none") for note in report.notes)


def test_the_report_as_plain_data():
    report = check_gradients(faulty(2.0), jnp.ones(3))
    data = json.loads(json.dumps(report.to_dict()))
    assert (data["ok"], data["verdict"]) == (False, "wrong")
    assert data["checks"][0]["relative"] == pytest.approx(1 / 3)  # ‖2g − g‖ / (‖2g‖ + ‖g‖)


def test_half_precision_of_the_caller_is_no_excuse():
    x = jnp.asarray([0.3, -0.7, 1.1], jnp.bfloat16)
    assert check_gradients(lambda x: jnp.sin(x * 3), x).ok
    assert not check_gradients(lambda x: faulty(1.1)(jnp.sin(x * 3)), x).ok
