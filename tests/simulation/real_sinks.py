"""The two real sinks in the place of the simulated ones: the same nights, call by call.

Nothing decides otherwise than with the sinks in memory.  Every call has its effect in memory and
then on the real database, and must come to the same there: the same result, or the same kind of
error.  The time of the simulation stands still meanwhile: the real sinks work on a thread with a
loop of its own.  So no two calls are under way at once, and a process dies between calls, never
in one; `faults` is for that.

Records get aliases on the way to a real sink, so that rows have children and nodes have edges.
A read that follows another of the same kind, with nothing written in between, is not asked again.
"""

import asyncio
import threading
from collections.abc import Callable, Collection, Coroutine, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from common.errors import WaxlineError
from common.records import Record
from common.reports import State
from loaders.sink import Sink
from tests.fakes.database import Snapshot
from tests.fakes.sink import MemorySink
from tests.simulation.dumps import ENTITY, Promise
from tests.simulation.programs import Parts, TimelyWriter
from tests.simulation.properties import WatchedDatabase
from tests.simulation.real_databases import (
    DEADLINE,
    Backup,
    Content,
    RealDatabase,
    RealGraph,
    RealPostgres,
)
from tests.simulation.real_records import aliases_of, enriched
from tests.simulation.world import NEO4J, POSTGRES

T = TypeVar("T")

_READS = frozenset(
    (
        "run_rows", "refusals", "ranges", "digests", "held", "rejections", "rejected_record",
        "rows",
    )
)  # fmt: skip
_WRITES = frozenset(
    (
        "advance", "write", "store_range", "prepare", "delete", "distrust", "declare",
        "sweep",
    )
)  # fmt: skip


class Thread:
    """A loop on a thread of its own, for what takes real time."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait until something is done, as long as it takes."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(DEADLINE)

    def close(self) -> None:
        """End the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(DEADLINE)
        self._loop.close()


@dataclass(frozen=True)
class PairedSnapshot(Snapshot):
    """A database as it was, in memory and in reality."""

    backup: Backup = None


class PairedDatabase(WatchedDatabase):
    """A database in memory, and a real one that must hold the same."""

    def __init__(
        self,
        name: str,
        promises: Mapping[int, Promise],
        wrongs: list[str],
        real: RealDatabase,
        thread: Thread,
    ) -> None:
        super().__init__(name, promises, wrongs)
        self._real = real
        self._thread = thread
        self._sinks: list[Sink] = []
        self._identities: dict[str, str] = {}
        self._read: dict[tuple[Any, ...], Any] = {}
        self._compared = False
        self.calls = 0
        self._recreate()

    def open_sink(self) -> Sink:
        """Open one more real sink, as a process that starts does."""
        sink = self._real.sink()
        self._thread.do(sink.open())
        self._sinks.append(sink)
        self._forget()
        return sink

    def close(self) -> None:
        """Close the real sinks."""
        for sink in self._sinks:
            self._thread.do(sink.close())
        self._sinks.clear()

    def call(self, real: object, name: str, arguments: tuple[Any, ...]) -> Any:
        """Call a real sink, or its content or bookkeeping; return what that returns or raises."""
        key = (name, *map(repr, arguments))
        if name in _WRITES:
            self._forget()
        elif key in self._read:
            return self._read[key]
        self.calls += 1
        try:
            found = self._thread.do(getattr(real, name)(*arguments))
        except WaxlineError as error:
            found = error
        if name in _READS:
            self._read[key] = found
        return found

    def hold_against(self, name: str, expected: Any, found: Any) -> None:
        """Note a call that came to something else in reality."""
        if isinstance(expected, Exception) or isinstance(found, Exception):
            expected, found = _kind(expected), _kind(found)
        if expected != found:
            self._wrongs.append(f"{self.name}: {name} came to {found!r} instead of {expected!r}")

    def hold_identity(self, expected: str, found: str) -> None:
        """Note a database that takes itself for another, or for the same as before."""
        known = self._identities.setdefault(expected, found)
        if known != found or len(set(self._identities.values())) < len(self._identities):
            self._wrongs.append(f"{self.name}: {expected} was {known} and is {found}")

    def compare(self) -> None:
        """Note in what the real content differs, unless nothing has been written since."""
        if not self._compared and self._sinks:
            self._compared = True
            found, expected = self._thread.do(self._real.content()), self._expected()
            for what in ("records", "aliases", "deletions"):
                if (one := getattr(expected, what)) != (other := getattr(found, what)):
                    self._wrongs.append(f"{self.name}: {what} are {other} instead of {one}")
            self._compare_stubs(found, expected.stubs)

    def snapshot(self) -> PairedSnapshot:
        """Copy both."""
        memory = super().snapshot()
        backup = self._thread.do(self._real.backup())
        return PairedSnapshot(memory.generation, memory.tables, memory.refused, backup)

    def restore(self, snapshot: Snapshot) -> None:
        """Put a copy of both back; no sink is open."""
        assert isinstance(snapshot, PairedSnapshot)
        super().restore(snapshot)
        self.close()
        self._thread.do(self._real.restore(snapshot.backup))
        self._forget()

    def recreate(self) -> None:
        """Lose both; no sink is open."""
        super().recreate()
        self.close()
        self._recreate()

    def _recreate(self) -> None:
        """Make an empty database that has its identity, as one that is in use."""
        self._thread.do(self._real.recreate())
        self._thread.do(self.open_sink().identity())
        self.close()

    def _forget(self) -> None:
        self._read.clear()
        self._compared = False

    def _expected(self) -> Content:
        tables = self.tables[ENTITY]
        aliases = {
            (number, alias)
            for number, row in tables.rows.items()
            for alias in aliases_of(number, str(row.data.get("name")))
        }
        return Content(
            {i: (r.fingerprint, r.dump, str(r.data.get("name"))) for i, r in tables.rows.items()},
            frozenset(aliases),
            frozenset(tables.deletions),
            frozenset(alias for _, alias in aliases if alias not in tables.rows),
        )

    def _compare_stubs(self, found: Content, dangling: Collection[int]) -> None:
        """In the end stubs are exactly what dangles; before, some may be left over."""
        if self.name == "postgres":
            return
        row = self.tables[ENTITY].row
        complete = row is not None and row.state is State.COMPLETE
        if found.stubs != dangling if complete else not found.stubs >= set(dangling):
            self._wrongs.append(f"{self.name}: stubs are {found.stubs} instead of {dangling}")


