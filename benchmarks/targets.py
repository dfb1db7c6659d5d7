"""What it costs to label a 600 × 1000 image's anchors, in units of one `box_iou` of all anchors with its objects: ``python benchmarks/targets.py``.

Faster R-CNN's 20,646 anchors, 20 objects, float32. Also eight images at once against one. All calls are taken in turn, and medians compared.
"""

import argparse
import random
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxreview import detection
from jaxreview.speedup import machine, timing

from quiet import Watch, warning

SIZE, OBJECTS, IMAGES = (600, 1000), 20, 8


def calls() -> dict[str, Callable[[], Any]]:
    """The compiled calls, their arrays on the device."""
    rng = np.random.default_rng(0)
    anchors = detection.grid_anchors(detection.base_anchors(), (37, 62), stride=16)
    sides = rng.uniform(30, 300, (IMAGES, OBJECTS, 2))
    corners = rng.uniform(size=sides.shape) * (np.array(SIZE[::-1]) - sides)
    boxes, valid = jnp.asarray(np.concatenate([corners, corners + sides], -1), jnp.float32), jnp.ones((IMAGES, OBJECTS), bool)
    targets = partial(detection.rpn_targets, image_size=SIZE)
    keys = jax.random.split(jax.random.key(0), IMAGES)
    work: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
        "box_iou": (detection.box_iou, (anchors, boxes[0])),
        "match_anchors": (detection.match_anchors, (anchors, boxes[0], valid[0])),
        "rpn_targets": (targets, (keys[0], anchors, boxes[0], valid[0])),
        f"rpn_targets of {IMAGES} images": (jax.vmap(targets, (0, None, 0, 0)), (keys, anchors, boxes, valid)),
    }
    return {name: partial(jax.jit(function).lower(*given).compile(), *given) for name, (function, given) in work.items()}


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0, help="of timing (10)")
    arguments = parser.parse_args(argv)
    made = calls()
    with Watch() as watch:
        clocked = {name: timing.Clocked(partial(lambda call: jax.block_until_ready(call()), call)) for name, call in made.items()}
        timing.sample(list(clocked.values()), arguments.seconds, order=random.Random(0))
    medians = {name: timing.median(one.samples) for name, one in clocked.items()}
    print(f"{machine.machine()['cpu']}, {machine.machine()['cores']} cores, jax {jax.__version__}, float32")
    for name, median in medians.items():
        print(f"{name:<26} {1e3 * median:8.3f} ms  {median / medians['box_iou']:6.2f} of box_iou")
    print(f"{IMAGES} images over one: {medians[f'rpn_targets of {IMAGES} images'] / medians['rpn_targets']:.2f}")
    print("\n".join(warning([watch.others])))


if __name__ == "__main__":
    main()
