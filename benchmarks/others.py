"""Normalizations, activations, losses, dropout and distances at the sizes of real networks, in each library: the rows of ``python benchmarks/peers.py other``.

The JAX peer of a row is what its user would reach for otherwise: jax.nn, optax or Flax; a function that is theirs, only re-exported, has none.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

import jaxreview as jr
from jaxreview import distances, losses

import libraries

__all__ = ["LAYERS", "LIBRARIES", "Layer", "arrays", "outputs", "program"]


@dataclass(frozen=True)
class Layer:
    """One row: `ours`, `peer` and `torch` do the same work on arrays of the shapes ``moving``, which are differentiated, and on what ``held`` draws.

    `peer` and `torch` are called without arguments and give the function, so that a library is imported only where it is used. PyTorch's arrays of more than
    two axes have their channels on axis 1 where ``first`` is set. ``drops`` marks a random row, whose outputs are compared by the values that occur.
    """

    network: str
    kind: str
    name: str
    moving: tuple[tuple[int, ...], ...]
    ours: Callable[..., Any]
    torch: Callable[[Any], Callable[..., Any]] | None
    peer: Callable[[], Callable[..., Any]] | None = None
    held: Callable[[np.random.Generator], tuple[Any, ...]] = lambda rng: ()
    first: bool = False
    drops: bool = False

    def __str__(self) -> str:
        return f"{self.network}: {self.name} {', '.join('×'.join(map(str, shape)) for shape in self.moving)}"


def _flax(name: str, **settings: Any) -> Callable[..., Any]:
    """A Flax layer as a function of x and its parameters scale and bias, as far as it has them."""
    module = getattr(importlib.import_module("flax.linen"), name)(**settings)

    def apply(x: Any, *parameters: Any) -> Any:
        return module.apply({"params": dict(zip(("scale", "bias"), parameters, strict=False))}, x)

    return apply


def _flax_batch_norm() -> Callable[..., Any]:
    module = importlib.import_module("flax.linen").BatchNorm(use_running_average=False, epsilon=1e-5)

    def apply(x: Any, scale: Any, bias: Any) -> Any:
        stats = {"mean": jnp.zeros(x.shape[-1]), "var": jnp.ones(x.shape[-1])}
        return module.apply({"params": {"scale": scale, "bias": bias}, "batch_stats": stats}, x, mutable=["batch_stats"])[0]

    return apply


def _batch_norm_train(x: Any, scale: Any, bias: Any) -> Any:
    return jr.batch_norm_train(x, jr.BatchStats(jnp.zeros(x.shape[-1], x.dtype), jnp.ones(x.shape[-1], x.dtype)), scale, bias)[0]


def _labels(count: int, classes: int) -> Callable[[np.random.Generator], tuple[Any, ...]]:
    return lambda rng: (rng.integers(classes, size=count).astype(np.int32),)


def _binary(*shape: int) -> Callable[[np.random.Generator], tuple[Any, ...]]:
    return lambda rng: (rng.integers(2, size=shape).astype(np.float32),)


def _normal(*shape: int) -> Callable[[np.random.Generator], tuple[Any, ...]]:
    return lambda rng: (rng.standard_normal(shape, np.float32),)


def _key(rng: np.random.Generator) -> tuple[Any, ...]:
    return (jax.random.key(int(rng.integers(2**31))),)


def _bernoulli(x: Any, key: Any) -> Any:
    return jnp.where(jax.random.bernoulli(key, 0.9, x.shape), x / 0.9, 0.0)


def _distances(x: Any, y: Any) -> Any:
    return jnp.sqrt(jnp.sum((x[:, None] - y[None]) ** 2, -1))


def _elementwise(network: str, name: str, torch: Callable[[Any], Callable[..., Any]], peer: Callable[[], Callable[..., Any]] | None = None) -> Layer:
    return Layer(network, "activation", name, ((2048, 3072),), getattr(jr, name), torch, peer)


_TOKENS, _IMAGES = (8, 197, 768), (8, 56, 56, 64)

LAYERS = (
    Layer(
        "ViT layer norm", "normalization", "layer_norm", (_TOKENS, (768,), (768,)), jr.layer_norm,
        lambda f: lambda x, s, b: f.layer_norm(x, (768,), s, b, 1e-5), lambda: _flax("LayerNorm", epsilon=1e-5),
    ),
    Layer(
        "LLaMA RMS norm", "normalization", "rms_norm", ((4, 256, 2048), (2048,)), jr.rms_norm,
        lambda f: lambda x, s: f.rms_norm(x, (2048,), s, 1e-6), lambda: _flax("RMSNorm", epsilon=1e-6),
    ),
    Layer(
        "ResNet batch norm", "normalization", "batch_norm_train", (_IMAGES, (64,), (64,)), _batch_norm_train,
        lambda f: lambda x, s, b: f.batch_norm(x, None, None, s, b, True), _flax_batch_norm, first=True,
    ),
    Layer(
        "MLP batch norm", "normalization", "batch_norm_train", ((1024, 512), (512,), (512,)), _batch_norm_train,
        lambda f: lambda x, s, b: f.batch_norm(x, None, None, s, b, True), _flax_batch_norm,
    ),
    Layer(
        "diffusion group norm", "normalization", "group_norm", ((4, 64, 64, 128), (128,), (128,)), lambda x, s, b: jr.group_norm(x, 32, s, b),
        lambda f: lambda x, s, b: f.group_norm(x, 32, s, b), lambda: _flax("GroupNorm", num_groups=32, epsilon=1e-5), first=True,
    ),
    Layer(
        "style instance norm", "normalization", "instance_norm", ((4, 64, 64, 64), (64,), (64,)), jr.instance_norm,
        lambda f: lambda x, s, b: f.instance_norm(x, weight=s, bias=b), lambda: _flax("InstanceNorm", epsilon=1e-5), first=True,
    ),
    Layer(
        "AlexNet response norm", "normalization", "local_response_norm", ((8, 27, 27, 96),), lambda x: jr.local_response_norm(x, 5),
        lambda f: lambda x: f.local_response_norm(x, 5), first=True,
    ),
    Layer("embedding normalize", "normalization", "lp_normalize", ((4096, 512),), jr.lp_normalize, lambda f: lambda x: f.normalize(x, dim=-1)),
    Layer("attention softmax", "softmax", "softmax", ((8, 12, 197, 197),), jr.softmax, lambda f: lambda x: f.softmax(x, -1)),
    Layer("ImageNet log-softmax", "softmax", "log_softmax", ((1024, 1000),), jr.log_softmax, lambda f: lambda x: f.log_softmax(x, -1)),
    Layer(
        "ImageNet cross entropy", "softmax", "cross_entropy", ((1024, 1000),), losses.cross_entropy,
        lambda f: lambda z, y: f.cross_entropy(z, y, reduction="none"), lambda: optax.softmax_cross_entropy_with_integer_labels, _labels(1024, 1000),
    ),
    Layer(
        "LLaMA cross entropy", "softmax", "cross_entropy", ((512, 32000),), losses.cross_entropy,
        lambda f: lambda z, y: f.cross_entropy(z, y, reduction="none"), lambda: optax.softmax_cross_entropy_with_integer_labels, _labels(512, 32000),
    ),
    Layer(
        "smoothed cross entropy", "softmax", "cross_entropy", ((1024, 1000),), lambda z, y: losses.cross_entropy(z, y, label_smoothing=0.1),
        lambda f: lambda z, y: f.cross_entropy(z, y, label_smoothing=0.1, reduction="none"), None, _labels(1024, 1000),
    ),
    Layer(
        "multi-label logistic loss", "loss", "logistic_loss", ((4096, 256),), losses.logistic_loss,
        lambda f: lambda z, y: f.binary_cross_entropy_with_logits(z, y, reduction="none"), lambda: optax.sigmoid_binary_cross_entropy, _binary(4096, 256),
    ),
    Layer(
        "DQN Huber loss", "loss", "huber_loss", ((4096, 256),), losses.huber_loss,
        lambda f: lambda a, b: f.huber_loss(a, b, reduction="none"), lambda: optax.huber_loss, _normal(4096, 256),
    ),
    Layer(
        "box smooth L1", "loss", "smooth_l1_loss", ((65536, 4),), lambda a, b: losses.smooth_l1_loss(a, b, beta=1 / 9),
        lambda f: lambda a, b: f.smooth_l1_loss(a, b, beta=1 / 9, reduction="none"), None, _normal(65536, 4),
    ),
    _elementwise("MLP ReLU", "relu", lambda f: f.relu),
    _elementwise("GPT GELU", "gelu", lambda f: lambda x: f.gelu(x, approximate="tanh")),
    _elementwise("LLaMA SiLU", "silu", lambda f: f.silu),
    _elementwise("YOLO Mish", "mish", lambda f: f.mish, lambda: jax.nn.mish),
    _elementwise("softplus", "softplus", lambda f: f.softplus, lambda: jax.nn.softplus),
    _elementwise("MobileNet hard swish", "hard_swish", lambda f: f.hardswish),
    _elementwise("tanh", "tanh", lambda f: f.tanh),
    Layer(
        "PReLU", "activation", "prelu", (_IMAGES, (64,)), jr.prelu, lambda f: lambda x, s: f.prelu(x, s),
        lambda: lambda x, s: jnp.where(x > 0, x, s * x), first=True,
    ),
    Layer(
        "transformer dropout", "dropout", "dropout", ((4096, 1024),), lambda x, key: jr.dropout(key, x, 0.1), lambda f: lambda x, key: f.dropout(x, 0.1),
        lambda: _bernoulli, _key, drops=True,
    ),
    Layer(
        "ViT dropout", "dropout", "dropout", (_TOKENS,), lambda x, key: jr.dropout(key, x, 0.1), lambda f: lambda x, key: f.dropout(x, 0.1),
        lambda: _bernoulli, _key, drops=True,
    ),
    Layer(
        "k-NN distances", "distance", "pairwise_distance", ((1024, 64),), distances.pairwise_distance,
        lambda f: lambda x, y: importlib.import_module("torch").cdist(x, y), lambda: _distances, _normal(1024, 64),
    ),
    Layer(
        "retrieval cosine", "distance", "cosine_similarity", ((4096, 512),), distances.cosine_similarity,
        lambda f: lambda x, y: f.cosine_similarity(x, y, dim=-1), lambda: optax.losses.cosine_similarity, _normal(4096, 512),
    ),
)  # fmt: skip


def _pytorch(layer: Layer) -> Callable[..., Any] | None:
    return layer.torch and layer.torch(importlib.import_module("torch.nn.functional"))


LIBRARIES: dict[str, Callable[[Layer], Callable[..., Any] | None]] = {
    "ours": lambda layer: layer.ours,
    "jax": lambda layer: layer.peer and layer.peer(),
    "torch": _pytorch,
}


def arrays(layer: Layer) -> tuple[Any, ...]:
    """Seeded arrays in float32: what is differentiated, what is held, and the cotangent. A random row's x is ones, so that its outputs have two values."""
    rng = np.random.default_rng(0)
    moving = [np.ones(shape, np.float32) if layer.drops else rng.standard_normal(shape, np.float32) for shape in layer.moving]
    held = layer.held(rng)
    out = jax.eval_shape(layer.ours, *moving, *held)
    return (*moving, *held, rng.standard_normal(out.shape, np.float32))


