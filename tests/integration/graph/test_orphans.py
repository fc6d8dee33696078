"""What a loader that was killed while Neo4j made a constraint leaves: an index of its name."""

import pytest

from common.entities import Entity
from tests.integration.graph.writing import FULL, headers, opened, record
from tests.servers import graph_driver

ORPHANS = {
    "release_id": "CREATE INDEX release_id FOR (x:Release) ON (x.id)",
    "waxline_rejected": "CREATE INDEX waxline_rejected FOR (x:WaxlineRejected) ON (x.key)",
}
CONSTRAINTS = "SHOW CONSTRAINTS YIELD name RETURN collect(name) AS names"


@pytest.mark.parametrize("name", ORPHANS)
async def test_an_index_without_its_constraint_gives_way(bare_neo4j_url: str, name: str) -> None:
    with graph_driver(bare_neo4j_url) as driver, driver.session() as session:
        session.run(ORPHANS[name]).consume()
        async with opened(bare_neo4j_url) as sink:
            await sink.bookkeeping.advance(headers())
            await sink.content.write(headers(), [record(1, FULL)])
            assert await sink.content.held(Entity.RELEASE, [(0, 65_536)]) == [1]
        found = session.run(CONSTRAINTS).single(strict=True)
        assert name in found["names"]
