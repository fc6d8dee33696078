"""What the check of a graph names: any property, any edge, on Neo4j and on ArcadeDB."""

from typing import LiteralString

from common.entities import Entity
from loaders.differences import Parts
from loaders.neo4j.sink import GraphSink
from tests.full_records import FULL
from tests.integration.graph.writing import ask, headers, load, opened, record

RELEASE = Entity.RELEASE
IDS = (3, 1, 2)

SPOILT: tuple[tuple[LiteralString, tuple[str, str, str, str, str]], ...] = (
    (
        "MATCH (x:Release {id: 2}) SET x.title = 'Other'",
        ("Release", "", "title", "'T'", "'Other'"),
    ),
    ("MATCH (x:Release {id: 2}) REMOVE x.country", ("Release", "", "country", "'US'", "nothing")),
    ("MATCH (x:Release {id: 2}) SET x.year = 1959.0", ("Release", "", "year", "1959", "1959.0")),
    ("MATCH (x:Release {id: 2}) SET x.mood = 'blue'", ("Release", "", "mood", "nothing", "'blue'")),
    (
        "MATCH (:Release {id: 2})-[e:IS]->(:Genre) DELETE e",
        ("IS", "to Genre 'Jazz'", "", "one", "nothing"),
    ),
    (
        "MATCH (x:Release {id: 2}), (a:Artist {id: 9}) CREATE (x)-[:BY {position: 7}]->(a)",
        ("BY", "to Artist 9", "", "nothing", "position 7"),
    ),
    (
        "MATCH (x:Release {id: 2}), (s:Style {name: 'Bop'}) CREATE (x)-[:IS]->(s)",
        ("IS", "to Style 'Bop'", "", "nothing", "one"),
    ),
)


async def test_what_was_written_is_as_its_record_says(sink: GraphSink) -> None:
    for entity in Entity:
        await load(sink, entity, dict.fromkeys(IDS, FULL[entity]))
        records = [record(number, FULL[entity]) for number in IDS]
        assert await sink.reader.compare(entity, records) == {}


async def checked(sink: GraphSink) -> Parts:
    return await sink.reader.compare(RELEASE, [record(number, FULL[RELEASE]) for number in IDS])


async def test_every_property_and_edge_that_differs_is_named_and_mended(
    sink: GraphSink, graph_url: str
) -> None:
    await load(sink, Entity.ARTIST, {9: {"name": "Other"}})
    await load(sink, RELEASE, dict.fromkeys(IDS, FULL[RELEASE]))
    for statement, (where, place, column, expected, found) in SPOILT:
        ask(graph_url, statement)
        parts = (await checked(sink))[2]
        shown = [(p.where, p.place, p.column, repr(p.expected), repr(p.found)) for p in parts]
        assert (where, place, column, expected, found) in shown
    assert len(shown) == len(SPOILT)
    assert (await checked(sink)).keys() == {2}

    assert await sink.content.distrust(headers(), [2]) == 1
    await load(sink, RELEASE, {2: FULL[RELEASE]})
    assert await checked(sink) == {}


async def test_a_changed_edge_is_one_that_lacks_and_one_too_many(
    sink: GraphSink, graph_url: str
) -> None:
    await load(sink, RELEASE, {1: FULL[RELEASE]})
    ask(graph_url, "MATCH (:Release {id: 1})-[e:DERIVED_FROM]->() SET e.main = true")
    parts = (await sink.reader.compare(RELEASE, [record(1, FULL[RELEASE])]))[1]
    assert [(part.where, repr(part.expected), repr(part.found)) for part in parts] == [
        ("DERIVED_FROM", "main False", "nothing"),
        ("DERIVED_FROM", "nothing", "main True"),
    ]


async def test_a_lost_node_and_a_stub_with_edges_are_found_and_mended(
    sink: GraphSink, graph_url: str
) -> None:
    await load(sink, Entity.ARTIST, {number: {"name": f"A{number}"} for number in IDS})
    await load(sink, RELEASE, {1: FULL[RELEASE]})
    ask(graph_url, "MATCH (x:Artist {id: 1}) DETACH DELETE x")
    ask(graph_url, "MATCH (x:Artist {id: 5}), (y:Artist {id: 2}) CREATE (x)-[:ALIAS_OF]->(y)")
    records = [record(number, {"name": f"A{number}"}) for number in IDS]
    found = await sink.reader.compare(Entity.ARTIST, records)
    assert {number: repr(parts[0].found) for number, parts in found.items()} == {1: "nothing"}
    assert await sink.reader.ids(Entity.ARTIST, 0, 65_536) == [2, 3, 5]
    assert await sink.reader.ids(Entity.ARTIST, 4, 5) == []
    assert await sink.reader.fingerprints(Entity.ARTIST, 0, 3) == {2: 1}

    assert await sink.content.distrust(headers(Entity.ARTIST), [1, 5]) == 0
    await load(sink, Entity.ARTIST, {1: {"name": "A1"}})
    assert await sink.reader.compare(Entity.ARTIST, records) == {}
    assert await sink.reader.ids(Entity.ARTIST, 0, 65_536) == [1, 2, 3]


async def test_credits_of_tracks_are_compared_where_they_are_asked_for(arcadedb_url: str) -> None:
    async with opened(arcadedb_url, graph_track_credits=True) as sink:
        await load(sink, RELEASE, dict.fromkeys(IDS, FULL[RELEASE]))
        assert await checked(sink) == {}
    async with opened(arcadedb_url) as sink:
        # The layout is another now: the sink holds its releases as unknown, too.
        assert {part.where for part in (await checked(sink))[1]} == {"CREDITS", "Release"}
