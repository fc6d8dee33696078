"""Looks at processes while they work: CPU seconds and the most memory of each."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import psutil

from benchmarks.figures import Peak
from extractor.parsing.process import MODULE

_EVERY = 0.5  # s; each look takes some milliseconds of the cores that are measured
_WORKER = "parse process"


@dataclass
class _Seen:
    """What was seen of one process."""

    role: str
    ours: bool
    cpu_before: float
    cpu: float = 0.0
    rss: float = 0.0
    uss: float = 0.0


@dataclass
class Sampler:
    """Samples the processes it is told to watch, with their children.

    Memory of its own (uss) is asked only of ours: it costs the kernel a walk through all pages.
    """

    _roots: dict[int, tuple[str, bool]] = field(default_factory=dict)
    _seen: dict[int, _Seen] = field(default_factory=dict)

    def watch(self, role: str, pid: int, *, ours: bool, fresh: bool = False) -> None:
        """Watch a process and its children; ``fresh``: its CPU seconds until now count too."""
        self._roots[pid] = role, ours
        self._look_at(pid, _parents(), first=not fresh)

    def look(self) -> None:
        """Take one sample of everything."""
        parents = _parents()
        for pid in self._roots:
            self._look_at(pid, parents)

    def cpu(self) -> dict[str, float]:
        """Return CPU seconds by role."""
        total: dict[str, float] = defaultdict(float)
        for seen in self._seen.values():
            total[seen.role] += seen.cpu - seen.cpu_before
        return dict(total)

    def peaks(self, *, ours: bool) -> dict[str, Peak]:
        """Return the largest process of each role."""
        found: dict[str, Peak] = defaultdict(lambda: Peak(0, 0))
        for seen in self._seen.values():
            if seen.ours == ours:
                other = found[seen.role]
                found[seen.role] = Peak(max(other.rss, seen.rss), max(other.uss, seen.uss))
        return dict(found)

    def _look_at(self, root: int, parents: Mapping[int, int], *, first: bool = False) -> None:
        for pid in _family(root, parents):
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                process = psutil.Process(pid)
                with process.oneshot():
                    self._sample(process, *self._roots[root], first=first)

    def _sample(self, process: psutil.Process, role: str, ours: bool, *, first: bool) -> None:
        times = process.cpu_times()
        cpu = float(times.user + times.system)
        if process.pid not in self._seen:
            if ours and process.pid not in self._roots:
                if MODULE not in process.cmdline():
                    return  # still a copy of its parent
                role = _WORKER
            self._seen[process.pid] = _Seen(role, ours, cpu if first else 0.0)
        seen = self._seen[process.pid]
        seen.cpu = cpu
        seen.rss = max(seen.rss, process.memory_info().rss / 1e6)
        if ours:
            seen.uss = max(seen.uss, process.memory_full_info().uss / 1e6)


@asynccontextmanager
async def sampling(sampler: Sampler) -> AsyncIterator[None]:
    """Let the sampler look twice a second, and once more at the end."""

    async def keep_looking() -> None:
        while True:
            sampler.look()
            await asyncio.sleep(_EVERY)

    looking = asyncio.create_task(keep_looking())
    try:
        yield
    finally:
        looking.cancel()
        sampler.look()


def _parents() -> dict[int, int]:
    """Return each process's parent: asked once per look, as it means a look at every process."""
    return {process.pid: process.info["ppid"] for process in psutil.process_iter(["ppid"])}


def _family(pid: int, parents: Mapping[int, int]) -> Iterator[int]:
    yield pid
    for child, parent in parents.items():
        if parent == pid:
            yield from _family(child, parents)
