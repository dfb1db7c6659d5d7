"""Rows of the losses of a real prediction."""

import math

import numpy as np

from jaxreview import losses
from jaxreview.cases._inputs import away, constant, integers, normal, uniform
from jaxreview.cases._rows import Bad, Bench, Case

CASES = [
    Case(
        losses.squared_error, "scores", normal("N K"), normal("N K"), dims=dict(N=4, K=5),
        differentiable=(0, 1), batched=(0, 1), bench=Bench(dict(N=256, K=640), real={0: "photographs"}, core=True),
    ),
    Case(losses.squared_error, "against zeros", normal("N K"), dims=dict(N=3, K=5), differentiable=(0,), batched=(0,)),
    Case(losses.squared_error, "one number", normal(""), normal(""), differentiable=(0, 1), batched=(0, 1)),
    Case(losses.squared_error, "three axes", normal("B N K"), normal("B N K"), dims=dict(B=2, N=3, K=5), differentiable=(0, 1), batched=(0, 1)),

    Case(
        losses.smooth_l1_loss, "far apart", normal("N K", mean=4.0, scale=0.1), uniform("N K", 1.5, 2.5), dims=dict(N=3, K=5),
        differentiable=(0, 1), batched=(0, 1), bench=Bench(dict(N=256, K=640), real={0: "photographs"}, core=True),
    ),
    Case(
        losses.smooth_l1_loss, "inside and outside of β = 1", constant([[0.3, -2.0, 1.4], [-0.6, 0.1, 5.0]]), constant([[0.1, 0.5, 0.2], [-0.1, 1.9, 4.5]]),
        differentiable=(0, 1), batched=(0, 1),
    ),
    Case(
        losses.smooth_l1_loss, "σ = 3", constant([0.3, -0.1, 0.05, -2.0]), constant([0.1, -0.05, 0.1, 0.5]), options=dict(beta=1 / 9),
        differentiable=(0, 1), batched=(0, 1),
    ),
    Case(
        losses.smooth_l1_loss, "β = 0 is L1", constant([[0.3, -0.1], [4.0, 0.7]]), constant([[0.1, 0.4], [-1.0, 0.2]]), options=dict(beta=0.0),
        differentiable=(0, 1), batched=(0, 1),
    ),
    Case(losses.smooth_l1_loss, "one number", constant(np.array(0.75)), constant(np.array(0.5)), options=dict(beta=2.0), differentiable=(0, 1), batched=(0, 1)),

    Case(
        losses.absolute_error, "far apart", normal("N K", mean=4.0, scale=0.1), uniform("N K", 1.5, 2.5), dims=dict(N=3, K=5),
        differentiable=(0, 1), batched=(0, 1), bench=Bench(dict(N=256, K=640), real={0: "photographs"}),
    ),

    Case(
        losses.l2_loss, "scores", normal("N K"), normal("N K"), dims=dict(N=4, K=5),
        differentiable=(0, 1), batched=(0, 1), bench=Bench(dict(N=256, K=640), real={0: "photographs"}),
    ),
    Case(losses.l2_loss, "against zeros", normal("N K"), dims=dict(N=3, K=5), differentiable=(0,), batched=(0,)),

    Case(
        losses.huber_loss, "far apart", normal("N K", mean=4.0, scale=0.1), uniform("N K", 1.5, 2.5), dims=dict(N=3, K=5),
        differentiable=(0, 1), batched=(0, 1), bench=Bench(dict(N=256, K=640), real={0: "photographs"}),
    ),
    Case(
        losses.huber_loss, "inside and outside of δ = 2, against zeros", away("N K", -2.0, 0.0, 2.0, scale=2.0), dims=dict(N=3, K=5),
        options=dict(delta=2.0), differentiable=(0,), batched=(0,),
    ),

    Case(
        losses.log_cosh, "scores", normal("N K"), normal("N K"), dims=dict(N=4, K=5),
        differentiable=(0, 1), batched=(0, 1), bench=Bench(dict(N=256, K=640), real={0: "photographs"}),
    ),
    Case(losses.log_cosh, "small, against zeros", normal("N K", scale=0.1), dims=dict(N=3, K=5), differentiable=(0,), batched=(0,)),
]  # fmt: skip

BAD = [
    Bad(losses.squared_error, "a column against a row", normal("4 1"), normal("4"), error=ValueError, match="nothing is broadcast"),
    Bad(losses.squared_error, "a scalar target", normal("4"), normal(""), error=ValueError, match="nothing is broadcast"),
    Bad(losses.squared_error, "integer predictions", integers("4", 0, 9), normal("4"), error=TypeError, match="predictions has dtype"),
    Bad(losses.squared_error, "integer targets", normal("4"), integers("4", 0, 9), error=TypeError, match="targets has dtype"),
    Bad(losses.squared_error, "a list", [1.0, 2.0], error=TypeError, match="array"),

    Bad(losses.smooth_l1_loss, "a column against a row", normal("4 1"), normal("4"), error=ValueError, match="nothing is broadcast"),
    Bad(losses.smooth_l1_loss, "integer targets", normal("4"), integers("4", 0, 9), error=TypeError, match="targets has dtype"),
    Bad(losses.smooth_l1_loss, "no targets", normal("4"), None, error=TypeError, match="targets is None"),
    Bad(losses.smooth_l1_loss, "negative beta", normal("4"), normal("4"), options=dict(beta=-1.0), error=ValueError, match="beta is -1"),
    Bad(losses.smooth_l1_loss, "beta not a number", normal("4"), normal("4"), options=dict(beta="1"), error=TypeError, match="static Python number"),
    Bad(losses.smooth_l1_loss, "beta NaN", normal("4"), normal("4"), options=dict(beta=math.nan), error=ValueError, match="beta is nan"),

    *(
        bad for loss in (losses.absolute_error, losses.l2_loss, losses.huber_loss, losses.log_cosh) for bad in (
            Bad(loss, "a column against a row", normal("4 1"), normal("4"), error=ValueError, match="nothing is broadcast"),
            Bad(loss, "a scalar target", normal("4"), normal(""), error=ValueError, match="nothing is broadcast"),
            Bad(loss, "integer predictions", integers("4", 0, 9), normal("4"), error=TypeError, match="predictions has dtype"),
            Bad(loss, "integer targets", normal("4"), integers("4", 0, 9), error=TypeError, match="targets has dtype"),
        )
    ),
    Bad(losses.absolute_error, "no targets", normal("4"), None, error=TypeError, match="targets is None"),
    Bad(losses.huber_loss, "δ = 0", normal("4"), normal("4"), options=dict(delta=0.0), error=ValueError, match="greater than 0"),
    Bad(losses.huber_loss, "δ not a number", normal("4"), normal("4"), options=dict(delta="1"), error=TypeError, match="static Python number"),
]  # fmt: skip
