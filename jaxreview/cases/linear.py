"""Rows of the linear maps."""

import numpy as np

from jaxreview import linear
from jaxreview.cases._inputs import constant, integers, normal, uniform
from jaxreview.cases._rows import Bad, Bench, Case

# every line along axes 0 and 2 keeps something, and something is left out
_SOME = np.array([[[1, 0, 1], [0, 1, 1], [1, 1, 1], [1, 0, 0]], [[1, 1, 0], [1, 1, 1], [0, 1, 1], [0, 0, 1]]], bool)
# heads of one example: every query sees something, not everything
_SEEN = np.array([[[[1, 0, 1, 1, 0], [0, 1, 1, 0, 1], [1, 1, 1, 1, 1]]]], bool)

CASES = [
    Case(
        linear.dense, "with bias", normal("N I"), normal("I O"), normal("O"), dims=dict(N=4, I=3, O=5),
        differentiable=(0, 1, 2), largest=1e18, batched=(0,), bench=Bench(dict(N=512, I=64, O=32), real={0: "digits"}, core=True),
    ),
    Case(linear.dense, "no bias, two batch axes", normal("B N I"), normal("I O"), dims=dict(B=2, N=4, I=3, O=5), differentiable=(0, 1), batched=(0,)),
    Case(linear.dense, "one vector", normal("I"), normal("I O"), normal("O"), dims=dict(I=3, O=5), differentiable=(0, 1, 2), batched=(0,)),
    Case(
        linear.affine_columns, "4 units, 3 features, 5 samples", normal("O I"), normal("I M"), normal("O 1"), dims=dict(O=4, I=3, M=5),
        differentiable=(0, 1, 2), largest=1e18, bench=Bench(dict(O=32, I=30, M=512), real={1: "breast_cancer_columns"}, split={1: 1}, join=1, core=True),
    ),
    # the kernel is no free real: the product of three values of 1e18 is no float32
    Case(
        linear.bilinear, "with bias", normal("N I"), normal("N J"), uniform("I J O", -1, 1), normal("O"), dims=dict(N=4, I=3, J=2, O=5),
        differentiable=(0, 1, 2, 3), batched=(0, 1), bench=Bench(dict(N=64, I=64, J=10, O=4), real={0: "digits", 1: "digit_scores"}),
    ),
    Case(
        linear.bilinear, "one pair, no bias", normal("I"), normal("J"), uniform("I J O", -1, 1), dims=dict(I=3, J=4, O=2),
        differentiable=(0, 1, 2), batched=(0, 1),
    ),
    Case(
        linear.embedding, "labels", integers("N", 0, "V"), normal("V F"), dims=dict(N=6, V=5, F=3),
        differentiable=(1,), batched=(0,), bench=Bench(dict(N=1797, V=10, F=16), real={0: "digit_labels"}, core=True),
    ),
    Case(
        linear.one_hot, "labels", integers("N", 0, 10), dims=dict(N=6), options=dict(num_classes=10),
        batched=(0,), bench=Bench(dict(N=1797), real={0: "digit_labels"}),
    ),
    Case(
        linear.one_hot, "some of no class, classes before the last axis, integers", integers("B N", -2, 7), dims=dict(B=3, N=4),
        options=dict(num_classes=5, dtype="int32", axis=-2), batched=(0,),
    ),
    Case(
        linear.logsumexp, "the last axis", normal("N C"), dims=dict(N=4, C=5), options=dict(axis=-1),
        differentiable=(0,), batched=(0,), bench=Bench(dict(N=1797, C=10), real={0: "digit_scores"}),
    ),
    Case(
        linear.logsumexp, "weighted, signed, over two axes, some left out", normal("2 4 3"), options=dict(axis=(0, -1), keepdims=True, return_sign=True),
        arrays=dict(b=constant(np.linspace(-1.0, 0.7, 24).reshape(2, 4, 3)), where=constant(_SOME)), differentiable=(0, 1),
    ),
    # no free reals: the product of a query and a key of 1e38 is no float32
    Case(
        linear.dot_product_attention, "causal", *[uniform("B T N H", -2, 2)] * 3, dims=dict(B=2, T=4, N=2, H=3), options=dict(is_causal=True),
        differentiable=(0, 1, 2), bench=Bench(dict(B=16, T=16, N=2, H=8), split={0: 0, 1: 0, 2: 0}, core=True),
    ),
    Case(
        linear.dot_product_attention, "one example: two heads to a key, biased, masked, with residual",
        uniform("3 N H", -2, 2), uniform("5 K H", -2, 2), uniform("5 K H", -2, 2), dims=dict(N=4, K=2, H=3),
        options=dict(scale=0.7, implementation="xla", return_residual=True), arrays=dict(bias=uniform("1 N 3 5", -1, 1), mask=constant(_SEEN)),
        differentiable=(0, 1, 2, 3), batched=(0, 1, 2),
    ),
    Case(
        linear.dot_product_attention, "padded sequences, each query its neighbours", *[uniform("B T N H", -2, 2)] * 3, dims=dict(B=2, T=5, N=2, H=3),
        options=dict(local_window_size=(2, 1)), differentiable=(0, 1, 2),
        arrays=dict(query_seq_lengths=constant(np.array([5, 3], np.int32)), key_value_seq_lengths=constant(np.array([4, 5], np.int32))),
    ),
]  # fmt: skip

