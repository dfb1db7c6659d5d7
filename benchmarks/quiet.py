"""Whether the machine was quiet: times that were taken beside other processes are not to be trusted, and a ratio of them no more."""

import os
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

__all__ = ["LOUD", "Watch", "warning"]

# Cores that others may take: beyond, times are disturbed.
LOUD = 0.05


class Watch:
    """With it around a piece of work, ``others`` is how many cores other processes took meanwhile; None where the system does not say."""

    others: float | None = None

    def __enter__(self) -> "Watch":
        self.start, self.own, self.all = time.perf_counter(), time.process_time(), _busy()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        busy, own, took = _busy(), time.process_time() - self.own, time.perf_counter() - self.start
        if busy is not None and self.all is not None:
            self.others = max(0.0, busy - self.all - own) / took


def _busy() -> float | None:
    """Seconds that all cores of the machine have been busy, or taken away by its host."""
    try:
        user, nice, system, _, _, *rest = map(int, Path("/proc/stat").read_text().split(maxsplit=9)[1:9])
    except (OSError, ValueError):
        return None
    return (user + nice + system + sum(rest)) / os.sysconf("SC_CLK_TCK")


def warning(others: Iterable[float | None]) -> list[str]:
    """What to say about the pieces of work that were disturbed."""
    known = [one for one in others if one is not None]
    loud = [one for one in known if one > LOUD]
    return [f"Other processes took more than {LOUD} cores during {len(loud)} of {len(known)} measurements, {max(loud):.2f} at most."] if loud else []
