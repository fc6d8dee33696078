"""The change feed: what each transaction changed, numbered without gaps, told as it commits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from common.changes import CHANNEL, ROWS_KEPT, Notice, read_notice
from common.entities import Entity
from common.errors import RunSupersededError, TerminalError
from common.reports import State
from loaders.postgres import PostgresSink
from loaders.sink import Rejection
from tests.contract.sinks import connected
from tests.full_records import FULL
from tests.integration.postgres.writing import RELEASE, ask, headers, opened, record, write

DEADLINE = 20.0
CHANGES = "SELECT sequence, ids FROM discogs.change WHERE entity = $1 ORDER BY sequence"
STATE = """
    SELECT (SELECT sequence FROM discogs.state WHERE entity = 'release') AS said,
        count(*) AS rows, coalesce(max(sequence), 0) AS highest
    FROM discogs.change WHERE entity = 'release'
"""

WAITING = """
    SELECT EXISTS (
        SELECT FROM pg_stat_activity WHERE datname = current_database()
            AND wait_event_type = 'Lock' AND query LIKE '%settle%'
    )
"""

Told = list[tuple[int, list[int] | None]]


async def told(url: str, entity: Entity = RELEASE) -> Told:
    """Return the feed of an entity: sequence and ids."""
    async with connected(url) as connection:
        return [tuple(row) for row in await connection.fetch(CHANGES, entity.value)]


async def ended(sink: PostgresSink, run: int = 1, state: State = State.COMPLETE) -> None:
    await sink.bookkeeping.declare(headers(run=run), state, "", 0)


async def first_load(sink: PostgresSink, *ids: int) -> None:
    """Load records, one transaction each, to the verdict."""
    for number in ids:
        await write(sink, record(number, number, FULL[RELEASE]))
    await sink.content.prepare(RELEASE)
    await ended(sink)


async def test_a_first_load_is_told_once_as_everything(
    sink: PostgresSink, postgres_url: str
) -> None:
    await write(sink, record(1, 1, FULL[RELEASE]))
    await write(sink, record(2, 2, {}))
    await sink.content.prepare(RELEASE)
    assert await told(postgres_url) == []
    await ended(sink)
    assert await told(postgres_url) == [(1, None)]


async def test_until_a_run_was_complete_its_verdicts_say_everything(
    sink: PostgresSink, postgres_url: str
) -> None:
    await write(sink, record(1, 1, {}))
    await ended(sink, state=State.UNEQUAL)
    await write(sink, record(2, 2, {}), run=2)
    await ended(sink, run=2)
    await ended(sink, run=2)
    assert await told(postgres_url) == [(1, None), (2, [2]), (3, None), (4, [])]


async def test_what_is_replaced_before_the_first_verdict_is_told_at_once(
    sink: PostgresSink, postgres_url: str
) -> None:
    await write(sink, record(1, 1, {}), record(2, 2, {}))
    await write(sink, record(1, 10, {}), run=2)
    await write(sink, record(3, 3, {}), run=2)
    assert await told(postgres_url) == [(1, None), (2, [3])]


async def test_what_is_added_while_the_first_verdict_is_given_is_told_as_everything(
    sink: PostgresSink, postgres_url: str
) -> None:
    await write(sink, record(1, 1, {}))
    async with connected(postgres_url) as holder, holder.transaction():
        await holder.execute("UPDATE waxline.run SET sequence = 1")
        writing = asyncio.create_task(sink.content.write(headers(), [record(2, 2, {})]))
        async with asyncio.timeout(DEADLINE):
            while not await ask(postgres_url, WAITING):
                continue
    await writing
    assert await told(postgres_url) == [(2, None)]


async def test_each_transaction_tells_exactly_what_it_changed(
    sink_of_either: PostgresSink, postgres_url: str
) -> None:
    sink = sink_of_either
    await first_load(sink, 1, 2, 3, 4)
    await write(sink, record(9, 9, {}), record(2, 20, {}), record(1, 1, FULL[RELEASE]), run=2)
    await write(sink, record(2, 20, {}), run=2)
    await sink.content.write(headers(run=2), [], [Rejection(3, 30, "NUL")])
    await sink.content.delete(headers(run=2), [3, 4, 700])
    await sink.content.delete(headers(run=2), [3, 4])
    await sink.content.distrust(headers(run=2), [2])
    await ended(sink, run=2)
    assert await told(postgres_url) == [(1, None), (2, [2, 9]), (3, [3, 4]), (4, [2]), (5, [])]
    async with connected(postgres_url) as connection:
        state = await connection.fetch("SELECT * FROM discogs.state")
        rows = await connection.fetch("SELECT DISTINCT run, dump FROM discogs.change ORDER BY run")
        identity = await connection.fetchval("SELECT identity FROM waxline.sink")
    assert [tuple(row) for row in state] == [("release", 20260801, 2, "complete", 5, identity)]
    assert [tuple(row) for row in rows] == [(1, 20260801), (2, 20260801)]


async def test_entities_are_numbered_each_for_itself(sink: PostgresSink, postgres_url: str) -> None:
    await first_load(sink, 1)
    await write(sink, record(1, 10, {}), run=2)
    await write(sink, record(1, 1, {}), entity=Entity.LABEL)
    await sink.bookkeeping.declare(headers(Entity.LABEL), State.COMPLETE, "", 0)
    assert await told(postgres_url) == [(1, None), (2, [1])]
    assert await told(postgres_url, Entity.LABEL) == [(1, None)]


async def test_the_sequence_goes_on_over_runs(sink: PostgresSink, postgres_url: str) -> None:
    await first_load(sink, 1)
    for run in (2, 3):
        await sink.bookkeeping.advance(headers(run=run))
        await write(sink, record(1, run, {}), run=run)
    assert await told(postgres_url) == [(1, None), (2, [1]), (3, [1])]


async def test_a_transaction_that_is_rolled_back_leaves_nothing(
    sink: PostgresSink, postgres_url: str
) -> None:
    await first_load(sink, 1)
    await ask(
        postgres_url,
        "ALTER TABLE discogs.release ADD CHECK (country <> 'Atlantis') NOT VALID",
    )
    async with listening(postgres_url) as notices:
        with pytest.raises(TerminalError):
            await write(sink, record(5, 5, {"country": "Atlantis"}), run=2)
        await sink.bookkeeping.advance(headers(run=3))
        for call in (
            sink.content.write(headers(run=2), [record(6, 6, {})]),
            sink.content.delete(headers(run=2), [1]),
            sink.content.distrust(headers(run=2), [1]),
            sink.bookkeeping.declare(headers(run=2), State.COMPLETE, "", 0),
        ):
            with pytest.raises(RunSupersededError):
                await call
        await write(sink, record(7, 7, {}), run=3)
        assert await told(postgres_url) == [(1, None), (2, [7])]
        assert await notices(1) == [Notice(RELEASE, 2)]


@asynccontextmanager
async def listening(url: str) -> AsyncIterator[Any]:
    """Have what returns as many notices, once they have come."""
    found: asyncio.Queue[Notice | None] = asyncio.Queue()

    async def notices(count: int) -> list[Notice | None]:
        async with asyncio.timeout(DEADLINE):
            return [await found.get() for _ in range(count)]

    async with connected(url) as connection:
        await connection.add_listener(
            CHANNEL, lambda _session, _pid, _channel, text: found.put_nowait(read_notice(text))
        )
        yield notices


async def test_sessions_at_once_leave_no_gaps_and_commit_in_their_order(
    sink: PostgresSink, postgres_url: str
) -> None:
    """A reader never sees a sequence without all before it, nor a state without its row."""
    count = 40
    await first_load(sink, 1)
    await sink.bookkeeping.advance(headers(run=2))

    async def load(other: PostgresSink, first: int) -> None:
        for number in range(first, first + count):
            await other.content.write(headers(run=2), [record(number, number, FULL[RELEASE])])
            await other.content.delete(headers(run=2), [number])

    async def look(writing: "asyncio.Future[Any]") -> None:
        async with connected(postgres_url) as connection:
            while not writing.done():
                (seen,) = await connection.fetch(STATE)
                assert seen["said"] == seen["rows"] == seen["highest"]

    async with opened(postgres_url) as second, listening(postgres_url) as notices:
        writing = asyncio.gather(load(sink, 1_000), load(second, 2_000), load(sink, 3_000))
        await look(writing)
        await writing
        sequences = [notice.sequence for notice in await notices(6 * count)]
    assert sequences == list(range(2, 6 * count + 2))
    feed = await told(postgres_url)
    assert [sequence for sequence, _ in feed] == list(range(1, 6 * count + 2))
    for first in (1_000, 2_000, 3_000):
        ids = [ids[0] for _, ids in feed if ids and first <= ids[0] < first + 1_000]
        assert ids == [number for number in range(first, first + count) for _ in range(2)]


async def test_the_oldest_rows_are_forgotten_when_a_run_begins(
    sink: PostgresSink, postgres_url: str
) -> None:
    await first_load(sink, 1)
    await write(sink, record(1, 1, {}), entity=Entity.LABEL)
    await ended(sink)
    async with connected(postgres_url) as connection:
        await connection.execute(
            "INSERT INTO discogs.change SELECT 'release', number, 1, 20260801, '{}' "
            "FROM generate_series(3, 10) AS number"
        )
        statement = "UPDATE waxline.run SET sequence = $1 WHERE entity = 'release'"
        await connection.execute(statement, ROWS_KEPT + 7)
    await sink.bookkeeping.advance(headers(run=2))
    assert [sequence for sequence, _ in await told(postgres_url)] == [8, 9, 10]


async def test_a_change_of_options_is_told_as_everything(
    sink: PostgresSink, postgres_url: str
) -> None:
    await first_load(sink, 1)
    for option in (True, False):
        async with opened(postgres_url, postgres_document=option):
            pass
    assert await told(postgres_url) == [(number, None) for number in range(1, 6)]
    assert await told(postgres_url, Entity.LABEL) == []


@pytest.mark.parametrize(
    "payload", ["", "release", "release:", "release:x", "song:1", "release:1:2", "\0:1"]
)
def test_what_is_no_notice_of_ours_says_nothing(payload: str) -> None:
    assert read_notice(payload) is None


def test_a_notice_is_read() -> None:
    assert read_notice("master:5123") == Notice(Entity.MASTER, 5123)
