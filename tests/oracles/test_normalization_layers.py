"""Normalization by an example's own statistics against PyTorch: values and gradients."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import group_norm, instance_norm, layer_norm, rms_norm

from agree import agree

torch = pytest.importorskip("torch")
F = torch.nn.functional


def drawn(shape, parameters, offset=2.0):
    """x, as many parameters of one shape as asked for, and the cotangent."""
    rng = np.random.default_rng([*shape, len(parameters)])
    return [offset + rng.standard_normal(shape), *(rng.standard_normal(s) for s in parameters)], rng.standard_normal(shape)


def check(ours, theirs, arrays, cotangent, dtype):
    """Values and the gradients of all arrays, compiled, against PyTorch on the same numbers."""
    arrays, cotangent = [a.astype(dtype) for a in arrays], cotangent.astype(dtype)
    with jax.enable_x64(dtype == "float64"):
        y, pull = jax.vjp(jax.jit(ours), *map(jnp.asarray, arrays))
        gradients = pull(jnp.asarray(cotangent))
    tensors = [torch.tensor(a, requires_grad=True) for a in arrays]
    out = theirs(*tensors)
    out.backward(torch.tensor(cotangent))
    agree(y, out.detach().numpy(), dtype)
    agree(gradients, tuple(t.grad.numpy() for t in tensors), dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("shape", "axes", "affine", "eps"),
    [
        ((3, 5), 1, 0, 1e-5),
        ((3, 5), 1, 2, 1e-5),
        ((3, 5), 2, 1, 0.1),
        ((7,), 1, 2, 1e-3),
        ((2, 3, 64), 1, 2, 1e-5),
        ((4, 96), 1, 2, 1e-12),
        ((2, 3, 4, 5), 1, 2, 1e-5),
        ((2, 3, 4, 5), 2, 2, 1e-2),
        ((2, 3, 24, 2), 3, 2, 1e-5),
        ((2, 3, 24, 2), 4, 1, 1e-5),
        ((5, 127), 1, 2, 1e-5),
        ((3, 6), 1, 2, 1e-5),
    ],
)
def test_layer_norm(shape, axes, affine, eps, dtype):
    normalized, axis = shape[-axes:], tuple(range(-axes, 0))
    arrays, cotangent = drawn(shape, [normalized] * affine)
    check(
        lambda x, *rest: layer_norm(x, *rest, axis=axis if axes > 1 else -1, eps=eps),
        lambda x, *rest: F.layer_norm(x, normalized, *rest, eps=eps),
        arrays,
        cotangent,
        dtype,
    )


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("shape", "axes", "affine", "eps"),
    [
        ((3, 5), 1, 0, 1e-6),
        ((3, 5), 1, 1, 1e-5),
        ((3, 5), 2, 1, 0.1),
        ((7,), 1, 1, 1e-3),
        ((2, 3, 64), 1, 1, 1e-6),
        ((4, 96), 1, 0, 1e-12),
        ((2, 3, 4, 5), 1, 1, 1e-6),
        ((2, 3, 4, 5), 2, 1, 1e-2),
        ((2, 3, 24, 2), 3, 1, 1e-6),
        ((2, 3, 24, 2), 4, 0, 1.0),
    ],
)
def test_rms_norm(shape, axes, affine, eps, dtype):
    normalized, axis = shape[-axes:], tuple(range(-axes, 0))
    arrays, cotangent = drawn(shape, [normalized] * affine)
    check(lambda x, *rest: rms_norm(x, *rest, axis=axis, eps=eps), lambda x, *rest: F.rms_norm(x, normalized, *rest, eps=eps), arrays, cotangent, dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("shape", "groups", "affine", "eps"),
    [
        ((2, 12), 3, 2, 1e-5),
        ((2, 8), 1, 1, 1e-5),
        ((2, 5, 6), 2, 2, 1e-5),
        ((2, 40, 4), 2, 0, 0.1),
        ((3, 4, 5, 6), 1, 2, 1e-5),
        ((3, 4, 5, 6), 2, 2, 1e-3),
        ((3, 4, 5, 6), 3, 0, 1e-5),
        ((3, 4, 5, 6), 6, 2, 1e-5),
        ((2, 3, 24, 8), 4, 2, 1e-5),
        ((1, 2, 3, 4, 6), 3, 2, 1e-5),
        ((2, 2, 3, 16, 4), 2, 1, 1e-2),
    ],
)
def test_group_norm(shape, groups, affine, eps, dtype):
    arrays, cotangent = drawn(shape, [shape[-1:]] * affine)

    def theirs(x, *rest):
        return F.group_norm(x.movedim(-1, 1), groups, *rest, eps=eps).movedim(1, -1)

    check(lambda x, *rest: group_norm(x, groups, *rest, ndim=len(shape) - 2, eps=eps), theirs, arrays, cotangent, dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("shape", "affine", "eps"),
    [
        ((2, 5, 3), 0, 1e-5),
        ((2, 5, 3), 2, 1e-5),
        ((1, 48, 2), 2, 0.1),
        ((3, 4, 5, 6), 0, 1e-5),
        ((3, 4, 5, 6), 2, 1e-5),
        ((3, 4, 5, 1), 1, 1e-3),
        ((2, 3, 24, 2), 2, 1e-5),
        ((2, 7, 1, 3), 2, 1e-12),
        # two examples: of a single one in 3-D PyTorch 2.13 gives another gradient than the definition
        ((2, 2, 3, 4, 6), 2, 1e-5),
        ((2, 2, 3, 16, 4), 1, 1e-2),
    ],
)
def test_instance_norm(shape, affine, eps, dtype):
    arrays, cotangent = drawn(shape, [shape[-1:]] * affine)

    def theirs(x, *rest):
        return F.instance_norm(x.movedim(-1, 1).contiguous(), None, None, *rest, eps=eps).movedim(1, -1)

    check(lambda x, *rest: instance_norm(x, *rest, ndim=len(shape) - 2, eps=eps), theirs, arrays, cotangent, dtype)


@pytest.mark.parametrize("name", ["layer_norm", "rms_norm", "group_norm", "instance_norm"])
def test_second_derivatives(name):
    rng = np.random.default_rng(0)
    x, weights = rng.standard_normal((2, 3, 4)), rng.standard_normal((2, 3, 4))
    ours = {"layer_norm": layer_norm, "rms_norm": rms_norm, "group_norm": functools.partial(group_norm, groups=2, ndim=1)}
    theirs = {"layer_norm": lambda x: F.layer_norm(x, (4,)), "rms_norm": lambda x: F.rms_norm(x, (4,), eps=1e-6)}
    theirs["group_norm"] = lambda x: F.group_norm(x.movedim(-1, 1), 2).movedim(1, -1)
    ours["instance_norm"], theirs["instance_norm"] = functools.partial(instance_norm, ndim=1), lambda x: F.instance_norm(x.movedim(-1, 1)).movedim(1, -1)
    with jax.enable_x64(True):
        hessian = jax.jit(jax.hessian(lambda x: (jnp.asarray(weights) * ours[name](x) ** 2).sum()))(jnp.asarray(x))
    agree(hessian, torch.autograd.functional.hessian(lambda x: (torch.tensor(weights) * theirs[name](x) ** 2).sum(), torch.tensor(x)).numpy())
