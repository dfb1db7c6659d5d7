"""`roi_align` beside onnxruntime's RoiAlign and torchvision's: ``python benchmarks/regions.py [--rounds 9]``.

512 regions of log-uniform sizes on a map of 50 × 50 cells and 256 channels, 7 × 7 bins, float32; onnxruntime and torchvision get their own layout. All are
asserted equal first, and run in turn. torchvision takes part where this Python has it.
"""

import argparse
import importlib
import time
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxreview.detection import roi_align

from quiet import Watch, warning

__all__ = ["regions"]

SIDE, CHANNELS, REGIONS, BINS, IMAGES, THREADS = 50, 256, 512, 7, 8, 2


def regions(rng: np.random.Generator, count: int) -> np.ndarray:
    """`(count, 5)`: map 0, sides from 2 cells to the map's, centres anywhere on the map, so that many reach beyond its border."""
    sides = np.exp(rng.uniform(np.log(2), np.log(SIDE), (count, 2)))
    centres = rng.uniform(0, SIDE, (count, 2))
    return np.concatenate([np.zeros((count, 1)), centres - sides / 2, centres + sides / 2], 1).astype(np.float32)


def onnx_session(ratio: int) -> Any:
    """onnxruntime's RoiAlign on two threads, or None."""
    try:
        onnx, onnxruntime = importlib.import_module("onnx"), importlib.import_module("onnxruntime")
    except ModuleNotFoundError:
        return None
    settings: dict[str, Any] = dict(output_height=BINS, output_width=BINS, sampling_ratio=ratio, coordinate_transformation_mode="output_half_pixel")
    node = onnx.helper.make_node("RoiAlign", ["x", "rois", "numbers"], ["y"], **settings)
    kinds = dict(x=onnx.TensorProto.FLOAT, rois=onnx.TensorProto.FLOAT, numbers=onnx.TensorProto.INT64)
    inputs = [onnx.helper.make_tensor_value_info(name, kind, None) for name, kind in kinds.items()]
    graph = onnx.helper.make_graph([node], "roi_align", inputs, [onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = THREADS, 1
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 16)], ir_version=8)
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def torch_forms(x: np.ndarray, rois: np.ndarray, ratio: int) -> dict[str, Callable[[], Any]]:
    """torchvision's compiled operation, forward and with the gradient, or nothing."""
    try:
        torch, torchvision = importlib.import_module("torch"), importlib.import_module("torchvision")
    except (ImportError, RuntimeError):
        return {}
    torch.set_num_threads(THREADS)
    cells, boxes = torch.tensor(np.moveaxis(x, -1, 0)[None].copy()), torch.tensor(rois)

    def forward(cells: Any = cells) -> Any:
        return torchvision.ops.roi_align(cells, boxes, (BINS, BINS), sampling_ratio=ratio or -1)

    def gradient() -> Any:
        moving = cells.clone().requires_grad_()
        (forward(moving) ** 2).sum().backward()
        return moving.grad

    return {"torchvision": lambda: forward().numpy(), "torchvision, with gradient": gradient}


def medians(forms: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Milliseconds of each form, run in turn; a result lives until the next run of its form has one."""
    taken: dict[str, list[float]] = {name: [] for name in forms}
    held: dict[str, Any] = {name: jax.block_until_ready(form()) for name, form in forms.items()}
    for _ in range(rounds):
        for name, form in forms.items():
            start = time.perf_counter()
            held[name] = jax.block_until_ready(form())
            taken[name].append(1e3 * (time.perf_counter() - start))
    return {name: float(np.median(times)) for name, times in taken.items()}


def compared(ratio: int, rounds: int) -> list[str]:
    """The lines for one number of samples."""
    rng = np.random.default_rng(0)
    x, rois = rng.standard_normal((SIDE, SIDE, CHANNELS)).astype(np.float32), regions(rng, REGIONS)
    many = jnp.asarray(rng.standard_normal((IMAGES, *x.shape)), jnp.float32), jnp.asarray(np.stack([regions(rng, REGIONS) for _ in range(IMAGES)]))
    one = jnp.asarray(x), jnp.asarray(rois)

    def align(x: jax.Array, rois: jax.Array) -> jax.Array:
        return roi_align(x, rois, output_size=BINS, sampling_ratio=ratio)

    def loss(x: jax.Array, rois: jax.Array) -> jax.Array:
        return (align(x, rois) ** 2).sum()

    programs = {"ours": align, "ours, with gradient": jax.value_and_grad(loss)}
    compiled = {name: jax.jit(form).lower(*one).compile() for name, form in programs.items()}
    mapped = jax.jit(jax.vmap(align)).lower(*many).compile()
    forms: dict[str, Callable[[], Any]] = {name: lambda run=run: run(*one) for name, run in compiled.items()}
    forms[f"ours, {IMAGES} images mapped"] = lambda: mapped(*many)
    forms[f"ours, {IMAGES} images one by one"] = lambda: [compiled["ours"](*image) for image in zip(*many, strict=True)]
    session = onnx_session(ratio)
    if session:
        asked = dict(x=np.moveaxis(x, -1, 0)[None].copy(), rois=rois[:, 1:], numbers=rois[:, 0].astype(np.int64))
        forms["onnxruntime"] = lambda: session.run(None, asked)[0]
    forms |= torch_forms(x, rois, ratio)
    for peer in {"onnxruntime", "torchvision"} & set(forms):
        np.testing.assert_allclose(np.moveaxis(forms[peer](), 1, -1), forms["ours"](), rtol=1e-4, atol=1e-4)
    times = medians(forms, rounds)
    lines = [f"{name:<34} {milliseconds:>9.2f} ms" for name, milliseconds in times.items()]
    lines += [f"{peer} over ours{'':<20} {times[peer] / times['ours']:>9.2f}" for peer in ("onnxruntime", "torchvision") if peer in times]
    both = times.get("torchvision, with gradient")
    lines += [f"torchvision over ours, with gradient {both / times['ours, with gradient']:>9.2f}"] if both else []
    mapped_over_one = times[f"ours, {IMAGES} images mapped"] / times["ours"]
    mapped_over_each = times[f"ours, {IMAGES} images mapped"] / times[f"ours, {IMAGES} images one by one"] * IMAGES
    lines += [f"{IMAGES} images mapped over one image {mapped_over_one:>9.2f}; over one of {IMAGES} whose results are all kept {mapped_over_each:.2f}"]
    uses: dict[str, Any] = {name: run.memory_analysis() for name, run in compiled.items()}
    sizes = ", ".join(f"{name} {use.temp_size_in_bytes / 2**20:.1f}" for name, use in uses.items() if use)
    return [
        *lines,
        f"temporary memory in MiB: {sizes}; the features are {x.nbytes / 2**20:.1f}, the result {x.itemsize * REGIONS * BINS**2 * CHANNELS / 2**20:.1f}",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    asked = parser.parse_args()
    print(f"JAX {jax.__version__} on {jax.default_backend()}, {REGIONS} regions, {SIDE} × {SIDE} × {CHANNELS}, {BINS} × {BINS} bins, medians of {asked.rounds}")
    for ratio in (2, 0):
        with Watch() as watch:
            lines = compared(ratio, asked.rounds)
        print("\n" + "\n".join([f"{ratio or 'as many as cells'} samples on each axis of a bin", *lines, *warning([watch.others])]), flush=True)


if __name__ == "__main__":
    main()
