"""`waxline run` ended from outside, and without the store that tells its end."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import psutil

from common.errors import ServerError
from faults.programs import until
from faults.shared_servers import crash, frozen
from faults.stage import Inject, RoundError, Row, Stage
from faults.terminal import Terminal, terminal
from tests.acceptance.processes import Finished

_ENDS = 2
"""How often a run of each month is ended."""
_LATEST = 8.0
"""In seconds from its start."""
_GONE_SECONDS = 30.0
"""So long after the end of a run, nothing that it has started is left."""
_END_SECONDS = 90.0
"""So long after the store is gone, `waxline run` has given it up: five times what it is set to."""
_READS = b"reading_begins"

PATIENT = {f"WAXLINE_{server}_TIMEOUT": "60" for server in ("BROKER", "POSTGRES", "GRAPH")}
"""For a row in which no server but the store is broken, and a run must end as it says."""

End = Callable[[Stage, Terminal], None]


def _hang_up(_stage: Stage, screen: Terminal) -> None:
    screen.hang_up()


def _kill(stage: Stage, _screen: Terminal) -> None:
    stage.programs.kill("run")


async def _end_often(end: End, how: signal.Signals, stage: Stage) -> None:
    """End runs of each month, then let one go on; nothing of what is ended is left."""
    for dumps in stage.months.both:
        for _ in range(_ENDS):
            await _end_one(end, how, stage, dumps)
            await _until_nothing_is_left(stage.folder)
        await stage.load(dumps)
        await _until_nothing_is_left(stage.folder)


async def _end_one(end: End, how: signal.Signals, stage: Stage, dumps: Sequence[Path]) -> None:
    with terminal() as screen:
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(stage.programs.run(dumps, terminal=screen.name))
            await asyncio.wait([running], timeout=stage.rng.uniform(0, _LATEST))
            end(stage, screen)
    done = running.result()
    # By the signal itself: before it had a handler for it.
    if done.code not in (0, 128 + how, -how):
        raise RoundError(f"it met {how.name} and ended with {done.code}: {done.said}")
    if done.code > 0 and f"stopped by {how.name}" not in done.said:
        raise RoundError(f"it does not say that it met {how.name}: {done.said}")


async def _until_nothing_is_left(folder: Path) -> None:
    """Wait for the end of everything at work in the round's folder: programs and servers."""
    try:
        async with asyncio.timeout(_GONE_SECONDS):
            await until(lambda: not list(_at_work_in(folder)))
    except TimeoutError as error:
        left = list(_at_work_in(folder))
        said = [process.cmdline() for process in left]
        for process in left:
            process.kill()
        raise RoundError(f"{_GONE_SECONDS:.0f} s after the end of a run: {said}") from error


def _at_work_in(folder: Path) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if Path(process.cwd()).is_relative_to(folder):
                yield process


async def _store_gone(stage: Stage) -> None:
    """Take the store away from a run of each month once all is read and nothing loaded."""
    for dumps in stage.months.both:
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(stage.programs.run(dumps))
            loaders = await _frozen_until_all_is_read(stage)
            async with _without_store(stage) as gone:
                for loader in loaders:
                    loader.resume()
                done = await _given_up(running, gone)
        if done.code != ServerError.exit_code or "the store at" not in done.said:
            raise RoundError(f"the store was {gone}, and it ended with {done.code}: {done.said}")
        await stage.load(dumps)


async def _given_up(running: "asyncio.Task[Finished]", gone: str) -> Finished:
    try:
        async with asyncio.timeout(_END_SECONDS):
            return await running
    except TimeoutError as error:
        raise RoundError(
            f"the store was {gone}, and `waxline run` still waits {_END_SECONDS:.0f} s later"
        ) from error


async def _frozen_until_all_is_read(stage: Stage) -> list[psutil.Process]:
    """Return the loaders, frozen since the extractor began to read, once it has ended."""
    log = stage.data / "logs" / "extractor.log"
    # It reads once they have their sinks open, and has sent next to nothing by then.
    await until(lambda: log.exists() and _READS in log.read_bytes())
    loaders = stage.programs.children("run", "loaders")
    for loader in loaders:
        loader.suspend()
    await until(lambda: not stage.programs.children("run", "extractor"))
    return loaders


@asynccontextmanager
async def _without_store(stage: Stage) -> AsyncIterator[str]:
    """Have the store away for the length of a ``with``; gives how."""
    server, link = stage.server("store"), stage.links["store"]
    way = stage.rng.choice(("killed", "frozen", "behind a black hole"))
    if way == "frozen":
        async with frozen(server):
            yield way
    elif way == "killed":
        await asyncio.to_thread(crash, server)
        try:
            yield way
        finally:
            await asyncio.to_thread(server.start)
    else:
        link.black_hole()
        yield way
        link.restore()


def _ended(name: str, injects: str, inject: Inject) -> Row:
    expects = "nothing that it started is left; the same command continues"
    return Row(name, injects, expects, inject, plays=True, front=True, own=("store", "broker"))


RUNS = (
    _ended(
        "hang-up-run",
        "`waxline run`'s terminal closed (SIGHUP) at seeded moments",
        partial(_end_often, _hang_up, signal.SIGHUP),
    ),
    _ended(
        "kill-run",
        "kill -9 of `waxline run` at seeded moments",
        partial(_end_often, _kill, signal.SIGKILL),
    ),
    Row(
        "store-gone",
        "the store killed, frozen or behind a black hole once `waxline run` has read all",
        "a sentence and exit code 4; the same command continues",
        _store_gone,
        settings=PATIENT,
        plays=True,
        linked=True,
        front=True,
    ),
)
