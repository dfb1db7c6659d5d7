"""Non-maximum suppression against onnxruntime's operator and torchvision's, on the boxes of a detector: ``python benchmarks/suppression.py [--json FILE]``.

Every library gets the same boxes in its own format, and must keep the same boxes in the same order before anything is timed. Calls are taken in turn.
"""

import argparse
import datetime
import importlib
import json
import random
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxreview.detection import nms
from jaxreview.speedup import machine, timing
from jaxreview.speedup.result import write

from quiet import Watch, warning

SIZES, THRESHOLDS, KINDS, IMAGES = (1000, 2000, 6000, 12000), (0.5, 0.7), ("clusters", "uniform"), 8
SIDE, AROUND = 800.0, 40
# After a call of another library, until the threads of its pool stop spinning.
PAUSE = 0.002

Run = Callable[[np.ndarray, np.ndarray], Callable[[], np.ndarray]]


def detected(n: int, kind: str, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Boxes and scores in float32. ``clusters``: one object for every AROUND boxes, 7 boxes of 10 around theirs and 3 anywhere; ``uniform``: all anywhere."""
    rng = np.random.default_rng([n, seed])
    centres, sides = rng.uniform(0, SIDE, (n, 2)), rng.uniform(10, 150, (n, 2))
    if kind == "clusters":
        objects = max(1, n // AROUND)
        middle, side = rng.uniform(0, SIDE, (objects, 2)), np.exp(rng.uniform(np.log(20), np.log(200), (objects, 2)))
        one, near = rng.integers(objects, size=n), (rng.random(n) < 0.7)[:, None]
        centres = np.where(near, middle[one] + 0.15 * side[one] * rng.standard_normal((n, 2)), centres)
        sides = np.where(near, side[one] * np.exp(0.2 * rng.standard_normal((n, 2))), sides)
    return np.concatenate([centres - sides / 2, centres + sides / 2], -1).astype(np.float32), rng.permutation(n).astype(np.float32) / n


def ours(threshold: float, outputs: int, boxes: np.ndarray, scores: np.ndarray) -> Callable[[], np.ndarray]:
    """The compiled call, its arrays on the device. Boxes may have a leading axis, which is mapped."""
    call: Any = partial(nms, iou_threshold=threshold, max_outputs=outputs)
    given = jnp.asarray(boxes), jnp.asarray(scores)
    compiled = jax.jit(jax.vmap(call) if boxes.ndim == 3 else call).lower(*given).compile()
    return lambda: jax.block_until_ready(compiled(*given)).indices


def memory(threshold: float, outputs: int, boxes: np.ndarray, scores: np.ndarray) -> int | None:
    """Bytes that the compiled program needs besides arguments and results, where the backend says so."""
    use: Any = jax.jit(partial(nms, iou_threshold=threshold, max_outputs=outputs)).lower(jnp.asarray(boxes), jnp.asarray(scores)).compile().memory_analysis()
    return use.temp_size_in_bytes if use else None


def onnxruntime(threads: int, threshold: float, outputs: int, boxes: np.ndarray, scores: np.ndarray) -> Callable[[], np.ndarray]:
    """A session of the one operator NonMaxSuppression, its arrays in the shapes that it takes."""
    onnx, runtime = importlib.import_module("onnx"), importlib.import_module("onnxruntime")
    make, real, whole = onnx.helper, onnx.TensorProto.FLOAT, onnx.TensorProto.INT64
    inputs = [make.make_tensor_value_info("boxes", real, [1, None, 4]), make.make_tensor_value_info("scores", real, [1, 1, None])]
    fixed = [make.make_tensor("outputs", whole, [1], [outputs]), make.make_tensor("threshold", real, [1], [threshold])]
    node = make.make_node("NonMaxSuppression", ["boxes", "scores", "outputs", "threshold"], ["kept"])
    graph = make.make_graph([node], "nms", inputs, [make.make_tensor_value_info("kept", whole, [None, 3])], fixed)
    settings = runtime.SessionOptions()
    settings.intra_op_num_threads = threads
    model = make.make_model(graph, opset_imports=[make.make_opsetid("", 17)], ir_version=8).SerializeToString()
    session, given = runtime.InferenceSession(model, settings, providers=["CPUExecutionProvider"]), {"boxes": boxes[None], "scores": scores[None, None]}
    return lambda: session.run(None, given)[0][:, 2]


def torchvision(threads: int, threshold: float, outputs: int, boxes: np.ndarray, scores: np.ndarray) -> Callable[[], np.ndarray]:
    """torchvision.ops.nms and the first outputs of it."""
    torch, ops = importlib.import_module("torch"), importlib.import_module("torchvision.ops")
    torch.set_num_threads(threads)
    given = torch.from_numpy(boxes), torch.from_numpy(scores)
    return lambda: ops.nms(*given, threshold)[:outputs].numpy()


def peers(threads: int) -> tuple[dict[str, Any], dict[str, str]]:
    """What is installed, and why the rest is left out."""
    found, left_out = {}, {}
    for name, make in (("onnxruntime", onnxruntime), ("torchvision", torchvision)):
        try:
            make(threads, 0.5, 1, *detected(8, "uniform"))()
            found[name] = partial(make, threads)
        except (ImportError, RuntimeError) as missing:
            left_out[name] = str(missing)
    return found, left_out


def sampled(calls: dict[str, Callable[[], np.ndarray]], seconds: float) -> dict[str, float]:
    """The median seconds of each, taken in turn."""
    clocked = {name: timing.Clocked(call) for name, call in calls.items()}
    timing.sample(list(clocked.values()), seconds, pause=PAUSE, order=random.Random(0))
    return {name: timing.median(one.samples) for name, one in clocked.items()}


def row(n: int, kind: str, threshold: float, outputs: int | None, others: dict[str, Any], seconds: float) -> dict[str, Any]:
    """One line of the table; the libraries must agree."""
    boxes, scores = detected(n, kind)
    length = min(n, outputs or n)
    calls = {"ours": ours(threshold, length, boxes, scores)} | {name: make(threshold, length, boxes, scores) for name, make in others.items()}
    kept = {name: np.asarray(call()) for name, call in calls.items()}
    kept["ours"] = kept["ours"][kept["ours"] >= 0]
    for name, one in kept.items():
        if not np.array_equal(one, kept["ours"]):
            raise ValueError(f"{name} keeps other boxes than ours: {len(one)} and {len(kept['ours'])} of {n} {kind} at {threshold}")
    with Watch() as watch:
        medians = sampled(calls, seconds)
    about = dict(boxes=n, kind=kind, threshold=threshold, outputs=length, kept=len(kept["ours"]), memory_bytes=memory(threshold, length, boxes, scores))
    return about | dict(medians=medians, others=watch.others)


def mapped(n: int, threshold: float, seconds: float) -> dict[str, Any]:
    """IMAGES images at once against one after the other: how many times the mean of one the mapped call takes."""
    boxes, scores = map(np.stack, zip(*(detected(n, "clusters", seed) for seed in range(IMAGES)), strict=True))
    alone = [ours(threshold, n, b, s) for b, s in zip(boxes, scores, strict=True)]
    together = ours(threshold, n, boxes, scores)
    if not np.array_equal(together(), [one() for one in alone]):
        raise ValueError("the mapped call keeps other boxes")
    with Watch() as watch:
        medians = sampled({"together": together, "alone": lambda: np.stack([one() for one in alone])}, seconds)
    return dict(boxes=n, threshold=threshold, images=IMAGES, ratio=IMAGES * medians["together"] / medians["alone"], medians=medians, others=watch.others)


def line(found: dict[str, Any], names: Sequence[str]) -> str:
    """A row of the table: milliseconds, and the others' over ours."""
    cells = [f"{1e3 * found['medians'][name]:>12.3f}" for name in ("ours", *names)] + [
        f"{found['medians'][name] / found['medians']['ours']:>11.2f}×" for name in names
    ]
    needed = "—" if found["memory_bytes"] is None else f"{found['memory_bytes'] / 1e6:.2f}"
    return f"{found['boxes']:>6} {found['kind']:<8} {found['threshold']:>4} {found['outputs']:>8} {found['kept']:>6}" + "".join(cells) + f"{needed:>8}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0, help="for each row (2)")
    parser.add_argument("--outputs", type=int, help="boxes wanted; all that there are, if left out")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep what was measured")
    asked = parser.parse_args()
    threads = machine.machine()["cores"]
    others, left_out = peers(threads)
    for name, why in left_out.items():
        print(f"without {name}: {why}")
    heads = ["ours ms", *(f"{name[:9]} ms" for name in others), *(f"{name[:9]}/" for name in others)]
    print(f"{'boxes':>6} {'kind':<8} {'IoU':>4} {'outputs':>8} {'kept':>6}" + "".join(f"{head:>12}" for head in heads) + f"{'MB':>8}", flush=True)
    rows = []
    for n in SIZES:
        for kind in KINDS:
            for threshold in THRESHOLDS:
                rows.append(row(n, kind, threshold, asked.outputs, others, asked.seconds))
                print(line(rows[-1], list(others)), flush=True)
    for kind in KINDS:
        for threshold in THRESHOLDS:
            ends = [r["medians"] for r in rows if r["kind"] == kind and r["threshold"] == threshold and r["boxes"] in (SIZES[0], SIZES[-1])]
            grown = ", ".join(f"{name} {ends[1][name] / ends[0][name]:.0f}×" for name in ends[0])
            print(f"from {SIZES[0]} to {SIZES[-1]} boxes, {kind}, IoU {threshold}: {grown}")
    together = [mapped(n, threshold, asked.seconds) for n in (1000, 6000) for threshold in THRESHOLDS]
    for one in together:
        print(f"{IMAGES} images of {one['boxes']} boxes at IoU {one['threshold']}, mapped: {one['ratio']:.2f} times one image")
    print("\n".join(warning(one["others"] for one in (*rows, *together))))
    if asked.json:
        about = dict(date=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"), machine=machine.machine(), versions=machine.versions())
        write(asked.json, json.dumps(about | dict(commit=machine.commit(), threads=threads, left_out=left_out, rows=rows, mapped=together), indent=1) + "\n")


if __name__ == "__main__":
    main()
