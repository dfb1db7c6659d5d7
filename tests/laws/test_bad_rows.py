"""Every wrong call is refused, while tracing too, by a message that names the function, tells what came and what is needed."""

import inspect

import jax
import pytest

from jaxreview import linear
from jaxreview.cases import BAD, Bad
from jaxreview.cases._inputs import normal


def complaints(bad):
    # The annotations are checked in this suite (tests/conftest.py); a user has only the function's own checks.
    function = inspect.unwrap(bad.function)
    values, arrays = bad.values()
    found = []
    for traced in (False, True) if not bad.eager else (False,):
        given = [*values, *arrays.values()]
        moving = [i for i, value in enumerate(given) if isinstance(value, jax.Array)]

        def call(*leaves, given=given, moving=moving):
            filled = list(given)
            for i, leaf in zip(moving, leaves, strict=True):
                filled[i] = leaf
            return bad.call(function, tuple(filled[: len(values)]), dict(zip(arrays, filled[len(values) :], strict=True)))

        try:
            jax.eval_shape(call, *(given[i] for i in moving)) if traced else call(*(given[i] for i in moving))
        except bad.error as error:
            message = str(error)
            if bad.match not in message:
                found.append(f"the message does not say {bad.match!r}: {message}")
            if function.__module__.startswith("jaxreview") and not (message.startswith(f"{function.__name__}: ") and "need" in message):
                found.append(f"the message does not name the function and what it needs: {message}")
        except Exception as error:
            found.append(f"{type(error).__name__} instead of {bad.error.__name__}: {error}")
        else:
            found.append(f"accepted{' while tracing' if traced else ''}")
    return found


@pytest.mark.parametrize("bad", BAD, ids=str)
def test_a_wrong_call_is_refused(bad):
    assert not complaints(bad)


def test_planted_faults_are_caught():
    fine = Bad(linear.dense, "nothing wrong with it", normal("4 3"), normal("3 2"), error=ValueError, match="rows")
    assert complaints(fine) == ["accepted", "accepted while tracing"]
    other = Bad(linear.dense, "another error", normal("4 3"), normal("3 2"), normal("1"), error=TypeError, match="bias")
    assert "ValueError instead of TypeError" in complaints(other)[0]
    silent = Bad(lambda x: 1 / 0, "no message", normal("4 3"), error=ZeroDivisionError, match="kernel")
    assert "does not say" in complaints(silent)[0]
