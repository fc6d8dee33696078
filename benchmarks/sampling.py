"""Looks at processes while they work: CPU seconds and the most memory of each."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import psutil

from benchmarks.measure import Peak
from extractor.parsing.process import MODULE

_EVERY = 0.5  # s; each look takes some milliseconds of the cores that are measured
_WORKER = "parse process"


@dataclass
class Seen:
    """What was seen of one process."""

    role: str
    cpu_before: float
    cpu: float = 0.0
    rss: float = 0.0
    uss: float = 0.0


@dataclass
class Sampler:
    """Samples the processes it is told to watch, with their children.

    Memory of its own (uss) is asked only of ours: it costs the kernel a walk through all pages.
    """

    _roots: dict[int, str] = field(default_factory=dict)
    _ours: set[str] = field(default_factory=set)
    _seen: dict[int, Seen] = field(default_factory=dict)

    def watch(self, role: str, pid: int, *, ours: bool, fresh: bool = False) -> None:
        """Watch a process and its children; ``fresh``: its CPU seconds until now count too."""
        self._roots[pid] = role
        if ours:
            self._ours.update((role, _WORKER))
        self._look_at(pid, role, _parents(), first=not fresh)

    def look(self) -> None:
        """Take one sample of everything."""
        parents = _parents()
        for pid, role in self._roots.items():
            self._look_at(pid, role, parents)

    def cpu(self) -> dict[str, float]:
        """Return CPU seconds by role."""
        total: dict[str, float] = defaultdict(float)
        for seen in self._seen.values():
            total[seen.role] += seen.cpu - seen.cpu_before
        return dict(total)

    def peaks(self, *, ours: bool) -> dict[str, Peak]:
        """Return the largest process of each role."""
        found: dict[str, Peak] = {}
        for seen in self._seen.values():
            if (seen.role in self._ours) == ours:
                other = found.get(seen.role, Peak(0, 0))
                found[seen.role] = Peak(max(other.rss, seen.rss), max(other.uss, seen.uss))
        return found

    def _look_at(
        self, pid: int, role: str, parents: Mapping[int, int], *, first: bool = False
    ) -> None:
        for member in _family(pid, parents):
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                self._sample(psutil.Process(member), role, first=first)

    def _sample(self, process: psutil.Process, root_role: str, *, first: bool) -> None:
        with process.oneshot():
            seen = self._known(process, root_role, first=first)
            if seen is None:
                return
            seen.cpu = _cpu(process)
            seen.rss = max(seen.rss, process.memory_info().rss / 1e6)
            if seen.role in self._ours:
                seen.uss = max(seen.uss, process.memory_full_info().uss / 1e6)

    def _known(self, process: psutil.Process, root_role: str, *, first: bool) -> Seen | None:
        if process.pid not in self._seen:
            role = root_role
            if root_role in self._ours and process.pid not in self._roots:
                role = _child_role(process)
            if not role:
                return None
            self._seen[process.pid] = Seen(role, _cpu(process) if first else 0.0)
        return self._seen[process.pid]


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


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _child_role(process: psutil.Process) -> str:
    """Tell what a child of the extractor is; empty while it is still a copy of its parent."""
    return _WORKER if MODULE in process.cmdline() else ""
