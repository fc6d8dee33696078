"""The sinks that are checked, opened together."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from common.dumps import Dump
from common.entities import Entity
from common.errors import NotEqualError
from loaders.runs import RunRow
from loaders.sink import ReadableSink
from loaders.writer import Writer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Subject:
    """A sink under examination; ``loaded`` tells whether any run has ever reached it."""

    sink: ReadableSink
    writer: Writer
    loaded: bool

    @property
    def name(self) -> str:
        """What the user calls it."""
        return self.sink.server

    async def retrying(self, call: Callable[[], Awaitable[T]]) -> T:
        """Repeat a call while it fails transiently, for the time set."""
        return await self.writer.retrying(call)

    async def row(self, entity: Entity) -> RunRow | None:
        """Return the run row of an entity, None when nothing of it was ever loaded."""
        return (
            (await self.retrying(self.sink.bookkeeping.run_rows)).get(entity)
            if self.loaded
            else None
        )

    async def row_of(self, dump: Dump) -> RunRow:
        """Return the run row; raise `NotEqualError` unless the sink holds this very dump."""
        row = await self.row(dump.entity)
        if row is None:
            raise NotEqualError(
                f"{self.name} holds no {dump.entity.plural} yet: `waxline run` loads them"
            )
        if row.dump != dump.date:
            raise NotEqualError(
                f"{self.name} holds the {dump.entity.plural} of {row.dump}, and "
                f"{dump.path.name} is of {dump.date}: only the dump that is loaded can be "
                "compared, and `waxline run` loads another"
            )
        return row


@asynccontextmanager
async def opened(
    sinks: Iterable[ReadableSink], retry_seconds: float
) -> AsyncIterator[list[Subject]]:
    """Connect sinks to look and not to load; close them in the end."""
    async with AsyncExitStack() as stack:
        subjects = []
        for sink in sinks:
            stack.push_async_callback(sink.close)
            writer = Writer(sink, retry_seconds)
            subjects.append(Subject(sink, writer, await sink.look()))
        yield subjects
