"""The gradient checker: what it must accept, what it must catch, and what it leaves alone."""

import inspect
import threading
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview.gradcheck import EVERY_COORDINATE, GradientError, check_gradients, numerical_gradient


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
    with pytest.raises(GradientError, match=r"arg\[0\] +\[1, 2\]"):
        report.raise_if_wrong()


def test_the_allowance_does_not_grow_with_the_array():
    for size in (8, EVERY_COORDINATE, 50 * EVERY_COORDINATE):
        x = jnp.linspace(0.5, 1.5, size)
        good, bad = check_gradients(jnp.sin, x), check_gradients(faulty(np.full(size, 1 + 1e-4)), x)
        assert good.ok
        assert not bad.ok
        forward = good.checks[-1]
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
    assert [check.leaf for check in report.checks] == ["arg[0].scale", "arg[1]['x']", "output['y']"]


def test_argnums_choose():
    report = check_gradients(lambda a, b: faulty(2.0)(a) * b, jnp.ones(2), jnp.ones(2), argnums=1)
    assert report.ok
    assert {check.leaf for check in report.checks} == {"arg[1]", "output"}


def test_second_order_modes():
    report = check_gradients(lambda x: x**3, jnp.array([0.5, -1.0]), order=2)
    assert {check.mode for check in report.checks} == {"reverse", "forward", "forward over reverse", "reverse over reverse", "reverse over forward"}
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
    # Computed in float32 the quotient carries noise of some 1e-7/1e-3; right gradients pass, gross errors do not.
    assert check_gradients(lambda x: jnp.sin(x.astype(jnp.float32)), jnp.array([0.5, 1.0])).ok
    assert not check_gradients(lambda x: faulty(1.5)(jnp.sin(x.astype(jnp.float32))), jnp.array([0.5, 1.0])).ok


def test_not_a_number_is_never_right():
    assert not check_gradients(lambda x: jnp.sqrt(jnp.abs(x)), jnp.array([0.0, 1.0])).ok


def test_nothing_to_check_is_refused():
    with pytest.raises(ValueError, match="nothing to differentiate"):
        check_gradients(lambda x: x, jnp.arange(3))
    with pytest.raises(ValueError, match="no real output"):
        check_gradients(lambda x: x.astype(jnp.int32), jnp.ones(3))
    with pytest.raises(TypeError, match="argument 1 has no real leaf"):
        check_gradients(lambda x, n: x * n, jnp.ones(3), 2, argnums=1)
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
    assert lines[0].split() == ["mode", "leaf", "worst", "at", "jax", "numerical", "error", "allowed"]
    assert len(lines) == 3
    assert lines[1].endswith("ok")
