"""Rows of the regularizations."""

import numpy as np

from jaxreview import regularization
from jaxreview.cases._inputs import Input, away, integers, key, normal
from jaxreview.cases._rows import Bad, Bench, Case


def _layer(kernel: Input, bias: Input) -> Input:
    """The parameters of a layer, with one that is not there."""
    return Input("a layer", lambda rng, dims: {"kernel": kernel.draw(rng, dims), "others": [bias.draw(rng, dims), None]})


CASES = [
    Case(
        regularization.dropout, "one sample", key(), normal("C"), dims=dict(C=20), options=dict(rate=0.25),
        differentiable=(1,), bench=Bench(dict(C=64), real={1: "digits"}, examples=256, core=True),
    ),
    Case(regularization.dropout, "samples", key(), normal("N C"), dims=dict(N=7, C=9), options=dict(rate=0.4), differentiable=(1,)),
    Case(
        regularization.dropout, "whole channels of images", key(), normal("B H W C"), dims=dict(B=2, H=3, W=4, C=5),
        options=dict(rate=0.5, broadcast_axes=(1, -2)), differentiable=(1,),
    ),
    Case(regularization.dropout, "switched off", key(), normal("C"), dims=dict(C=6), options=dict(rate=0.5, deterministic=True), differentiable=(1,)),
    Case(
        regularization.alpha_dropout, "one sample", key(), normal("C"), dims=dict(C=20), options=dict(rate=0.3),
        differentiable=(1,), bench=Bench(dict(C=64), real={1: "standardized_digits"}, examples=64),
    ),
    Case(
        regularization.alpha_dropout, "whole channels of signals", key(), normal("B L C"), dims=dict(B=2, L=3, C=5),
        options=dict(rate=0.6, broadcast_axes=(-2,)), differentiable=(1,),
    ),
    Case(regularization.alpha_dropout, "switched off", key(), normal("C"), dims=dict(C=6), options=dict(rate=0.5, deterministic=True), differentiable=(1,)),
    Case(
        regularization.drop_path, "samples", key(), normal("N C"), dims=dict(N=7, C=3), options=dict(rate=0.4),
        differentiable=(1,), bench=Bench(dict(N=32, C=64), real={1: "photographs"}, examples=16),
    ),
    Case(regularization.drop_path, "switched off", key(), normal("N"), dims=dict(N=6), options=dict(rate=0.5, deterministic=True), differentiable=(1,)),
    Case(
        regularization.drop_block, "one image", key(), normal("H W C"), dims=dict(H=5, W=4, C=2), options=dict(rate=0.4, block=2),
        differentiable=(1,), bench=Bench(dict(H=14, W=14, C=3), real={1: "photographs"}, examples=8),
    ),
    Case(
        regularization.drop_block, "flat blocks, volumes", key(), normal("B D H W C"), dims=dict(B=2, D=3, H=4, W=5, C=2),
        options=dict(rate=0.7, block=(1, 2, 3)), differentiable=(1,),
    ),
    Case(
        regularization.drop_block, "switched off", key(), normal("L C"), dims=dict(L=6, C=2), options=dict(rate=0.5, block=(3,), deterministic=True),
        differentiable=(1,),
    ),
    Case(
        regularization.l1_penalty, "one kernel", away("N C", 0.0), dims=dict(N=4, C=3),
        differentiable=(0,), bench=Bench(dict(N=1797, C=64), real={0: "standardized_digits"}),
    ),
    Case(regularization.l1_penalty, "a layer", _layer(away("N C", 0.0), away("C", 0.0)), dims=dict(N=2, C=3), differentiable=(0,)),
    Case(
        regularization.l2_penalty, "one kernel", normal("N C"), dims=dict(N=4, C=3),
        differentiable=(0,), bench=Bench(dict(N=1797, C=64), real={0: "standardized_digits"}),
    ),
    Case(regularization.l2_penalty, "a layer", _layer(normal("N C"), normal("C")), dims=dict(N=2, C=3), differentiable=(0,)),
]  # fmt: skip

_BLOCK = dict(rate=0.5, block=(2, 2))