def outputs(layer: Layer, *given: Any) -> dict[str, np.ndarray]:
    """The row's y and gradients in float64: PyTorch's where it is installed, else our own."""
    wide = tuple(a.astype(np.float64) if isinstance(a, np.ndarray) and a.dtype == np.float32 else a for a in given)
    if layer.torch and not libraries.prepare("torch", 1):
        found = program("torch", layer, "gradient", wide)
    else:
        with jax.enable_x64(True):
            found = program("ours", layer, "gradient", wide)
            assert found is not None
            return found.read(found.clocked.run())
    assert found is not None
    return found.read(found.clocked.run())


def program(library: str, layer: Layer, turn: str, given: tuple[Any, ...]) -> libraries.Program | None:
    """One pass (``forward`` or ``gradient``) of a row, ready to run on its arrays; None where the library has no such function."""
    function = LIBRARIES[library](layer)
    if function is None:
        return None
    count, turned = len(layer.moving), library == "torch" and layer.first
    moving, held, cotangent = list(given[:count]), list(given[count:-1]), given[-1]
    if turned:
        moving, cotangent = [_channels_first(a) for a in moving], _channels_first(cotangent)
    if library == "torch":
        held = [np.zeros(()) if not isinstance(a, np.ndarray) else a.astype(np.int64) if np.issubdtype(a.dtype, np.integer) else a for a in held]

    def read(results: Any) -> dict[str, np.ndarray]:
        found = [np.asarray(a.detach() if library == "torch" else a) for a in results]
        if layer.drops:
            return {name: np.unique(np.sign(a)) for name, a in zip(("y", "0"), found, strict=False)}
        if turned:
            found = [np.moveaxis(a, 1, -1) if a.ndim > 2 else a for a in found]
        return dict(zip(("y", *map(str, range(count))), found, strict=False))

    shared = tuple(position for position, shape in enumerate(layer.moving) if len(shape) == 1)
    return libraries.made(library, function, moving, held, cotangent if turn == "gradient" else None, read, shared)


def _channels_first(a: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(np.moveaxis(a, -1, 1)) if a.ndim > 2 else a
