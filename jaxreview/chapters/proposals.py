"""A convolutional network in one picture, and how Faster R-CNN proposes where the objects are."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import optax
from matplotlib.patches import Rectangle

import jaxreview as jr
from jaxreview import detection, initializers
from jaxreview.chapters import _style
from jaxreview.chapters._page import Page

SIDE, STRIDE, STEPS = 64, 8, 200
BASE = detection.centered_anchors((16, 28))
ANCHORS = detection.grid_anchors(BASE, (SIDE // STRIDE, SIDE // STRIDE), stride=STRIDE)


def run(page: Page) -> None:
    """Maps, anchors, labels, training, proposals, regions."""
    page.say(
        "A convolutional network turns a picture into ever smaller maps of ever more channels, each value of which has seen one window of the picture. VGG-16, "
        "on which the published Faster R-CNN stands, halves a picture of 600 × 1000 four times before it looks for objects."
    )
    layer, rows = jax.ShapeDtypeStruct((600, 1000, 3), jnp.float32), [("picture", 600, 1000, 3, 1)]
    for number, channels in enumerate((64, 128, 256, 512), 1):
        layer = jax.eval_shape(functools.partial(jr.max_pool, window=(2, 2)), jax.ShapeDtypeStruct((*layer.shape[:2], channels), jnp.float32))
        rows.append((f"`pool{number}`", *layer.shape, 2**number))
    page.table("maps", ("behind", "height", "width", "channels", "pixels a step"), rows, caption="Each pool halves the map; convolutions add channels.")

    base = detection.base_anchors()
    page.say("At every place of the last map stand nine **anchors**, three areas in three shapes. Around the first place they are, in pixels:")
    page.table("anchors", ("x1", "y1", "x2", "y2"), base.astype(int).tolist(), caption="The nine published anchors of a map with a step of 16 pixels.")
    for width, total, within in ((1000, 20646, 8151), (800, 16650, 5944)):
        grid = detection.grid_anchors(base, (37, width // 16), stride=16)
        inside = int(jnp.sum(detection.inside_image(grid, (600, width))))
        page.claim("600 × {w} pixels have {n} anchors, {inside} of them inside.", (len(grid), inside) == (total, within), w=width, n=total, inside=inside)

    pictures, boxes, valid = rectangles(np.random.default_rng(0), 32)
    page.say(
        "Training needs a label for every anchor. It is an object (1) if its IoU with one is at least 0.7, or if no other anchor fits some object better; "
        "background (0) if its IoU is below 0.3 with all of them; and else it is not asked (−1). Of these a few are drawn, at most half of them objects: "
        "the paper draws 256, and here it is 64, on toy pictures of rectangles."
    )
    targets = detection.rpn_targets(jax.random.key(0), ANCHORS, boxes, valid, image_size=(SIDE, SIDE), batch_size=64)
    drawing = labelled(np.asarray(pictures[0, ..., 0]), np.asarray(targets.labels[0]))
    page.figure("labels", drawing, caption="Around each object a few anchors are labelled as objects.", alt="A picture with its anchors, by label.")
    inside = detection.inside_image(ANCHORS[jnp.any(targets.labels >= 0, 0)], (SIDE, SIDE))
    page.claim("No anchor that sticks out of the picture is asked.", inside.all())
    page.correct(
        "What is computed for the anchors inside is put back among all the anchors, the rest filled up with 0.",
        "Offsets and weights are filled up with 0, labels with −1: the label 0 would say that an anchor across the border is background.",
    )

    page.at("training")
    params, losses = trained(pictures, targets)
    page.say("A small network gives each anchor a score and four offsets to its object, and learns both by gradient descent (Adam, {n} steps).", n=STEPS)
    drawing, axes = _style.figure()
    axes.plot(losses, label=["objectness", "boxes"])
    axes.set(xlabel="step", ylabel="loss, mean of the pictures", yscale="log")
    axes.legend(frameon=False)
    page.figure("loss", drawing, caption="Both parts of the loss fall.", alt="Two falling curves.")
    page.claim("The loss falls from {a:.3f} to {b:.3f}.", losses[-1].sum() < 0.3 * losses[0].sum(), a=losses[0].sum(), b=losses[-1].sum())
    scores, deltas = network(params, pictures)
    off, zero = (float(jnp.mean(jnp.abs(d)[targets.labels == 1])) for d in (deltas - targets.box_targets, targets.box_targets))
    page.claim("The offsets of objects' anchors are met up to {off:.3f} on average; to say 0 misses by {zero:.3f}.", off < 0.5 * zero, off=off, zero=zero)
    far = deltas.at[0, jnp.argmax(targets.labels[0] == 0)].add(1000.0)
    change = jnp.max(jnp.abs(detection.rpn_loss(scores, far, targets).boxes - detection.rpn_loss(scores, deltas, targets).boxes))
    page.claim("Only objects have offsets to learn: move a background anchor's by 1000, and the loss changes by {change:.0f}.", change == 0, change=change)

    page.at("proposals")
    found = detection.proposals(scores, deltas, ANCHORS, image_size=(SIDE, SIDE), post_nms=20, iou_threshold=0.5, min_size=4)
    met = jnp.max(jnp.where(found.valid[:, None], detection.box_iou(boxes, found.boxes), 0.0), -1)[valid]
    start = jnp.max(detection.box_iou(boxes, jnp.broadcast_to(ANCHORS, (len(boxes), *ANCHORS.shape))), -1)[valid]
    drawing, axes = _style.figure()
    axes.hist(np.asarray(met), np.linspace(0, 1, 21), color=_style.BLUE, label="one of its 20 proposals")
    axes.hist(np.asarray(start), np.linspace(0, 1, 21), color=_style.VERMILLION, label="one of all anchors", histtype="step", linestyle="--", linewidth=2)
    axes.set(xlabel="IoU of an object with the best of them", ylabel="objects")
    axes.legend(frameon=False, loc="upper left")
    page.figure("overlap", drawing, caption="Twenty moved anchors fit better than all that stand still.", alt="Two histograms of IoU.")
    a, b = (float(jnp.mean(best >= 0.7)) for best in (start, met))
    page.claim("An IoU of at least 0.7 has some anchor with {a:.0%} of the objects, some proposal with {b:.0%}.", b > a + 0.3, a=a, b=b)
    regions = jnp.concatenate([jnp.zeros((20, 1)), found.boxes[0]], -1)
    cut = detection.roi_align(jnp.zeros((SIDE // STRIDE, SIDE // STRIDE, 32)), regions, output_size=7, spatial_scale=1 / STRIDE, sampling_ratio=2)
    page.claim("Of the map `roi_align` cuts {n} × 7 × 7 × 32, one shape for proposals of all sizes.", cut.shape == (20, 7, 7, 32), n=len(cut))

    page.correct(
        "The offsets come as (1, 36, H, W); reshape them to (1, 4, 9·H, W) to have the four coordinates apart.",
        "The 36 channels are anchor by anchor, channel 4·a + k, so they are seen as (1, 9, 4, H, W). The direct reshape mixes coordinates of several anchors.",
    )
    channel = jnp.broadcast_to(jnp.arange(36).reshape(1, 36, 1, 1), (1, 36, 2, 2))
    right, wrong = channel.reshape(1, 9, 4, 2, 2)[0, 1, 0, 0, 0], channel.reshape(1, 4, 18, 2)[0, 0, 2, 0]
    page.claim("Coordinate x of anchor 1 is channel {a}; the direct reshape has {b} there, y of anchor 0.", (right == 4) & (wrong == 1), a=right, b=wrong)


def rectangles(rng: np.random.Generator, count: int) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Pictures of one to three bright rectangles in noise, their boxes, and which boxes are there."""
    pictures, boxes, valid = rng.normal(0, 0.1, (count, SIDE, SIDE, 1)), np.zeros((count, 3, 4)), np.zeros((count, 3), bool)
    for n in range(count):
        for g in range(rng.integers(1, 4)):
            size = rng.integers(12, 28, 2)
            x, y = rng.integers(0, SIDE - size)
            boxes[n, g], valid[n, g] = (x, y, x + size[0], y + size[1]), True
            pictures[n, y : y + size[1], x : x + size[0]] = 0.7 + 0.3 * g / 2
    return jnp.asarray(pictures, jnp.float32), jnp.asarray(boxes, jnp.float32), jnp.asarray(valid)


