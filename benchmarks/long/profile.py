"""Where the time goes: every process of ours under py-spy, during a load into each sink."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil
import tenacity

from benchmarks.attempts import attempt
from benchmarks.data import Dump
from benchmarks.long.bench import LongBench, start
from benchmarks.long.size import SINKS
from benchmarks.long.spy import Spy, attach, program
from benchmarks.measure import Profile
from benchmarks.pipeline import Pipeline, working
from benchmarks.servers import TITLES, TO, Running
from common.entities import Entity
from common.errors import WaxlineError
from common.interpreter import module_of
from extractor.parsing.process import MODULE

GROUP = "profile"
EXTRACTOR = "extractor"
PARSER = "parse process"
_STARTUP_SECONDS = 60.0


class _NotYetError(WaxlineError):
    """There is nothing yet to look at."""


def measure_profile(bench: LongBench) -> None:
    """Profile a load into each sink; being looked at, it is slower, and is not clocked."""
    program()
    dump = bench.dump(Entity.RELEASE)
    for sink in SINKS:
        attempt(bench.results, f"{GROUP}: {sink}", partial(_measure_sink, bench, dump, sink))


def _measure_sink(bench: LongBench, dump: Dump, sink: str) -> None:
    with ExitStack() as stack:
        servers = start(stack, TO[sink,], bench.cache)
        folder = bench.cache / "logs" / f"{GROUP}-{sink}"
        found = asyncio.run(_profile(servers, sink, dump, folder))
    for profile in found:
        bench.results.profiles.append(profile)
        print(f"  {profile.process}: {profile.samples:,} samples", flush=True)


async def _profile(servers: Running, sink: str, dump: Dump, folder: Path) -> list[Profile]:
    suffix = f", to {TITLES[sink]}"
    async with working(servers, (sink,), folder) as pipeline, AsyncExitStack() as stack:

        async def spy(found: Mapping[str, int]) -> list[Spy]:
            spies = []
            for name, pid in found.items():
                spies.append(await attach(name, pid, folder))
                stack.push_async_callback(spies[-1].end)
            return spies

        loaders = await spy(pipeline.pids)
        others = await _loaded(pipeline, dump, spy)
        profiles = [await one.profile() for one in (*others, *loaders)]
    return [replace(one, process=one.process + suffix) for one in profiles]


async def _loaded(
    pipeline: Pipeline, dump: Dump, spy: Callable[[Mapping[str, int]], Awaitable[list[Spy]]]
) -> list[Spy]:
    """Load a dump; return who looked at the extractor meanwhile."""

    async def attached() -> list[Spy]:
        return await spy(await _extractor_pids())

    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(pipeline.load(dump))
            attaching = tasks.create_task(attached())
    except BaseExceptionGroup as failures:  # callers know errors of ours, not groups
        raise failures.exceptions[0] from failures
    return attaching.result()


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
                    return {EXTRACTOR: child.pid, PARSER: grandchild.pid}
    raise _NotYetError("the extractor has no parse process")
