"""Runs extractor and loaders until every sink equals the dumps, or it is clear that none will."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from itertools import chain, repeat
from pathlib import Path
from typing import Any, TypeVar

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_attempt,
    stop_after_delay,
    wait_fixed,
)

from common.dumps import Dump
from common.entities import Entity
from common.errors import ServerError, TransientError
from common.reports import EntityReport, Progress, SinkReport
from common.store import Store
from common.verdicts import Verdict, judge_all, over
from waxline.run.children import Child, ChildError, DiedError, child, remove_logs
from waxline.run.display import Display
from waxline.run.liveness import Liveness

T = TypeVar("T")

_POLL = 0.5  # s
_SHORT_POLL = 0.05  # s, while something is about to come
_SHORT_POLLS = 40
_SECONDS_WITHOUT_NEWS = 8.0
"""After so many, quiet sinks count as done: until then they may still be settling."""

_LIVES = 3
"""How often a loader may die in a run."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The processes of a run: an extractor, and a loader for each of the ``sinks``.

    ``environment`` is set for the processes beside our own, ``words`` are the extractor's on its
    command line; their logs are in the folder ``logs``.  A dump is read ``attempts`` times at
    most.  The store may be away for ``retry_seconds``, and a process that is told to end has
    ``shutdown_seconds``.
    """

    sinks: Sequence[str]
    environment: Mapping[str, str]
    words: Sequence[str]
    logs: Path
    attempts: int
    retry_seconds: float
    shutdown_seconds: float


@dataclass(slots=True)
class Outcome:
    """What the extractor's last run of each entity came to.

    ``past`` has all that it has run meanwhile, the last ones too, by their number; ``rows`` what
    each sink last told of them, by sink and run.
    """

    runs: dict[Entity, Progress] = field(default_factory=dict)
    reports: dict[str, SinkReport] = field(default_factory=dict)
    verdicts: dict[tuple[Entity, str], Verdict] = field(default_factory=dict)
    attempts: int = 0
    past: dict[int, Progress] = field(default_factory=dict)
    rows: dict[tuple[str, int], EntityReport] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.remember()

    def remember(self) -> None:
        """Keep what is told now: of a run that another follows, sinks tell no more."""
        self.past |= {progress["run"]: progress for progress in self.runs.values()}
        self.rows |= {
            (sink, row["run"]): row
            for sink, report in self.reports.items()
            for row in report["entities"].values()
            if row["run"] in self.past
        }

    def unfinished(self) -> set[Entity]:
        """Return the entities that another run may mend."""
        return {
            entity for (entity, _), verdict in self.verdicts.items() if not verdict.standing.final
        }

    def good(self) -> bool:
        """Tell whether every sink equals every dump."""
        return bool(self.verdicts) and all(
            verdict.standing.good for verdict in self.verdicts.values()
        )


async def run_dumps(
    dumps: Sequence[Dump], pipeline: Pipeline, store: Store, display: Display
) -> Outcome:
    """Load the dumps.

    Raises `ChildError` when a process gives up, `ServerError` when the store cannot be used.
    """
    await store.check()
    # Nothing is started when it cannot be reached: it tells the end.
    liveness = Liveness(await store.reports())
    runner = _Runner(pipeline, display, store, liveness)
    remove_logs(pipeline.logs, ["extractor", *map(_loader, pipeline.sinks)])
    return await _unless_failed(runner.run(dumps), [runner.keep(sink) for sink in pipeline.sinks])


class _Runner:
    def __init__(
        self, pipeline: Pipeline, display: Display, store: Store, liveness: Liveness
    ) -> None:
        self._pipeline = pipeline
        self._display = display
        self._store = store
        self._liveness = liveness
        self._outcome = Outcome()

    async def keep(self, sink: str) -> None:
        """Run a sink's loader; when it dies without a word, again, a few times."""
        again = AsyncRetrying(
            retry=retry_if_exception_type(DiedError),
            stop=stop_after_attempt(_LIVES),
            before_sleep=self._say_again,
            reraise=True,
        )
        try:
            await again(self._load, sink)
        except DiedError as error:
            raise ChildError(f"{error}; it died {_LIVES} times", error.exit_code) from error

    async def _load(self, sink: str) -> None:
        async with self._child(_loader(sink), "loaders", sink) as loader:
            await loader.fail()

    def _say_again(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        self._display.say(f"{error}; it is started again")

    def _child(self, name: str, *command: str) -> AbstractAsyncContextManager[Child]:
        its = self._pipeline
        return child(name, command, its.environment, its.logs, its.shutdown_seconds)

    async def run(self, dumps: Sequence[Dump]) -> Outcome:
        """Read until nothing is left to mend, as often as may be."""
        outcome = self._outcome
        todo = list(dumps)
        # Before the first look: what the store holds of earlier runs is none of this one's.
        self._liveness.expect_runs(await self._patiently(self._store.progress))
        while todo and outcome.attempts < self._pipeline.attempts:
            outcome.attempts += 1
            await self._read(todo)
            await self._settle()
            todo = [dump for dump in dumps if dump.entity in outcome.unfinished()]
        return outcome

    async def _until_sinks_are_open(self, extracting: "asyncio.Task[None]") -> None:
        """Wait for the loaders' first reports: one that cannot load ends, before anything is read.

        A loader's end is noticed beside this (`_unless_failed`), that of the extractor here.
        """
        while not (extracting.done() or self._outcome.reports.keys() >= set(self._pipeline.sinks)):
            await self._patiently(self._look)
            await asyncio.sleep(_SHORT_POLL)

    async def _read(self, dumps: Sequence[Dump]) -> None:
        """Let the extractor read the dumps, and show how far it is meanwhile.

        It starts beside the loaders, and reads once they are there.
        """
        paths = [str(dump.path) for dump in dumps]
        command = ("extractor", "--at-word", *self._pipeline.words, "--", *paths)
        async with self._child("extractor", *command) as extractor:
            extracting = asyncio.create_task(extractor.succeed())
            try:
                await self._until_sinks_are_open(extracting)
                self._liveness.expect_runs(await self._patiently(self._store.progress))
                extractor.tell()
                while not extracting.done():
                    await self._look_if_possible()
                    await asyncio.wait([extracting], timeout=_POLL)
                await extracting
            finally:
                extracting.cancel()
        await self._patiently(self._look)
        told = {entity for entity, progress in self._outcome.runs.items() if progress["done"]}
        if any(dump.entity not in told for dump in dumps):
            raise ServerError("the store has lost the extractor's progress: start the run again")

    async def _settle(self) -> None:
        """Wait until every sink's standing is final, or nothing has moved for some time."""
        outcome = self._outcome
        idle, before = 0.0, None
        pauses = chain(repeat(_SHORT_POLL, _SHORT_POLLS), repeat(_POLL))
        self._liveness.expect_runs(await self._patiently(self._store.progress))
        self._liveness.listen()
        while idle < _SECONDS_WITHOUT_NEWS:
            await self._patiently(self._look)
            verdicts = outcome.verdicts
            if all(verdict.standing.final for verdict in verdicts.values()):
                return
            news = {sink: report["entities"] for sink, report in outcome.reports.items()}
            pause = next(pauses)
            idle = idle + pause if over(verdicts.values()) and news == before else 0.0
            before = news
            await asyncio.sleep(pause)

    async def _patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask the store, which may be away for a while; raise `ServerError` when it stays away."""
        again = AsyncRetrying(
            retry=retry_if_exception_type(TransientError),
            wait=wait_fixed(_POLL),
            stop=stop_after_delay(self._pipeline.retry_seconds),
            reraise=True,
        )
        try:
            return await again(ask)
        except TransientError as error:
            raise ServerError(
                f"{error}: without it the end of a run cannot be told; the same command again, "
                "once it is back, does what is left to do"
            ) from error

    async def _look_if_possible(self) -> None:
        """Look, unless the store is away: the processes that write to it do without it."""
        try:
            await self._look()
        except TransientError:
            self._liveness.listen()

    async def _look(self) -> None:
        """Fetch and show what extractor and sinks tell."""
        outcome = self._outcome
        told, reports = await self._store.progress(), await self._store.reports()
        outcome.reports = self._liveness.hear(reports)
        self._liveness.check(self._pipeline.sinks)
        known = {progress["run"] for progress in outcome.runs.values()}
        fresh = self._liveness.new_runs(told)
        for progress in told:
            if progress in fresh or progress["run"] in known:
                outcome.runs[progress["entity"]] = progress
        outcome.verdicts = judge_all(outcome.runs.values(), self._pipeline.sinks, outcome.reports)
        outcome.remember()
        self._display.show(outcome.runs, outcome.reports, outcome.verdicts)


def _loader(sink: str) -> str:
    """Return how a sink's loader is called."""
    return f"loader-{sink}"


async def _unless_failed(
    work: Coroutine[Any, Any, T], loaders: Iterable[Coroutine[Any, Any, None]]
) -> T:
    """Return what ``work`` does; raise as soon as a loader gives up."""
    working = asyncio.create_task(work)
    loading = [asyncio.create_task(loader) for loader in loaders]
    try:
        await asyncio.wait([working, *loading], return_when=asyncio.FIRST_COMPLETED)
        for gone in loading:
            if gone.done():
                await gone
        return await working
    finally:
        for task in (working, *loading):
            task.cancel()
        await asyncio.gather(working, *loading, return_exceptions=True)