def network(params: list[tuple[jax.Array, jax.Array]], x: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Three convolutions that halve the map, then one score and four offsets of each anchor: `(N, A)` and `(N, A, 4)`."""
    *hidden, head = params
    for kernel, bias in hidden:
        x = jr.relu(jr.conv(x, kernel, bias, stride=2, padding=1))
    out = jr.conv(x, *head, padding=1).reshape(len(x), -1, 5)
    return out[..., 0], out[..., 1:]


def trained(pictures: jax.Array, targets: detection.RPNTargets) -> tuple[list[tuple[jax.Array, jax.Array]], np.ndarray]:
    """Parameters after training on all pictures at once, and the two losses of each step."""
    sizes, optimizer = (1, 16, 32, 32, 5 * len(BASE)), optax.adam(3e-3)
    keys = jax.random.split(jax.random.key(1), 4)
    params = [(initializers.he_normal()(k, (3, 3, a, b)), jnp.zeros(b)) for k, a, b in zip(keys, sizes, sizes[1:], strict=False)]

    def loss(params):
        both = jnp.mean(jnp.stack(detection.rpn_loss(*network(params, pictures), targets)), 1)
        return jnp.sum(both), both

    def step(carry, _):
        gradient, both = jax.grad(loss, has_aux=True)(carry[0])
        updates, state = optimizer.update(gradient, carry[1])
        return (optax.apply_updates(carry[0], updates), state), both

    with jax.numpy_dtype_promotion("standard"):  # Adam mixes dtypes
        (params, _), losses = jax.jit(lambda carry: jax.lax.scan(step, carry, None, STEPS))((params, optimizer.init(params)))
    return params, np.asarray(losses)


def labelled(picture: np.ndarray, labels: np.ndarray):
    """The picture with its anchors: objects as boxes, background as centres."""
    drawing, axes = _style.figure(height=4.2)
    axes.imshow(picture, cmap="gray", extent=(0, SIDE, SIDE, 0))
    axes.grid(visible=False)
    axes.plot(*detection.box_convert(ANCHORS, "xyxy", "cxcywh")[labels == 0, :2].T, "x", color=_style.ORANGE, label="centre of a background anchor (0)")
    for x1, y1, x2, y2 in np.asarray(ANCHORS)[labels == 1]:
        axes.add_patch(Rectangle((x1, y1), x2 - x1, y2 - y1, fill=False, edgecolor=_style.SKY, linewidth=2))
    axes.plot([], [], color=_style.SKY, label="anchor of an object (1)")
    axes.set(xlabel="x, pixels", ylabel="y, pixels")
    axes.legend(loc="center left", bbox_to_anchor=(1.02, 0.5), frameon=False)
    return drawing
