"""How many cores and how much memory this process may use: a container's share, not its host's."""

import math
import os
from collections.abc import Iterator
from pathlib import Path

import psutil

_ROOT = Path("/")
_GROUPS = "sys/fs/cgroup"


def usable_cores(root: Path = _ROOT) -> int:
    """Return how many cores this process may use, at least 1.

    It may be bound to some of them (taskset, cpusets), and its control group may have a quota,
    which is rounded up.  ``root`` is where ``proc`` and ``sys`` are.
    """
    # Not everywhere is there an affinity; Python 3.13 has process_cpu_count.
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min([bound or 1, *map(math.ceil, _quotas(root))]))


def usable_memory(root: Path = _ROOT) -> int:
    """Return how many bytes of memory this process and its like may use together."""
    return min([psutil.virtual_memory().total, *_limits(root)])


def memory_share(part: int, most: int, root: Path = _ROOT) -> int:
    """Return a ``part``-th of the usable memory, or ``most`` bytes when that is less."""
    return min(most, usable_memory(root) // part)


def _quotas(root: Path) -> Iterator[float]:
    """Yield quotas in cores, of the groups that this process is in."""
    for group in _groups(root, ""):
        quota, _, period = _read(group / "cpu.max").partition(" ")
        yield from _ratio(quota, period)
    for group in _groups(root, "cpu"):
        yield from _ratio(_read(group / "cpu.cfs_quota_us"), _read(group / "cpu.cfs_period_us"))


def _limits(root: Path) -> Iterator[int]:
    """Yield limits in bytes, of the groups that this process is in; without one, huge numbers."""
    for group in _groups(root, ""):
        yield from _number(_read(group / "memory.max"))
    for group in _groups(root, "memory"):
        yield from _number(_read(group / "memory.limit_in_bytes"))


def _groups(root: Path, controller: str) -> Iterator[Path]:
    """Yield the folders of our group and of all above it; the controller is empty in version 2.

    In a container its own group may be mounted as the root, whatever its path is outside.
    """
    top = root / _GROUPS / controller
    for line in _read(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            own = Path(path.lstrip("/"))
            yield from (top / part for part in (own, *own.parents))


def _ratio(quota: str, period: str) -> Iterator[float]:
    if quota.isdecimal() and period.isdecimal() and int(period):  # else "max", -1 or nothing
        yield int(quota) / int(period)


def _number(text: str) -> Iterator[int]:
    if text.isdecimal():
        yield int(text)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
