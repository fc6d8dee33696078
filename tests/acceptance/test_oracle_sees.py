"""The oracle finds what is wrong in a sink, and says where: a test of the tests."""

from pathlib import Path

import asyncpg

from common.entities import Entity
from generator import Plan
from tests.acceptance.material import month
from tests.acceptance.rig import Rig
from tests.oracle import Load, after
from tests.oracle.graph import DEADLINE, session_of

SPOILED_ROWS = (
    "UPDATE discogs.release SET title = title || '!' WHERE id = $1",
    "UPDATE discogs.release SET dump = 20251201 WHERE id = $1",
    "DELETE FROM discogs.release_track WHERE release_id = $1 AND sequence = 1",
    "INSERT INTO discogs.release_genre VALUES ($1, 77, 'Polka')",
)
FOUND_ROWS = ("release title", "release dump", "release_track", "release_genre")

SPOILED_GRAPH = (
    "MATCH (x:Release {id: $id}) SET x.title = x.title + '!'",
    "MATCH (x:Release {id: $id}) REMOVE x.fingerprint",
    "MATCH (x:Release {id: $id})-[e:ON]->() DELETE e",
    "MATCH (x:Release {id: $id}) CREATE (x)-[:BY {position: 77}]->(:Artist {id: 2147000000})",
    "CREATE (:Style {name: 'Polka'})",
)
FOUND_GRAPH = ("node title", "node fingerprint", "edge ON", "edge BY", "node", "word")


async def test_what_is_spoiled_is_found(embedded: Rig, tmp_path: Path) -> None:
    dumps = month(Plan(releases=40, seed=41), 1, tmp_path / "dumps")
    truth = after(*map(Load, dumps))
    await embedded.load(*dumps)
    assert await embedded.differences(truth) == ""

    spoiled = max(truth.records[Entity.RELEASE])
    await _spoil(embedded, spoiled)
    found = await embedded.compare(truth)
    assert {f"{one.where} {one.column}".strip() for one in found["postgres"]} == set(FOUND_ROWS)
    kinds = [one.key[0] if one.where == "edge" else one.column for one in found["neo4j"]]
    places = [one.where for one in found["neo4j"]]
    named = {f"{where} {kind}".strip() for where, kind in zip(places, kinds, strict=True)}
    assert named == set(FOUND_GRAPH)
    assert str(spoiled) in await embedded.differences(truth)


async def _spoil(rig: Rig, number: int) -> None:
    connection = await asyncpg.connect(rig.urls.postgres, timeout=DEADLINE)
    try:
        for statement in SPOILED_ROWS:
            await connection.execute(statement, number, timeout=DEADLINE)
    finally:
        await connection.close(timeout=DEADLINE)
    async with session_of(rig.urls.graph) as session:
        for query in SPOILED_GRAPH:
            await (await session.run(query, id=number)).consume()
