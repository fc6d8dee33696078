"""A sink whose options change holds every record that they concern as unknown, once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, LiteralString

import pytest

from common.entities import ID_LIMIT
from common.errors import RunSupersededError
from common.records import Record
from common.reports import State
from config.settings import load_settings
from config.sinks import SERVERS, SinkName
from loaders import open_sink
from loaders.sink import Digest, ReadableSink, Written
from tests.contract.sink_batches import ALL, RELEASE, digest, headers, written
from tests.contract.sinks import connected
from tests.servers import graph_driver

EVERYTHING = replace(ALL, last=ID_LIMIT)
FIRST = 1_000_000

_ROWS = """
INSERT INTO discogs.release (id, fingerprint, dump)
SELECT $1 + 7 * number, 5, 20260801 FROM generate_series(1, $2) AS number
"""
_NODES = """
UNWIND range(1, $count) AS number CREATE (:Release {id: $first + 7 * number, fingerprint: 5})
"""
_CREDITS = "MATCH (:Release {id: 1})-[e:CREDITS]->() WHERE e.track IS NOT NULL RETURN count(e) AS n"


@dataclass(frozen=True)
class Case:
    """A kind of sink, and the option that changes what it holds."""

    url: str
    name: SinkName
    option: str
    many: int
    """More records than one transaction takes."""

    @asynccontextmanager
    async def opened(self, *, on: bool, look: bool = False) -> AsyncIterator[ReadableSink]:
        """Have a sink with the option on or off, to write or only to look at."""
        settings = load_settings(**{f"{SERVERS[self.name]}_url": self.url, self.option: on})
        sink = open_sink(settings.sink(self.name))
        try:
            await (sink.look() if look else sink.open())
            yield sink
        finally:
            await sink.close()

    async def add_many(self) -> None:
        """Add records that no dump has, beside the sink."""
        if self.option == "postgres_document":
            async with connected(self.url) as connection:
                await connection.execute(_ROWS, FIRST, self.many)
        else:
            self._ask(_NODES, first=FIRST, count=self.many)

    async def extras(self) -> int:
        """Return how much release 1 has of what the option adds."""
        if self.option == "postgres_document":
            async with connected(self.url) as connection:
                query = "SELECT count(document) FROM discogs.release WHERE id = 1"
                return int(await connection.fetchval(query))
        return int(self._ask(_CREDITS)[0]["n"])

    def _ask(self, statement: LiteralString, **parameters: int) -> list[Any]:
        database = self.url.rpartition("/")[2]
        with graph_driver(self.url) as driver, driver.session(database=database) as session:
            return list(session.run(statement, parameters))


@pytest.fixture(params=["postgres", "arcadedb", "neo4j"])
def case(request: pytest.FixtureRequest) -> Case:
    """Each sink on its server."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    if request.param == "postgres":
        return Case(url, "postgres", "postgres_document", 20_500)
    return Case(url, "neo4j", "graph_track_credits", 5_500)


def release(record_id: int) -> Record:
    """Return a release with a credit on a track."""
    track: Any = {"position": "A1", "title": "Blue", "credits": [{"id": 3, "name": "Miles"}]}
    return {"id": record_id, "fingerprint": record_id * 10, "data": {"tracks": [track]}}


RECORDS = [release(1), release(2)]
HELD = Digest(2, 30)


async def test_an_option_that_changes_content_is_applied_and_taken_back(case: Case) -> None:
    async with case.opened(on=False) as before:
        plain = await before.identity()
        await written(before, *RECORDS)
        await before.bookkeeping.store_range(headers(), ALL)
        await before.bookkeeping.declare(headers(), State.COMPLETE, "", 0)
        assert await before.misfit(RELEASE) == ""
    async with case.opened(on=True, look=True) as sink:
        assert f"loaded without {case.option}, which is set" in await sink.misfit(RELEASE)
        assert await digest(sink) == HELD
    async with case.opened(on=True) as sink:
        assert await sink.misfit(RELEASE) == ""
        assert await sink.identity() != plain
        assert await digest(sink) == Digest(2, 0)
        row = (await sink.bookkeeping.run_rows())[RELEASE]
        assert (row.state, row.loaded) == (State.LOADING, 0)
        assert f"loaded without {case.option}, which is set" in row.detail
        for run in (row.run, 1):
            assert await sink.bookkeeping.ranges(RELEASE, run) == []
        assert await written(sink, *RECORDS, run=5) == Written(loaded=2)
        assert (await case.extras(), await digest(sink)) == (1, HELD)
    async with case.opened(on=False, look=True) as sink:
        assert f"loaded with {case.option}, which is not set" in await sink.misfit(RELEASE)
    async with case.opened(on=False) as sink:
        assert await sink.identity() == plain
        await written(sink, *RECORDS, run=9)
        assert (await case.extras(), await digest(sink)) == (0, HELD)
        assert await sink.misfit(RELEASE) == ""
        assert not await sink.reader.compare(RELEASE, RECORDS)


async def test_a_loader_with_the_options_before_writes_no_more_of_its_run(case: Case) -> None:
    async with case.opened(on=False) as former:
        await written(former, *RECORDS)
        async with case.opened(on=True) as sink:
            with pytest.raises(RunSupersededError):
                await former.content.write(headers(), [release(3)])
            with pytest.raises(RunSupersededError):
                await former.bookkeeping.declare(headers(), State.COMPLETE, "", 0)
            assert await digest(sink) == Digest(2, 0)


async def test_many_records_become_unknown(case: Case) -> None:
    async with case.opened(on=False) as former:
        await written(former, *RECORDS)
    await case.add_many()
    async with case.opened(on=True) as sink:
        found = await sink.content.digests(RELEASE, [EVERYTHING.span], ())
        assert found == [Digest(case.many + 2, 0)]


async def test_two_loaders_may_change_an_option_at_once(case: Case) -> None:
    async with case.opened(on=False) as former:
        await written(former, *RECORDS)
    async with asyncio.TaskGroup() as tasks:
        for _ in range(2):
            tasks.create_task(_open_once(case))
    async with case.opened(on=True, look=True) as sink:
        assert await sink.misfit(RELEASE) == ""
        assert await digest(sink) == Digest(2, 0)


async def _open_once(case: Case) -> None:
    async with case.opened(on=True):
        pass
