"""A small SegNet, built of the library's functions: it learns, and a batch spread over eight devices gives the same losses."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from jax.sharding import Mesh, NamedSharding, PartitionSpec

import jaxreview as jr

from agree import agree

DEVICES, STEPS, SIDE, HIDDEN, CLASSES = 8, 50, 16, (8, 16), 3
CHANNELS = (1, *HIDDEN)


def pictures(count):
    """Noisy pictures with a bright disc and a dark square; each pixel's label is what it belongs to, 0 for neither."""
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:SIDE, :SIDE]
    labels = np.zeros((count, SIDE, SIDE), np.int32)
    for label in labels:
        (a, b), (c, d) = rng.integers(3, SIDE - 3, (2, 2))
        label[(rows - a) ** 2 + (columns - b) ** 2 <= 9] = 1
        label[(abs(rows - c) <= 2) & (abs(columns - d) <= 2)] = 2
    level = np.array([0.0, 1.0, -1.0])[labels]
    return (level + 0.3 * rng.standard_normal(level.shape))[..., None], labels


def parameters():
    """Two convolutions down, two back up through the same widths, and one to the classes."""
    widths = [*zip(CHANNELS, CHANNELS[1:], strict=False), *zip(CHANNELS[:0:-1], (*CHANNELS[-2:0:-1], HIDDEN[0]), strict=True), (HIDDEN[0], CLASSES)]
    rng = np.random.default_rng(1)
    scaled = [rng.standard_normal((3, 3, *width)) * np.sqrt(2 / (9 * width[0])) for width in widths]
    return [(jnp.asarray(kernel), jnp.zeros(kernel.shape[-1], kernel.dtype)) for kernel in scaled]


def layer(x, kernel, bias):
    return jr.relu(jr.conv(x, kernel, bias, padding="SAME"))


def logits(params, x):
    switches = []
    for kernel, bias in params[: len(HIDDEN)]:
        x = layer(x, kernel, bias)
        size = x.shape[1:3]
        x, indices = jr.max_pool(x, (2, 2), return_indices=True)
        switches.append((indices, size))
    for (kernel, bias), (indices, size) in zip(params[len(HIDDEN) : -1], reversed(switches), strict=True):
        x = layer(jr.max_unpool(x, indices, output_size=size), kernel, bias)
    return jr.conv(x, *params[-1], padding="SAME")


@jax.jit
def trained(params, x, labels):
    """Losses, predicted labels and parameters of STEPS steps; what each step saw is from before it."""
    optimizer = optax.adam(1e-2)

    def loss(params):
        scores = logits(params, x)
        return jr.losses.cross_entropy(scores, labels).mean(), jnp.argmax(scores, -1)

    def step(carry, _):
        params, state = carry
        (value, predicted), slope = jax.value_and_grad(loss, has_aux=True)(params)
        with jax.numpy_dtype_promotion("standard"):  # optax's Adam raises a float to its integer count
            updates, state = optimizer.update(slope, state)
        return (optax.apply_updates(params, updates), state), (value, predicted)

    (params, _), (losses, predicted) = jax.lax.scan(step, (params, optimizer.init(params)), length=STEPS)
    return losses, predicted, params


@pytest.fixture(scope="module")
def alone():
    """Pictures and labels, starting parameters, and what training on one device gives."""
    with jax.enable_x64(True):
        x, labels = map(jnp.asarray, pictures(2 * DEVICES))
        params = parameters()
        return x, labels, params, trained(params, x, labels)


def test_it_learns(alone):
    _, labels, _, (losses, predicted, _) = jax.tree.map(np.asarray, alone)
    assert np.isfinite(losses).all()
    assert losses[-1] < losses[0] / 4
    right = (predicted == labels).mean((1, 2, 3))
    assert right[-1] > max(right[0], np.mean(labels == 0))


def test_a_sharded_batch_trains_the_same(alone):
    x, labels, params, want = alone
    mesh = Mesh(np.array(jax.devices()[:DEVICES]), ("batch",))
    spread, whole = NamedSharding(mesh, PartitionSpec("batch")), NamedSharding(mesh, PartitionSpec())
    with jax.enable_x64(True):
        got = trained(jax.device_put(params, whole), *jax.device_put((x, labels), spread))
    assert {shard.data.shape[1] for shard in got[1].addressable_shards} == {len(x) // DEVICES}
    agree(got, want)
