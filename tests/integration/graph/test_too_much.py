"""Batches of which a graph server takes no more than a part, and servers that take nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.entities import Entity
from common.errors import ServerError
from common.records import Record
from config.settings import load_settings
from loaders.neo4j import GraphSink
from loaders.sink import Written
from loaders.writer import Writer
from tests.certificates import SecureNeo4j
from tests.integration.graph.test_error_table import LONG
from tests.integration.graph.writing import FULL, headers, opened, record
from tests.isolation import url_of
from tests.servers import started
from waxline.servers.state import Endpoint

RELEASE = Entity.RELEASE
PATIENCE = 20.0
MANY = 600
WIDE = 100
EDGES = 40
TITLE = "t" * 10_000


async def test_a_genre_that_no_index_holds_costs_its_record_only(graph_url: str) -> None:
    async with opened(graph_url) as sink:
        await sink.bookkeeping.advance(headers())
        records = [record(number, FULL) for number in range(1, 8)]
        records[4] = record(5, {"genres": [LONG]})
        written = await Writer(sink, PATIENCE).write(headers(), records)
        assert written == Written(loaded=6, rejected=1)
        (rejected,) = await sink.bookkeeping.rejections(RELEASE)
        assert (rejected.id, rejected.run) == (5, headers().run)
        assert await sink.content.held(RELEASE, [(0, 65_536)]) == list(range(1, 8))


class OwnNeo4j(SecureNeo4j):
    """A Neo4j with settings of its own."""

    options: tuple[str, ...] = ("db.memory.transaction.max=8m",)

    def command(self, endpoint: Endpoint) -> list[str]:
        """Add them."""
        own = (part for option in self.options for part in ("-c", option))
        return [*super().command(endpoint), *own]


@pytest.fixture
def own(tmp_path: Path) -> Iterator[OwnNeo4j]:
    """A Neo4j of this test's own, with little memory for a transaction."""
    with started(OwnNeo4j("neo4j", tmp_path)) as server:
        yield server


def wide(number: int) -> Record:
    """A release with many edges, each to a node of its own."""
    first = EDGES * number
    return record(
        number, {"credits": [{"id": i, "role": "Mix"} for i in range(first, first + EDGES)]}
    )


async def delete_what_is_wide(sink: GraphSink) -> None:
    """Write in parts what no single transaction can delete, and delete it by one call."""
    ids = list(range(MANY + 1, MANY + WIDE + 1))
    for number in ids[::20]:
        await Writer(sink, PATIENCE).write(headers(), [wide(i) for i in range(number, number + 20)])
    assert await sink.content.distrust(headers(), ids) == WIDE
    assert await sink.content.delete(headers(), ids) == WIDE
    assert await sink.content.held(RELEASE, [(0, 65_536)]) == list(range(1, MANY + 1))
    await sink.content.sweep(RELEASE)


@pytest.mark.long
async def test_batches_beyond_the_memory_are_halved_and_a_read_only_graph_is_told(
    own: OwnNeo4j,
) -> None:
    async with opened(url_of(own)) as sink:
        await sink.bookkeeping.advance(headers())
        records = [record(number, {"title": TITLE}) for number in range(1, MANY)]
        records.append(record(MANY, {"title": TITLE * 900}))
        written = await Writer(sink, PATIENCE).write(headers(), records)
        assert written == Written(loaded=MANY - 1, rejected=1)
        (rejected,) = await sink.bookkeeping.rejections(RELEASE)
        assert rejected.id == MANY
        assert "db.memory.transaction.max threshold reached" in rejected.reason
        await delete_what_is_wide(sink)
    own.stop()
    own.options = ("server.databases.read_only=neo4j",)
    own.start()
    sink = GraphSink(load_settings(graph_url=url_of(own)).sink("neo4j"))
    with pytest.raises(ServerError, match=r"read.only") as caught:
        await sink.open()
    await sink.close()
    assert caught.value.exit_code == ServerError.exit_code
