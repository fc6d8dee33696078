"""The programs of a round, kept as a service manager keeps them: one that ends is started again."""

import asyncio
import inspect
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path

import psutil
import tenacity

from common.command_lines import module_of
from common.errors import DumpError, ServerError, SettingsError
from common.faultpoints import LAST_WORDS
from faults.processes import Forked, Forker
from tests.acceptance.processes import Finished

SINKS = ("postgres", "neo4j")
PROGRAMS = ("extractor", "loader-postgres", "loader-neo4j")
POLL = 0.2
"""Seconds before one looks again, or a program is started again."""

STOP_SECONDS = 10.0
"""A program has ended so long after SIGTERM, whatever its servers do."""

_HOPELESS = frozenset((SettingsError.exit_code, DumpError.exit_code))
_STOPPED = (-signal.SIGTERM, 128 + signal.SIGTERM, ServerError.exit_code, -signal.SIGKILL)
"""How a program may end when it is told to: as told, or by the fault that came first."""

More = Callable[[str], Mapping[str, str]]
"""What is added to a program's environment at its next start."""


class UncleanError(AssertionError):
    """A program has ended in a way that its user should never see."""


class Programs:
    """Two loaders and an extractor; what each said is in a log of its own.

    Loaders are started while ``allowed`` is set; ``hopeless`` are exit codes after which nothing
    is started again.  `waxline run` may be run in place of all of them.
    """

    def __init__(self, forker: Forker, settings: Mapping[str, str], folder: Path) -> None:
        self.settings = dict(settings)
        self.folder = folder
        self.running: dict[str, Forked] = {}
        self.starts: Counter[str] = Counter()
        self.kills: Counter[str] = Counter()
        self.codes: Counter[tuple[str, int]] = Counter()
        self.more: More = lambda _name: {}
        self.hopeless = _HOPELESS
        self.allowed = asyncio.Event()
        self.allowed.set()
        self._starting = asyncio.Lock()
        self._forker = forker
        self._numbers = count(1)

    @property
    def library(self) -> Path:
        """What lets programs have clocks of their own."""
        return self._forker.library

    @asynccontextmanager
    async def loaders(self, *more: str) -> AsyncIterator[None]:
        """Keep the loaders running for the length of a ``with``, and stop them in order.

        There is one of each sink, and a second one of the sinks named.
        """
        names = {loader(sink): sink for sink in SINKS}
        names |= {f"{loader(sink)}-2": sink for sink in more}
        keeping = [asyncio.create_task(self._keep(*one)) for one in names.items()]
        try:
            yield
        finally:
            for task in keeping:
                task.cancel()
            ends = await asyncio.gather(*keeping, return_exceptions=True)
        for error in ends:
            if isinstance(error, Exception):
                raise error

    async def extract(self, dumps: Sequence[Path], flags: Collection[str] = ()) -> None:
        """Run the extractor, and again whenever it ends otherwise than well."""
        command = ("extractor", *flags, *map(str, dumps))

        async def well() -> bool:
            return self._hopeful(await self.once("extractor", *command)).code == 0

        await until(well)

    async def run(
        self, dumps: Sequence[Path], flags: Collection[str] = (), *, terminal: str = ""
    ) -> Finished:
        """Run `waxline run` to its end, and keep what its children logged."""
        command = ("waxline", "run", *flags, "--", *map(str, dumps))
        try:
            return self._hopeful(await self.once("run", *command, terminal=terminal))
        finally:
            for log in (Path(self.settings["WAXLINE_DATA_FOLDER"]) / "logs").glob("*.log"):
                log.replace(self._log(log.stem))  # what has not ended yet goes on writing to it

    async def once(self, name: str, *command: str, terminal: str = "") -> Finished:
        """Run a program to its end, whatever that is; stop it in order when cancelled."""
        self.starts[name] += 1
        log = self._log(name)
        async with self._starting:
            settings = {**self.settings, **self.more(name)}
            process = await self._forker.start(log, settings, *command, terminal=terminal)
            self.running[name] = process
        try:
            done = await process.ended()
        except asyncio.CancelledError:
            await _stop(name, process)
            raise
        finally:
            self.running.pop(name, None)
        self._count(name, done)
        return done

    def process(self, name: str) -> psutil.Process | None:
        """Return the process of a program; None when it does not run."""
        running = self.running.get(name)
        with suppress(psutil.NoSuchProcess):
            return psutil.Process(running.pid) if running else None
        return None

    def signal(self, name: str, number: int) -> bool:
        """Send a program a signal; False when it does not run."""
        process = self.running.get(name)
        return process is not None and process.signal(number)

    def kill(self, name: str) -> bool:
        """Kill a program at once; False when it does not run."""
        return self.signal(name, signal.SIGKILL)

    @asynccontextmanager
    async def frozen(self, name: str) -> AsyncIterator[bool]:
        """Have a program stopped for the length of a ``with``; gives False when it does not run."""
        process = self.running.get(name)
        try:
            yield process is not None and process.signal(signal.SIGSTOP)
        finally:
            if process is not None:
                process.signal(signal.SIGCONT)

    def children(self, name: str, module: str) -> list[psutil.Process]:
        """Return the processes that a program has started to run a module."""
        with suppress(psutil.Error):
            process = self.process(name)
            children = process.children() if process else []
            return [child for child in children if _runs(child, module)]
        return []

    async def away(self, *sinks: str) -> None:
        """Kill loaders, and let none start before ``allowed`` is set again."""
        self.allowed.clear()
        async with self._starting:
            going = [self.running.get(loader(sink)) for sink in sinks]
        for process in going:
            if process is not None:
                process.signal(signal.SIGKILL)
                await process.ended()

    def said(self) -> str:
        """Return what all programs have said so far."""
        logs = sorted(self.folder.glob("*.log"), key=lambda log: int(log.name.partition("-")[0]))
        return "\n".join(log.read_text(encoding="utf-8", errors="replace") for log in logs)

    def _log(self, name: str) -> Path:
        return self.folder / f"{next(self._numbers)}-{name}.log"

    async def _keep(self, name: str, sink: str) -> None:
        while True:
            await self.allowed.wait()
            self._hopeful(await self.once(name, "loaders", sink))
            await asyncio.sleep(POLL)

    def _hopeful(self, done: Finished) -> Finished:
        """Return what has ended; raise `UncleanError` where starting it again would not help."""
        if done.code in self.hopeless:
            raise UncleanError(f"ended with {done.code}: {done.said[-1000:]}")
        return done

    def _count(self, name: str, done: Finished) -> None:
        self.codes[name, done.code] += 1
        if done.code == -signal.SIGKILL:
            point = done.said.partition(LAST_WORDS)[2].partition("\n")[0] or "a moment"
            self.kills[f"{name}, {point}"] += 1


def _runs(process: psutil.Process, module: str) -> bool:
    with suppress(psutil.Error):
        return module_of(process.cmdline()) == module
    return False


async def until(true: Callable[[], object]) -> None:
    """Ask again and again until the answer, which may have to be awaited, is yes."""
    asking = tenacity.AsyncRetrying(
        retry=tenacity.retry_if_result(lambda found: not found), wait=tenacity.wait_fixed(POLL)
    )

    async def once() -> object:
        found = true()
        return await found if inspect.isawaitable(found) else found

    await asking(once)


def loader(sink: str) -> str:
    """Return how a sink's loader is called."""
    return f"loader-{sink}"


async def _stop(name: str, process: Forked) -> None:
    """Stop a program; raise `UncleanError` for one that does not end in time, or ends badly."""
    process.signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(STOP_SECONDS):
            done = await process.ended()
    except TimeoutError as error:
        process.signal(signal.SIGKILL)
        raise UncleanError(
            f"{name} did not end {STOP_SECONDS:.0f} s after SIGTERM: {process.said()[-1000:]}"
        ) from error
    if done.code not in _STOPPED:
        raise UncleanError(f"{name}, told to stop, ended with {done.code}: {done.said[-1000:]}")