BAD = [
    Bad(regularization.dropout, "rate above 1", key(), normal("4 3"), options=dict(rate=1.5), error=ValueError, match="in [0, 1]"),
    Bad(regularization.dropout, "negative rate", key(), normal("4 3"), options=dict(rate=-0.1), error=ValueError, match="in [0, 1]"),
    Bad(regularization.dropout, "rate NaN", key(), normal("4 3"), options=dict(rate=float("nan")), error=ValueError, match="rate is nan"),
    Bad(regularization.dropout, "rate as an array", key(), normal("4 3"), normal(""), error=TypeError, match="static Python number"),
    Bad(regularization.dropout, "rate True", key(), normal("4 3"), options=dict(rate=True), error=TypeError, match="static Python number"),
    Bad(regularization.dropout, "integer x", key(), integers("4 3", 0, 9), options=dict(rate=0.5), error=TypeError, match="floating"),
    Bad(regularization.dropout, "no key", None, normal("4 3"), options=dict(rate=0.5), error=TypeError, match="jax.random.key"),
    Bad(regularization.dropout, "no key at rate 0", None, normal("4 3"), options=dict(rate=0.0), error=TypeError, match="jax.random.key"),
    Bad(regularization.dropout, "raw words", np.array([0, 1], np.uint32), normal("4 3"), options=dict(rate=0.5), error=TypeError, match="jax.random.key"),
    Bad(regularization.dropout, "x before the key", normal("4 3"), key(), options=dict(rate=0.5), error=TypeError, match="floating"),
    Bad(regularization.dropout, "deterministic: yes", key(), normal("4 3"), options=dict(rate=0.5, deterministic="yes"), error=TypeError, match="True or"),
    Bad(regularization.dropout, "an axis twice", key(), normal("4 3"), options=dict(rate=0.5, broadcast_axes=(1, -1)), error=ValueError, match="at most once"),
    Bad(regularization.dropout, "an axis too many", key(), normal("4 3"), options=dict(rate=0.5, broadcast_axes=(2,)), error=ValueError, match="rank 2"),
    Bad(regularization.dropout, "half an axis", key(), normal("4 3"), options=dict(rate=0.5, broadcast_axes=(0.5,)), error=TypeError, match="needs an int"),
    Bad(regularization.dropout, "an axis alone", key(), normal("4 3"), options=dict(rate=0.5, broadcast_axes=0), error=TypeError, match="tuple of ints"),
    Bad(regularization.alpha_dropout, "rate above 1", key(), normal("4 3"), options=dict(rate=1.5), error=ValueError, match="in [0, 1]"),
    Bad(regularization.alpha_dropout, "no key", None, normal("4 3"), options=dict(rate=0.5), error=TypeError, match="jax.random.key"),
    Bad(regularization.alpha_dropout, "integer x", key(), integers("4 3", 0, 9), options=dict(rate=0.5), error=TypeError, match="floating"),
    Bad(regularization.alpha_dropout, "an axis too many", key(), normal("4"), options=dict(rate=0.5, broadcast_axes=(1,)), error=ValueError, match="rank 1"),
    Bad(regularization.drop_path, "a scalar", key(), normal(""), options=dict(rate=0.5), error=ValueError, match="at least rank 1"),
    Bad(regularization.drop_path, "negative rate", key(), normal("4 3"), options=dict(rate=-0.5), error=ValueError, match="in [0, 1]"),
    Bad(regularization.drop_path, "no key", None, normal("4 3"), options=dict(rate=0.5), error=TypeError, match="jax.random.key"),
    Bad(regularization.drop_path, "integer x", key(), integers("4 3", 0, 9), options=dict(rate=0.5), error=TypeError, match="floating"),
    Bad(regularization.drop_block, "a block too large", key(), normal("4 1 3"), options=_BLOCK, error=ValueError, match="spatial axis 1"),
    Bad(regularization.drop_block, "an axis too few", key(), normal("4 3"), options=_BLOCK, error=ValueError, match="at least rank 3"),
    Bad(regularization.drop_block, "no axes", key(), normal("4 3"), options=dict(rate=0.5, block=()), error=ValueError, match="one int per spatial axis"),
    Bad(regularization.drop_block, "no cells", key(), normal("4 4 3"), options=dict(rate=0.5, block=(2, 0)), error=ValueError, match="at least 1"),
    Bad(regularization.drop_block, "half a cell", key(), normal("4 4 3"), options=dict(rate=0.5, block=1.5), error=TypeError, match="needs an int"),
    Bad(regularization.drop_block, "no key", None, normal("4 4 3"), options=_BLOCK, error=TypeError, match="jax.random.key"),
    Bad(regularization.drop_block, "rate as an array", key(), normal("4 4 3"), normal(""), options=dict(block=2), error=TypeError, match="static Python"),
    Bad(regularization.drop_block, "integer x", key(), integers("4 4 3", 0, 9), options=_BLOCK, error=TypeError, match="floating"),
    Bad(regularization.l1_penalty, "integers", integers("4 3", 0, 9), error=TypeError, match="floating"),
    Bad(regularization.l1_penalty, "a string among them", {"kernel": "w"}, error=TypeError, match="params['kernel'] is a str"),
    Bad(regularization.l2_penalty, "integers", integers("4 3", 0, 9), error=TypeError, match="floating"),
    Bad(regularization.l2_penalty, "a string among them", {"kernel": "w"}, error=TypeError, match="params['kernel'] is a str"),
]


NO_LOOP: dict[str, str] = {}
