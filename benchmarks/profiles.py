"""Where the time goes: every process of ours under py-spy, during a load into each sink."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil
import tenacity

from benchmarks.bench import Bench
from benchmarks.dumps import Dump
from benchmarks.figures import Profile
from benchmarks.pipeline import Course, Pipeline, working
from benchmarks.servers import TITLES, TO, started
from benchmarks.spy import Spy, attach, program
from benchmarks.turns import attempt
from common.command_lines import module_of
from common.entities import Entity
from common.errors import WaxlineError
from extractor.parsing.process import MODULE

_STARTUP_SECONDS = 60.0


class _NotYetError(WaxlineError):
    """There is nothing yet to look at."""


async def measure_profile(bench: Bench) -> None:
    """Profile a load into each sink; being looked at, it is slower, and is not clocked."""
    program()
    dump = bench.dump(Entity.RELEASE, bench.sizes.releases)
    for sink in TITLES:
        await attempt(bench.results, f"profile: {sink}", partial(_measure_sink, bench, dump, sink))


async def _measure_sink(bench: Bench, dump: Dump, sink: str) -> None:
    course, folder = Course((sink,), [dump]), bench.cache / "logs" / f"profile-{sink}"
    with started(TO[sink,], bench.cache) as servers:
        async with working(course, servers, folder) as pipeline:
            found = await _profile(pipeline, dump, folder)
    for profile in found:
        bench.results.profiles.append(
            replace(profile, process=f"{profile.process}, to {TITLES[sink]}")
        )
        print(f"  {profile.process}: {profile.samples:,} samples", flush=True)


async def _profile(pipeline: Pipeline, dump: Dump, folder: Path) -> list[Profile]:
    """Load a dump, and look at the loaders and the extractor meanwhile."""
    async with AsyncExitStack() as stack:

        async def spy(pids: Mapping[str, int]) -> list[Spy]:
            spies = [await attach(name, pid, folder) for name, pid in pids.items()]
            for one in spies:
                stack.push_async_callback(one.end)
            return spies

        loaders = await spy(pipeline.pids)
        loading = asyncio.create_task(pipeline.load(dump))
        stack.push_async_callback(_end, loading)
        others = await spy(await _extractor_pids())
        await loading
        return [await one.profile() for one in (*others, *loaders)]


async def _end(task: "asyncio.Task[object]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@tenacity.retry(
    retry=tenacity.retry_if_exception_type((_NotYetError, psutil.NoSuchProcess)),
    wait=tenacity.wait_fixed(0.05),
    stop=tenacity.stop_after_delay(_STARTUP_SECONDS),
    reraise=True,
)
async def _extractor_pids() -> Mapping[str, int]:
    """Return the process ids of the extractor that we have started, and of its parse process."""
    for child in psutil.Process().children():
        if module_of(child.cmdline()) == "extractor":
            for grandchild in child.children():
                if MODULE in grandchild.cmdline():
                    return {"extractor": child.pid, "parse process": grandchild.pid}
    raise _NotYetError("the extractor has no parse process")
