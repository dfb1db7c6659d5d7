"""Find coins: a convolutional backbone and a region proposal network, trained end to end on a photograph in which segmentation has found the objects.

``python -m jaxreview.examples.coins --out coins.png`` trains on random crops of the left of the photograph, under ``jit``, and asks for proposals on crops of
its right, which training never saw. It prints the recall and draws anchors by label, proposals before and after suppression, and the truth. The photograph is
scikit-image's ``coins`` (Greek coins from Pompeii), the truth its watershed of the edges: ``pip install "jaxreview[examples]"``.
"""

import argparse
import functools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import lax

import jaxreview as jr
from jaxreview import detection, initializers

SIDE, STRIDE = 128, 8
BORDER = 242  # training sees the columns left of it, the test crops those right of it
CHANNELS = (1, 16, 32, 64)
ANCHORS = detection.grid_anchors(detection.centered_anchors((36, 48, 64), ratios=(0.8, 1.25)), (SIDE // STRIDE, SIDE // STRIDE), stride=STRIDE)
PER_CELL = len(ANCHORS) // (SIDE // STRIDE) ** 2
SEEN = 0.5  # an object counts where at least this share of it is in the crop
PROPOSALS = 20


class Scene(NamedTuple):
    """A photograph `(H, W)` in [0, 1] and the boxes of its objects `(G, 4)`."""

    picture: Any
    boxes: Any


class Crops(NamedTuple):
    """Pictures `(N, SIDE, SIDE, 1)`, the boxes in them `(N, G, 4)` and which of these are there."""

    pictures: Any
    boxes: Any
    valid: Any


def scene() -> Scene:
    """The coins, and the boxes of their watershed segments: markers are what is surely table and what is surely coin, edges the walls."""
    from scipy import ndimage
    from skimage import data, filters, measure, segmentation

    picture = data.coins()
    markers = np.zeros(picture.shape, np.int32)
    markers[picture < 30], markers[picture > 150] = 1, 2
    coins = ndimage.binary_fill_holes(segmentation.watershed(filters.sobel(picture), markers) == 2)
    found = [segment.bbox for segment in measure.regionprops(measure.label(coins)) if segment.area > 300]
    boxes = np.array([(left, top, right, bottom) for top, left, bottom, right in found], np.float32)
    return Scene((picture / 255).astype(np.float32), boxes)


def cropped(of: Scene, top: jax.Array, left: jax.Array, flips: jax.Array) -> Crops:
    """One crop, turned upside down and left to right where ``flips`` says so, and its boxes with it."""
    picture = lax.dynamic_slice(of.picture, (top, left), (SIDE, SIDE))
    moved = of.boxes - jnp.stack([left, top, left, top]).astype(jnp.float32)[None]
    boxes = detection.clip_boxes(moved, (SIDE, SIDE))
    valid = detection.box_area(boxes) >= SEEN * detection.box_area(moved)
    picture = jnp.where(flips[0], picture[::-1], picture)
    picture = jnp.where(flips[1], picture[:, ::-1], picture)
    x1, y1, x2, y2 = jnp.moveaxis(boxes, -1, 0)
    y1, y2 = jnp.where(flips[0], SIDE - y2, y1), jnp.where(flips[0], SIDE - y1, y2)
    x1, x2 = jnp.where(flips[1], SIDE - x2, x1), jnp.where(flips[1], SIDE - x1, x2)
    return Crops(picture[..., None], jnp.stack([x1, y1, x2, y2], -1), valid)


def training_crops(key: jax.Array, of: Scene, count: int) -> Crops:
    """Crops at random places left of the border."""
    for_top, for_left, for_flips = jax.random.split(key, 3)
    tops = jax.random.randint(for_top, (count,), 0, of.picture.shape[0] - SIDE + 1)
    lefts = jax.random.randint(for_left, (count,), 0, BORDER - SIDE + 1)
    return jax.vmap(cropped, (None, 0, 0, 0))(of, tops, lefts, jax.random.bernoulli(for_flips, 0.5, (count, 2)))


def test_crops(of: Scene) -> Crops:
    """Crops right of the border, at a grid of places."""
    height, width = of.picture.shape
    tops, lefts = (a.ravel() for a in np.meshgrid(np.linspace(0, height - SIDE, 6).astype(int), [BORDER, width - SIDE], indexing="ij"))
    return jax.vmap(cropped, (None, 0, 0, None))(of, jnp.asarray(tops), jnp.asarray(lefts), jnp.zeros(2, bool))


def initialize(key: jax.Array) -> dict[str, Any]:
    """Three convolutions that halve the map, and the network's head: one convolution, then a score and four offsets of each anchor."""
    keys, he = jax.random.split(key, 6), initializers.he_normal()
    pairs = list(zip(CHANNELS, CHANNELS[1:], strict=False))
    backbone = [(he(k, (3, 3, inner, outer)), jnp.zeros(outer)) for k, (inner, outer) in zip(keys, pairs, strict=False)]
    last, small = CHANNELS[-1], initializers.normal(0.01)
    return {
        "backbone": backbone,
        "head": (he(keys[3], (3, 3, last, last)), jnp.zeros(last)),
        "scores": (small(keys[4], (1, 1, last, PER_CELL)), jnp.zeros(PER_CELL)),
        "deltas": (small(keys[5], (1, 1, last, 4 * PER_CELL)), jnp.zeros(4 * PER_CELL)),
    }


def network(params: dict[str, Any], pictures: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Scores `(N, A)` and deltas `(N, A, 4)`; the channels of a cell are (anchor, offset), so a reshape lists the anchors as ``ANCHORS`` does."""
    x = 4.0 * (pictures - jnp.mean(pictures, (1, 2, 3), keepdims=True))
    for kernel, bias in params["backbone"]:
        x = jr.relu(jr.conv(x, kernel, bias, stride=2, padding=1))
    x = jr.relu(jr.conv(x, *params["head"], padding=1))
    scores, deltas = jr.conv(x, *params["scores"]), jr.conv(x, *params["deltas"])
    return scores.reshape(len(x), -1), deltas.reshape(len(x), -1, 4)


def loss(params: dict[str, Any], key: jax.Array, crops: Crops) -> jax.Array:
    """The mean over images of the published cost."""
    targets = detection.rpn_targets(key, ANCHORS, crops.boxes, crops.valid, image_size=(SIDE, SIDE), batch_size=64, positive=0.6, border=16.0)
    cost = detection.rpn_loss(*network(params, crops.pictures), targets)
    return jnp.mean(cost.objectness + 4.0 * cost.boxes)


def train(key: jax.Array, of: Scene, *, steps: int, images: int = 8, say: Callable[[str], None] = print) -> dict[str, Any]:
    """Adam with a falling rate; 50 steps are one compiled scan."""
    optimizer = optax.adam(optax.cosine_decay_schedule(3e-3, steps))
    of = Scene(*map(jnp.asarray, of))

    def step(carry: Any, key: jax.Array) -> Any:
        params, state = carry
        for_crops, for_targets = jax.random.split(key)
        cost, gradient = jax.value_and_grad(loss)(params, for_targets, training_crops(for_crops, of, images))
        updates, state = optimizer.update(gradient, state, params)
        return (optax.apply_updates(params, updates), state), cost

    several = jax.jit(lambda carry, keys: lax.scan(step, carry, keys))
    for_params, for_steps = jax.random.split(key)
    params = initialize(for_params)
    carry, keys = (params, optimizer.init(params)), jax.random.split(for_steps, steps)
    for start in range(0, steps, 50):
        carry, costs = several(carry, keys[start : start + 50])
        say(f"step {start + len(costs):>4}  loss {float(jnp.mean(costs)):.3f}")
    return carry[0]


@jax.jit
def propose(params: dict[str, Any], pictures: jax.Array) -> tuple[detection.Proposals, detection.Proposals]:
    """The proposals, and what they were before suppression."""
    scores, deltas = network(params, pictures)
    of = functools.partial(detection.proposals, scores, deltas, ANCHORS, image_size=(SIDE, SIDE), min_size=8, pre_nms=300)
    return of(post_nms=PROPOSALS, iou_threshold=0.5), of(post_nms=60, iou_threshold=1.0)


def recall(found: detection.Proposals, crops: Crops) -> tuple[int, int]:
    """How many of the objects some proposal meets with an IoU of at least 0.5, and how many objects there are."""
    overlap = jnp.where(found.valid[:, None], detection.box_iou(crops.boxes, found.boxes), 0.0)
    met = jnp.any(overlap >= 0.5, -1) & crops.valid
    return int(jnp.sum(met)), int(jnp.sum(crops.valid))


def main(arguments: list[str] | None = None) -> None:
    """Train, test and draw."""
    parser = argparse.ArgumentParser(prog="python -m jaxreview.examples.coins", description="Train a region proposal network that finds coins.")
    parser.add_argument("--steps", type=int, default=400, help="training steps of eight crops (400)")
    parser.add_argument("--seed", type=int, default=0, help="of the parameters and the crops (0)")
    parser.add_argument("--out", type=Path, default=Path("coins.png"), help="the picture (coins.png)")
    chosen = parser.parse_args(arguments)
    if chosen.steps < 1:
        parser.error("--steps: at least 1")
    start, of = time.perf_counter(), scene()
    params = train(jax.random.key(chosen.seed), of, steps=chosen.steps)
    crops = test_crops(of)
    after, before = propose(params, crops.pictures)
    met, there = recall(after, crops)
    print(f"{time.perf_counter() - start:.0f} s; recall at IoU 0.5 with {PROPOSALS} proposals, on crops never trained on: {met} of {there} = {met / there:.3f}")
    draw(crops, before, after, 4).savefig(chosen.out, dpi=130)
    print(f"wrote {chosen.out}")


def draw(crops: Crops, before: detection.Proposals, after: detection.Proposals, which: int) -> Any:
    """Anchors by label, proposals before and after suppression, and the truth, on one test crop."""
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    one = jax.tree.map(lambda a: a[which], (crops, before, after))
    crop, raw, kept = jax.tree.map(np.asarray, one)
    labels = detection.rpn_targets(jax.random.key(0), ANCHORS, crop.boxes, crop.valid, image_size=(SIDE, SIDE), batch_size=24, positive=0.6, border=16.0).labels
    figure = Figure(figsize=(11, 3.4), layout="constrained")
    panels = figure.subplots(1, 4)
    truth = crop.boxes[crop.valid]
    blue, orange, green = "#0072B2", "#E69F00", "#009E73"

    def put(axes: Any, boxes: Any, **look: Any) -> None:
        for x1, y1, x2, y2 in np.asarray(boxes):
            axes.add_patch(Rectangle((x1, y1), x2 - x1, y2 - y1, fill=False, **look))

    put(panels[0], ANCHORS[labels == 0], edgecolor=orange, linewidth=0.8, linestyle=":")
    put(panels[0], ANCHORS[labels == 1], edgecolor=blue, linewidth=1.2)
    put(panels[1], raw.boxes[raw.valid], edgecolor=blue, linewidth=0.6)
    put(panels[2], kept.boxes[kept.valid], edgecolor=blue, linewidth=1.2)
    put(panels[3], truth, edgecolor=green, linewidth=2.0)
    titles = (
        f"anchors asked: {int((labels == 1).sum())} objects (solid),\n{int((labels == 0).sum())} background (dotted)",
        f"the {int(raw.valid.sum())} best proposals\nbefore suppression",
        f"the {int(kept.valid.sum())} proposals\nafter suppression",
        f"truth: {len(truth)} coins",
    )
    for axes, title in zip(panels, titles, strict=True):
        axes.imshow(crop.pictures[..., 0], cmap="gray", extent=(0, SIDE, SIDE, 0))
        axes.set_title(title, fontsize=10)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_xlim(-16, SIDE + 16)
        axes.set_ylim(SIDE + 16, -16)
    return figure


if __name__ == "__main__":
    main()
