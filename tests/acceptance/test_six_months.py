"""Six months, one after the other: both sinks equal the oracle, at the cost of what changed.

The generator says by itself what each month did (`generator.changes`); everything that
the readings, the sinks and the databases say is held against that.  People have made the database
their own: they publish all of its tables, refer to them, and have added columns.
"""

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import asyncpg
import neo4j
import pytest

from common.entities import LOAD_ORDER, Entity
from generator import Changes, Plan, changes
from tests.acceptance.material import month
from tests.acceptance.rig import Read, Rig
from tests.acceptance.writes import (
    Edges,
    PostgresWrites,
    Row,
    Tallies,
    changed_nodes,
    changed_rows,
    edges_of,
    rows_of,
)
from tests.oracle import Load, Truth, after
from tests.oracle.graph import DEADLINE, session_of

pytestmark = pytest.mark.long

PLAN = Plan(releases=150, seed=1, changed=0.08, added=0.02, deleted=0.02, returned=0.04)
MONTHS = 6

_OWN = """
CREATE TABLE public.my_{entity} (
    id integer PRIMARY KEY REFERENCES discogs.{entity} ON DELETE CASCADE
);
INSERT INTO public.my_{entity} SELECT id FROM discogs.{entity};
ALTER TABLE discogs.{entity} ADD COLUMN my_mark text DEFAULT 'mine';
ALTER TABLE discogs.{entity} ALTER COLUMN my_mark DROP DEFAULT;
"""
"""A table that refers to an entity's, and a column that what is there has filled."""

_MASTER = re.compile(rb"<master_id[^>]*>(\d+)")
_LABEL = re.compile(rb"<label [^>]*id=\"(\d+)")
_ARTIST = re.compile(rb"<artist><id>(\d+)")


@dataclass(frozen=True)
class Month:
    """Dumps, what the generator says that they changed, and what has to be held after them."""

    dumps: list[Path]
    date: int
    said: Mapping[Entity, Changes]
    truth: Truth
    rows: Mapping[Entity, AbstractSet[Row]]


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> list[Month]:
    """The months, the first one first; they are written once for all servers."""
    folder = tmp_path_factory.mktemp("dumps")
    found: list[Month] = []
    loads: list[Load] = []
    for number in range(1, MONTHS + 1):
        plan = replace(PLAN, month=number)
        dumps = month(PLAN, number, folder)
        loads += map(Load, dumps)
        said = {entity: changes(plan, entity) for entity in LOAD_ORDER}
        truth = after(*loads)
        found.append(Month(dumps, plan.dump_date, said, truth, rows_of(truth)))
    return found