class PairedSink:
    """Both sinks of one process: what the one in memory says goes."""

    def __init__(self, database: PairedDatabase, takes: Callable[[Record], bool]) -> None:
        self._database = database
        self._memory = MemorySink(database, takes)
        self._real = database.open_sink()
        self.name = self.server = self._memory.name
        self.sessions = self._memory.sessions
        self.batch_size = self._memory.batch_size
        self.content = Paired(database, self._memory.content, self._real.content)
        self.bookkeeping = Paired(database, self._memory.bookkeeping, self._real.bookkeeping)

    async def identity(self) -> str:
        """Return the identity, and see that it is another one when it should be."""
        expected = await self._memory.identity()
        self._database.hold_identity(expected, self._database.call(self._real, "identity", ()))
        return expected


class Paired:
    """The content, or the bookkeeping, of both."""

    def __init__(self, database: PairedDatabase, memory: object, real: object) -> None:
        self._database = database
        self._memory = memory
        self._real = real

    def __getattr__(self, name: str) -> Any:
        if name not in _READS | _WRITES:
            return getattr(self._memory, name)

        async def call(*arguments: Any) -> Any:
            return await self._both(name, arguments)

        return call

    async def _both(self, name: str, arguments: tuple[Any, ...]) -> Any:
        expected = await _outcome(partial(getattr(self._memory, name), *arguments))
        found = self._database.call(self._real, name, tuple(map(enriched, arguments)))
        self._database.hold_against(name, expected, found)
        if isinstance(expected, Exception):
            raise expected
        return expected


@contextmanager
def reality(postgres_url: str, graph_url: str) -> Iterator[Parts]:
    """Have what nights on these servers are made of; whatever they hold is lost."""
    reals: dict[str, RealDatabase] = {
        POSTGRES: RealPostgres(postgres_url),
        NEO4J: RealGraph(graph_url),
    }
    with ExitStack() as stack:
        thread = Thread()
        stack.callback(thread.close)
        for real in reals.values():
            thread.do(real.open())
            stack.callback(_close, thread, real)

        def database(
            name: str, promises: Mapping[int, Promise], wrongs: list[str]
        ) -> PairedDatabase:
            return PairedDatabase(name, promises, wrongs, reals[name], thread)

        yield Parts(writer=TimelyWriter, sink=PairedSink, database=database)


def _close(thread: Thread, real: RealDatabase) -> None:
    thread.do(real.close())


async def _outcome(call: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    try:
        return await call()
    except WaxlineError as error:
        return error


def _kind(outcome: Any) -> str:
    return type(outcome).__name__ if isinstance(outcome, Exception) else repr(outcome)