BAD = [
    Bad(linear.dense, "features do not fit", normal("4 3"), normal("5 2"), error=ValueError, match="needs 3 rows"),
    Bad(linear.dense, "kernel of rank 1", normal("4 3"), normal("3"), error=ValueError, match="rank 2"),
    Bad(linear.dense, "scalar x", normal(""), normal("3 2"), error=ValueError, match="at least rank 1"),
    Bad(linear.dense, "bias of one would broadcast", normal("4 3"), normal("3 2"), normal("1"), error=ValueError, match="bias has shape"),
    Bad(linear.dense, "bias as a row", normal("4 3"), normal("3 2"), normal("1 2"), error=ValueError, match="bias has shape"),
    Bad(linear.dense, "integer x", integers("4 3", 0, 9), normal("3 2"), error=TypeError, match="floating"),
    Bad(linear.dense, "a list", [[1.0, 2.0]], normal("2 2"), error=TypeError, match="array"),
    Bad(linear.affine_columns, "rank-1 x", normal("2 3"), normal("3"), normal("2 1"), error=ValueError, match="rank 2"),
    Bad(linear.affine_columns, "rank-1 bias", normal("2 3"), normal("3 4"), normal("2"), error=ValueError, match="column"),
    Bad(linear.affine_columns, "bias as a row", normal("2 3"), normal("3 2"), normal("1 2"), error=ValueError, match="bias has shape"),
    Bad(linear.affine_columns, "samples in rows", normal("2 3"), normal("4 3"), normal("2 1"), error=ValueError, match="needs 3 rows"),
    Bad(linear.affine_columns, "integer weights", integers("2 3", 0, 9), normal("3 4"), normal("2 1"), error=TypeError, match="floating"),
    Bad(linear.bilinear, "another batch", normal("4 3"), normal("5 2"), normal("3 2 6"), error=ValueError, match="x2 has shape (5, 2)"),
    Bad(linear.bilinear, "a batch of one would broadcast", normal("4 3"), normal("1 2"), normal("3 2 6"), error=ValueError, match="the batch of x1"),
    Bad(linear.bilinear, "PyTorch's kernel", normal("4 3"), normal("4 2"), normal("6 3 2"), error=ValueError, match="x2 has shape (4, 2)"),
    Bad(linear.bilinear, "features do not fit", normal("4 5"), normal("4 2"), normal("3 2 6"), error=ValueError, match="needs 3 features"),
    Bad(linear.bilinear, "kernel of rank 2", normal("4 3"), normal("4 2"), normal("3 2"), error=ValueError, match="rank 3"),
    Bad(linear.bilinear, "scalars", normal(""), normal(""), normal("1 1 6"), error=ValueError, match="at least rank 1"),
    Bad(linear.bilinear, "bias of one would broadcast", normal("4 3"), normal("4 2"), normal("3 2 6"), normal("1"), error=ValueError, match="bias has shape"),
    Bad(linear.bilinear, "integer x2", normal("4 3"), integers("4 2", 0, 9), normal("3 2 6"), error=TypeError, match="x2 has dtype"),
    Bad(linear.embedding, "real ids", normal("4"), normal("5 3"), error=TypeError, match="integer"),
    Bad(linear.embedding, "a mask for ids", constant([True, False]), normal("5 3"), error=TypeError, match="ids has dtype bool"),
    Bad(linear.embedding, "the table first", normal("5 3"), integers("4", 0, 5), error=TypeError, match="ids has dtype float32"),
    Bad(linear.embedding, "table of integers", integers("4", 0, 5), integers("5 3", 0, 9), error=TypeError, match="floating"),
    Bad(linear.embedding, "table of rank 1", integers("4", 0, 5), normal("5"), error=ValueError, match="rank 2"),
    Bad(linear.embedding, "no row", integers("4", 0, 5), normal("0 3"), error=ValueError, match="at least one row"),
    Bad(linear.embedding, "a list", [1, 2], normal("5 3"), error=TypeError, match="ids is a list"),
    Bad(linear.logsumexp, "axis out of range", normal("4 3"), options=dict(axis=2), error=ValueError, match="axis 2"),
    Bad(linear.logsumexp, "a list", [1.0, 2.0], error=TypeError, match="list"),
    Bad(linear.dot_product_attention, "other features", normal("2 4 1 3"), *[normal("2 4 1 5")] * 2, error=ValueError, match="features of query"),
    Bad(linear.dot_product_attention, "one example of keys", normal("2 4 1 3"), *[normal("4 1 3")] * 2, error=ValueError, match="the rank"),
    Bad(linear.dot_product_attention, "no heads", *[normal("2 4")] * 3, error=ValueError, match="rank 4"),
    Bad(linear.dot_product_attention, "heads do not divide", normal("2 4 3 5"), *[normal("2 4 2 5")] * 2, error=ValueError, match="a multiple of the heads"),
    Bad(linear.dot_product_attention, "values of other keys", *[normal("2 4 1 3")] * 2, normal("2 5 1 3"), error=ValueError, match="value has shape"),
    Bad(linear.dot_product_attention, "integer query", integers("2 4 1 3", 0, 9), *[normal("2 4 1 3")] * 2, error=TypeError, match="query has dtype"),
    Bad(linear.dot_product_attention, "real mask", *[normal("2 4 1 3")] * 3, arrays=dict(mask=normal("2 1 4 4")), error=TypeError, match="needs bool"),
    Bad(linear.dot_product_attention, "bias of other keys", *[normal("2 4 1 3")] * 3, arrays=dict(bias=normal("4 3")), error=ValueError, match="bias has"),
    Bad(
        linear.dot_product_attention, "one length for two", *[normal("2 4 1 3")] * 3, arrays=dict(query_seq_lengths=constant(np.array([3]))),
        error=ValueError, match="one for each example",
    ),
    Bad(
        linear.dot_product_attention, "real lengths", *[normal("2 4 1 3")] * 3, arrays=dict(key_value_seq_lengths=constant([3.0, 4.0])),
        error=TypeError, match="integer",
    ),
    Bad(linear.dot_product_attention, "negative window", *[normal("2 4 1 3")] * 3, options=dict(local_window_size=-1), error=ValueError, match="at least 0"),
    Bad(linear.dot_product_attention, "another backend", *[normal("2 4 1 3")] * 3, options=dict(implementation="triton"), error=ValueError, match="one of"),
    Bad(linear.dot_product_attention, "causal: 1", *[normal("2 4 1 3")] * 3, options=dict(is_causal=1), error=TypeError, match="True or False"),
    Bad(linear.dot_product_attention, "scale as an array", *[normal("2 4 1 3")] * 3, arrays=dict(scale=normal("")), error=TypeError, match="static Python"),
    Bad(linear.one_hot, "an axis too many", integers("4", 0, 3), options=dict(num_classes=3, axis=2), error=ValueError, match="axis 2"),
]


NO_LOOP: dict[str, str] = {}