class Watch:
    """Looks into both databases, beside the product."""

    def __init__(
        self, rig: Rig, connection: "asyncpg.Connection[Any]", session: neo4j.AsyncSession
    ) -> None:
        self.rig = rig
        self.tallies = Tallies()
        self.writes = PostgresWrites(connection)
        self._connection = connection
        self._session = session
        self._rows: Mapping[Entity, AbstractSet[Row]] = {entity: set() for entity in LOAD_ORDER}
        self._edges: Edges = frozenset()
        self._own: dict[Entity, set[int]] = {}

    async def check(self, now: Month, read: Read) -> None:
        """Hold everything against the truth of a month that has just been loaded."""
        assert await self.rig.differences(now.truth) == ""
        await self._check_counts(now, read)
        await self._check_questions(now)
        await self._check_rows(now)
        await self._check_edges()

    async def publish(self) -> None:
        """Publish all tables, as for a logical replica or for Debezium."""
        await self._connection.execute("CREATE PUBLICATION everything FOR ALL TABLES")

    async def check_own(self, now: Month) -> None:
        """Hold what people made of the first month: it goes with a record that leaves the dump,
        and with nothing else."""
        for entity, one in now.said.items():
            if entity not in self._own:
                await self._connection.execute(_OWN.replace("{entity}", entity))
                self._own[entity] = set(now.truth.records[entity])
            self._own[entity] -= one.deleted
            for query in (
                f"SELECT id FROM public.my_{entity}",  # noqa: S608
                f"SELECT id FROM discogs.{entity} WHERE my_mark = 'mine'",  # noqa: S608
            ):
                found = {row["id"] for row in await self._connection.fetch(query)}
                assert found == self._own[entity]

    async def _check_counts(self, now: Month, read: Read) -> None:
        for entity, progress in read.items():
            one = now.said[entity]
            assert progress["read"] == len(now.truth.records[entity])
            assert progress["sent"] == len(one.sent)
            assert progress["unchanged"] == progress["read"] - len(one.sent)
            assert progress["quarantined"] == 0
            for report in (await self.rig.settled(entity, progress["run"])).values():
                assert report["loaded"] == len(one.sent)
                assert report["deleted"] == len(one.deleted)
                assert report["unchanged"] == report["rejected"] == report["exceptions"] == 0
                assert report["rows"] == progress["read"]

    async def _check_questions(self, now: Month) -> None:
        """What changed this month, and what went: the answers are in the rows and nodes."""
        for entity, one in now.said.items():
            assert await changed_rows(self._connection, entity, now.date) == one.sent
            assert await changed_nodes(self._session, entity, now.date) == one.sent
        gone = {(e.value, number) for e, one in now.said.items() for number in one.deleted}
        rows = await self._connection.fetch(
            "SELECT entity::text, id FROM discogs.deletion WHERE dump = $1", now.date
        )
        assert set(map(tuple, rows)) == gone
        nodes = await self._session.run(
            "MATCH (d:WaxlineDeletion) WHERE d.dump = $dump RETURN d.entity, d.id", dump=now.date
        )
        assert {tuple(node.values()) async for node in nodes} == gone

    async def _check_rows(self, now: Month) -> None:
        """Only rows that differ have been written, and of each record sent at least its own."""
        for entity, one in now.said.items():
            before, after = self._rows[entity], now.rows[entity]
            new = Counter((table, number) for table, number, _ in after - before)
            assert await self.writes.rows(entity) == new
            assert {number for table, number in new if table == entity} == one.sent
            self.tallies.add(before, after, len(one.deleted))
        self._rows = now.rows

    async def _check_edges(self) -> None:
        """Only edges that differ have been written: none was deleted and made again as it was."""
        edges = await edges_of(self.rig.urls.graph)
        made, gone = (
            {says for _, says in some} for some in (edges - self._edges, self._edges - edges)
        )
        assert made
        assert not made & gone
        self._edges = edges


@pytest.fixture
async def watch(rig: Rig) -> AsyncIterator[Watch]:
    """Connections of our own to both databases."""
    async with AsyncExitStack() as stack:
        connection = await asyncpg.connect(
            rig.urls.postgres, timeout=DEADLINE, command_timeout=DEADLINE
        )
        stack.push_async_callback(connection.close, timeout=DEADLINE)
        session = await stack.enter_async_context(session_of(rig.urls.graph))
        yield Watch(rig, connection, session)


async def test_six_months(watch: Watch, months: list[Month]) -> None:
    await watch.publish()
    for one in months:
        await watch.writes.begin()
        await watch.check(one, await watch.rig.load(*one.dumps))
        await watch.check_own(one)
    await watch.rig.stop_loaders()
    expected = watch.tallies.as_rows()
    assert await watch.writes.tallies(expected) == expected


def test_everything_happens_in_these_months(months: list[Month]) -> None:
    happened = {what for before, now in pairwise(months) for what in _incidents(before, now)}
    assert happened >= {"a master", "a label", "a survivor", "no parent"}
    for entity in (Entity.ARTIST, Entity.MASTER, Entity.RELEASE):
        for what in ("added", "changed", "deleted", "returned", "reverted", "merged"):
            assert any(getattr(one.said[entity], what) for one in months), (entity, what)


def _incidents(before: Month, now: Month) -> Iterator[str]:
    """Yield what records point at that they did not point at a month ago."""
    merged = now.said[Entity.ARTIST].merged
    for old, new in _pairs(before, now, Entity.RELEASE):
        if _MASTER.findall(old) != _MASTER.findall(new):
            yield "a master"
        if _LABEL.findall(old) != _LABEL.findall(new):
            yield "a label"
        gone = merged.keys() & (_artists(old) - _artists(new))
        if any(merged[number] in _artists(new) for number in gone):
            yield "a survivor"
    for old, new in _pairs(before, now, Entity.LABEL):
        if b"<parentLabel " in old and b"<parentLabel " not in new:
            yield "no parent"


def _pairs(before: Month, now: Month, entity: Entity) -> Iterator[tuple[bytes, bytes]]:
    old, new = before.truth.records[entity], now.truth.records[entity]
    yield from ((old[number].raw, new[number].raw) for number in old.keys() & new.keys())


def _artists(release: bytes) -> set[int]:
    return set(map(int, _ARTIST.findall(release)))
