"""What a result was measured on: enough to judge it by, and nothing that names the computer, its user or its folders."""

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import jax

__all__ = ["commit", "described", "device", "find_device", "machine", "versions"]

PLATFORMS = ("cpu", "gpu", "tpu")
PACKAGES = ("jaxreview", "jax", "jaxlib", "numpy", "optax", "scikit-learn", "matplotlib")


def find_device(kind: str | None) -> jax.Device:
    """The first device of a kind, or JAX's default one.

    Raises:
        LookupError: JAX has none of that kind here.
    """
    if kind is None:
        return jax.devices()[0]
    if kind not in PLATFORMS:
        raise LookupError(f"--device {kind}: there is no such kind; it needs one of {', '.join(PLATFORMS)}")
    try:
        return jax.devices(kind)[0]
    except RuntimeError:
        have = ", ".join(sorted({one.platform for one in jax.devices()}))
        raise LookupError(f"--device {kind}: JAX finds no {kind} here; it has {have} (another one needs another jaxlib: docs.jax.dev, Installation)") from None


def device(one: jax.Device) -> dict[str, str]:
    """Platform and kind of a JAX device."""
    return {"platform": one.platform, "kind": one.device_kind}


def machine() -> dict[str, Any]:
    """CPU model, the cores this process may use, operating system and Python."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"cpu": _cpu(), "cores": cores, "os": f"{platform.system()} {platform.release()} {platform.machine()}", "python": platform.python_version()}


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    if platform.system() == "Darwin":
        asked = _said("sysctl", "-n", "machdep.cpu.brand_string")
        if asked:
            return asked
    return platform.processor() or platform.machine()


def versions() -> dict[str, str | None]:
    """Versions of what decides a time; None for what is not installed."""

    def version(name: str) -> str | None:
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            return None

    import jaxreview

    return {**{name: version(name) for name in PACKAGES}, "jaxreview": jaxreview.__version__}


def described() -> dict[str, Any]:
    """Machine, versions, commit and devices: what to put into a bug report."""
    lines = {**machine(), **{name: version or "not installed" for name, version in versions().items()}, "commit": commit() or "not a checkout"}
    return lines | {f"device {number}": f"{one.platform} ({one.device_kind})" for number, one in enumerate(jax.devices())}


def commit() -> str | None:
    """The commit of the library's own checkout, with ``+changes`` when its files differ from it; None when it is not run from a checkout."""
    here = Path(__file__).parents[1]
    if not _said("git", "-C", str(here), "ls-files", "--error-unmatch", "__init__.py"):
        return None
    head = _said("git", "-C", str(here), "rev-parse", "HEAD")
    changed = _said("git", "-C", str(here), "status", "--porcelain", "--", ".")
    return f"{head}+changes" if head and changed else head or None


def _said(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""
