"""torchvision's compiled operations as an oracle: in this interpreter where it has them, else in the one that the variable TORCHVISION_PYTHON names.

Its wheels are built against a CUDA build of PyTorch; a distribution's package (Debian's ``python3-torchvision``) runs on the CPU, in a Python of its own.
So the question goes to a process that stays, as a line of JSON and the bytes of an ``npz``, and the answer comes back in the same way.
"""

import atexit
import functools
import importlib
import io
import json
import os
import subprocess
import sys
from typing import Any

import numpy as np


def ask(function: str, *arguments: Any, gradient: int | None = None, made: dict[str, Any] | None = None, **settings: Any) -> Any:
    """What ``function`` (its full name) gives: an array, or a tuple of them.

    Arrays travel as they are, numbers, strings, lists and None as JSON. With ``gradient`` the answer is (result, gradient of the sum of the result times
    1, 2, 3, … over its size with respect to that argument). With ``made`` it is a method, "module.Class.method", of an object of the class with these settings.

    Skips the test where there is no torchvision.
    """
    process = _process()
    if process is None:
        import pytest  # the other side has none

        pytest.skip("there is no torchvision: TORCHVISION_PYTHON names no Python that has it")
    arrays = {str(n): a for n, a in enumerate(arguments) if isinstance(a, np.ndarray)}
    plain = {str(n): a for n, a in enumerate(arguments) if not isinstance(a, np.ndarray)}
    send(process.stdin, arrays, dict(function=function, plain=plain, count=len(arguments), settings=settings, gradient=gradient, made=made))
    answer, about = receive(process.stdout)
    if "error" in about:
        raise RuntimeError(f"{function}: {about['error']}")
    results = tuple(answer[str(n)] for n in range(about["count"]))
    return results if about["tuple"] or gradient is not None else results[0]


@functools.cache
def _process() -> subprocess.Popen | None:
    """The process that answers, once it has said that it has the operations."""
    command = [os.environ.get("TORCHVISION_PYTHON", sys.executable), os.path.abspath(__file__)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if not process.stdout.readline():
        process.communicate()  # closes the pipes
        return None
    atexit.register(process.kill)
    return process


def send(stream: Any, arrays: dict[str, np.ndarray], about: dict[str, Any]) -> None:
    packed = io.BytesIO()
    np.savez(packed, **arrays)
    head = json.dumps(about | {"bytes": packed.tell()}).encode()
    stream.write(head + b"\n" + packed.getvalue())
    stream.flush()


def receive(stream: Any) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    about = json.loads(stream.readline())
    with np.load(io.BytesIO(stream.read(about["bytes"]))) as archive:
        return dict(archive), about


def answer_all() -> None:
    """The other side: one answer for each question until there are no more."""
    import torch
    import torchvision

    torchvision.ops.nms(torch.zeros(1, 4), torch.zeros(1), 0.5)
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    sink.write(b"ready\n")
    sink.flush()
    while source.peek(1):
        arrays, about = receive(source)
        try:
            values = [torch.from_numpy(arrays[str(n)]) if str(n) in arrays else about["plain"][str(n)] for n in range(about["count"])]
            home, _, name = about["function"].rpartition(".")
            if about["made"] is None:
                home = importlib.import_module(home)
            else:
                module, _, kind = home.rpartition(".")
                home = getattr(importlib.import_module(module), kind)(**about["made"])
            if about["gradient"] is not None:
                values[about["gradient"]].requires_grad_()
            result = getattr(home, name)(*values, **about["settings"])
            results = [*result] if isinstance(result, (tuple, list)) else [result]
            if about["gradient"] is not None:
                weights = torch.arange(1, result.numel() + 1, dtype=result.dtype).reshape(result.shape) / max(1, result.numel())
                results += torch.autograd.grad((result * weights).sum(), values[about["gradient"]])
            answer = {str(n): r.detach().numpy() for n, r in enumerate(results)}
            send(sink, answer, dict(count=len(results), tuple=isinstance(result, (tuple, list))))
        except Exception as error:
            send(sink, {}, dict(error=f"{type(error).__name__}: {error}"))


if __name__ == "__main__":
    answer_all()
