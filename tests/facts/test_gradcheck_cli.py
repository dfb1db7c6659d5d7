"""`jaxreview check module:function`: what it prints, its exit codes, and how it refuses."""

import sys

import pytest
from typer.testing import CliRunner

from jaxreview.cli import commands

MODULE = """
import jax, jax.numpy as jnp

def loss(w, x):
    return jnp.tanh(x @ w).mean()

@jax.custom_vjp
def slipped(x):
    return x**2

slipped.defvjp(lambda x: (x**2, x), lambda x, c: (x * c,))

def example():
    return jnp.ones((3, 2)) / 7, jnp.ones((4, 3)) / 5

def one():
    return jnp.array([0.3, 0.7])

def broken():
    raise ValueError("no data")

number = 3
"""


@pytest.fixture
def mine(tmp_path, monkeypatch):
    (tmp_path / "mine_to_check.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("mine_to_check", None)


def call(*args):
    return CliRunner().invoke(commands.app, ["check", *args], catch_exceptions=False)


def test_a_right_function(mine):
    said = call("mine_to_check:loss", "--args", "mine_to_check:example", "--order", "2")
    assert said.exit_code == 0
    assert "forward over reverse" in said.stdout
    assert said.stdout.strip().endswith("mine_to_check:loss: right")


def test_a_wrong_one(mine):
    said = call("mine_to_check:slipped", "--args", "mine_to_check:one")
    assert said.exit_code == 1
    assert "half of the derivative: a factor 2 is missing" in said.stdout


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (["mine_to_check"], "needs MODULE:FUNCTION"),
        (["nowhere_at_all:f", "--args", "mine_to_check:one"], "no module nowhere_at_all"),
        (["mine_to_check:los", "--args", "mine_to_check:one"], "did you mean loss"),
        (["mine_to_check:number", "--args", "mine_to_check:one"], "needs a function"),
        (["mine_to_check:loss"], "--args mine_to_check:example"),
        (["mine_to_check:loss", "--args", "mine_to_check:broken"], "ValueError: no data"),
        (["mine_to_check:loss", "--args", "mine_to_check:one"], "TypeError"),
        (["mine_to_check:loss", "--only", "dense"], "not both"),
        (["--args", "mine_to_check:one"], "need a function"),
    ],
)
def test_refusals(mine, args, why):
    said = call(*args)
    assert said.exit_code == 2
    assert why in said.stderr
